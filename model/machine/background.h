/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/background.h - the TLBIs that other VMs of the machine broadcast. */
#ifndef MODEL_MACHINE_BACKGROUND_H
#define MODEL_MACHINE_BACKGROUND_H

#include "model/machine/world.h"

extern "C" {
#include "model/guest/requests.h"
}

class Background
{
  public:
    /* Nothing happens if the scenario has none. */
    Background(World &world, uint64_t seed);

  private:
    static void on_time(void *ctx, uint64_t);
    void wait_for_next();

    World &m_world;
    guest_requests m_cfg{};
    guest_arrivals m_arrivals{};
    arch_tlbi m_op{};
};

#endif
