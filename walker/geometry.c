/* SPDX-License-Identifier: Apache-2.0 */
/* walker/geometry.c - start level, size and alignment of the start tables. */
#include "walker/geometry.h"

#define CONCAT_BITS_MAX 4u /* up to 16 tables side by side at the start level */
#define DESC_SHIFT 3u      /* log2(ARCH_DESC_BYTES) */
#define NO_LEVEL 4         /* SL0 values that stand for no level */

/* ArmARM: AArch64.S2StartLevel, and the reserved values of AArch64.S2InvalidSL. */
static int start_level(const struct arch_vtcr *vtcr)
{
    static const int8_t levels_4k[8] = {2, 1, 0, 3, -1, NO_LEVEL, NO_LEVEL, NO_LEVEL};
    static const int8_t levels_16k[4] = {3, 2, 1, 0};
    static const int8_t levels_64k[4] = {3, 2, 1, NO_LEVEL};
    const unsigned sl0 = vtcr->sl0 & 3u;

    switch (vtcr->tg) {
    case ARCH_TG_4K:
        return levels_4k[(arch_vtcr_sl2(vtcr) ? 4u : 0u) | sl0];
    case ARCH_TG_16K:
        return levels_16k[sl0];
    case ARCH_TG_64K:
        return levels_64k[sl0];
    }
    return NO_LEVEL;
}

/* ArmARM: AArch64.S2InvalidSL. Some levels exist only on implementations with enough
 * PA bits, with FEAT_TTST, or with DS = 1. */
static bool start_level_implemented(const struct arch_vtcr *vtcr, int level,
                                    unsigned pa_bits, bool ttst)
{
    switch (vtcr->tg) {
    case ARCH_TG_4K:
        return !(level == 0 && pa_bits < 44) && !(level == 3 && !ttst);
    case ARCH_TG_16K:
        return !(level == 1 && pa_bits < 42) && !(level == 0 && !vtcr->ds);
    case ARCH_TG_64K:
        return !(level == 1 && pa_bits < 44);
    }
    return false;
}

/* ArmARM: AArch64.MaxTxSZ. */
static unsigned txsz_max(enum arch_tg tg, bool ttst)
{
    if (!ttst)
        return 39;
    return tg == ARCH_TG_64K ? 47 : 48;
}

/* ArmARM: AArch64.S2TxSZFaults, for an EL1 that uses AArch64. */
static bool t0sz_implemented(const struct arch_vtcr *vtcr, unsigned pa_bits, bool ttst)
{
    const bool above_48 = vtcr->tg == ARCH_TG_64K || vtcr->ds;
    const unsigned input_bits_max = !above_48 && pa_bits > 48 ? 48 : pa_bits;

    return vtcr->t0sz >= 64 - input_bits_max && vtcr->t0sz <= txsz_max(vtcr->tg, ttst);
}

/* ArmARM: the alignment in AArch64.S2TTBaseAddress. */
static unsigned base_align_shift(const struct arch_vtcr *vtcr, unsigned pa_bits,
                                 unsigned index_bits)
{
    const unsigned shift = index_bits + DESC_SHIFT;

    /* VTTBR_EL2[5:2] are PA[51:48] then, so 64 bytes is the least. */
    return shift < 6 && arch_vttbr_above_48(vtcr, pa_bits) ? 6 : shift;
}

enum arch_status walk_s2_geometry_of(const struct arch_vtcr *vtcr, unsigned pa_bits,
                                     bool ttst, struct walk_s2_geometry *out)
{
    if (pa_bits < 32 || pa_bits > 52)
        return ARCH_ERR_RANGE;
    if (vtcr->tg_reserved)
        return ARCH_ERR_GRANULE;
    if (!t0sz_implemented(vtcr, pa_bits, ttst))
        return ARCH_ERR_T0SZ;

    const int level = start_level(vtcr);
    if (level == NO_LEVEL || !start_level_implemented(vtcr, level, pa_bits, ttst))
        return ARCH_ERR_SL0;

    /* ArmARM: AArch64.S2InconsistentSL. */
    const unsigned input_bits = 64u - vtcr->t0sz;
    const unsigned shift = arch_level_shift(vtcr->tg, level);
    const unsigned stride = arch_stride_bits(vtcr->tg);
    if (input_bits <= shift || input_bits > shift + stride + CONCAT_BITS_MAX)
        return ARCH_ERR_SL0_INCONSISTENT;

    const unsigned index_bits = input_bits - shift;
    *out = (struct walk_s2_geometry){
        .input_bits = (uint8_t)input_bits,
        .start_level = (int8_t)level,
        .tables_n = index_bits > stride ? (uint8_t)(1u << (index_bits - stride)) : 1,
        .start_entries = UINT32_C(1) << index_bits,
        .align_shift = (uint8_t)base_align_shift(vtcr, pa_bits, index_bits),
    };
    return ARCH_OK;
}

