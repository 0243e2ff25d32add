/* SPDX-License-Identifier: Apache-2.0 */
/* walker/arch/tlbi.c - from a TLBI instruction and its register to the operation. */
#include "walker/arch/tlbi.h"

#include "walker/arch/bits.h"

#include <assert.h>
#include <stddef.h>

#define RANGE_NUM_MAX 32u

/* Which registers choose the regime. */
enum regime_of { OF_E1, OF_E1_ALWAYS, OF_E2 };

struct insn {
    const char *name;
    enum arch_tlbi_op op;
    enum regime_of of;
    bool last_level;
    bool range;
};

static const struct insn insns[ARCH_TLBI_INSNS_N] = {
    [ARCH_TLBI_VMALLE1] = {"VMALLE1", ARCH_TLBI_VMALL, OF_E1, 0, 0},
    [ARCH_TLBI_VAE1] = {"VAE1", ARCH_TLBI_VA, OF_E1, 0, 0},
    [ARCH_TLBI_ASIDE1] = {"ASIDE1", ARCH_TLBI_ASID, OF_E1, 0, 0},
    [ARCH_TLBI_VAAE1] = {"VAAE1", ARCH_TLBI_VAA, OF_E1, 0, 0},
    [ARCH_TLBI_VALE1] = {"VALE1", ARCH_TLBI_VA, OF_E1, 1, 0},
    [ARCH_TLBI_VAALE1] = {"VAALE1", ARCH_TLBI_VAA, OF_E1, 1, 0},
    [ARCH_TLBI_RVAE1] = {"RVAE1", ARCH_TLBI_VA, OF_E1, 0, 1},
    [ARCH_TLBI_RVAAE1] = {"RVAAE1", ARCH_TLBI_VAA, OF_E1, 0, 1},
    [ARCH_TLBI_RVALE1] = {"RVALE1", ARCH_TLBI_VA, OF_E1, 1, 1},
    [ARCH_TLBI_RVAALE1] = {"RVAALE1", ARCH_TLBI_VAA, OF_E1, 1, 1},
    [ARCH_TLBI_VMALLS12E1] = {"VMALLS12E1", ARCH_TLBI_VMALLS12, OF_E1_ALWAYS, 0, 0},
    [ARCH_TLBI_ALLE1] = {"ALLE1", ARCH_TLBI_ALL, OF_E1_ALWAYS, 0, 0},
    [ARCH_TLBI_IPAS2E1] = {"IPAS2E1", ARCH_TLBI_IPAS2, OF_E1_ALWAYS, 0, 0},
    [ARCH_TLBI_IPAS2LE1] = {"IPAS2LE1", ARCH_TLBI_IPAS2, OF_E1_ALWAYS, 1, 0},
    [ARCH_TLBI_RIPAS2E1] = {"RIPAS2E1", ARCH_TLBI_IPAS2, OF_E1_ALWAYS, 0, 1},
    [ARCH_TLBI_RIPAS2LE1] = {"RIPAS2LE1", ARCH_TLBI_IPAS2, OF_E1_ALWAYS, 1, 1},
    [ARCH_TLBI_ALLE2] = {"ALLE2", ARCH_TLBI_ALL, OF_E2, 0, 0},
    [ARCH_TLBI_VAE2] = {"VAE2", ARCH_TLBI_VA, OF_E2, 0, 0},
    [ARCH_TLBI_VALE2] = {"VALE2", ARCH_TLBI_VA, OF_E2, 1, 0},
    [ARCH_TLBI_RVAE2] = {"RVAE2", ARCH_TLBI_VA, OF_E2, 0, 1},
    [ARCH_TLBI_RVALE2] = {"RVALE2", ARCH_TLBI_VA, OF_E2, 1, 1},
};

static enum arch_regime regime_for(enum regime_of of,
                                   const struct arch_tlbi_state *state)
{
    switch (of) {
    case OF_E1:
        return state->e2h && state->tge ? ARCH_REGIME_EL20 : ARCH_REGIME_EL10;
    case OF_E2:
        return state->e2h ? ARCH_REGIME_EL20 : ARCH_REGIME_EL2;
    case OF_E1_ALWAYS:
        break;
    }
    return ARCH_REGIME_EL10;
}

/* Of TTL[3:2] and of the TG of a range; false: 0b00. */
static bool granule_of(uint64_t field, enum arch_tg *tg)
{
    static const enum arch_tg tgs[] = {ARCH_TG_4K, ARCH_TG_16K, ARCH_TG_64K};

    if (field == 0)
        return false;
    *tg = tgs[field - 1];
    return true;
}

/* 0 where a leaf of that level is reserved: then there is no hint. ArmARM: TTL of TLBI
 * VAE1 and RVAE1 in C5.5, "A64 System instructions for TLB maintenance". */
static uint8_t hint_of(enum arch_tg tg, unsigned level, bool large)
{
    const unsigned top = tg == ARCH_TG_4K ? !large : tg == ARCH_TG_16K ? 2u - large : 1;

    return level < top ? 0 : (uint8_t)arch_level_shift(tg, (int)level);
}

