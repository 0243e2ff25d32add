/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/host_work.h - what a host thread does to the memory of a VM. */
#ifndef MODEL_MACHINE_HOST_WORK_H
#define MODEL_MACHINE_HOST_WORK_H

#include "model/machine/hyp_env.h"

/* One piece of work: lives for as long as it takes. */
class HostWork
{
  public:
    HostWork(World &world, HypEnv &env) : m_world(world), m_env(env)
    {
        world.walkers_enter();
    }
    ~HostWork() { m_world.walkers_leave(); }
    HostWork(const HostWork &) = delete;
    HostWork &operator=(const HostWork &) = delete;

    /* Takes the time that it takes on the PE of env. */
    void coalesce(arch_ipa ipa, uint64_t bytes, unsigned block_shift);
    void split(arch_ipa ipa, uint64_t bytes);
    void log_start(Slot &slot, bool manual);
    void log_get(Slot &slot);
    void log_clear(Slot &slot);
    void log_stop(Slot &slot);
    void unmap(arch_ipa ipa, uint64_t bytes);
    void protect(arch_ipa ipa, uint64_t bytes, bool writable);
    void age(arch_ipa ipa, uint64_t bytes);
    void slot_delete(Slot &slot);
    void slot_create(Slot &slot);

  private:
    World &m_world;
    HypEnv &m_env;
};

#endif
