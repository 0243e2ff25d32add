/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/pe_lookup.cpp - what an access of a PE finds in its TLBs and by its
 * walks. */
#include "model/machine/pe.h"

#include <cinttypes>
#include <cstdio>
#include <stdexcept>

namespace
{
tlb_perm perm_for(arch_access access)
{
    return access == ARCH_READ ? TLB_R : access == ARCH_WRITE ? TLB_W : TLB_X;
}
} // namespace

/* A structure that the core lacks takes no time. */
uint64_t Pe::latency_ps(const scn_tlb &t)
{
    return t.cfg.entries_n ? t.latency_ps : 0;
}

/* ---- look-ups ---- */

/* Nothing that is due can reach the TLB in which the look-up goes on. */
void Pe::on_conflict(void *ctx, uint64_t ia)
{
    Pe &self = *static_cast<Pe *>(ctx);

    /* FEAT_BBML3 rules out the abort, not the two entries. */
    if (self.m_world.scenario.platform.feat.bbm_level == 3)
        return;
    if (self.m_world.seq.is_ahead())
        self.catch_up();
    self.m_world.watch.conflict(self.m_id, {ia});
}

bool Pe::use_entry(const tlb_entry *entry, arch_va va, arch_access access,
                   Translation &result)
{
    if (!entry || (access == ARCH_WRITE && entry->write_clean))
        return false;
    result = {};
    if (entry == &tlb_conflict_abort) {
        catch_up();
        m_world.watch.conflict(m_id, {va.v});
        result.fault = {ARCH_FAULT_TLB_CONFLICT, 2, 0, false, false};
        result.fault_ipa.v = va.v;
        return true;
    }
    result.oa.v = entry->oa.v + (mmu_canonical(va) - entry->ia);
    if (!(entry->perm_priv & perm_for(access))) {
        /* The guest's stage 1 allows EL1 everything: stage 2 refuses. */
        result.fault = {ARCH_FAULT_PERMISSION, 2, entry->s2_level, false, false};
        result.fault_ipa.v = va.v;
    }
    return true;
}

/* Guests map each VA to the IPA of the same value, and the memory of an IPA is the same
 * for ever: that of another VM can be met only where VMs share the PE. */
void Pe::check_memory(arch_va va, const Translation &t)
{
    if (m_world.vmids && t.fault.type == ARCH_FAULT_NONE &&
        t.oa.v != m_vm->pa_of({va.v}).v)
        m_world.watch.wrong_memory(m_id, {va.v});
}

bool Pe::look_up_l1(arch_va va, arch_access access, Translation &result)
{
    tlb *l1 = mmu_l1(&m_caches, access);
    const auto &p = m_world.scenario.platform;
    const tlb_entry *entry =
        l1 ? tlb_lookup(l1, &m_who, TLB_COMBINED, false, mmu_canonical(va)) : nullptr;

    if (!use_entry(entry, va, access, result))
        return false;
    m_last_offset = result.oa.v - va.v;
    check_memory(va, result);
    result.due_ps = latency_ps(access == ARCH_EXECUTE ? p.l1i : p.l1d);
    return true;
}

/* When the data of an access that is translated now has arrived. Lines that others
 * take out of this PE's L2 are of tables, so that a hit on another line may come before
 * or after. */
uint64_t Pe::data_end(const Translation &t)
{
    const uint64_t begin = now_ps() + t.due_ps + m_lookup_lost_ps;
    uint64_t own_ps;

    m_lookup_lost_ps = 0;
    if (m_vm->walks_store_to(t.oa))
        catch_up();
    if (m_world.mem.read_own(m_id, t.oa, &own_ps))
        return begin + own_ps;
    catch_up();
    return begin + m_world.mem.read_ps(m_id, t.oa, begin);
}

Pe::Flight *Pe::find(uint64_t number)
{
    for (size_t i = 0; i < m_flights.size(); i++) {
        if (m_flights[i].number == number)
            return &m_flights[i];
    }
    return nullptr; /* it was issued again under another number */
}

Pe::Flight &Pe::launch(const Todo &a, bool dependent)
{
    Flight &f = m_flights.push_back();

    if (!a.again)
        fetch_for_miss(a.va);
    f.va = a.va;
    f.access = a.access;
    f.begin_ps = a.begin_ps;
    f.dependent = dependent;
    look_up_l2_later(f);
    return f;
}

