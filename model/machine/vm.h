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

/* Whole pages. */
struct PaRange {
    arch_pa pa{};
    uint64_t bytes = 0;

    bool has(arch_pa at) const { return at.v - pa.v < bytes; }
};

struct Vm {
    /* index: of scenario.vms; cpu: what all PEs that walk for it have. */
    Vm(const scn &scenario, const scn_variant &v, unsigned index, const walk_cpu &cpu,
       Sequencer &seq, Memory &mem, rec_run *record);
    Vm(const Vm &) = delete; /* its parts know where it is */

    const scn_vm &cfg;
    const unsigned index;
    rec_run *rec;
    hyp_vm hyp;            /* ops and ctx are set per PE, by HypEnv */
    const arch_vtcr asked; /* VTCR_EL2, HA, HD and PS as far as a PE has them */
    walk_context walk;     /* the registers of its EL1&0, where PEs do not differ */
    hyp_vmid vmid_id{};    /* where PEs are shared */
    bool stopped = false;  /* its vCPUs do nothing any more */
    MmuLock lock;
    Slots slots;
    Changes changes;
    std::vector<Handling> handling; /* [vcpu] */

    /* The registers as a PE has them when it has entered the VM. */
    walk_context registers(const walk_cpu &cpu, const arch_vtcr &vtcr,
                           uint16_t vmid) const;

    /* VTTBR_EL2.VMID is another one from now on. */
    void set_vmid(uint16_t vmid);
    std::vector<hyp_vm *> copies; /* of hyp: those that must have its VMID */

    /* Where the host keeps the guest's memory at ipa. */
    arch_pa pa_of(arch_ipa ipa);

    /* The guest's own tables are the bytes there, and hardware sets their Access flags.
     */
    void walks_update(arch_pa tables, uint64_t bytes) { m_updated = {tables, bytes}; }
    /* A walk of the guest may store to the line of pa. */
    bool walks_store_to(arch_pa pa) const { return m_updated.has(pa); }
    const PaRange &walks_store() const { return m_updated; }

    /* An MMU notifier takes host memory away from [ipa, ipa + bytes), meanwhile.
     * Linux: kvm_mmu_invalidate_begin(), kvm_mmu_invalidate_end(). */
    void notifier_begins(arch_ipa ipa, uint64_t bytes);
    void notifier_ends();
    /* A fault on ipa, whose memory was looked up at that count of notifiers, must look
     * again. Linux: mmu_invalidate_retry_gfn(). */
    bool notifier_was_here(arch_ipa ipa, uint64_t count) const;
    uint64_t notifier_seq() const { return m_notifier.seq; }

    /* A guest access has completed; host: the PE that waits for their number. */
    void count_access()
    {
        if (rec->n.accesses >= m_awaited.n)
            wake_awaiting();
    }
    void wait_for_accesses(unsigned host, uint64_t n);

  private:
    void wake_awaiting();

    Sequencer &m_seq;
    PaRange m_updated;
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
