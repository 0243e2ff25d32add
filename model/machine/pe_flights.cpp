/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/pe_flights.cpp - the accesses of a PE: in flight, completed, faulted.
 */
#include "model/machine/pe.h"

#include <algorithm>
#include <cassert>

/* One more in flight, the youngest. */
Pe::Flight &Pe::add(const Todo &a, bool dependent)
{
    Flight &f = m_flights.push_back();

    assert(m_flights.place_of_back() < PLACES_MAX);
    f.number = m_walks.next_number();
    f.id = f.number * PLACES_MAX + m_flights.place_of_back();
    f.va = a.va;
    f.access = a.access;
    f.begin_ps = a.begin_ps;
    f.dependent = dependent;
    return f;
}

void Pe::let_oldest_go()
{
    m_flights.front().id = GONE;
    m_flights.pop_front();
}

/* The attempt has its result. */
void Pe::settle(Flight &f)
{
    const bool oldest = &f == &m_flights.front();

    if (f.result.fault.type != ARCH_FAULT_NONE) {
        f.state = State::FAULTED;
        f.was_oldest = oldest;
        closed(f.number, now_ps());
    } else {
        f.state = State::TRANSLATED;
        check_memory(f.va, f.result);
        if (!f.dependent) {
            f.end_ps = data_end(f.result);
            closed(f.number, f.end_ps);
        }
    }
    if (!oldest)
        return;
    if (f.state == State::FAULTED && !f.dependent)
        m_world.seq.interrupt_in_order(m_id); /* retire() would catch up */
    else
        m_world.seq.interrupt(m_id);
}

Translation Pe::translate(arch_va va, arch_access access)
{
    Translation result{};

    assert(m_flights.empty() && m_todo.empty());
    m_access = {m_walks.next_number(), now_ps(), OPEN};
    m_vm->rec->n.tlb_lookups++;
    if (!look_up_l1(va, access, result)) {
        const Flight &f = launch({va, access, now_ps(), false}, true);
        while (f.state == State::LOOKING)
            nap_until(SEQ_NEVER);
        result = f.result;
        let_oldest_go();
    }
    if (result.fault.type != ARCH_FAULT_NONE)
        end_access(now_ps());
    return result;
}

void Pe::end_access(uint64_t t)
{
    m_access.end_ps = t;
    closed(m_access.number, t);
}

uint64_t Pe::access_at_length(arch_va va, arch_access access)
{
    const uint64_t begin = now_ps();
    Translation t = translate(va, access);

    while (t.fault.type != ARCH_FAULT_NONE) {
        take_fault(t.fault_ipa, access, t.fault);
        t = translate(va, access);
    }
    return complete(begin, t);
}

uint64_t Pe::complete(uint64_t begin, const Translation &t)
{
    access_done();
    const uint64_t end = data_end(t);
    end_access(end);
    rec_add_access(m_vm->rec, begin, end);
    m_vm->count_access();
    return end;
}

uint64_t Pe::attempt(arch_va va, arch_access access, Translation &result)
{
    const uint64_t begin = now_ps();

    result = translate(va, access);
    return result.fault.type == ARCH_FAULT_NONE ? complete(begin, result) : now_ps();
}

void Pe::issue(arch_va va, arch_access access)
{
    m_todo.push_back({va, access, now_ps(), false});
    pump();
}

/* Issue what is to be issued, in order, as fast as the PE can; take the faults of the
 * oldest. */
void Pe::pump()
{
    const auto &p = m_world.scenario.platform.pe;

    for (;;) {
        if (retire())
            continue;
        if (m_todo.empty())
            return;
        if (m_flights.size() >= p.outstanding_n) {
            nap_until(SEQ_NEVER);
        } else if (now_ps() < m_issue_free_ps) {
            nap_until(m_issue_free_ps);
        } else {
            const Todo next = m_todo.front();
            m_todo.pop_front();
            start(next);
        }
    }
}

void Pe::start(const Todo &a)
{
    Translation t{};

    m_issue_free_ps = now_ps() + m_world.scenario.platform.pe.issue_ps;
    m_vm->rec->n.tlb_lookups++;
    if (!look_up_l1(a.va, a.access, t)) {
        launch(a, false);
    } else if (t.fault.type != ARCH_FAULT_NONE) {
        const bool oldest = m_flights.empty();
        Flight &f = add(a, false);
        f.state = State::FAULTED;
        f.attempt_ps = now_ps();
        f.was_oldest = oldest;
        f.result = t;
    } else {
        const uint64_t end = data_end(t);
        if (end >= m_access.end_ps)
            m_access = {m_walks.next_number(), now_ps(), end};
        closed(m_access.number, end);
        if (m_flights.empty()) /* the oldest: the one that may have faulted */
            access_done();
        rec_add_access(m_vm->rec, a.begin_ps, end);
        m_vm->count_access();
    }
}

/* Lets the oldest access go if it is done, or takes its fault. True if something
 * changed. */
bool Pe::retire()
{
    if (m_flights.empty())
        return false;
    Flight &f = m_flights.front();
    switch (f.state) {
    case State::LOOKING:
        return false;
    case State::TRANSLATED:
        rec_add_access(m_vm->rec, f.begin_ps, f.end_ps);
        m_vm->count_access();
        access_done();
        let_oldest_go();
        return true;
    case State::FAULTED:
        break;
    }
    catch_up();
    if (f.was_oldest)
        take_oldest_fault();
    else
        attempt_again(f);
    return true;
}

/* All accesses in flight issue again after the exception. */
void Pe::take_oldest_fault()
{
    const Flight f = m_flights.front();

    while (!m_flights.empty()) {
        Flight &back = m_flights.back();
        back.id = GONE;
        m_todo.push_front({back.va, back.access, back.begin_ps, true});
        m_flights.pop_back();
    }
    settle_syncs();
    take_fault(f.result.fault_ipa, f.access, f.result.fault);
}

void Pe::run_until(uint64_t t)
{
    pump();
    while (now_ps() < t) {
        nap_until(t);
        pump();
    }
}

uint64_t Pe::drain()
{
    pump();
    while (!m_flights.empty()) {
        nap_until(SEQ_NEVER);
        pump();
    }
    return std::max(now_ps(), m_last_end_ps);
}