/* A new attempt of f, after a miss in the L1 TLB. */
void Pe::look_up_l2_later(Flight &f)
{
    m_vm->rec->n.tlb_l1_misses++;
    f.number = m_walks.next_number();
    f.state = State::LOOKING;
    f.attempt_ps = now_ps();
    m_world.seq.step_at(now_ps() + m_miss_ps[f.access == ARCH_EXECUTE], m_id,
                        on_look_up_l2, this, f.number);
}

/* The entry of the L2 TLB that translates f, whose result it is then; the L1 TLB takes
 * its part. */
const tlb_entry *Pe::look_up_l2(Flight &f)
{
    const uint64_t va = mmu_canonical(f.va);
    const tlb_entry *entry =
        m_caches.l2 ? tlb_lookup(m_caches.l2, &m_who, TLB_COMBINED, false, va)
                    : nullptr;

    if (!use_entry(entry, f.va, f.access, f.result))
        return nullptr;
    if (entry != &tlb_conflict_abort)
        mmu_fill_l1(&m_caches, entry, va, f.access);
    return entry;
}

void Pe::on_look_up_l2(void *ctx, uint64_t number)
{
    Pe &self = *static_cast<Pe *>(ctx);
    Flight *f = self.find(number);
    if (!f)
        return;
    if (self.m_world.seq.is_ahead() && !self.may_look_up_ahead())
        return self.m_world.seq.when_in_order(on_look_up_l2, ctx, number);
    const tlb_entry *entry = self.look_up_l2(*f);

    if (!entry) {
        self.m_vm->rec->n.tlb_misses++;
        return self.m_walks.request(number, f->va, f->access);
    }
    if (entry == &tlb_conflict_abort)
        return self.settle(*f);
    const bool other = entry->size_shift != self.m_l2_last_shift;
    self.m_l2_last_shift = entry->size_shift;
    const uint64_t more = self.m_world.scenario.platform.l2.other_size_ps;
    if (!other || !more)
        return self.settle_in_order(*f);
    self.m_world.seq.step_at(self.now_ps() + more, self.m_id, on_l2_hit, ctx, number);
}

void Pe::on_l2_hit(void *ctx, uint64_t number)
{
    Pe &self = *static_cast<Pe *>(ctx);

    if (Flight *f = self.find(number))
        self.settle_in_order(*f);
}

/* As settle(), now or when nothing that others see can depend on it any more. */
void Pe::settle_in_order(Flight &f)
{
    Sequencer &seq = m_world.seq;

    if (seq.is_ahead() && !(may_step_ahead() && may_end_ahead(f.number, f.result.oa)))
        return seq.when_in_order(on_l2_hit, this, f.number);
    settle(f);
}

/* A look-up of this PE ends no access that a Sync waits for, and meets no conflict. */
bool Pe::may_look_up_ahead() const
{
    return m_syncs.empty() && !mmu_may_conflict(&m_caches);
}

/* The data of the access is in this PE's L2, or its program asks for it. */
bool Pe::may_end_ahead(uint64_t id, arch_pa pa)
{
    const Flight *f = find(id);

    return !f || f->dependent ||
           (m_world.mem.is_own(m_id, pa) && !m_vm->walks_store_to(pa));
}

/* ---- walks ---- */

void Pe::walk_ended(uint64_t id, walk_next how, const walk &w)
{
    Flight *f = find(id);
    if (!f)
        return;
    f->result = {};
    if (how == WALK_DONE) {
        f->result.oa = w.result.pa;
    } else {
        if (w.fault.stage != 2 && !m_stage1_may_fault) {
            char text[80];
            std::snprintf(text, sizeof text,
                          "the guest's own tables refuse VA 0x%" PRIx64, f->va.v);
            throw std::logic_error(text);
        }
        f->result.fault = w.fault;
        f->result.fault_ipa = w.fault_ipa;
        if (w.fault.type == ARCH_FAULT_TLB_CONFLICT)
            m_world.watch.conflict(m_id, w.fault_ipa);
    }
    settle(*f);
}

/* The walk that f waited for, or for whose walker, is over. What that has filled is at
 * hand: a look-up takes no time now. */
void Pe::look_again(uint64_t id)
{
    Flight *f = find(id);
    if (!f)
        return;
    if (!look_up_l1(f->va, f->access, f->result) && !look_up_l2(*f))
        return m_walks.request(id, f->va, f->access);
    f->result.due_ps = 0;
    m_vm->rec->n.walks_merged++;
    settle(*f);
}
