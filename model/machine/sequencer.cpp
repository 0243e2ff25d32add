/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/sequencer.h"

#include <cassert>
#include <stdexcept>
#include <utility>

using sc_core::sc_time;

namespace
{
/* The kernel's clock is moved on when it is that far behind: to move it costs more than
 * to switch threads. */
constexpr uint64_t KERNEL_LAG_PS = 1000000;

uint64_t after(uint64_t t, uint64_t ps)
{
    return t > SEQ_NEVER - ps ? SEQ_NEVER : t + ps;
}
} // namespace

Sequencer::Sequencer(const sc_core::sc_module_name &name, unsigned pes_n)
    : sc_module(name), m_pes(pes_n + 1), m_due(pes_n + 1), m_threads(pes_n)
{
    SC_HAS_PROCESS(Sequencer);
    SC_THREAD(start);
    SC_METHOD(on_clock);
    sensitive << m_clock;
    dont_initialize();
}

/* All programs have called begin() in the first evaluation phase. */
void Sequencer::start()
{
    wait(sc_core::SC_ZERO_TIME);
    (void)advance(NOBODY);
}

/* ---- what is due ---- */

DueBounds Sequencer::bounds_of(const Due &due, uint64_t t) const
{
    if (due.messages_n)
        return {after(t, any_reach_ps()), t};
    if (!due.in_guest)
        return in_handler(due, t);
    return {after(t, std::min(m_leads.guest_reach_ps,
                              after(due.guest_ps, m_leads.message_ps))),
            after(t, std::min(m_leads.guest_store_ps, due.guest_ps))};
}

/* By a message, or by an exception that stops the VM, which needs none. */
uint64_t Sequencer::any_reach_ps() const
{
    return std::min(m_leads.message_ps, m_leads.guest_reach_ps);
}

/* What ends the wait of a program that does not sleep may be what is due. One that
 * sleeps may enter its guest when it wakes, whose next exception may stop the VM. */
DueBounds Sequencer::in_handler(const Due &due, uint64_t t) const
{
    if (due.napping || due.program_ps == SEQ_NEVER)
        return {after(t, any_reach_ps()), t};
    const uint64_t acts = after(due.program_ps, due.lead_ps);
    const uint64_t sends = std::min(acts, after(t, m_leads.walk_reach_ps));

    return {std::min(after(sends, m_leads.message_ps),
                     after(due.program_ps, m_leads.guest_reach_ps)),
            std::min(acts, after(t, m_leads.walk_store_ps))};
}

void Sequencer::tell_others(unsigned pe)
{
    Due &due = m_pes[pe];
    const uint64_t t = due.first_ps();
    const DueBounds bounds = bounds_of(due, t);

    due.promise_ps = bounds.store_ps;
    m_due.set(pe, t, bounds);
}

/* Something more is due for pe at t. */
inline void Sequencer::announce(unsigned pe, uint64_t t)
{
    if (pe == m_active) {
        m_bound = std::min(m_bound, t);
        m_walk_bound = std::min(m_walk_bound, t);
    } else {
        changes(pe);
    }
}

/* What is due for pe, or follows from it, is different now. */
void Sequencer::changes(unsigned pe)
{
    forget_bounds();
    if (pe == m_active)
        return;
    tell_others(pe);
    if (m_active == NOBODY)
        return;
    m_others_ps = m_due.first_of_others(m_active);
}

void Sequencer::call_of(unsigned pe, Rank rank, DueCall call)
{
    assert(call.t >= m_now);
    if (m_abandoned)
        return;
    if (rank == MESSAGE && pe == m_active) /* its service: what comes before is none */
        expect_not_before(pe, m_pes[pe].ran_to_ps, call.t);
    call.order = uint64_t{rank} << RANK_SHIFT | m_seq++;
    m_pes[pe].messages_n += rank == MESSAGE;
    m_pes[pe].calls.push(call);
    announce(pe, call.t);
}

void Sequencer::push_program(unsigned pe, uint64_t t, bool in_order)
{
    Due &due = m_pes[pe];

    assert(t >= m_now);
    if (due.halted || m_abandoned || t >= due.program_ps)
        return;
    due.program_ps = t;
    due.program_in_order = in_order;
    announce(pe, t);
}

/* ---- whose turn it is ---- */

/* The active PE gives way to the one that is the next in order. False if nothing is
 * due. */
bool Sequencer::take_turns()
{
    if (m_active != NOBODY) {
        if (is_ahead())
            m_own->ran_to_ps = m_now;
        tell_others(std::exchange(m_active, NOBODY));
    }
    if (m_due.first_ps() == SEQ_NEVER)
        return false;
    m_now = m_front = m_due.first_ps();
    m_active = m_due.winner(&m_others_ps);
    m_own = &m_pes[m_active];
    forget_bounds();
    return true;
}

