/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/dvm.h - TLB maintenance broadcast between the PEs of the domain.
 *
 * A message leaves its PE, waits for the interconnect, is delivered to every other PE,
 * waits there, is served, and is acknowledged. A DSB waits for the acknowledgements of
 * the TLBIs before it and then for a Sync, which a PE answers when the accesses that it
 * had begun have ended. */
#ifndef MODEL_MACHINE_DVM_H
#define MODEL_MACHINE_DVM_H

#include "model/machine/sequencer.h"

extern "C" {
#include "model/scenario/platform.h"
#include "walker/arch/tlbi.h"
}

#include <vector>

/* What the broadcast needs of a PE. */
class DvmTarget
{
  public:
    virtual ~DvmTarget() = default;

    /* The TLBI takes effect now. */
    virtual void serve_tlbi(const arch_tlbi &op) = 0;

    /* When the accesses begun before now have ended: a time, or DVM_LATER if the target
     * will call Dvm::sync_done(token, time) by itself. */
    virtual uint64_t serve_sync(unsigned token) = 0;

    /* A DSB has just completed a broadcast TLBI of combined translations: no access
     * that uses one found before issued_ps may be under way any more. */
    virtual void check_completed(uint64_t issued_ps) = 0;
};

constexpr uint64_t DVM_LATER = UINT64_MAX;

class Dvm
{
  public:
    Dvm(Sequencer &seq, const scn_platform &platform, unsigned pes_n);
    void attach(unsigned pe, DvmTarget *target) { m_targets[pe] = target; }

    /* Executed by the program of pe; return when the instruction has completed. */
    void tlbi(unsigned pe, const arch_tlbi &op);
    void dsb(unsigned pe, arch_dsb kind);

    void sync_done(unsigned token, uint64_t t);

    uint64_t messages_n() const { return m_messages_n; }

    /* A combined translation of vmid whose walk began before this time must not be used
     * any more: a TLBI issued then has completed. */
    uint64_t completed_ps(uint16_t vmid) const;

  private:
    struct InFlight {
        unsigned issuer;
        arch_tlbi op;
        uint64_t issued_ps;
        uint64_t acked_ps;   /* latest acknowledgement of those that have served it */
        unsigned unserved_n; /* PEs that have not */
        bool retired;        /* completed by a DSB */
    };
    struct Done {
        uint16_t vmid;
        uint64_t issued_ps;
    };

    static void on_tlbi_delivered(void *ctx, uint64_t arg);
    static void on_tlbi_served(void *ctx, uint64_t arg);
    static void on_sync_delivered(void *ctx, uint64_t arg);
    static void on_sync_served(void *ctx, uint64_t arg);
    uint64_t service_ps(const arch_tlbi &op) const;
    uint64_t through_interconnect(uint64_t t);
    uint64_t served_at(unsigned pe, uint64_t service);
    size_t free_slot();
    void wait_until_served(unsigned pe);
    void wait_for_room(unsigned pe);
    static bool waits_for(arch_dsb kind, const InFlight &f);
    void wait_for_acks(unsigned pe, arch_dsb kind);
    void broadcast_sync(unsigned pe);
    void complete(unsigned pe, arch_dsb kind);

    Sequencer &m_seq;
    const scn_platform &m_platform;
    std::vector<DvmTarget *> m_targets; /* [pe] */
    std::vector<uint64_t> m_port_free;  /* [pe] when its DVM port is idle again */
    uint64_t m_interconnect_free = 0;
    uint64_t m_messages_n = 0;
    std::vector<InFlight> m_tlbis; /* slots; retired ones are used again */
    struct Sync {
        unsigned waiting_n = 0;
        uint64_t last_ps = 0;
    };
    std::vector<Sync> m_syncs;      /* [pe]: a PE waits for one Sync at a time */
    std::vector<bool> m_needs_sync; /* [pe] broadcast since its last Sync */
    std::vector<bool> m_waits;      /* [pe] blocked until one of its TLBIs is served */
    std::vector<Done> m_done;       /* latest completed per VMID */
};

#endif
