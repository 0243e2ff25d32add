/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tlb/tlb_lookup_test.c - hits, misses, kinds, sizes. */
#include "tests/unit/tlb/tlb_fixture.h"

#include <inttypes.h>
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
            assert_ptr_equal(look_up(f.tlb, first), e);
            assert_ptr_equal(look_up(f.tlb, first + (UINT64_C(1) << shift) - 1), e);
            assert_null(look_up(f.tlb, first - 1));
            assert_null(look_up(f.tlb, first + (UINT64_C(1) << shift)));
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
    fill(f.tlb, 5 * GIB + 12345, SHIFT_1G);
    assert_non_null(look_up(f.tlb, 5 * GIB + 511 * MIB));
    assert_null(look_up(f.tlb, 5 * GIB + 512 * MIB));
    fill(f.tlb, 5 * GIB + 1023 * MIB, SHIFT_1G);
    assert_int_equal(look_up(f.tlb, 5 * GIB + 512 * MIB)->ia, 5 * GIB + 512 * MIB);
    assert_int_equal(fixture_count(f.tlb), 2);
    fixture_free(&f);
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

static void a_fill_replaces_what_its_look_ups_could_hit_too(void **state)
{
    static const struct {
        bool old_ng;
        uint16_t old_asid;
        bool new_ng;
        uint16_t new_asid;
        uint32_t left_n;
        const char *why;
    } rows[] = {
        {true, 5, true, 5, 1, "the same ASID"},
        {true, 5, true, 6, 2, "two ASIDs never meet"},
        {false, 5, true, 6, 1, "ASID 6 would hit both"},
        {true, 5, false, 6, 1, "ASID 5 would hit both"},
        {false, 5, false, 6, 1, "every ASID would hit both"},
    };
    const struct tlb_cfg cfg = fixture_one_set(8);

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct tlb_fixture f = fixture_new(&cfg);
        struct tlb_entry leaf = fixture_leaf(1, TLB_COMBINED, 0, SHIFT_4K);

        leaf.tag.asid = rows[i].old_asid;
        leaf.ng = rows[i].old_ng;
        assert_non_null(tlb_fill(f.tlb, &leaf));
        leaf.tag.asid = rows[i].new_asid;
        leaf.ng = rows[i].new_ng;
        leaf.stamp = 1;
        assert_non_null(tlb_fill(f.tlb, &leaf));
        if (fixture_count(f.tlb) != rows[i].left_n)
            fail_msg("row %zu (%s): %u left", i, rows[i].why, fixture_count(f.tlb));
        assert_int_equal(
            fixture_look_up(f.tlb, 1, rows[i].new_asid, TLB_COMBINED, 0)->stamp, 1);
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

static void a_tag_that_does_not_count_is_0_in_the_entry_made(void **state)
{
    static const struct {
        enum tlb_kind kind;
        enum arch_regime regime;
        unsigned vmid, asid;
        bool ng;
    } rows[] = {
        {TLB_COMBINED, ARCH_REGIME_EL10, 7, 5, true},
        {TLB_S1_ONLY, ARCH_REGIME_EL10, 7, 5, true},
        {TLB_S2_ONLY, ARCH_REGIME_EL10, 7, 0, false},
        {TLB_COMBINED, ARCH_REGIME_EL20, 0, 5, true},
        {TLB_COMBINED, ARCH_REGIME_EL2, 0, 0, false},
    };
    const struct tlb_cfg cfg = fixture_one_set(1);

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct tlb_fixture f = fixture_new(&cfg);
        struct tlb_entry leaf = fixture_leaf(7, rows[i].kind, 0, SHIFT_4K);

        leaf.tag = (struct tlb_tag){7, 5, (uint8_t)rows[i].regime};
        leaf.ng = true;

        const struct tlb_entry *e = tlb_fill(f.tlb, &leaf);

        if (e->tag.vmid != rows[i].vmid || e->tag.asid != rows[i].asid ||
            e->ng != rows[i].ng || e->tag.regime != rows[i].regime)
            fail_msg("row %zu: vmid %u, asid %u, ng %d", i, e->tag.vmid, e->tag.asid,
                     e->ng);
        fixture_free(&f);
    }
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
    assert_int_equal(look_up(f.tlb, 0)->size_shift, SHIFT_4K);
    assert_int_equal(look_up(f.tlb, 4096)->size_shift, SHIFT_2M);
    assert_int_equal(look_up(f.tlb, 2 * MIB)->size_shift, SHIFT_1G);
    assert_null(look_up(f.tlb, GIB));
    assert_int_equal(tlb_conflicts_n(f.tlb), 0);
    fixture_free(&f);
}

