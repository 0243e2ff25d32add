/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/pe.h"

#include "model/machine/hyp_env.h"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <string>

extern "C" {
#include "walker/arch/desc.h"
}

namespace
{
constexpr uint64_t OPEN = UINT64_MAX;
constexpr size_t LINE_BYTES = 64;
constexpr uint8_t ANY_LEAF_SHIFT = 63; /* a leaf that holds every address */
/* Even if all parameters are 0, a fault takes some time: else a vCPU that gets EAGAIN
 * would keep the one that it waits for from going on. */
constexpr uint64_t LEAST_PS = 1;
/* Faults of one access after which the run ends with an error instead of for ever. */
constexpr uint64_t FAULTS_MAX = 1000000;

std::string hex(uint64_t v)
{
    char text[20];

    std::snprintf(text, sizeof text, "0x%" PRIx64, v);
    return text;
}

tlb_perm perm_for(arch_access access)
{
    return access == ARCH_READ ? TLB_R : access == ARCH_WRITE ? TLB_W : TLB_X;
}

uint8_t tlb_perms(uint8_t walk_perms)
{
    static_assert(TLB_R == static_cast<int>(WALK_PERM_R) &&
                      TLB_W == static_cast<int>(WALK_PERM_W) &&
                      TLB_X == static_cast<int>(WALK_PERM_X),
                  "both write permissions alike");
    return walk_perms;
}
} // namespace

Pe::Tlb::Tlb(const scn_tlb &c)
    : latency_ps(c.latency_ps),
      m_mem(std::aligned_alloc(LINE_BYTES, (tlb_bytes(&c.cfg) + LINE_BYTES - 1) /
                                               LINE_BYTES * LINE_BYTES))
{
    if (!m_mem)
        throw std::bad_alloc();
    m_tlb = tlb_init(m_mem.get(), &c.cfg);
}

Pe::Pe(const sc_core::sc_module_name &name, unsigned id, World &world)
    : sc_module(name), m_id(id), m_world(world), m_l1i(world.scenario.platform.l1i),
      m_l1d(world.scenario.platform.l1d), m_l2(world.scenario.platform.l2)
{
    world.dvm.attach(id, this);
}

void Pe::watch_tlbi(void (*fn)(void *), void *ctx)
{
    m_on_tlbi.fn = fn;
    m_on_tlbi.ctx = ctx;
}

/* No access uses a translation whose invalidation has completed. */
void Pe::check_not_stale(uint64_t stamp)
{
    if (stamp < m_world.dvm.completed_ps(m_world.vm.vmid))
        m_world.rec->n.stale_use++;
}

bool Pe::use_entry(const tlb_entry *entry, arch_va va, arch_access access,
                   Translation &result)
{
    if (!entry || (access == ARCH_WRITE && entry->write_clean))
        return false;
    check_not_stale(entry->stamp);
    m_access.stamp = entry->stamp;
    result = {};
    result.oa.v = entry->oa.v + (va.v - entry->ia);
    if (!(entry->perm_priv & perm_for(access))) {
        /* The guest's stage 1 allows EL1 everything: stage 2 refuses. */
        result.fault = {ARCH_FAULT_PERMISSION, 2, entry->s2_level, false, false};
        result.fault_ipa.v = va.v;
    }
    return true;
}

/* L1 TLB, then L2 TLB. A miss in L1 sleeps for both look-ups. */
bool Pe::look_up(arch_va va, arch_access access, Translation &result)
{
    rec_counters &n = m_world.rec->n;
    const uint16_t vmid = m_world.vm.vmid;
    const uint16_t asid = m_world.walk.el10.asid;
    Tlb &first = l1(access);

    n.tlb_lookups++;
    if (use_entry(tlb_lookup(first(), vmid, asid, TLB_COMBINED, va.v), va, access,
                  result)) {
        result.due_ps = first.latency_ps;
        return true;
    }
    n.tlb_l1_misses++;
    sleep_for(first.latency_ps + m_l2.latency_ps);
    const tlb_entry *entry = tlb_lookup(m_l2(), vmid, asid, TLB_COMBINED, va.v);
    if (use_entry(entry, va, access, result)) {
        fill_l1(*entry, va, access);
        return true;
    }
    n.tlb_misses++;
    return false;
}

/* Fetch what the walk asks for, or swap what it wants swapped, at its cost. */
walk_next Pe::walk_step(walk &w, walk_next next)
{
    physmem *words = m_world.mem.words();
    rec_counters &n = m_world.rec->n;

    if (next == WALK_NEED_DESC) {
        n.walk_reads++;
        sleep_for(m_world.mem.read_ps(m_id, w.desc_pa));
        n.freed_table += physmem_is_freed(words, w.desc_pa);
        return walk_feed(&w, physmem_read(words, w.desc_pa));
    }
    sleep_for(m_world.mem.atomic_ps(m_id, w.desc_pa));
    const uint64_t found = physmem_read(words, w.desc_pa);
    n.freed_table += physmem_is_freed(words, w.desc_pa);
    if (found == w.desc) {
        physmem_write(words, w.desc_pa, w.desc_new);
        n.hw_updates++;
    }
    return walk_feed(&w, found);
}

