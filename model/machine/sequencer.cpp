/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/sequencer.h"

#include <algorithm>
#include <cassert>
#include <climits>

using sc_core::sc_time;

namespace
{
constexpr unsigned NO_PE = UINT_MAX;

uint64_t program_order(unsigned pe)
{
    return (static_cast<uint64_t>(pe) << 1) | 1;
}
uint64_t message_order(unsigned pe)
{
    return static_cast<uint64_t>(pe) << 1;
}
} // namespace

bool Sequencer::Later::operator()(const Entry &a, const Entry &b) const
{
    if (a.t != b.t)
        return a.t > b.t;
    return a.order != b.order ? a.order > b.order : a.seq > b.seq;
}

Sequencer::Sequencer(const sc_core::sc_module_name &name, unsigned pes_n)
    : sc_module(name), m_running(pes_n), m_resume(pes_n)
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
    m_due.push_back(entry);
    std::push_heap(m_due.begin(), m_due.end(), Later());
}

/* Hands on to what is due next. True if that is the program of pe. */
bool Sequencer::advance(unsigned pe)
{
    while (!m_due.empty()) {
        std::pop_heap(m_due.begin(), m_due.end(), Later());
        const Entry next = m_due.back();
        m_due.pop_back();
        m_now = next.t;
        if (next.fn) {
            next.fn(next.ctx, next.arg);
            continue;
        }
        const unsigned who = static_cast<unsigned>(next.order >> 1);
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
    push({0, program_order(pe), m_seq++, nullptr, nullptr, 0});
    wait(m_resume[pe]);
}

void Sequencer::sleep_until(unsigned pe, uint64_t t)
{
    push({t, program_order(pe), m_seq++, nullptr, nullptr, 0});
    yield(pe);
}

void Sequencer::block(unsigned pe)
{
    yield(pe);
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
    push({t, program_order(pe), m_seq++, nullptr, nullptr, 0});
}

void Sequencer::call_at(uint64_t t, unsigned pe, Callback fn, void *ctx, uint64_t arg)
{
    push({t, message_order(pe), m_seq++, fn, ctx, arg});
}
