/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/dvm.h - TLB maintenance broadcast between the PEs of the domain.
 *
 * A message leaves its PE, waits for the interconnect, is delivered to every other PE
 * of the domain, or where the platform can tell to those that run the VM it names,
 * waits there, is served, and is acknowledged. A DSB waits for the acknowledgements of
 * the TLBIs before it and then for a Sync, which a PE answers when the accesses that it
 * had begun have ended. */
#ifndef MODEL_MACHINE_DVM_H
#define MODEL_MACHINE_DVM_H

#include "model/machine/sequencer.h"

extern "C" {
#include "model/scenario/scn.h"
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

    /* A DSB has just completed op, issued at issued_ps, which the target has served: it
     * holds nothing of what op covers, and no access begun before is under way. */
    virtual void check_completed(const arch_tlbi &op, uint64_t issued_ps) = 0;
};

constexpr uint64_t DVM_LATER = UINT64_MAX;

class Dvm
{
  public:
    Dvm(Sequencer &seq, const scn &scenario);

    /* Let PEs run ahead as far as this interconnect and the exceptions of guests allow.
     * guests_swap: walks may update descriptors. */
    void let_run_ahead(bool guests_swap);
    void guests_swap(); /* from now on */
    void attach(unsigned pe, DvmTarget *target) { m_targets[pe] = target; }

    /* The PE runs a vCPU of that VMID, and may hold translations of it from now on. */
    void runs(unsigned pe, uint16_t vmid);

    /* Executed by the program of pe; return when the instruction has completed. */
    void tlbi(unsigned pe, const arch_tlbi &op);
    /* lead_ps: as of Sequencer::sleep_until(), for a DSB that waits for no TLBI. */
    void dsb(unsigned pe, arch_dsb kind, uint64_t lead_ps = 0);

    void sync_done(unsigned token, uint64_t t);

    /* A requester outside the machine has to broadcast op and a Sync for its DSB: now,
     * or when fewer than dvm.outstanding of its TLBIs are in flight. */
    void from_outside(const arch_tlbi &op);

    /* The earliest that a TLBI or a Sync that leaves a PE at 0 has any effect on
     * another one. */
    static uint64_t lead_ps(const scn_platform &p);

    /* What pe, or a requester outside, has sent. */
    uint64_t messages_n(unsigned pe) const { return m_sent[pe].messages_n; }
    uint64_t tlbis_n(unsigned pe) const { return m_sent[pe].tlbis_n; }
    uint64_t outside_messages_n() const { return m_outside.messages_n; }

  private:
    struct InFlight {
        unsigned issuer;
        arch_tlbi op;
        uint64_t issued_ps;
        uint64_t acked_ps;   /* latest acknowledgement of those that have served it */
        unsigned unserved_n; /* PEs that have not */
        bool retired;        /* completed by a DSB */
    };
    /* Who gets a message: nobody, all, or the PEs that run the VM of VMID v: v. */
    using Audience = uint32_t;
    static constexpr Audience NOBODY = 0, DOMAIN = UINT32_MAX;
    static Audience both(Audience a, Audience b);

    static void on_tlbi_delivered(void *ctx, uint64_t arg);
    static void on_tlbi_served(void *ctx, uint64_t arg);
    static void on_sync_delivered(void *ctx, uint64_t arg);
    static void on_sync_served(void *ctx, uint64_t arg);
    static void on_outside_delivered(void *ctx, uint64_t arg);
    static void on_outside_served(void *ctx, uint64_t arg);
    static void on_outside_sync(void *ctx, uint64_t arg);
    static void on_outside_done(void *ctx, uint64_t arg);
    void send_outside();
    bool has_run(unsigned pe, uint32_t vmid) const;
    Audience audience(const arch_tlbi &op) const;
    bool hears(unsigned pe, Audience who) const;
    bool receives(unsigned pe, unsigned issuer, const arch_tlbi &op) const;
    unsigned broadcast_outside(Sequencer::Callback fn, uint64_t slot);
    uint64_t through_interconnect(uint64_t t);
    uint64_t served_at(unsigned pe, uint64_t service);
    size_t free_slot();
    void wait_until_served(unsigned pe, uint64_t t);
    void wait_for_room(unsigned pe);
    static bool waits_for(arch_dsb kind, const InFlight &f);
    void wait_for_acks(unsigned pe, arch_dsb kind);
    void broadcast_sync(unsigned pe, Audience to);
    void drain_own(unsigned pe);
    void set_leads();
    void sync_opens();
    void sync_closes();
    Audience sync_audience(unsigned pe, arch_dsb kind);
    void complete(unsigned pe, arch_dsb kind);

    Sequencer &m_seq;
    const scn_platform &m_platform;
    std::vector<std::vector<bool>> m_ran; /* [pe][vmid] it has run */
    std::vector<DvmTarget *> m_targets;   /* [pe] */
    std::vector<uint64_t> m_port_free;    /* [pe] when its DVM port is idle again */
    uint64_t m_interconnect_free = 0;
    struct Sent {
        uint64_t messages_n = 0, tlbis_n = 0;
    };
    std::vector<Sent> m_sent;      /* [pe] */
    std::vector<InFlight> m_tlbis; /* slots; retired ones are used again */
    struct Sync {
        unsigned waiting_n = 0;
        uint64_t last_ps = 0;
        uint64_t back_ps = 0; /* from the last answer to the requester */
    };
    std::vector<Sync> m_syncs; /* [pe]: a PE waits for one Sync at a time */
    struct Unsynced {
        Audience inner = NOBODY, outer = NOBODY; /* by the domain of the TLBI */
    };
    std::vector<Unsynced> m_unsynced; /* [pe] broadcast since its last Sync */
    bool m_guests_swap = false;
    unsigned m_open_syncs_n = 0; /* that wait for an answer */
    std::vector<bool> m_waits;   /* [pe] naps until one of its TLBIs is served */
    struct {
        arch_tlbi op{};
        std::vector<unsigned> unserved_n; /* [slot] PEs that have not; 0: free */
        uint64_t waiting_n = 0;           /* to be sent when a slot is free */
        uint64_t messages_n = 0;
    } m_outside;
};

#endif
