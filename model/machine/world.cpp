/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/world.h"

#include <stdexcept>

namespace
{
walk_s2_cfg walk_cfg(const scn &s, const scn_variant &v)
{
    walk_s2_cfg c{};

    c.vtcr = s.vm.vtcr;
    c.pa_bits = s.platform.feat.pa_bits;
    c.ttst = s.platform.feat.ttst;
    c.bbm_level = s.platform.feat.bbm_level;
    c.nt_response = v.nt_response;
    return c;
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
      mem(s.platform, s.pes_n), dvm(seq, s.platform, s.pes_n),
      lock(seq, s.platform.hyp.handover_ps), walk(walk_cfg(s, v)), vm(vm_of(s, v, mem)),
      changes(record, mem.words(), walk), handling(s.vm.vcpus_n), envs(s.pes_n)
{
    walk.baddr = vm.baddr;
}

hyp_slot World::slot_of(arch_ipa ipa) const
{
    for (size_t i = 0; i < scenario.vm.memory_n; i++) {
        const scn_memory &m = scenario.vm.memory[i];
        if (ipa.v - m.ipa.v < m.bytes) {
            const int level = 3 - (m.backing_shift - static_cast<int>(vm.tg)) /
                                      static_cast<int>(arch_stride_bits(vm.tg));
            return hyp_slot{m.ipa, m.pa, m.bytes, level, m.writable};
        }
    }
    throw std::logic_error("an access outside the memory of the scenario");
}
