/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/mmu_lock.h"

#include <algorithm>

MmuLock::MmuLock(Sequencer &seq, uint64_t handover_ps, uint64_t line_ps)
    : m_seq(seq), m_handover_ps(handover_ps), m_line_ps(line_ps)
{
}

/* An atomic on the count of readers. Linux: queued_read_lock(). */
uint64_t MmuLock::line_wait_ps(unsigned pe, hyp_lock_mode mode, uint64_t t)
{
    const bool other = m_line_pe >= 0 && m_line_pe != static_cast<int>(pe);

    m_line_pe = static_cast<int>(pe);
    if (mode != HYP_LOCK_READ || !other)
        return 0;
    m_line_free_ps = std::max(m_line_free_ps, t) + m_line_ps;
    return m_line_free_ps - t;
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
