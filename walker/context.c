/* SPDX-License-Identifier: Apache-2.0 */
/* walker/context.c - raw registers decoded, absent features taken away. */
#include "walker/context.h"

#include "walker/arch/ttbr.h"

/* Fields of features that cpu lacks are RES0. */
static struct arch_tcr implemented_tcr(struct arch_tcr tcr, const struct walk_cpu *cpu)
{
    const struct arch_features *f = &cpu->features;
    const enum arch_tg choice = cpu->tg_choice ? cpu->tg_choice : ARCH_TG_4K;

    tcr.tg = arch_effective_tg(f, 1, tcr.tg_reserved ? choice : tcr.tg, choice);
    tcr.tg_reserved = false;
    tcr.ds = tcr.ds && arch_has_lpa2(f, 1, tcr.tg);
    tcr.tbid = tcr.tbid && f->tbid;
    tcr.e0pd = tcr.e0pd && f->e0pd;
    tcr.hpd = tcr.hpd && f->hpds;
    tcr.ha = tcr.ha && f->hafdbs >= 1;
    tcr.hd = tcr.hd && f->hafdbs >= 2;
    return tcr;
}

static struct walk_s1_cfg s1_cfg(const struct walk_cpu *cpu, struct arch_tcr tcr,
                                 uint64_t ttbr, uint64_t sctlr_elx)
{
    const struct arch_sctlr sctlr = arch_sctlr_decode(sctlr_elx);
    const struct arch_tcr implemented = implemented_tcr(tcr, cpu);
    const bool above_48 = arch_tcr_base_above_48(&implemented, cpu->features.pa_bits);

    return (struct walk_s1_cfg){
        .cpu = cpu,
        .tcr = implemented,
        .base = arch_ipa(arch_ttbr_base(ttbr, above_48)),
        .wxn = sctlr.wxn,
        .epan = sctlr.epan && cpu->features.epan,
    };
}

/* EL1&0 and EL2&0. */
static void init_two_halves(struct walk_s1_regime *regime, const struct walk_cpu *cpu,
                            uint64_t sctlr, uint64_t tcr, const uint64_t ttbr[2])
{
    for (int i = 0; i < 2; i++) {
        const enum arch_va_half half = i ? ARCH_VA_UPPER : ARCH_VA_LOWER;

        regime->half[i] = s1_cfg(cpu, arch_tcr_decode(tcr, half), ttbr[i], sctlr);
        regime->half[i].half = half;
        regime->half[i].has_el0 = true;
    }
    regime->asid = arch_tcr_asid(tcr, ttbr[0], ttbr[1]);
    if (!cpu->features.asid16)
        regime->asid &= 0xff;
}

/* In EL2 a VA with bit 55 set is out of range of the only half. */
static void init_one_half(struct walk_s1_regime *regime, const struct walk_cpu *cpu,
                          const struct walk_regs *regs)
{
    regime->half[0] = s1_cfg(cpu, arch_tcr_decode_el2(regs->tcr_el2), regs->ttbr0_el2,
                             regs->sctlr_el2);
    regime->half[1] = regime->half[0];
    regime->asid = 0;
}

static struct walk_s2_cfg s2_cfg(const struct walk_cpu *cpu, const struct arch_hcr *hcr,
                                 const struct walk_regs *regs)
{
    const struct arch_features *f = &cpu->features;
    const enum arch_tg choice = cpu->tg_choice ? cpu->tg_choice : ARCH_TG_4K;
    struct arch_vtcr vtcr = arch_vtcr_decode(regs->vtcr_el2);

    vtcr.tg = arch_effective_tg(f, 2, vtcr.tg_reserved ? choice : vtcr.tg, choice);
    vtcr.tg_reserved = false;
    vtcr.ds = vtcr.ds && arch_has_lpa2(f, 2, vtcr.tg);
    vtcr.ha = vtcr.ha && f->hafdbs >= 1;
    vtcr.hd = vtcr.hd && f->hafdbs >= 2;
    return (struct walk_s2_cfg){
        .vtcr = vtcr,
        .baddr = arch_vttbr_baddr(regs->vttbr_el2, &vtcr, f->pa_bits),
        .pa_bits = f->pa_bits,
        .ttst = f->ttst,
        .xnx = f->xnx,
        .bbm_level = f->bbm_level,
        .nt_response = cpu->nt_response,
        .ptw = hcr->ptw,
        .fwb = hcr->fwb && f->fwb,
        .contiguous_faults = cpu->contiguous_faults,
        .af_on_permission_fault = cpu->af_on_permission_fault,
    };
}

static void plan(struct walk_context *ctx)
{
    for (unsigned half = 0; half < 2; half++) {
        walk_s1_plan(&ctx->el10.half[half]);
        walk_s1_plan(&ctx->host.half[half]);
    }
    walk_s2_plan(&ctx->s2);
}

void walk_context_init(struct walk_context *ctx, const struct walk_cpu *cpu,
                       const struct walk_regs *regs)
{
    const uint64_t hcr_el2 =
        cpu->features.vhe ? regs->hcr_el2 : regs->hcr_el2 & ~ARCH_HCR_E2H;
    const struct arch_hcr hcr = arch_hcr_decode(hcr_el2);

    *ctx = (struct walk_context){
        .hcr = hcr,
        .s2_on = hcr.vm || hcr.dc,
        .s2 = s2_cfg(cpu, &hcr, regs),
        .vmid = arch_ttbr_id(regs->vttbr_el2),
    };
    if (!cpu->features.vmid16 || !ctx->s2.vtcr.vs)
        ctx->vmid &= 0xff;
    ctx->el10.on = arch_sctlr_decode(regs->sctlr_el1).m && !hcr.dc && !hcr.tge;
    init_two_halves(&ctx->el10, cpu, regs->sctlr_el1, regs->tcr_el1,
                    (const uint64_t[2]){regs->ttbr0_el1, regs->ttbr1_el1});
    ctx->host.on = arch_sctlr_decode(regs->sctlr_el2).m;
    if (hcr.e2h)
        init_two_halves(&ctx->host, cpu, regs->sctlr_el2, regs->tcr_el2,
                        (const uint64_t[2]){regs->ttbr0_el2, regs->ttbr1_el2});
    else
        init_one_half(&ctx->host, cpu, regs);
    plan(ctx);
}
