/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/ask_fixture.h - one page behind four levels of stage 1 and three or
 * four of stage 2, all 4K.
 *
 * VA 0x1abc is IPA 0x300abc is PA 0x80300abc. Stage 1 tables of level 0 to 3 lie at IPA
 * 0x10000 to 0x13000, which is PA 0x110000 to 0x113000. Stage 2 tables of level 0 to 2
 * lie at PA 0x40000 to 0x42000; of level 3 at 0x43000 for the first 2M of IPAs, at
 * 0x44000 for the next. */
#ifndef TESTS_UNIT_WALKER_ASK_FIXTURE_H
#define TESTS_UNIT_WALKER_ASK_FIXTURE_H

#include "tests/unit/walker/walk_fixture.h"
#include "walker/arch/desc.h"

#define DEEP_VA UINT64_C(0x1abc)
#define DEEP_IPA UINT64_C(0x300abc)
#define DEEP_PA UINT64_C(0x80300abc)
#define S1_TABLE(level) (UINT64_C(0x10000) + (uint64_t)(level)*0x1000)
#define S2_PAGE (S2_BLOCK | ARCH_DESC_TABLE)
#define TABLE_BITS (ARCH_DESC_VALID | ARCH_DESC_TABLE)

#define S1_LEAF_AT UINT64_C(0x113008)   /* the stage 1 descriptor of the page */
#define S2_LEAF_AT UINT64_C(0x44800)    /* that of its IPA in stage 2 */
#define S2_S1_LEAF_AT UINT64_C(0x43098) /* that of S1_LEAF_AT in stage 2 */

/* s2_levels_n: 3 or 4. */
static inline struct walk_regs deep_regs(unsigned s2_levels_n)
{
    return (struct walk_regs){
        .sctlr_el1 = 1,
        .tcr_el1 = 16 | 16 << 16 | TCR_TG1_4K | TCR_IPS_48,
        .ttbr0_el1 = S1_TABLE(0),
        .hcr_el2 = HCR_VM,
        .vtcr_el2 = 5 << 16 | (s2_levels_n == 4 ? 2 << 6 | 16 : 1 << 6 | 25),
        .vttbr_el2 = s2_levels_n == 4 ? 0x40000 : 0x41000,
    };
}

static inline struct memory deep_memory(void)
{
    return (struct memory){.words = {{0x110000, S1_TABLE(1) | TABLE_BITS},
                                     {0x111000, S1_TABLE(2) | TABLE_BITS},
                                     {0x112000, S1_TABLE(3) | TABLE_BITS},
                                     {S1_LEAF_AT, 0x300000 | S1_PAGE},
                                     {0x40000, 0x41000 | TABLE_BITS},
                                     {0x41000, 0x42000 | TABLE_BITS},
                                     {0x42000, 0x43000 | TABLE_BITS},
                                     {0x42008, 0x44000 | TABLE_BITS},
                                     {0x43080, 0x110000 | S2_PAGE},
                                     {0x43088, 0x111000 | S2_PAGE},
                                     {0x43090, 0x112000 | S2_PAGE},
                                     {S2_S1_LEAF_AT, 0x113000 | S2_PAGE},
                                     {S2_LEAF_AT, 0x80300000 | S2_PAGE}},
                           .n = 13};
}

static const struct walk_query deep_load = {.va = {DEEP_VA}, .el = 1, .ask = true};
static const struct walk_query deep_store = {
    .va = {DEEP_VA}, .el = 1, .access = ARCH_WRITE, .ask = true};

#define RWX (WALK_PERM_R | WALK_PERM_W | WALK_PERM_X)

/* What stage 1 and stage 2 of the page come to in a cache. */
static const struct walk_s1_leaf deep_s1_leaf = {
    .ipa = {DEEP_IPA}, .leaf_shift = 12, .group_shift = 12, .perms = {RWX, RWX, true}};
static const struct walk_s2_leaf deep_s2_leaf = {.ipa = {DEEP_IPA},
                                                 .pa = {DEEP_PA},
                                                 .leaf_shift = 12,
                                                 .group_shift = 12,
                                                 .perms = {RWX, RWX, false}};
/* Stage 2 of the stage 1 table of level 3, and that table. */
static const struct walk_s2_leaf deep_s1_desc_leaf = {.ipa = {0x13000},
                                                      .pa = {0x113000},
                                                      .leaf_shift = 12,
                                                      .group_shift = 12,
                                                      .perms = {RWX, RWX, false}};
static const struct walk_table deep_s1_table = {
    .level = 3, .ipa = {0x13000}, .pa = {0x113000}, .pa_valid = true};

/* Serves memory until the walk asks or ends. */
static inline enum walk_next read_on(struct walk *w, enum walk_next next,
                                     struct memory *m)
{
    while (next == WALK_NEED_DESC || next == WALK_NEED_CAS)
        next = walk_feed(w, memory_serve(m, w, next));
    return next;
}

/* The same, and no cache knows anything. */
static inline enum walk_next skip_on(struct walk *w, enum walk_next next,
                                     struct memory *m)
{
    for (next = read_on(w, next, m); next == WALK_ASK;)
        next = read_on(w, walk_skip(w), m);
    return next;
}

/* Up to the n-th WALK_ASK, from 1; those before are skipped. */
static inline void ask_nth(struct walk *w, const struct walk_context *ctx,
                           const struct walk_query *q, struct memory *m, unsigned n)
{
    enum walk_next next = read_on(w, walk_begin(w, ctx, q), m);

    for (unsigned i = 1; i < n; i++) {
        assert_int_equal(next, WALK_ASK);
        next = read_on(w, walk_skip(w), m);
    }
    assert_int_equal(next, WALK_ASK);
}

#endif
