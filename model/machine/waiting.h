/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/waiting.h - requests that wait, in lists of the order in which they
 * came. The lists share their memory, which grows only when more wait than ever did. */
#ifndef MODEL_MACHINE_WAITING_H
#define MODEL_MACHINE_WAITING_H

#include <cstdint>
#include <vector>

class Waiting
{
  public:
    struct List {
        uint32_t first = NONE, last = NONE;

        bool empty() const { return first == NONE; }
    };

    void push(List &list, uint64_t id)
    {
        const uint32_t at = take();

        m_nodes[at] = {id, NONE};
        (list.empty() ? list.first : m_nodes[list.last].behind) = at;
        list.last = at;
    }
    /* The first of a list that is not empty. */
    uint64_t pop(List &list)
    {
        const uint32_t at = list.first;

        list.first = m_nodes[at].behind;
        m_nodes[at].behind = m_free;
        m_free = at;
        return m_nodes[at].id;
    }

  private:
    static constexpr uint32_t NONE = UINT32_MAX;
    struct Node {
        uint64_t id;
        uint32_t behind;
    };

    uint32_t take()
    {
        const uint32_t at = m_free;

        if (at == NONE) {
            m_nodes.emplace_back();
            return static_cast<uint32_t>(m_nodes.size() - 1);
        }
        m_free = m_nodes[at].behind;
        return at;
    }

    std::vector<Node> m_nodes;
    uint32_t m_free = NONE;
};

#endif
