/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/ask_reads_test.c - what a walk lets caches learn, and how many
 * descriptors that saves a later walk. */
#include "tests/unit/walker/ask_fixture.h"

#include <string.h>

#define NONE (-1)

/* All that walks of the page let caches learn. */
struct learned {
    struct walk_table tables[24];
    uint8_t table_stages[24];
    unsigned tables_n;
    struct walk_s2_leaf s2[8];
    unsigned s2_n;
};

static void learn(struct learned *l, const struct walk *w, enum walk_next next)
{
    if (next == WALK_NEED_DESC && walk_table_found(w, &l->tables[l->tables_n])) {
        assert_true(l->tables_n + 1 < ROWS_N(l->tables));
        l->table_stages[l->tables_n++] = w->stage;
    }
    if (walk_s2_found(w, &l->s2[l->s2_n])) {
        assert_true(l->s2_n + 1 < ROWS_N(l->s2));
        l->s2_n++;
    }
}

/* One walk without asks. */
static void learn_all(struct learned *l, const struct walk_regs *regs, struct memory *m)
{
    const struct walk_cpu cpu = cpu_max();
    struct walk_query q = deep_load;
    struct walk_context ctx;
    struct walk w;

    l->tables_n = l->s2_n = 0;
    q.ask = false;
    walk_context_init(&ctx, &cpu, regs);
    enum walk_next next = walk_begin(&w, &ctx, &q);
    while (next == WALK_NEED_DESC) {
        next = walk_feed(&w, memory_serve(m, &w, next));
        learn(l, &w, next);
    }
    assert_int_equal(next, WALK_DONE);
}

enum also {
    S1_BY_IPA = 1, /* the PA of the table of stage 1 is not known */
    S1_LEAF = 2,
    S2_FOR_S1 = 4, /* stage 2 leaves of stage 1 tables */
    S2_LEAF = 8,   /* of the output */
};

/* What caches hold: a table of one level per stage, or none. */
struct caches {
    int s1_table, s2_table; /* level */
    unsigned also;          /* enum also */
};

static const struct walk_table *table_of(const struct learned *l, unsigned stage,
                                         int level, uint64_t ia)
{
    for (unsigned i = 0; i < l->tables_n; i++) {
        const struct walk_table *t = &l->tables[i];
        if (l->table_stages[i] == stage && t->level == level &&
            t->ia >> t->region_shift == ia >> t->region_shift)
            return t;
    }
    return NULL;
}

static const struct walk_s2_leaf *s2_leaf_of(const struct learned *l, uint64_t ipa)
{
    for (unsigned i = 0; i < l->s2_n; i++) {
        if (l->s2[i].ipa.v >> l->s2[i].leaf_shift == ipa >> l->s2[i].leaf_shift)
            return &l->s2[i];
    }
    return NULL;
}

static enum walk_next answer(struct walk *w, const struct caches *c,
                             const struct learned *l)
{
    const bool is_s1 = w->ask.stage == 1;
    const struct walk_table *found =
        table_of(l, w->ask.stage, is_s1 ? c->s1_table : c->s2_table, w->ask.ia);

    if (is_s1 && (c->also & S1_LEAF))
        return walk_use_s1(w, &deep_s1_leaf);
    if (!is_s1 && (c->also & (w->ask.for_s1 ? S2_FOR_S1 : S2_LEAF)))
        return walk_use_s2(w, s2_leaf_of(l, w->ask.ia));
    if (!found)
        return walk_skip(w);
    struct walk_table t = *found;
    if (is_s1 && (c->also & S1_BY_IPA))
        t.pa_valid = false;
    return walk_use_table(w, &t);
}

