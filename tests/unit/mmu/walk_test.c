/* SPDX-License-Identifier: Apache-2.0 */
/* What the caches of a PE answer to a walk: how many descriptors are left to read. */
#include "tests/unit/mmu/mmu_world.h"

#define VA UINT64_C(0x40003000)
#define NEIGHBOUR (VA + PAGE)

/* Both stages from level 0 and level 1: 4 x (3 + 1) + 3 reads. The stage 1 tables lie
 * in four pages of one 2 MiB block, the output in another block, in another GiB. */
static void a_second_walk_reads_only_the_last_descriptors(void **state)
{
    static const struct {
        const char *rule;
        unsigned structures;
        unsigned first, second;
        unsigned s1_hits, s2_table_hits, s2_leaf_hits; /* of both walks */
    } rows[] = {
        {"nothing is cached", 0, 19, 19, 0, 0, 0},
        {"TLBs are no walk caches", HAS_L1 | HAS_L2, 19, 19, 0, 0, 0},
        {"level 1 table: three descriptors behind stage 2, one without", HAS_S1L0, 19,
         1 + 4 + 4 + 3, 1, 0, 0},
        {"level 2 table", HAS_S1L1, 19, 1 + 4 + 3, 1, 0, 0},
        {"level 3 table", HAS_S1L2, 19, 1 + 3, 1, 0, 0},
        {"the one nearest to the leaf answers", HAS_S1L0 | HAS_S1L1 | HAS_S1L2, 19,
         1 + 3, 1, 0, 0},
        {"stage 2 starts at level 1: no level 0 table", HAS_S2L0, 19, 19, 0, 0, 0},
        {"the first walk meets what it has found itself", HAS_S2L1,
         (3 + 1) + 3 * (2 + 1) + 3, 4 * (2 + 1) + 2, 0, 3 + 5, 0},
        {"stage 2 level 3 table", HAS_S2L2, (3 + 1) + 3 * (1 + 1) + 3, 4 * (1 + 1) + 1,
         0, 3 + 5, 0},
        {"leaves of the table pages", HAS_S2, 19, 4 * (0 + 1) + 3, 0, 0, 4},
        {"the same in the L2 TLB", HAS_L2 | HAS_L2_IPA, 19, 4 * (0 + 1) + 3, 0, 0, 4},
        {"last level of either stage", HAS_S1L2 | HAS_S2L2, 13, 1 + 1, 1, 3 + 1, 0},
        {"leaves go before tables", HAS_S2 | HAS_S2L2, 13, 4 * (0 + 1) + 1, 0, 3 + 1,
         4},
        {"everything", HAS_ALL, 13, 1 + 1, 1, 3 + 1, 0},
    };
    (void)state;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct scn_platform p = mmu_platform(rows[i].structures);
        struct mmu_world m;

        print_message("row %zu: %s\n", i, rows[i].rule);
        mmu_world_begin(&m, &p, true);
        mmu_map_usual(&m);
        assert_int_equal(mmu_reads_of(&m, VA), rows[i].first);
        assert_int_equal(mmu_reads_of(&m, NEIGHBOUR), rows[i].second);
        assert_int_equal(m.w.result.pa.v, PA_OF(NEIGHBOUR));
        assert_int_equal(m.caches.n.s1_table_hits, rows[i].s1_hits);
        assert_int_equal(m.caches.n.s2_table_hits, rows[i].s2_table_hits);
        assert_int_equal(m.caches.n.s2_leaf_hits, rows[i].s2_leaf_hits);
        mmu_world_end(&m);
    }
}

/* An L2 TLB of stage 1 alone: the walk of the same VA again has stage 2 of the output
 * left, of a neighbour everything. A TLBI by VA ends that; one by IPA ends the part of
 * stage 2. */
static void an_l2_tlb_of_stage_1_alone_leaves_stage_2_of_the_output(void **state)
{
    static const struct {
        const char *rule;
        unsigned structures;
        unsigned again, after_ipa, after_va;
    } rows[] = {
        {"stage 2 is walked", HAS_L2 | HAS_L2_S1, 3, 3, 19},
        {"stage 2 is answered", HAS_L2 | HAS_L2_S1 | HAS_S2, 0, 3, 4},
        {"behind its table", HAS_L2 | HAS_L2_S1 | HAS_S2L2, 1, 3, 4 * 2 + 1},
        {"everything", HAS_APART, 0, 3, 4},
    };
    (void)state;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct scn_platform p = mmu_platform(rows[i].structures);
        struct mmu_world m;

        print_message("row %zu: %s\n", i, rows[i].rule);
        mmu_world_begin(&m, &p, true);
        mmu_map_usual(&m);
        (void)mmu_reads_of(&m, VA);
        assert_int_equal(mmu_reads_of(&m, VA), rows[i].again);
        assert_int_equal(m.caches.n.s1_leaf_hits, 1);
        assert_int_equal(m.w.result.pa.v, PA_OF(VA));
        mmu_tlbi(&m, ARCH_TLBI_IPAS2E1, mmu_xt_ipa(VA));
        assert_int_equal(mmu_reads_of(&m, VA), rows[i].after_ipa);
        mmu_tlbi(&m, ARCH_TLBI_VAE1, mmu_xt_va(VA, ASID));
        assert_int_equal(mmu_reads_of(&m, VA), rows[i].after_va);
        assert_int_equal(m.caches.n.s1_leaf_hits, 2);
        mmu_world_end(&m);
    }
}

