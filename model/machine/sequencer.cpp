/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/sequencer.h"

#include <algorithm>
#include <cassert>
#include <climits>

using sc_core::sc_time;

namespace
{
constexpr unsigned NO_PE = UINT_MAX;

enum Rank { MESSAGE, WALK, PROGRAM };

/* The order at one moment: 14 bits of PE id, 2 of rank, 48 that count the requests. */
constexpr unsigned SEQ_BITS = 48, RANK_BITS = 2;

unsigned pe_of(uint64_t order)
{
    return static_cast<unsigned>(order >> (SEQ_BITS + RANK_BITS));
}
} // namespace

Sequencer::Sequencer(const sc_core::sc_module_name &name, unsigned pes_n)
    : sc_module(name), m_running(pes_n), m_napping(pes_n), m_halted(pes_n),
      m_turn(pes_n), m_in_guest(pes_n), m_calls_n(pes_n + 1), m_resume(pes_n)
{
    SC_HAS_PROCESS(Sequencer);
    SC_THREAD(start);
}

/* All programs have called begin() in the first evaluation phase. */
void Sequencer::start()
{
    wait(sc_core::SC_ZERO_TIME);
    advance(NO_PE);
}

void Sequencer::let_run_ahead(uint64_t guest_ps, uint64_t other_ps)
{
    m_lead[GUEST] = guest_ps;
    m_lead[OTHER] = other_ps;
    m_may_run_ahead = true;
}

void Sequencer::push(uint64_t t, unsigned pe, unsigned rank, const Call &call,
                     Heap heap)
{
    uint32_t slot;

    assert(t >= m_now);
    if (m_abandoned)
        return;
    m_bound = 0;
    m_calls_n[pe] += call.fn != nullptr;
    if (m_free_calls.empty()) {
        slot = static_cast<uint32_t>(m_calls.size());
        m_calls.push_back(call);
    } else {
        slot = m_free_calls.back();
        m_free_calls.pop_back();
        m_calls[slot] = call;
    }
    const uint64_t who = static_cast<uint64_t>(pe) << RANK_BITS | rank;
    m_due[heap].push_back({t, who << SEQ_BITS | m_seq++, slot});
    std::push_heap(m_due[heap].begin(), m_due[heap].end(), Later());
}

void Sequencer::push_program(unsigned pe, uint64_t t)
{
    if (!m_halted[pe])
        push(t, pe, PROGRAM, {nullptr, nullptr, m_turn[pe]},
             m_in_guest[pe] ? GUEST : OTHER);
}

/* What is due next; there is something. */
Sequencer::Entry Sequencer::pop(Call *call)
{
    const bool guest =
        m_due[OTHER].empty() ||
        (!m_due[GUEST].empty() && Later()(m_due[OTHER].front(), m_due[GUEST].front()));
    std::vector<Entry> &due = m_due[guest ? GUEST : OTHER];

    std::pop_heap(due.begin(), due.end(), Later());
    const Entry next = due.back();
    due.pop_back();
    *call = m_calls[next.call];
    m_free_calls.push_back(next.call);
    m_calls_n[pe_of(next.order)] -= call->fn != nullptr;
    return next;
}

void Sequencer::pass_on()
{
    (void)advance(NO_PE);
}

/* Hands on to what is due next. True if that is the program of pe. */
bool Sequencer::advance(unsigned pe)
{
    m_bound = 0;
    while (!m_due[GUEST].empty() || !m_due[OTHER].empty()) {
        Call call;
        const Entry next = pop(&call);
        const unsigned who = pe_of(next.order);
        if (!call.fn && call.arg != m_turn[who])
            continue; /* the rest of a nap that was interrupted */
        m_now = m_front = next.t;
        if (call.fn) {
            call.fn(call.ctx, call.arg);
            continue;
        }
        m_turn[who]++;
        m_napping[who] = false;
        if (who == pe)
            return true;
        const uint64_t kernel_ps = sc_core::sc_time_stamp().value();
        m_resume[who].notify(sc_time::from_value(m_now - kernel_ps));
        return false;
    }
    return false;
}