static void each_cached_part_saves_the_reads_that_lead_to_it(void **state)
{
    static const struct {
        unsigned s2_levels_n;
        struct caches c;
        unsigned reads_n;
        const char *rule;
    } rows[] = {
        {4, {NONE, NONE, 0}, 24, "4 x (4 + 1) and 4"},
        {3, {NONE, NONE, 0}, 19, "4 x (3 + 1) and 3"},
        {4, {3, NONE, 0}, 5, "1, and 4 of the output"},
        {3, {3, NONE, 0}, 4, "1, and 3 of the output"},
        {4, {2, NONE, 0}, 10, "1, 4 + 1, and 4"},
        {4, {1, NONE, 0}, 15, "1, 2 x (4 + 1), and 4"},
        {4, {3, NONE, S1_BY_IPA}, 9, "4 + 1, and 4"},
        {4, {2, NONE, S1_BY_IPA}, 14, "2 x (4 + 1), and 4"},
        {4, {NONE, 3, 0}, 9, "4 x (1 + 1), and 1"},
        {4, {NONE, 2, 0}, 14, "4 x (2 + 1), and 2"},
        {4, {NONE, 1, 0}, 19, "4 x (3 + 1), and 3"},
        {3, {NONE, 2, 0}, 14, "4 x (2 + 1), and 2"},
        {4, {3, 3, 0}, 2, "1, and 1 of the output"},
        {4, {3, 2, 0}, 3, "1, and 2 of the output"},
        {4, {3, 3, S1_BY_IPA}, 3, "1 + 1, and 1"},
        {4, {NONE, NONE, S2_FOR_S1}, 8, "4, and 4 of the output"},
        {4, {NONE, NONE, S2_LEAF}, 20, "4 x (4 + 1)"},
        {4, {NONE, NONE, S2_FOR_S1 | S2_LEAF}, 4, "stage 1"},
        {4, {3, NONE, S2_LEAF}, 1, "the leaf of stage 1"},
        {4, {NONE, NONE, S1_LEAF}, 4, "stage 2 of the output"},
        {4, {NONE, 3, S1_LEAF}, 1, "the leaf of stage 2"},
        {4, {NONE, NONE, S1_LEAF | S2_LEAF}, 0, "all is known"},
    };
    const struct walk_cpu cpu = cpu_max();

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct walk_regs regs = deep_regs(rows[i].s2_levels_n);
        struct memory m = deep_memory();
        struct walk_context ctx;
        struct learned l;
        struct walk w;

        learn_all(&l, &regs, &m);
        m.reads_n = 0;
        walk_context_init(&ctx, &cpu, &regs);
        enum walk_next next = read_on(&w, walk_begin(&w, &ctx, &deep_load), &m);
        while (next == WALK_ASK)
            next = read_on(&w, answer(&w, &rows[i].c, &l), &m);
        check_row(i, rows[i].rule, next, WALK_DONE);
        check_row(i, rows[i].rule, w.result.pa.v, DEEP_PA);
        check_row(i, rows[i].rule, m.reads_n, rows[i].reads_n);
        check_row(i, rows[i].rule, w.result.descs_n, rows[i].reads_n);
    }
}

static void tables_are_found_as_their_first_descriptor_is_named(void **state)
{
    /* Without the start tables, which registers name. Those of stage 2 below the
     * start are found once for each of the five walks of stage 2. */
    static const struct {
        unsigned nth, stage;
        struct walk_table want;
    } rows[] = {
        {0, 2, {.ia = 0x10000, .pa = {0x42000}, .level = 2, .region_shift = 30}},
        {1, 2, {.ia = 0x10000, .pa = {0x43000}, .level = 3, .region_shift = 21}},
        {2, 2, {.ia = 0x11000, .pa = {0x42000}, .level = 2, .region_shift = 30}},
        {4,
         1,
         {.ia = DEEP_VA,
          .ipa = {0x11000},
          .pa = {0x111000},
          .pa_valid = true,
          .level = 1,
          .region_shift = 39}},
        {10,
         1,
         {.ia = DEEP_VA,
          .ipa = {0x13000},
          .pa = {0x113000},
          .pa_valid = true,
          .attrs = ARCH_DESC_PXN_TABLE | ARCH_DESC_AP_TABLE_2,
          .level = 3,
          .region_shift = 21}},
        {12, 2, {.ia = DEEP_IPA, .pa = {0x44000}, .level = 3, .region_shift = 21}},
    };
    const struct walk_regs regs = deep_regs(3);
    struct memory m = deep_memory();
    struct learned l;

    (void)state;
    *memory_at(&m, 0x111000) |= ARCH_DESC_PXN_TABLE;
    *memory_at(&m, 0x112000) |= ARCH_DESC_AP_TABLE_2 | UINT64_C(1) << 55;
    learn_all(&l, &regs, &m);
    assert_int_equal(l.tables_n, 13);
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct walk_table *got = &l.tables[rows[i].nth];
        const struct walk_table *want = &rows[i].want;
        check_row(i, "stage", l.table_stages[rows[i].nth], rows[i].stage);
        check_row(i, "address in the table's region", got->ia, want->ia);
        check_row(i, "IPA", got->ipa.v, want->ipa.v);
        check_row(i, "PA", got->pa.v, want->pa.v);
        check_row(i, "PA", got->pa_valid, want->pa_valid);
        check_row(i, "hierarchical permissions", got->attrs, want->attrs);
        check_row(i, "level", got->level, want->level);
        check_row(i, "region", got->region_shift, want->region_shift);
    }
}