Translation Pe::walk_tables(arch_va va, arch_access access)
{
    walk_query query{};
    walk w;

    query.va = va;
    query.access = access;
    query.how = WALK_ACCESS;
    query.el = 1;
    m_world.rec->n.walks++;
    m_walk = {true, false, va, now_ps()};
    m_access.stamp = now_ps();
    walk_next next = walk_begin(&w, &m_world.walk, &query);
    while (next == WALK_NEED_DESC || next == WALK_NEED_CAS)
        next = walk_step(w, next);
    m_walk.active = false;
    if (next == WALK_DONE) {
        fill(w, va, access);
        return {{}, {}, w.result.pa, 0};
    }
    if (w.fault.stage != 2)
        throw std::logic_error("the guest's own tables refuse VA " + hex(va.v));
    return {w.fault, w.fault_ipa, {}, 0};
}

/* What may be cached of a walk: nothing that a TLBI has covered meanwhile; of a block
 * with nT what nt_cache allows. */
void Pe::fill(const walk &w, arch_va va, arch_access access)
{
    const walk_result &r = w.result;
    tlb_entry e{};

    if (m_walk.no_fill || (r.s2_nt && !m_world.variant.nt_cache_fragment))
        return;
    e.ia = va.v;
    e.oa = r.pa;
    e.stamp = m_walk.begin_ps;
    e.vmid = r.vmid;
    e.asid = r.asid;
    e.ng = r.ng;
    e.leaf_shift = std::min(r.s1_leaf_shift, r.s2_leaf_shift);
    if (r.s2_nt) /* a fragment of one page at most */
        e.leaf_shift = std::min(e.leaf_shift, static_cast<uint8_t>(m_world.vm.tg));
    e.s2_level =
        static_cast<int8_t>(arch_level_of_shift(m_world.vm.tg, r.s2_leaf_shift));
    e.tlbi_shift = r.s1_leaf_shift;
    e.perm_el0 = tlb_perms(r.perms.el0);
    e.perm_priv = tlb_perms(r.perms.priv);
    e.pan_denies = r.perms.pan_denies;
    e.write_clean = r.write_clean;
    e.kind = TLB_COMBINED;
    tlb_fill(m_l2(), &e);
    fill_l1(e, va, access);
}

/* The L1 TLB takes the part of a translation around va, not around its first byte. */
void Pe::fill_l1(const tlb_entry &from, arch_va va, arch_access access)
{
    tlb_entry e = from;

    e.ia = va.v;
    e.oa.v += va.v - from.ia;
    tlb_fill(l1(access)(), &e);
}

Translation Pe::translate(arch_va va, arch_access access)
{
    Translation result{};

    m_access.end_ps = OPEN;
    m_access.stamp = now_ps();
    if (!look_up(va, access, result))
        result = walk_tables(va, access);
    if (result.fault.type != ARCH_FAULT_NONE)
        end_access(now_ps());
    return result;
}

void Pe::end_access(uint64_t t)
{
    m_access.end_ps = t;
    for (unsigned token : m_access.syncs)
        m_world.dvm.sync_done(token, t);
    m_access.syncs.clear();
}

uint64_t Pe::access(arch_va va, arch_access access)
{
    const uint64_t begin = now_ps();
    Translation t = translate(va, access);

    while (t.fault.type != ARCH_FAULT_NONE) {
        take_fault(t.fault_ipa, access, t.fault);
        t = translate(va, access);
    }
    access_done();
    const uint64_t end =
        now_ps() + t.due_ps + m_lookup_lost_ps + m_world.mem.read_ps(m_id, t.oa);
    m_lookup_lost_ps = 0;
    end_access(end);
    rec_add_access(m_world.rec, begin, end);
    return end;
}

/* op covers some translation that the walk in flight may find: a leaf of any size. */
bool Pe::may_cover_walk(const arch_tlbi &op) const
{
    tlb_entry found{};

    found.ia = m_walk.va.v;
    found.vmid = m_world.vm.vmid;
    found.asid = m_world.walk.el10.asid;
    found.size_shift = found.leaf_shift = static_cast<uint8_t>(m_world.vm.tg);
    found.tlbi_shift = ANY_LEAF_SHIFT;
    found.kind = TLB_COMBINED;
    found.ng = true;
    if (tlb_op_covers(&op, &found))
        return true;
    found.ng = false;
    return tlb_op_covers(&op, &found);
}

