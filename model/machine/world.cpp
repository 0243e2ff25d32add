/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/world.h"

namespace
{
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
} // namespace

World::World(const scn &s, const scn_variant &v, uint64_t run_seed, rec_run *records)
    : scenario(s), variant(v), seed(run_seed), seq("seq", s.pes_n),
      mem(s.platform, s.pes_n), dvm(seq, s), cpu(cpu_of(s, v)),
      watch(s, v, seq, mem.words(), vms), envs(s.pes_n), pes(s.pes_n)
{
    for (unsigned i = 0; i < s.vms_n; i++)
        vms.emplace_back(s, v, i, cpu, seq, mem, &records[i]);
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
    rec_counters &n = vm.rec->n;

    n.dvm_messages = n.tlbis = 0;
    for (unsigned pe = 0; pe < scenario.pes_n; pe++) {
        if (&vm_of(pe) != &vm)
            continue;
        n.dvm_messages += dvm.messages_n(pe);
        n.tlbis += dvm.tlbis_n(pe);
    }
    return n;
}
