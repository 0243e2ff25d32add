/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tlb/tlb_beyond_test.c - removals beyond the architecture, stale entries,
 * and that an operation finds its entries wherever they are. */
#include "tests/unit/tlb/tlb_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define VMID 7
#define IA (6 * MIB)
#define FAR (90 * MIB) /* in no leaf of what is at IA */

/* Class x choice: what goes by an operation on FAR, and is counted as extra. */
static void extra_removals_are_those_of_the_configured_core(void **state)
{
    enum { NONE, IPA_TAKES_COMBINED, ADDRESS_TAKES_TABLES };
    static const struct {
        unsigned choice;
        enum arch_tlbi_op op;
        bool last_level;
        const char *removed; /* combined, its table, s1, its table, s2, its table */
        const char *why;
    } rows[] = {
        {NONE, ARCH_TLBI_IPAS2, false, "------", "the architecture takes nothing"},
        {NONE, ARCH_TLBI_VA, false, "------", "the architecture takes nothing"},
        {IPA_TAKES_COMBINED, ARCH_TLBI_IPAS2, false, "XX-X--", "what may hold it"},
        {IPA_TAKES_COMBINED, ARCH_TLBI_IPAS2, true, "XX-X--", "it cannot tell"},
        {IPA_TAKES_COMBINED, ARCH_TLBI_VA, false, "------", "not by VA"},
        {IPA_TAKES_COMBINED, ARCH_TLBI_VAA, true, "------", "not by VA"},
        {ADDRESS_TAKES_TABLES, ARCH_TLBI_IPAS2, false, "-----X", "of stage 2"},
        {ADDRESS_TAKES_TABLES, ARCH_TLBI_IPAS2, true, "------", "last level"},
        {ADDRESS_TAKES_TABLES, ARCH_TLBI_VA, false, "-X-X--", "of stage 1"},
        {ADDRESS_TAKES_TABLES, ARCH_TLBI_VA, true, "------", "last level"},
        {ADDRESS_TAKES_TABLES, ARCH_TLBI_VAA, false, "-X-X--", "of stage 1"},
        {ADDRESS_TAKES_TABLES, ARCH_TLBI_ASID, false, "------", "no address"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows) * 6; i++) {
        const size_t row = i / 6, class_i = i % 6;
        struct tlb_cfg cfg = fixture_one_set(4);
        struct arch_tlbi op = fixture_op(rows[row].op, VMID, FAR);
        struct tlb_entry e =
            fixture_leaf(VMID, (enum tlb_kind)(class_i / 2), IA, SHIFT_2M);

        cfg.ipa_takes_combined = rows[row].choice == IPA_TAKES_COMBINED;
        cfg.address_takes_tables = rows[row].choice == ADDRESS_TAKES_TABLES;
        op.last_level = rows[row].last_level;
        e.table = class_i % 2;

        struct tlb_fixture f = fixture_new(&cfg);
        const bool want = rows[row].removed[class_i] == 'X';

        assert_non_null(tlb_fill(f.tlb, &e));
        e.tag.vmid = VMID ^ 0x100; /* another one always stays */
        assert_non_null(tlb_fill(f.tlb, &e));
        assert_int_equal(tlb_count_stale(f.tlb, &op, UINT64_MAX), 0);

        const struct tlb_removed removed = tlb_invalidate(f.tlb, &op);

        if (removed.n != want || removed.extra_n != want || removed.wide_n != 0 ||
            fixture_count(f.tlb) != 2u - want)
            fail_msg("row %zu (%s), class %zu: %u removed, %u extra", row,
                     rows[row].why, class_i, removed.n, removed.extra_n);
        fixture_free(&f);
    }
}

static void what_the_operation_covers_is_not_extra(void **state)
{
    struct tlb_cfg cfg = fixture_one_set(8);
    const struct arch_tlbi op = fixture_op(ARCH_TLBI_VAA, VMID, IA);
    struct tlb_entry e = fixture_leaf(VMID, TLB_COMBINED, IA, SHIFT_2M);

    (void)state;
    cfg.ipa_takes_combined = cfg.address_takes_tables = true;

    struct tlb_fixture f = fixture_new(&cfg);

    assert_non_null(tlb_fill(f.tlb, &e)); /* covered */
    e.table = true;
    assert_non_null(tlb_fill(f.tlb, &e)); /* covered */
    e.ia = FAR;
    assert_non_null(tlb_fill(f.tlb, &e)); /* extra */
    e.table = false;
    assert_non_null(tlb_fill(f.tlb, &e)); /* stays */

    const struct tlb_removed removed = tlb_invalidate(f.tlb, &op);

    assert_int_equal(removed.n, 3);
    assert_int_equal(removed.extra_n, 1);
    assert_int_equal(fixture_count(f.tlb), 1);
    fixture_free(&f);
}

