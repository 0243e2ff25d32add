/* SPDX-License-Identifier: Apache-2.0 */
/* walker/context.h - from raw system registers to what each stage works with. */
#ifndef WALKER_CONTEXT_H
#define WALKER_CONTEXT_H

#include "walker/arch/features.h"
#include "walker/arch/hcr.h"
#include "walker/arch/sctlr.h"
#include "walker/arch/tcr.h"
#include "walker/s1_walk.h"
#include "walker/s2_walk.h"

struct walk_regs {
    uint64_t sctlr_el1, tcr_el1, ttbr0_el1, ttbr1_el1;
    uint64_t sctlr_el2, tcr_el2, ttbr0_el2, ttbr1_el2;
    uint64_t hcr_el2, vtcr_el2, vttbr_el2;
};

/* Stage 1 of one regime. */
struct walk_s1_regime {
    bool on;                    /* else VA and output are the same, if in range */
    struct walk_s1_cfg half[2]; /* [enum arch_va_half]; EL2 has the lower one only */
    uint16_t asid;              /* 0 in EL2 */
};

/* Registers decoded for one implementation; constant while walks use it. */
struct walk_context {
    struct arch_hcr hcr;
    struct walk_s1_regime el10;
    struct walk_s1_regime host; /* EL2 or EL2&0, as HCR_EL2.E2H says */
    bool s2_on;                 /* for EL1&0 */
    struct walk_s2_cfg s2;
    uint16_t vmid;
};

/**
 * walk_context_init() - decode regs for cpu.
 * @cpu: must outlive ctx. Fields of features that it lacks read as 0.
 *
 * ArmARM: AArch64.S1TTWParamsEL10, AArch64.S1TTWParamsEL2, AArch64.S1TTWParamsEL20,
 * AArch64.NSS2TTWParams, AArch64.S1Enabled, VMID[], ASID[].
 */
void walk_context_init(struct walk_context *ctx, const struct walk_cpu *cpu,
                       const struct walk_regs *regs);

#endif
