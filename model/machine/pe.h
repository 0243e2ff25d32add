/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/pe.h - one processing element: guest accesses through TLBs and walks.
 *
 * Each access translates through the L1 TLB, the L2 TLB and a walk of the tables in
 * simulated memory, then reads its data. Independent accesses issue in order; those
 * that miss in the L1 TLB overlap as far as the platform allows. Only the oldest access
 * may take an exception: a younger one whose walk met a fault translates again when it
 * is the oldest, and those behind an exception issue again after it. */
#ifndef MODEL_MACHINE_PE_H
#define MODEL_MACHINE_PE_H

#include "model/machine/dvm.h"
#include "model/machine/ring.h"
#include "model/machine/walk_unit.h"
#include "model/machine/world.h"

extern "C" {
#include "model/guest/access.h"
#include "tlb/hit.h"
}

#include <algorithm>
#include <vector>

/* A translation attempt that ended. */
struct Translation {
    arch_fault fault;   /* type NONE: oa is valid */
    arch_ipa fault_ipa; /* the IPA that stage 2 refused: of the access, or with s1ptw of
                         * the stage 1 descriptor */
    arch_pa oa;
    uint64_t
        due_ps; /* time that a hit in the L1 TLB still takes; a miss has taken it */
};

/* Thrown through the program of the vCPU whose fault has stopped its VM. */
struct VmStopped {
};

class Pe : public sc_core::sc_module, public DvmTarget
{
  public:
    Pe(const sc_core::sc_module_name &name, unsigned id, World &world);

    unsigned id() const { return m_id; }
    Vm &vm() { return *m_vm; } /* that it runs */
    unsigned vcpu() const { return m_vcpu; }
    const walk_context &registers() const { return m_registers; }
    uint64_t now_ps() const { return m_world.seq.now_ps(); }
    void sleep_until(uint64_t t) { m_world.seq.sleep_until(m_id, t); }
    void sleep_for(uint64_t ps) { sleep_until(now_ps() + ps); }

    /* As sleep_until(), for a guest that computes: it may run ahead of the others. */
    void compute_until(uint64_t t) { m_world.seq.compute_until(m_id, t); }

    /* The guest executes no TLBI and wakes nobody: it reaches other PEs only by its
     * exceptions. */
    void guest_is_quiet();
    /* The same until lead_ps after what is due for this PE, whenever that is; holds
     * until it is told again. */
    void guest_acts_after(uint64_t lead_ps);

    /* No request waited during [from, to); to is the present. */
    void idle(uint64_t from, uint64_t to);

    /* ---- accesses that depend on each other; none may be in flight ---- */

    /* Look up and walk now, taking the time that it takes. Leaves the access open if it
     * succeeds: end_access() must follow. */
    Translation translate(arch_va va, arch_access access);

    /* The access begun by translate() ends at t (>= now). */
    void end_access(uint64_t t);

    /* The access that translate() has begun, with success, reads or writes its data:
     * returns its completion. begin: when its first attempt began. */
    uint64_t complete(uint64_t begin, const Translation &t);

    /* The table maps ipa, or did so until a change that is under way. In no time. */
    bool is_in_use(arch_ipa ipa) const;

    /* One guest access, repeated through its faults until it completes; begins now.
     * Returns its completion time, which may lie ahead of now_ps(). */
    uint64_t access(arch_va va, arch_access access)
    {
        const guest_access only{{mmu_canonical(va)}, access};
        uint64_t end;

        (void)accesses(&only, 1, 0, &end);
        return end;
    }

    /* The first of n accesses, and those of the next ones that follow without anything
     * else that happens, each think_ps after the one before has ended; the first begins
     * now. A VA is its IPA, and canonical. Returns how many, at least one; *end_ps:
     * when the last of them completes. */
    uint32_t accesses(const guest_access *next, uint32_t n, uint64_t think_ps,
                      uint64_t *end_ps)
    {
        if (const uint32_t hits_n = hits(next, n, think_ps, end_ps))
            return hits_n;
        *end_ps = access_at_length({next->ipa.v}, next->access);
        return 1;
    }

    /* One access that takes no exception: *result tells its fault, or else where its
     * data is. Returns when it has ended, which may lie ahead of now_ps(). */
    uint64_t attempt(arch_va va, arch_access access, Translation &result);

    /* From now on faults of the guest's own tables are results, too. */
    void let_stage1_fault() { m_stage1_may_fault = true; }

    /* These accesses will follow, maybe: a hint to the host. */
    [[gnu::noinline]] void foresee(const guest_access *next, uint32_t n) const;

    /* ---- independent accesses; faults are taken inside these calls ---- */