static void stale_is_what_began_before_and_is_covered(void **state)
{
    enum { EL10 = ARCH_REGIME_EL10, EL2 = ARCH_REGIME_EL2 };
    static const struct {
        enum arch_tlbi_op op;
        enum tlb_kind kind;
        unsigned regime;
        uint64_t ia, stamp, stamp_s2;
        bool stale; /* before 100 */
        const char *why;
    } rows[] = {
        {ARCH_TLBI_VA, TLB_COMBINED, EL10, IA, 99, 99, true, "before"},
        {ARCH_TLBI_VA, TLB_COMBINED, EL10, IA, 100, 100, false, "at that time"},
        {ARCH_TLBI_VA, TLB_COMBINED, EL10, FAR, 99, 99, false, "not covered"},
        {ARCH_TLBI_VA, TLB_COMBINED, EL10, IA, 100, 99, false, "stage 1 is new"},
        {ARCH_TLBI_VMALL, TLB_COMBINED, EL10, IA, 100, 99, false, "stage 1 is new"},
        {ARCH_TLBI_VMALLS12, TLB_COMBINED, EL10, IA, 100, 99, true, "stage 2 is old"},
        {ARCH_TLBI_VMALLS12, TLB_COMBINED, EL10, IA, 100, 100, false, "both are new"},
        {ARCH_TLBI_VMALLS12, TLB_COMBINED, EL10, IA, 99, 100, true, "stage 1 is old"},
        {ARCH_TLBI_ALL, TLB_COMBINED, EL10, IA, 100, 99, true, "stage 2 is old"},
        {ARCH_TLBI_ALL, TLB_COMBINED, EL2, IA, 100, 0, false, "EL2 has no stage 2"},
        {ARCH_TLBI_VMALLS12, TLB_S1_ONLY, EL10, IA, 100, 0, false, "no stage 2 in it"},
        {ARCH_TLBI_VMALLS12, TLB_S2_ONLY, EL10, IA, 100, 0, false, "stamp says it"},
        {ARCH_TLBI_VMALLS12, TLB_S2_ONLY, EL10, IA, 99, 0, true, "stamp says it"},
        {ARCH_TLBI_IPAS2, TLB_S2_ONLY, EL10, IA, 99, 0, true, "before"},
        {ARCH_TLBI_IPAS2, TLB_S2_ONLY, EL10, IA, 100, 0, false, "at that time"},
    };
    const struct tlb_cfg cfg = fixture_one_set(2);

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct tlb_fixture f = fixture_new(&cfg);
        struct arch_tlbi op = fixture_op(rows[i].op, VMID, IA);
        struct tlb_entry e = fixture_leaf(VMID, rows[i].kind, rows[i].ia, SHIFT_2M);

        op.regime = (enum arch_regime)rows[i].regime;
        e.tag.regime = (uint8_t)rows[i].regime;
        e.stamp = rows[i].stamp;
        e.stamp_s2 = rows[i].stamp_s2;
        assert_non_null(tlb_fill(f.tlb, &e));
        if (tlb_count_stale(f.tlb, &op, 100) != rows[i].stale)
            fail_msg("row %zu (%s)", i, rows[i].why);
        assert_int_equal(fixture_count(f.tlb), 1);
        fixture_free(&f);
    }
}

/* 16 pages in 16 sets, as fragments of 1 << leaf_shift bytes, and an address of the
 * last one: the operation finds all those of its leaf. */
static void fragments_are_found_in_every_set(void **state)
{
    static const struct {
        unsigned leaf_shift;
        uint32_t removed_n;
    } rows[] = {{12, 1}, {13, 2}, {14, 4}, {15, 8}, {16, 16}, {30, 16}};
    static const struct tlb_cfg cfg = {
        32, 2, {12, 21}, 2, ALL_KINDS(2), TLB_REPLACE_LRU, 0, 0, 0, 0, NULL, NULL};

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct tlb_fixture f = fixture_new(&cfg);
        const struct arch_tlbi op =
            fixture_op(ARCH_TLBI_IPAS2, VMID, GIB + (UINT64_C(15) << 12));

        for (uint64_t page = 0; page < 16; page++) {
            struct tlb_entry e =
                fixture_leaf(VMID, TLB_S2_ONLY, GIB + (page << 12), SHIFT_4K);

            e.tlbi_shift = (uint8_t)rows[i].leaf_shift;
            assert_non_null(tlb_fill(f.tlb, &e));
        }
        if (tlb_count_stale(f.tlb, &op, 1) != rows[i].removed_n ||
            tlb_invalidate(f.tlb, &op).n != rows[i].removed_n)
            fail_msg("row %zu: leaf of 1 << %u", i, rows[i].leaf_shift);
        fixture_free(&f);
    }
}

