/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/background.h"
#include "model/machine/hyp_env.h"
#include "model/machine/programs.h"
#include "model/machine/stage_program.h"
#include "model/machine/tables.h"

extern "C" {
#include "model/machine/machine.h"
#include "model/trace/trace.h"
}

#include <memory>
#include <string>

namespace
{
/* The recording of a replay scenario. */
class Recording
{
  public:
    ~Recording() { replay_free(&m_order); }

    /* Empty, or what is wrong with the recording. */
    std::string load(const scn &s)
    {
        const guest_cfg &g = s.vm.guest;
        trace t;
        trace_error trace_err;
        replay_error err;

        if (!trace_import_file(g.trace_path, &t, &trace_err))
            return trace_err.text;
        const bool ok = replay_init(&m_order, &t, g.trace_slot, s.vm.vcpus_n, &err);
        trace_free(&t);
        return ok ? "" : err.text;
    }
    replay &order() { return m_order; }

  private:
    replay m_order{};
};

/* One PE and the program that it runs. */
class Core : public sc_core::sc_module
{
  public:
    Core(const sc_core::sc_module_name &name, unsigned id, World &world,
         std::unique_ptr<Program> program, bool is_vcpu)
        : sc_module(name), pe("pe", id, world), m_world(world),
          m_program(std::move(program))
    {
        if (is_vcpu)
            m_env = std::make_unique<HypEnv>(world, id, static_cast<int>(id));
        SC_HAS_PROCESS(Core);
        if (m_program)
            SC_THREAD(run);
    }

    Pe pe;

  private:
    void run()
    {
        m_world.seq.begin(pe.id());
        try {
            m_program->run(pe);
        } catch (const VmStopped &) {
        } catch (const std::exception &e) {
            rec_fail(m_world.rec, e.what());
            m_world.seq.abandon();
        }
        m_world.seq.finish(pe.id());
    }

    World &m_world;
    std::unique_ptr<Program> m_program;
    std::unique_ptr<HypEnv> m_env;
};

/* What the programs of one guest share; one of them at most. */
struct Boards {
    std::unique_ptr<ReplayBoard> replay;
    std::unique_ptr<StageBoard> stages;
};

bool is_in_stages(guest_kind kind)
{
    return kind == GUEST_PAGE_TABLE_TEST || kind == GUEST_DIRTY_LOG_TEST ||
           kind == GUEST_STAGES;
}

std::unique_ptr<Program> guest_program(World &world, const machine_job &job,
                                       const Boards &boards)
{
    switch (world.scenario.vm.guest.kind) {
    case GUEST_REQUESTS:
        return std::make_unique<RequestProgram>(world, job);
    case GUEST_STEPS:
        return std::make_unique<StepProgram>(world);
    case GUEST_REPLAY:
        return std::make_unique<ReplayProgram>(world, *boards.replay);
    case GUEST_STREAM:
        return std::make_unique<StreamProgram>(world, job);
    case GUEST_FLUSH:
        return std::make_unique<FlushProgram>(world);
    case GUEST_PAGE_TABLE_TEST:
    case GUEST_DIRTY_LOG_TEST:
    case GUEST_STAGES:
        return std::make_unique<StageProgram>(*boards.stages, job.seed);
    case GUEST_IDLE:
        break;
    }
    return nullptr;
}

std::unique_ptr<Program> program_for(unsigned id, World &world, const machine_job &job,
                                     const Boards &boards)
{
    const scn &s = world.scenario;
    const bool capacity = s.vm.guest.kind == GUEST_REQUESTS && job.interval_ps == 0;

    if (id < s.vm.vcpus_n)
        return guest_program(world, job, boards);
    if (id == s.vm.vcpus_n && boards.stages)
        return std::make_unique<StageHostProgram>(world, *boards.stages);
    if (id == s.vm.vcpus_n && s.events_n && !capacity)
        return std::make_unique<HostProgram>(world);
    return nullptr;
}

rec_cfg record_cfg(const machine_job &job)
{
    const scn &s = *job.scenario;

    return {s.vm.vcpus_n,        job.duration_ps,
            job.measure_from_ps, s.slo_ps,
            s.timeline_bin_ps,   s.events_n ? s.events[0].at_ps : REC_NEVER};
}

void take_recorded_counts(const replay &r, rec_run *rec)
{
    rec->recorded = {r.breaks_won, r.makes,    r.tables_freed,   r.tlbi_vmid,
                     r.tlbi_ipa,   r.left_out, r.breaks_inferred};
    for (size_t i = 0; i < r.attempts_n; i++) {
        const rec_attempt none{};
        rec_add_attempt(rec, &none);
    }
}

void simulate(const machine_job &job, rec_run *rec)
{
    const scn &s = *job.scenario;
    World world(s, s.variants[job.variant], job.seed, rec);
    Recording recording;
    Boards boards;
    std::vector<std::unique_ptr<Core>> cores;

    if (s.vm.guest.kind == GUEST_REPLAY) {
        const std::string problem = recording.load(s);
        if (!problem.empty())
            return rec_fail(rec, problem.c_str());
        take_recorded_counts(recording.order(), rec);
        boards.replay = std::make_unique<ReplayBoard>(world, recording.order());
    }
    if (is_in_stages(s.vm.guest.kind))
        boards.stages = std::make_unique<StageBoard>(world);
    build_initial_tables(world);
    for (unsigned id = 0; id < s.pes_n; id++) {
        cores.push_back(std::make_unique<Core>(
            ("core" + std::to_string(id)).c_str(), id, world,
            program_for(id, world, job, boards), id < s.vm.vcpus_n));
    }
    const Background background(world, job.seed);
    sc_core::sc_start();
    if (!world.seq.unfinished().empty())
        rec_fail(rec,
                 ("deadlock: waiting for ever: PE" + world.seq.unfinished()).c_str());
    (void)world.counters();
    for (const auto &core : cores)
        core->pe.report();
}
} // namespace

void machine_run(const machine_job *job, rec_run *out)
{
    const rec_cfg cfg = record_cfg(*job);

    sc_core::sc_set_time_resolution(1, sc_core::SC_PS);
    rec_init(out, &cfg);
    try {
        simulate(*job, out);
    } catch (const std::exception &e) {
        rec_fail(out, e.what());
    }
}
