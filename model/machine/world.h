/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/world.h - what the parts of one machine share. */
#ifndef MODEL_MACHINE_WORLD_H
#define MODEL_MACHINE_WORLD_H

#include "model/machine/changes.h"
#include "model/machine/dvm.h"
#include "model/machine/memory.h"
#include "model/machine/mmu_lock.h"
#include "model/machine/sequencer.h"
#include "model/machine/slots.h"

extern "C" {
#include "model/hyp/stage2.h"
#include "model/record/run.h"
#include "model/scenario/scn.h"
#include "walker/translate.h"
}

class HypEnv;
class Pe;

/* A vCPU that is between trap and re-entry. */
struct Handling {
    bool active = false;
    bool gave_up = false; /* its handler has found that it gets EAGAIN */
    arch_ipa ipa{};       /* what its handler is about to map: ... */
    uint64_t bytes = 0;   /* ... [ipa, ipa + bytes) */
};

struct World {
    World(const scn &scenario, const scn_variant &v, uint64_t seed, rec_run *record);

    const scn &scenario;
    const scn_variant &variant;
    const uint64_t seed;
    rec_run *rec;
    Sequencer seq;
    Memory mem;
    Dvm dvm;
    MmuLock lock;
    walk_cpu cpu;      /* the implementation that walks */
    hyp_vm vm;         /* ops and ctx are set per PE, by HypEnv */
    walk_context walk; /* the registers of the VM's EL1&0, as its vCPUs run */
    Slots slots;
    Changes changes;
    std::vector<Handling> handling; /* [vcpu] */
    std::vector<HypEnv *> envs;     /* [pe] */
    std::vector<Pe *> pes;          /* [pe] */

    /* Where the host keeps the guest's memory at ipa. */
    arch_pa pa_of(arch_ipa ipa);

    /* An MMU notifier takes host memory away from [ipa, ipa + bytes), meanwhile.
     * Linux: kvm_mmu_invalidate_begin(), kvm_mmu_invalidate_end(). */
    void notifier_begins(arch_ipa ipa, uint64_t bytes);
    void notifier_ends();
    /* A fault on ipa, whose memory was looked up at that count of notifiers, must look
     * again. Linux: mmu_invalidate_retry_gfn(). */
    bool notifier_was_here(arch_ipa ipa, uint64_t count) const;
    uint64_t notifier_seq() const { return m_notifier.seq; }

    /* Around all that may hold the address of a table: a fault handler, the work of the
     * host. Freed tables are used again when none is left, as after an RCU grace period
     * of all. */
    void walkers_enter() { m_walkers_n++; }
    void walkers_leave();

    /* The counters, those that the parts keep for themselves brought up to date. */
    const rec_counters &counters();

    /* A guest access has completed; host: the PE that waits for their number. */
    void count_access();
    void wait_for_accesses(unsigned host, uint64_t n);

  private:
    struct {
        uint64_t seq = 0; /* notifiers that have ended */
        bool active = false;
        arch_ipa ipa{};
        uint64_t bytes = 0;
    } m_notifier;
    struct {
        uint64_t n = UINT64_MAX; /* accesses */
        unsigned host = 0;
    } m_awaited;
    unsigned m_walkers_n = 0;
};

#endif