static void with_stage_1_off_only_stage_2_caches_answer(void **state)
{
    static const struct {
        unsigned structures, second, same;
    } rows[] = {
        {0, 3, 3},
        {HAS_S1L0 | HAS_S1L1 | HAS_S1L2, 3, 3},
        {HAS_S2L1, 2, 2},
        {HAS_S2L2, 1, 1},
        {HAS_S2L1 | HAS_S2L2, 1, 1},
        {HAS_S2, 3, 0},
        {HAS_ALL, 1, 0},
    };
    (void)state;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct scn_platform p = mmu_platform(rows[i].structures);
        struct mmu_world m;

        print_message("row %zu\n", i);
        mmu_world_begin(&m, &p, false);
        mmu_map_usual(&m);
        assert_int_equal(mmu_reads_of(&m, VA), 3);
        assert_int_equal(mmu_reads_of(&m, NEIGHBOUR), rows[i].second);
        assert_int_equal(mmu_reads_of(&m, VA), rows[i].same);
        assert_int_equal(m.w.result.pa.v, PA_OF(VA));
        mmu_world_end(&m);
    }
}

static void a_stage_2_leaf_serves_every_va_that_leads_to_it(void **state)
{
    const struct scn_platform p = mmu_platform(HAS_S2);
    struct mmu_world m;
    (void)state;

    mmu_world_begin(&m, &p, true);
    mmu_map_usual(&m);
    mmu_map_s1(&m, 0x40400000, VA, 3, 0); /* another level 3 table */
    assert_int_equal(mmu_reads_of(&m, VA), 19);
    /* levels 0 to 2 in known pages, level 3 in a new one, the output known */
    assert_int_equal(mmu_reads_of(&m, 0x40400000), 3 + (3 + 1));
    assert_int_equal(m.w.result.pa.v, PA_OF(VA));
    mmu_world_end(&m);
}

/* A table that is 4 KiB of a larger stage 2 leaf is still reached without stage 2, and
 * is learned as well if a cached leaf says where it is. */
static void a_block_behind_the_tables_makes_no_difference_to_their_walk_caches(
    void **state)
{
    static const struct {
        const char *rule;
        unsigned structures, first, second;
    } rows[] = {
        {"stage 2 is walked", HAS_S1L2, 4 * (2 + 1) + 2, 1 + 2},
        {"the first table's leaf answers for the others", HAS_S1L2 | HAS_S2,
         (2 + 1) + 3 * (0 + 1) + 2, 1 + 0},
        {"level 2 table", HAS_S1L1 | HAS_S2, 8, 2},
        {"level 1 table", HAS_S1L0 | HAS_S2, 8, 3},
        {"in the L2 TLB", HAS_S1L2 | HAS_L2 | HAS_L2_IPA, 8, 1},
        {"everything", HAS_ALL, 8, 1},
    };
    (void)state;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct scn_platform p = mmu_platform(rows[i].structures);
        struct mmu_world m;

        print_message("row %zu: %s\n", i, rows[i].rule);
        mmu_world_begin(&m, &p, true);
        mmu_map_s1(&m, VA, VA, 3, 0);
        mmu_map_s1(&m, NEIGHBOUR, NEIGHBOUR, 3, 0);
        mmu_map_s2(&m, S1_TABLES, PA_OF(S1_TABLES), 2, RW);
        mmu_map_s2(&m, 0x40000000, PA_OF(UINT64_C(0x40000000)), 2, RW);
        assert_int_equal(mmu_reads_of(&m, VA), rows[i].first);
        assert_int_equal(mmu_reads_of(&m, NEIGHBOUR), rows[i].second);
        mmu_world_end(&m);
    }
}