/* Moves on to what the active PE has next. False if it has to let others pass. */
inline bool Sequencer::go_on(const Due &due)
{
    const uint64_t t = due.first_ps();

    if (t >= m_others_ps)
        return go_on_beside_others(due, t);
    m_now = m_front = t;
    return true;
}

bool Sequencer::go_on_beside_others(const Due &due, uint64_t t)
{
    if (t == m_others_ps && t != SEQ_NEVER && !m_due.is_before(m_active, t)) {
        m_now = m_front = t;
        return true;
    }
    if (t == m_front) /* nobody could tell that it is ahead */
        return false;
    if (!due.call_is_first()) {
        if (due.program_in_order || t >= reach_bound())
            return false;
    } else {
        if (due.calls.first().in_order || t >= store_bound())
            return false;
        m_stepped_to_ps = std::max(m_stepped_to_ps, t);
    }
    m_now = t;
    return true;
}

void Sequencer::do_call(Due &due)
{
    const DueCall call = due.calls.first();

    due.calls.pop();
    due.messages_n -= call.order >> RANK_SHIFT == MESSAGE;
    m_step_order = call.order;
    call.fn(call.ctx, call.arg);
}

/* Hands on to what is due next. True if that is the program of pe. */
bool Sequencer::advance(unsigned pe)
{
    bool goes_on = m_active != NOBODY && go_on(*m_own);

    for (;;) {
        if (!goes_on && !take_turns())
            return false;
        Due &due = *m_own;
        if (!due.call_is_first()) {
            due.program_ps = SEQ_NEVER;
            due.program_first = due.napping = false;
            m_bound = 0;
            break;
        }
        do_call(due);
        goes_on = go_on(due);
    }
    if (m_active == pe)
        return true;
    resume(m_active);
    return false;
}

/* Its thread runs when that of the caller waits or ends. IEEE 1666, 5.6.6: a thread
 * that has suspended itself is runnable at once; an event would do, but costs more. */
void Sequencer::resume(unsigned pe)
{
    if (m_front - m_kernel < KERNEL_LAG_PS)
        return m_threads[pe].resume();
    m_on_clock = pe;
    m_clock.notify(sc_time::from_value(m_front - m_kernel));
    m_kernel = m_front;
}

void Sequencer::on_clock()
{
    m_threads[m_on_clock].resume();
}

void Sequencer::yield(unsigned pe)
{
    if (!advance(pe))
        wait_for_turn(pe);
}

void Sequencer::pass_on()
{
    (void)advance(NOBODY);
}

/* ---- running ahead ---- */

void Sequencer::set_leads(const Leads &leads)
{
    m_leads = leads;
    for (unsigned pe = 0; pe < m_pes.size(); pe++)
        changes(pe);
}

void Sequencer::hold()
{
    m_holds_n++;
    forget_bounds();
}

void Sequencer::release()
{
    m_holds_n--;
    forget_bounds();
}

/* With a quantum they move on with the turn. */
void Sequencer::learn_bounds()
{
    DueBounds others{0, 0};

    if (!m_holds_n)
        others = m_due.bounds_of_others(m_active);
    m_reach_bound = others.reach_ps;
    m_store_bound = std::min(others.reach_ps, others.store_ps);
    if (m_quantum_ps && !m_holds_n)
        m_reach_bound = m_store_bound = std::max(m_reach_bound, m_front + m_quantum_ps);
    m_bounds_known = m_quantum_ps == 0;
}

/* The moment before which no other PE can reach the TLBs of the active one. */
inline uint64_t Sequencer::reach_bound()
{
    if (!m_bounds_known)
        learn_bounds();
    return m_reach_bound;
}

/* The moment before which no other PE can begin to store to a table. */
inline uint64_t Sequencer::store_bound()
{
    if (!m_bounds_known)
        learn_bounds();
    return m_store_bound;
}

bool Sequencer::may_run_ahead(unsigned pe, uint64_t t)
{
    assert(pe == m_active || m_holds_n);
    m_bound = std::min(reach_bound(), m_pes[pe].calls.first_ps());
    if (t >= m_bound)
        return false;
    m_now = t;
    return true;
}

void Sequencer::catch_up(unsigned pe)
{
    if (!is_ahead())
        return;
    m_pes[pe].program_first = true;
    sleep_until(pe, m_now);
}

bool Sequencer::may_follow(uint64_t t, uint64_t order, bool in_order)
{
    const Due &due = *m_own;

    if (m_abandoned || t > due.program_ps ||
        (t == due.program_ps && due.program_first) || !due.calls.is_first(t, order))
        return false;
    m_walk_bound = std::min(due.first_ps(), std::max(m_others_ps, store_bound()));
    if (t >= m_others_ps && (in_order || t >= store_bound() || t == m_front))
        return false;
    step_to(t, order);
    return true;
}

