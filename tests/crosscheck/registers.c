/* SPDX-License-Identifier: Apache-2.0 */
/* tests/crosscheck/registers.c - a random machine and its system registers. */
#include "tests/crosscheck/world_priv.h"

#define BIT(n) (UINT64_C(1) << (n))
#define HCR_VM BIT(0)
#define HCR_PTW BIT(2)
#define HCR_TGE BIT(27)
#define HCR_FWB BIT(46)

static struct walk_cpu random_cpu(struct dice *d)
{
    static const uint8_t pa_bits[] = {40, 44, 48, 48, 52, 52};
    const struct arch_id_regs id = {.mmfr0 = UINT64_C(0x32310201126),
                                    .mmfr1 = UINT64_C(0x11010211122),
                                    .mmfr2 = UINT64_C(0x1021011010011011),
                                    .isar1 = 1 << 4};
    struct walk_cpu cpu = {
        .features = arch_features_decode(&id),
        .nt_response = dice_one_in(d, 2) ? WALK_NT_FAULT : WALK_NT_TRANSLATE,
        .contiguous_faults = dice_one_in(d, 4),
        .af_on_permission_fault = dice_one_in(d, 2),
    };

    cpu.features.pa_bits = pa_bits[dice_below(d, 6)];
    cpu.features.bbm_level = (uint8_t)dice_below(d, 4);
    cpu.features.xnx = !dice_one_in(d, 4);
    cpu.features.pan = !dice_one_in(d, 8);
    cpu.features.epan = dice_one_in(d, 2);
    return cpu;
}

/* The bits from lo on, once in n times. */
static uint64_t maybe(struct dice *d, unsigned n, uint64_t bits)
{
    return dice_one_in(d, n) ? bits : 0;
}

/* TCR_EL1, and TCR_EL2 with two halves. */
static uint64_t random_tcr(struct dice *d)
{
    const uint64_t t0sz = 16 + dice_below(d, 12);
    const uint64_t t1sz = 16 + dice_below(d, 12);
    const uint64_t tg0 = dice_below(d, 3);
    const uint64_t tg1 = 1 + dice_below(d, 3);
    const uint64_t ips = dice_one_in(d, 4) ? dice_below(d, 7) : 5;

    return t0sz | t1sz << 16 | tg0 << 14 | tg1 << 30 | ips << 32 | BIT(36) |
           maybe(d, 2, BIT(22)) | maybe(d, 64, BIT(7)) | maybe(d, 64, BIT(23)) |
           maybe(d, 2, BIT(37)) | maybe(d, 2, BIT(38)) | maybe(d, 2, BIT(39)) |
           (dice_one_in(d, 3) ? 0 : BIT(39) | BIT(40)) |
           maybe(d, 4, BIT(41) | BIT(42)) | maybe(d, 2, BIT(51)) |
           maybe(d, 2, BIT(52)) | maybe(d, 32, BIT(55)) | maybe(d, 32, BIT(56)) |
           maybe(d, 8, BIT(59));
}

static uint64_t random_tcr_el2(struct dice *d)
{
    return (16 + dice_below(d, 12)) | dice_below(d, 3) << 14 |
           (dice_one_in(d, 4) ? dice_below(d, 7) : 5) << 16 | maybe(d, 2, BIT(20)) |
           maybe(d, 2, BIT(21)) | (dice_one_in(d, 3) ? 0 : BIT(21) | BIT(22)) |
           maybe(d, 4, BIT(24)) | maybe(d, 2, BIT(29)) | maybe(d, 8, BIT(32));
}

/* T0SZ, SL0 and TG0 that fit together. */
static uint64_t random_vtcr(struct dice *d)
{
    static const uint32_t shapes[] = {
        32 | 1 << 6,           24 | 1 << 6,           20 | 2 << 6,
        25 | 1 << 6 | 1 << 14, 30 | 1 << 6 | 2 << 14, 28 | 1 << 6 | 2 << 14,
    };

    return shapes[dice_below(d, 6)] | 5 << 16 | BIT(19) | maybe(d, 2, BIT(21)) |
           (dice_one_in(d, 3) ? 0 : BIT(21) | BIT(22));
}

static uint64_t table_base(struct dice *d, unsigned stage)
{
    return world_table(dice_next(d), stage);
}

