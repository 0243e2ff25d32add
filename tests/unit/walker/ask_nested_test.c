/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/ask_nested_test.c - answers for stage 1 descriptors: permissions of
 * stage 2, updates, and walks that start again. */
#include "tests/unit/walker/ask_fixture.h"

/* The asks of a load of the page: stage 1, its four descriptors, the output. */
enum { ASK_S1 = 1, ASK_LAST_DESC = 5 };

static void a_leaf_of_stage_2_is_checked_for_the_descriptor_behind_it(void **state)
{
    static const struct {
        bool updates, ptw;
        uint8_t priv;
        bool write_clean, device;
        enum walk_next next;
        bool reads_start_table;
        const char *rule;
    } rows[] = {
        {.priv = 1, .next = WALK_NEED_DESC, .rule = "a fetch needs R"},
        {.priv = 6, .next = WALK_FAULT, .rule = "no R"},
        {.priv = 3, .write_clean = true, .next = WALK_NEED_DESC, .rule = "no dirtying"},
        {.priv = 1, .device = true, .next = WALK_NEED_DESC, .rule = "PTW = 0"},
        {.priv = 1, .ptw = true, .next = WALK_NEED_DESC, .rule = "PTW, Normal memory"},
        {.priv = 1, .ptw = true, .device = true, .next = WALK_FAULT, .rule = "PTW"},
        {.updates = true,
         .priv = 3,
         .next = WALK_NEED_CAS,
         .rule = "an update needs W"},
        {.updates = true, .priv = 5, .next = WALK_FAULT, .rule = "no W"},
        {.updates = true, .priv = 2, .next = WALK_FAULT, .rule = "W but no R"},
        {.updates = true,
         .priv = 3,
         .write_clean = true,
         .next = WALK_NEED_DESC,
         .reads_start_table = true,
         .rule = "the dirty state must be set in memory"},
        {.updates = true,
         .priv = 1,
         .write_clean = true,
         .next = WALK_FAULT,
         .rule = "an update that is not allowed sets none"},
    };
    const struct walk_cpu cpu = cpu_max();

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct walk_regs regs = deep_regs(4);
        struct memory m = deep_memory();
        struct walk_s2_leaf leaf = deep_s1_desc_leaf;
        struct walk_context ctx;
        struct walk w;
        regs.tcr_el1 |= TCR_HA;
        if (rows[i].updates)
            *memory_at(&m, S1_LEAF_AT) &= ~ARCH_DESC_AF;
        if (rows[i].ptw)
            regs.hcr_el2 |= HCR_PTW;
        leaf.perms = (struct walk_perms){.priv = rows[i].priv};
        leaf.write_clean = rows[i].write_clean;
        leaf.device = rows[i].device;
        walk_context_init(&ctx, &cpu, &regs);
        ask_nth(&w, &ctx, &deep_load, &m, ASK_LAST_DESC + rows[i].updates);
        check_row(i, rows[i].rule, w.ask.for_write, rows[i].updates);
        check_row(i, rows[i].rule, walk_use_s2(&w, &leaf), rows[i].next);
        if (rows[i].next == WALK_FAULT) {
            check_fault(i, rows[i].rule, &w, ARCH_FAULT_PERMISSION, 2, 3, true);
            check_row(i, rows[i].rule, w.fault_ipa.v, 0x13008);
            continue;
        }
        check_row(i, rows[i].rule, w.desc_pa.v,
                  rows[i].reads_start_table ? 0x40000 : S1_LEAF_AT);
        check_row(i, rows[i].rule, skip_on(&w, rows[i].next, &m), WALK_DONE);
        check_row(i, rows[i].rule, w.result.pa.v, DEEP_PA);
    }
}

