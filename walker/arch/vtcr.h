/* SPDX-License-Identifier: Apache-2.0 */
/* walker/arch/vtcr.h - VTCR_EL2 and VTTBR_EL2: the stage 2 control of one VM. */
#ifndef WALKER_ARCH_VTCR_H
#define WALKER_ARCH_VTCR_H

#include "walker/arch/addr.h"
#include "walker/arch/granule.h"
#include "walker/arch/status.h"

#include <stdbool.h>
#include <stdint.h>

/* The fields of VTCR_EL2 that decide a translation. ArmARM: D24.2.197 VTCR_EL2. */
struct arch_vtcr {
    uint8_t t0sz;     /* [5:0]; the input size is 64 - t0sz bits */
    uint8_t sl0;      /* [7:6] */
    enum arch_tg tg;  /* TG0 [15:14]: 00 4K, 01 64K, 10 16K */
    bool tg_reserved; /* TG0 = 11 */
    uint8_t ps;       /* [18:16], output size code 0..7 */
    bool vs;          /* [19], 16-bit VMID */
    bool ha;          /* [21] */
    bool hd;          /* [22] */
    bool ds;          /* [32], FEAT_LPA2 */
    bool sl2;         /* [33], with ds and 4K only */
};

struct arch_vtcr arch_vtcr_decode(uint64_t vtcr_el2);

/* The register value with bit 31 (RES1) set. The attributes of the walk itself (IRGN0,
 * ORGN0, SH0) and all fields that struct arch_vtcr does not name are 0. */
uint64_t arch_vtcr_encode(const struct arch_vtcr *vtcr);

/* True if descriptors and VTTBR_EL2 have the FEAT_LPA2 format: DS is RES0 with 64K. */
static inline bool arch_vtcr_lpa2(const struct arch_vtcr *vtcr)
{
    return vtcr->ds && vtcr->tg != ARCH_TG_64K;
}

/* SL2 counts only with 4K and DS. */
static inline bool arch_vtcr_sl2(const struct arch_vtcr *vtcr)
{
    return vtcr->sl2 && vtcr->ds && vtcr->tg == ARCH_TG_4K;
}

/* Bits of the output size that PS or PARange code (0..6) stands for: 32 36 40 42 44
 * 48 52; the reserved code 7 reads as 6. */
unsigned arch_pa_bits(uint8_t ps);

/* log2 of the effective output size: PS, but not above the implemented pa_bits.
 * ArmARM: AArch64.PhysicalAddressSize. */
unsigned arch_vtcr_oa_bits(const struct arch_vtcr *vtcr, unsigned pa_bits);

/* True if the start table can lie above 2^48: 64K with an effective PS of 52 bits, or
 * FEAT_LPA2 in use. */
bool arch_vttbr_above_48(const struct arch_vtcr *vtcr, unsigned pa_bits);

/* VTTBR_EL2.BADDR as an address, CnP and VMID left out. Where the table can lie above
 * 2^48 bits [5:2] are PA[51:48]. ArmARM: AArch64.S2TTBaseAddress. */
struct arch_pa arch_vttbr_baddr(uint64_t vttbr_el2, const struct arch_vtcr *vtcr,
                                unsigned pa_bits);

#endif
