/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/vm.h - what the vCPUs and the host thread of one VM share. */
#ifndef MODEL_MACHINE_VM_H
#define MODEL_MACHINE_VM_H

#include "model/machine/changes.h"
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

/* A vCPU that is between trap and re-entry. */
struct Handling {
    bool active = false;
    bool gave_up = false; /* its handler has found that it gets EAGAIN */
    arch_ipa ipa{};       /* what its handler is about to map: ... */
    uint64_t bytes = 0;   /* ... [ipa, ipa + bytes) */
};

struct Vm {
    /* index: of scenario.vms; cpu: the implementation that walks for it. */
    Vm(const scn &scenario, const scn_variant &v, unsigned index, const walk_cpu &cpu,
       Sequencer &seq, Memory &mem, rec_run *record);
    Vm(const Vm &) = delete; /* its parts know where it is */

    const scn_vm &cfg;
    const unsigned index;
    rec_run *rec;
    hyp_vm hyp;        /* ops and ctx are set per PE, by HypEnv */
    walk_context walk; /* the registers of its EL1&0, as its vCPUs run */
    MmuLock lock;
    Slots slots;
    Changes changes;
    std::vector<Handling> handling; /* [vcpu] */

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

    /* A guest access has completed; host: the PE that waits for their number. */
    void count_access();
    void wait_for_accesses(unsigned host, uint64_t n);

  private:
    Sequencer &m_seq;
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
};

#endif
