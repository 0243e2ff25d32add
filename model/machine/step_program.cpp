/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/programs.h"

#include <algorithm>

/* As software of the PE would: nothing of the EL that it needs is modelled. */
void StepProgram::tlbi(Pe &pe, const guest_step &s)
{
    arch_tlbi_state state{};
    arch_tlbi op;

    state.vmid = pe.vm().walk.vmid;
    state.asid16 = true;
    state.ttl = m_world.scenario.platform.feat.ttl;
    if (!arch_tlbi_decode(s.tlbi, s.domain, s.value, &state, &op))
        return;
    m_world.watch.tlbi(pe.id(), op);
    m_world.dvm.tlbi(pe.id(), op);
}

/* Returns when the step has ended, which may lie ahead of now_ps(). */
uint64_t StepProgram::step(Pe &pe, const guest_step &s)
{
    switch (s.kind) {
    case GUEST_STEP_ACCESS:
        return pe.access({s.ipa.v}, s.access);
    case GUEST_STEP_TLBI:
        tlbi(pe, s);
        break;
    case GUEST_STEP_DSB:
        m_world.dvm.dsb(pe.id(), s.dsb);
        m_world.watch.dsb(pe.id(), s.dsb);
        break;
    case GUEST_STEP_ISB:
        pe.sleep_for(m_world.scenario.platform.dvm.isb_ps);
        break;
    }
    return pe.now_ps();
}

void StepProgram::run(Pe &pe)
{
    const guest_cfg &g = pe.vm().cfg.guest;
    uint64_t free = 0;

    for (size_t i = 0; i < g.steps_n; i++) {
        const guest_step &s = g.steps[i];
        if (s.vcpu != pe.vcpu())
            continue;
        pe.sleep_until(std::max(s.at_ps, free));
        free = step(pe, s);
    }
    rec_vcpu_end(pe.vm().rec, pe.vcpu(), free);
}