/* The first descriptor of a walk that does not name the start table. */
static void a_cached_table_is_not_found_again(void **state)
{
    const struct walk_cpu cpu = cpu_max();
    const struct walk_regs regs = deep_regs(4);
    struct memory m = deep_memory();
    struct walk_context ctx;
    struct walk_table t = deep_s1_table;
    struct walk w;

    (void)state;
    walk_context_init(&ctx, &cpu, &regs);
    assert_int_equal(walk_begin(&w, &ctx, &deep_load), WALK_ASK);
    assert_int_equal(walk_use_table(&w, &t), WALK_NEED_DESC);
    assert_int_equal(w.desc_pa.v, S1_LEAF_AT);
    assert_int_equal(w.stage, 1);
    assert_int_equal(w.level, 3);
    assert_false(walk_table_found(&w, &t));
    assert_int_equal(walk_feed(&w, *memory_at(&m, S1_LEAF_AT)), WALK_ASK);
    const struct walk_table s2 = {.level = 2, .pa = {0x42000}};
    assert_int_equal(walk_use_table(&w, &s2), WALK_NEED_DESC);
    assert_int_equal(w.desc_pa.v, 0x42008);
    assert_int_equal(w.stage, 2);
    assert_false(walk_table_found(&w, &t));
    assert_int_equal(walk_feed(&w, *memory_at(&m, 0x42008)), WALK_NEED_DESC);
    assert_true(walk_table_found(&w, &t));
    assert_int_equal(t.pa.v, 0x44000);
}

static void a_leaf_of_stage_2_is_found_in_the_step_that_ends_its_walk(void **state)
{
    const struct walk_cpu cpu = cpu_max();
    struct walk_regs regs = deep_regs(4);
    struct memory m = deep_memory();
    struct walk_query q = deep_load;
    struct walk_s2_leaf leaf;
    struct walk_context ctx;
    unsigned found_n = 0;
    struct walk w;

    (void)state;
    regs.vtcr_el2 |= VTCR_HA | VTCR_HD;
    *memory_at(&m, S2_LEAF_AT) |= ARCH_DESC_CONTIGUOUS | ARCH_DESC_DBM;
    *memory_at(&m, S2_LEAF_AT) &= ~(ARCH_DESC_S2AP_W | ARCH_DESC_AF | UINT64_C(0x3c));
    q.ask = false;
    walk_context_init(&ctx, &cpu, &regs);
    enum walk_next next = walk_begin(&w, &ctx, &q);
    while (next == WALK_NEED_DESC || next == WALK_NEED_CAS) {
        const bool is_leaf = next == WALK_NEED_CAS || (w.stage == 2 && w.level == 3);
        next = walk_feed(&w, memory_serve(&m, &w, next));
        const bool found = walk_s2_found(&w, &leaf);
        check_row(found_n, "a leaf", found, is_leaf && next != WALK_NEED_CAS);
        if (found && found_n == 3)
            check_row(found_n, "PA of the descriptor", leaf.pa.v, S1_LEAF_AT);
        found_n += found;
    }
    assert_int_equal(next, WALK_DONE);
    assert_int_equal(found_n, 5);
    assert_int_equal(leaf.ipa.v, DEEP_IPA);
    assert_int_equal(leaf.pa.v, DEEP_PA);
    assert_int_equal(leaf.leaf_shift, 12);
    assert_int_equal(leaf.group_shift, 16);
    assert_int_equal(leaf.perms.priv, RWX);
    assert_true(leaf.write_clean && leaf.device && !leaf.nt);
    assert_int_equal(w.result.s2_group_shift, 16);
    assert_int_equal(w.result.s1_group_shift, 12);
    assert_true(w.result.s2_device);
}

static void what_a_cache_gave_is_not_found(void **state)
{
    const struct walk_cpu cpu = cpu_max();
    const struct walk_regs regs = deep_regs(4);
    struct memory m = deep_memory();
    struct walk_s2_leaf leaf;
    struct walk_context ctx;
    struct walk w;

    (void)state;
    walk_context_init(&ctx, &cpu, &regs);
    ask_nth(&w, &ctx, &deep_load, &m, 5); /* for the last descriptor of stage 1 */
    assert_int_equal(walk_use_s2(&w, &deep_s1_desc_leaf), WALK_NEED_DESC);
    assert_false(walk_s2_found(&w, &leaf));
    assert_int_equal(walk_feed(&w, *memory_at(&m, S1_LEAF_AT)), WALK_ASK);
    assert_false(walk_s2_found(&w, &leaf));
    assert_int_equal(walk_use_s2(&w, &deep_s2_leaf), WALK_DONE);
    assert_false(walk_s2_found(&w, &leaf));
}

