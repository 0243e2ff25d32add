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

uint64_t order_of(unsigned pe, Rank rank)
{
    return static_cast<uint64_t>(pe) << 2 | rank;
}
unsigned pe_of(uint64_t order)
{
    return static_cast<unsigned>(order >> 2);
}
} // namespace

bool Sequencer::Later::operator()(const Entry &a, const Entry &b) const
{
    if (a.t != b.t)
        return a.t > b.t;
    return a.order != b.order ? a.order > b.order : a.seq > b.seq;
}

Sequencer::Sequencer(const sc_core::sc_module_name &name, unsigned pes_n)
    : sc_module(name), m_running(pes_n), m_napping(pes_n), m_halted(pes_n),
      m_turn(pes_n), m_resume(pes_n)
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

void Sequencer::push(const Entry &entry)
{
    assert(entry.t >= m_now);
    if (m_abandoned)
        return;
    m_due.push_back(entry);
    std::push_heap(m_due.begin(), m_due.end(), Later());
}

void Sequencer::push_program(unsigned pe, uint64_t t)
{
    if (!m_halted[pe])
        push({t, order_of(pe, PROGRAM), m_seq++, nullptr, nullptr, m_turn[pe]});
}

/* Hands on to what is due next. True if that is the program of pe. */
bool Sequencer::advance(unsigned pe)
{
    while (!m_due.empty()) {
        std::pop_heap(m_due.begin(), m_due.end(), Later());
        const Entry next = m_due.back();
        m_due.pop_back();
        const unsigned who = pe_of(next.order);
        if (!next.fn && next.arg != m_turn[who])
            continue; /* the rest of a nap that was interrupted */
        m_now = next.t;
        if (next.fn) {
            next.fn(next.ctx, next.arg);
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
    m_due.clear();
}

void Sequencer::finish(unsigned pe)
{
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
    push_program(pe, t);
}

void Sequencer::call_at(uint64_t t, unsigned pe, Callback fn, void *ctx, uint64_t arg)
{
    push({t, order_of(pe, MESSAGE), m_seq++, fn, ctx, arg});
}

void Sequencer::step_at(uint64_t t, unsigned pe, Callback fn, void *ctx, uint64_t arg)
{
    push({t, order_of(pe, WALK), m_seq++, fn, ctx, arg});
}

bool Sequencer::is_running() const
{
    return std::find(m_running.begin(), m_running.end(), true) != m_running.end();
}
