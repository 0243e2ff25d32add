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

/* The calls of one PE: few at a time, in no order. And what its walks do next, which
 * they order among themselves. */
class DueCalls
{
  public:
    const DueCall &first() const { return m_walk_first ? m_walk : m_calls[m_first]; }
    uint64_t first_ps() const { return m_first_ps; }

    void push(const DueCall &call)
    {
        if (m_calls.empty() || is_earlier(call, m_calls[m_first]))
            m_first = m_calls.size();
        m_calls.push_back(call);
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
            pop_call();
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
    void pop_call()
    {
        m_calls[m_first] = m_calls.back();
        m_calls.pop_back();
        m_first = 0;
        for (size_t i = 1; i < m_calls.size(); i++) {
            if (is_earlier(m_calls[i], m_calls[m_first]))
                m_first = i;
        }
    }
    void compare()
    {
        m_walk_first = m_calls.empty() || is_earlier(m_walk, m_calls[m_first]);
        m_first_ps = m_walk_first ? m_walk.t : m_calls[m_first].t;
    }

    std::vector<DueCall> m_calls;
    size_t m_first = 0;
    DueCall m_walk{SEQ_NEVER, 0, nullptr, nullptr, 0, false};
    bool m_walk_first = true;
    uint64_t m_first_ps = SEQ_NEVER;
};

/* What is due first for one PE, and the first moments at which that can have reached
 * the TLBs of others, and at which it can begin to store to a table. */
struct DueFirst {
    uint64_t t = SEQ_NEVER, reach_ps = SEQ_NEVER, store_ps = SEQ_NEVER;
};

/* The first of all, of each of the three; whose t it is: of equal ones the smaller
 * number. */
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

    const DueFirst &first() const { return m_nodes[1].due; }
    unsigned who() const { return m_nodes[1].who; }

    void set(unsigned who, const DueFirst &due)
    {
        unsigned i = m_leaves_n + who;

        m_nodes[i].due = due;
        while (i > 1) {
            const Node &left = m_nodes[i & ~1u], &right = m_nodes[i | 1u];
            Node &up = m_nodes[i /= 2];
            const Node winner = {{std::min(left.due.t, right.due.t),
                                  std::min(left.due.reach_ps, right.due.reach_ps),
                                  std::min(left.due.store_ps, right.due.store_ps)},
                                 left.due.t <= right.due.t ? left.who : right.who};
            if (winner == up)
                return;
            up = winner;
        }
    }

  private:
    struct Node {
        DueFirst due;
        unsigned who = 0;

        bool operator==(const Node &n) const
        {
            return due.t == n.due.t && who == n.who && due.reach_ps == n.due.reach_ps &&
                   due.store_ps == n.due.store_ps;
        }
    };
    unsigned m_leaves_n = 2;
    std::vector<Node> m_nodes; /* [1] the root, children of i: [2i], [2i + 1] */
};

#endif