/* The largest leaf of the past does not hide smaller ones that stay. */
static void leaves_of_several_sizes_are_all_found(void **state)
{
    static const struct tlb_cfg cfg = {64, 4, {12}, 1, ALL_KINDS(1), TLB_REPLACE_LRU,
                                       0,  0, 0,    0, NULL,         NULL};
    struct tlb_fixture f = fixture_new(&cfg);
    struct tlb_entry e = fixture_leaf(VMID, TLB_COMBINED, GIB, SHIFT_4K);

    (void)state;
    e.tlbi_shift = SHIFT_1G;
    assert_non_null(tlb_fill(f.tlb, &e));
    e.ia = 0x5000;
    e.tlbi_shift = 14;
    assert_non_null(tlb_fill(f.tlb, &e));
    e.ia = 0x9000;
    e.tlbi_shift = 13;
    assert_non_null(tlb_fill(f.tlb, &e));

    struct arch_tlbi op = fixture_op(ARCH_TLBI_VA, VMID, 2 * GIB - 1);

    assert_int_equal(tlb_invalidate(f.tlb, &op).n, 1);
    op.first = op.last = 0x7000;
    assert_int_equal(tlb_invalidate(f.tlb, &op).n, 1);
    op.first = op.last = 0x7000;
    assert_int_equal(tlb_invalidate(f.tlb, &op).n, 0);
    op.first = op.last = 0x8000;
    assert_int_equal(tlb_invalidate(f.tlb, &op).n, 1);
    fixture_free(&f);
}

static void a_range_finds_its_pages_in_every_set(void **state)
{
    static const struct tlb_cfg cfg = {
        128, 2, {12, 21}, 2, ALL_KINDS(2), TLB_REPLACE_LRU, 0, 0, 0, 0, NULL, NULL};

    (void)state;
    for (uint64_t pages = 1; pages <= 128; pages++) {
        struct tlb_fixture f = fixture_new(&cfg);
        struct arch_tlbi op = fixture_op(ARCH_TLBI_VA, VMID, GIB + (5 << 12));

        for (uint64_t page = 0; page < 128; page++) {
            const struct tlb_entry e =
                fixture_leaf(VMID, TLB_COMBINED, GIB + (page << 12), SHIFT_4K);

            assert_non_null(tlb_fill(f.tlb, &e));
        }
        op.range = true;
        op.tg = ARCH_TG_4K;
        op.last = op.first + (pages << 12) - 1;

        const uint32_t want = pages < 123 ? (uint32_t)pages : 123;

        assert_int_equal(tlb_invalidate(f.tlb, &op).n, want);
        assert_int_equal(fixture_count(f.tlb), 128 - want);
        fixture_free(&f);
    }
}

/* VMIDs that agree in all but one bit: none of them hides another. */
static void every_vmid_is_found(void **state)
{
    const struct tlb_cfg cfg = fixture_one_set(16);
    struct tlb_fixture f = fixture_new(&cfg);

    (void)state;
    for (unsigned bit = 0; bit < 16; bit++) {
        const struct tlb_entry e =
            fixture_leaf((uint16_t)(1u << bit), TLB_S2_ONLY, 0, SHIFT_4K);

        assert_non_null(tlb_fill(f.tlb, &e));
    }
    for (unsigned bit = 0; bit < 16; bit++) {
        const struct arch_tlbi none =
            fixture_op(ARCH_TLBI_VMALLS12, 3u << bit & 0xffff, 0);
        const struct arch_tlbi op =
            fixture_op(ARCH_TLBI_VMALLS12, (uint16_t)(1u << bit), 0);

        if (bit < 15)
            assert_int_equal(tlb_invalidate(f.tlb, &none).n, 0);
        assert_int_equal(tlb_invalidate(f.tlb, &op).n, 1);
        assert_int_equal(fixture_count(f.tlb), 15 - bit);
    }
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(extra_removals_are_those_of_the_configured_core),
        cmocka_unit_test(what_the_operation_covers_is_not_extra),
        cmocka_unit_test(stale_is_what_began_before_and_is_covered),
        cmocka_unit_test(fragments_are_found_in_every_set),
        cmocka_unit_test(leaves_of_several_sizes_are_all_found),
        cmocka_unit_test(a_range_finds_its_pages_in_every_set),
        cmocka_unit_test(every_vmid_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
