/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/background.h"
#include "model/machine/hyp_env.h"
#include "model/machine/litmus_program.h"
#include "model/machine/programs.h"
#include "model/machine/replay_program.h"
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
    std::string load(const scn &s, const scn_variant &v)
    {
        const scn_vm &vm = s.vms[0]; /* the only one */
        const guest_cfg &g = vm.guest;
        const replay_cfg cfg = {g.trace_slot, vm.vcpus_n,
                                v.hyp.lock == HYP_LOCK_EXCLUSIVE, vm.memory[0].ipa,
                                vm.memory[0].bytes};
        trace t;
        trace_error trace_err;
        replay_error err;

        if (!trace_import_file(g.trace_path, &t, &trace_err))
            return trace_err.text;
        const bool ok = replay_init(&m_order, &t, &cfg, &err);
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
            m_env = std::make_unique<HypEnv>(world, id, static_cast<int>(pe.vcpu()));
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
            rec_fail(pe.vm().rec, e.what());
            m_world.seq.abandon();
        }
        m_world.seq.finish(pe.id());
    }

    World &m_world;
    std::unique_ptr<Program> m_program;
    std::unique_ptr<HypEnv> m_env;
};

/* What the programs of one VM share; one of them at most. */
struct Boards {
    std::unique_ptr<ReplayBoard> replay;
    std::unique_ptr<StageBoard> stages;
    std::unique_ptr<LitmusBoard> litmus;
};

bool is_in_stages(guest_kind kind)
{
    return kind == GUEST_PAGE_TABLE_TEST || kind == GUEST_DIRTY_LOG_TEST ||
           kind == GUEST_STAGES;
}

std::unique_ptr<Program> guest_program(World &world, const scn_vm &vm,
                                       const machine_job &job, const Boards &boards)
{
    switch (vm.guest.kind) {
    case GUEST_REQUESTS:
        return std::make_unique<RequestProgram>(job);
    case GUEST_STEPS:
        return std::make_unique<StepProgram>(world);
    case GUEST_REPLAY:
        return std::make_unique<ReplayProgram>(world, *boards.replay);
    case GUEST_STREAM:
        return std::make_unique<StreamProgram>(job);
    case GUEST_FLUSH:
        return std::make_unique<FlushProgram>(world);
    case GUEST_PAGE_TABLE_TEST:
    case GUEST_DIRTY_LOG_TEST:
    case GUEST_STAGES:
        return std::make_unique<StageProgram>(*boards.stages, job.seed + vm.vmid - 1);
    case GUEST_LITMUS:
        return std::make_unique<LitmusProgram>(world, *boards.litmus);
    case GUEST_IDLE:
        break;
    }
    return nullptr;
}

std::unique_ptr<Program> program_for(unsigned pe, World &world, const scn_vm &vm,
                                     const machine_job &job, const Boards &boards)
{
    if (!scn_vm_runs_on(&vm, pe))
        return nullptr;
    if (pe - vm.first_pe < vm.vcpus_n)
        return guest_program(world, vm, job, boards);
    if (boards.replay)
        return std::make_unique<ReplayHostProgram>(world, *boards.replay);
    if (boards.stages)
        return std::make_unique<StageHostProgram>(world, *boards.stages);
    if (job.interval_ps)
        return std::make_unique<HostProgram>(world);
    return nullptr; /* the capacity is measured without events */
}

void on_preempt(void *ctx, uint64_t ps)
{
    static_cast<Vm *>(ctx)->lock.preempt(ps);
}

/* A preemption comes at its time, whatever the host threads do then. */
void preempt_later(World &world)
{
    for (size_t i = 0; i < world.scenario.events_n; i++) {
        const scn_event &e = world.scenario.events[i];
        if (e.kind == SCN_EVENT_PREEMPT)
            world.seq.call_at(e.at_ps, world.vms[e.vm].cfg.host_pe, on_preempt,
                              &world.vms[e.vm], e.hold_ps);
    }
}

