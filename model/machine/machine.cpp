/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/background.h"
#include "model/machine/hyp_env.h"
#include "model/machine/litmus_program.h"
#include "model/machine/programs.h"
#include "model/machine/replay_closed.h"
#include "model/machine/replay_program.h"
#include "model/machine/scheduler.h"
#include "model/machine/stage_program.h"
#include "model/machine/tables.h"

extern "C" {
#include "model/machine/machine.h"
#include "model/trace/trace.h"
}

#include <algorithm>
#include <memory>
#include <string>

namespace
{
/* The recording of a replay scenario. */
class Recording
{
  public:
    ~Recording()
    {
        replay_free(&m_order);
        replay_closed_free(&m_accesses);
    }

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
        if (!ok)
            return err.text;
        if (guest_replay_is_closed(&g.replay) &&
            !replay_closed_init(&m_accesses, &m_order))
            return "no memory for the recording";
        return "";
    }
    replay &order() { return m_order; }
    const replay_closed &accesses() const { return m_accesses; }

  private:
    replay m_order{};
    replay_closed m_accesses{};
};

/* What the programs of one VM share; one of them at most. */
struct Boards {
    std::unique_ptr<ReplayBoard> replay;
    std::unique_ptr<ClosedBoard> closed;
    std::unique_ptr<StageBoard> stages;
    std::unique_ptr<LitmusBoard> litmus;
};

bool is_in_stages(guest_kind kind)
{
    return kind == GUEST_PAGE_TABLE_TEST || kind == GUEST_DIRTY_LOG_TEST ||
           kind == GUEST_STAGES;
}

std::unique_ptr<Program> guest_program(World &world, const Vm &vm,
                                       const machine_job &job, const Boards &boards)
{
    switch (vm.cfg.guest.kind) {
    case GUEST_REQUESTS:
        return std::make_unique<RequestProgram>(job);
    case GUEST_STEPS:
        return std::make_unique<StepProgram>(world);
    case GUEST_REPLAY:
        if (boards.closed)
            return std::make_unique<ClosedProgram>(world, *boards.closed, job.seed);
        return std::make_unique<ReplayProgram>(world, *boards.replay);
    case GUEST_STREAM:
        return std::make_unique<StreamProgram>(job);
    case GUEST_FLUSH:
        return std::make_unique<FlushProgram>(world);
    case GUEST_PAGE_TABLE_TEST:
    case GUEST_DIRTY_LOG_TEST:
    case GUEST_STAGES:
        return std::make_unique<StageProgram>(*boards.stages, job.seed + vm.index);
    case GUEST_LITMUS:
        return std::make_unique<LitmusProgram>(world, *boards.litmus);
    case GUEST_IDLE:
        break;
    }
    return nullptr;
}

std::unique_ptr<Program> host_program(World &world, const machine_job &job,
                                      const Boards &boards)
{
    if (boards.replay)
        return std::make_unique<ReplayHostProgram>(world, *boards.replay);
    if (boards.closed)
        return std::make_unique<ClosedHostProgram>(world, *boards.closed);
    if (boards.stages)
        return std::make_unique<StageHostProgram>(world, *boards.stages);
    if (job.interval_ps)
        return std::make_unique<HostProgram>(world);
    return nullptr; /* the capacity is measured without events */
}

/* The PEs, and who runs on them. */
class Cores
{
  public:
    Cores(const machine_job &job, World &world, const std::vector<Boards> &boards)
        : m_scheduler(world)
    {
        for (unsigned pe = 0; pe < world.scenario.pes_n; pe++)
            m_pes.push_back(
                std::make_unique<Pe>(("pe" + std::to_string(pe)).c_str(), pe, world));
        m_first.resize(world.vms.size());
        for (Vm &vm : world.vms)
            add(job, world, vm, boards[vm.index]);
        m_scheduler.load_first();
    }

    Task &task(const Vm &vm, unsigned vcpu)
    {
        return *m_tasks[m_first[vm.index] + vcpu];
    }
    void report()
    {
        for (const auto &pe : m_pes)
            pe->report();
    }

  private:
    void add(const machine_job &job, World &world, Vm &vm, const Boards &boards)
    {
        const std::string name = "vm" + std::to_string(vm.index);

        m_first[vm.index] = m_tasks.size();
        for (unsigned i = 0; i < vm.cfg.vcpus_n; i++)
            m_tasks.push_back(std::make_unique<Task>(
                (name + "vcpu" + std::to_string(i)).c_str(), world, m_scheduler, vm,
                static_cast<int>(i), scn_vm_pe(&vm.cfg, i),
                guest_program(world, vm, job, boards)));
        if (vm.cfg.has_host)
            m_tasks.push_back(std::make_unique<Task>(
                (name + "host").c_str(), world, m_scheduler, vm, -1, vm.cfg.host_pe,
                host_program(world, job, boards)));
    }

    Scheduler m_scheduler;
    std::vector<std::unique_ptr<Pe>> m_pes;
    std::vector<std::unique_ptr<Task>> m_tasks; /* vCPUs and host, VM by VM */
    std::vector<size_t> m_first;                /* [vm] */
};

void on_move(void *ctx, uint64_t to)
{
    Scheduler::move(*static_cast<Task *>(ctx), static_cast<unsigned>(to));
}

void on_preempt(void *ctx, uint64_t ps)
{
    static_cast<Vm *>(ctx)->lock.preempt(ps);
}