/* What a walk found belongs to its VMID, and of stage 1 to its ASID. */
static void another_vmid_or_asid_finds_nothing_of_it(void **state)
{
    static const struct {
        unsigned vmid, asid, reads;
    } rows[] = {
        {VMID, ASID, 2},
        {VMID, ASID + 1, 4 * (0 + 1) + 1}, /* stage 2 has no ASID */
        {VMID + 1, ASID, 13},
    };
    (void)state;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct scn_platform p = mmu_platform(HAS_ALL);
        struct mmu_world m;

        print_message("row %zu\n", i);
        mmu_world_begin(&m, &p, true);
        mmu_map_usual(&m);
        assert_int_equal(mmu_reads_of(&m, VA), 13);
        m.regs.ttbr0_el1 = S1_TABLES | (uint64_t)rows[i].asid << 48;
        m.regs.vttbr_el2 = m.ctx.s2.baddr.v | (uint64_t)rows[i].vmid << 48;
        mmu_world_decode(&m);
        assert_int_equal(mmu_reads_of(&m, NEIGHBOUR), rows[i].reads);
        mmu_world_end(&m);
    }
}

/* VTCR_EL2.{HA,HD}: a clean leaf with DBM grants the write, but the walk has a
 * descriptor to update. */
static void a_clean_leaf_is_no_answer_to_a_write(void **state)
{
    const struct scn_platform p = mmu_platform(HAS_ALL);
    struct mmu_entries held = {.n = 0};
    struct mmu_world m;
    (void)state;

    mmu_world_begin(&m, &p, false);
    m.regs.vtcr_el2 |= UINT64_C(3) << 21;
    mmu_world_decode(&m);
    mmu_map_s2(&m, VA, PA_OF(VA), 3, ARCH_DESC_S2AP_R | ARCH_DESC_DBM);
    assert_int_equal(mmu_reads_of(&m, VA), 3);
    assert_int_equal(mmu_reads_of(&m, VA), 0); /* another read is answered */
    mmu_collect_one(m.caches.s2, &held);
    assert_int_equal(held.n, 1);
    assert_true(held.e[0].write_clean);

    assert_int_equal(mmu_run_walk(&m, VA, ARCH_WRITE), WALK_DONE);
    assert_int_equal(m.reads_n, 1); /* the table is answered, the leaf is not */
    assert_int_equal(m.swaps_n, 1);
    held.n = 0;
    mmu_collect_one(m.caches.s2, &held);
    assert_int_equal(held.n, 1); /* in place of the clean one */
    assert_false(held.e[0].write_clean);

    assert_int_equal(mmu_run_walk(&m, VA, ARCH_WRITE), WALK_DONE);
    assert_int_equal(m.reads_n + m.swaps_n, 0);
    mmu_world_end(&m);
}

/* The stamp of what is found is as old as the oldest information in it: a cached leaf
 * does not become newer by being used. */
static void a_result_is_as_old_as_the_oldest_thing_it_was_made_of(void **state)
{
    const struct scn_platform p = mmu_platform(HAS_L2 | HAS_S2 | HAS_S1L2);
    struct mmu_entries held = {.n = 0};
    struct mmu_world m;
    (void)state;

    mmu_world_begin(&m, &p, true);
    mmu_map_usual(&m);
    assert_int_equal(mmu_reads_of(&m, VA), 19);
    mmu_tlbi(&m, ARCH_TLBI_VALE1, mmu_xt_va(VA, ASID));
    m.now = 1000;
    assert_int_equal(mmu_reads_of(&m, VA), 1);
    mmu_collect_one(m.caches.l2, &held);
    assert_int_equal(held.n, 1);
    assert_int_equal(held.e[0].stamp, 100);
    assert_int_equal(held.e[0].stamp_s2, 100);

    mmu_tlbi(&m, ARCH_TLBI_VMALLE1, 0); /* the tables of stage 1 go, its leaves stay */
    m.now = 2000;
    assert_int_equal(mmu_reads_of(&m, VA), 4);
    held.n = 0;
    mmu_collect_one(m.caches.l2, &held);
    assert_int_equal(held.e[0].stamp, 2000);
    assert_int_equal(held.e[0].stamp_s2, 100);
    mmu_world_end(&m);
}

/* The table was found through a stage 2 of 100, its neighbour's output is of 1000. */
static void a_cached_table_carries_the_age_of_its_stage_2(void **state)
{
    const struct scn_platform p = mmu_platform(HAS_L1 | HAS_S1L2);
    struct mmu_entries held = {.n = 0};
    struct mmu_world m;
    (void)state;

    mmu_world_begin(&m, &p, true);
    mmu_map_usual(&m);
    (void)mmu_reads_of(&m, VA);
    mmu_tlbi(&m, ARCH_TLBI_VALE1, mmu_xt_va(VA, ASID));
    m.now = 1000;
    (void)mmu_reads_of(&m, NEIGHBOUR);
    mmu_collect_one(m.caches.l1d, &held);
    assert_int_equal(held.n, 1);
    assert_int_equal(held.e[0].stamp_s2, 100);
    mmu_world_end(&m);
}

