/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/world.h"

#include <stdexcept>

namespace
{
constexpr uint64_t HCR_VM = UINT64_C(1) << 0;
constexpr uint64_t HCR_RW = UINT64_C(1) << 31; /* EL1 is AArch64 */
constexpr uint16_t GUEST_ASID = 1;

walk_cpu cpu_of(const scn &s, const scn_variant &v)
{
    walk_cpu c{};

    c.features.pa_bits = s.platform.feat.pa_bits;
    for (auto &stage : c.features.tg_support) {
        for (auto &granule : stage)
            granule = ARCH_TG_PRESENT;
    }
    c.features.ttst = s.platform.feat.ttst;
    c.features.vmid16 = s.platform.feat.vmid_bits == 16;
    c.features.asid16 = true;
    c.features.hafdbs = 1;
    c.features.bbm_level = s.platform.feat.bbm_level;
    c.nt_response = v.nt_response;
    return c;
}

walk_context context_of(const scn &s, const scn_variant &v, const walk_cpu &cpu,
                        const hyp_vm &vm)
{
    walk_context ctx;
    walk_regs regs{};

    regs.sctlr_el1 = guest_stage1_sctlr_el1(&s.vm.stage1);
    regs.tcr_el1 = guest_stage1_tcr_el1(&s.vm.stage1, cpu.features.pa_bits);
    regs.ttbr0_el1 = guest_stage1_ttbr0_el1(&s.vm.stage1, GUEST_ASID);
    regs.hcr_el2 = HCR_VM | HCR_RW;
    arch_vtcr vtcr = s.vm.vtcr;
    vtcr.ha = v.hyp.af == HYP_AF_HARDWARE;
    regs.vtcr_el2 = arch_vtcr_encode(&vtcr);
    regs.vttbr_el2 = vm.baddr.v | static_cast<uint64_t>(vm.vmid) << 48;
    walk_context_init(&ctx, &cpu, &regs);
    return ctx;
}

hyp_vm vm_of(const scn &s, const scn_variant &v, Memory &mem)
{
    hyp_vm vm{};

    vm.cfg = v.hyp;
    vm.tg = s.vm.vtcr.tg;
    vm.vmid = s.vm.vmid;
    if (walk_s2_geometry_of(&s.vm.vtcr, s.platform.feat.pa_bits, s.platform.feat.ttst,
                            &vm.geom) != ARCH_OK)
        throw std::logic_error("the scenario's VTCR_EL2 has no geometry");
    const uint64_t bytes =
        std::max<uint64_t>(vm.geom.start_entries * ARCH_DESC_BYTES, 4096);
    vm.baddr = physmem_table_alloc(mem.words(), bytes);
    return vm;
}
} // namespace

World::World(const scn &s, const scn_variant &v, uint64_t run_seed, rec_run *record)
    : scenario(s), variant(v), seed(run_seed), rec(record), seq("seq", s.pes_n),
      mem(s.platform, s.pes_n), dvm(seq, s), lock(seq, s.platform.hyp.handover_ps),
      cpu(cpu_of(s, v)), vm(vm_of(s, v, mem)), walk(context_of(s, v, cpu, vm)),
      slots(s.vm), changes(record, mem.words(), walk.s2), handling(s.vm.vcpus_n),
      envs(s.pes_n), pes(s.pes_n)
{
}

arch_pa World::pa_of(arch_ipa ipa)
{
    const hyp_slot &slot = slots.at(ipa).now;

    return {slot.pa.v + (ipa.v - slot.ipa.v)};
}

void World::notifier_begins(arch_ipa ipa, uint64_t bytes)
{
    m_notifier.active = true;
    m_notifier.ipa = ipa;
    m_notifier.bytes = bytes;
}

void World::notifier_ends()
{
    m_notifier.active = false;
    m_notifier.seq++;
}

bool World::notifier_was_here(arch_ipa ipa, uint64_t count) const
{
    return m_notifier.seq != count ||
           (m_notifier.active && ipa.v - m_notifier.ipa.v < m_notifier.bytes);
}

void World::walkers_leave()
{
    if (--m_walkers_n == 0)
        physmem_recycle(mem.words());
}

const rec_counters &World::counters()
{
    rec->n.dvm_messages = dvm.messages_n();
    rec->n.tlbis = dvm.tlbis_n();
    return rec->n;
}

void World::count_access()
{
    if (rec->n.accesses >= m_awaited.n) {
        m_awaited.n = UINT64_MAX;
        seq.wake(m_awaited.host, seq.now_ps());
    }
}

void World::wait_for_accesses(unsigned host, uint64_t n)
{
    if (rec->n.accesses >= n)
        return;
    m_awaited.n = n;
    m_awaited.host = host;
    seq.block(host);
}