/* The results would not be exact. */
void Sequencer::expect_not_before(unsigned pe, uint64_t earliest, uint64_t t) const
{
    if (t < earliest && !m_quantum_ps)
        throw std::logic_error(
            "PE " + std::to_string(pe) + " acts or is reached at " + std::to_string(t) +
            " ps, which nobody expected before " + std::to_string(earliest) + " ps");
}

void Sequencer::acts(unsigned pe)
{
    if (is_ahead() && !m_quantum_ps)
        throw std::logic_error("PE " + std::to_string(pe) + " acts ahead of others");
    const Due &due = m_pes[pe];

    expect_not_before(pe, std::max({due.promise_ps, due.told_ps, m_stepped_to_ps}),
                      m_now);
}

void Sequencer::when_in_order(Callback fn, void *ctx, uint64_t arg)
{
    announce(m_active, m_now);
    m_own->calls.push({m_now, m_step_order, fn, ctx, arg, true});
}

/* ---- programs ---- */

void Sequencer::begin(unsigned pe)
{
    join(pe);
    wait_for_turn(pe);
}

void Sequencer::join(unsigned pe)
{
    take_over(pe);
    m_pes[pe].running = true;
    push_program(pe, m_now, true);
}

void Sequencer::sleep_until(unsigned pe, uint64_t t, uint64_t lead_ps)
{
    Due &due = m_pes[pe];

    due.lead_ps = lead_ps;
    if (lead_ps)
        due.told_ps = after(t, lead_ps);
    push_program(pe, t, true);
    yield(pe);
    due.lead_ps = 0;
}

void Sequencer::sleep_ahead_until(unsigned pe, uint64_t t)
{
    push_program(pe, t, false);
    yield(pe);
}

void Sequencer::block(unsigned pe)
{
    yield(pe);
}

void Sequencer::nap_until(unsigned pe, uint64_t t)
{
    m_pes[pe].napping = m_pes[pe].nap_in_order = true;
    push_program(pe, t, true);
    yield(pe);
}

void Sequencer::guest_nap_until(unsigned pe, uint64_t t)
{
    if (run_ahead(pe, t))
        return;
    m_pes[pe].napping = true;
    m_pes[pe].nap_in_order = false;
    push_program(pe, t, false);
    yield(pe);
}

void Sequencer::end_nap(unsigned pe, bool in_order)
{
    Due &due = m_pes[pe];

    if (!due.napping)
        return;
    assert(!is_ahead() || (pe == m_active && !due.nap_in_order));
    due.napping = false;
    push_program(pe, m_now, due.nap_in_order || in_order);
}

void Sequencer::wake(unsigned pe, uint64_t t)
{
    assert(!is_ahead());
    push_program(pe, t, true);
}

void Sequencer::finish(unsigned pe)
{
    catch_up(pe);
    m_pes[pe].running = false;
    const bool mine = advance(pe);
    assert(!mine); /* a finished program has nothing due */
    (void)mine;
}

void Sequencer::halt(unsigned pe)
{
    Due &due = m_pes[pe];

    expect_not_before(pe, due.ran_to_ps, m_now);
    due.halted = true;
    due.running = due.napping = due.program_first = false;
    due.program_ps = SEQ_NEVER;
    changes(pe);
}

void Sequencer::abandon()
{
    m_abandoned = true;
    forget_bounds();
    m_front = m_now;
    for (unsigned pe = 0; pe < m_pes.size(); pe++) {
        m_pes[pe].calls.clear();
        m_pes[pe].program_ps = SEQ_NEVER;
        m_due.set(pe, SEQ_NEVER, DueBounds());
    }
    m_others_ps = SEQ_NEVER;
}

bool Sequencer::is_running() const
{
    return std::any_of(m_pes.begin(), m_pes.end(),
                       [](const Due &due) { return due.running; });
}

std::string Sequencer::unfinished() const
{
    std::string list;

    for (size_t pe = 0; pe < m_pes.size(); pe++) {
        if (m_pes[pe].running)
            list += " " + std::to_string(pe);
    }
    return list;
}

/* ---- calls ---- */

void Sequencer::call_at(uint64_t t, unsigned pe, Callback fn, void *ctx, uint64_t arg)
{
    assert(!is_ahead());
    call_of(pe, MESSAGE, {t, 0, fn, ctx, arg, true});
}

void Sequencer::step_at(uint64_t t, unsigned pe, Callback fn, void *ctx, uint64_t arg)
{
    assert(!is_ahead() || pe == m_active);
    call_of(pe, WALK, {t, 0, fn, ctx, arg, false});
}

void Sequencer::walk_at(unsigned pe, uint64_t t, uint64_t order, bool in_order)
{
    assert(t >= m_now && (!is_ahead() || pe == m_active));
    if (m_abandoned)
        return;
    m_pes[pe].calls.set_walk(t, order, in_order);
    if (pe == m_active) /* a walk may always follow a walk */
        m_bound = std::min(m_bound, t);
    else
        changes(pe);
}
