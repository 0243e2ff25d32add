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

walk_context context_of(const scn &s, const walk_cpu &cpu, const hyp_vm &vm)
{
    walk_context ctx;
    walk_regs regs{};

    regs.sctlr_el1 = guest_stage1_sctlr_el1(&s.vm.stage1);
    regs.tcr_el1 = guest_stage1_tcr_el1(&s.vm.stage1, cpu.features.pa_bits);
    regs.ttbr0_el1 = guest_stage1_ttbr0_el1(&s.vm.stage1, GUEST_ASID);
    regs.hcr_el2 = HCR_VM | HCR_RW;
    regs.vtcr_el2 = arch_vtcr_encode(&s.vm.vtcr);
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

World::World(const scn &s, const scn_variant &v, rec_run *record)
    : scenario(s), variant(v), rec(record), seq("seq", s.pes_n),
      mem(s.platform, s.pes_n), dvm(seq, s), lock(seq, s.platform.hyp.handover_ps),
      cpu(cpu_of(s, v)), vm(vm_of(s, v, mem)), walk(context_of(s, cpu, vm)),
      changes(record, mem.words(), walk.s2), handling(s.vm.vcpus_n), envs(s.pes_n)
{
}

arch_pa World::pa_of(arch_ipa ipa) const
{
    const hyp_slot slot = slot_of(ipa);

    return {slot.pa.v + (ipa.v - slot.ipa.v)};
}

hyp_slot World::slot_of(arch_ipa ipa) const
{
    for (size_t i = 0; i < scenario.vm.memory_n; i++) {
        const scn_memory &m = scenario.vm.memory[i];
        if (ipa.v - m.ipa.v < m.bytes) {
            const int level = arch_level_of_shift(vm.tg, m.backing_shift);
            return hyp_slot{m.ipa,      m.pa,  m.bytes, level,
                            m.writable, false, false,   nullptr};
        }
    }
    throw std::logic_error("an access outside the memory of the scenario");
}
