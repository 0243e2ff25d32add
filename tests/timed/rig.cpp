/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/timed/rig.h"

#include "model/machine/tables.h"

extern "C" {
#include "model/mmu/service.h"
#include "walker/arch/desc.h"
}

#include <cstdio>
#include <cstring>
#include <exception>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace
{
void fill_in(RigResult &to, const rec_run &rec, const World &world)
{
    to.n = rec.n;
    to.messages = world.dvm.outside_messages_n();
    to.tlbis = 0;
    for (unsigned pe = 0; pe < world.scenario.pes_n; pe++) {
        to.messages += world.dvm.messages_n(pe);
        to.tlbis += world.dvm.tlbis_n(pe);
    }
    to.faults = rec.faults_n;
    to.last_access_ps = rec.end_ps;
    if (rec.error)
        std::snprintf(to.error, sizeof to.error, "%s", rec.error);
    else if (!world.seq.unfinished().empty())
        std::snprintf(to.error, sizeof to.error, "deadlock");
}

void in_child(const scn &s, const std::vector<Rig::Program> &programs,
              RigResult &result)
{
    const rec_cfg cfg = {s.vms[0].vcpus_n,  UINT64_MAX, 0,       s.slo_ps,
                         s.timeline_bin_ps, REC_NEVER,  nullptr, true};
    rec_run rec;

    rec_init(&rec, &cfg);
    sc_core::sc_set_time_resolution(1, sc_core::SC_PS);
    {
        Rig rig("rig", s, &rec, result, programs);
        sc_core::sc_start();
        for (unsigned id = 0; id < s.pes_n; id++)
            rig.pe(id).report();
        fill_in(result, rec, rig.world);
    }
    rec_free(&rec);
}
} // namespace

/* The thread of one PE. */
class Rig::Runner : public sc_core::sc_module
{
  public:
    Runner(const sc_core::sc_module_name &name, Rig &rig, unsigned id)
        : sc_module(name), m_rig(rig), m_id(id)
    {
        SC_HAS_PROCESS(Runner);
        SC_THREAD(run);
    }

  private:
    void run() { m_rig.run(m_id); }

    Rig &m_rig;
    const unsigned m_id;
};

Rig::~Rig() = default;

Rig::Rig(const sc_core::sc_module_name &name, const scn &s, rec_run *rec,
         RigResult &result, std::vector<Program> programs)
    : sc_module(name), world(s, s.variants[0], 1, rec), m_result(result),
      m_programs(std::move(programs)), m_envs(s.pes_n)
{
    build_initial_tables(world.vms[0], world.mem.words());
    world.watch.begin(Watch::Monitor::ON, nullptr);
    for (unsigned id = 0; id < s.pes_n; id++) {
        const bool vcpu = id < s.vms[0].vcpus_n;
        m_pes.push_back(
            std::make_unique<Pe>(("pe" + std::to_string(id)).c_str(), id, world));
        m_envs[id] =
            std::make_unique<HypEnv>(world, id, vcpu ? static_cast<int>(id) : -1);
        if (id < m_programs.size() && m_programs[id])
            m_runners.push_back(std::make_unique<Runner>(
                ("program" + std::to_string(id)).c_str(), *this, id));
    }
}

void Rig::run(unsigned id)
{
    world.seq.begin(id);
    try {
        m_programs[id](*this, pe(id));
    } catch (const std::exception &e) {
        rec_fail(pe(id).vm().rec, e.what());
        world.seq.abandon();
    }
    world.seq.finish(id);
}

arch_pa Rig::entry(uint64_t ipa, int level)
{
    const walk_s2_cfg &cfg = world.vms[0].walk.s2;
    walk_s2 w;
    walk_next next = walk_s2_begin(&w, &cfg, {ipa}, ARCH_READ);

    while (next == WALK_NEED_DESC && w.level < level)
        next = walk_s2_feed(&w, physmem_read(world.mem.words(), w.desc_pa));
    return w.desc_pa;
}

uint64_t Rig::desc(uint64_t ipa, int level)
{
    return physmem_read(world.mem.words(), entry(ipa, level));
}

void Rig::set_desc(uint64_t ipa, int level, uint64_t desc)
{
    physmem_write(world.mem.words(), entry(ipa, level), desc);
}

uint64_t Rig::translate(Pe &pe, uint64_t va, arch_access access)
{
    const Translation t = pe.translate({va}, access);

    if (t.fault.type != ARCH_FAULT_NONE)
        return 0;
    pe.sleep_for(t.due_ps);
    pe.end_access(pe.now_ps());
    return t.oa.v;
}

void Rig::tlbi_served_at(Pe &pe, uint64_t t, const arch_tlbi &op)
{
    const auto &dvm = world.scenario.platform.dvm;
    const uint64_t way_ps = dvm.issue_ps + dvm.hop_ps / 2 * 2 + dvm.serialise_ps +
                            mmu_service_ps(&world.scenario.platform, &op);

    pe.sleep_until(t - way_ps);
    world.dvm.tlbi(pe.id(), op);
}

RigResult rig_try(const scn &s, const std::vector<Rig::Program> &programs)
{
    void *shared = mmap(nullptr, sizeof(RigResult), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(shared != MAP_FAILED);
    auto *result = static_cast<RigResult *>(shared);
    const pid_t child = fork();
    int status = 0;

    assert_true(child >= 0);
    if (child == 0) {
        in_child(s, programs, *result);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    const RigResult copy = *result;
    munmap(shared, sizeof(RigResult));
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("the run ended with status 0x%x", static_cast<unsigned>(status));
    return copy;
}

RigResult rig_run(const scn &s, const std::vector<Rig::Program> &programs)
{
    const RigResult r = rig_try(s, programs);

    if (r.error[0])
        fail_msg("the run ended with: %s", r.error);
    assert_int_equal(rec_violations(&r.n), 0);
    return r;
}
