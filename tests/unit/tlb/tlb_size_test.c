/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tlb/tlb_size_test.c - which sizes translations are held at, and found. */
#include "tests/unit/tlb/tlb_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void an_entry_is_the_largest_held_size_within_its_leaf(void **state)
{
    static const struct tlb_cfg cfg = {
        48,   48,  {14, 16, 21, 29}, 4, ALL_KINDS(4), TLB_REPLACE_LRU, 0, 0, 0, 0,
        NULL, NULL};
    static const struct {
        unsigned leaf_shift;
        unsigned size_shift; /* 0: not held */
    } rows[] = {
        {12, 0},  {13, 0},  {14, 14}, {15, 14}, {16, 16}, {20, 16},
        {21, 21}, {25, 21}, {29, 29}, {30, 29}, {47, 29},
    };
    const uint64_t ia = UINT64_C(0x123456789000);

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const unsigned shift = rows[i].size_shift;
        struct tlb_fixture f = fixture_new(&cfg);
        struct tlb_entry leaf = fixture_leaf(1, TLB_COMBINED, ia, rows[i].leaf_shift);

        leaf.size_shift = 99; /* ignored */

        const struct tlb_entry *e = tlb_fill(f.tlb, &leaf);

        if ((e == NULL) != (shift == 0))
            fail_msg("row %zu: held and should not, or the reverse", i);
        if (e != NULL) {
            const uint64_t first = ia >> shift << shift;

            assert_int_equal(e->size_shift, shift);
            assert_int_equal(e->span_shift, rows[i].leaf_shift);
            assert_int_equal(e->ia, first);
            assert_int_equal(e->oa.v, first + 1024 * GIB);
            assert_ptr_equal(fixture_find(f.tlb, first), e);
            assert_ptr_equal(fixture_find(f.tlb, first + (UINT64_C(1) << shift) - 1),
                             e);
            assert_null(fixture_find(f.tlb, first - 1));
            assert_null(fixture_find(f.tlb, first + (UINT64_C(1) << shift)));
        }
        fixture_free(&f);
    }
}

static void a_1g_block_is_two_fragments_where_512m_is_the_largest_size(void **state)
{
    static const struct tlb_cfg cfg = {
        48,   48,  {12, 14, 16, 21, 29}, 5, ALL_KINDS(5), TLB_REPLACE_LRU, 0, 0, 0, 0,
        NULL, NULL};
    struct tlb_fixture f = fixture_new(&cfg);

    (void)state;
    fixture_fill(f.tlb, 5 * GIB + 12345, SHIFT_1G);
    assert_non_null(fixture_find(f.tlb, 5 * GIB + 511 * MIB));
    assert_null(fixture_find(f.tlb, 5 * GIB + 512 * MIB));
    fixture_fill(f.tlb, 5 * GIB + 1023 * MIB, SHIFT_1G);
    assert_int_equal(fixture_find(f.tlb, 5 * GIB + 512 * MIB)->ia, 5 * GIB + 512 * MIB);
    assert_int_equal(fixture_count(f.tlb), 2);
    fixture_free(&f);
}

static void each_kind_has_its_own_sizes(void **state)
{
    /* a core whose IPA entries are of 2M and 1G only, and that has no S1_ONLY */
    static const struct tlb_cfg cfg = {
        64,   4,   {12, 16, 21, 30}, 4, {7, 0, 12}, TLB_REPLACE_LRU, 0, 0, 0, 0,
        NULL, NULL};
    static const struct {
        enum tlb_kind kind;
        unsigned leaf_shift;
        unsigned size_shift; /* 0: not held */
    } rows[] = {
        {TLB_COMBINED, 12, 12}, {TLB_COMBINED, 16, 16}, {TLB_COMBINED, 21, 21},
        {TLB_COMBINED, 30, 21}, {TLB_S1_ONLY, 12, 0},   {TLB_S1_ONLY, 30, 0},
        {TLB_S2_ONLY, 12, 0},   {TLB_S2_ONLY, 16, 0},   {TLB_S2_ONLY, 21, 21},
        {TLB_S2_ONLY, 25, 21},  {TLB_S2_ONLY, 30, 30},  {TLB_S2_ONLY, 39, 30},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct tlb_fixture f = fixture_new(&cfg);
        const struct tlb_entry leaf =
            fixture_leaf(1, rows[i].kind, 0, rows[i].leaf_shift);
        const struct tlb_entry *e = tlb_fill(f.tlb, &leaf);
        const unsigned got = e != NULL ? e->size_shift : 0;

        if (got != rows[i].size_shift)
            fail_msg("row %zu: size %u, want %u", i, got, rows[i].size_shift);
        assert_int_equal(fixture_count(f.tlb), got != 0);
        fixture_free(&f);
    }
}

static void a_part_of_a_table_entry_still_points_to_its_table(void **state)
{
    static const struct tlb_cfg cfg = {4, 4, {21}, 1, ALL_KINDS(1), TLB_REPLACE_LRU,
                                       0, 0, 0,    0, NULL,         NULL};
    const struct tlb_tag who = fixture_tag(1, 0);
    struct tlb_fixture f = fixture_new(&cfg);
    struct tlb_entry e = fixture_leaf(1, TLB_S1_ONLY, GIB + 5 * MIB, SHIFT_1G);

    (void)state;
    e.table = true;
    e.oa = arch_pa(0x7000);
    e.via = 0x9000;
    e.attrs = 0x77;
    e.table_level = 2;
    assert_non_null(tlb_fill(f.tlb, &e));

    const struct tlb_entry *hit =
        tlb_lookup(f.tlb, &who, TLB_S1_ONLY, true, GIB + 4 * MIB);

    assert_non_null(hit);
    assert_int_equal(hit->ia, GIB + 4 * MIB);
    assert_int_equal(hit->oa.v, 0x7000);
    assert_int_equal(hit->via, 0x9000);
    assert_int_equal(hit->attrs, 0x77);
    assert_int_equal(hit->table_level, 2);
    assert_null(tlb_lookup(f.tlb, &who, TLB_S1_ONLY, true, GIB + 6 * MIB));
    fixture_free(&f);
}

