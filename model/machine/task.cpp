/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/task.h"

#include "model/machine/programs.h"
#include "model/machine/scheduler.h"

#include <algorithm>

namespace
{
/* vCPUs are numbered through all VMs. */
unsigned stream_of(const scn &s, const Vm &vm, int vcpu)
{
    unsigned n = static_cast<unsigned>(vcpu);

    for (unsigned i = 0; i < vm.index; i++)
        n += s.vms[i].vcpus_n;
    return n;
}
} // namespace

Task::Task(const sc_core::sc_module_name &name, World &world, Scheduler &scheduler,
           Vm &vm, int vcpu, unsigned pe, std::unique_ptr<Program> program)
    : sc_module(name), m_world(world), m_scheduler(scheduler), m_vm(vm), m_vcpu(vcpu),
      m_alone(scheduler.is_on() ? nullptr : world.pes[pe]), m_pe(pe),
      m_stream(stream_of(world.scenario, vm, vcpu)), m_program(std::move(program))
{
    if (vcpu >= 0)
        m_env = std::make_unique<HypEnv>(world, vm, pe, vcpu);
    SC_HAS_PROCESS(Task);
    if (m_program)
        SC_THREAD(run);
    scheduler.add(*this);
}

Task::~Task() = default;

void Task::run()
{
    m_scheduler.begin(*this);
    try {
        m_program->run(*this);
    } catch (const VmStopped &) {
    } catch (const std::exception &e) {
        rec_fail(m_vm.rec, e.what());
        m_world.seq.abandon();
    }
    m_scheduler.end(*this);
}

void Task::sleep_until(uint64_t t)
{
    if (!m_scheduler.is_on())
        m_world.seq.sleep_until(m_pe, t);
    else if (t > now_ps())
        m_scheduler.compute(*this, t - now_ps());
}

void Task::wait_until(uint64_t t)
{
    if (m_scheduler.is_on())
        m_scheduler.idle_until(*this, t);
    else
        m_world.seq.sleep_until(m_pe, t);
}

void Task::idle_until(uint64_t t)
{
    if (m_scheduler.is_on())
        m_scheduler.idle_until(*this, t);
    else
        pe().compute_until(t);
}

void Task::yield()
{
    m_scheduler.check(*this);
}

uint64_t Task::shared_access(arch_va va, arch_access access)
{
    yield();
    return pe().access(va, access);
}

/* Accesses in flight end before the task gives way. */
void Task::issue(arch_va va, arch_access access)
{
    if (m_scheduler.is_on()) {
        if (m_scheduler.wants(*this))
            m_world.seq.sleep_until(m_pe, pe().drain());
        yield();
    }
    pe().issue(va, access);
}

void Task::run_until(uint64_t t)
{
    pe().run_until(std::max(t, now_ps()));
}