rec_cfg record_cfg(const machine_job &job, const scn_vm &vm)
{
    const scn &s = *job.scenario;

    return {vm.vcpus_n, job.duration_ps,   job.measure_from_ps,
            s.slo_ps,   s.timeline_bin_ps, s.events_n ? s.events[0].at_ps : REC_NEVER};
}

void take_recorded_counts(const replay &r, rec_run *rec)
{
    rec->recorded = {
        r.breaks_won, r.makes,           r.tables_freed,   r.relaxations, r.tlbi_vmid,
        r.tlbi_ipa,   r.tlbi_ipa_local,  r.has_results,    r.has_breaks,  r.has_makes,
        r.has_frees,  r.has_relaxations, r.has_tlbis,      r.ipa,         r.block_bytes,
        r.left_out,   r.cut_off,         r.breaks_inferred};
    for (size_t i = 0; i < r.attempts_n; i++) {
        const rec_attempt none{};
        rec_add_attempt(rec, &none);
    }
}

/* What is wrong with the recording of a VM that has one; else empty. */
std::string prepare(const machine_job &job, World &world, Recording &recording,
                    std::vector<Boards> &boards)
{
    for (Vm &vm : world.vms) {
        Boards &b = boards[vm.index];
        if (vm.cfg.guest.kind == GUEST_REPLAY) {
            const std::string problem = recording.load(*job.scenario, world.variant);
            if (!problem.empty())
                return problem;
            take_recorded_counts(recording.order(), vm.rec);
            b.replay = std::make_unique<ReplayBoard>(world, vm, recording.order());
        }
        if (is_in_stages(vm.cfg.guest.kind))
            b.stages = std::make_unique<StageBoard>(vm, world.seq);
        build_initial_tables(vm, world.mem.words());
        if (vm.cfg.guest.kind == GUEST_LITMUS)
            b.litmus = std::make_unique<LitmusBoard>(world, vm);
    }
    return "";
}

void simulate(const machine_job &job, rec_run *records, uint64_t *outside_messages)
{
    const scn &s = *job.scenario;
    World world(s, s.variants[job.variant], job.seed, records);
    Recording recording;
    std::vector<Boards> boards(s.vms_n);
    std::vector<std::unique_ptr<Core>> cores;

    const std::string problem = prepare(job, world, recording, boards);
    if (!problem.empty())
        return rec_fail(records, problem.c_str());
    world.watch.begin(job.monitor_off ? Watch::Monitor::OFF : Watch::Monitor::ON,
                      job.updates);
    for (unsigned pe = 0; pe < s.pes_n; pe++) {
        const Vm &vm = world.vm_of(pe);
        cores.push_back(std::make_unique<Core>(
            ("core" + std::to_string(pe)).c_str(), pe, world,
            program_for(pe, world, vm.cfg, job, boards[vm.index]),
            pe - vm.cfg.first_pe < vm.cfg.vcpus_n));
    }
    if (job.interval_ps)
        preempt_later(world);
    const Background background(world, job.seed);
    sc_core::sc_start();
    if (!world.seq.unfinished().empty())
        rec_fail(records,
                 ("deadlock: waiting for ever: PE" + world.seq.unfinished()).c_str());
    for (const Vm &vm : world.vms)
        (void)world.counters(vm);
    for (const auto &core : cores)
        core->pe.report();
    *outside_messages = world.dvm.outside_messages_n();
}
} // namespace

void machine_run(const machine_job *job, rec_run *out, uint64_t *outside_messages)
{
    sc_core::sc_set_time_resolution(1, sc_core::SC_PS);
    *outside_messages = 0;
    for (uint32_t i = 0; i < job->scenario->vms_n; i++) {
        const rec_cfg cfg = record_cfg(*job, job->scenario->vms[i]);
        rec_init(&out[i], &cfg);
    }
    try {
        simulate(*job, out, outside_messages);
    } catch (const std::exception &e) {
        rec_fail(out, e.what());
    }
}