/* The first message or walk step that is due for pe. */
uint64_t Sequencer::first_of(unsigned pe) const
{
    uint64_t first = SEQ_NEVER;

    for (const std::vector<Entry> &due : m_due) {
        for (const Entry &e : due) {
            if (pe_of(e.order) == pe && m_calls[e.call].fn)
                first = std::min(first, e.t);
        }
    }
    return first;
}

/* The moment before which nothing that is due can reach pe, whose program runs. */
uint64_t Sequencer::bound_of(unsigned pe) const
{
    uint64_t bound = SEQ_NEVER;

    if (!m_may_run_ahead || m_holds_n)
        return m_front;
    for (unsigned heap = 0; heap < HEAPS_N; heap++) {
        if (!m_due[heap].empty())
            bound = std::min(bound, m_due[heap].front().t + m_lead[heap]);
    }
    return m_calls_n[pe] ? std::min(bound, first_of(pe)) : bound;
}

bool Sequencer::run_ahead(unsigned pe, uint64_t t)
{
    if (!m_bound)
        m_bound = bound_of(pe);
    if (t >= m_bound)
        return false;
    m_now = t;
    return true;
}

void Sequencer::catch_up(unsigned pe)
{
    if (is_ahead())
        sleep_until(pe, m_now);
}

void Sequencer::yield(unsigned pe)
{
    if (!advance(pe))
        wait(m_resume[pe]);
}

void Sequencer::begin(unsigned pe)
{
    m_running[pe] = true;
    push_program(pe, 0);
    wait(m_resume[pe]);
}

void Sequencer::join(unsigned pe)
{
    m_running[pe] = true;
    push_program(pe, m_now);
}

void Sequencer::sleep_until(unsigned pe, uint64_t t)
{
    push_program(pe, t);
    yield(pe);
}

void Sequencer::block(unsigned pe)
{
    yield(pe);
}

void Sequencer::nap_until(unsigned pe, uint64_t t)
{
    m_napping[pe] = true;
    if (t != SEQ_NEVER)
        push_program(pe, t);
    yield(pe);
}

void Sequencer::interrupt(unsigned pe)
{
    assert(!is_ahead());
    if (!m_napping[pe])
        return;
    m_napping[pe] = false;
    push_program(pe, m_now);
}

void Sequencer::halt(unsigned pe)
{
    m_halted[pe] = true;
    m_running[pe] = m_napping[pe] = false;
    m_turn[pe]++; /* what is due is out of date */
}

void Sequencer::abandon()
{
    m_abandoned = true;
    m_front = m_now;
    for (std::vector<Entry> &due : m_due)
        due.clear();
}

void Sequencer::finish(unsigned pe)
{
    catch_up(pe);
    m_running[pe] = false;
    const bool mine = advance(pe);
    assert(!mine); /* a finished program has nothing due */
    (void)mine;
}

std::string Sequencer::unfinished() const
{
    std::string list;

    for (size_t pe = 0; pe < m_running.size(); pe++) {
        if (m_running[pe])
            list += " " + std::to_string(pe);
    }
    return list;
}

void Sequencer::wake(unsigned pe, uint64_t t)
{
    assert(!is_ahead());
    push_program(pe, t);
}

void Sequencer::call_at(uint64_t t, unsigned pe, Callback fn, void *ctx, uint64_t arg)
{
    assert(!is_ahead());
    push(t, pe, MESSAGE, {fn, ctx, arg}, OTHER);
}

void Sequencer::step_at(uint64_t t, unsigned pe, Callback fn, void *ctx, uint64_t arg)
{
    assert(!is_ahead());
    push(t, pe, WALK, {fn, ctx, arg}, m_in_guest[pe] ? GUEST : OTHER);
}

bool Sequencer::is_running() const
{
    return std::find(m_running.begin(), m_running.end(), true) != m_running.end();
}
