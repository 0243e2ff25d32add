/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/hyp_env.h"
#include "model/machine/programs.h"

extern "C" {
#include "walker/arch/desc.h"
}

ReplayBoard::ReplayBoard(World &world, replay &o)
    : order(o), m_seq(world.seq), m_waiting(world.scenario.pes_n)
{
}

void ReplayBoard::wait_for_change(unsigned pe)
{
    m_waiting[pe] = true;
    m_seq.block(pe);
}

void ReplayBoard::notify()
{
    for (unsigned pe = 0; pe < m_waiting.size(); pe++) {
        if (m_waiting[pe]) {
            m_waiting[pe] = false;
            m_seq.wake(pe, m_seq.now_ps());
        }
    }
}

void ReplayBoard::flush_ends()
{
    breaks_n--;
    notify();
}

/* Steps of the attempt before this one that the model had no need of are over. */
void ReplayBoard::wait_for_turn(unsigned pe, size_t attempt, replay_step step)
{
    if (step != REPLAY_ENTRY)
        pass(attempt, static_cast<replay_step>(step - 1));
    while (!replay_may_pass(&order, attempt, step))
        wait_for_change(pe);
}

void ReplayBoard::pass(size_t attempt, replay_step step)
{
    if (replay_pass(&order, attempt, step))
        notify();
}

/* A step is over when it has taken effect, not when its turn has come. */
void ReplayProgram::flush_pending()
{
    if (m_pending == REPLAY_STEPS_N || m_current == NONE)
        return;
    m_board.pass(m_current, m_pending);
    m_pending = REPLAY_STEPS_N;
}

void ReplayProgram::settled()
{
    flush_pending();
    m_board.notify();
}

void ReplayProgram::at(const hyp_event &event)
{
    replay_step step = REPLAY_STEPS_N;

    flush_pending();
    switch (event.point) {
    case HYP_AT_MAP:
        step = REPLAY_MAP;
        break;
    case HYP_AT_LOOK:
        step = REPLAY_LOOK;
        break;
    case HYP_AT_BREAK:
        step = REPLAY_BREAK;
        break;
    case HYP_AT_MAKE:
        step = REPLAY_MAKE;
        m_board.flush_ends();
        break;
    case HYP_AT_WON:
        m_board.flush_begins();
        m_how = event.old & ARCH_DESC_VALID ? REC_HOW_WON : REC_HOW_MAPPED;
        break;
    case HYP_AT_LOCKED:
        m_how = REC_HOW_LOCKED;
        break;
    case HYP_AT_LOST:
        m_how = REC_HOW_LOST;
        break;
    case HYP_AT_FOUND:
        m_how = REC_HOW_FOUND;
        break;
    default:
        break;
    }
    if (m_current == NONE || step == REPLAY_STEPS_N)
        return;
    m_board.wait_for_turn(m_pe->id(), m_current, step);
    m_pending = step;
}

/* The guest runs on, towards attempt next. */
void ReplayProgram::enter_guest(Pe &pe, size_t next)
{
    if (next == NONE)
        return;
    m_board.wait_for_turn(pe.id(), next, REPLAY_ENTRY);
    m_board.pass(next, REPLAY_ENTRY);
}

/* The recorded interval of an access that precedes the exit of attempt next has ended,
 * and the invalidations that were under way when it ended have been served. */
bool ReplayProgram::is_last_moment(size_t next) const
{
    const replay &order = m_board.order;
    const bool ended = next == NONE ? order.cursor == order.steps_n
                                    : replay_may_pass(&order, next, REPLAY_EXIT);

    return ended && m_board.breaks_n == 0;
}

/* The access, tried at every moment of the recorded interval at which its outcome can
 * have changed, until it meets the recorded fault; at the end of the interval whatever
 * it meets. type NONE: no fault. */
arch_fault ReplayProgram::meet_fault(Pe &pe, size_t index)
{
    const replay_attempt &a = m_board.order.attempts[index];

    for (;;) {
        const bool last = is_last_moment(index);
        const arch_fault met = pe.translate({a.ipa.v}, a.access).fault;
        if (met.type == ARCH_FAULT_NONE)
            pe.end_access(pe.now_ps());
        if (last || (met.type == a.fault.type && met.level == a.fault.level))
            return met;
        if (!is_last_moment(index))
            m_board.wait_for_change(pe.id());
    }
}

void ReplayProgram::attempt(Pe &pe, size_t index)
{
    const replay_attempt &a = m_board.order.attempts[index];
    const arch_fault met = meet_fault(pe, index);

    m_board.pass(index, REPLAY_EXIT);
    m_current = index;
    m_how = REC_HOW_FOUND;
    const hyp_result result = met.type == ARCH_FAULT_NONE
                                  ? pe.run_handler(a.ipa, a.access, a.fault)
                                  : pe.take_fault(a.ipa, a.access, met);
    flush_pending();
    m_current = NONE;
    m_board.wait_for_turn(pe.id(), index, REPLAY_RETURN);
    m_board.pass(index, REPLAY_RETURN);

    rec_attempt record{};
    record.line = a.line;
    record.vcpu = a.vcpu;
    record.ipa = a.ipa;
    record.leaf = a.leaf;
    record.order_inferred = a.order_inferred;
    record.want_type = static_cast<uint8_t>(a.fault.type);
    record.want_level = a.fault.level;
    record.got_type = static_cast<uint8_t>(met.type);
    record.got_level = met.level;
    record.want_eagain = a.eagain;
    record.got_eagain = result == HYP_EAGAIN;
    record.want_how = static_cast<uint8_t>(a.how);
    record.got_how = static_cast<uint8_t>(m_how);
    pe.vm().rec->attempts[index] = record;
}

/* The recorded access went through without another fault, so at some moment before the
 * vCPU's next recorded exit: the first such moment is looked for. If there is none, the
 * model takes a fault that was not recorded. */
void ReplayProgram::complete_access(Pe &pe, size_t index)
{
    const replay_attempt &a = m_board.order.attempts[index];
    const uint64_t begin = pe.now_ps();

    for (;;) {
        const bool last = is_last_moment(a.next);
        const arch_fault met = pe.translate({a.ipa.v}, a.access).fault;
        if (met.type == ARCH_FAULT_NONE)
            break;
        if (last) {
            pe.vm().rec->extra_faults++;
            pe.take_fault(a.ipa, a.access, met);
        } else if (!is_last_moment(a.next)) {
            m_board.wait_for_change(pe.id());
        }
    }
    pe.access_done();
    pe.end_access(pe.now_ps());
    rec_add_access(pe.vm().rec, begin, pe.now_ps());
}

void ReplayProgram::run(Pe &pe)
{
    m_pe = &pe;
    m_world.envs[pe.id()]->observe(this);
    pe.watch_tlbi([](void *board) { static_cast<ReplayBoard *>(board)->notify(); },
                  &m_board);
    size_t next = m_board.order.first[pe.id()];
    enter_guest(pe, next);
    while (next != NONE) {
        const size_t now = next;
        attempt(pe, now);
        next = m_board.order.attempts[now].next;
        enter_guest(pe, next);
        if (m_board.order.attempts[now].last_of_access)
            complete_access(pe, now);
    }
    rec_vcpu_end(pe.vm().rec, pe.id(), pe.now_ps());
    m_world.envs[pe.id()]->observe(nullptr);
}
