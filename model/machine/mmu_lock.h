/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/mmu_lock.h - KVM's mmu_lock of one VM: a fair reader-writer lock.
 *
 * Waiters are served in order; readers next to each other enter together. Used only
 * for writing it is a FIFO spin lock. */
#ifndef MODEL_MACHINE_MMU_LOCK_H
#define MODEL_MACHINE_MMU_LOCK_H

#include "model/machine/ring.h"
#include "model/machine/sequencer.h"

extern "C" {
#include "model/hyp/ops.h"
}

#include <utility>

class MmuLock
{
  public:
    /* handover_ps: a contended lock passes from its holder to the next waiter.
     * line_ps: the lock's cache line passes to another PE, which takes or drops it for
     * reading; among writers that is part of handover_ps. */
    MmuLock(Sequencer &seq, uint64_t handover_ps, uint64_t line_ps);

    /* From time t, not before that of the last call, until pe has the line. */
    uint64_t line_wait_ps(unsigned pe, hyp_lock_mode mode, uint64_t t);

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
    const uint64_t m_line_ps;
    uint64_t m_line_free_ps = 0; /* when the line may leave who has it, ... */
    int m_line_pe = -1;          /* ... this PE; -1: nobody yet */
    uint64_t m_preempt_ps = 0;
    unsigned m_readers = 0;
    bool m_writer = false;
    Ring<Waiter> m_waiters{16};
};

#endif
