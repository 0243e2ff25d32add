/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tlb/tlb_lookup_test.c - hits, misses, tags, kinds, sizes. */
#include "tests/unit/tlb/tlb_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void fill(struct tlb *t, uint64_t ia, unsigned leaf_shift)
{
    const struct tlb_entry leaf = fixture_leaf(1, TLB_COMBINED, ia, leaf_shift);

    assert_non_null(tlb_fill(t, &leaf));
}

static const struct tlb_entry *look_up(struct tlb *t, uint64_t ia)
{
    return fixture_look_up(t, 1, 0, TLB_COMBINED, ia);
}

static void vmid_kind_and_address_must_all_match(void **state)
{
    static const struct {
        uint16_t vmid;
        enum tlb_kind kind;
        uint64_t ia;
        bool hit;
    } rows[] = {
        {0x1234, TLB_S2_ONLY, 0x40000000, true},
        {0x1234, TLB_S2_ONLY, 0x40000fff, true},
        {0x1234, TLB_S2_ONLY, 0x40001000, false},
        {0x1234, TLB_S2_ONLY, 0x3ffff000, false},
        {0x1234, TLB_S2_ONLY, UINT64_C(0x8000000040000000), false}, /* top bit */
        {0x1234, TLB_COMBINED, 0x40000000, false},
        {0x0034, TLB_S2_ONLY, 0x40000000, false},
        {0x1235, TLB_S2_ONLY, 0x40000000, false},
    };
    const struct tlb_cfg cfg = fixture_one_set(8);
    struct tlb_fixture f = fixture_new(&cfg);
    const struct tlb_entry leaf =
        fixture_leaf(0x1234, TLB_S2_ONLY, 0x40000000, SHIFT_4K);

    (void)state;
    assert_non_null(tlb_fill(f.tlb, &leaf));
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct tlb_entry *e =
            fixture_look_up(f.tlb, rows[i].vmid, 0, rows[i].kind, rows[i].ia);

        if ((e != NULL) != rows[i].hit)
            fail_msg("row %zu: %s", i, e != NULL ? "hit" : "miss");
    }
    fixture_free(&f);
}

static void only_an_entry_that_is_not_global_asks_for_its_asid(void **state)
{
    static const struct {
        enum tlb_kind kind;
        bool ng;
        uint16_t asid;
        bool hit;
        const char *why;
    } rows[] = {
        {TLB_COMBINED, true, 0x1234, true, "its ASID"},
        {TLB_COMBINED, true, 0x0034, false, "the low 8 bits are not all"},
        {TLB_COMBINED, true, 0, false, "ASID 0 is like any other"},
        {TLB_COMBINED, false, 0x1234, true, "global"},
        {TLB_COMBINED, false, 0, true, "global"},
        {TLB_S2_ONLY, true, 0x1234, true, "stage 2 has no ASIDs"},
        {TLB_S2_ONLY, true, 0, true, "stage 2 has no ASIDs"},
        {TLB_S2_ONLY, false, 0, true, "stage 2 has no ASIDs"},
    };
    const struct tlb_cfg cfg = fixture_one_set(8);

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct tlb_fixture f = fixture_new(&cfg);
        struct tlb_entry leaf = fixture_leaf(1, rows[i].kind, 4096, SHIFT_4K);

        leaf.tag.asid = 0x1234;
        leaf.ng = rows[i].ng;
        assert_non_null(tlb_fill(f.tlb, &leaf));
        if ((fixture_look_up(f.tlb, 1, rows[i].asid, rows[i].kind, 4096) != NULL) !=
            rows[i].hit)
            fail_msg("row %zu (%s)", i, rows[i].why);
        fixture_free(&f);
    }
}

/* In EL2 nothing is tagged, in EL2&0 the ASID counts, in EL1&0 VMID and ASID. */
static void a_look_up_asks_for_what_counts_in_its_regime(void **state)
{
    enum { EL10 = ARCH_REGIME_EL10, EL2 = ARCH_REGIME_EL2, EL20 = ARCH_REGIME_EL20 };
    static const struct {
        struct tlb_tag entry, who;
        bool ng, hit;
        const char *why;
    } rows[] = {
        {{7, 5, EL10}, {7, 5, EL10}, true, true, "the same"},
        {{7, 5, EL10}, {8, 5, EL10}, true, false, "another VMID"},
        {{7, 5, EL10}, {7, 6, EL10}, true, false, "another ASID"},
        {{7, 5, EL10}, {7, 6, EL10}, false, true, "global"},
        {{7, 5, EL10}, {8, 5, EL10}, false, false, "global is not beyond its VMID"},
        {{0, 5, EL10}, {0, 5, EL20}, false, false, "another regime"},
        {{0, 0, EL10}, {0, 0, EL2}, false, false, "another regime"},
        {{0, 0, EL2}, {0, 0, EL20}, false, false, "another regime"},
        {{0, 5, EL20}, {0, 5, EL20}, true, true, "the same"},
        {{0, 5, EL20}, {9, 5, EL20}, true, true, "EL2&0 has no VMID"},
        {{9, 5, EL20}, {0, 5, EL20}, true, true, "EL2&0 has no VMID"},
        {{0, 5, EL20}, {0, 6, EL20}, true, false, "EL2&0 has ASIDs"},
        {{0, 5, EL20}, {0, 6, EL20}, false, true, "global"},
        {{9, 5, EL2}, {0, 0, EL2}, true, true, "EL2 has neither"},
        {{0, 0, EL2}, {9, 5, EL2}, false, true, "EL2 has neither"},
    };
    const struct tlb_cfg cfg = fixture_one_set(8);

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct tlb_fixture f = fixture_new(&cfg);
        struct tlb_entry leaf = fixture_leaf(0, TLB_COMBINED, 4096, SHIFT_4K);

        leaf.tag = rows[i].entry;
        leaf.ng = rows[i].ng;
        assert_non_null(tlb_fill(f.tlb, &leaf));
        if (tlb_peek(f.tlb, &rows[i].who, TLB_COMBINED, false, 4096) != rows[i].hit ||
            (tlb_matches(f.tlb, &rows[i].who, TLB_COMBINED, 4096) == 1) != rows[i].hit)
            fail_msg("row %zu (%s): peek or matches", i, rows[i].why);
        if ((tlb_lookup(f.tlb, &rows[i].who, TLB_COMBINED, false, 4096) != NULL) !=
            rows[i].hit)
            fail_msg("row %zu (%s): the look-up", i, rows[i].why);
        fixture_free(&f);
    }
}

