/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/task.h - a vCPU or a host thread, and what its program may do.
 *
 * Tasks that share a PE take turns: the one whose turn it is runs as the program of the
 * PE. It gives way before an access, at the end of its time slice if another waits, and
 * while it idles. A fault's handler keeps the PE. */
#ifndef MODEL_MACHINE_TASK_H
#define MODEL_MACHINE_TASK_H

#include "model/machine/hyp_env.h"
#include "model/machine/pe.h"

#include <climits>
#include <memory>
#include <string>

class Program;
class Scheduler;

class Task : public sc_core::sc_module
{
  public:
    static constexpr unsigned STAYS = UINT_MAX;

    /* vcpu: -1 for a host thread; program: or NULL, for a vCPU that does nothing. */
    Task(const sc_core::sc_module_name &name, World &world, Scheduler &scheduler,
         Vm &vm, int vcpu, unsigned pe, std::unique_ptr<Program> program);
    ~Task() override;

    Vm &vm() { return m_vm; }
    unsigned vcpu() const { return static_cast<unsigned>(m_vcpu); }
    bool has_program() const { return m_program != nullptr; }

    /* ---- for its program ---- */

    Pe &pe() { return *m_world.pes[m_pe]; } /* that it is on now */
    unsigned id() const { return m_pe; }    /* of that */
    const walk_context &registers() { return pe().registers(); }
    unsigned stream() const { return m_stream; } /* no other vCPU has that number */
    uint64_t now_ps() const { return m_world.seq.now_ps(); }

    /* Compute until t, which may have passed; later by what the PE was not its own. The
     * second may run ahead of others. */
    void sleep_until(uint64_t t);
    void compute_until(uint64_t t)
    {
        if (m_alone)
            return m_alone->compute_until(t);
        sleep_until(t);
    }
    void sleep_for(uint64_t ps) { sleep_until(now_ps() + ps); }

    /* Nothing to do until t. The second may run ahead of others. */
    void wait_until(uint64_t t);
    void idle_until(uint64_t t);

    /* Between two instructions: another task may have the PE now, or this one another.
     */
    void yield();

    /* As those of its PE. */
    uint64_t access(arch_va va, arch_access access)
    {
        return m_alone ? m_alone->access(va, access) : shared_access(va, access);
    }
    uint32_t accesses(const guest_access *next, uint32_t n, uint64_t think_ps,
                      uint64_t *end_ps)
    {
        if (m_alone)
            return m_alone->accesses(next, n, think_ps, end_ps);
        *end_ps = shared_access({next->ipa.v}, next->access);
        return 1;
    }
    void issue(arch_va va, arch_access access);
    void run_until(uint64_t t);
    uint64_t drain() { return pe().drain(); }
    void guest_ends(uint64_t t) { pe().guest_ends(t); }
    void guest_is_quiet() { pe().guest_is_quiet(); }
    void idle(uint64_t from, uint64_t to) { pe().idle(from, to); }
    void foresee(const guest_access *next, uint32_t n) const
    {
        if (m_alone)
            m_alone->foresee(next, n);
    }

  private:
    friend class Scheduler;

    [[gnu::noinline]] uint64_t shared_access(arch_va va, arch_access access);
    void run();

    World &m_world;
    Scheduler &m_scheduler;
    Vm &m_vm;
    const int m_vcpu;
    Pe *const m_alone; /* its PE, which it shares with nobody; NULL: with others */
    unsigned m_pe, m_stream;
    std::unique_ptr<Program> m_program;
    std::unique_ptr<HypEnv> m_env; /* of a vCPU */

    /* Of the scheduler. */
    sc_core::sc_event m_turn;
    uint64_t m_ready_ps = 0;    /* it has nothing to do before */
    bool m_loaded = false;      /* its registers are on its PE */
    unsigned m_goes_to = STAYS; /* PE, at the next chance */
};

#endif
