/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/scheduler.h - which task has a PE that several share.
 *
 * Round robin: who has used up its slice goes behind those that wait. An idle task
 * waits until it has something to do. Approx: one that becomes ready waits for the end
 * of the slice of the one that runs; Linux may preempt that. */
#ifndef MODEL_MACHINE_SCHEDULER_H
#define MODEL_MACHINE_SCHEDULER_H

#include "model/machine/world.h"

#include <deque>
#include <vector>

class Task;

class Scheduler
{
  public:
    explicit Scheduler(World &world);

    /* False: every task has its PE for itself, and nothing below does anything. */
    bool is_on() const { return m_world.vmids != nullptr; }

    /* Before the run: task begins on its PE. */
    void add(Task &task);
    /* All have been added: those at the head of their PEs are in their guests. */
    void load_first();

    /* By the thread of task: its first and last call. The first returns when it has its
     * turn. */
    void begin(Task &task);
    void end(Task &task);

    void compute(Task &task, uint64_t ps);
    void idle_until(Task &task, uint64_t t);
    /* Between two instructions. The second: it will do something. */
    void check(Task &task);
    bool wants(Task &task);

    /* task goes on on that PE at its next chance. */
    static void move(Task &task, unsigned pe);

  private:
    struct Queue {
        Task *running = nullptr; /* its thread is the program of the PE */
        std::deque<Task *> waiting;
        uint64_t slice_end_ps = 0;
    };

    Queue &queue_of(const Task &task);
    Task *first_ready(const Queue &q) const;
    uint64_t next_ready_ps(const Queue &q) const;
    void nap(Task &task, uint64_t t);
    void answer_kick(Task &task);
    void unload(Task &task);
    void load(Task &task);
    void give_way(Task &task, uint64_t ready_ps);
    bool hand_on(Queue &q);
    void go(Task &task);
    void join(Task &task, bool handed_on);
    void after_turn(Task &task);

    World &m_world;
    std::vector<Queue> m_queues; /* [pe] */
};

#endif
