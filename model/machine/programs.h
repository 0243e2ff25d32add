/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/programs.h - what runs on a PE: a guest, the host thread, or nothing.
 */
#ifndef MODEL_MACHINE_PROGRAMS_H
#define MODEL_MACHINE_PROGRAMS_H

#include "model/machine/hyp_env.h"
#include "model/machine/pe.h"

extern "C" {
#include "model/guest/flush.h"
#include "model/guest/requests.h"
#include "model/guest/stream.h"
#include "model/machine/machine.h"
}

/* Runs once, from time 0, on the thread of its PE; simulated time passes inside. */
class Program
{
  public:
    virtual ~Program() = default;
    virtual void run(Pe &pe) = 0;
};

/* An open-loop request stream; without job.interval_ps a closed loop, in which a
 * request arrives when the one before has completed. */
class RequestProgram : public Program
{
  public:
    explicit RequestProgram(const machine_job &job) : m_job(job) {}
    void run(Pe &pe) override;

  private:
    uint64_t serve(Pe &pe, const guest_arrivals &arrivals, uint64_t from);
    void open_loop(Pe &pe, guest_arrivals &arrivals);
    void closed_loop(Pe &pe, guest_arrivals &arrivals);

    const machine_job &m_job;
};

/* A closed loop of accesses by address pattern. */
class StreamProgram : public Program
{
  public:
    explicit StreamProgram(const machine_job &job) : m_job(job) {}
    void run(Pe &pe) override;

  private:
    const machine_job &m_job;
};

/* A guest kernel that flushes ranges in a loop; each call is one request. */
class FlushProgram : public Program
{
  public:
    explicit FlushProgram(World &world) : m_world(world) {}
    void run(Pe &pe) override;

  private:
    void tlbi(Pe &pe, const arch_tlbi &op);
    void repeat_sync(Pe &pe);
    void flush(Pe &pe, uint64_t va);

    World &m_world;
};

/* An explicit list of accesses, TLBIs and barriers. */
class StepProgram : public Program
{
  public:
    explicit StepProgram(World &world) : m_world(world) {}
    void run(Pe &pe) override;

  private:
    void tlbi(Pe &pe, const guest_step &s);
    uint64_t step(Pe &pe, const guest_step &s);

    World &m_world;
};

/* The host thread of a VM: does its events, one after the other. */
class HostProgram : public Program
{
  public:
    explicit HostProgram(World &world) : m_world(world) {}
    void run(Pe &pe) override;

  private:
    World &m_world;
};

#endif
