/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/pe.h - one processing element: TLBs, table walker, guest accesses.
 *
 * Guest accesses are issued one after the other; each translates through the L1 TLB,
 * the L2 TLB and a walk of the tables in simulated memory, then reads its data. A
 * stage 2 fault takes an exception to the hypervisor's handler on this PE. */
#ifndef MODEL_MACHINE_PE_H
#define MODEL_MACHINE_PE_H

#include "model/machine/dvm.h"
#include "model/machine/world.h"

#include <memory>
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

class Pe : public sc_core::sc_module, public DvmTarget
{
  public:
    Pe(const sc_core::sc_module_name &name, unsigned id, World &world);

    unsigned id() const { return m_id; }
    uint64_t now_ps() const { return m_world.seq.now_ps(); }
    void sleep_until(uint64_t t) { m_world.seq.sleep_until(m_id, t); }
    void sleep_for(uint64_t ps) { sleep_until(now_ps() + ps); }

    /* Look up and walk now, taking the time that it takes. Leaves the access open if it
     * succeeds: end_access() must follow. */
    Translation translate(arch_va va, arch_access access);

    /* The access begun by translate() ends at t (>= now). */
    void end_access(uint64_t t);

    /* One guest access, repeated through its faults until it completes; begins now.
     * Returns its completion time, which may lie ahead of now_ps(). */
    uint64_t access(arch_va va, arch_access access);

    /* A stage 2 fault: exception, handler, return to the guest. Throws if the access
     * has faulted so often that it will never complete. */
    hyp_result take_fault(arch_ipa ipa, arch_access access, const arch_fault &fault);

    /* The same for a fault that the model's access did not meet: it is not counted. */
    hyp_result run_handler(arch_ipa ipa, arch_access access, const arch_fault &fault);

    /* The vCPU's access has completed: a later fault on the page is no retry of it. */
    void access_done()
    {
        m_eagain.valid = false;
        m_faults_n = 0;
    }

    /* Called when a TLBI has taken effect here (for an ordered replay). */
    void watch_tlbi(void (*fn)(void *), void *ctx);

    void serve_tlbi(const arch_tlbi &op) override;
    uint64_t serve_sync(unsigned token) override;
    void check_completed(uint64_t issued_ps) override;

  private:
    struct FreeTlb {
        void operator()(void *p) const { std::free(p); }
    };
    class Tlb
    {
      public:
        Tlb(const scn_tlb &c);
        tlb *operator()() const { return m_tlb; }
        const uint64_t latency_ps;

      private:
        std::unique_ptr<void, FreeTlb> m_mem;
        tlb *m_tlb;
    };

    Tlb &l1(arch_access access) { return access == ARCH_EXECUTE ? m_l1i : m_l1d; }
    bool look_up(arch_va va, arch_access access, Translation &result);
    bool use_entry(const tlb_entry *entry, arch_va va, arch_access access,
                   Translation &result);
    Translation walk_tables(arch_va va, arch_access access);
    walk_next walk_step(walk &w, walk_next next);
    void fill(const walk &w, arch_va va, arch_access access);
    void fill_l1(const tlb_entry &from, arch_va va, arch_access access);
    bool may_cover_walk(const arch_tlbi &op) const;
    void check_not_stale(uint64_t stamp);
    rec_fault_class classify(arch_ipa ipa, arch_access access, const arch_fault &fault);
    bool live_walk(arch_ipa ipa, arch_access access, arch_fault *fault) const;

    const unsigned m_id;
    World &m_world;
    Tlb m_l1i, m_l1d, m_l2;

    struct {
        bool active = false;
        bool no_fill = false; /* a TLBI covered it: its result enters no TLB */
        arch_va va{};
        uint64_t begin_ps = 0;
    } m_walk;
    struct {
        uint64_t end_ps = 0; /* UINT64_MAX: open, end not known yet */
        uint64_t stamp =
            0; /* begin of the walk that found its translation, or of itself */
        std::vector<unsigned> syncs; /* Syncs that wait for the end */
    } m_access;
    struct {
        bool valid = false;
        uint64_t page = 0;
        arch_access access = ARCH_READ;
    } m_eagain; /* the last fault, if it got EAGAIN and its access is not complete */
    uint64_t m_faults_n = 0;       /* of the access that is not complete */
    uint64_t m_lookup_lost_ps = 0; /* to served TLBIs, not yet charged */
    struct {
        void (*fn)(void *) = nullptr;
        void *ctx = nullptr;
    } m_on_tlbi;
};

#endif
