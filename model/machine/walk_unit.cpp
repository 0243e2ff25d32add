/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/walk_unit.h"

#include <algorithm>
#include <cassert>
#include <stdexcept>

namespace
{
constexpr unsigned VA_HALF_SHIFT = 55; /* bits above tell the halves of a regime */

/* log2 of the smallest page that a walk may end at. */
unsigned page_shift(const Vm &vm)
{
    const arch_tg s1 = vm.walk.el10.half[0].tcr.tg;

    return vm.cfg.stage1.on ? std::min(s1, vm.hyp.tg) : vm.hyp.tg;
}
} // namespace

WalkUnit::WalkUnit(unsigned pe, World &world, mmu_caches &caches, WalkClient &client)
    : m_pe(pe), m_world(world), m_caches(caches), m_client(client),
      m_slots(world.scenario.platform.pe.walks_n)
{
}

void WalkUnit::run(Vm &vm, const walk_context &registers)
{
    assert(oldest() == UINT64_MAX);
    m_vm = &vm;
    m_page_shift = page_shift(vm);
    m_registers = &registers;
}

uint64_t WalkUnit::oldest() const
{
    uint64_t number = UINT64_MAX;

    for (const Slot &s : m_slots) {
        if (s.active)
            number = std::min(number, s.number);
    }
    return number;
}

void WalkUnit::meet(const arch_tlbi &op)
{
    for (Slot &s : m_slots) {
        if (s.active)
            mmu_walk_meets(&s.w, &op);
    }
}

WalkUnit::Slot *WalkUnit::free_slot()
{
    for (Slot &s : m_slots) {
        if (!s.active)
            return &s;
    }
    return nullptr;
}

/* True if a walk for the same page is under way: r waits for it. */
bool WalkUnit::merge(const Request &r)
{
    for (Slot &s : m_slots) {
        if (!s.active || s.w.va >> m_page_shift != mmu_canonical(r.va) >> m_page_shift)
            continue;
        s.merged.push_back(r.id);
        return true;
    }
    return false;
}

void WalkUnit::request(uint64_t id, arch_va va, arch_access access)
{
    const Request r{id, va, access};

    if (merge(r))
        return;
    Slot *slot = free_slot();
    if (!slot) {
        m_queue.push_back(r);
        return;
    }
    slot->speculative = false;
    slot->id = id;
    m_vm->rec->n.walks++;
    begin(*slot, va, access);
}

void WalkUnit::begin(Slot &slot, arch_va va, arch_access access)
{
    walk_query query{};

    query.va = va;
    query.access = access;
    query.how = WALK_ACCESS;
    query.el = 1;
    slot.active = true;
    slot.number = next_number();
    slot.merged.clear();
    slot.next = mmu_walk_begin(&slot.w, m_registers, &query, m_world.seq.now_ps());
    proceed(slot);
}

/* The structures that may answer are read at the same time. */
uint64_t WalkUnit::answer_ps(unsigned stage) const
{
    const scn_platform &p = m_world.scenario.platform;
    uint64_t ps = 0;

    for (const scn_tlb &t : p.walk_cache[stage - 1])
        ps = std::max(ps, t.cfg.entries_n ? t.latency_ps : 0);
    if (stage == 2 && m_caches.s2)
        ps = std::max(ps, p.s2.latency_ps);
    if (stage == 2 && m_caches.l2_has_s2)
        ps = std::max(ps, p.l2.latency_ps);
    return ps;
}

/* Starts what the walk needs next, or ends it; what others could see of that waits. */
void WalkUnit::proceed(Slot &slot)
{
    Sequencer &seq = m_world.seq;
    const uint64_t arg = static_cast<uint64_t>(&slot - m_slots.data());
    uint64_t end;

    if (slot.next == WALK_ASK && !mmu_can_answer(&m_caches, &slot.w))
        slot.next = walk_skip(&slot.w.walk);
    switch (slot.next) {
    case WALK_ASK:
        return seq.step_at(seq.now_ps() + answer_ps(slot.w.walk.ask.stage), m_pe,
                           on_answer, this, arg);
    case WALK_NEED_DESC:
        return read(slot, &end) ? seq.step_at(end, m_pe, on_desc, this, arg)
                                : seq.when_in_order(on_turn, this, arg);
    case WALK_NEED_CAS:
        return seq.is_ahead() ? seq.when_in_order(on_turn, this, arg) : swap(slot);
    case WALK_DONE:
    case WALK_FAULT:
        return may_finish(slot) ? finish(slot) : seq.when_in_order(on_turn, this, arg);
    }
}

void WalkUnit::on_turn(void *ctx, uint64_t arg)
{
    WalkUnit &self = *static_cast<WalkUnit *>(ctx);

    self.proceed(self.m_slots[arg]);
}

/* False if the descriptor has to be read in its turn. The line may be taken out of the
 * PE's L2 by a store only, before which no step runs ahead. */
bool WalkUnit::read(const Slot &slot, uint64_t *end)
{
    Sequencer &seq = m_world.seq;
    const uint64_t now = seq.now_ps();
    const arch_pa pa = slot.w.walk.desc_pa;
    uint64_t ps;

    if (!seq.is_ahead())
        ps = m_world.mem.read_ps(m_pe, pa, now);
    else if (!m_world.mem.read_own(m_pe, pa, &ps))
        return false;
    m_vm->rec->n.walk_reads++;
    *end = now + ps;
    return true;
}

