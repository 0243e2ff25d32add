/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/ring.h - a queue with two ends in one piece of memory, which is kept.
 */
#ifndef MODEL_MACHINE_RING_H
#define MODEL_MACHINE_RING_H

#include <algorithm>
#include <cstddef>
#include <vector>

template <typename T> class Ring
{
  public:
    /* Until there are more than n at a time places stay where they are, and nothing is
     * allocated. */
    explicit Ring(size_t n)
    {
        size_t places_n = 1;

        while (places_n < n)
            places_n *= 2;
        m_places.resize(places_n);
        m_last = places_n - 1;
    }

    bool empty() const { return m_n == 0; }
    size_t size() const { return m_n; }
    T &operator[](size_t i) { return m_places[place(i)]; }
    const T &operator[](size_t i) const { return m_places[place(i)]; }
    T &front() { return m_places[m_head]; }
    const T &front() const { return m_places[m_head]; }
    T &back() { return (*this)[m_n - 1]; }

    /* The new one holds what its place held before. */
    T &push_back()
    {
        if (m_n > m_last)
            grow();
        return (*this)[m_n++];
    }
    void push_back(const T &v) { push_back() = v; }
    void push_front(const T &v)
    {
        if (m_n > m_last)
            grow();
        m_head = place(m_last);
        m_n++;
        front() = v;
    }
    void pop_front()
    {
        m_head = place(1);
        m_n--;
    }
    void pop_back() { m_n--; }
    void clear() { m_n = 0; }

  private:
    size_t place(size_t i) const { return (m_head + i) & m_last; }
    [[gnu::noinline]] void grow()
    {
        std::rotate(m_places.begin(),
                    m_places.begin() + static_cast<std::ptrdiff_t>(m_head),
                    m_places.end());
        m_head = 0;
        m_places.resize(2 * m_places.size());
        m_last = m_places.size() - 1;
    }

    std::vector<T> m_places; /* a power of 2 */
    size_t m_last, m_head = 0, m_n = 0;
};

#endif
