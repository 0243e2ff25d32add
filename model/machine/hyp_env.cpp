/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/hyp_env.h"

extern "C" {
#include "walker/arch/desc.h"
}

#include <algorithm>

namespace
{
HypEnv &self(void *ctx)
{
    return *static_cast<HypEnv *>(ctx);
}

/* A clean of a page is four bursts. */
constexpr uint64_t BURST_LINES = 16;
} // namespace

const hyp_ops HypEnv::OPS = {read,      write,       cmpxchg,    tlbi,        dsb,
                             isb,       lock,        unlock,     clean,       icache,
                             spend,     table_alloc, table_free, table_empty, at,
                             host_page, invalidated, nullptr,    was_dirty};

HypEnv::HypEnv(World &world, unsigned pe, int vcpu)
    : HypEnv(world, world.vm_of(pe), pe, vcpu)
{
}

HypEnv::HypEnv(World &world, Vm &vm, unsigned pe, int vcpu)
    : m_world(world), m_vm(vm), m_pe(pe), m_vcpu(vcpu), m_hyp(m_vm.hyp)
{
    m_hyp.ops = &OPS;
    m_hyp.ctx = this;
    m_vm.copies.push_back(&m_hyp);
    if (!world.envs[pe])
        world.envs[pe] = this;
    world.watch.enter(pe, m_vm);
    if (m_hyp.cfg.defect != HYP_DEFECT_NONE)
        make_mistakes(m_hyp.cfg.defect);
}

HypEnv::~HypEnv()
{
    std::vector<hyp_vm *> &copies = m_vm.copies;

    if (m_world.envs[m_pe] == this)
        m_world.envs[m_pe] = nullptr;
    copies.erase(std::remove(copies.begin(), copies.end(), &m_hyp), copies.end());
}

void HypEnv::goes_to(unsigned pe)
{
    if (m_world.envs[m_pe] == this)
        m_world.envs[m_pe] = nullptr;
    m_pe = pe;
    m_world.envs[pe] = this;
}

/* The other VMID, and VTCR_EL2, are those of the next VM. */
void HypEnv::make_mistakes(hyp_defect defect)
{
    const Vm &next = m_world.vms[(m_vm.index + 1) % m_world.vms.size()];
    const bool alone = next.index == m_vm.index;
    const auto vmid = static_cast<uint16_t>(next.hyp.vmid + alone);

    hyp_defective_init(&m_defective, defect, vmid, &OPS, this);
    m_hyp.ops = &m_defective.ops;
    m_hyp.ctx = &m_defective;
    if (defect == HYP_DEFECT_FORGOTTEN_VTCR && m_vcpu < 0)
        m_world.watch.enter(m_pe, next);
}

/* ---- how soon a handler acts ---- */

void HypEnv::handles(arch_ipa ipa, const arch_fault &fault, uint64_t after_ps)
{
    m_fault_ipa = ipa;
    m_after_ps = after_ps;
    m_only_looks = fault.type != ARCH_FAULT_TLB_CONFLICT && !m_observer &&
                   m_hyp.cfg.defect == HYP_DEFECT_NONE;
    m_maps = m_gave_up = false;
}

/* Whoever changes an entry has read it before; without a slot no handler runs. */
uint64_t HypEnv::lead_ps() const
{
    const auto &p = m_world.scenario.platform;
    const uint64_t lock = m_hyp.cfg.lock == HYP_LOCK_ENTRY ? 0 : p.hyp.lock_ps;

    return m_only_looks ? std::min(lock + lead_under_lock_ps(), m_after_ps) : 0;
}

/* Of a handler that has just got the lock. It may drop it at once, which lets the next
 * one in. */
uint64_t HypEnv::lead_under_lock_ps() const
{
    const auto &p = m_world.scenario.platform;

    if (!m_only_looks)
        return 0;
    return std::min(p.hyp.visit_ps + m_world.mem.least_read_ps(),
                    p.hyp.lock_ps + lead_unlocked_ps());
}

uint64_t HypEnv::lead_unlocked_ps() const
{
    const auto &hyp = m_world.scenario.platform.hyp;

    return m_hyp.cfg.lock == HYP_LOCK_ENTRY ? m_after_ps
                                            : std::min(hyp.handover_ps, m_after_ps);
}

