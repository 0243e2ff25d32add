/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/stage_program.h"

#include <algorithm>

StageBoard::StageBoard(Vm &vm, Sequencer &seq) : StageGate(vm, seq)
{
    guest_plan_init(&plan, &vm.cfg.guest, vm.cfg.vcpus_n);
}

/* ---- a vCPU ---- */

void StageProgram::pass(Pe &pe, guest_stage_state &s, const guest_stage &stage)
{
    const uint64_t each_ps =
        stage.dependent ? stage.think_ps : std::max(stage.think_ps, pe.issue_ps());
    guest_access a;
    uint64_t end = pe.now_ps();

    while (guest_stage_next(&s, &a)) {
        /* The last to end its pass wakes the host, which may act. */
        pe.guest_acts_after((s.end_n - s.done_n) * each_ps);
        if (stage.dependent) {
            pe.compute_until(end + stage.think_ps);
            end = pe.access({a.ipa.v}, a.access);
        } else {
            if (stage.think_ps)
                pe.run_until(pe.now_ps() + stage.think_ps);
            pe.issue({a.ipa.v}, a.access);
        }
    }
    if (!stage.dependent)
        end = pe.drain();
    pe.sleep_until(std::max(end, pe.now_ps()));
}

void StageProgram::run(Pe &pe)
{
    for (uint32_t i = 0; i < m_board.plan.stages_n; i++) {
        const guest_stage stage = guest_plan_stage(&m_board.plan, i);
        guest_stage_state s;

        m_board.wait_open(pe.vcpu(), i);
        guest_stage_begin(&s, &m_board.plan, i, pe.vcpu(), m_seed);
        pass(pe, s, stage);
        while (stage.host.during.n && s.pass_n && m_board.host_is_busy()) {
            guest_stage_again(&s);
            pass(pe, s, stage);
        }
        m_board.arrive();
    }
    pe.guest_ends(pe.now_ps());
}

/* ---- the host ---- */

void StageHostProgram::act(HypEnv &env, const guest_host_actions &actions)
{
    const guest_stage_plan &plan = m_board.plan;
    Slot &slot = env.vm().slots.at(plan.region_ipa);
    HostWork work(m_world, env);

    for (uint32_t i = 0; i < actions.n; i++) {
        switch (actions.list[i]) {
        case GUEST_HOST_LOG_ON:
            work.log_start(slot, plan.manual_protect);
            break;
        case GUEST_HOST_LOG_OFF:
            work.log_stop(slot);
            break;
        case GUEST_HOST_LOG_GET:
            work.log_get(slot);
            break;
        case GUEST_HOST_LOG_CLEAR:
            work.log_clear(slot);
            break;
        case GUEST_HOST_COALESCE:
            work.coalesce(plan.region_ipa, plan.region_bytes, slot.block_shift);
            break;
        }
    }
}

void StageHostProgram::run(Pe &pe)
{
    HypEnv env(m_world, pe.id(), -1);

    for (uint32_t i = 0; i < m_board.plan.stages_n; i++) {
        const guest_stage stage = guest_plan_stage(&m_board.plan, i);
        act(env, stage.host.before);
        const uint64_t begin = pe.now_ps();
        const rec_counters before = m_world.counters(pe.vm());
        m_board.open(i);
        act(env, stage.host.during);
        m_board.host_is_done();
        m_board.wait_all(pe.id());
        (void)m_world.counters(pe.vm());
        rec_add_stage(pe.vm().rec, stage.name, stage.iteration, begin, pe.now_ps(),
                      &before);
    }
}