/* Whatever was in its memory before. ArmARM: AArch64.S1DisabledOutput. */
static void what_faults_at_once_has_found_nothing(void **state)
{
    const struct walk_cpu cpu = cpu_max();
    struct walk_regs regs = deep_regs(4);
    const struct walk_query query = {
        .va = {UINT64_C(1) << 54}, .access = ARCH_READ, .how = WALK_ACCESS, .el = 1};
    struct walk_s2_leaf leaf;
    struct walk_context ctx;
    struct walk w;

    (void)state;
    regs.sctlr_el1 = 0; /* stage 1 is off, and the address beyond any PA */
    walk_context_init(&ctx, &cpu, &regs);
    memset(&w, 1, sizeof(w));
    assert_int_equal(walk_begin(&w, &ctx, &query), WALK_FAULT);
    assert_int_equal(w.fault.type, ARCH_FAULT_ADDRESS_SIZE);
    assert_false(walk_s2_found(&w, &leaf));
}

/* Stage 2 leaves of level at PA 1G; each table of stage 1 at IPA 1G. */
static uint64_t serve_level(const struct walk *w, int s2_level)
{
    const bool is_leaf = w->stage == 2 && w->level == s2_level;

    if (is_leaf)
        return UINT64_C(0x40000000) | (w->level == 3 ? S2_PAGE : S2_BLOCK);
    return UINT64_C(0x40000000) | TABLE_BITS;
}

static void the_pa_of_a_table_counts_if_one_leaf_holds_all_of_it(void **state)
{
    enum { S1_4K = 0, S1_64K = 1, S1_16K = 2 };
    static const uint64_t s2_4k = 1 << 6 | 25, s2_16k = 2 << 14 | 1 << 6 | 28,
                          s2_64k = 1 << 14 | 1 << 6 | 25;
    const struct {
        uint64_t tg0, vtcr;
        int s2_level;
        bool want;
        const char *rule;
    } rows[] = {
        {S1_4K, s2_4k, 3, true, "4K table, 4K page"},
        {S1_16K, s2_4k, 3, false, "16K table, 4K page"},
        {S1_64K, s2_4k, 3, false, "64K table, 4K page"},
        {S1_64K, s2_4k, 2, true, "64K table, 2M block"},
        {S1_16K, s2_16k, 3, true, "16K table, 16K page"},
        {S1_64K, s2_16k, 3, false, "64K table, 16K page"},
        {S1_64K, s2_64k, 3, true, "64K table, 64K page"},
        {S1_4K, s2_64k, 3, true, "4K table, 64K page"},
        {S1_64K, 0, 0, true, "no stage 2"},
    };
    const struct walk_cpu cpu = cpu_max();

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct walk_regs regs = {.sctlr_el1 = 1,
                                       .tcr_el1 = 34 | rows[i].tg0 << 14 | TCR_IPS_48,
                                       .hcr_el2 = rows[i].vtcr ? HCR_VM : 0,
                                       .vtcr_el2 = rows[i].vtcr | 5 << 16};
        struct walk_table t = {.level = 0};
        struct walk_context ctx;
        struct walk w;

        walk_context_init(&ctx, &cpu, &regs);
        const struct walk_query q = {.el = 1};
        enum walk_next next = walk_begin(&w, &ctx, &q);
        while (next == WALK_NEED_DESC && !(w.stage == 1 && w.level == 3))
            next = walk_feed(&w, serve_level(&w, rows[i].s2_level));
        check_row(i, rows[i].rule, next, WALK_NEED_DESC);
        check_row(i, rows[i].rule, walk_table_found(&w, &t), true);
        check_row(i, rows[i].rule, t.pa_valid, rows[i].want);
        check_row(i, rows[i].rule, t.pa.v, rows[i].want ? 0x40000000 : 0);
        check_row(i, rows[i].rule, t.ipa.v, 0x40000000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_cached_part_saves_the_reads_that_lead_to_it),
        cmocka_unit_test(tables_are_found_as_their_first_descriptor_is_named),
        cmocka_unit_test(a_cached_table_is_not_found_again),
        cmocka_unit_test(a_leaf_of_stage_2_is_found_in_the_step_that_ends_its_walk),
        cmocka_unit_test(what_a_cache_gave_is_not_found),
        cmocka_unit_test(what_faults_at_once_has_found_nothing),
        cmocka_unit_test(the_pa_of_a_table_counts_if_one_leaf_holds_all_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