static void matches_counts_the_sizes_that_translate_an_address(void **state)
{
    const struct tlb_cfg cfg = fixture_one_set(8);
    const struct tlb_tag who = fixture_tag(1, 0), other = fixture_tag(2, 0);
    struct tlb_fixture f = fixture_new(&cfg);
    struct tlb_entry table = fixture_leaf(1, TLB_COMBINED, 0, SHIFT_2M);

    (void)state;
    table.table = true;
    assert_non_null(tlb_fill(f.tlb, &table));
    assert_int_equal(tlb_matches(f.tlb, &who, TLB_COMBINED, 0), 0);
    fixture_fill(f.tlb, 0, SHIFT_2M);
    assert_int_equal(tlb_matches(f.tlb, &who, TLB_COMBINED, 0), 1);
    fixture_fill(f.tlb, 0, SHIFT_4K);
    assert_int_equal(tlb_matches(f.tlb, &who, TLB_COMBINED, 0), 2);
    fixture_fill(f.tlb, 0, SHIFT_1G);
    assert_int_equal(tlb_matches(f.tlb, &who, TLB_COMBINED, 0), 3);
    assert_int_equal(tlb_matches(f.tlb, &who, TLB_COMBINED, 4096), 2);
    assert_int_equal(tlb_matches(f.tlb, &who, TLB_COMBINED, 2 * MIB), 1);
    assert_int_equal(tlb_matches(f.tlb, &who, TLB_COMBINED, GIB), 0);
    assert_int_equal(tlb_matches(f.tlb, &who, TLB_S2_ONLY, 0), 0);
    assert_int_equal(tlb_matches(f.tlb, &other, TLB_COMBINED, 0), 0);
    fixture_free(&f);
}

/* A part of a leaf of 1G, as of a leaf of stage 2 whose stage 1 leaf is smaller. */
static void fill_part(struct tlb *t, uint64_t ia, unsigned span_shift)
{
    struct tlb_entry part = fixture_leaf(1, TLB_COMBINED, ia, SHIFT_1G);

    part.span_shift = (uint8_t)span_shift;
    assert_non_null(tlb_fill(t, &part));
}

static void of_several_parts_of_one_leaf_the_smallest_wins(void **state)
{
    const struct tlb_cfg cfg = fixture_one_set(8);
    struct tlb_fixture f = fixture_new(&cfg);

    (void)state;
    fill_part(f.tlb, 0, SHIFT_4K);
    fill_part(f.tlb, 0, SHIFT_1G);
    fill_part(f.tlb, 0, SHIFT_2M);
    assert_int_equal(fixture_count(f.tlb), 3);
    assert_int_equal(fixture_find(f.tlb, 0)->size_shift, SHIFT_4K);
    assert_int_equal(fixture_find(f.tlb, 4096)->size_shift, SHIFT_2M);
    assert_int_equal(fixture_find(f.tlb, 2 * MIB)->size_shift, SHIFT_1G);
    assert_null(fixture_find(f.tlb, GIB));
    assert_int_equal(tlb_conflicts_n(f.tlb), 0);
    fixture_free(&f);
}

static void sets_are_indexed_by_the_page_number_of_each_size(void **state)
{
    static const struct tlb_cfg cfg = {
        1280, 5, {12, 21, 30}, 3,   ALL_KINDS(3), TLB_REPLACE_LRU, 0, 0,
        0,    0, NULL,         NULL};
    static const unsigned shifts[] = {SHIFT_4K, SHIFT_2M, SHIFT_1G};

    (void)state;
    for (size_t i = 0; i < ROWS_N(shifts); i++) {
        const uint64_t page = UINT64_C(1) << shifts[i];
        struct tlb_fixture f = fixture_new(&cfg);

        /* 256 pages in a row fall into 256 sets, so these 1280 all stay ... */
        for (uint64_t n = 0; n < 1280; n++)
            fixture_fill(f.tlb, n * page, shifts[i]);
        assert_int_equal(fixture_count(f.tlb), 1280);
        /* ... and one more takes the oldest of its own set only. */
        fixture_fill(f.tlb, 1280 * page, shifts[i]);
        assert_null(fixture_find(f.tlb, 0));
        for (uint64_t n = 1; n <= 1280; n++)
            assert_non_null(fixture_find(f.tlb, n * page));
        fixture_free(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_is_the_largest_held_size_within_its_leaf),
        cmocka_unit_test(a_1g_block_is_two_fragments_where_512m_is_the_largest_size),
        cmocka_unit_test(each_kind_has_its_own_sizes),
        cmocka_unit_test(a_part_of_a_table_entry_still_points_to_its_table),
        cmocka_unit_test(matches_counts_the_sizes_that_translate_an_address),
        cmocka_unit_test(of_several_parts_of_one_leaf_the_smallest_wins),
        cmocka_unit_test(sets_are_indexed_by_the_page_number_of_each_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
