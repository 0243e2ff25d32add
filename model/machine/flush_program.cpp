/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/programs.h"

/* op once more, as the workaround of erratum 4118414 wants it.
 * Linux: ARM64_WORKAROUND_REPEAT_TLBI in __TLBI_0() and __TLBI_1(). */
void FlushProgram::tlbi(Pe &pe, const arch_tlbi &op)
{
    m_world.dvm.tlbi(pe.id(), op);
    if (m_world.scenario.platform.feat.repeat_tlbi != HYP_REPEAT_EACH)
        return;
    m_world.dvm.dsb(pe.id(), ARCH_DSB_ISH);
    m_world.dvm.tlbi(pe.id(), op);
}

/* The workaround since 2026: one TLBI VALE1IS of address 0, and DSB.
 * Linux: __tlbi_sync_s1ish(). */
void FlushProgram::repeat_sync(Pe &pe)
{
    arch_tlbi op = arch_tlbi_vmalle1(ARCH_ISH, pe.vm().walk.vmid);

    op.op = ARCH_TLBI_VA;
    op.last_level = true;
    m_world.dvm.tlbi(pe.id(), op);
    m_world.dvm.dsb(pe.id(), ARCH_DSB_ISH);
}

/* Linux: __flush_tlb_range(). */
void FlushProgram::flush(Pe &pe, uint64_t va)
{
    const guest_flush &cfg = pe.vm().cfg.guest.flush;
    const guest_flush_regime regime = {pe.vm().walk.el10.half[0].tcr.tg,
                                       pe.vm().walk.vmid, pe.vm().walk.el10.asid,
                                       m_world.scenario.platform.feat.ttl};
    guest_flush_call call;
    arch_tlbi op;

    guest_flush_begin(&call, &cfg, &regime, va);
    m_world.dvm.dsb(pe.id(), ARCH_DSB_ISHST);
    while (guest_flush_next(&call, &op))
        tlbi(pe, op);
    m_world.dvm.dsb(pe.id(), ARCH_DSB_ISH);
    if (m_world.scenario.platform.feat.repeat_tlbi == HYP_REPEAT_SYNC)
        repeat_sync(pe);
}

void FlushProgram::run(Pe &pe)
{
    const guest_flush &cfg = pe.vm().cfg.guest.flush;
    const arch_tg tg = pe.vm().walk.el10.half[0].tcr.tg;

    for (uint64_t i = 0; i < cfg.calls_n && pe.vcpu() < cfg.issuers_n; i++) {
        if (cfg.think_ps)
            pe.sleep_for(cfg.think_ps);
        const uint64_t begin = pe.now_ps();
        flush(pe, guest_flush_va(&cfg, tg, pe.vcpu(), i));
        rec_add_request(pe.vm().rec, begin, pe.now_ps());
    }
    rec_vcpu_end(pe.vm().rec, pe.vcpu(), pe.now_ps());
}
