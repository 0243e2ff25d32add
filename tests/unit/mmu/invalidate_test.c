/* SPDX-License-Identifier: Apache-2.0 */
/* What is left for the next walk after each TLBI, and what an IPA names. */
#include "tests/unit/mmu/mmu_world.h"

#define VA UINT64_C(0x40003000)
#define OTHER_ASID (ASID + 1)

/* All structures have seen the walk; the entry for VA itself is not global. Reads of
 * the walk after the TLBI: 0 if the TLBs still hit. With the stage 1 tables known 1
 * descriptor of stage 1, else 4; stage 2 leaves known cost nothing, else 1 with the
 * stage 2 tables known, else 3 for the first of a block and 1 for the rest. */
static void each_tlbi_leaves_what_it_does_not_name(void **state)
{
    static const struct {
        const char *rule;
        enum arch_tlbi_insn insn;
        uint64_t xt;
        unsigned reads;
    } rows[] = {
        {"last level: the tables stay", ARCH_TLBI_VALE1,
         VA >> 12 | (uint64_t)ASID << 48, 1},
        {"last level, any ASID", ARCH_TLBI_VAALE1, VA >> 12, 1},
        {"the tables of stage 1 go too", ARCH_TLBI_VAE1,
         VA >> 12 | (uint64_t)ASID << 48, 4},
        {"any ASID", ARCH_TLBI_VAAE1, VA >> 12, 4},
        {"another ASID", ARCH_TLBI_VAE1, VA >> 12 | (uint64_t)OTHER_ASID << 48, 0},
        {"last level, page of the same table", ARCH_TLBI_VALE1,
         (VA + PAGE) >> 12 | (uint64_t)ASID << 48, 0},
        {"the leaf stays, the tables on the way to it go", ARCH_TLBI_VAE1,
         (VA + PAGE) >> 12 | (uint64_t)ASID << 48, 0},
        {"all of the ASID", ARCH_TLBI_ASIDE1, (uint64_t)ASID << 48, 4},
        {"all of another", ARCH_TLBI_ASIDE1, (uint64_t)OTHER_ASID << 48, 0},
        {"stage 1 of the VMID", ARCH_TLBI_VMALLE1, 0, 4},
        {"both stages", ARCH_TLBI_VMALLS12E1, 0, 13},
        {"every VMID", ARCH_TLBI_ALLE1, 0, 13},
        {"another regime", ARCH_TLBI_ALLE2, 0, 0},
        {"another regime by VA", ARCH_TLBI_VAE2, VA >> 12, 0},
        {"combined entries outlive an IPA", ARCH_TLBI_IPAS2E1, VA >> 12, 0},
        {"the last level form too", ARCH_TLBI_IPAS2LE1, VA >> 12, 0},
    };
    (void)state;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct scn_platform p = mmu_platform(HAS_ALL);
        struct mmu_world m;

        print_message("row %zu: %s\n", i, rows[i].rule);
        mmu_world_begin(&m, &p, true);
        mmu_map_usual(&m);
        mmu_map_s1(&m, VA, VA, 3, S1_NG);
        assert_int_equal(mmu_reads_of(&m, VA), 13);
        mmu_tlbi(&m, rows[i].insn, rows[i].xt);
        assert_int_equal(mmu_hits(&m, VA, NULL) ? 0 : mmu_reads_of(&m, VA),
                         rows[i].reads);
        mmu_world_end(&m);
    }
}

static void ranges_do_the_same_for_all_pages_of_theirs(void **state)
{
    static const struct {
        const char *rule;
        enum arch_tlbi_insn insn;
        uint64_t from, pages;
        unsigned reads;
    } rows[] = {
        {"last level", ARCH_TLBI_RVALE1, VA - PAGE, 2, 1},
        {"with tables", ARCH_TLBI_RVAE1, VA - PAGE, 2, 4},
        {"ends before", ARCH_TLBI_RVALE1, VA - 2 * PAGE, 2, 0},
        {"begins behind", ARCH_TLBI_RVALE1, VA + PAGE, 2, 0},
        {"any ASID", ARCH_TLBI_RVAALE1, VA - PAGE, 2, 1},
        {"IPAs", ARCH_TLBI_RIPAS2E1, VA - PAGE, 2, 0},
    };
    (void)state;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct scn_platform p = mmu_platform(HAS_ALL);
        struct mmu_world m;

        print_message("row %zu: %s\n", i, rows[i].rule);
        mmu_world_begin(&m, &p, true);
        mmu_map_usual(&m);
        assert_int_equal(mmu_reads_of(&m, VA), 13);
        mmu_tlbi(&m, rows[i].insn, mmu_xt_range(rows[i].from, rows[i].pages, ASID));
        assert_int_equal(mmu_hits(&m, VA, NULL) ? 0 : mmu_reads_of(&m, VA),
                         rows[i].reads);
        mmu_world_end(&m);
    }
}