/* A preemption and a move come at their time, whatever the host threads do then. */
void interfere_later(World &world, Cores &cores)
{
    for (size_t i = 0; i < world.scenario.events_n; i++) {
        const scn_event &e = world.scenario.events[i];
        if (e.kind == SCN_EVENT_PREEMPT)
            world.seq.call_at(e.at_ps, world.vms[e.vm].cfg.host_pe, on_preempt,
                              &world.vms[e.vm], e.hold_ps);
        else if (e.kind == SCN_EVENT_MOVE)
            world.seq.call_at(e.at_ps, scn_vm_pe(&world.vms[e.vm].cfg, e.vcpu), on_move,
                              &cores.task(world.vms[e.vm], e.vcpu), e.to);
    }
}

rec_cfg record_cfg(const machine_job &job, const scn_vm &vm)
{
    const scn &s = *job.scenario;

    return {vm.vcpus_n, job.duration_ps,   job.measure_from_ps,
            s.slo_ps,   s.timeline_bin_ps, s.events_n ? s.events[0].at_ps : REC_NEVER,
            job.faults, job.keep_faults};
}

void take_recorded_counts(const replay &r, rec_run *rec)
{
    rec->recorded = {
        r.breaks_won, r.makes,           r.tables_freed,   r.relaxations, r.tlbi_vmid,
        r.tlbi_ipa,   r.tlbi_ipa_local,  r.has_results,    r.has_breaks,  r.has_makes,
        r.has_frees,  r.has_relaxations, r.has_tlbis,      r.ipa,         r.block_bytes,
        r.left_out,   r.cut_off,         r.breaks_inferred};
}

/* Empty, or what is wrong with the recording. */
std::string prepare_replay(const machine_job &job, World &world, Vm &vm,
                           Recording &recording, Boards &b)
{
    const std::string problem = recording.load(*job.scenario, world.variant);

    if (!problem.empty())
        return problem;
    take_recorded_counts(recording.order(), vm.rec);
    if (guest_replay_is_closed(&vm.cfg.guest.replay)) {
        b.closed = std::make_unique<ClosedBoard>(world, vm, recording.order(),
                                                 recording.accesses());
        return "";
    }
    for (size_t i = 0; i < recording.order().attempts_n; i++) {
        const rec_attempt none{};
        rec_add_attempt(vm.rec, &none);
    }
    b.replay = std::make_unique<ReplayBoard>(world, vm, recording.order());
    return "";
}

/* What is wrong with the recording of a VM that has one; else empty. */
std::string prepare(const machine_job &job, World &world, Recording &recording,
                    std::vector<Boards> &boards)
{
    for (Vm &vm : world.vms) {
        Boards &b = boards[vm.index];
        if (vm.cfg.guest.kind == GUEST_REPLAY) {
            const std::string problem = prepare_replay(job, world, vm, recording, b);
            if (!problem.empty())
                return problem;
        }
        if (is_in_stages(vm.cfg.guest.kind))
            b.stages = std::make_unique<StageBoard>(vm, world.seq);
        build_initial_tables(vm, world.mem.words());
        if (b.closed)
            b.closed->find_mapped(vm, world.mem.words());
        if (vm.cfg.guest.kind == GUEST_LITMUS)
            b.litmus = std::make_unique<LitmusBoard>(world, vm);
    }
    return "";
}

/* Programs may run ahead unless the user forbids it or somebody counts what they do. */
bool may_run_ahead(const machine_job &job)
{
    const scn &s = *job.scenario;

    for (size_t i = 0; i < s.events_n; i++) {
        if (s.events[i].after_accesses)
            return false;
    }
    return !s.in_order && !s.shares_pes;
}

/* Who fails leaves the others waiting. */
bool has_failed(const World &world)
{
    return std::any_of(world.vms.begin(), world.vms.end(),
                       [](const Vm &vm) { return vm.rec->error != nullptr; });
}

void simulate(const machine_job &job, rec_run *records, uint64_t *outside_messages)
{
    const scn &s = *job.scenario;
    World world(s, s.variants[job.variant], job.seed, records);
    Recording recording;
    std::vector<Boards> boards(s.vms_n);

    const std::string problem = prepare(job, world, recording, boards);
    if (!problem.empty())
        return rec_fail(records, problem.c_str());
    world.watch.begin(job.monitor_off ? Watch::Monitor::OFF : Watch::Monitor::ON,
                      job.updates);
    Cores cores(job, world, boards);
    if (job.interval_ps)
        interfere_later(world, cores);
    world.seq.set_quantum(s.quantum_ps);
    if (may_run_ahead(job))
        world.dvm.let_run_ahead(world.walks_swap);
    const Background background(world, job.seed);
    sc_core::sc_start();
    if (!world.seq.unfinished().empty() && !has_failed(world))
        rec_fail(records,
                 ("deadlock: waiting for ever: PE" + world.seq.unfinished()).c_str());
    for (const Vm &vm : world.vms)
        (void)world.counters(vm);
    cores.report();
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
    if (job->scenario->vms_n > 1)
        rec_together(out, job->scenario->vms_n);
    try {
        simulate(*job, out, outside_messages);
    } catch (const std::exception &e) {
        rec_fail(out, e.what());
    }
    for (uint32_t i = 0; i < job->scenario->vms_n; i++)
        rec_close(&out[i]);
}
