/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/hyp_env.h - the hypervisor's operations, in simulated time on one PE.
 */
#ifndef MODEL_MACHINE_HYP_ENV_H
#define MODEL_MACHINE_HYP_ENV_H

#include "model/machine/world.h"

extern "C" {
#include "model/hyp/defect.h"
}

/* What an ordered replay does at the points of a protocol. */
class PointObserver
{
  public:
    virtual ~PointObserver() = default;
    virtual void at(const hyp_event &event) = 0; /* may sleep */
    virtual void settled() = 0; /* what was announced last has taken effect */
};

class HypEnv
{
  public:
    /* vcpu: the vCPU whose faults this PE handles, or -1 for the host thread. */
    HypEnv(World &world, unsigned pe, int vcpu);
    HypEnv(World &world, Vm &vm, unsigned pe, int vcpu);
    ~HypEnv();
    HypEnv(const HypEnv &) = delete;

    /* The vCPU is on that PE from now on. */
    void goes_to(unsigned pe);

    Vm &vm() { return m_vm; }
    const hyp_vm &hyp() const { return m_hyp; }
    /* A fault is taken; after its handler the vCPU acts after_ps later or not at all.
     */
    void handles(arch_ipa ipa, const arch_fault &fault, uint64_t after_ps);
    /* How long after it has begun the handler acts, at the earliest. */
    uint64_t lead_ps() const;
    void observe(PointObserver *observer) { m_observer = observer; }

    /* Count time of the fault being handled; nothing on the host thread. */
    void charge(rec_spent what, uint64_t ps);

    /* Let the software time that was spent and not yet slept for pass. */
    void settle();

  private:
    static uint64_t read(void *ctx, arch_pa pa);
    static void write(void *ctx, arch_pa pa, uint64_t desc);
    static bool cmpxchg(void *ctx, arch_pa pa, uint64_t old, uint64_t desc);
    static void tlbi(void *ctx, const arch_tlbi *op);
    static void dsb(void *ctx, arch_dsb kind);
    static void isb(void *ctx);
    static void lock(void *ctx, hyp_lock_mode mode);
    static void unlock(void *ctx, hyp_lock_mode mode);
    static void clean(void *ctx, arch_pa pa, uint64_t bytes);
    static void icache(void *ctx, arch_pa pa, uint64_t bytes);
    static void spend(void *ctx, hyp_cost what);
    static arch_pa table_alloc(void *ctx);
    static void table_free(void *ctx, arch_pa table);
    static bool table_empty(void *ctx, arch_pa table);
    static void host_page(void *ctx, arch_pa pa, uint64_t bytes);
    static bool invalidated(void *ctx);
    static void was_dirty(void *ctx, arch_ipa page);
    static void at(void *ctx, const hyp_event *event);
    static const hyp_ops OPS;

    rec_spent on_tables() const
    {
        return m_tearing ? REC_SPENT_TEARDOWN : REC_SPENT_TABLES;
    }
    void load_vtcr(bool of_vm);
    void pass(uint64_t ps, uint64_t lead_ps = 0);
    uint64_t lead_under_lock_ps() const;
    uint64_t lead_to_unlock_ps() const;
    uint64_t lead_unlocked_ps() const;
    void acts();
    void access(uint64_t ps);
    void treat_lines(rec_spent what, uint64_t bytes, uint64_t each_ps);
    void zero(arch_pa pa, uint64_t bytes);
    /* When what is done next begins. */
    uint64_t begin_ps() const { return m_world.seq.now_ps() + m_debt_ps; }
    void store(arch_pa pa, uint64_t desc);
    void count(const hyp_event &event);
    void make_mistakes(hyp_defect defect);

    World &m_world;
    Vm &m_vm;
    unsigned m_pe;
    const int m_vcpu;
    hyp_vm m_hyp;
    uint64_t m_debt_ps = 0; /* spent, not yet slept for */
    arch_ipa m_fault_ipa{}; /* of the fault being handled */
    uint64_t m_after_ps = 0;
    bool m_only_looks = false; /* the handler has not acted, ... */
    bool m_maps = false;       /* ... is in hyp_map(), ... */
    bool m_gave_up = false;    /* ... and only has to leave it */
    uint64_t m_notifier_seq = 0;
    bool m_in_force = false; /* the VM's VTCR_EL2, on the PE of a host thread */
    bool m_tearing = false;  /* a detached table is being freed */
    PointObserver *m_observer = nullptr;
    hyp_defective m_defective{}; /* of a variant with a defect */
};

#endif