static void an_update_in_a_cached_table_asks_stage_2_for_its_page(void **state)
{
    static const struct {
        uint64_t s2_leaf; /* of the page that holds the table */
        enum walk_next next;
        const char *rule;
    } rows[] = {
        {0x113000 | S2_PAGE, WALK_DONE, "it may be written"},
        {0x113000 | (S2_PAGE & ~ARCH_DESC_S2AP_W), WALK_FAULT, "it may not"},
        {0, WALK_FAULT, "it is no longer mapped"},
    };
    const struct walk_cpu cpu = cpu_max();
    struct walk_regs regs = deep_regs(4);
    struct walk_context ctx;

    (void)state;
    regs.tcr_el1 |= TCR_HA;
    walk_context_init(&ctx, &cpu, &regs);
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct memory m = deep_memory();
        struct walk w;
        *memory_at(&m, S1_LEAF_AT) &= ~ARCH_DESC_AF;
        *memory_at(&m, S2_S1_LEAF_AT) = rows[i].s2_leaf;
        ask_nth(&w, &ctx, &deep_load, &m, ASK_S1);
        enum walk_next next = read_on(&w, walk_use_table(&w, &deep_s1_table), &m);
        check_row(i, rows[i].rule, m.reads_n, 1);
        check_row(i, rows[i].rule, next, WALK_ASK);
        check_row(i, rows[i].rule, w.ask.for_s1 && w.ask.for_write, true);
        check_row(i, rows[i].rule, w.ask.ia, 0x13008);
        check_row(i, rows[i].rule, skip_on(&w, next, &m), rows[i].next);
        check_row(i, rows[i].rule, m.swaps_n, rows[i].next == WALK_DONE);
        if (rows[i].next == WALK_DONE)
            continue;
        check_fault(i, rows[i].rule, &w,
                    rows[i].s2_leaf ? ARCH_FAULT_PERMISSION : ARCH_FAULT_TRANSLATION, 2,
                    3, true);
        check_row(i, rows[i].rule, w.fault_ipa.v, 0x13008);
    }
}

static void a_cached_table_brings_its_hierarchical_permissions(void **state)
{
    static const struct {
        uint64_t attrs, desc; /* desc: of the table below */
        uint8_t el0, priv;
        const char *rule;
    } rows[] = {
        {0, 0, 7, 3, "none: writable by EL0, so PXN"},
        {ARCH_DESC_AP_TABLE_2, 0, 5, 5, "no writes below"},
        {ARCH_DESC_AP_TABLE_1, 0, 4, 7, "no EL0 data below"},
        {ARCH_DESC_UXN_TABLE, 0, 3, 3, "UXN"},
        {ARCH_DESC_AP_TABLE_2, ARCH_DESC_UXN_TABLE, 1, 5, "and what is read adds up"},
    };
    const struct walk_cpu cpu = cpu_max();
    const struct walk_regs regs = deep_regs(4);
    struct walk_context ctx;

    (void)state;
    walk_context_init(&ctx, &cpu, &regs);
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct walk_table t = {.level = 2,
                                     .ipa = {0x12000},
                                     .pa = {0x112000},
                                     .pa_valid = true,
                                     .attrs = rows[i].attrs};
        struct memory m = deep_memory();
        struct walk_table found = {.level = 0};
        struct walk w;
        *memory_at(&m, 0x112000) |= rows[i].desc;
        ask_nth(&w, &ctx, &deep_load, &m, ASK_S1);
        check_row(i, rows[i].rule, walk_use_table(&w, &t), WALK_NEED_DESC);
        check_row(i, rows[i].rule, walk_feed(&w, *memory_at(&m, 0x112000)), WALK_ASK);
        check_row(i, rows[i].rule, walk_use_s2(&w, &deep_s1_desc_leaf), WALK_NEED_DESC);
        check_row(i, rows[i].rule, walk_table_found(&w, &found), true);
        check_row(i, rows[i].rule, found.attrs, rows[i].attrs | rows[i].desc);
        check_row(i, rows[i].rule, skip_on(&w, WALK_NEED_DESC, &m), WALK_DONE);
        check_row(i, rows[i].rule, w.result.perms.el0, rows[i].el0);
        check_row(i, rows[i].rule, w.result.perms.priv, rows[i].priv);
    }
}

#define SOFTWARE_BIT (UINT64_C(1) << 55)

static const struct walk_table s2_table = {.level = 3, .pa = {0x44000}};

/* Both stages go on in cached tables. The swap of the leaf at pa is lost to software.
 */
