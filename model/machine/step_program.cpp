/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/programs.h"

#include <algorithm>

/* As software of the PE would: nothing of the EL that it needs is modelled. */
void StepProgram::tlbi(Task &task, const guest_step &s)
{
    arch_tlbi_state state{};
    arch_tlbi op;

    state.vmid = task.registers().vmid;
    state.asid16 = true;
    state.ttl = m_world.scenario.platform.feat.ttl;
    if (!arch_tlbi_decode(s.tlbi, s.domain, s.value, &state, &op))
        return;
    m_world.watch.tlbi(task.id(), op);
    m_world.dvm.tlbi(task.id(), op);
}

/* Returns when the step has ended, which may lie ahead of now_ps(). */
uint64_t StepProgram::step(Task &task, const guest_step &s)
{
    switch (s.kind) {
    case GUEST_STEP_ACCESS:
        return task.access({s.ipa.v}, s.access);
    case GUEST_STEP_TLBI:
        tlbi(task, s);
        break;
    case GUEST_STEP_DSB:
        m_world.dvm.dsb(task.id(), s.dsb);
        m_world.watch.dsb(task.id(), s.dsb);
        break;
    case GUEST_STEP_ISB:
        task.sleep_for(m_world.scenario.platform.dvm.isb_ps);
        break;
    }
    return task.now_ps();
}

void StepProgram::run(Task &task)
{
    const guest_cfg &g = task.vm().cfg.guest;
    uint64_t free = 0;

    for (size_t i = 0; i < g.steps_n; i++) {
        const guest_step &s = g.steps[i];
        if (s.vcpu != task.vcpu())
            continue;
        task.wait_until(std::max(s.at_ps, free));
        free = step(task, s);
    }
    rec_vcpu_end(task.vm().rec, task.vcpu(), free);
}
