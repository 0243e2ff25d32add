/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tlb/tlb_lookup_test.c - hits, misses, owners, kinds. */
#include "tests/unit/tlb/tlb_fixture.h"
#include "tlb/hit.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

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
    assert_int_equal(fixture_find(f.tlb, 0)->oa.v, 7 * GIB);
    assert_int_equal(fixture_find(f.tlb, 0)->perm_priv, TLB_R | TLB_X);
    assert_int_equal(fixture_find(f.tlb, 0)->stamp, 77);
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
    fixture_fill(f.tlb, 5 * GIB, SHIFT_2M);

    const struct tlb_entry *e = tlb_fill(f.tlb, fixture_find(f.tlb, 5 * GIB));

    assert_non_null(e);
    assert_int_equal(e->ia, 5 * GIB);
    assert_int_equal(fixture_count(f.tlb), 1);
    fixture_free(&f);
}

/* Also where the entry that takes the place is one like it, for which nothing else is
 * taken back. */
static void what_was_replaced_is_hit_no_more(void **state)
{
    enum { PAGES_N = 64 };
    static const uint32_t ways[] = {8, 16, PAGES_N};

    (void)state;
    for (size_t i = 0; i < ROWS_N(ways); i++) {
        const struct tlb_cfg cfg = fixture_one_set(ways[i]);
        const struct tlb_tag who = fixture_tag(1, 0);
        struct tlb_fixture f = fixture_new(&cfg);
        struct tlb_front *front = tlb_front_of(f.tlb);

        for (uint64_t page = 0; page < ways[i] + PAGES_N; page++) {
            const uint64_t gone = (page - ways[i]) << SHIFT_4K;

            fixture_fill(f.tlb, page << SHIFT_4K, SHIFT_4K);
            if (page < ways[i])
                continue;
            if (front != NULL)
                assert_null(tlb_hit(front, tlb_whose(front, tlb_who(&who)), gone));
            assert_null(fixture_find(f.tlb, gone));
            assert_non_null(fixture_find(f.tlb, page << SHIFT_4K));
        }
        fixture_free(&f);
    }
}

/* More keys in one bin than are counted, 2 * 256, and 255 of them less. */
static void pages_that_lie_as_far_apart_as_blocks_are_all_found(void **state)
{
    enum { PAGES_N = 512, LEFT_N = 257 };
    const struct tlb_cfg cfg = fixture_one_set(PAGES_N);
    struct tlb_fixture f = fixture_new(&cfg);

    (void)state;
    for (uint64_t i = 0; i < PAGES_N; i++)
        fixture_fill(f.tlb, i << SHIFT_2M, SHIFT_4K);
    for (uint64_t i = 0; i < PAGES_N; i++)
        assert_non_null(fixture_find(f.tlb, i << SHIFT_2M));
    for (uint64_t i = LEFT_N; i < PAGES_N; i++) {
        const struct arch_tlbi op = fixture_op(ARCH_TLBI_VA, 1, i << SHIFT_2M);

        assert_int_equal(tlb_invalidate(f.tlb, &op).n, 1);
    }
    for (uint64_t i = 0; i < PAGES_N; i++)
        assert_int_equal(fixture_find(f.tlb, i << SHIFT_2M) != NULL, i < LEFT_N);
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vmid_kind_and_address_must_all_match),
        cmocka_unit_test(only_an_entry_that_is_not_global_asks_for_its_asid),
        cmocka_unit_test(a_fill_replaces_what_its_look_ups_could_hit_too),
        cmocka_unit_test(a_look_up_asks_for_what_counts_in_its_regime),
        cmocka_unit_test(kinds_and_tables_never_meet),
        cmocka_unit_test(a_tag_that_does_not_count_is_0_in_the_entry_made),
        cmocka_unit_test(the_same_translation_again_replaces_the_entry),
        cmocka_unit_test(an_entry_may_be_filled_back_into_its_own_tlb),
        cmocka_unit_test(what_was_replaced_is_hit_no_more),
        cmocka_unit_test(pages_that_lie_as_far_apart_as_blocks_are_all_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
