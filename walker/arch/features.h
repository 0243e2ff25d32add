/* SPDX-License-Identifier: Apache-2.0 */
/* walker/arch/features.h - what an implementation has, from its ID registers. */
#ifndef WALKER_ARCH_FEATURES_H
#define WALKER_ARCH_FEATURES_H

#include "walker/arch/granule.h"

#include <stdbool.h>
#include <stdint.h>

/* What one stage can do with one granule. */
enum arch_tg_support { ARCH_TG_ABSENT, ARCH_TG_PRESENT, ARCH_TG_52_BIT };

/* Index of struct arch_features.tg_support[stage - 1][]. */
static inline unsigned arch_tg_index(enum arch_tg tg)
{
    return ((unsigned)tg - (unsigned)ARCH_TG_4K) / 2;
}

struct arch_features {
    uint8_t pa_bits;                       /* implemented PA size: 32..52 */
    enum arch_tg_support tg_support[2][3]; /* [stage - 1][4K, 16K, 64K]; 52_BIT is
                                            * FEAT_LPA2, of 4K and 16K only */
    bool lva;                              /* FEAT_LVA: 52-bit VA with 64K */
    bool ttst;                             /* FEAT_TTST: T0SZ up to 48 (47 for 64K) */
    bool xnx;                              /* FEAT_XNX */
    bool hpds;                             /* FEAT_HPDS */
    bool e0pd;                             /* FEAT_E0PD */
    bool tbid;                             /* FEAT_PAuth brings TCR_ELx.TBID */
    bool pan;                              /* FEAT_PAN */
    bool epan;                             /* FEAT_PAN3 */
    bool vhe;                              /* FEAT_VHE */
    bool fwb;                              /* FEAT_S2FWB */
    bool vmid16;                           /* FEAT_VMID16 */
    bool asid16;                           /* ID_AA64MMFR0_EL1.ASIDBits */
    uint8_t hafdbs;    /* 0 none, 1 Access flag, 2 and dirty state */
    uint8_t bbm_level; /* FEAT_BBM 0..3 */
};

struct arch_id_regs {
    uint64_t mmfr0, mmfr1, mmfr2; /* ID_AA64MMFR{0,1,2}_EL1 */
    uint64_t isar1;               /* ID_AA64ISAR1_EL1: pointer authentication */
};

struct arch_features arch_features_decode(const struct arch_id_regs *id);

/* True if tg has FEAT_LPA2 at stage (1 or 2). */
bool arch_has_lpa2(const struct arch_features *f, unsigned stage, enum arch_tg tg);

/* tg where stage implements it and its code is not reserved; else choice, or where that
 * is not implemented the first that is. Which one is IMPLEMENTATION DEFINED.
 * ArmARM: AArch64.S1DecodeTG0, AArch64.S1DecodeTG1, AArch64.S2DecodeTG0. */
enum arch_tg arch_effective_tg(const struct arch_features *f, unsigned stage,
                               enum arch_tg tg, enum arch_tg choice);

#endif