/* ... that has found nothing to do, and leaves the tables. */
uint64_t HypEnv::lead_to_unlock_ps() const
{
    const auto &hyp = m_world.scenario.platform.hyp;
    const uint64_t lock = m_hyp.cfg.lock == HYP_LOCK_ENTRY ? 0 : hyp.lock_ps;

    return m_gave_up ? lock + lead_unlocked_ps() : 0;
}

void HypEnv::acts()
{
    m_only_looks = m_gave_up = false;
    m_world.seq.acts(m_pe);
}

/* ---- time ---- */

void HypEnv::pass(uint64_t ps, uint64_t lead_ps)
{
    const uint64_t due = m_world.seq.now_ps() + m_debt_ps + ps;

    m_debt_ps = 0;
    m_world.seq.sleep_until(m_pe, due, lead_ps);
}

void HypEnv::charge(rec_spent what, uint64_t ps)
{
    if (m_vcpu >= 0)
        m_vm.rec->n.spent_ps[what] += ps;
}

/* Read or write a table entry. */
void HypEnv::access(uint64_t ps)
{
    charge(on_tables(), ps);
    pass(ps);
}

void HypEnv::settle()
{
    if (m_debt_ps)
        pass(0);
}

/* A clean, or zeroing. Lines go to memory in bursts, between which the accesses of
 * others are served; where memory has no limit nobody would notice, so that all go at
 * once. */
void HypEnv::treat_lines(rec_spent what, uint64_t bytes, uint64_t each_ps)
{
    Memory &mem = m_world.mem;
    uint64_t lines = bytes >> TAGS_LINE_SHIFT;
    const uint64_t most = mem.is_limited() ? BURST_LINES : lines;

    while (lines > 0) {
        const uint64_t n = std::min(lines, most);
        const uint64_t ps = what == REC_SPENT_CLEAN
                                ? mem.clean_ps(n, each_ps, begin_ps())
                                : mem.zero_ps(n, each_ps, begin_ps());

        charge(what, ps);
        pass(ps);
        lines -= n;
    }
}

uint64_t HypEnv::read(void *ctx, arch_pa pa)
{
    HypEnv &env = self(ctx);

    env.access(env.m_world.mem.read_ps(env.m_pe, pa, env.begin_ps()));
    return physmem_read(env.m_world.mem.words(), pa);
}

/* The store becomes visible now. */
void HypEnv::store(arch_pa pa, uint64_t desc)
{
    physmem *words = m_world.mem.words();
    const uint64_t old = physmem_read(words, pa);

    m_world.meet_desc(m_vm, desc);
    physmem_write(words, pa, desc);
    m_world.watch.store(m_pe, pa, old, desc);
    m_vm.changes.on_store(pa, m_vcpu, desc, m_world.seq.now_ps());
    if (m_observer)
        m_observer->settled();
}

void HypEnv::write(void *ctx, arch_pa pa, uint64_t desc)
{
    HypEnv &env = self(ctx);

    env.acts();
    env.access(env.m_world.mem.store_ps(env.m_pe, pa, env.begin_ps()));
    env.store(pa, desc);
}

bool HypEnv::cmpxchg(void *ctx, arch_pa pa, uint64_t old, uint64_t desc)
{
    HypEnv &env = self(ctx);

    env.acts();
    env.access(env.m_world.mem.atomic_ps(env.m_pe, pa, env.begin_ps()));
    if (physmem_read(env.m_world.mem.words(), pa) != old)
        return false;
    env.store(pa, desc);
    return true;
}

/* A host thread works for a VM that its PE does not run.
 * Linux: __tlb_switch_to_guest(), __tlb_switch_to_host(). */
void HypEnv::load_vtcr(bool of_vm)
{
    const uint64_t ps = m_world.scenario.platform.hyp.vtcr_load_ps;

    if (m_vcpu >= 0 || m_in_force == of_vm)
        return;
    m_in_force = of_vm;
    if (ps)
        pass(ps);
}

void HypEnv::tlbi(void *ctx, const arch_tlbi *op)
{
    HypEnv &env = self(ctx);

    env.m_vm.rec->n.tlbi_vmid += op->op == ARCH_TLBI_VMALLS12;
    env.m_vm.rec->n.tlbi_ipa += op->op == ARCH_TLBI_IPAS2 && op->domain == ARCH_ISH;
    env.m_vm.rec->n.tlbi_ipa_local +=
        op->op == ARCH_TLBI_IPAS2 && op->domain != ARCH_ISH;
    env.settle();
    env.acts();
    const uint64_t begin = env.m_world.seq.now_ps();
    env.load_vtcr(true);
    env.m_world.watch.tlbi(env.m_pe, *op);
    env.m_world.dvm.tlbi(env.m_pe, *op);
    env.charge(REC_SPENT_TLBI, env.m_world.seq.now_ps() - begin);
}

