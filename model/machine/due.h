/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/due.h - what is due: of one PE in its order, and whose turn is the next
 * of all in a tree of winners. */
#ifndef MODEL_MACHINE_DUE_H
#define MODEL_MACHINE_DUE_H

#include "model/machine/ring.h"

#include <cstdint>
#include <vector>

constexpr uint64_t SEQ_NEVER = UINT64_MAX;

/* fn(ctx, arg) at t. */
struct DueCall {
    uint64_t t;
    uint64_t order; /* among those of one PE at one moment */
    void (*fn)(void *ctx, uint64_t arg);
    void *ctx;
    uint64_t arg;
    bool in_order; /* may touch what other PEs see: it keeps its place among all */
};

/* The calls of one PE, few at a time, in their order: most are asked for in it. And
 * what its walks do next, which they order among themselves. */
class DueCalls
{
  public:
    const DueCall &first() const { return m_walk_first ? m_walk : m_calls.front(); }
    uint64_t first_ps() const { return m_first_ps; }

    void push(const DueCall &call)
    {
        size_t i = m_calls.size();

        m_calls.push_back();
        for (; i > 0 && is_earlier(call, m_calls[i - 1]); i--)
            m_calls[i] = m_calls[i - 1];
        m_calls[i] = call;
        compare();
    }
    /* In place of what was said before; t SEQ_NEVER: nothing. */
    void set_walk(const DueCall &walk)
    {
        m_walk = walk;
        compare();
    }
    /* Nothing is due before a walk at t. */
    bool is_first(uint64_t t, uint64_t order) const
    {
        return t != m_first_ps ? t < m_first_ps : order < first().order;
    }
    void pop()
    {
        if (m_walk_first)
            m_walk.t = SEQ_NEVER;
        else
            m_calls.pop_front();
        compare();
    }
    void clear()
    {
        m_calls.clear();
        m_walk.t = SEQ_NEVER;
        compare();
    }

  private:
    static bool is_earlier(const DueCall &a, const DueCall &b)
    {
        return a.t != b.t ? a.t < b.t : a.order < b.order;
    }
    void compare()
    {
        m_walk_first = m_calls.empty() || is_earlier(m_walk, m_calls.front());
        m_first_ps = m_walk_first ? m_walk.t : m_calls.front().t;
    }

    Ring<DueCall> m_calls{16};
    DueCall m_walk{SEQ_NEVER, 0, nullptr, nullptr, 0, false};
    bool m_walk_first = true;
    uint64_t m_first_ps = SEQ_NEVER;
};

/* The first moments at which what is due can have reached the TLBs of other PEs, and at
 * which it can begin to store to a table. */
struct DueBounds {
    uint64_t reach_ps = SEQ_NEVER, store_ps = SEQ_NEVER;
};

/* What is due first for each PE, in two trees: of the moments, and of the bounds, which
 * change less and are asked for less. A PE that has its turn stays in them as it was,
 * until it gives way. */
class Tournament
{
  public:
    explicit Tournament(unsigned n)
    {
        while (m_leaves_n < n)
            m_leaves_n *= 2;
        m_t.resize(2 * size_t{m_leaves_n}, SEQ_NEVER);
        m_reach.resize(m_t.size(), SEQ_NEVER);
        m_store.resize(m_t.size(), SEQ_NEVER);
    }

    uint64_t first_ps() const { return m_t[1]; }

    /* Whose first_ps() that is, of equal ones the smallest number. *others: the first
     * of all others. */
    unsigned winner(uint64_t *others) const
    {
        const uint64_t *t = m_t.data();
        uint64_t first = SEQ_NEVER;
        unsigned i = 1;

        while (i < m_leaves_n) {
            i *= 2;
            i += t[i] != t[1];
            first = least(first, t[i ^ 1]);
        }
        *others = first;
        return i - m_leaves_n;
    }

    uint64_t first_of_others(unsigned who) const
    {
        uint64_t first = SEQ_NEVER;

        for (unsigned i = m_leaves_n + who; i > 1; i /= 2)
            first = least(first, m_t[i ^ 1]);
        return first;
    }

    /* Something is due at t or before for a PE with a smaller number. */
    bool is_before(unsigned who, uint64_t t) const
    {
        for (unsigned i = m_leaves_n + who; i > 1; i /= 2) {
            if (i % 2 && m_t[i ^ 1] <= t)
                return true;
        }
        return false;
    }

    DueBounds bounds_of_others(unsigned who) const
    {
        const uint64_t *reach = m_reach.data(), *store = m_store.data();
        DueBounds first;

        for (unsigned i = m_leaves_n + who; i > 1; i /= 2) {
            first.reach_ps = least(first.reach_ps, reach[i ^ 1]);
            first.store_ps = least(first.store_ps, store[i ^ 1]);
        }
        return first;
    }

    void set(unsigned who, uint64_t t, DueBounds bounds)
    {
        set_moment(m_leaves_n + who, t);
        set_bounds(m_leaves_n + who, bounds);
    }

  private:
    static uint64_t least(uint64_t a, uint64_t b) { return a < b ? a : b; }

    void set_moment(unsigned i, uint64_t first)
    {
        uint64_t *t = m_t.data();

        t[i] = first;
        while (i > 1) {
            first = least(first, t[i ^ 1]);
            t[i /= 2] = first;
        }
    }
    /* Up to where others are first before and after. */
    void set_bounds(unsigned i, DueBounds b)
    {
        uint64_t *reach = m_reach.data(), *store = m_store.data();

        while (reach[i] != b.reach_ps || store[i] != b.store_ps) {
            reach[i] = b.reach_ps;
            store[i] = b.store_ps;
            if (i == 1)
                return;
            b.reach_ps = least(b.reach_ps, reach[i ^ 1]);
            b.store_ps = least(b.store_ps, store[i ^ 1]);
            i /= 2;
        }
    }

    unsigned m_leaves_n = 2;
    /* [1] the root, children of i: [2i], [2i + 1] */
    std::vector<uint64_t> m_t, m_reach, m_store;
};

#endif