/* IPAS2E1 of the output page and VMALLE1: what of stage 2 is left to read. Level hints
 * and last-level forms as in the walk caches of stage 1. */
static void ipa_forms_remove_leaves_and_tables_of_stage_2(void **state)
{
    static const struct {
        const char *rule;
        enum arch_tlbi_insn insn;
        unsigned reads; /* 4 of stage 1, and of the output's stage 2 */
    } rows[] = {
        {"leaf and tables", ARCH_TLBI_IPAS2E1, 4 + 3},
        {"last level: the tables stay", ARCH_TLBI_IPAS2LE1, 4 + 1},
    };
    (void)state;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct scn_platform p = mmu_platform(HAS_ALL);
        struct mmu_world m;

        print_message("row %zu: %s\n", i, rows[i].rule);
        mmu_world_begin(&m, &p, true);
        mmu_map_usual(&m);
        assert_int_equal(mmu_reads_of(&m, VA), 13);
        mmu_tlbi(&m, rows[i].insn, mmu_xt_ipa(VA));
        mmu_tlbi(&m, ARCH_TLBI_VMALLE1, 0);
        assert_int_equal(mmu_reads_of(&m, VA), rows[i].reads);
        mmu_world_end(&m);
    }
}

/* The page of IPA VA moves to another PA. ArmARM: TLBI IPAS2E1 removes stage 2 only
 * entries; software ends with VMALLE1. Linux: __kvm_tlb_flush_vmid_ipa(). */
static void a_combined_entry_outlives_the_ipa_until_vmalle1(void **state)
{
    static const uint64_t moved = PA_OF(UINT64_C(0x7f000000));
    static const struct {
        bool s1;
    } rows[] = {{true}, {false}};
    (void)state;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct scn_platform p = mmu_platform(HAS_ALL);
        struct mmu_world m;
        uint64_t pa = 0;

        print_message("row %zu\n", i);
        mmu_world_begin(&m, &p, rows[i].s1);
        mmu_map_usual(&m);
        (void)mmu_reads_of(&m, VA);
        mmu_map_s2(&m, VA, moved, 3, RW);
        mmu_tlbi(&m, ARCH_TLBI_IPAS2E1, mmu_xt_ipa(VA));
        assert_true(mmu_hits(&m, VA, &pa));
        assert_int_equal(pa, PA_OF(VA)); /* the old page */
        mmu_tlbi(&m, ARCH_TLBI_VMALLE1, 0);
        assert_false(mmu_hits(&m, VA, NULL));
        (void)mmu_reads_of(&m, VA);
        assert_int_equal(m.w.result.pa.v, moved);
        mmu_world_end(&m);
    }
}

/* VMALLE1 alone leaves the old leaf of stage 2, from which a walk makes a new combined
 * entry: the order of the two matters. */
static void vmalle1_without_the_ipa_brings_the_old_page_back(void **state)
{
    const struct scn_platform p = mmu_platform(HAS_ALL);
    struct mmu_world m;
    (void)state;

    mmu_world_begin(&m, &p, true);
    mmu_map_usual(&m);
    (void)mmu_reads_of(&m, VA);
    mmu_map_s2(&m, VA, PA_OF(UINT64_C(0x7f000000)), 3, RW);
    mmu_tlbi(&m, ARCH_TLBI_VMALLE1, 0);
    (void)mmu_reads_of(&m, VA);
    assert_int_equal(m.w.result.pa.v, PA_OF(VA));
    mmu_world_end(&m);
}

