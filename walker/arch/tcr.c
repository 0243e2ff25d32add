/* SPDX-License-Identifier: Apache-2.0 */
/* walker/arch/tcr.c - fields of TCR_EL1 and of both forms of TCR_EL2. */
#include "walker/arch/tcr.h"

#include "walker/arch/bits.h"
#include "walker/arch/ttbr.h"
#include "walker/arch/vtcr.h"

/* TG0 and TG1 number the granules differently; 0 stands for reserved. */
static const uint8_t tg0_codes[4] = {ARCH_TG_4K, ARCH_TG_64K, ARCH_TG_16K, 0};
static const uint8_t tg1_codes[4] = {0, ARCH_TG_16K, ARCH_TG_4K, ARCH_TG_64K};

static void set_granule(struct arch_tcr *tcr, uint8_t code)
{
    tcr->tg_reserved = code == 0;
    tcr->tg = code ? (enum arch_tg)code : ARCH_TG_4K;
}

struct arch_tcr arch_tcr_decode(uint64_t tcr_elx, enum arch_va_half half)
{
    const unsigned upper = half == ARCH_VA_UPPER;
    const unsigned low = upper ? 16 : 0; /* T1SZ and EPD1 lie 16 above T0SZ and EPD0 */
    struct arch_tcr tcr = {
        .txsz = (uint8_t)arch_bits(tcr_elx, low + 5, low),
        .ps = (uint8_t)arch_bits(tcr_elx, 34, 32),
        .tbi = arch_bit(tcr_elx, 37 + upper),
        .tbid = arch_bit(tcr_elx, 51 + upper),
        .epd = arch_bit(tcr_elx, low + 7),
        .e0pd = arch_bit(tcr_elx, 55 + upper),
        .hpd = arch_bit(tcr_elx, 41 + upper),
        .ha = arch_bit(tcr_elx, 39),
        .hd = arch_bit(tcr_elx, 40),
        .ds = arch_bit(tcr_elx, 59),
    };

    set_granule(&tcr, upper ? tg1_codes[arch_bits(tcr_elx, 31, 30)]
                            : tg0_codes[arch_bits(tcr_elx, 15, 14)]);
    return tcr;
}

struct arch_tcr arch_tcr_decode_el2(uint64_t tcr_el2)
{
    struct arch_tcr tcr = {
        .txsz = (uint8_t)arch_bits(tcr_el2, 5, 0),
        .ps = (uint8_t)arch_bits(tcr_el2, 18, 16),
        .tbi = arch_bit(tcr_el2, 20),
        .tbid = arch_bit(tcr_el2, 29),
        .hpd = arch_bit(tcr_el2, 24),
        .ha = arch_bit(tcr_el2, 21),
        .hd = arch_bit(tcr_el2, 22),
        .ds = arch_bit(tcr_el2, 32),
    };

    set_granule(&tcr, tg0_codes[arch_bits(tcr_el2, 15, 14)]);
    return tcr;
}

uint16_t arch_tcr_asid(uint64_t tcr_elx, uint64_t ttbr0, uint64_t ttbr1)
{
    const uint16_t asid = arch_ttbr_id(arch_bit(tcr_elx, 22) ? ttbr1 : ttbr0);

    return arch_bit(tcr_elx, 36) ? asid : asid & 0xff;
}

unsigned arch_tcr_oa_bits(const struct arch_tcr *tcr, unsigned pa_bits)
{
    const unsigned ps_bits = arch_pa_bits(tcr->ps);

    return ps_bits < pa_bits ? ps_bits : pa_bits;
}

bool arch_tcr_base_above_48(const struct arch_tcr *tcr, unsigned pa_bits)
{
    return arch_tcr_lpa2(tcr) ||
           (tcr->tg == ARCH_TG_64K && arch_tcr_oa_bits(tcr, pa_bits) == 52);
}
