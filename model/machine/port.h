/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/port.h - what serves one line of memory at a time, and how much longer
 * a line takes the more it is used. */
#ifndef MODEL_MACHINE_PORT_H
#define MODEL_MACHINE_PORT_H

#include <algorithm>
#include <cstdint>

class Port
{
  public:
    /* line_ps: occupied per line; 0: not limited. queue_ps: what a line waits on
     * average at half load for lines that arrive at random; 0: nothing. */
    explicit Port(uint64_t line_ps, uint64_t queue_ps = 0)
        : m_line_ps(line_ps), m_queue_ps(line_ps ? queue_ps : 0)
    {
    }

    /* When lines asked for at t begin to be served; the port is occupied by them. */
    uint64_t begin(uint64_t t, uint64_t lines)
    {
        const uint64_t begin = m_line_ps && t < m_free_ps ? m_free_ps : t;

        m_free_ps = begin + lines * m_line_ps;
        if (m_queue_ps)
            count(t, lines * m_line_ps);
        return begin;
    }
    uint64_t line_ps() const { return m_line_ps; }

    /* What a line waits at the load that was last seen: queue_ps x load / (1 - load).
     */
    uint64_t queue_ps() const { return m_wait_ps; }

  private:
    /* Load is the share of time for which lines were asked, in 1/FULL: the mean over
     * slots that weighs each slot by 1 - 1/SLOTS of the one behind it. */
    static constexpr uint64_t SLOT_PS = 1000000, SLOTS = 16;
    static constexpr uint64_t FULL = UINT64_C(1) << 20, LOAD_MAX = FULL - FULL / 64;

    void count(uint64_t t, uint64_t busy_ps)
    {
        if (t / SLOT_PS > m_slot)
            move_on(t / SLOT_PS);
        m_busy_ps += busy_ps;
    }

    void move_on(uint64_t slot)
    {
        for (; m_slot < slot; m_slot++) {
            if (!m_load && !m_busy_ps) {
                m_slot = slot;
                break;
            }
            m_load += m_busy_ps * FULL / SLOT_PS / SLOTS - m_load / SLOTS;
            m_load = std::min(m_load, LOAD_MAX);
            m_load = m_load < SLOTS ? 0 : m_load;
            m_busy_ps = 0;
        }
        m_wait_ps = m_queue_ps * m_load / (FULL - m_load);
    }

    const uint64_t m_line_ps;
    const uint64_t m_queue_ps;
    uint64_t m_free_ps = 0;
    uint64_t m_slot = 0;    /* the last one with lines */
    uint64_t m_busy_ps = 0; /* of that slot */
    uint64_t m_load = 0;    /* before that slot */
    uint64_t m_wait_ps = 0; /* at that load */
};

#endif