/* A walk cache entry of stage 1 holds where stage 2 has put its table. */
static void a_moved_stage_1_table_is_found_after_vmalle1_only(void **state)
{
    const struct scn_platform p = mmu_platform(HAS_TABLES | HAS_S2);
    const uint64_t table = S1_TABLES + 3 * PAGE; /* level 3 */
    const uint64_t moved = PA_OF(UINT64_C(0x7f000000));
    struct mmu_world m;
    (void)state;

    mmu_world_begin(&m, &p, true);
    mmu_map_usual(&m);
    (void)mmu_reads_of(&m, VA);
    physmem_write(m.mem, arch_pa(moved + 8 * (VA >> 12 & 511)),
                  (VA + PAGE) | ARCH_DESC_AF | 3);
    mmu_map_s2(&m, table, moved, 3, RW);
    mmu_tlbi(&m, ARCH_TLBI_IPAS2E1, mmu_xt_ipa(table));
    (void)mmu_reads_of(&m, VA);
    assert_int_equal(m.w.result.ipa.v, VA); /* from the old copy of the table */
    mmu_tlbi(&m, ARCH_TLBI_VMALLE1, 0);
    (void)mmu_reads_of(&m, VA);
    assert_int_equal(m.w.result.ipa.v, VA + PAGE);
    mmu_world_end(&m);
}

/* Over-invalidation by choice of the core, and counted as such. */
static void a_core_may_take_combined_entries_with_the_ipa(void **state)
{
    struct scn_platform p = mmu_platform(HAS_ALL);
    struct mmu_world m;
    (void)state;

    p.l1d.cfg.ipa_takes_combined = p.l2.cfg.ipa_takes_combined = true;
    mmu_world_begin(&m, &p, true);
    mmu_map_usual(&m);
    (void)mmu_reads_of(&m, VA);
    mmu_tlbi(&m, ARCH_TLBI_IPAS2LE1, mmu_xt_ipa(0x40100000)); /* nobody holds it */
    assert_false(mmu_hits(&m, VA, NULL));
    assert_int_equal(m.caches.n.removed, 2); /* L1 and L2 */
    assert_int_equal(m.caches.n.removed_extra, 2);
    assert_int_equal(m.caches.n.removed_wide, 0);
    mmu_world_end(&m);
}

/* L1, L2; leaves of 4 table pages and the output in two structures; tables of stage 1
 * 3, of stage 2 two at each level. */
static void removed_entries_are_counted_over_all_structures(void **state)
{
    static const struct {
        enum arch_tlbi_insn insn;
        uint64_t xt;
        uint64_t removed, wide;
    } rows[] = {
        {ARCH_TLBI_VALE1, VA >> 12 | (uint64_t)ASID << 48, 2, 0},
        {ARCH_TLBI_VAE1, VA >> 12 | (uint64_t)ASID << 48, 2 + 3, 0},
        {ARCH_TLBI_IPAS2E1, VA >> 12, 2 + 2, 0},
        {ARCH_TLBI_VMALLE1, 0, 2 + 3, 2 + 3},
        {ARCH_TLBI_VMALLS12E1, 0, 2 + 3 + 2 * 5 + 4, 2 + 3 + 2 * 5 + 4},
    };
    (void)state;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct scn_platform p = mmu_platform(HAS_ALL);
        struct mmu_world m;

        print_message("row %zu\n", i);
        mmu_world_begin(&m, &p, true);
        mmu_map_usual(&m);
        (void)mmu_reads_of(&m, VA);
        mmu_tlbi(&m, rows[i].insn, rows[i].xt);
        assert_int_equal(m.caches.n.removed, rows[i].removed);
        assert_int_equal(m.caches.n.removed_wide, rows[i].wide);
        assert_int_equal(m.caches.n.removed_extra, 0);
        mmu_world_end(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_tlbi_leaves_what_it_does_not_name),
        cmocka_unit_test(ranges_do_the_same_for_all_pages_of_theirs),
        cmocka_unit_test(ipa_forms_remove_leaves_and_tables_of_stage_2),
        cmocka_unit_test(a_combined_entry_outlives_the_ipa_until_vmalle1),
        cmocka_unit_test(vmalle1_without_the_ipa_brings_the_old_page_back),
        cmocka_unit_test(a_moved_stage_1_table_is_found_after_vmalle1_only),
        cmocka_unit_test(a_core_may_take_combined_entries_with_the_ipa),
        cmocka_unit_test(removed_entries_are_counted_over_all_structures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
