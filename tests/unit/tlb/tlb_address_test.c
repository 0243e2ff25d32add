/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tlb/tlb_address_test.c - what operations by address remove: leaves and
 * their fragments, last-level forms, level hints, ranges. */
#include "tests/unit/tlb/tlb_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define VMID 7
#define OTHER_VMID 0x107 /* the same low 8 bits */
#define LEAF_IA (6 * MIB)
#define INSIDE (LEAF_IA + 2 * MIB - 1)

/* An entry may cover less than the leaf that its address is of: what stage 2 maps as a
 * whole, or what the output size leaves of it. */
static void an_operation_by_address_removes_all_that_comes_from_the_leaf(void **state)
{
    static const struct {
        enum tlb_kind kind;
        unsigned span_shift, tlbi_shift;
        uint64_t address; /* the entry's is GIB */
        bool removed;
        const char *why;
    } rows[] = {
        {TLB_COMBINED, 12, 21, GIB + 2 * MIB - 1, true, "4K of stage 2 behind 2M"},
        {TLB_COMBINED, 12, 21, GIB + 2 * MIB, false, "the next block"},
        {TLB_COMBINED, 12, 21, GIB - 1, false, "the block before"},
        {TLB_COMBINED, 12, 12, GIB + 0xfff, true, "a page in a stage 2 block"},
        {TLB_COMBINED, 12, 12, GIB + 0x1000, false, "the next page"},
        {TLB_COMBINED, 12, 16, GIB + 0xffff, true, "a contiguous group"},
        {TLB_COMBINED, 21, 12, GIB + 0xfffff, true, "any address inside the entry"},
        {TLB_COMBINED, 21, 0, GIB + 2 * MIB - 1, true, "never less than the entry"},
        {TLB_COMBINED, 21, 0, GIB + 2 * MIB, false, "never less than the entry"},
        {TLB_COMBINED, 30, 30, 2 * GIB - 1, true, "a 1G block held in fragments"},
        {TLB_COMBINED, 30, 30, 2 * GIB, false, "the next block"},
        {TLB_COMBINED, 12, 12, UINT64_C(1) << 55 | GIB, false, "VA[55] is no tag"},
        {TLB_S1_ONLY, 12, 21, GIB + 2 * MIB - 1, true, "stage 1 only: as combined"},
        {TLB_S1_ONLY, 12, 21, GIB + 2 * MIB, false, "stage 1 only: as combined"},
        {TLB_S2_ONLY, 36, 42, UINT64_C(1) << 41, true, "beyond the output size"},
        {TLB_S2_ONLY, 36, 42, UINT64_C(1) << 42, false, "the next block"},
        {TLB_S2_ONLY, 36, 36, UINT64_C(1) << 36, false, "the next block"},
        {TLB_S2_ONLY, 36, 36, GIB - 1, true, "the same block"},
        {TLB_S2_ONLY, 36, 63, INT64_MAX, true, "any"},
    };
    static const struct tlb_cfg cfgs[] = {
        {64, 4, {12, 21}, 2, ALL_KINDS(2), TLB_REPLACE_LRU, 0, 0, 0},
        {4096, 1, {12, 21}, 2, ALL_KINDS(2), TLB_REPLACE_LRU, 0, 0, 0},
        {4, 4, {12, 21}, 2, ALL_KINDS(2), TLB_REPLACE_LRU, 0, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows) * ROWS_N(cfgs); i++) {
        const size_t row = i / ROWS_N(cfgs);
        const struct arch_tlbi op =
            fixture_op(rows[row].kind == TLB_S2_ONLY ? ARCH_TLBI_IPAS2 : ARCH_TLBI_VA,
                       VMID, rows[row].address);
        struct tlb_fixture f = fixture_new(&cfgs[i % ROWS_N(cfgs)]);
        struct tlb_entry leaf =
            fixture_leaf(VMID, rows[row].kind, GIB, rows[row].span_shift);

        leaf.tlbi_shift = (uint8_t)rows[row].tlbi_shift;
        assert_non_null(tlb_fill(f.tlb, &leaf));
        if (tlb_invalidate(f.tlb, &op).n != rows[row].removed)
            fail_msg("row %zu (%s)", row, rows[row].why);
        fixture_free(&f);
    }
}

