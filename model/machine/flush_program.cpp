/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/programs.h"

/* op once more, as the workaround of erratum 4118414 wants it.
 * Linux: ARM64_WORKAROUND_REPEAT_TLBI in __TLBI_0() and __TLBI_1(). */
void FlushProgram::tlbi(Task &task, const arch_tlbi &op)
{
    m_world.dvm.tlbi(task.id(), op);
    if (m_world.scenario.platform.feat.repeat_tlbi != HYP_REPEAT_EACH)
        return;
    m_world.dvm.dsb(task.id(), ARCH_DSB_ISH);
    m_world.dvm.tlbi(task.id(), op);
}

/* The workaround since 2026: one TLBI VALE1IS of address 0, and DSB.
 * Linux: __tlbi_sync_s1ish(). */
void FlushProgram::repeat_sync(Task &task)
{
    arch_tlbi op = arch_tlbi_vmalle1(ARCH_ISH, task.registers().vmid);

    op.op = ARCH_TLBI_VA;
    op.last_level = true;
    m_world.dvm.tlbi(task.id(), op);
    m_world.dvm.dsb(task.id(), ARCH_DSB_ISH);
}

/* Linux: __flush_tlb_range(). */
void FlushProgram::flush(Task &task, uint64_t va)
{
    const guest_flush &cfg = task.vm().cfg.guest.flush;
    const guest_flush_regime regime = {
        task.registers().el10.half[0].tcr.tg, task.registers().vmid,
        task.registers().el10.asid, m_world.scenario.platform.feat.ttl};
    guest_flush_call call;
    arch_tlbi op;

    guest_flush_begin(&call, &cfg, &regime, va);
    m_world.dvm.dsb(task.id(), ARCH_DSB_ISHST);
    while (guest_flush_next(&call, &op))
        tlbi(task, op);
    m_world.dvm.dsb(task.id(), ARCH_DSB_ISH);
    if (m_world.scenario.platform.feat.repeat_tlbi == HYP_REPEAT_SYNC)
        repeat_sync(task);
}

void FlushProgram::run(Task &task)
{
    const guest_flush &cfg = task.vm().cfg.guest.flush;
    const arch_tg tg = task.registers().el10.half[0].tcr.tg;

    for (uint64_t i = 0; i < cfg.calls_n && task.vcpu() < cfg.issuers_n; i++) {
        if (cfg.think_ps)
            task.sleep_for(cfg.think_ps);
        const uint64_t begin = task.now_ps();
        flush(task, guest_flush_va(&cfg, tg, task.vcpu(), i));
        rec_add_request(task.vm().rec, begin, task.now_ps());
    }
    rec_vcpu_end(task.vm().rec, task.vcpu(), task.now_ps());
}
