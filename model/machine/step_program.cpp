/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/programs.h"

#include <algorithm>

void StepProgram::run(Pe &pe)
{
    const guest_cfg &g = m_world.scenario.vm.guest;
    uint64_t free = 0;

    for (size_t i = 0; i < g.steps_n; i++) {
        const guest_step &s = g.steps[i];
        if (s.vcpu != pe.id())
            continue;
        pe.sleep_until(std::max(s.at_ps, free));
        free = pe.access({s.ipa.v}, s.access);
    }
    rec_vcpu_end(m_world.rec, pe.id(), free);
}
