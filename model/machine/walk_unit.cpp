/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/walk_unit.h"

#include "model/machine/pe.h"

#include <algorithm>
#include <cassert>
#include <stdexcept>
#include <utility>

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

WalkUnit::WalkUnit(unsigned pe, World &world, mmu_caches &caches, Pe &owner)
    : m_pe(pe), m_world(world), m_caches(caches), m_owner(owner),
      m_own_lines(world.mem.own(pe)),
      m_own_ps(world.scenario.platform.mem.pe_l2.latency_ps),
      m_words(world.mem.words()), m_slots_n(world.scenario.platform.pe.walks_n),
      m_pages(m_slots_n, NO_PAGE), m_slots(m_slots_n)
{
    world.seq.walks_of(pe, on_step, this);
}

void WalkUnit::run(Vm &vm, const walk_context &registers)
{
    assert(oldest() == UINT64_MAX);
    m_vm = &vm;
    m_page_shift = page_shift(vm);
    m_registers = &registers;
    m_query.how = WALK_ACCESS;
    m_query.el = 1;
    m_query.s1_unasked = !mmu_may_know(&m_caches, 1);
    m_query.s2_unasked = !mmu_may_know(&m_caches, 2);
    for (unsigned stage = 1; stage <= 2; stage++)
        m_answer_ps[stage - 1] = answer_ps(stage);
}

uint64_t WalkUnit::oldest() const
{
    uint64_t number = UINT64_MAX;

    for (size_t i = 0; i < m_slots_n; i++) {
        if (m_pages[i] != NO_PAGE)
            number = std::min(number, m_slots[i].number);
    }
    return number;
}

void WalkUnit::meet(const arch_tlbi &op)
{
    for (size_t i = 0; i < m_slots_n; i++) {
        if (m_pages[i] != NO_PAGE)
            mmu_walk_meets(&m_slots[i].w, &op);
    }
}

/* That walks for the page, or with NO_PAGE a free one. */
inline WalkUnit::Slot *WalkUnit::walking_for(uint64_t page)
{
    const uint64_t *const pages = m_pages.data();

    for (size_t i = 0; i < m_slots_n; i++) {
        if (pages[i] == page)
            return &m_slots[i];
    }
    return nullptr;
}

void WalkUnit::request(uint64_t id, arch_va va, arch_access access)
{
    Slot *same = walking_for(page_of(mmu_canonical(va)));
    if (same)
        return m_waiting.push(same->merged, id);
    Slot *slot = walking_for(NO_PAGE);
    if (!slot)
        return m_waiting.push(m_queue, id);
    slot->speculative = false;
    slot->id = id;
    m_vm->rec->n.walks++;
    begin(*slot, va, access);
}

