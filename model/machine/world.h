/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/world.h - what the parts of one machine share. */
#ifndef MODEL_MACHINE_WORLD_H
#define MODEL_MACHINE_WORLD_H

#include "model/machine/dvm.h"
#include "model/machine/vm.h"
#include "model/machine/watch.h"

#include <cstdlib>
#include <memory>

class HypEnv;
class Pe;
class Vmids;

struct World {
    /* records: [vms_n] */
    World(const scn &scenario, const scn_variant &v, uint64_t seed, rec_run *records);

    const scn &scenario;
    const scn_variant &variant;
    const uint64_t seed;
    Sequencer seq;
    Memory mem;
    Dvm dvm;
    const walk_cpu safe_cpu;    /* has what all PEs have */
    std::vector<walk_cpu> cpus; /* [pe] the implementations that walk */
    std::deque<Vm> vms;         /* as in the scenario */
    Watch watch;
    bool walks_swap = false;    /* hardware may find descriptors to update */
    std::vector<HypEnv *> envs; /* [pe] */
    std::vector<Pe *> pes;      /* [pe] */

    /* Memory for mmu_init(). */
    void *caches_of(unsigned pe) const
    {
        return static_cast<char *>(m_caches.get()) + pe * m_caches_bytes;
    }

    /* Whose vCPU or host thread begins on the PE; of a PE that runs nothing the first.
     */
    Vm &vm_of(unsigned pe);

    /* VTCR_EL2 that the PE loads when it enters vm. */
    arch_vtcr vtcr_on(unsigned pe, const Vm &vm) const;

    std::unique_ptr<Vmids> vmids; /* where PEs are shared */

    /* Around all that may hold the address of a table: a fault handler, the work of the
     * host. Freed tables are used again when none is left, as after an RCU grace period
     * of all. */
    void walkers_enter() { m_walkers_n++; }
    void walkers_leave();

    /* desc is about to be stored in a table of vm. */
    void meet_desc(const Vm &vm, uint64_t desc);

    /* The counters of a VM, those that the parts keep for themselves brought up to
     * date. */
    const rec_counters &counters(const Vm &vm);

    ~World();

  private:
    bool some_pe_keeps_dirty(const Vm &vm) const;

    struct Free {
        void operator()(void *p) const { std::free(p); }
    };

    /* Of all PEs side by side. */
    const size_t m_caches_bytes;
    const std::unique_ptr<void, Free> m_caches;
    unsigned m_walkers_n = 0;
    std::vector<hyp_vtcr_limits> m_limits; /* [pe] */
};

#endif
