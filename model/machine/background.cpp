/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/background.h"

namespace
{
/* The TLBI names another VM than the scenario's: theirs count from 1. */
arch_tlbi op_of(const scn &s)
{
    const auto other = static_cast<uint16_t>(s.vms_n + 1);
    arch_tlbi op = arch_tlbi_vmalls12e1(ARCH_ISH, other);

    op.op = s.background.op;
    return op;
}
} // namespace

Background::Background(World &world, uint64_t seed) : m_world(world)
{
    const scn_background &b = world.scenario.background;

    if (!b.interval_ps)
        return;
    m_op = op_of(world.scenario);
    m_cfg.arrival = b.poisson ? GUEST_ARRIVAL_POISSON : GUEST_ARRIVAL_FIXED;
    guest_arrivals_init(&m_arrivals, &m_cfg, b.interval_ps, UINT64_MAX, seed,
                        world.scenario.pes_n);
    wait_for_next();
}

void Background::wait_for_next()
{
    uint64_t t;

    if (guest_arrivals_next(&m_arrivals, &t))
        m_world.seq.call_at(t, m_world.scenario.pes_n, on_time, this, 0);
}

/* As long as there is somebody to disturb. */
void Background::on_time(void *ctx, uint64_t)
{
    Background &self = *static_cast<Background *>(ctx);

    if (!self.m_world.seq.is_running())
        return;
    self.m_world.dvm.from_outside(self.m_op);
    self.wait_for_next();
}
