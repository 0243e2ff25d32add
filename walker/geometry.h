/* SPDX-License-Identifier: Apache-2.0 */
/* walker/geometry.h - from VTCR_EL2 or TCR_ELx to start level, size and alignment of
 * the start table. */
#ifndef WALKER_GEOMETRY_H
#define WALKER_GEOMETRY_H

#include "walker/arch/features.h"
#include "walker/arch/status.h"
#include "walker/arch/tcr.h"
#include "walker/arch/vtcr.h"

struct walk_s2_geometry {
    uint8_t input_bits;     /* 64 - T0SZ */
    int8_t start_level;     /* -1..3 */
    uint8_t tables_n;       /* concatenated at the start level: 1..16 */
    uint32_t start_entries; /* descriptors in all of them */
    uint8_t align_shift;    /* log2 of the alignment that VTTBR_EL2.BADDR needs */
};

/**
 * walk_s2_geometry_of() - what a VTCR_EL2 value means.
 * @vtcr:    decoded register.
 * @pa_bits: implemented PA size, 32..52.
 * @ttst:    FEAT_TTST is implemented.
 * @out:     written only on ARCH_OK.
 *
 * T0SZ outside the limits is an error, never clamped to them (IMPLEMENTATION DEFINED).
 * ArmARM: AArch64.S2StartLevel, AArch64.S2InvalidSL, AArch64.S2InconsistentSL,
 * AArch64.S2TxSZFaults, AArch64.S2MinTxSZ, AArch64.MaxTxSZ.
 */
ARCH_MUST_USE enum arch_status walk_s2_geometry_of(const struct arch_vtcr *vtcr,
                                                   unsigned pa_bits, bool ttst,
                                                   struct walk_s2_geometry *out);

/**
 * walk_s2_choose() - the VTCR_EL2 that KVM would program.
 * @ipa_bits: size of the IPA space, 25..48 and not above pa_bits; up to 52 with 64K.
 * @pa_bits:  implemented PA size; becomes VTCR_EL2.PS.
 * @out:      written only on ARCH_OK; ha, hd, ds, sl2 are 0, vs is 1.
 *
 * As many concatenated tables as allowed, so levels = those of ipa_bits - 4, at
 * least 2 (Linux: kvm_get_vtcr(), stage2_pgtable_levels()). Two levels do not fit the
 * smallest spaces: 25 bits with 16K and 25..29 with 64K are ARCH_ERR_SL0_INCONSISTENT.
 */
ARCH_MUST_USE enum arch_status walk_s2_choose(enum arch_tg tg, unsigned ipa_bits,
                                              unsigned pa_bits, struct arch_vtcr *out);

/* The same where the host uses FEAT_LPA2: ds is 1, up to 52 bits with 4K and 16K too.
 * Concatenation makes a fifth level needless, so sl2 is 0. With 64K, where DS is RES0,
 * it is walk_s2_choose(). Linux: kvm_get_vtcr(), kvm_lpa2_is_enabled(). */
ARCH_MUST_USE enum arch_status walk_s2_choose_lpa2(enum arch_tg tg, unsigned ipa_bits,
                                                   unsigned pa_bits,
                                                   struct arch_vtcr *out);

struct walk_s1_geometry {
    uint8_t input_bits;  /* 64 - TxSZ: 16..52 */
    int8_t start_level;  /* -1..3 */
    uint8_t align_shift; /* log2 of the alignment that TTBRn_ELx.BADDR needs */
};

/**
 * walk_s1_geometry_of() - what one half of a TCR_ELx value means.
 * @tcr: decoded, with what f lacks cleared (walk_context_init() does it).
 * @f:   the implementation.
 * @out: written only on ARCH_OK.
 *
 * TxSZ outside the limits is ARCH_ERR_T0SZ, never clamped to them (above the maximum,
 * and below the minimum without FEAT_LVA, IMPLEMENTATION DEFINED).
 * ArmARM: AArch64.S1StartLevel, AArch64.S1MinTxSZ, AArch64.MaxTxSZ,
 * AArch64.S1TxSZFaults, AArch64.S1TTBaseAddress.
 */
ARCH_MUST_USE enum arch_status walk_s1_geometry_of(const struct arch_tcr *tcr,
                                                   const struct arch_features *f,
                                                   struct walk_s1_geometry *out);

#endif
