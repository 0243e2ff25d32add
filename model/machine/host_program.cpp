/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/hyp_env.h"
#include "model/machine/programs.h"

#include <algorithm>

extern "C" {
#include "model/hyp/host.h"
}

void HostProgram::run(Pe &pe)
{
    const scn &s = m_world.scenario;
    HypEnv env(m_world, pe.id(), -1);

    for (size_t i = 0; i < s.events_n; i++) {
        const scn_event &e = s.events[i];
        const hyp_slot slot = m_world.slot_of(e.ipa);
        pe.sleep_until(std::max(e.at_ps, pe.now_ps()));
        hyp_coalesce_range(&env.vm(), &slot, e.ipa, e.bytes,
                           arch_level_of_shift(m_world.vm.tg, e.block_shift));
        env.settle();
    }
}