/* All six classes hold one address, and each look-up gets its own. */
static void kinds_and_tables_never_meet(void **state)
{
    const struct tlb_cfg cfg = fixture_one_set(8);
    const struct tlb_tag who = fixture_tag(1, 0);
    struct tlb_fixture f = fixture_new(&cfg);

    (void)state;
    for (unsigned class_i = 0; class_i < 6; class_i++) {
        const enum tlb_kind kind = (enum tlb_kind)(class_i / 2);
        struct tlb_entry e = fixture_leaf(1, kind, 0, SHIFT_2M);

        assert_false(tlb_peek(f.tlb, &who, kind, class_i % 2, 0));
        assert_null(tlb_lookup(f.tlb, &who, kind, class_i % 2, 0));
        e.table = class_i % 2;
        e.stamp = class_i;
        assert_non_null(tlb_fill(f.tlb, &e));
    }
    assert_int_equal(fixture_count(f.tlb), 6);
    for (unsigned class_i = 0; class_i < 6; class_i++) {
        const enum tlb_kind kind = (enum tlb_kind)(class_i / 2);

        assert_int_equal(tlb_lookup(f.tlb, &who, kind, class_i % 2, 0)->stamp, class_i);
        assert_int_equal(tlb_matches(f.tlb, &who, kind, 0), 1);
    }
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
    fill(f.tlb, 0, SHIFT_2M);
    assert_int_equal(tlb_matches(f.tlb, &who, TLB_COMBINED, 0), 1);
    fill(f.tlb, 0, SHIFT_4K);
    assert_int_equal(tlb_matches(f.tlb, &who, TLB_COMBINED, 0), 2);
    fill(f.tlb, 0, SHIFT_1G);
    assert_int_equal(tlb_matches(f.tlb, &who, TLB_COMBINED, 0), 3);
    assert_int_equal(tlb_matches(f.tlb, &who, TLB_COMBINED, 4096), 2);
    assert_int_equal(tlb_matches(f.tlb, &who, TLB_COMBINED, 2 * MIB), 1);
    assert_int_equal(tlb_matches(f.tlb, &who, TLB_COMBINED, GIB), 0);
    assert_int_equal(tlb_matches(f.tlb, &who, TLB_S2_ONLY, 0), 0);
    assert_int_equal(tlb_matches(f.tlb, &other, TLB_COMBINED, 0), 0);
    fixture_free(&f);
}

static void of_several_sizes_the_smallest_wins(void **state)
{
    const struct tlb_cfg cfg = fixture_one_set(8);
    struct tlb_fixture f = fixture_new(&cfg);

    (void)state;
    fill(f.tlb, 0, SHIFT_4K);
    fill(f.tlb, 0, SHIFT_1G);
    fill(f.tlb, 0, SHIFT_2M);
    assert_int_equal(fixture_count(f.tlb), 3);
    assert_int_equal(look_up(f.tlb, 0)->size_shift, SHIFT_4K);
    assert_int_equal(look_up(f.tlb, 4096)->size_shift, SHIFT_2M);
    assert_int_equal(look_up(f.tlb, 2 * MIB)->size_shift, SHIFT_1G);
    assert_null(look_up(f.tlb, GIB));
    fixture_free(&f);
}

static void sets_are_indexed_by_the_page_number_of_each_size(void **state)
{
    static const struct tlb_cfg cfg = {
        1280, 5, {12, 21, 30}, 3, ALL_KINDS(3), TLB_REPLACE_LRU, 0, 0, 0};
    static const unsigned shifts[] = {SHIFT_4K, SHIFT_2M, SHIFT_1G};

    (void)state;
    for (size_t i = 0; i < ROWS_N(shifts); i++) {
        const uint64_t page = UINT64_C(1) << shifts[i];
        struct tlb_fixture f = fixture_new(&cfg);

        /* 256 pages in a row fall into 256 sets, so these 1280 all stay ... */
        for (uint64_t n = 0; n < 1280; n++)
            fill(f.tlb, n * page, shifts[i]);
        assert_int_equal(fixture_count(f.tlb), 1280);
        /* ... and one more takes the oldest of its own set only. */
        fill(f.tlb, 1280 * page, shifts[i]);
        assert_null(look_up(f.tlb, 0));
        for (uint64_t n = 1; n <= 1280; n++)
            assert_non_null(look_up(f.tlb, n * page));
        fixture_free(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vmid_kind_and_address_must_all_match),
        cmocka_unit_test(only_an_entry_that_is_not_global_asks_for_its_asid),
        cmocka_unit_test(a_look_up_asks_for_what_counts_in_its_regime),
        cmocka_unit_test(kinds_and_tables_never_meet),
        cmocka_unit_test(matches_counts_the_sizes_that_translate_an_address),
        cmocka_unit_test(of_several_sizes_the_smallest_wins),
        cmocka_unit_test(sets_are_indexed_by_the_page_number_of_each_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