/* The PS code of pa_bits, or 8 if there is none. */
static uint8_t ps_code(unsigned pa_bits)
{
    uint8_t ps = 0;

    while (ps < 7 && arch_pa_bits(ps) != pa_bits)
        ps++;
    return ps < 7 ? ps : 8;
}

/* Linux: stage2_pgtable_levels() and the minimum of two in kvm_get_vtcr(). */
static unsigned kvm_levels(enum arch_tg tg, unsigned ipa_bits)
{
    const unsigned stride = arch_stride_bits(tg);
    const unsigned resolved = ipa_bits - CONCAT_BITS_MAX - (unsigned)tg;
    const unsigned levels = (resolved + stride - 1) / stride;

    return levels < 2 ? 2 : levels;
}

static enum arch_status choose(enum arch_tg tg, unsigned ipa_bits, unsigned pa_bits,
                               bool ds, struct arch_vtcr *out)
{
    const unsigned ipa_bits_max = tg == ARCH_TG_64K || ds ? 52 : 48;
    const uint8_t ps = ps_code(pa_bits);

    if (ps > 6 || ipa_bits < 25 || ipa_bits > ipa_bits_max || ipa_bits > pa_bits)
        return ARCH_ERR_RANGE;

    /* Linux: VTCR_EL2_TGRAN_SL0_BASE, the SL0 of a start at level 0. */
    const unsigned sl0_base = tg == ARCH_TG_4K ? 2 : 3;
    const struct arch_vtcr vtcr = {
        .t0sz = (uint8_t)(64 - ipa_bits),
        .sl0 = (uint8_t)(sl0_base + kvm_levels(tg, ipa_bits) - 4),
        .tg = tg,
        .ps = ps,
        .vs = true,
        .ds = ds,
    };
    struct walk_s2_geometry geometry;
    const enum arch_status status =
        walk_s2_geometry_of(&vtcr, pa_bits, false, &geometry);
    if (status == ARCH_OK)
        *out = vtcr;
    return status;
}

enum arch_status walk_s2_choose(enum arch_tg tg, unsigned ipa_bits, unsigned pa_bits,
                                struct arch_vtcr *out)
{
    return choose(tg, ipa_bits, pa_bits, false, out);
}

enum arch_status walk_s2_choose_lpa2(enum arch_tg tg, unsigned ipa_bits,
                                     unsigned pa_bits, struct arch_vtcr *out)
{
    return choose(tg, ipa_bits, pa_bits, tg != ARCH_TG_64K, out);
}

/* ArmARM: AArch64.S1MinTxSZ. */
static unsigned s1_txsz_min(const struct arch_tcr *tcr, const struct arch_features *f)
{
    return (f->lva && tcr->tg == ARCH_TG_64K) || arch_tcr_lpa2(tcr) ? 12 : 16;
}

enum arch_status walk_s1_geometry_of(const struct arch_tcr *tcr,
                                     const struct arch_features *f,
                                     struct walk_s1_geometry *out)
{
    const unsigned stride = arch_stride_bits(tcr->tg);

    if (tcr->txsz < s1_txsz_min(tcr, f) || tcr->txsz > txsz_max(tcr->tg, f->ttst))
        return ARCH_ERR_T0SZ;

    const unsigned input_bits = 64u - tcr->txsz;
    const int level = 3 - (int)((input_bits - 1 - (unsigned)tcr->tg) / stride);
    const unsigned shift = input_bits - arch_level_shift(tcr->tg, level) + DESC_SHIFT;
    /* TTBR bits [5:2] are OA[51:48] then, so 64 bytes is the least. */
    const bool above_48 = arch_tcr_base_above_48(tcr, f->pa_bits);
    *out = (struct walk_s1_geometry){
        .input_bits = (uint8_t)input_bits,
        .start_level = (int8_t)level,
        .align_shift = (uint8_t)(shift < 6 && above_48 ? 6 : shift),
    };
    return ARCH_OK;
}