void HypEnv::dsb(void *ctx, arch_dsb kind)
{
    HypEnv &env = self(ctx);

    env.settle();
    const uint64_t begin = env.m_world.seq.now_ps();
    env.m_world.dvm.dsb(env.m_pe, kind, env.lead_to_unlock_ps());
    env.m_world.watch.dsb(env.m_pe, kind);
    env.charge(REC_SPENT_TLBI, env.m_world.seq.now_ps() - begin);
}

void HypEnv::isb(void *ctx)
{
    HypEnv &env = self(ctx);
    const uint64_t ps = env.m_world.scenario.platform.dvm.isb_ps;

    env.charge(REC_SPENT_TLBI, ps);
    env.pass(ps);
    env.m_world.watch.isb(env.m_pe);
    env.load_vtcr(false);
}

void HypEnv::lock(void *ctx, hyp_lock_mode mode)
{
    HypEnv &env = self(ctx);

    env.settle();
    const uint64_t begin = env.m_world.seq.now_ps();
    env.pass(env.m_world.scenario.platform.hyp.lock_ps +
                 env.m_vm.lock.line_wait_ps(env.m_pe, mode, begin),
             env.lead_under_lock_ps());
    env.m_vm.lock.take(env.m_pe, mode);
    env.m_world.watch.lock(env.m_pe, mode);
    env.charge(REC_SPENT_LOCK, env.m_world.seq.now_ps() - begin);
}

void HypEnv::unlock(void *ctx, hyp_lock_mode mode)
{
    HypEnv &env = self(ctx);

    const uint64_t ps = env.m_world.scenario.platform.hyp.lock_ps +
                        env.m_vm.lock.lost_ps() +
                        env.m_vm.lock.line_wait_ps(env.m_pe, mode, env.begin_ps());

    env.charge(REC_SPENT_LOCK, ps);
    env.pass(ps, env.m_gave_up ? env.lead_unlocked_ps() : 0);
    env.m_world.watch.unlock(env.m_pe, mode);
    env.m_vm.lock.drop(env.m_pe, mode);
}

void HypEnv::clean(void *ctx, arch_pa, uint64_t bytes)
{
    HypEnv &env = self(ctx);

    env.treat_lines(REC_SPENT_CLEAN, bytes,
                    env.m_world.scenario.platform.hyp.clean_line_ps);
}

void HypEnv::icache(void *ctx, arch_pa, uint64_t bytes)
{
    HypEnv &env = self(ctx);
    const uint64_t ps =
        (bytes >> TAGS_LINE_SHIFT) * env.m_world.scenario.platform.hyp.icache_line_ps;

    env.charge(REC_SPENT_CLEAN, ps);
    env.pass(ps);
}

/* A page that another PE zeroes is there when it is done. Linux: hugetlb_fault(), with
 * hugetlb_fault_mutex_table. Approx: of a THP the kernel lets both zero one. */
void HypEnv::zero(arch_pa pa, uint64_t bytes)
{
    const uint64_t begin = m_world.seq.now_ps();
    const uint64_t zeroed = m_vm.slots.touch(pa, bytes);

    if (zeroed) {
        treat_lines(REC_SPENT_HOST, zeroed, m_world.scenario.platform.hyp.zero_line_ps);
        for (unsigned pe : m_vm.slots.touched(pa, bytes))
            m_world.seq.wake(pe, m_world.seq.now_ps());
    } else if (m_vm.slots.wait(m_pe, pa, bytes)) {
        m_world.seq.block(m_pe);
        charge(REC_SPENT_HOST, m_world.seq.now_ps() - begin);
    }
}

/* Linux: mmu_seq = kvm->mmu_invalidate_seq, then the page, zeroed at its first touch.
 */
void HypEnv::host_page(void *ctx, arch_pa pa, uint64_t bytes)
{
    HypEnv &env = self(ctx);
    const auto &cost = env.m_world.scenario.platform.hyp;

    env.m_notifier_seq = env.m_vm.notifier_seq();
    env.charge(REC_SPENT_HOST, cost.host_page_ps);
    env.pass(cost.host_page_ps);
    env.zero(pa, bytes);
}