void WalkUnit::begin(Slot &slot, arch_va va, arch_access access)
{
    m_query.va = va;
    m_query.access = access;
    page_at(slot) = page_of(mmu_canonical(va));
    slot.number = next_number();
    slot.next = mmu_walk_begin(&slot.w, m_registers, &m_query, m_world.seq.now_ps());
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

/* ---- the steps of the walks, in their order ---- */

/* In front of what comes behind it. The sequencer knows the first. */
inline void WalkUnit::insert_due(Slot &slot, Slot **at)
{
    slot.behind = *at;
    *at = &slot;
    if (m_due == &slot && !m_stepping)
        announce();
}

/* What was asked for last comes behind what is due at the same moment. */
inline void WalkUnit::step_at(Slot &slot, uint64_t t, Step step)
{
    Slot **at = &m_due;

    slot.due_ps = t;
    slot.order = m_world.seq.next_order();
    slot.step = step;
    slot.in_order = false;
    while (*at && (*at)->due_ps <= t)
        at = &(*at)->behind;
    insert_due(slot, at);
}

/* What runs ahead gives up, and is done again in its place. */
void WalkUnit::when_in_order(Slot &slot, Step step)
{
    Slot **at = &m_due;

    slot.due_ps = m_world.seq.now_ps();
    slot.order = m_world.seq.step_order();
    slot.step = step;
    slot.in_order = true;
    while (*at && (*at)->due_ps == slot.due_ps && (*at)->order < slot.order)
        at = &(*at)->behind;
    insert_due(slot, at);
}

void WalkUnit::announce()
{
    if (m_due)
        m_world.seq.walk_at(m_pe, m_due->due_ps, m_due->order, m_due->in_order);
}

/* The line may be taken out of the PE's L2 by a store only, before which no step runs
 * ahead; what is not in it is read in its turn. */
inline void WalkUnit::read(Slot &slot)
{
    if (!tags_touch(m_own_lines, slot.w.walk.desc_pa))
        return read_shared(slot);
    m_vm->rec->n.walk_reads++;
    step_at(slot, m_world.seq.now_ps() + m_own_ps, Step::DESC);
}

void WalkUnit::read_shared(Slot &slot)
{
    Sequencer &seq = m_world.seq;
    const uint64_t now = seq.now_ps();
    const arch_pa pa = slot.w.walk.desc_pa;

    if (seq.is_ahead()) {
        slot.missed_n = m_own_lines->added_n;
        m_world.mem.foresee_shared(pa);
        return when_in_order(slot, Step::TURN);
    }
    m_vm->rec->n.walk_reads++;
    step_at(slot, now + m_world.mem.read_shared_ps(m_pe, pa, now), Step::DESC);
}

/* What waited for its turn. Another walk of the PE may have read the line meanwhile. */
void WalkUnit::read_in_turn(Slot &slot)
{
    if (slot.missed_n == m_own_lines->added_n)
        read_shared(slot);
    else
        read(slot);
}

/* Starts what the walk needs next, or ends it; what others could see of that waits. */
void WalkUnit::proceed(Slot &slot)
{
    Sequencer &seq = m_world.seq;

    switch (slot.next) {
    case WALK_ASK:
        return step_at(slot, seq.now_ps() + m_answer_ps[slot.w.walk.ask.stage - 1],
                       Step::ANSWER);
    case WALK_NEED_DESC:
        return read(slot);
    case WALK_NEED_CAS:
        return seq.is_ahead() ? when_in_order(slot, Step::TURN) : swap(slot);
    case WALK_DONE:
    case WALK_FAULT:
        return may_finish(slot) ? finish(slot) : when_in_order(slot, Step::TURN);
    }
}

void WalkUnit::swap(Slot &slot)
{
    const uint64_t now = m_world.seq.now_ps();

    if (!m_world.walks_swap)
        throw std::logic_error("a walk updates a descriptor, which nobody expected");
    step_at(slot, now + m_world.mem.atomic_ps(m_pe, slot.w.walk.desc_pa, now),
            Step::SWAP);
}

void WalkUnit::answer(Slot &slot)
{
    if (m_world.seq.is_ahead() && !m_owner.may_look_up_ahead())
        return when_in_order(slot, Step::ANSWER);
    slot.next = mmu_answer(&m_caches, &slot.w);
    proceed(slot);
}

/* The descriptor that arrives at t is what happens next: it need not wait for that. */
inline bool WalkUnit::arrives_next(uint64_t t)
{
    Sequencer &seq = m_world.seq;

    return (!m_due || t < m_due->due_ps) && seq.follow(t, seq.next_order(), false);
}

/* A descriptor arrives. True if the next one has arrived, too. */
inline bool WalkUnit::desc(Slot &slot)
{
    bool freed;
    const uint64_t desc = physmem_fetch(m_words, slot.w.walk.desc_pa, &freed);

    if ((freed || !m_may_step_ahead) && m_world.seq.is_ahead()) {
        when_in_order(slot, Step::DESC);
        return false;
    }
    if (freed)
        m_world.watch.walk_freed(m_pe, {slot.w.va}, desc);
    const walk_next next = mmu_feed(&m_caches, &slot.w, desc);
    if (next != WALK_NEED_DESC) {
        slot.next = next;
        proceed(slot);
        return false;
    }
    if (!tags_touch(m_own_lines, slot.w.walk.desc_pa)) {
        read_shared(slot);
        return false;
    }
    m_vm->rec->n.walk_reads++;
    const uint64_t t = m_world.seq.now_ps() + m_own_ps;
    if (arrives_next(t))
        return true;
    step_at(slot, t, Step::DESC);
    return false;
}

/* The compare-and-swap happens. */
void WalkUnit::swapped(Slot &slot)
{
    physmem *words = m_world.mem.words();
    const walk &w = slot.w.walk;

    if (m_world.seq.is_ahead())
        return when_in_order(slot, Step::SWAP);
    const uint64_t found = physmem_read(words, w.desc_pa);
    if (physmem_is_freed(words, w.desc_pa))
        m_world.watch.walk_freed(m_pe, {slot.w.va}, found);
    if (found == w.desc) {
        physmem_write(words, w.desc_pa, w.desc_new);
        m_world.watch.hw_update(m_pe, w.desc_pa, w.desc, w.desc_new);
        m_vm->rec->n.hw_updates++;
    }
    slot.next = mmu_feed(&m_caches, &slot.w, found);
    proceed(slot);
}

inline void WalkUnit::take_step(Slot &slot)
{
    if (slot.step != Step::DESC)
        return take_other_step(slot);
    while (desc(slot)) {
    }
}

void WalkUnit::take_other_step(Slot &slot)
{
    switch (slot.step) {
    case Step::DESC:
        break;
    case Step::ANSWER:
        return answer(slot);
    case Step::SWAP:
        return swapped(slot);
    case Step::TURN:
        return slot.next == WALK_NEED_DESC ? read_in_turn(slot) : proceed(slot);
    }
}

/* One after the other as long as nothing else has to come between. */
void WalkUnit::on_step(void *ctx, uint64_t)
{
    WalkUnit &self = *static_cast<WalkUnit *>(ctx);
    Sequencer &seq = self.m_world.seq;
    const Slot *next;

    self.m_stepping = true;
    self.m_may_step_ahead = self.m_owner.may_step_ahead();
    do {
        Slot &slot = *self.m_due;
        self.m_due = slot.behind;
        self.take_step(slot);
        next = self.m_due;
    } while (next && seq.follow(next->due_ps, next->order, next->in_order));
    self.m_stepping = false;
    self.announce();
}

/* ---- the end of a walk ---- */

/* A block with nT may meet a conflict; those that wait for the walk begin anew. */
bool WalkUnit::may_finish(const Slot &slot)
{
    const walk_result &r = slot.w.walk.result;

    if (!m_world.seq.is_ahead())
        return true;
    if (!slot.merged.empty() || !m_queue.empty())
        return false;
    return slot.next == WALK_FAULT ||
           (!r.s2_nt && (slot.speculative || m_owner.may_end_ahead(slot.id, r.pa)));
}

void WalkUnit::finish(Slot &slot)
{
    page_at(slot) = NO_PAGE;
    if (slot.next == WALK_DONE)
        slot.next = mmu_fill(&m_caches, &slot.w, slot.speculative);
    if (!slot.speculative)
        m_owner.walk_ended(slot.id, slot.next, slot.w.walk);

    /* What follows may begin another walk in this slot. */
    Waiting::List merged = std::exchange(slot.merged, Waiting::List{});
    const bool foresee = !slot.speculative && slot.next == WALK_DONE && m_caches.l2 &&
                         m_world.scenario.platform.pe.prefetch;
    const NextPage next = foresee ? page_after(slot.w) : NextPage{};
    while (!merged.empty())
        m_owner.look_again(m_waiting.pop(merged));
    serve_queue();
    if (foresee)
        prefetch(next);
    m_owner.walker_free();
    m_may_step_ahead = m_owner.may_step_ahead();
}

void WalkUnit::serve_queue()
{
    while (!m_queue.empty() && walking_for(NO_PAGE))
        m_owner.look_again(m_waiting.pop(m_queue));
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
    Slot *slot = walking_for(NO_PAGE);

    if (!slot || !next.in_half ||
        tlb_peek(m_caches.l2, &next.who, kind, false, next.va) ||
        walking_for(page_of(next.va)))
        return;
    slot->speculative = true;
    m_vm->rec->n.walks_speculative++;
    begin(*slot, {next.va}, next.access);
}
