/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/mmu_lock.h"

MmuLock::MmuLock(Sequencer &seq, uint64_t handover_ps)
    : m_seq(seq), m_handover_ps(handover_ps)
{
}

bool MmuLock::may_enter(hyp_lock_mode mode) const
{
    return !m_writer && (mode == HYP_LOCK_READ || m_readers == 0);
}

void MmuLock::enter(hyp_lock_mode mode)
{
    if (mode == HYP_LOCK_READ)
        m_readers++;
    else
        m_writer = true;
}

void MmuLock::take(unsigned pe, hyp_lock_mode mode)
{
    if (m_waiters.empty() && may_enter(mode)) {
        enter(mode);
        return;
    }
    m_waiters.push_back({pe, mode});
    m_seq.block(pe); /* whoever drops the lock enters for us */
}

void MmuLock::drop(unsigned, hyp_lock_mode mode)
{
    if (mode == HYP_LOCK_READ)
        m_readers--;
    else
        m_writer = false;
    while (!m_waiters.empty() && may_enter(m_waiters.front().mode)) {
        enter(m_waiters.front().mode);
        m_seq.wake(m_waiters.front().pe, m_seq.now_ps() + m_handover_ps);
        m_waiters.pop_front();
    }
}
