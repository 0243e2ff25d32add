/* SPDX-License-Identifier: Apache-2.0 */
/* walker/arch/features.c - fields of the ID registers. */
#include "walker/arch/features.h"

#include "walker/arch/bits.h"
#include "walker/arch/vtcr.h"

#include <assert.h>

static unsigned id_field(uint64_t id, unsigned lsb)
{
    return (unsigned)arch_bits(id, lsb + 3, lsb);
}

/* TGran4 and TGran64: 0xf absent, 1 with 52 bits (4K only). */
static enum arch_tg_support support_4k_64k(unsigned field)
{
    if (field >= 8)
        return ARCH_TG_ABSENT;
    return field >= 1 ? ARCH_TG_52_BIT : ARCH_TG_PRESENT;
}

/* TGran16: 0 absent, 2 with 52 bits. */
static enum arch_tg_support support_16k(unsigned field)
{
    if (field == 0)
        return ARCH_TG_ABSENT;
    return field >= 2 ? ARCH_TG_52_BIT : ARCH_TG_PRESENT;
}

/* TGranX_2: 0 as stage 1, 1 absent, 2 present, 3 with 52 bits. */
static enum arch_tg_support support_s2(unsigned field, enum arch_tg_support s1)
{
    switch (field) {
    case 0:
        return s1;
    case 1:
        return ARCH_TG_ABSENT;
    case 2:
        return ARCH_TG_PRESENT;
    default:
        return ARCH_TG_52_BIT;
    }
}

static void decode_granules(uint64_t mmfr0, struct arch_features *f)
{
    f->tg_support[0][0] = support_4k_64k(id_field(mmfr0, 28));
    f->tg_support[0][1] = support_16k(id_field(mmfr0, 20));
    f->tg_support[0][2] = support_4k_64k(id_field(mmfr0, 24));
    f->tg_support[1][0] = support_s2(id_field(mmfr0, 40), f->tg_support[0][0]);
    f->tg_support[1][1] = support_s2(id_field(mmfr0, 32), f->tg_support[0][1]);
    f->tg_support[1][2] = support_s2(id_field(mmfr0, 36), f->tg_support[0][2]);
}

struct arch_features arch_features_decode(const struct arch_id_regs *id)
{
    const unsigned hafdbs = id_field(id->mmfr1, 0);
    struct arch_features f = {
        .pa_bits = (uint8_t)arch_pa_bits((uint8_t)(id_field(id->mmfr0, 0) & 7)),
        .asid16 = id_field(id->mmfr0, 4) == 2,
        .hafdbs = (uint8_t)(hafdbs > 2 ? 2 : hafdbs),
        .vmid16 = id_field(id->mmfr1, 4) == 2,
        .vhe = id_field(id->mmfr1, 8) != 0,
        .hpds = id_field(id->mmfr1, 12) != 0,
        .pan = id_field(id->mmfr1, 20) != 0,
        .epan = id_field(id->mmfr1, 20) >= 3,
        .xnx = id_field(id->mmfr1, 28) != 0,
        .lva = id_field(id->mmfr2, 16) != 0,
        .ttst = id_field(id->mmfr2, 28) != 0,
        .fwb = id_field(id->mmfr2, 40) != 0,
        .bbm_level = (uint8_t)(id_field(id->mmfr2, 52) & 3),
        .e0pd = id_field(id->mmfr2, 60) != 0,
        .tbid = id_field(id->isar1, 4) != 0 || id_field(id->isar1, 8) != 0,
    };

    decode_granules(id->mmfr0, &f);
    return f;
}

bool arch_has_lpa2(const struct arch_features *f, unsigned stage, enum arch_tg tg)
{
    assert(stage == 1 || stage == 2);
    return tg != ARCH_TG_64K &&
           f->tg_support[stage - 1][arch_tg_index(tg)] == ARCH_TG_52_BIT;
}

enum arch_tg arch_effective_tg(const struct arch_features *f, unsigned stage,
                               enum arch_tg tg, enum arch_tg choice)
{
    static const enum arch_tg all[] = {ARCH_TG_4K, ARCH_TG_16K, ARCH_TG_64K};
    const enum arch_tg_support *support = f->tg_support[stage - 1];

    assert(stage == 1 || stage == 2);
    if (support[arch_tg_index(tg)] != ARCH_TG_ABSENT)
        return tg;
    if (support[arch_tg_index(choice)] != ARCH_TG_ABSENT)
        return choice;
    for (unsigned i = 0; i < 3; i++) {
        if (support[i] != ARCH_TG_ABSENT)
            return all[i];
    }
    return tg;
}
