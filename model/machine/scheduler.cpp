/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/scheduler.h"

#include "model/machine/task.h"
#include "model/machine/vmids.h"

#include <algorithm>

Scheduler::Scheduler(World &world) : m_world(world), m_queues(world.scenario.pes_n) {}

Scheduler::Queue &Scheduler::queue_of(const Task &task)
{
    return m_queues[task.m_pe];
}

void Scheduler::add(Task &task)
{
    Queue &q = queue_of(task);

    if (!is_on())
        return;
    if (!q.running && task.has_program())
        q.running = &task;
    else if (task.has_program())
        q.waiting.push_back(&task);
}

void Scheduler::load_first()
{
    for (unsigned pe = 0; pe < m_queues.size() && is_on(); pe++) {
        Queue &q = m_queues[pe];
        if (!q.running || !q.running->m_env)
            continue;
        Task &task = *q.running;
        m_world.vmids->begin(pe, task.m_vm);
        m_world.pes[pe]->begin(task.m_vm, task.vcpu());
        task.m_env->goes_to(pe);
        task.m_loaded = true;
        q.slice_end_ps = m_world.scenario.platform.hyp.slice_ps;
    }
}

/* ---- who is next ---- */

/* Waiting tasks in the order in which they came. */
Task *Scheduler::first_ready(const Queue &q) const
{
    for (Task *t : q.waiting) {
        if (t->m_ready_ps <= m_world.seq.now_ps())
            return t;
    }
    return nullptr;
}

uint64_t Scheduler::next_ready_ps(const Queue &q) const
{
    uint64_t first = SEQ_NEVER;

    for (const Task *t : q.waiting)
        first = std::min(first, t->m_ready_ps);
    return first;
}

/* The next of q has its turn, and its thread runs when that of the caller waits or
 * ends. False if there is none. */
bool Scheduler::hand_on(Queue &q)
{
    Task *next = first_ready(q);

    q.running = nullptr;
    if (!next && !q.waiting.empty())
        next = *std::min_element(
            q.waiting.begin(), q.waiting.end(),
            [](const Task *a, const Task *b) { return a->m_ready_ps < b->m_ready_ps; });
    if (!next)
        return false;
    q.waiting.erase(std::find(q.waiting.begin(), q.waiting.end(), next));
    q.running = next;
    next->m_turn.notify(sc_core::SC_ZERO_TIME);
    return true;
}

/* ---- the registers of a PE ---- */

/* The vCPU leaves its guest for good. Linux: kvm_arch_vcpu_put(). */
void Scheduler::unload(Task &task)
{
    const auto &cost = m_world.scenario.platform.hyp;

    if (!task.m_loaded)
        return;
    task.pe().leave_guest();
    task.pe().sleep_for(cost.exit_ps);
    m_world.vmids->put(task.m_pe);
    task.m_vm.rec->n.switch_ps += cost.exit_ps;
    task.m_loaded = false;
}

void Scheduler::load(Task &task)
{
    const auto &cost = m_world.scenario.platform.hyp;
    const uint64_t begin = m_world.seq.now_ps();

    task.m_env->goes_to(task.m_pe);
    task.pe().sleep_for(cost.switch_ps);
    task.pe().load(task.m_vm, task.vcpu());
    task.pe().enter_guest();
    task.m_loaded = true;
    task.m_vm.rec->n.switches++;
    task.m_vm.rec->n.switch_ps += m_world.seq.now_ps() - begin;
    queue_of(task).slice_end_ps = m_world.seq.now_ps() + cost.slice_ps;
}

/* A roll-over of VMIDs wants the guest out. */
void Scheduler::answer_kick(Task &task)
{
    Pe &pe = task.pe();

    if (!pe.is_kicked())
        return;
    pe.leave_guest();
    pe.sleep_for(m_world.scenario.platform.hyp.exit_ps);
    pe.enter_guest();
}

void Scheduler::nap(Task &task, uint64_t t)
{
    m_world.seq.nap_until(task.m_pe, t);
    if (task.m_loaded)
        answer_kick(task);
}

/* ---- turns ---- */

