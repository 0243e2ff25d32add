/* SPDX-License-Identifier: Apache-2.0 */
/* walker/arch/tcr.h - TCR_EL1 and TCR_EL2: the control of stage 1. */
#ifndef WALKER_ARCH_TCR_H
#define WALKER_ARCH_TCR_H

#include "walker/arch/granule.h"

#include <stdbool.h>
#include <stdint.h>

/* VA[55] decides. ArmARM: AArch64.GetVARange. */
enum arch_va_half { ARCH_VA_LOWER, ARCH_VA_UPPER };

/* The fields that decide the translation of one half of the address space. */
struct arch_tcr {
    uint8_t txsz;     /* the input size is 64 - txsz bits */
    enum arch_tg tg;  /* of TG0 or TG1, whose encodings differ */
    bool tg_reserved; /* TG0 = 11, TG1 = 00; tg is 4K then */
    uint8_t ps;       /* IPS or PS: output size code 0..7 */
    bool tbi;         /* the top byte is ignored */
    bool tbid;        /* ... but not of instruction addresses */
    bool epd;         /* no walks for this half */
    bool e0pd;        /* EL0 faults in this half */
    bool hpd;         /* hierarchical permissions are off */
    bool ha;
    bool hd;
    bool ds; /* FEAT_LPA2 format; with 64K it is RES0 */
};

/* TCR_EL1, or TCR_EL2 while HCR_EL2.E2H = 1: two halves.
 * ArmARM: AArch64.S1TTWParamsEL10, AArch64.S1TTWParamsEL20. */
struct arch_tcr arch_tcr_decode(uint64_t tcr_elx, enum arch_va_half half);

/* TCR_EL2 while HCR_EL2.E2H = 0: one table for the lower half, no EPD and no E0PD.
 * ArmARM: AArch64.S1TTWParamsEL2. */
struct arch_tcr arch_tcr_decode_el2(uint64_t tcr_el2);

/* The ASID in use: A1 (bit 22) selects the TTBR, AS (bit 36) 16 bits against 8.
 * Not for TCR_EL2 with E2H = 0, which has none. ArmARM: ASID[]. */
uint16_t arch_tcr_asid(uint64_t tcr_elx, uint64_t ttbr0, uint64_t ttbr1);

/* True if descriptors and TTBRs have the FEAT_LPA2 format. */
static inline bool arch_tcr_lpa2(const struct arch_tcr *tcr)
{
    return tcr->ds && tcr->tg != ARCH_TG_64K;
}

/* log2 of the effective output size. ArmARM: AArch64.PhysicalAddressSize. */
unsigned arch_tcr_oa_bits(const struct arch_tcr *tcr, unsigned pa_bits);

/* True if the start table can lie above 2^48. */
bool arch_tcr_base_above_48(const struct arch_tcr *tcr, unsigned pa_bits);

#endif
