/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/ask_world.c - random registers, addresses and descriptors. */
#include "tests/unit/walker/ask_world.h"

#include "walker/arch/desc.h"

#define BIT(n) (UINT64_C(1) << (n))

/* splitmix64 */
uint64_t ask_random(struct ask_world *w)
{
    uint64_t z = w->random += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

unsigned ask_below(struct ask_world *w, unsigned n)
{
    return (unsigned)((ask_random(w) >> 32) * n >> 32);
}

/* The bits, once in n times. */
static uint64_t maybe(struct ask_world *w, unsigned n, uint64_t bits)
{
    return ask_below(w, n) == 0 ? bits : 0;
}

/* One of few tables. Those of stage 2 lie where stage 2 mostly maps nothing. */
static uint64_t table(struct ask_world *w, unsigned stage)
{
    return (uint64_t)ask_below(w, 16) << 20 | (stage == 2 ? BIT(35) : 0);
}

/* HA, HD: mostly together. */
static uint64_t updates(struct ask_world *w, unsigned ha_bit)
{
    return maybe(w, 2, BIT(ha_bit)) |
           (ask_below(w, 3) ? BIT(ha_bit) | BIT(ha_bit + 1) : 0);
}

static uint64_t random_tcr(struct ask_world *w)
{
    return (16 + ask_below(w, 12)) | (uint64_t)(16 + ask_below(w, 12)) << 16 |
           (uint64_t)ask_below(w, 3) << 14 | (uint64_t)(1 + ask_below(w, 3)) << 30 |
           (uint64_t)(ask_below(w, 4) ? 5 : ask_below(w, 7)) << 32 | updates(w, 39) |
           maybe(w, 2, BIT(37)) | maybe(w, 2, BIT(38)) |
           maybe(w, 4, BIT(41) | BIT(42)) | maybe(w, 32, BIT(55)) |
           maybe(w, 8, BIT(59));
}

static uint64_t random_tcr_el2(struct ask_world *w)
{
    return (16 + ask_below(w, 12)) | (uint64_t)ask_below(w, 3) << 14 |
           (uint64_t)(ask_below(w, 4) ? 5 : ask_below(w, 7)) << 16 | updates(w, 21) |
           maybe(w, 2, BIT(20)) | maybe(w, 4, BIT(24)) | maybe(w, 8, BIT(32));
}

/* T0SZ, SL0 and TG0 that fit together. */
static uint64_t random_vtcr(struct ask_world *w)
{
    static const uint32_t shapes[] = {
        32 | 1 << 6,           24 | 1 << 6,           20 | 2 << 6,
        25 | 1 << 6 | 1 << 14, 30 | 1 << 6 | 2 << 14, 28 | 1 << 6 | 2 << 14,
    };

    return shapes[ask_below(w, ROWS_N(shapes))] | 5 << 16 | updates(w, 21);
}

static void random_machine(struct ask_world *w)
{
    static const uint8_t pa_bits[] = {40, 44, 48, 52};
    const uint64_t e2h = maybe(w, 3, ARCH_HCR_E2H);
    const uint64_t hcr = e2h | (ask_below(w, 4) ? HCR_VM : 0) | maybe(w, 8, HCR_TGE) |
                         maybe(w, 8, HCR_PTW) | maybe(w, 4, BIT(46)) |
                         maybe(w, 16, HCR_DC);
    const uint64_t sctlr = (ask_below(w, 8) ? 1 : 0) | maybe(w, 16, BIT(19));
    const struct walk_regs r = {
        .sctlr_el1 = sctlr,
        .sctlr_el2 = sctlr,
        .tcr_el1 = random_tcr(w),
        .tcr_el2 = e2h ? random_tcr(w) : random_tcr_el2(w),
        .ttbr0_el1 = table(w, 1),
        .ttbr1_el1 = table(w, 1),
        .ttbr0_el2 = table(w, 1),
        .ttbr1_el2 = table(w, 1),
        .hcr_el2 = hcr,
        .vtcr_el2 = random_vtcr(w),
        .vttbr_el2 = table(w, 2),
    };

    w->cpu = cpu_max();
    w->cpu.features.pa_bits = pa_bits[ask_below(w, 4)];
    w->cpu.features.bbm_level = (uint8_t)ask_below(w, 4);
    w->cpu.nt_response = ask_below(w, 2) ? WALK_NT_FAULT : WALK_NT_TRANSLATE;
    w->cpu.contiguous_faults = ask_below(w, 4) == 0;
    w->cpu.af_on_permission_fault = ask_below(w, 2);
    walk_context_init(&w->ctx, &w->cpu, &r);
}

/* Neighbours: in one page, one block, one table. */
static void random_addresses(struct ask_world *w)
{
    static const uint8_t shifts[] = {12, 12, 14, 16, 20, 21, 25, 29, 33};
    const uint64_t place = ask_random(w) & UINT64_C(0x87ffff000);

    for (unsigned i = 0; i < ASK_VAS_N; i++) {
        const uint64_t offset = ask_below(w, 2);
        w->va[i] = place ^ offset << shifts[ask_below(w, sizeof(shifts))];
        if (i % 4 == 3)
            w->va[i] |= UINT64_MAX << 36;
    }
}

void ask_world_next(struct ask_world *w)
{
    w->number++;
    w->words_n = 0;
    w->mixed = false;
    random_machine(w);
    random_addresses(w);
}

struct walk_query ask_world_query(struct ask_world *w)
{
    struct walk_query q = {
        .va = {w->va[ask_below(w, ASK_VAS_N)] ^ ask_below(w, 4096)},
        .access = (enum arch_access)ask_below(w, 3),
        .how = ask_below(w, 8) ? WALK_ACCESS : (enum walk_how)ask_below(w, 4),
        .el = ask_below(w, 4) ? (uint8_t)ask_below(w, 2) : 2,
        .pan = ask_below(w, 4) == 0,
    };

    q.va.v ^= maybe(w, 16, (uint64_t)ask_below(w, 256) << 56);
    if (q.how == WALK_AT_S12)
        q.el %= 2;
    return q;
}

static uint64_t s1_leaf(struct ask_world *w)
{
    return maybe(w, 2, ARCH_DESC_S1_AP_1) | maybe(w, 2, ARCH_DESC_S1_AP_1) |
           maybe(w, 3, ARCH_DESC_S1_AP_2) | maybe(w, 2, ARCH_DESC_DBM) |
           maybe(w, 8, ARCH_DESC_S1_PXN) | maybe(w, 8, ARCH_DESC_S1_UXN) |
           maybe(w, 2, ARCH_DESC_S1_NG);
}

static uint64_t s2_leaf(struct ask_world *w)
{
    const uint64_t attributes =
        ask_below(w, 32) ? ARCH_DESC_S2_MEMATTR_WB : ask_random(w) & 0x3c;

    return attributes | (ask_below(w, 32) ? ARCH_DESC_S2AP_R : 0) |
           (ask_below(w, 3) ? ARCH_DESC_S2AP_W : 0) |
           (ask_below(w, 3) ? ARCH_DESC_DBM : 0) | maybe(w, 8, BIT(53)) |
           maybe(w, 8, BIT(54));
}

/* Outputs below 4G, so that stage 2 has them. */
static uint64_t leaf(struct ask_world *w, const struct walk *walk)
{
    return (walk->stage == 1 ? s1_leaf(w) : s2_leaf(w)) | (ask_random(w) & 0xfffe0000) |
           ARCH_DESC_VALID |
           (walk->level == 3 ? ARCH_DESC_TABLE : maybe(w, 32, ARCH_DESC_NT)) |
           maybe(w, 64, BIT(32 + ask_below(w, 16))) |
           (ask_below(w, 32) ? ARCH_DESC_AF : 0) | maybe(w, 8, ARCH_DESC_CONTIGUOUS);
}

static bool block_exists(const struct ask_world *w, const struct walk *walk)
{
    const struct arch_vtcr *vtcr = &w->ctx.s2.vtcr;
    enum arch_tg tg = vtcr->tg;
    bool lpa2 = arch_vtcr_lpa2(vtcr);

    if (walk->stage == 1) {
        tg = walk->nested.s1.cfg->tcr.tg;
        lpa2 = arch_tcr_lpa2(&walk->nested.s1.cfg->tcr);
    }
    return arch_desc_kind(ARCH_DESC_VALID, walk->level, tg, lpa2,
                          w->cpu.features.pa_bits) == ARCH_DESC_KIND_LEAF;
}

static uint64_t descriptor(struct ask_world *w, const struct walk *walk)
{
    if (ask_below(w, 128) == 0)
        return ask_random(w);
    if (walk->level == 3 || (block_exists(w, walk) && ask_below(w, 3) == 0))
        return leaf(w, walk) & ~maybe(w, 128, ARCH_DESC_VALID);
    return ARCH_DESC_VALID | ARCH_DESC_TABLE | table(w, walk->stage) |
           maybe(w, 32, ARCH_DESC_PXN_TABLE) | maybe(w, 32, ARCH_DESC_UXN_TABLE) |
           maybe(w, 32, ARCH_DESC_AP_TABLE_1) | maybe(w, 32, ARCH_DESC_AP_TABLE_2);
}

static struct ask_word *word_of(struct ask_world *w, const struct walk *walk)
{
    const uint64_t pa = walk->desc_pa.v;
    unsigned i = (unsigned)(pa * UINT64_C(0x9e3779b97f4a7c15) >> 40) % ASK_WORDS_N;

    while (w->words[i].world == w->number && w->words[i].pa != pa)
        i = (i + 1) % ASK_WORDS_N;
    struct ask_word *word = &w->words[i];
    if (word->world != w->number) {
        assert_true(++w->words_n < ASK_WORDS_N / 2);
        *word = (struct ask_word){.world = w->number, .pa = pa, .stage = walk->stage};
        word->value[PLAIN] = word->value[ASKING] = descriptor(w, walk);
    }
    w->mixed = w->mixed || word->stage != walk->stage;
    return word;
}

uint64_t ask_world_serve(struct ask_world *w, enum ask_side side,
                         const struct walk *walk, enum walk_next next)
{
    uint64_t *value = &word_of(w, walk)->value[side];
    const uint64_t found = *value;

    if (next == WALK_NEED_CAS && found == walk->desc)
        *value = walk->desc_new;
    return found;
}

bool ask_world_same(const struct ask_world *w)
{
    for (unsigned i = 0; i < ASK_WORDS_N; i++) {
        const struct ask_word *word = &w->words[i];
        if (word->world == w->number && word->value[ASKING] != word->value[PLAIN])
            return false;
    }
    return true;
}
