/* SPDX-License-Identifier: Apache-2.0 */
/* walker/arch/vtcr.c - fields of VTCR_EL2 and VTTBR_EL2. */
#include "walker/arch/vtcr.h"

#include "walker/arch/bits.h"
#include "walker/arch/ttbr.h"

#include <assert.h>

#define VTCR_RES1 (UINT64_C(1) << 31)

static enum arch_tg tg0_granule(uint64_t tg0)
{
    switch (tg0) {
    case 1:
        return ARCH_TG_64K;
    case 2:
        return ARCH_TG_16K;
    default:
        return ARCH_TG_4K;
    }
}

static uint64_t granule_tg0(enum arch_tg tg)
{
    switch (tg) {
    case ARCH_TG_64K:
        return 1;
    case ARCH_TG_16K:
        return 2;
    case ARCH_TG_4K:
        break;
    }
    return 0;
}

struct arch_vtcr arch_vtcr_decode(uint64_t vtcr_el2)
{
    const uint64_t tg0 = arch_bits(vtcr_el2, 15, 14);

    return (struct arch_vtcr){
        .t0sz = (uint8_t)arch_bits(vtcr_el2, 5, 0),
        .sl0 = (uint8_t)arch_bits(vtcr_el2, 7, 6),
        .tg = tg0_granule(tg0),
        .tg_reserved = tg0 == 3,
        .ps = (uint8_t)arch_bits(vtcr_el2, 18, 16),
        .vs = arch_bits(vtcr_el2, 19, 19),
        .ha = arch_bits(vtcr_el2, 21, 21),
        .hd = arch_bits(vtcr_el2, 22, 22),
        .ds = arch_bits(vtcr_el2, 32, 32),
        .sl2 = arch_bits(vtcr_el2, 33, 33),
    };
}

uint64_t arch_vtcr_encode(const struct arch_vtcr *vtcr)
{
    const uint64_t tg0 = vtcr->tg_reserved ? 3 : granule_tg0(vtcr->tg);

    assert(vtcr->t0sz < 64 && vtcr->sl0 < 4 && vtcr->ps < 8);
    return VTCR_RES1 | vtcr->t0sz | (uint64_t)vtcr->sl0 << 6 | tg0 << 14 |
           (uint64_t)vtcr->ps << 16 | (uint64_t)vtcr->vs << 19 |
           (uint64_t)vtcr->ha << 21 | (uint64_t)vtcr->hd << 22 |
           (uint64_t)vtcr->ds << 32 | (uint64_t)vtcr->sl2 << 33;
}

unsigned arch_pa_bits(uint8_t ps)
{
    static const uint8_t pa_bits[8] = {32, 36, 40, 42, 44, 48, 52, 52};

    assert(ps < 8);
    return pa_bits[ps & 7];
}

unsigned arch_vtcr_oa_bits(const struct arch_vtcr *vtcr, unsigned pa_bits)
{
    const unsigned ps_bits = arch_pa_bits(vtcr->ps);

    return ps_bits < pa_bits ? ps_bits : pa_bits;
}

bool arch_vttbr_above_48(const struct arch_vtcr *vtcr, unsigned pa_bits)
{
    return arch_vtcr_lpa2(vtcr) ||
           (vtcr->tg == ARCH_TG_64K && arch_vtcr_oa_bits(vtcr, pa_bits) == 52);
}

struct arch_pa arch_vttbr_baddr(uint64_t vttbr_el2, const struct arch_vtcr *vtcr,
                                unsigned pa_bits)
{
    return arch_pa(arch_ttbr_base(vttbr_el2, arch_vttbr_above_48(vtcr, pa_bits)));
}
