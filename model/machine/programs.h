/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/programs.h - what runs on a PE: a guest, the host thread, or nothing.
 */
#ifndef MODEL_MACHINE_PROGRAMS_H
#define MODEL_MACHINE_PROGRAMS_H

#include "model/machine/hyp_env.h"
#include "model/machine/task.h"

extern "C" {
#include "model/guest/flush.h"
#include "model/guest/requests.h"
#include "model/guest/stream.h"
#include "model/machine/machine.h"
}

/* Runs once, from time 0; simulated time passes inside. */
class Program
{
  public:
    virtual ~Program() = default;
    virtual void run(Task &task) = 0;
};

/* One that never shares its PE. */
class PeProgram : public Program
{
  public:
    void run(Task &task) final { run(task.pe()); }

  protected:
    virtual void run(Pe &pe) = 0;
};

/* An open-loop request stream; without job.interval_ps a closed loop, in which a
 * request arrives when the one before has completed. */
class RequestProgram : public Program
{
  public:
    explicit RequestProgram(const machine_job &job) : m_job(job) {}
    void run(Task &task) override;

  private:
    uint64_t serve(Task &task, const guest_arrivals &arrivals, uint64_t from);
    void open_loop(Task &task, guest_arrivals &arrivals);
    void closed_loop(Task &task, guest_arrivals &arrivals);

    const machine_job &m_job;
};

/* A closed loop of accesses by address pattern. */
class StreamProgram : public Program
{
  public:
    explicit StreamProgram(const machine_job &job) : m_job(job) {}
    void run(Task &task) override;

  private:
    const machine_job &m_job;
};

/* A guest kernel that flushes ranges in a loop; each call is one request. */
class FlushProgram : public Program
{
  public:
    explicit FlushProgram(World &world) : m_world(world) {}
    void run(Task &task) override;

  private:
    void tlbi(Task &task, const arch_tlbi &op);
    void repeat_sync(Task &task);
    void flush(Task &task, uint64_t va);

    World &m_world;
};

/* An explicit list of accesses, TLBIs and barriers. */
class StepProgram : public Program
{
  public:
    explicit StepProgram(World &world) : m_world(world) {}
    void run(Task &task) override;

  private:
    void tlbi(Task &task, const guest_step &s);
    uint64_t step(Task &task, const guest_step &s);

    World &m_world;
};

/* The host thread of a VM: does its events, one after the other. */
class HostProgram : public PeProgram
{
  public:
    explicit HostProgram(World &world) : m_world(world) {}
    void run(Pe &pe) override;

  private:
    World &m_world;
};

#endif
