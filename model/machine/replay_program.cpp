/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/replay_program.h"

#include "model/machine/hyp_env.h"
#include "model/machine/replay_host.h"

extern "C" {
#include "walker/arch/desc.h"
}

ReplayBoard::ReplayBoard(World &world, Vm &vm, replay &o)
    : order(o), slot(vm.slots.at(o.attempts[0].ipa)), m_seq(world.seq),
      m_slot(slot.now), m_waiting(world.scenario.pes_n)
{
}

void ReplayBoard::wait_for_change(unsigned pe)
{
    m_waiting[pe] = true;
    m_seq.block(pe);
}

void ReplayBoard::wait_for_change(unsigned pe, uint64_t since)
{
    if (m_changes_n == since)
        wait_for_change(pe);
}

void ReplayBoard::notify()
{
    m_changes_n++;
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

void ReplayBoard::wait_for_host_turn(unsigned pe, size_t op)
{
    while (!replay_host_may_pass(&order, op))
        wait_for_change(pe);
}

void ReplayBoard::pass_host(size_t op)
{
    if (replay_host_pass(&order, op))
        notify();
}

void ReplayBoard::set_slot()
{
    slot.now = m_slot;
}

/* Linux: __gfn_to_pfn_memslot() and the size of the host's mapping. */
void ReplayBoard::set_slot(size_t attempt)
{
    const replay_attempt &a = order.attempts[attempt];

    set_slot();
    if (a.leaf_bytes == 0)
        return;
    slot.now.logging = false;
    slot.now.writable = a.writable;
    slot.now.block_level = 3;
    while (slot.now.block_level > 1 &&
           UINT64_C(1) << arch_level_shift(ARCH_TG_4K, slot.now.block_level) <
               a.leaf_bytes)
        slot.now.block_level--;
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

namespace
{
/* REPLAY_STEPS_N: the point is no step. */
replay_step step_of(const hyp_event &event)
{
    switch (event.point) {
    case HYP_AT_LOCK:
        return REPLAY_MAP;
    case HYP_AT_ABOVE:
    case HYP_AT_LOOK:
        return replay_step_of(REPLAY_LOOK, event.level);
    case HYP_AT_BREAK:
    case HYP_AT_RELAX:
        return replay_step_of(REPLAY_BREAK, event.level);
    case HYP_AT_MAKE:
        return replay_step_of(REPLAY_MAKE, event.level);
    default:
        return REPLAY_STEPS_N;
    }
}
} // namespace

void ReplayProgram::note(const hyp_event &event)
{
    const bool live = event.old & ARCH_DESC_VALID;

    switch (event.point) {
    case HYP_AT_WON:
        m_board.flush_begins();
        m_did.breaks += live;
        break;
    case HYP_AT_MAKE:
        m_board.flush_ends();
        m_did.makes += event.level < 3;
        break;
    case HYP_AT_FREE:
        m_did.frees++;
        break;
    case HYP_AT_RELAX:
        m_relaxes = true;
        break;
    case HYP_AT_LOCKED:
        m_last = REC_HOW_LOCKED;
        break;
    case HYP_AT_LOST: /* no s2_break names an empty entry */
        m_last = live ? REC_HOW_LOST : REC_HOW_FOUND;
        break;
    default:
        break;
    }
}

void ReplayProgram::at(const hyp_event &event)
{
    const replay_step step = step_of(event);

    flush_pending();
    note(event);
    if (m_current == NONE || step == REPLAY_STEPS_N)
        return;
    m_board.wait_for_turn(m_pe->id(), m_current, step);
    m_pending = step;
}

rec_how ReplayProgram::how(hyp_result result) const
{
    if (m_relaxes)
        return REC_HOW_RELAXED;
    if (m_did.breaks)
        return REC_HOW_WON;
    return result == HYP_EAGAIN ? m_last : REC_HOW_MAPPED;
}

/* The guest runs on, towards attempt next. */
void ReplayProgram::enter_guest(Pe &pe, size_t next)
{
    if (next == NONE)
        return;
    m_board.wait_for_turn(pe.id(), next, REPLAY_ENTRY);
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
        const uint64_t seen = m_board.changes_n();
        const bool last = is_last_moment(index);
        const arch_fault met = pe.translate({a.ipa.v}, a.access).fault;
        if (met.type == ARCH_FAULT_NONE)
            pe.end_access(pe.now_ps());
        m_board.pass(index, REPLAY_ENTRY); /* others wait for the first try */
        /* The level of a table walk's fault may be that of stage 1. */
        if (last ||
            (met.type == a.fault.type && (a.fault.s1ptw || met.level == a.fault.level)))
            return met;
        m_board.wait_for_change(pe.id(), seen);
    }
}

hyp_result ReplayProgram::handle(Pe &pe, size_t index, const arch_fault &met)
{
    const replay_attempt &a = m_board.order.attempts[index];

    if (a.how == REPLAY_NO_CALL) /* the host's choice, as its memory is */
        return HYP_EAGAIN;
    m_current = index;
    m_board.set_slot(index);
    const hyp_result result = met.type == ARCH_FAULT_NONE
                                  ? pe.run_handler(a.ipa, a.access, a.fault)
                                  : pe.take_fault(a.ipa, a.access, met);
    flush_pending();
    m_current = NONE;
    return result;
}

void ReplayProgram::attempt(Pe &pe, size_t index)
{
    const arch_fault met = meet_fault(pe, index);

    m_board.pass(index, REPLAY_EXIT);
    m_did = {};
    m_last = REC_HOW_FOUND;
    m_relaxes = false;
    const hyp_result result = handle(pe, index, met);
    m_did.relaxations = m_relaxes && result == HYP_DONE;
    m_board.wait_for_turn(pe.id(), index, REPLAY_RETURN);
    m_board.pass(index, REPLAY_RETURN);
    record(pe, index, met, result);
}

void ReplayProgram::record(Pe &pe, size_t index, const arch_fault &met,
                           hyp_result result)
{
    const replay &order = m_board.order;
    const replay_attempt &a = order.attempts[index];
    rec_attempt record{};

    record.line = a.line;
    record.vcpu = a.vcpu;
    record.block = static_cast<uint32_t>((a.ipa.v - order.ipa.v) / order.block_bytes);
    record.phase = a.phase;
    record.s1ptw = a.fault.s1ptw;
    record.want = {a.did.breaks, a.did.makes, a.did.frees, a.did.relaxations};
    record.got = m_did;
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
    record.got_how =
        a.how == REPLAY_NO_CALL ? record.want_how : static_cast<uint8_t>(how(result));
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
        const uint64_t seen = m_board.changes_n();
        const bool last = is_last_moment(a.next);
        const arch_fault met = pe.translate({a.ipa.v}, a.access).fault;
        if (met.type == ARCH_FAULT_NONE)
            break;
        /* The others may go on: what it waits for lies behind this entry. */
        if (a.next != NONE && replay_may_pass(&m_board.order, a.next, REPLAY_ENTRY))
            m_board.pass(a.next, REPLAY_ENTRY);
        if (last) {
            pe.vm().rec->extra_faults++;
            m_board.set_slot();
            if (a.next != NONE) /* who holds the lock must be able to go on */
                m_board.pass(a.next, REPLAY_EXIT);
            pe.take_fault(a.ipa, a.access, met);
        } else {
            m_board.wait_for_change(pe.id(), seen);
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
        if (m_board.order.attempts[now].last_of_access)
            complete_access(pe, now);
        enter_guest(pe, next);
    }
    rec_vcpu_end(pe.vm().rec, pe.id(), pe.now_ps());
    m_world.envs[pe.id()]->observe(nullptr);
}

void ReplayHostProgram::run(Pe &pe)
{
    HypEnv env(m_world, pe.id(), -1);
    ReplayHost host(m_world, env, m_board.order, m_board.slot);

    for (size_t i = 0; i < m_board.order.host_n; i++) {
        m_board.wait_for_host_turn(pe.id(), i);
        host.act(m_board.order.host[i], m_board.base());
        m_board.pass_host(i);
    }
}
