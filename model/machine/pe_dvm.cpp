/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/pe_dvm.cpp - what a PE does when TLB maintenance reaches it. */
#include "model/machine/pe.h"

#include <algorithm>
#include <stdexcept>
#include <string>

void Pe::serve_tlbi(const arch_tlbi &op)
{
    mmu_invalidate(&m_caches, &op);
    m_walks.meet(op);
    if (oldest_open() != UINT64_MAX || m_last_end_ps > now_ps())
        m_lookup_lost_ps += m_world.scenario.platform.dvm.lookup_lost_ps;
    if (m_on_tlbi.fn)
        m_on_tlbi.fn(m_on_tlbi.ctx);
}

/* The smallest number of an access whose end is not known, or of a walk under way. */
uint64_t Pe::oldest_open() const
{
    uint64_t number = m_walks.oldest();

    if (m_access.end_ps == OPEN)
        number = std::min(number, m_access.number);
    for (size_t i = 0; i < m_flights.size(); i++) {
        const Flight &f = m_flights[i];
        if (f.state == State::LOOKING)
            number = std::min(number, f.number);
    }
    return number;
}

/* The end of an access is known. */
void Pe::closed(uint64_t number, uint64_t end)
{
    if (!m_syncs.empty()) /* only with a quantum it is ahead */
        catch_up();
    m_last_end_ps = std::max(m_last_end_ps, end);
    for (Sync &s : m_syncs) {
        if (number < s.before)
            s.end_ps = std::max(s.end_ps, end);
    }
    settle_syncs();
}

void Pe::settle_syncs()
{
    if (m_syncs.empty())
        return;
    const uint64_t open = oldest_open();

    for (size_t i = 0; i < m_syncs.size();) {
        const Sync s = m_syncs[i];
        if (open < s.before) {
            i++;
            continue;
        }
        m_syncs.erase(m_syncs.begin() + static_cast<std::ptrdiff_t>(i));
        m_world.dvm.sync_done(s.token, std::max(now_ps(), s.end_ps));
    }
}

/* DVM: a Sync is answered when the accesses and walks begun before it have ended. */
uint64_t Pe::serve_sync(unsigned token)
{
    const uint64_t before = m_walks.next_number();
    const uint64_t end = std::max(now_ps(), m_last_end_ps);

    if (oldest_open() > before)
        return end;
    m_syncs.push_back({token, before, end});
    return DVM_LATER;
}

/* op, issued at issued_ps, has just been completed by a DSB: no cache holds what it
 * covers, and no access begun before is under way. */
void Pe::check_completed(const arch_tlbi &op, uint64_t issued_ps)
{
    mmu_completed(&m_caches, &op, issued_ps);
    if (mmu_count_stale(&m_caches, &op, issued_ps) && !m_world.scenario.quantum_ps)
        throw std::logic_error("PE " + std::to_string(m_id) +
                               " holds a translation that a completed TLBI covers");
    if (m_access.end_ps > now_ps() && m_access.begin_ps < issued_ps)
        m_world.watch.stale_use(m_id, {op.first});
    for (size_t i = 0; i < m_flights.size(); i++) {
        const Flight &f = m_flights[i];
        if (f.attempt_ps < issued_ps &&
            (f.state == State::LOOKING ||
             (f.state == State::TRANSLATED && f.end_ps > now_ps())))
            m_world.watch.stale_use(m_id, {f.va.v});
    }
}
