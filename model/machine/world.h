/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/world.h - what the parts of one machine share. */
#ifndef MODEL_MACHINE_WORLD_H
#define MODEL_MACHINE_WORLD_H

#include "model/machine/changes.h"
#include "model/machine/dvm.h"
#include "model/machine/memory.h"
#include "model/machine/mmu_lock.h"
#include "model/machine/sequencer.h"

extern "C" {
#include "model/hyp/stage2.h"
#include "model/record/run.h"
#include "model/scenario/scn.h"
#include "walker/translate.h"
}

class HypEnv;

/* A vCPU that is between trap and re-entry. */
struct Handling {
    bool active = false;
    bool gave_up = false; /* its handler has found that it gets EAGAIN */
    arch_ipa ipa{};       /* what its handler is about to map: ... */
    uint64_t bytes = 0;   /* ... [ipa, ipa + bytes) */
};

struct World {
    World(const scn &scenario, const scn_variant &v, rec_run *record);

    const scn &scenario;
    const scn_variant &variant;
    rec_run *rec;
    Sequencer seq;
    Memory mem;
    Dvm dvm;
    MmuLock lock;
    walk_cpu cpu;      /* the implementation that walks */
    hyp_vm vm;         /* ops and ctx are set per PE, by HypEnv */
    walk_context walk; /* the registers of the VM's EL1&0, as its vCPUs run */
    Changes changes;
    std::vector<Handling> handling; /* [vcpu] */
    std::vector<HypEnv *> envs;     /* [pe] */

    /* Where the host keeps the guest's memory at ipa. */
    arch_pa pa_of(arch_ipa ipa) const;

    /* The memory slot that holds ipa; the scenario was checked to have one. */
    hyp_slot slot_of(arch_ipa ipa) const;
};

#endif