/* The level 3 table of another block is learned behind the level 2 table of 100. */
static void a_table_is_as_old_as_the_table_that_led_to_it(void **state)
{
    const struct scn_platform p = mmu_platform(HAS_S1L1 | HAS_S1L2);
    struct mmu_entries held = {.n = 0};
    struct mmu_world m;
    (void)state;

    mmu_world_begin(&m, &p, true);
    mmu_map_usual(&m);
    mmu_map_s1(&m, VA + 2 * MIB, VA, 3, 0);
    (void)mmu_reads_of(&m, VA);
    m.now = 1000;
    (void)mmu_reads_of(&m, VA + 2 * MIB);
    mmu_collect_one(m.caches.tables[0][2], &held);
    assert_int_equal(held.n, 2);
    assert_int_equal(held.e[0].stamp, 100);
    assert_int_equal(held.e[1].stamp, 100);
    mmu_world_end(&m);
}

/* All is as old as 100 when an operation issued at 500 completes without having been
 * served. Then a walk of 1000 finds the leaf anew behind tables of 100: a last-level
 * form has ended no more than that leaf, the others the tables as well. */
static void a_last_level_form_asks_when_the_leaf_was_read(void **state)
{
    static const struct {
        const char *rule;
        enum arch_tlbi_insn insn;
        uint64_t xt;
        uint32_t old, new; /* entries that are stale */
    } rows[] = {
        {"leaf", ARCH_TLBI_VALE1, VA >> 12 | (uint64_t)ASID << 48, 1, 0},
        {"leaf and tables", ARCH_TLBI_VAE1, VA >> 12 | (uint64_t)ASID << 48, 4, 4},
        {"stage 2 leaf", ARCH_TLBI_IPAS2LE1, VA >> 12, 1, 0},
        {"stage 2 leaf and tables", ARCH_TLBI_IPAS2E1, VA >> 12, 3, 3},
    };
    (void)state;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct scn_platform p = mmu_platform(HAS_L2 | HAS_S2 | HAS_TABLES);
        const struct arch_tlbi op = mmu_op(rows[i].insn, rows[i].xt);
        struct mmu_world m;

        print_message("row %zu: %s\n", i, rows[i].rule);
        mmu_world_begin(&m, &p, true);
        mmu_map_usual(&m);
        (void)mmu_reads_of(&m, VA);
        assert_int_equal(mmu_count_stale(&m.caches, &op, 500), rows[i].old);
        mmu_tlbi(&m, ARCH_TLBI_IPAS2LE1, mmu_xt_ipa(VA));
        mmu_tlbi(&m, ARCH_TLBI_VALE1, mmu_xt_va(VA, ASID));
        m.now = 1000;
        assert_int_equal(mmu_reads_of(&m, VA), 2);
        assert_int_equal(mmu_count_stale(&m.caches, &op, 500), rows[i].new);
        mmu_world_end(&m);
    }
}

/* Through an entry of stage 1 alone its leaf stays as old as it is. */
static void a_leaf_of_stage_1_does_not_become_newer_by_use(void **state)
{
    const struct scn_platform p = mmu_platform(HAS_APART);
    const struct arch_tlbi op = mmu_op(ARCH_TLBI_VALE1, mmu_xt_va(VA, ASID));
    struct mmu_world m;
    (void)state;

    mmu_world_begin(&m, &p, true);
    mmu_map_usual(&m);
    (void)mmu_reads_of(&m, VA);
    m.now = 1000;
    (void)mmu_reads_of(&m, VA);
    assert_int_equal(m.caches.n.s1_leaf_hits, 1);
    assert_int_equal(mmu_count_stale(&m.caches, &op, 500), 2); /* L1 and L2 */
    mmu_world_end(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_second_walk_reads_only_the_last_descriptors),
        cmocka_unit_test(an_l2_tlb_of_stage_1_alone_leaves_stage_2_of_the_output),
        cmocka_unit_test(with_stage_1_off_only_stage_2_caches_answer),
        cmocka_unit_test(a_stage_2_leaf_serves_every_va_that_leads_to_it),
        cmocka_unit_test(
            a_block_behind_the_tables_makes_no_difference_to_their_walk_caches),
        cmocka_unit_test(another_vmid_or_asid_finds_nothing_of_it),
        cmocka_unit_test(a_clean_leaf_is_no_answer_to_a_write),
        cmocka_unit_test(a_result_is_as_old_as_the_oldest_thing_it_was_made_of),
        cmocka_unit_test(a_cached_table_carries_the_age_of_its_stage_2),
        cmocka_unit_test(a_table_is_as_old_as_the_table_that_led_to_it),
        cmocka_unit_test(a_last_level_form_asks_when_the_leaf_was_read),
        cmocka_unit_test(a_leaf_of_stage_1_does_not_become_newer_by_use),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