static enum walk_next lose_the_swap(struct walk *w, const struct walk_context *ctx,
                                    struct memory *m, uint64_t pa)
{
    *memory_at(m, pa) &= ~ARCH_DESC_AF;
    ask_nth(w, ctx, &deep_load, m, ASK_S1);
    enum walk_next next = walk_use_table(w, &deep_s1_table);
    while (next != WALK_NEED_CAS) {
        if (next == WALK_NEED_DESC)
            next = walk_feed(w, memory_serve(m, w, next));
        else if (w->ask.for_s1)
            next = walk_skip(w);
        else
            next = walk_use_table(w, &s2_table);
    }
    assert_int_equal(w->desc_pa.v, pa);
    *memory_at(m, pa) |= SOFTWARE_BIT;
    m->reads_n = 0;
    return walk_feed(w, *memory_at(m, pa));
}

static void stage_2_starts_again_in_memory_after_a_lost_swap(void **state)
{
    const struct walk_cpu cpu = cpu_max();
    struct walk_regs regs = deep_regs(4);
    struct memory m = deep_memory();
    struct walk_context ctx;
    struct walk w;

    (void)state;
    regs.vtcr_el2 |= VTCR_HA;
    walk_context_init(&ctx, &cpu, &regs);
    const enum walk_next next = lose_the_swap(&w, &ctx, &m, S2_LEAF_AT);
    assert_int_equal(next, WALK_NEED_DESC);
    assert_int_equal(w.desc_pa.v, 0x40000);
    assert_int_equal(read_on(&w, next, &m), WALK_DONE);
    assert_int_equal(m.reads_n, 4);
    assert_true(*memory_at(&m, S2_LEAF_AT) & ARCH_DESC_AF);
}

/* The walks of stage 2 for its descriptors are new ones, and ask. */
static void stage_1_starts_again_in_memory_after_a_lost_swap(void **state)
{
    const struct walk_cpu cpu = cpu_max();
    struct walk_regs regs = deep_regs(4);
    struct memory m = deep_memory();
    struct walk_context ctx;
    unsigned asks_n = 0;
    struct walk w;

    (void)state;
    regs.tcr_el1 |= TCR_HA;
    walk_context_init(&ctx, &cpu, &regs);
    enum walk_next next = lose_the_swap(&w, &ctx, &m, S1_LEAF_AT);
    while (next == WALK_ASK) {
        assert_int_equal(w.ask.stage, 2);
        if (asks_n < 4)
            assert_int_equal(w.ask.ia, S1_TABLE(asks_n) + (asks_n == 3 ? 8 : 0));
        asks_n++;
        next = read_on(&w, walk_skip(&w), &m);
    }
    assert_int_equal(next, WALK_DONE);
    assert_int_equal(asks_n, 4 + 1 + 1); /* descriptors, the update, the output */
    assert_int_equal(m.reads_n, 4 * (4 + 1) + 4 + 4);
    assert_true(*memory_at(&m, S1_LEAF_AT) & ARCH_DESC_AF);
}

static void a_restart_forgets_what_the_cached_table_brought(void **state)
{
    const struct walk_cpu cpu = cpu_max();
    struct walk_regs regs = deep_regs(4);
    struct memory m = deep_memory();
    struct walk_table t = deep_s1_table;
    struct walk_context ctx;
    struct walk w;

    (void)state;
    regs.tcr_el1 |= TCR_HA;
    t.attrs = ARCH_DESC_AP_TABLE_2;
    *memory_at(&m, S1_LEAF_AT) &= ~ARCH_DESC_AF;
    m.lose_at = 1;
    m.lose_to = 0x300000 | S1_PAGE;
    walk_context_init(&ctx, &cpu, &regs);
    ask_nth(&w, &ctx, &deep_load, &m, ASK_S1);
    assert_int_equal(skip_on(&w, walk_use_table(&w, &t), &m), WALK_DONE);
    assert_int_equal(m.swaps_n, 1);
    assert_true(w.result.perms.priv & WALK_PERM_W);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_leaf_of_stage_2_is_checked_for_the_descriptor_behind_it),
        cmocka_unit_test(an_update_in_a_cached_table_asks_stage_2_for_its_page),
        cmocka_unit_test(a_cached_table_brings_its_hierarchical_permissions),
        cmocka_unit_test(stage_2_starts_again_in_memory_after_a_lost_swap),
        cmocka_unit_test(stage_1_starts_again_in_memory_after_a_lost_swap),
        cmocka_unit_test(a_restart_forgets_what_the_cached_table_brought),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