/* Tables of each ASID, or of all. */
static void random_halves(struct world *w, uint64_t ttbr[2][ASIDS_N])
{
    /* The same low 8 bits in two of them. */
    static const uint64_t asids[ASIDS_N] = {0x12, 0x112, 3};

    for (unsigned half = 0; half < 2; half++) {
        const uint64_t shared = table_base(&w->dice, 1);

        w->is_private[half] = dice_one_in(&w->dice, 2);
        for (unsigned i = 0; i < w->asids_n; i++)
            ttbr[half][i] = asids[i] << 48 |
                            (w->is_private[half] ? table_base(&w->dice, 1) : shared);
    }
}

static uint64_t random_hcr(struct world *w)
{
    switch (w->regime) {
    case ARCH_REGIME_EL10:
        return (w->s2_on ? HCR_VM : 0) | maybe(&w->dice, 8, HCR_PTW) |
               maybe(&w->dice, 4, HCR_FWB);
    case ARCH_REGIME_EL20:
        return ARCH_HCR_E2H | HCR_TGE;
    case ARCH_REGIME_EL2:
        break;
    }
    return maybe(&w->dice, 2, HCR_VM);
}

static void random_contexts(struct world *w)
{
    static const uint64_t vmids[VMS_N] = {7, 0x107};
    struct dice *d = &w->dice;
    uint64_t ttbr[2][ASIDS_N];
    const uint64_t sctlr = 1 | maybe(d, 16, BIT(19)) | maybe(d, 2, BIT(57));
    struct walk_regs r = {
        .sctlr_el1 = sctlr,
        .sctlr_el2 = sctlr,
        .tcr_el1 = random_tcr(d),
        .tcr_el2 = w->regime == ARCH_REGIME_EL2 ? random_tcr_el2(d) : random_tcr(d),
        .hcr_el2 = random_hcr(w),
        .vtcr_el2 = random_vtcr(d),
    };

    random_halves(w, ttbr);
    for (unsigned vm = 0; vm < w->vms_n; vm++) {
        r.vttbr_el2 = vmids[vm] << 48 | table_base(d, 2);
        for (unsigned i = 0; i < w->asids_n; i++) {
            r.ttbr0_el1 = r.ttbr0_el2 = ttbr[0][i];
            r.ttbr1_el1 = r.ttbr1_el2 = ttbr[1][i];
            walk_context_init(&w->ctx[vm][i], &w->cpu, &r);
        }
        struct walk_regs flat = r;
        flat.sctlr_el1 = 0;
        walk_context_init(&w->flat[vm], &w->cpu, &flat);
    }
}

/* Places that share pages, blocks and tables with one another. */
static uint64_t near_address(struct dice *d, uint64_t place)
{
    static const uint8_t shifts[] = {12, 12, 14, 16, 16, 20, 21, 25, 29, 33};

    return place ^ (uint64_t)dice_below(d, 3) << shifts[dice_below(d, 10)];
}

static void random_addresses(struct world *w)
{
    struct dice *d = &w->dice;
    uint64_t places[2];

    for (unsigned i = 0; i < 2; i++) {
        places[i] = dice_next(d) & 0x7ffff000;
        if (dice_one_in(d, 2))
            places[i] |= (dice_next(d) & 0xf) << 32;
    }
    for (unsigned i = 0; i < VAS_N; i++) {
        w->va[i] = near_address(d, places[i % 2]);
        if ((i % 4 < 2) == (w->seed & 1) && w->regime != ARCH_REGIME_EL2)
            w->va[i] |= UINT64_MAX << 36;
        if (dice_one_in(d, 64))
            w->va[i] ^= BIT(36 + dice_below(d, 20));
    }
    for (unsigned i = 0; i < IPAS_N; i++)
        w->ipa[i] = near_address(d, places[0] & 0x7fffffff);
}

void world_init(struct world *w, uint64_t seed)
{
    static const enum arch_regime regimes[] = {ARCH_REGIME_EL10, ARCH_REGIME_EL10,
                                               ARCH_REGIME_EL10, ARCH_REGIME_EL10,
                                               ARCH_REGIME_EL2,  ARCH_REGIME_EL20};

    w->seed = seed;
    w->dice = (struct dice){seed};
    w->used_n = 0;
    w->mixed = false;
    w->cpu = random_cpu(&w->dice);
    w->regime = regimes[dice_below(&w->dice, 6)];
    w->s2_on = w->regime == ARCH_REGIME_EL10 && !dice_one_in(&w->dice, 4);
    w->vms_n = w->regime == ARCH_REGIME_EL10 ? VMS_N : 1;
    w->asids_n = w->regime == ARCH_REGIME_EL2 ? 1 : ASIDS_N;
    random_contexts(w);
    random_addresses(w);
}