/* ArmARM: AArch64.TLBI_VA, AArch64.TLBI_VAA, AArch64.TLBI_IPAS2. */
static void decode_address(uint64_t xt, const struct arch_tlbi_state *state,
                           struct arch_tlbi *op)
{
    const uint64_t va = (uint64_t)((int64_t)(xt << 20) >> 8); /* Xt[43:0] << 12 */
    enum arch_tg tg;

    op->first =
        op->op == ARCH_TLBI_IPAS2 ? arch_bits(xt, 39, 0) << 12 : va & ~UINT64_C(0xfff);
    op->last = op->first;
    if (state->ttl && granule_of(arch_bits(xt, 47, 46), &tg))
        op->hint_shift =
            hint_of(tg, (unsigned)arch_bits(xt, 45, 44), state->large_base);
}

/* ArmARM: TLBIRange. Its end address is the first one behind the range, and where the
 * range leaves its half of the address space the last one of the half. */
static bool decode_range(uint64_t xt, const struct arch_tlbi_state *state,
                         struct arch_tlbi *op)
{
    const unsigned scale = (unsigned)arch_bits(xt, 45, 44);
    const uint64_t num = arch_bits(xt, 43, 39);
    const unsigned level = (unsigned)arch_bits(xt, 38, 37);
    const int64_t base = (int64_t)(xt << 27) >> 27; /* Xt[36:0] */

    if (!granule_of(arch_bits(xt, 47, 46), &op->tg))
        return false;

    const unsigned unit = state->large_base ? ARCH_TG_64K : op->tg;

    op->first = (uint64_t)base << unit;
    op->last = op->first + ((num + 1) << (5 * scale + 1 + op->tg)) - 1;
    if (arch_bit(op->first ^ op->last, 52))
        op->last = arch_bit(op->first, 52) ? UINT64_MAX : (UINT64_C(1) << 52) - 1;
    if (level != 0)
        op->hint_shift = hint_of(op->tg, level, state->large_base);
    return true;
}

bool arch_tlbi_decode(enum arch_tlbi_insn insn, enum arch_shareability domain,
                      uint64_t xt, const struct arch_tlbi_state *state,
                      struct arch_tlbi *out)
{
    assert(insn < ARCH_TLBI_INSNS_N);

    const struct insn *is = &insns[insn];
    struct arch_tlbi op;

    memset(&op, 0, sizeof(op));
    op.op = is->op;
    op.domain = domain;
    op.regime = regime_for(is->of, state);
    op.last_level = is->last_level;
    op.range = is->range;
    if (op.regime == ARCH_REGIME_EL10 && op.op != ARCH_TLBI_ALL)
        op.vmid = state->vmid;
    if ((op.op == ARCH_TLBI_VA && op.regime != ARCH_REGIME_EL2) ||
        op.op == ARCH_TLBI_ASID)
        op.asid = (uint16_t)arch_bits(xt, state->asid16 ? 63 : 55, 48);
    if (is->range && !decode_range(xt, state, &op))
        return false;
    if (!is->range && arch_tlbi_by_address(&op))
        decode_address(xt, state, &op);
    *out = op;
    return true;
}

uint64_t arch_tlbi_range_xt(uint64_t base, uint64_t pages, enum arch_tg tg,
                            uint16_t asid, unsigned ttl, uint64_t *done)
{
    const uint64_t tg_field = ((uint64_t)tg - ARCH_TG_4K) / 2 + 1;
    unsigned scale = 3;

    assert(ttl <= 3);
    while (scale > 0 && pages >> (5 * scale + 1) == 0)
        scale--;

    uint64_t units = pages >> (5 * scale + 1);

    units = units < RANGE_NUM_MAX ? units : RANGE_NUM_MAX;
    *done = units << (5 * scale + 1);
    if (units == 0)
        return 0;
    return (uint64_t)asid << 48 | tg_field << 46 | (uint64_t)scale << 44 |
           (units - 1) << 39 | (uint64_t)ttl << 37 | arch_bits(base >> tg, 36, 0);
}

bool arch_tlbi_by_name(const char *name, enum arch_tlbi_insn *insn,
                       enum arch_shareability *domain)
{
    static const char *const suffixes[] = {
        [ARCH_NSH] = "", [ARCH_ISH] = "IS", [ARCH_OSH] = "OS"};

    for (unsigned i = 0; i < ARCH_TLBI_INSNS_N; i++) {
        const size_t length = strlen(insns[i].name);

        if (strncmp(name, insns[i].name, length) != 0)
            continue;
        for (unsigned k = ARCH_NSH; k <= ARCH_OSH; k++) {
            if (strcmp(name + length, suffixes[k]) != 0)
                continue;
            *insn = (enum arch_tlbi_insn)i;
            *domain = (enum arch_shareability)k;
            return true;
        }
    }
    return false;
}

const char *arch_tlbi_name(enum arch_tlbi_insn insn)
{
    assert(insn < ARCH_TLBI_INSNS_N);
    return insns[insn].name;
}
