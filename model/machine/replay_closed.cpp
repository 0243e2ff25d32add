/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/replay_closed.h"

#include "model/machine/hyp_env.h"
#include "model/machine/replay_host.h"

extern "C" {
#include "walker/arch/desc.h"
}

#include <algorithm>

namespace
{
constexpr uint64_t PAGE_BYTES = UINT64_C(1) << ARCH_TG_4K;
} // namespace

/* ---- shared ---- */

ClosedBoard::ClosedBoard(World &world, Vm &vm, const replay &o, const replay_closed &a)
    : StageGate(vm, world.seq), order(o), accesses(a), config(vm.cfg.guest.replay),
      slot(vm.slots.at(o.attempts[0].ipa)),
      record(*(vm.rec->closed = rec_closed_new(vm.cfg.vcpus_n, a.blocks_n)))
{
    record.working_set = config.mode == GUEST_REPLAY_WORKING_SET;
    vm.rec->recorded.has_breaks |=
        order.has_tlbis && order.has_results; /* which show them, too */
    take_recorded();
    take_host_pages();
}

void ClosedBoard::find_mapped(const Vm &vm, physmem *words)
{
    if (!record.working_set || !slot.maps_first)
        return;
    for (uint64_t at = 0; at < slot.now.bytes; at += PAGE_BYTES) {
        const arch_ipa ipa = {slot.now.ipa.v + at};
        walk_s2 w;
        walk_next next = walk_s2_begin(&w, &vm.walk.s2, ipa, ARCH_READ);
        while (next == WALK_NEED_DESC)
            next = walk_s2_feed(&w, physmem_read(words, w.desc_pa));
        if (next == WALK_DONE)
            mapped_first.push_back(ipa);
    }
}

void ClosedBoard::take_recorded()
{
    record.accesses = accesses.accesses_n;
    record.block_bytes = order.block_bytes;
    record.ipa = {order.ipa.v & ~(order.block_bytes - 1)};
    record.makes_above[REC_RECORDED] = accesses.makes_above;
    for (size_t i = 0; i < order.attempts_n; i++) {
        const replay_attempt &a = order.attempts[i];
        rec_closed_attempt(&record, REC_RECORDED, a.phase, a.vcpu, &a.fault, a.eagain);
    }
    for (size_t i = 0; i < accesses.blocks_n; i++) {
        const replay_block &b = accesses.blocks[i];
        record.blocks[i].side[REC_RECORDED] = {b.breaks, b.makes, b.frees,
                                               b.relaxations};
    }
}

void ClosedBoard::take_host_pages()
{
    slot.host_shift = arch_level_shift(ARCH_TG_4K, accesses.block_level);
    slot.host_first = order.ipa.v >> slot.host_shift;
    slot.host.resize(accesses.blocks_n);
    for (size_t i = 0; i < accesses.blocks_n; i++)
        slot.host[i] = {0, !accesses.blocks[i].read_only_first};
}

/* NULL: the entry maps nothing of the recorded slot. One above the blocks may begin
 * before the slot does. */
rec_closed_deeds *ClosedBoard::deeds(arch_ipa ipa, int level)
{
    const uint64_t last =
        ipa.v + (UINT64_C(1) << arch_level_shift(ARCH_TG_4K, level)) - 1;

    if (last < order.ipa.v ||
        (ipa.v > order.ipa.v && ipa.v - order.ipa.v >= order.bytes))
        return nullptr;
    const arch_ipa first = {std::max(ipa.v, order.ipa.v)};
    return &record.blocks[replay_block_of(&order, first)].side[REC_SIMULATED];
}

void ClosedBoard::relaxed(arch_ipa page)
{
    rec_closed_deeds *block = deeds(page, 3);

    if (block)
        block->relaxations++;
}

void ClosedBoard::count(const hyp_event &event)
{
    const bool above = event.level < accesses.block_level;
    rec_closed_deeds *block = deeds(event.ipa, event.level);

    if (!block)
        return;

    switch (event.point) {
    case HYP_AT_WON:
        block->breaks += event.old & ARCH_DESC_VALID;
        break;
    case HYP_AT_MAKE:
        if (above)
            record.makes_above[REC_SIMULATED]++;
        else
            block->makes += event.level < 3;
        break;
    case HYP_AT_FREE:
        block->frees++;
        break;
    default:
        break;
    }
}

/* ---- a vCPU ---- */

void ClosedProgram::at(const hyp_event &event)
{
    m_relaxes = m_relaxes || event.point == HYP_AT_RELAX;
    m_board.count(event);
}

hyp_result ClosedProgram::fault(Pe &pe, arch_access access, const Translation &t)
{
    m_relaxes = false;
    const hyp_result result = pe.take_fault(t.fault_ipa, access, t.fault);
    if (m_relaxes && result == HYP_DONE)
        m_board.relaxed(t.fault_ipa);
    return result;
}