bool HypEnv::invalidated(void *ctx)
{
    const HypEnv &env = self(ctx);

    return env.m_vm.notifier_was_here(env.m_fault_ipa, env.m_notifier_seq);
}

void HypEnv::was_dirty(void *ctx, arch_ipa page)
{
    HypEnv &env = self(ctx);
    const hyp_slot &slot = env.m_vm.slots.at(page).now;
    const uint64_t i = (page.v - slot.ipa.v) >> env.m_hyp.tg;

    if (slot.dirty)
        slot.dirty[i / 64] |= UINT64_C(1) << i % 64;
}

void HypEnv::spend(void *ctx, hyp_cost what)
{
    HypEnv &env = self(ctx);
    const auto &cost = env.m_world.scenario.platform.hyp;
    const uint64_t ps[HYP_COSTS_N] = {cost.visit_ps, cost.teardown_leaf_ps,
                                      cost.teardown_table_ps};

    env.charge(env.on_tables(), ps[what]);
    env.m_debt_ps += ps[what];
}

arch_pa HypEnv::table_alloc(void *ctx)
{
    HypEnv &env = self(ctx);
    const arch_tg tg = env.m_hyp.tg;
    const arch_pa table =
        physmem_table_alloc(env.m_world.mem.words(), UINT64_C(1) << tg);

    env.m_world.watch.table_alloc(env.m_pe, table, tg);
    return table;
}

void HypEnv::table_free(void *ctx, arch_pa table)
{
    HypEnv &env = self(ctx);

    env.acts();
    physmem_table_free(env.m_world.mem.words(), table);
    env.m_world.watch.table_free(env.m_pe, table, env.m_hyp.tg);
}

bool HypEnv::table_empty(void *ctx, arch_pa table)
{
    const HypEnv &env = self(ctx);
    const uint64_t bytes = UINT64_C(1) << env.m_hyp.tg;

    for (uint64_t i = 0; i < bytes; i += ARCH_DESC_BYTES) {
        if (physmem_read(env.m_world.mem.words(), {table.v + i}))
            return false;
    }
    return true;
}

void HypEnv::count(const hyp_event &event)
{
    rec_counters &n = m_vm.rec->n;

    switch (event.point) {
    case HYP_AT_WON:
        n.breaks_won += event.old & ARCH_DESC_VALID;
        break;
    case HYP_AT_MAKE:
        n.makes += event.level < 3;
        break;
    case HYP_AT_FREE:
        n.tables_freed++;
        break;
    case HYP_AT_MAP:
        m_maps = true;
        break;
    case HYP_AT_LOCKED:
    case HYP_AT_LOST:
    case HYP_AT_FOUND:
        m_gave_up = m_only_looks && m_maps;
        if (m_vcpu >= 0)
            m_vm.handling[m_vcpu].gave_up = true;
        break;
    default:
        break;
    }
}

void HypEnv::at(void *ctx, const hyp_event *event)
{
    HypEnv &env = self(ctx);
    const bool for_observer = event->point == HYP_AT_LOCK ||
                              event->point == HYP_AT_RELAX ||
                              event->point == HYP_AT_ABOVE;

    if (for_observer && !env.m_observer)
        return;
    env.settle();
    if (event->point == HYP_AT_FREE || event->point == HYP_AT_DONE)
        env.m_tearing = event->point == HYP_AT_FREE;
    if (env.m_observer)
        env.m_observer->at(*event);
    env.count(*event);
    if (event->point == HYP_AT_BREAK) {
        env.m_vm.changes.announce(*event, env.m_vcpu);
    } else if (event->point == HYP_AT_LOST) {
        env.m_vm.changes.withdraw(*event, env.m_vcpu);
    } else if (event->point == HYP_AT_GROUP) {
        env.m_vm.changes.groups.announce(*event, env.m_vcpu);
    } else if (event->point == HYP_AT_GROUP_OVER) {
        env.m_vm.changes.groups.over(*event, env.m_vcpu, env.m_world.seq.now_ps());
    } else if (event->point == HYP_AT_DONE) {
        env.m_vm.changes.torn_down(*event, env.m_world.seq.now_ps());
    }
}
