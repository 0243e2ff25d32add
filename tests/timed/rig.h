/* SPDX-License-Identifier: Apache-2.0 */
/* tests/timed/rig.h - a machine whose PEs do what a test says, to the picosecond.
 *
 * Each run happens in a process of its own, since the SystemC kernel runs once. */
#ifndef TESTS_TIMED_RIG_H
#define TESTS_TIMED_RIG_H

#include "model/machine/hyp_env.h"
#include "model/machine/pe.h"

#include "tests/timed/timed.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

constexpr unsigned RIG_NOTES_MAX = 256;

/* What a run leaves behind; in memory that both processes see. */
struct RigResult {
    uint64_t note[RIG_NOTES_MAX];
    rec_counters n; /* as of the record; translation caches included */
    uint64_t messages, tlbis, faults, last_access_ps;
    char error[200]; /* empty, or what the model threw */
};

class Rig : public sc_core::sc_module
{
  public:
    using Program = std::function<void(Rig &, Pe &)>;

    Rig(const sc_core::sc_module_name &name, const scn &s, rec_run *rec,
        RigResult &result, std::vector<Program> programs);
    ~Rig() override;

    World world;

    /* For the test to look at, after the run. */
    void note(unsigned i, uint64_t value) { m_result.note[i] = value; }
    Pe &pe(unsigned id) { return *m_pes[id]; }
    const hyp_vm &hyp(unsigned pe) { return m_envs[pe]->hyp(); }

    /* What the tables hold for ipa at level, written at once. */
    arch_pa entry(uint64_t ipa, int level);
    uint64_t desc(uint64_t ipa, int level);
    void set_desc(uint64_t ipa, int level, uint64_t desc);

    /* One access that begins now, without its faults; ends when its data has come, 0 ns
     * after the translation. Returns the PA, or 0 after a fault. */
    static uint64_t translate(Pe &pe, uint64_t va, arch_access access = ARCH_READ);

    /* TLBI op so that PE target serves it at t; by a program of another PE. The ports
     * and the interconnect must be free. */
    void tlbi_served_at(Pe &pe, uint64_t t, const arch_tlbi &op);

  private:
    class Runner;
    void run(unsigned id);

    RigResult &m_result;
    std::vector<Program> m_programs; /* [pe] */
    std::vector<std::unique_ptr<Pe>> m_pes;
    std::vector<std::unique_ptr<HypEnv>> m_envs;
    std::vector<std::unique_ptr<Runner>> m_runners;
};

/* Runs s with programs [pe] (missing or empty ones do nothing). Fails the test if the
 * model ends with an error, or in a deadlock. */
RigResult rig_run(const scn &s, const std::vector<Rig::Program> &programs);

/* The same, where an error is what the test looks for. */
RigResult rig_try(const scn &s, const std::vector<Rig::Program> &programs);

/* A scenario of tests/timed/scenarios that goes when it goes out of scope. */
class RigScenario
{
  public:
    explicit RigScenario(const char *name) { timed_load(name, &s); }
    ~RigScenario() { scn_free(&s); }
    RigScenario(const RigScenario &) = delete;
    RigScenario &operator=(const RigScenario &) = delete;

    scn s;
};

#endif