void Pe::serve_tlbi(const arch_tlbi &op)
{
    tlb_invalidate(m_l1i(), &op);
    tlb_invalidate(m_l1d(), &op);
    tlb_invalidate(m_l2(), &op);
    m_walk.no_fill |= m_walk.active && may_cover_walk(op);
    if (m_access.end_ps > now_ps())
        m_lookup_lost_ps += m_world.scenario.platform.dvm.lookup_lost_ps;
    if (m_on_tlbi.fn)
        m_on_tlbi.fn(m_on_tlbi.ctx);
}

uint64_t Pe::serve_sync(unsigned token)
{
    if (m_access.end_ps == OPEN) {
        m_access.syncs.push_back(token);
        return DVM_LATER;
    }
    return std::max(now_ps(), m_access.end_ps);
}

/* The TLBI op, issued at issued_ps, has just been completed by a DSB. */
void Pe::check_completed(uint64_t issued_ps)
{
    if (m_access.end_ps > now_ps() && m_access.stamp < issued_ps)
        m_world.rec->n.stale_use++;
}

/* A walk of the live table, in no time. True if it allows the access. */
bool Pe::live_walk(arch_ipa ipa, arch_access access, arch_fault *fault) const
{
    walk_s2 w;
    walk_next next = walk_s2_begin(&w, &m_world.walk.s2, ipa, access);

    while (next == WALK_NEED_DESC)
        next = walk_s2_feed(&w, physmem_read(m_world.mem.words(), w.desc_pa));
    *fault = next == WALK_FAULT ? w.fault : arch_fault{};
    return next == WALK_DONE;
}

rec_fault_class Pe::classify(arch_ipa ipa, arch_access access, const arch_fault &fault)
{
    const uint64_t page = ipa.v >> m_world.vm.tg;
    rec_fault_facts facts{};
    arch_fault live;

    facts.after_eagain =
        m_eagain.valid && m_eagain.page == page && m_eagain.access == access;
    facts.conflict = fault.type == ARCH_FAULT_TLB_CONFLICT;
    facts.nt = fault.nt;
    facts.live_allows = live_walk(ipa, access, &live);
    facts.entry_broken = live.type == ARCH_FAULT_TRANSLATION;
    facts.old_allows = m_world.changes.old_allows(ipa, access);
    for (unsigned v = 0; v < m_world.handling.size(); v++) {
        const Handling &h = m_world.handling[v];
        /* A mapping that the live table has is made already. */
        if (v != m_id && h.active && !h.gave_up && ipa.v - h.ipa.v < h.bytes &&
            !facts.live_allows)
            facts.other_making = true;
    }
    return rec_fault_classify(&facts);
}

/* Linux: the EL2 entry, handle_exit(), kvm_handle_guest_abort() and the way back. */
hyp_result Pe::run_handler(arch_ipa ipa, arch_access access, const arch_fault &fault)
{
    const auto &cost = m_world.scenario.platform.hyp;
    const hyp_slot slot = m_world.slot_of(ipa);
    const hyp_leaf leaf = hyp_fault_leaf(&m_world.vm, &slot, ipa, &fault);
    Handling &handling = m_world.handling[m_id];

    if (++m_faults_n > FAULTS_MAX)
        throw std::runtime_error("vCPU " + std::to_string(m_id) +
                                 ": the access to IPA " + hex(ipa.v) +
                                 " never completes");
    handling = {true, false, leaf.ipa,
                UINT64_C(1) << arch_level_shift(m_world.vm.tg, leaf.level)};
    sleep_for(std::max(cost.exit_ps + cost.fault_ps, LEAST_PS));
    const hyp_result result =
        hyp_handle_fault(&m_world.envs[m_id]->vm(), &slot, ipa, &fault);
    m_world.envs[m_id]->settle();
    handling.active = false;
    sleep_for(cost.entry_ps);
    m_eagain = {result == HYP_EAGAIN, ipa.v >> m_world.vm.tg, access};
    return result;
}

hyp_result Pe::take_fault(arch_ipa ipa, arch_access access, const arch_fault &fault)
{
    rec_fault record{};

    record.taken_ps = now_ps();
    record.ipa = ipa;
    record.vcpu = m_id;
    if (fault.s1ptw) /* a fetch of the descriptor, or an update of it */
        access = fault.type == ARCH_FAULT_PERMISSION ? ARCH_WRITE : ARCH_READ;
    record.access = static_cast<uint8_t>(access);
    record.s1ptw = fault.s1ptw;
    record.type = static_cast<uint8_t>(fault.type);
    record.level = fault.level;
    record.cls = static_cast<uint8_t>(classify(ipa, access, fault));
    const hyp_result result = run_handler(ipa, access, fault);
    record.reentry_ps = now_ps();
    record.eagain = result == HYP_EAGAIN;
    rec_add_fault(m_world.rec, &record);
    return result;
}