static void fill_s2(struct tlb *t, uint16_t vmid, uint64_t ipa, unsigned leaf_shift)
{
    const struct tlb_entry leaf = fixture_leaf(vmid, TLB_S2_ONLY, ipa, leaf_shift);

    assert_non_null(tlb_fill(t, &leaf));
}

static void ipas2e1_removes_every_fragment_of_the_block_and_nothing_beside(void **state)
{
    static const struct tlb_cfg cfg = {
        256, 4, {12, 21}, 2, ALL_KINDS(2), TLB_REPLACE_LRU, 0, 0, 0};
    const struct arch_tlbi op = fixture_op(ARCH_TLBI_IPAS2, VMID, 2 * GIB + 0x5000);
    struct tlb_fixture f = fixture_new(&cfg);

    (void)state;
    /* fragments of one 1G block, none of them at the IPA of the operation */
    fill_s2(f.tlb, VMID, 2 * GIB + 2 * MIB, SHIFT_1G);
    fill_s2(f.tlb, VMID, 2 * GIB + 512 * MIB, SHIFT_1G);
    fill_s2(f.tlb, VMID, 2 * GIB + 1022 * MIB, SHIFT_1G);
    /* the neighbours, another VMID, and smaller leaves beside the IPA */
    fill_s2(f.tlb, VMID, 2 * GIB - 1, SHIFT_1G);
    fill_s2(f.tlb, VMID, 3 * GIB, SHIFT_1G);
    fill_s2(f.tlb, OTHER_VMID, 2 * GIB + 2 * MIB, SHIFT_1G);
    fill_s2(f.tlb, VMID, 2 * GIB + 0x4000, SHIFT_4K);
    fill_s2(f.tlb, VMID, 2 * GIB + 0x6000, SHIFT_4K);
    fill_s2(f.tlb, VMID, 2 * GIB + 4 * MIB, SHIFT_2M);
    assert_int_equal(tlb_invalidate(f.tlb, &op).n, 3);
    assert_int_equal(fixture_count(f.tlb), 6);
    assert_int_equal(tlb_invalidate(f.tlb, &op).n, 0);
    assert_null(fixture_look_up(f.tlb, VMID, 0, TLB_S2_ONLY, 2 * GIB + 512 * MIB));
    assert_non_null(fixture_look_up(f.tlb, VMID, 0, TLB_S2_ONLY, 3 * GIB));
    fixture_free(&f);
}

static void ipas2e1_removes_entries_of_all_sizes_that_cover_the_ipa(void **state)
{
    const struct tlb_cfg cfg = fixture_one_set(8);
    const struct arch_tlbi op = fixture_op(ARCH_TLBI_IPAS2, VMID, 4096);
    struct tlb_fixture f = fixture_new(&cfg);

    (void)state;
    fill_s2(f.tlb, VMID, 4096, SHIFT_4K);
    fill_s2(f.tlb, VMID, 4096, SHIFT_2M);
    fill_s2(f.tlb, VMID, 4096, SHIFT_1G);
    assert_int_equal(tlb_invalidate(f.tlb, &op).n, 3);
    assert_null(fixture_look_up(f.tlb, VMID, 0, TLB_S2_ONLY, 4096));
    fixture_free(&f);
}

/* Stage x table x last-level, for an address inside. */
static void last_level_forms_leave_table_entries(void **state)
{
    static const struct {
        enum arch_tlbi_op op;
        enum tlb_kind kind;
    } rows[] = {
        {ARCH_TLBI_VA, TLB_COMBINED},   {ARCH_TLBI_VA, TLB_S1_ONLY},
        {ARCH_TLBI_VAA, TLB_COMBINED},  {ARCH_TLBI_VAA, TLB_S1_ONLY},
        {ARCH_TLBI_IPAS2, TLB_S2_ONLY},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct tlb_entry e = fixture_leaf(VMID, rows[i].kind, LEAF_IA, SHIFT_2M);
        struct arch_tlbi op = fixture_op(rows[i].op, VMID, INSIDE);

        assert_true(fixture_removes(&op, &e));
        e.table = true;
        assert_true(fixture_removes(&op, &e));
        op.last_level = true;
        if (fixture_removes(&op, &e))
            fail_msg("row %zu: a table entry went", i);
        e.table = false;
        assert_true(fixture_removes(&op, &e));
    }
}