/* The caller's thread has its turn, on whatever PE. */
void Scheduler::after_turn(Task &task)
{
    m_world.seq.take_over(task.m_pe);
    if (task.m_goes_to != Task::STAYS)
        return go(task);
    idle_until(task, task.m_ready_ps);
    if (task.m_loaded)
        return;
    load(task);
}

void Scheduler::give_way(Task &task, uint64_t ready_ps)
{
    Queue &q = queue_of(task);

    unload(task);
    task.m_ready_ps = ready_ps;
    q.waiting.push_back(&task);
    (void)hand_on(q);
    if (q.running != &task)
        sc_core::wait(task.m_turn);
    else
        task.m_turn.cancel();
    after_turn(task);
}

/* Linux: migrate_task_to(), then kvm_arch_vcpu_load() there. */
void Scheduler::go(Task &task)
{
    const unsigned to = task.m_goes_to;

    task.m_goes_to = Task::STAYS;
    if (to != task.m_pe) {
        unload(task);
        const bool handed_on = hand_on(queue_of(task));
        if (!handed_on)
            m_world.seq.leave(task.m_pe);
        task.m_pe = to;
        join(task, handed_on);
    }
    after_turn(task);
}

/* handed_on: the PE that it came from has a program, which runs when this waits. */
void Scheduler::join(Task &task, bool handed_on)
{
    Queue &q = queue_of(task);

    if (q.running) {
        q.waiting.push_back(&task);
        m_world.seq.interrupt(task.m_pe); /* it may idle */
        if (!handed_on)
            m_world.seq.pass_on();
        return sc_core::wait(task.m_turn);
    }
    q.running = &task;
    m_world.seq.join(task.m_pe);
    if (handed_on)
        m_world.seq.wait_for_turn(task.m_pe);
    else
        m_world.seq.wait_own_turn(task.m_pe);
}

void Scheduler::begin(Task &task)
{
    if (!is_on() || queue_of(task).running == &task)
        return m_world.seq.begin(task.m_pe);
    sc_core::wait(task.m_turn);
    after_turn(task);
}

void Scheduler::end(Task &task)
{
    if (!is_on())
        return m_world.seq.finish(task.m_pe);
    unload(task);
    if (!hand_on(queue_of(task)))
        m_world.seq.finish(task.m_pe);
}

void Scheduler::move(Task &task, unsigned pe)
{
    task.m_goes_to = pe;
    task.m_world.seq.interrupt(task.m_pe);
}

/* ---- time ---- */

bool Scheduler::wants(Task &task)
{
    const Queue &q = queue_of(task);

    return task.pe().is_kicked() || task.m_goes_to != Task::STAYS ||
           task.m_vm.stopped ||
           (m_world.seq.now_ps() >= q.slice_end_ps && first_ready(q));
}

void Scheduler::check(Task &task)
{
    if (!is_on() || !task.m_env)
        return;
    answer_kick(task);
    if (task.m_goes_to != Task::STAYS)
        go(task);
    const Queue &q = queue_of(task);
    if (m_world.seq.now_ps() >= q.slice_end_ps && first_ready(q))
        give_way(task, m_world.seq.now_ps());
    if (task.m_vm.stopped)
        throw VmStopped();
}

void Scheduler::compute(Task &task, uint64_t ps)
{
    while (ps > 0) {
        check(task);
        const Queue &q = queue_of(task);
        const uint64_t begin = m_world.seq.now_ps();
        const uint64_t due = std::max(q.slice_end_ps, next_ready_ps(q));
        nap(task, std::min(begin + ps, std::max(due, begin + 1)));
        ps -= std::min(m_world.seq.now_ps() - begin, ps);
    }
}

void Scheduler::idle_until(Task &task, uint64_t t)
{
    while (m_world.seq.now_ps() < t) {
        const Queue &q = queue_of(task);
        const uint64_t next = next_ready_ps(q);
        if (next <= m_world.seq.now_ps())
            return give_way(task, t);
        nap(task, std::min(t, next));
        if (task.m_goes_to != Task::STAYS) {
            task.m_ready_ps = t;
            return go(task);
        }
    }
}