void WalkUnit::swap(Slot &slot)
{
    Sequencer &seq = m_world.seq;
    const uint64_t arg = static_cast<uint64_t>(&slot - m_slots.data());

    if (!m_world.walks_swap)
        throw std::logic_error("a walk updates a descriptor, which nobody expected");
    seq.step_at(seq.now_ps() +
                    m_world.mem.atomic_ps(m_pe, slot.w.walk.desc_pa, seq.now_ps()),
                m_pe, on_swap, this, arg);
}

void WalkUnit::on_answer(void *ctx, uint64_t arg)
{
    WalkUnit &self = *static_cast<WalkUnit *>(ctx);
    Slot &slot = self.m_slots[arg];

    if (self.m_world.seq.is_ahead() && !self.m_client.may_look_up_ahead())
        return self.m_world.seq.when_in_order(on_answer, ctx, arg);
    slot.next = mmu_answer(&self.m_caches, &slot.w);
    self.proceed(slot);
}

/* Of descriptors that nothing comes between one is read after the other. */
void WalkUnit::on_desc(void *ctx, uint64_t arg)
{
    WalkUnit &self = *static_cast<WalkUnit *>(ctx);
    Sequencer &seq = self.m_world.seq;
    Slot &slot = self.m_slots[arg];
    uint64_t end;

    do {
        bool freed;
        if (seq.is_ahead() && !self.m_client.may_step_ahead())
            return seq.when_in_order(on_desc, ctx, arg);
        const uint64_t desc =
            physmem_fetch(self.m_world.mem.words(), slot.w.walk.desc_pa, &freed);
        if (freed && seq.is_ahead())
            return seq.when_in_order(on_desc, ctx, arg);
        if (freed)
            self.m_world.watch.walk_freed(self.m_pe, {slot.w.va}, desc);
        slot.next = mmu_feed(&self.m_caches, &slot.w, desc);
        if (slot.next != WALK_NEED_DESC)
            return self.proceed(slot);
        if (!self.read(slot, &end))
            return seq.when_in_order(on_turn, ctx, arg);
    } while (seq.follow_at(end));
    seq.step_at(end, self.m_pe, on_desc, ctx, arg);
}

void WalkUnit::on_swap(void *ctx, uint64_t arg)
{
    WalkUnit &self = *static_cast<WalkUnit *>(ctx);
    Slot &slot = self.m_slots[arg];
    physmem *words = self.m_world.mem.words();
    const walk &w = slot.w.walk;

    if (self.m_world.seq.is_ahead())
        return self.m_world.seq.when_in_order(on_swap, ctx, arg);
    const uint64_t found = physmem_read(words, w.desc_pa);
    if (physmem_is_freed(words, w.desc_pa))
        self.m_world.watch.walk_freed(self.m_pe, {slot.w.va}, found);
    if (found == w.desc) {
        physmem_write(words, w.desc_pa, w.desc_new);
        self.m_world.watch.hw_update(self.m_pe, w.desc_pa, w.desc, w.desc_new);
        self.m_vm->rec->n.hw_updates++;
    }
    slot.next = mmu_feed(&self.m_caches, &slot.w, found);
    self.proceed(slot);
}

/* A block with nT may meet a conflict; those that wait for the walk begin anew. */
bool WalkUnit::may_finish(const Slot &slot)
{
    const walk_result &r = slot.w.walk.result;

    if (!m_world.seq.is_ahead())
        return true;
    if (!slot.merged.empty() || !m_queue.empty())
        return false;
    return slot.next == WALK_FAULT ||
           (!r.s2_nt && (slot.speculative || m_client.may_end_ahead(slot.id, r.pa)));
}

void WalkUnit::finish(Slot &slot)
{
    slot.active = false;
    if (slot.next == WALK_DONE)
        slot.next = mmu_fill(&m_caches, &slot.w, slot.speculative);
    if (!slot.speculative)
        m_client.walk_ended(slot.id, slot.next, slot.w.walk);

    /* What follows may begin another walk in this slot. */
    const std::vector<uint64_t> merged = std::move(slot.merged);
    const bool foresee = !slot.speculative && slot.next == WALK_DONE &&
                         m_world.scenario.platform.pe.prefetch;
    const NextPage next = foresee ? page_after(slot.w) : NextPage{};
    for (uint64_t id : merged)
        m_client.look_again(id);
    serve_queue();
    if (foresee)
        prefetch(next);
    m_client.walker_free();
}

void WalkUnit::serve_queue()
{
    while (!m_queue.empty() && free_slot()) {
        const Request r = m_queue.front();
        m_queue.pop_front();
        m_client.look_again(r.id);
    }
}

/* The page or block behind the one that was walked for. */
WalkUnit::NextPage WalkUnit::page_after(const mmu_walk &w)
{
    const walk_result &r = w.walk.result;
    const unsigned shift = std::min(r.s1_leaf_shift, r.s2_leaf_shift);
    const uint64_t va = ((w.va >> shift) + 1) << shift;

    return {w.who, va, w.access == ARCH_EXECUTE ? ARCH_EXECUTE : ARCH_READ,
            va >> VA_HALF_SHIFT == w.va >> VA_HALF_SHIFT};
}

/* A walk for the next page, if there is one, nobody knows it and a walker is free. */
void WalkUnit::prefetch(const NextPage &next)
{
    const tlb_kind kind = m_caches.l2_has_s1 ? TLB_S1_ONLY : TLB_COMBINED;
    Slot *slot = free_slot();

    if (!slot || !next.in_half || !m_caches.l2 ||
        tlb_peek(m_caches.l2, &next.who, kind, false, next.va))
        return;
    for (const Slot &s : m_slots) {
        if (s.active && s.w.va >> m_page_shift == next.va >> m_page_shift)
            return;
    }
    slot->speculative = true;
    m_vm->rec->n.walks_speculative++;
    begin(*slot, {next.va}, next.access);
}
