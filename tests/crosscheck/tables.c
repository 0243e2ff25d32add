/* SPDX-License-Identifier: Apache-2.0 */
/* tests/crosscheck/tables.c - random descriptors, most of which lead somewhere. */
#include "tests/crosscheck/world_priv.h"

#include "walker/arch/desc.h"

#include <assert.h>

#define BIT(n) (UINT64_C(1) << (n))

static uint64_t maybe(struct dice *d, unsigned n, uint64_t bits)
{
    return dice_one_in(d, n) ? bits : 0;
}

static uint64_t table_descriptor(struct dice *d, unsigned stage)
{
    return ARCH_DESC_VALID | ARCH_DESC_TABLE | world_table(dice_next(d), stage) |
           maybe(d, 32, ARCH_DESC_PXN_TABLE) | maybe(d, 32, ARCH_DESC_UXN_TABLE) |
           maybe(d, 32, ARCH_DESC_AP_TABLE_1) | maybe(d, 32, ARCH_DESC_AP_TABLE_2);
}

/* Output addresses below 4G, so that stage 2 has them; not with what is nT in a block.
 */
static uint64_t leaf_address(struct dice *d)
{
    return (dice_next(d) & 0xfffe0000) | maybe(d, 64, BIT(32 + dice_below(d, 16)));
}

static uint64_t s1_leaf(struct dice *d)
{
    const uint64_t attributes = (uint64_t)dice_below(d, 8) << 2;

    return leaf_address(d) | attributes | maybe(d, 2, ARCH_DESC_S1_AP_1) |
           maybe(d, 2, ARCH_DESC_S1_AP_1) | maybe(d, 3, ARCH_DESC_S1_AP_2) |
           (dice_one_in(d, 3) ? 0 : ARCH_DESC_DBM) | maybe(d, 8, ARCH_DESC_S1_PXN) |
           maybe(d, 8, ARCH_DESC_S1_UXN) | maybe(d, 2, ARCH_DESC_S1_NG) |
           maybe(d, 2, ARCH_DESC_S1_NG);
}

static uint64_t s2_leaf(struct dice *d)
{
    const uint64_t attributes =
        dice_one_in(d, 32) ? dice_next(d) & 0x3c : ARCH_DESC_S2_MEMATTR_WB;

    return leaf_address(d) | attributes | (dice_one_in(d, 32) ? 0 : ARCH_DESC_S2AP_R) |
           (dice_one_in(d, 3) ? 0 : ARCH_DESC_S2AP_W) |
           (dice_one_in(d, 3) ? 0 : ARCH_DESC_DBM) | maybe(d, 8, BIT(53)) |
           maybe(d, 8, BIT(54));
}

static uint64_t leaf_descriptor(struct dice *d, const struct word *word)
{
    return (word->stage == 1 ? s1_leaf(d) : s2_leaf(d)) | ARCH_DESC_VALID |
           (word->level == 3 ? ARCH_DESC_TABLE : maybe(d, 32, ARCH_DESC_NT)) |
           (dice_one_in(d, 32) ? 0 : ARCH_DESC_AF) | maybe(d, 8, ARCH_DESC_CONTIGUOUS);
}

/* Contexts of a world differ in base addresses and IDs only. */
static bool block_exists(const struct world *w, const struct word *word)
{
    const struct walk_context *ctx = &w->ctx[0][0];
    const struct walk_s1_regime *s1 =
        w->regime == ARCH_REGIME_EL10 ? &ctx->el10 : &ctx->host;
    const struct arch_tcr *tcr = &s1->half[word->upper].tcr;
    const struct arch_vtcr *vtcr = &ctx->s2.vtcr;
    const bool is_s2 = word->stage == 2;

    return arch_desc_kind(ARCH_DESC_VALID, word->level, is_s2 ? vtcr->tg : tcr->tg,
                          is_s2 ? arch_vtcr_lpa2(vtcr) : arch_tcr_lpa2(tcr),
                          w->cpu.features.pa_bits) == ARCH_DESC_KIND_LEAF;
}

static uint64_t random_descriptor(struct world *w, const struct word *word)
{
    struct dice *d = &w->dice;

    if (dice_one_in(d, 128))
        return dice_next(d);
    const bool leaf = word->level == 3 || (block_exists(w, word) && dice_one_in(d, 3));
    const uint64_t desc =
        leaf ? leaf_descriptor(d, word) : table_descriptor(d, word->stage);
    return desc & ~maybe(d, 128, ARCH_DESC_VALID);
}

unsigned world_word(struct world *w, const struct walk *walk)
{
    const uint64_t pa = walk->desc_pa.v;
    unsigned i = (unsigned)(pa * UINT64_C(0x9e3779b97f4a7c15) >> 40) & (WORDS_MAX - 1);

    while (w->words[i].seed == w->seed && w->words[i].pa != pa)
        i = (i + 1) & (WORDS_MAX - 1);
    struct word *word = &w->words[i];
    if (word->seed == w->seed) {
        w->mixed = w->mixed || word->stage != walk->stage;
        return i;
    }
    assert(w->used_n < WORDS_MAX / 2);
    *word = (struct word){.pa = pa,
                          .seed = w->seed,
                          .stage = walk->stage,
                          .level = walk->level,
                          .upper = walk->query.va.v >> 55 & 1};
    word->value[WITH_TLB] = word->value[WITHOUT] = random_descriptor(w, word);
    w->used[w->used_n++] = (uint16_t)i;
    return i;
}

uint64_t world_changed(struct world *w, const struct word *word)
{
    static const uint8_t bits[] = {1,  6,  6,  7,  7,  7,  10, 10,
                                   11, 11, 16, 51, 52, 53, 54};
    struct dice *d = &w->dice;
    const uint64_t now = word->value[WITH_TLB];

    switch (dice_below(d, 6)) {
    case 0:
        return now & ~ARCH_DESC_VALID;
    case 1:
        return now ^ BIT(16 + dice_below(d, 16)); /* another output or table */
    case 2:
        return random_descriptor(w, word);
    default:
        return (now | ARCH_DESC_VALID) ^ BIT(bits[dice_below(d, sizeof(bits))]);
    }
}