    /* The least from one to the next. */
    uint64_t issue_ps() const { return m_world.scenario.platform.pe.issue_ps; }

    /* Issue one; returns when it is under way. */
    void issue(arch_va va, arch_access access);

    /* Until t, or past it by what the accesses in flight hold the PE up. */
    void run_until(uint64_t t);

    /* Until all have completed; returns when the last one has, which may lie ahead of
     * now_ps(). */
    uint64_t drain();

    /* ---- where PEs are shared: by the thread that has the PE ---- */

    /* The PE leaves its guest, or has entered it: a roll-over of VMIDs in between waits
     * for the one, and the guest waits for the other. */
    void leave_guest();
    void enter_guest();
    bool is_in_guest() const { return m_in_guest; }

    /* Who calls waits for leave_guest(); the guest does so at its next access. */
    void kick() { m_kicked = true; }
    bool is_kicked() const { return m_kicked; }

    /* The guest runs vcpu of vm from now on: loads its registers, and flushes what
     * another vCPU of it may have left here; takes the time that this takes. The second
     * before the run, in no time. */
    void load(Vm &vm, unsigned vcpu);
    void begin(Vm &vm, unsigned vcpu);

    /* ---- exceptions ---- */

    /* A stage 2 fault: exception, handler, return to the guest. Throws if the access
     * has faulted so often that it will never complete, and VmStopped if the VM does
     * not go on. */
    hyp_result take_fault(arch_ipa ipa, arch_access access, const arch_fault &fault);

    /* The same for a fault that the model's access did not meet: it is not counted. */
    hyp_result run_handler(arch_ipa ipa, arch_access access, const arch_fault &fault);

    /* The vCPU's access has completed: a later fault on the page is no retry of it. */
    void access_done()
    {
        m_eagain.valid = false;
        m_faults_n = m_mapped_n = 0;
    }

    /* The guest has done all that it had to do. */
    void guest_ends(uint64_t t);

    /* The VM has stopped while this PE was at work for it. */
    void halt();

    /* Called when a TLBI has taken effect here (for an ordered replay). */
    void watch_tlbi(void (*fn)(void *), void *ctx);

    /* Adds what the translation caches have counted since the last call to the record
     * of the VM; the second what its TLBIs have made of messages. */
    void report();
    void account_dvm();

    void serve_tlbi(const arch_tlbi &op) override;
    uint64_t serve_sync(unsigned token) override;
    void check_completed(const arch_tlbi &op, uint64_t issued_ps) override;

  private:
    enum class State { LOOKING, TRANSLATED, FAULTED };
    static constexpr uint64_t PLACES_MAX = 64;   /* the most of pe.outstanding_n */
    static constexpr uint64_t GONE = UINT64_MAX; /* the id of an access not in flight */
    static constexpr uint64_t OPEN = UINT64_MAX; /* the end of an access: not known */

    /* What a hit in an L1 TLB takes, with its data in the PE's L2. */
    struct L1 {
        tlb_front *front; /* NULL: such hits take the long way */
        uint64_t hit_ps;
    };

    /* An access in flight that the L1 TLB did not translate. */
    struct Flight {
        uint64_t number; /* of this attempt */
        uint64_t id;     /* its number and its place in m_flights */
        arch_va va;
        arch_access access;
        uint64_t begin_ps;   /* the guest issued it */
        uint64_t attempt_ps; /* this attempt began */
        State state;
        bool dependent;  /* translate() waits for it */
        bool was_oldest; /* FAULTED: the fault may be taken */
        Translation result;
        uint64_t end_ps; /* TRANSLATED and not dependent */
    };
    struct Todo {
        arch_va va;
        arch_access access;
        uint64_t begin_ps;
        bool again;
    };

    L1 l1_of(tlb *t, const scn_tlb &cfg) const;
    static uint64_t latency_ps(const scn_tlb &t);
    /* These are not inlined where accesses are made: they keep their registers. */
    [[gnu::noinline]] uint32_t hits(const guest_access *next, uint32_t n,
                                    uint64_t think_ps, uint64_t *end_ps);
    [[gnu::noinline]] uint64_t access_at_length(arch_va va, arch_access access);
    [[gnu::noinline]] void fetch_for_miss(arch_va va) const;
    uint64_t run_of_hits_ends(const L1 &l1) const;
    void have_hit(const L1 &l1, uint32_t n, uint64_t end);
    bool look_up_l1(arch_va va, arch_access access, Translation &result);
    bool use_entry(const tlb_entry *entry, arch_va va, arch_access access,
                   Translation &result);
    void check_memory(arch_va va, const Translation &t);
    uint64_t data_end(const Translation &t);