static void a_level_hint_names_leaves_of_one_size(void **state)
{
    static const struct {
        unsigned hint_shift, leaf_shift;
        bool table, removed;
        const char *why;
    } rows[] = {
        {0, 21, false, true, "no hint"},
        {21, 21, false, true, "that size"},
        {12, 21, false, false, "smaller"},
        {30, 21, false, false, "larger"},
        {12, 0, false, true, "stage 1 off: any"},
        {12, 21, true, true, "tables go whatever the hint"},
        {12, 0, true, true, "tables go whatever the hint"},
    };
    static const enum tlb_kind kinds[] = {TLB_COMBINED, TLB_S1_ONLY, TLB_S2_ONLY};

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows) * ROWS_N(kinds); i++) {
        const size_t row = i / ROWS_N(kinds);
        const enum tlb_kind kind = kinds[i % ROWS_N(kinds)];
        struct tlb_entry e = fixture_leaf(VMID, kind, LEAF_IA, SHIFT_2M);
        struct arch_tlbi op = fixture_op(
            kind == TLB_S2_ONLY ? ARCH_TLBI_IPAS2 : ARCH_TLBI_VA, VMID, INSIDE);

        op.hint_shift = (uint8_t)rows[row].hint_shift;
        e.leaf_shift = (uint8_t)rows[row].leaf_shift;
        e.table = rows[row].table;
        if (fixture_removes(&op, &e) != rows[row].removed)
            fail_msg("row %zu (%s), kind %u", row, rows[row].why, kind);
    }
}

static void a_range_names_entries_of_its_granule(void **state)
{
    static const struct {
        bool range;
        unsigned tg; /* of the entry */
        bool removed;
        const char *why;
    } rows[] = {
        {true, ARCH_TG_4K, true, "that granule"},
        {true, ARCH_TG_16K, false, "another one"},
        {true, ARCH_TG_64K, false, "another one"},
        {true, 0, true, "any"},
        {false, ARCH_TG_16K, true, "no range"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows) * 2; i++) {
        const size_t row = i / 2;
        struct tlb_entry e = fixture_leaf(VMID, TLB_COMBINED, LEAF_IA, SHIFT_2M);
        struct arch_tlbi op = fixture_op(ARCH_TLBI_VA, VMID, INSIDE);

        op.range = rows[row].range;
        op.tg = ARCH_TG_4K;
        e.tg = (uint8_t)rows[row].tg;
        e.table = i % 2;
        if (fixture_removes(&op, &e) != rows[row].removed)
            fail_msg("row %zu (%s), table %u", row, rows[row].why, e.table);
    }
}

/* An entry of 2M at LEAF_IA, whose leaf is 2M. */
static void a_range_removes_what_it_touches(void **state)
{
    static const struct {
        uint64_t first, last;
        bool removed;
    } rows[] = {
        {LEAF_IA - 2 * MIB, LEAF_IA - 1, false},
        {LEAF_IA - 2 * MIB, LEAF_IA, true},
        {LEAF_IA + MIB, LEAF_IA + MIB + 1, true},
        {LEAF_IA, LEAF_IA + 2 * MIB - 1, true},
        {0, UINT64_MAX, true},
        {LEAF_IA + 2 * MIB - 1, GIB, true},
        {LEAF_IA + 2 * MIB, GIB, false},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct tlb_entry e = fixture_leaf(VMID, TLB_COMBINED, LEAF_IA, SHIFT_2M);
        struct arch_tlbi op = fixture_op(ARCH_TLBI_VA, VMID, rows[i].first);

        op.range = true;
        op.tg = ARCH_TG_4K;
        op.last = rows[i].last;
        if (fixture_removes(&op, &e) != rows[i].removed)
            fail_msg("row %zu", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_operation_by_address_removes_all_that_comes_from_the_leaf),
        cmocka_unit_test(
            ipas2e1_removes_every_fragment_of_the_block_and_nothing_beside),
        cmocka_unit_test(ipas2e1_removes_entries_of_all_sizes_that_cover_the_ipa),
        cmocka_unit_test(last_level_forms_leave_table_entries),
        cmocka_unit_test(a_level_hint_names_leaves_of_one_size),
        cmocka_unit_test(a_range_names_entries_of_its_granule),
        cmocka_unit_test(a_range_removes_what_it_touches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