static void the_same_translation_again_replaces_the_entry(void **state)
{
    const struct tlb_cfg cfg = fixture_one_set(8);
    struct tlb_fixture f = fixture_new(&cfg);
    struct tlb_entry leaf = fixture_leaf(1, TLB_COMBINED, 0, SHIFT_1G);

    (void)state;
    assert_non_null(tlb_fill(f.tlb, &leaf));
    leaf.ia = 3 * MIB; /* the same leaf, another address in it */
    leaf.oa = arch_pa(7 * GIB + 3 * MIB);
    leaf.perm_priv = TLB_R | TLB_X;
    leaf.stamp = 77;
    assert_non_null(tlb_fill(f.tlb, &leaf));
    assert_int_equal(fixture_count(f.tlb), 1);
    assert_int_equal(look_up(f.tlb, 0)->oa.v, 7 * GIB);
    assert_int_equal(look_up(f.tlb, 0)->perm_priv, TLB_R | TLB_X);
    assert_int_equal(look_up(f.tlb, 0)->stamp, 77);
    leaf.span_shift = SHIFT_2M; /* another size is another entry */
    assert_non_null(tlb_fill(f.tlb, &leaf));
    assert_int_equal(fixture_count(f.tlb), 2);
    fixture_free(&f);
}

static void an_entry_may_be_filled_back_into_its_own_tlb(void **state)
{
    const struct tlb_cfg cfg = fixture_one_set(1);
    struct tlb_fixture f = fixture_new(&cfg);

    (void)state;
    fill(f.tlb, 5 * GIB, SHIFT_2M);

    const struct tlb_entry *e = tlb_fill(f.tlb, look_up(f.tlb, 5 * GIB));

    assert_non_null(e);
    assert_int_equal(e->ia, 5 * GIB);
    assert_int_equal(fixture_count(f.tlb), 1);
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

/* As many as a structure may have, the low bits of whose numbers are all the same. */
static void pages_that_lie_as_far_apart_as_blocks_are_all_found(void **state)
{
    struct tlb_cfg cfg = fixture_one_set(65536);
    struct tlb_fixture f = fixture_new(&cfg);

    (void)state;
    for (uint64_t i = 0; i < cfg.entries_n; i++) {
        const struct tlb_entry leaf =
            fixture_leaf(1, TLB_COMBINED, i << SHIFT_2M, SHIFT_4K);
        assert_non_null(tlb_fill(f.tlb, &leaf));
    }
    for (uint64_t i = 0; i < cfg.entries_n; i += 1021)
        assert_non_null(fixture_look_up(f.tlb, 1, 0, TLB_COMBINED, i << SHIFT_2M));
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_is_the_largest_held_size_within_its_leaf),
        cmocka_unit_test(a_1g_block_is_two_fragments_where_512m_is_the_largest_size),
        cmocka_unit_test(vmid_kind_and_address_must_all_match),
        cmocka_unit_test(only_an_entry_that_is_not_global_asks_for_its_asid),
        cmocka_unit_test(a_fill_replaces_what_its_look_ups_could_hit_too),
        cmocka_unit_test(a_look_up_asks_for_what_counts_in_its_regime),
        cmocka_unit_test(kinds_and_tables_never_meet),
        cmocka_unit_test(each_kind_has_its_own_sizes),
        cmocka_unit_test(a_part_of_a_table_entry_still_points_to_its_table),
        cmocka_unit_test(matches_counts_the_sizes_that_translate_an_address),
        cmocka_unit_test(a_tag_that_does_not_count_is_0_in_the_entry_made),
        cmocka_unit_test(of_several_parts_of_one_leaf_the_smallest_wins),
        cmocka_unit_test(the_same_translation_again_replaces_the_entry),
        cmocka_unit_test(an_entry_may_be_filled_back_into_its_own_tlb),
        cmocka_unit_test(sets_are_indexed_by_the_page_number_of_each_size),
        cmocka_unit_test(pages_that_lie_as_far_apart_as_blocks_are_all_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
