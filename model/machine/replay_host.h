/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/replay_host.h - what the host of a recording did to the slot. */
#ifndef MODEL_MACHINE_REPLAY_HOST_H
#define MODEL_MACHINE_REPLAY_HOST_H

#include "model/machine/host_work.h"

extern "C" {
#include "model/guest/replay.h"
}

class ReplayHost
{
  public:
    ReplayHost(World &world, HypEnv &env, const replay &order, Slot &slot)
        : m_world(world), m_env(env), m_order(order), m_slot(slot)
    {
    }

    /* Takes the time that it takes; a switch of dirty logging changes state alone. */
    void act(const replay_host_op &op, hyp_slot &state);

  private:
    void clear(const replay_host_op &op);

    World &m_world;
    HypEnv &m_env;
    const replay &m_order;
    Slot &m_slot;
};

#endif