/* One access, until it has completed: returns when. */
uint64_t ClosedProgram::access(Pe &pe, arch_ipa ipa, arch_access access,
                               bool of_recording)
{
    const uint64_t begin = pe.now_ps();
    Translation t = pe.translate({ipa.v}, access);

    if (of_recording && t.fault.type == ARCH_FAULT_NONE)
        m_board.record.accesses_that_hit++;
    while (t.fault.type != ARCH_FAULT_NONE) {
        const bool eagain = fault(pe, access, t) == HYP_EAGAIN;
        if (of_recording)
            rec_closed_attempt(&m_board.record, REC_SIMULATED, m_board.phase, pe.vcpu(),
                               &t.fault, eagain);
        else
            rec_closed_working_set(&m_board.record, eagain);
        t = pe.translate({ipa.v}, access);
    }
    return pe.complete(begin, t);
}

uint64_t ClosedProgram::replay(Pe &pe, const replay_access &a)
{
    Slot &slot = m_board.slot;

    if (a.leaf_level) { /* handlers on other PEs read it */
        m_world.seq.catch_up(pe.id());
        slot.host[replay_block_of(&m_board.order, a.ipa)].level = a.leaf_level;
    }
    const uint64_t end = access(pe, a.ipa, a.access, true);
    if (m_pages)
        m_pages->add(a.page, a.ipa);
    m_done_n++;
    return end;
}

/* The next request, which has arrived or is awaited; free: the vCPU is free from then
 * on. Returns its completion; without a page in use there is no request. */
uint64_t ClosedProgram::serve(Pe &pe, uint64_t free)
{
    const uint64_t arrival = m_use.arrival_ps + m_apart_ps;
    uint64_t end = std::max(arrival, free);
    arch_ipa ipa;

    guest_use_next(&m_use);
    for (uint32_t i = 0; i < m_use.requests.accesses_n; i++) {
        if (end > pe.now_ps())
            pe.compute_until(end);
        if (i == 0 && arrival > free)
            pe.idle(free, arrival);
        m_world.seq.catch_up(pe.id()); /* what is in use is in the live table */
        const bool there =
            m_pages->pick([this] { return guest_use_random(&m_use); },
                          [&pe](arch_ipa page) { return pe.is_in_use(page); }, &ipa);
        if (!there)
            return std::max(free, pe.now_ps());
        end = access(pe, ipa, ARCH_READ, false);
    }
    rec_add_request(pe.vm().rec, arrival, end);
    return end;
}

void ClosedProgram::run_segment(Pe &pe, uint32_t segment)
{
    const replay_access *all = m_board.accesses.accesses;
    uint64_t free = pe.now_ps();
    uint64_t due = free + guest_think_phase_ps(&m_think, segment);

    while (m_next != SIZE_MAX && all[m_next].segment == segment) {
        if (m_pages && m_use.arrival_ps + m_apart_ps < due) {
            free = serve(pe, free);
            continue;
        }
        const uint64_t from = std::max(due, free);
        if (from > pe.now_ps())
            pe.compute_until(from);
        free = replay(pe, all[m_next]);
        due = free + guest_think_ps(&m_think, m_done_n);
        m_next = all[m_next].next;
    }
    pe.sleep_until(std::max(free, pe.now_ps()));
}

/* The requests that are still to come when all accesses are done: returns when. */
uint64_t ClosedProgram::serve_rest(Pe &pe)
{
    uint64_t free = pe.now_ps();

    while (m_pages &&
           m_use.arrivals.requests_n <= m_board.config.working_set.requests_n)
        free = serve(pe, free);
    return free;
}

void ClosedProgram::begin(const Pe &pe)
{
    const guest_replay &cfg = m_board.config;
    const unsigned vcpu = pe.vcpu();

    guest_think_init(&m_think, &cfg.think, m_seed, vcpu);
    m_next = m_board.accesses.first[vcpu];
    if (cfg.mode != GUEST_REPLAY_WORKING_SET)
        return;
    guest_use_init(&m_use, &cfg.working_set, m_seed, vcpu);
    m_pages = std::make_unique<ReplayPages>(m_board.accesses.pages_n[vcpu],
                                            m_board.mapped_first);
}

void ClosedProgram::run(Pe &pe)
{
    m_world.envs[pe.id()]->observe(this);
    begin(pe);
    for (uint32_t i = 0; i < m_board.accesses.segments_n; i++) {
        const uint64_t from = pe.now_ps();
        m_board.wait_open(pe.vcpu(), i);
        m_apart_ps += pe.now_ps() - from;
        run_segment(pe, i);
        m_board.arrive();
    }
    pe.guest_ends(serve_rest(pe));
    m_world.envs[pe.id()]->observe(nullptr);
}

/* ---- the host ---- */

void ClosedHostProgram::run(Pe &pe)
{
    HypEnv env(m_world, pe.id(), -1);
    ReplayHost host(m_world, env, m_board.order, m_board.slot);

    for (uint32_t i = 0; i < m_board.accesses.segments_n; i++) {
        const replay_segment &s = m_board.accesses.segments[i];
        for (size_t k = s.host_first; k < s.host_first + s.host_n; k++) {
            const replay_host_op &op = m_board.order.host[k];
            host.act(op, m_board.slot.now);
            m_board.phase += op.kind == REPLAY_LOG_ON || op.kind == REPLAY_LOG_OFF;
        }
        m_board.open(i);
        m_board.host_is_done();
        m_board.wait_all(pe.id());
    }
}
