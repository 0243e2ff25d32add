/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/due.h - what is due: of one PE in a heap, and whose turn is the next of
 * all in a tree of winners. */
#ifndef MODEL_MACHINE_DUE_H
#define MODEL_MACHINE_DUE_H

#include <algorithm>
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

/* The calls of one PE, few at a time: in order, the one that is due first at the end.
 */
class DueCalls
{
  public:
    bool empty() const { return m_calls.empty(); }
    const DueCall &first() const { return m_calls.back(); }
    uint64_t first_ps() const { return empty() ? SEQ_NEVER : first().t; }

    void push(const DueCall &call)
    {
        auto at = m_calls.end();

        while (at != m_calls.begin() && is_later(call, at[-1]))
            --at;
        m_calls.insert(at, call);
    }
    void pop() { m_calls.pop_back(); }
    void clear() { m_calls.clear(); }

  private:
    static bool is_later(const DueCall &a, const DueCall &b)
    {
        return a.t != b.t ? a.t > b.t : a.order > b.order;
    }
    std::vector<DueCall> m_calls;
};

/* The earliest of n times; of equal ones that of the smaller number. */
class Tournament
{
  public:
    explicit Tournament(unsigned n)
    {
        while (m_leaves_n < n)
            m_leaves_n *= 2;
        m_nodes.resize(2 * size_t{m_leaves_n});
        for (unsigned i = 0; i < m_leaves_n; i++)
            m_nodes[m_leaves_n + i].who = i;
    }

    uint64_t first_ps() const { return m_nodes[1].t; }
    unsigned first() const { return m_nodes[1].who; }

    void set(unsigned who, uint64_t t)
    {
        unsigned i = m_leaves_n + who;

        if (m_nodes[i].t == t)
            return;
        m_nodes[i].t = t;
        while (i > 1) {
            const Node &left = m_nodes[i & ~1u], &right = m_nodes[i | 1u];
            const Node &winner = left.t <= right.t ? left : right;
            i /= 2;
            if (m_nodes[i].t == winner.t && m_nodes[i].who == winner.who)
                return;
            m_nodes[i] = winner;
        }
    }

  private:
    struct Node {
        uint64_t t = SEQ_NEVER;
        unsigned who = 0;
    };
    unsigned m_leaves_n = 2;
    std::vector<Node> m_nodes; /* [1] the root, children of i: [2i], [2i + 1] */
};

#endif
