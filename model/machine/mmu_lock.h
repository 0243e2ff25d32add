/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/mmu_lock.h - KVM's mmu_lock of one VM: a fair reader-writer lock.
 *
 * Waiters are served in order; readers next to each other enter together. Used only
 * for writing it is a FIFO spin lock. */
#ifndef MODEL_MACHINE_MMU_LOCK_H
#define MODEL_MACHINE_MMU_LOCK_H

#include "model/machine/sequencer.h"

extern "C" {
#include "model/hyp/ops.h"
}

#include <deque>
#include <utility>

class MmuLock
{
  public:
    /* handover_ps: a contended lock passes from its holder to the next waiter. */
    MmuLock(Sequencer &seq, uint64_t handover_ps);

    /* Called by the program of pe; returns when it holds the lock. */
    void take(unsigned pe, hyp_lock_mode mode);
    void drop(unsigned pe, hyp_lock_mode mode);

    /* The host takes the PE away from whoever drops the lock next, for ps. */
    void preempt(uint64_t ps) { m_preempt_ps += ps; }
    /* ... and this is the time for the caller, which is about to drop it. */
    uint64_t lost_ps() { return std::exchange(m_preempt_ps, 0); }

  private:
    struct Waiter {
        unsigned pe;
        hyp_lock_mode mode;
    };

    bool may_enter(hyp_lock_mode mode) const;
    void enter(hyp_lock_mode mode);

    Sequencer &m_seq;
    const uint64_t m_handover_ps;
    uint64_t m_preempt_ps = 0;
    unsigned m_readers = 0;
    bool m_writer = false;
    std::deque<Waiter> m_waiters;
};

#endif