    Flight &launch(const Todo &access, bool dependent);
    void look_up_l2_later(Flight &f);
    const tlb_entry *look_up_l2(Flight &f);
    static void on_look_up_l2(void *ctx, uint64_t id);
    static void on_conflict(void *ctx, uint64_t ia);
    static void on_l2_hit(void *ctx, uint64_t id);
    Flight *find(uint64_t id);
    Flight &add(const Todo &access, bool dependent);
    void let_oldest_go();
    void attempt_again(Flight &f);
    void settle(Flight &f);
    void settle_in_order(Flight &f);
    void pump();
    bool retire();
    void start(const Todo &access);
    void take_oldest_fault();

    /* What its walkers tell and ask. id: that of the request. */
    friend class WalkUnit;
    void walk_ended(uint64_t id, walk_next how, const walk &w);
    /* The page may be in the TLBs by now. */
    void look_again(uint64_t id);
    /* A walk is over, one that nobody waits for as well. */
    void walker_free();
    /* A step may run ahead of other PEs, until the end of a walk or a message; one that
     * looks up; so may the end of the request, whose access is to pa. */
    bool may_step_ahead() const { return m_syncs.empty(); }
    bool may_look_up_ahead() const;
    bool may_end_ahead(uint64_t id, arch_pa pa);

    uint64_t oldest_open() const;
    void closed(uint64_t number, uint64_t end);
    void settle_syncs();

    void set_registers(uint16_t vmid);
    void wait_for_walks();
    void flush_vcpu();
    /* Until t, or until an access in flight needs its program. */
    void nap_until(uint64_t t) { m_world.seq.guest_nap_until(m_id, t); }
    void catch_up() { m_world.seq.catch_up(m_id); }
    void record_idle();
    void stop_vm();
    bool another_makes(arch_ipa ipa) const;
    rec_fault_class classify(arch_ipa ipa, arch_access access, const arch_fault &fault);
    bool live_walk(arch_ipa ipa, arch_access access, arch_fault *fault) const;

    const unsigned m_id;
    World &m_world;
    Vm *m_vm;
    unsigned m_vcpu;
    L1 m_l1[2];                    /* for data, for instructions */
    uint64_t m_miss_ps[2];         /* the same: to look up in L1 and L2 TLB */
    tags *m_own_lines;             /* of the PE's L2 */
    uint32_t m_who_bits = 0;       /* tlb_who(&m_who) */
    uint64_t m_lookup_lost_ps = 0; /* to served TLBIs, not yet charged */
    uint64_t m_last_offset = 0;    /* from VA to PA, of the last hit in an L1 TLB */
    struct {
        uint64_t number = 0, begin_ps = 0;
        uint64_t end_ps = 0;
    } m_access; /* of translate(), or the hit that ends last */
    uint64_t m_last_end_ps = 0;
    struct Sync {
        unsigned token;
        uint64_t before; /* waits for the accesses and walks of smaller numbers */
        uint64_t end_ps;
    };
    std::vector<Sync> m_syncs;
    struct {
        bool valid = false;
        uint64_t page = 0;
        arch_access access = ARCH_READ;
    } m_eagain; /* the last fault, if it got EAGAIN and its access is not complete */
    uint64_t m_faults_n = 0; /* of the access that is not complete, ... */
    uint64_t m_mapped_n = 0; /* ... of those the handler mapped it */

    walk_context m_registers;
    tlb_tag m_who{}; /* of the guest's accesses */
    mmu_caches m_caches;
    WalkUnit m_walks;
    bool m_stage1_may_fault = false;
    unsigned m_l2_last_shift = 0; /* page size of the last hit in the L2 TLB */

    Ring<Flight> m_flights; /* oldest first, at most pe.outstanding_n */
    Ring<Todo> m_todo;      /* not yet issued, or to be issued again */
    uint64_t m_issue_free_ps = 0;
    uint64_t m_lead_ps = 0; /* guest_acts_after() */
    struct Idle {
        uint64_t from, to;
    };
    std::vector<Idle> m_idle; /* of a guest that runs ahead, to be recorded */
    struct {
        void (*fn)(void *) = nullptr;
        void *ctx = nullptr;
    } m_on_tlbi;

    uint16_t m_vmid = 0; /* of the VM, when the registers were loaded */
    const Vm *m_vtcr_of; /* whose VTCR_EL2 set_registers() loads; the VM, but for a
                          * defect */
    const Vm *m_vtcr_in_force = nullptr;
    bool m_in_guest = false, m_kicked = false, m_waits_for_walks = false;
    std::vector<int> m_last_vcpu;      /* [vm] that ran here; -1: none */
    uint64_t m_reported_conflicts = 0, /* in a record already */
        m_reported_messages = 0, m_reported_tlbis = 0;
};

#endif
