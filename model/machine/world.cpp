/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/pe.h"
#include "model/machine/vmids.h"

extern "C" {
#include "model/memory/huge.h"
#include "walker/arch/desc.h"
}

namespace
{
walk_cpu cpu_of(const scn &s, const scn_variant &v, hyp_vtcr_limits limits)
{
    walk_cpu c{};

    c.features.pa_bits = limits.pa_bits;
    for (auto &stage : c.features.tg_support) {
        for (auto &granule : stage)
            granule = ARCH_TG_PRESENT;
    }
    c.features.ttst = s.platform.feat.ttst;
    c.features.vmid16 = s.platform.feat.vmid_bits == 16;
    c.features.asid16 = true;
    c.features.hafdbs = limits.hafdbs;
    c.features.bbm_level = s.platform.feat.bbm_level;
    c.nt_response = v.nt_response;
    return c;
}
} // namespace

World::World(const scn &s, const scn_variant &v, uint64_t run_seed, rec_run *records)
    : scenario(s), variant(v), seed(run_seed), seq("seq", s.pes_n),
      mem(s.platform, scn_safe_limits(&s).pa_bits, s.pes_n), dvm(seq, s),
      safe_cpu(cpu_of(s, v, scn_safe_limits(&s))), watch(s, v, seq, mem.words(), vms),
      envs(s.pes_n), pes(s.pes_n), m_caches_bytes(mmu_bytes(&s.platform)),
      m_caches(huge_new(m_caches_bytes * s.pes_n))
{
    for (unsigned pe = 0; pe < s.pes_n; pe++) {
        m_limits.push_back(scn_pe_limits(&s, pe));
        cpus.push_back(cpu_of(s, v, m_limits[pe]));
    }
    for (unsigned i = 0; i < s.vms_n; i++)
        vms.emplace_back(s, v, i, safe_cpu, seq, mem, &records[i]);
    for (Vm &vm : vms) {
        if (!some_pe_keeps_dirty(vm))
            vm.hyp.cfg.dirty = HYP_DIRTY_FAULT;
    }
    for (const Vm &vm : vms)
        walks_swap = walks_swap || vm.asked.hd || vm.cfg.guest.kind == GUEST_LITMUS ||
                     (vm.cfg.stage1.on && !vm.cfg.stage1.accessed);
    if (s.shares_pes)
        vmids = std::make_unique<Vmids>(*this);
    for (unsigned i = 0; i < s.vms_n && vmids; i++)
        vms[i].set_vmid(0); /* until it is entered */
}

World::~World() = default;

/* Of KVM's series the test is that of a feature of the system. */
bool World::some_pe_keeps_dirty(const Vm &vm) const
{
    for (unsigned pe = 0; pe < scenario.pes_n; pe++) {
        if (vtcr_on(pe, vm).hd)
            return true;
    }
    return false;
}

/* A leaf that an access makes accessed, or dirty. A table has no attributes. */
void World::meet_desc(const Vm &vm, uint64_t desc)
{
    constexpr uint64_t LEAF_ATTRS = 0x3fc, LEAF = ARCH_DESC_VALID | ARCH_DESC_TABLE;
    const bool is_table = (desc & LEAF) == LEAF && !(desc & LEAF_ATTRS);
    const bool settled = (desc & ARCH_DESC_AF) && !(desc & ARCH_DESC_DBM);

    if (walks_swap || !vm.asked.ha || !(desc & ARCH_DESC_VALID) || is_table || settled)
        return;
    walks_swap = true;
    dvm.guests_swap();
}

arch_vtcr World::vtcr_on(unsigned pe, const Vm &vm) const
{
    return hyp_vtcr_on(&vm.asked, variant.hyp.vtcr, m_limits.data(), scenario.pes_n,
                       pe);
}

Vm &World::vm_of(unsigned pe)
{
    for (Vm &vm : vms) {
        if (scn_vm_runs_on(&vm.cfg, pe))
            return vm;
    }
    return vms[0];
}

void World::walkers_leave()
{
    if (--m_walkers_n == 0)
        physmem_recycle(mem.words());
}

const rec_counters &World::counters(const Vm &vm)
{
    for (Pe *pe : pes) {
        if (pe)
            pe->account_dvm();
    }
    return vm.rec->n;
}
