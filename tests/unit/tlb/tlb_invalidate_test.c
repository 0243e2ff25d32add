/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tlb/tlb_invalidate_test.c - what each TLBI removes, and what it leaves. */
#include "tests/unit/tlb/tlb_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define VMID 7
#define OTHER_VMID 0x107 /* the same low 8 bits */
#define LEAF_IA (6 * MIB)
#define INSIDE (LEAF_IA + 2 * MIB - 1)
#define OUTSIDE (LEAF_IA + 2 * MIB)

/* Operation x VMID x kind x IPA: all combinations, for an entry of a 2M leaf. */
static const struct {
    enum arch_tlbi_op op;
    uint16_t entry_vmid;
    enum tlb_kind kind;
    uint64_t ipa;
    bool removed;
} truth[] = {
    /* stages 1 and 2 of one VMID, whatever the IPA */
    {ARCH_TLBI_VMALLS12, VMID, TLB_COMBINED, INSIDE, true},
    {ARCH_TLBI_VMALLS12, VMID, TLB_COMBINED, OUTSIDE, true},
    {ARCH_TLBI_VMALLS12, VMID, TLB_S2_ONLY, INSIDE, true},
    {ARCH_TLBI_VMALLS12, VMID, TLB_S2_ONLY, OUTSIDE, true},
    {ARCH_TLBI_VMALLS12, OTHER_VMID, TLB_COMBINED, INSIDE, false},
    {ARCH_TLBI_VMALLS12, OTHER_VMID, TLB_COMBINED, OUTSIDE, false},
    {ARCH_TLBI_VMALLS12, OTHER_VMID, TLB_S2_ONLY, INSIDE, false},
    {ARCH_TLBI_VMALLS12, OTHER_VMID, TLB_S2_ONLY, OUTSIDE, false},
    /* what stage 1 had a part in, of one VMID */
    {ARCH_TLBI_VMALL, VMID, TLB_COMBINED, INSIDE, true},
    {ARCH_TLBI_VMALL, VMID, TLB_COMBINED, OUTSIDE, true},
    {ARCH_TLBI_VMALL, VMID, TLB_S2_ONLY, INSIDE, false},
    {ARCH_TLBI_VMALL, VMID, TLB_S2_ONLY, OUTSIDE, false},
    {ARCH_TLBI_VMALL, OTHER_VMID, TLB_COMBINED, INSIDE, false},
    {ARCH_TLBI_VMALL, OTHER_VMID, TLB_COMBINED, OUTSIDE, false},
    {ARCH_TLBI_VMALL, OTHER_VMID, TLB_S2_ONLY, INSIDE, false},
    {ARCH_TLBI_VMALL, OTHER_VMID, TLB_S2_ONLY, OUTSIDE, false},
    /* stage 2 only; a combined entry stays even where its address is the IPA */
    {ARCH_TLBI_IPAS2, VMID, TLB_COMBINED, INSIDE, false},
    {ARCH_TLBI_IPAS2, VMID, TLB_COMBINED, OUTSIDE, false},
    {ARCH_TLBI_IPAS2, VMID, TLB_S2_ONLY, INSIDE, true},
    {ARCH_TLBI_IPAS2, VMID, TLB_S2_ONLY, OUTSIDE, false},
    {ARCH_TLBI_IPAS2, OTHER_VMID, TLB_COMBINED, INSIDE, false},
    {ARCH_TLBI_IPAS2, OTHER_VMID, TLB_COMBINED, OUTSIDE, false},
    {ARCH_TLBI_IPAS2, OTHER_VMID, TLB_S2_ONLY, INSIDE, false},
    {ARCH_TLBI_IPAS2, OTHER_VMID, TLB_S2_ONLY, OUTSIDE, false},
    /* everything of the regime */
    {ARCH_TLBI_ALL, VMID, TLB_COMBINED, INSIDE, true},
    {ARCH_TLBI_ALL, VMID, TLB_COMBINED, OUTSIDE, true},
    {ARCH_TLBI_ALL, VMID, TLB_S2_ONLY, INSIDE, true},
    {ARCH_TLBI_ALL, VMID, TLB_S2_ONLY, OUTSIDE, true},
    {ARCH_TLBI_ALL, OTHER_VMID, TLB_COMBINED, INSIDE, true},
    {ARCH_TLBI_ALL, OTHER_VMID, TLB_COMBINED, OUTSIDE, true},
    {ARCH_TLBI_ALL, OTHER_VMID, TLB_S2_ONLY, INSIDE, true},
    {ARCH_TLBI_ALL, OTHER_VMID, TLB_S2_ONLY, OUTSIDE, true},
};

static void each_operation_removes_what_its_row_says(void **state)
{
    const struct tlb_cfg cfg = fixture_one_set(8);

    (void)state;
    for (size_t i = 0; i < sizeof(truth) / sizeof(truth[0]); i++) {
        struct tlb_fixture f = fixture_new(&cfg);
        const struct arch_tlbi op = fixture_op(truth[i].op, VMID, truth[i].ipa);
        const struct tlb_entry leaf =
            fixture_leaf(truth[i].entry_vmid, truth[i].kind, LEAF_IA, SHIFT_2M);
        const struct tlb_entry *e = tlb_fill(f.tlb, &leaf);

        assert_non_null(e);
        if (tlb_op_covers(&op, e) != truth[i].removed)
            fail_msg("row %zu: the predicate", i);
        if (tlb_invalidate(f.tlb, &op) != truth[i].removed ||
            fixture_count(f.tlb) != !truth[i].removed)
            fail_msg("row %zu: the removal", i);
        e = tlb_lookup(f.tlb, truth[i].entry_vmid, 0, truth[i].kind, LEAF_IA);
        if ((e == NULL) != truth[i].removed)
            fail_msg("row %zu: the look-up afterwards", i);
        fixture_free(&f);
    }
}

static void the_domain_does_not_change_what_an_operation_removes(void **state)
{
    const struct tlb_cfg cfg = fixture_one_set(8);
    const struct tlb_entry leaf = fixture_leaf(VMID, TLB_COMBINED, 0, SHIFT_4K);
    struct arch_tlbi op = fixture_op(ARCH_TLBI_VMALL, VMID, 0);
    struct tlb_fixture f = fixture_new(&cfg);

    (void)state;
    op.domain = ARCH_NSH;
    assert_non_null(tlb_fill(f.tlb, &leaf));
    assert_int_equal(tlb_invalidate(f.tlb, &op), 1);
    fixture_free(&f);
}

#define ASID 9
#define OTHER_ASID 0x109 /* the same low 8 bits */

/* For an entry of a 2M leaf of ASID: operation x scope x address. Another VMID and
 * TLB_S2_ONLY are never met, which the test adds to each row. */
static const struct {
    enum arch_tlbi_op op;
    bool ng;
    uint16_t asid; /* of the operation */
    uint64_t va;
    bool removed;
} s1_truth[] = {
    /* by VA and ASID; a global entry is of every ASID */
    {ARCH_TLBI_VA, true, ASID, INSIDE, true},
    {ARCH_TLBI_VA, true, ASID, OUTSIDE, false},
    {ARCH_TLBI_VA, true, OTHER_ASID, INSIDE, false},
    {ARCH_TLBI_VA, true, OTHER_ASID, OUTSIDE, false},
    {ARCH_TLBI_VA, false, ASID, INSIDE, true},
    {ARCH_TLBI_VA, false, ASID, OUTSIDE, false},
    {ARCH_TLBI_VA, false, OTHER_ASID, INSIDE, true},
    {ARCH_TLBI_VA, false, OTHER_ASID, OUTSIDE, false},
    /* by VA */
    {ARCH_TLBI_VAA, true, ASID, INSIDE, true},
    {ARCH_TLBI_VAA, true, ASID, OUTSIDE, false},
    {ARCH_TLBI_VAA, true, OTHER_ASID, INSIDE, true},
    {ARCH_TLBI_VAA, true, OTHER_ASID, OUTSIDE, false},
    {ARCH_TLBI_VAA, false, ASID, INSIDE, true},
    {ARCH_TLBI_VAA, false, ASID, OUTSIDE, false},
    {ARCH_TLBI_VAA, false, OTHER_ASID, INSIDE, true},
    {ARCH_TLBI_VAA, false, OTHER_ASID, OUTSIDE, false},
    /* by ASID; a global entry is of none */
    {ARCH_TLBI_ASID, true, ASID, INSIDE, true},
    {ARCH_TLBI_ASID, true, ASID, OUTSIDE, true},
    {ARCH_TLBI_ASID, true, OTHER_ASID, INSIDE, false},
    {ARCH_TLBI_ASID, true, OTHER_ASID, OUTSIDE, false},
    {ARCH_TLBI_ASID, false, ASID, INSIDE, false},
    {ARCH_TLBI_ASID, false, ASID, OUTSIDE, false},
    {ARCH_TLBI_ASID, false, OTHER_ASID, INSIDE, false},
    {ARCH_TLBI_ASID, false, OTHER_ASID, OUTSIDE, false},
};

static void each_stage_1_operation_removes_what_its_row_says(void **state)
{
    const struct tlb_cfg cfg = fixture_one_set(8);

    (void)state;
    for (size_t i = 0; i < sizeof(s1_truth) / sizeof(s1_truth[0]); i++) {
        struct tlb_fixture f = fixture_new(&cfg);
        struct tlb_entry leaf = fixture_leaf(VMID, TLB_COMBINED, LEAF_IA, SHIFT_2M);
        const struct arch_tlbi op =
            fixture_va_op(s1_truth[i].op, VMID, s1_truth[i].asid, s1_truth[i].va);

        leaf.asid = ASID;
        leaf.ng = s1_truth[i].ng;
        if (tlb_op_covers(&op, tlb_fill(f.tlb, &leaf)) != s1_truth[i].removed)
            fail_msg("row %zu: the predicate", i);
        leaf.kind = TLB_S2_ONLY;
        assert_false(tlb_op_covers(&op, tlb_fill(f.tlb, &leaf)));
        leaf.kind = TLB_COMBINED;
        leaf.vmid = OTHER_VMID;
        assert_false(tlb_op_covers(&op, tlb_fill(f.tlb, &leaf)));
        if (tlb_invalidate(f.tlb, &op) != s1_truth[i].removed ||
            fixture_count(f.tlb) != 3u - s1_truth[i].removed)
            fail_msg("row %zu: the removal", i);
        fixture_free(&f);
    }
}

/* An entry may cover less than the leaf that its address is of: what stage 2 maps as a
 * whole, or what the output size leaves of it. */
static void an_operation_by_address_removes_all_that_comes_from_the_leaf(void **state)
{
    static const struct {
        enum tlb_kind kind;
        unsigned leaf_shift, tlbi_shift;
        uint64_t address; /* the entry's is GIB */
        bool removed;
        const char *why;
    } rows[] = {
        {TLB_COMBINED, 12, 21, GIB + 2 * MIB - 1, true, "4K of stage 2 behind 2M"},
        {TLB_COMBINED, 12, 21, GIB + 2 * MIB, false, "the next block"},
        {TLB_COMBINED, 12, 21, GIB - 1, false, "the block before"},
        {TLB_COMBINED, 12, 12, GIB + 0xfff, true, "a page in a stage 2 block"},
        {TLB_COMBINED, 12, 12, GIB + 0x1000, false, "the next page"},
        {TLB_COMBINED, 21, 64, GIB + 2 * MIB - 1, true, "stage 1 off"},
        {TLB_COMBINED, 21, 64, GIB + 2 * MIB, false, "stage 1 off"},
        {TLB_COMBINED, 21, 0, GIB + 2 * MIB - 1, true, "stage 1 off"},
        {TLB_COMBINED, 21, 0, GIB + 2 * MIB, false, "stage 1 off"},
        {TLB_COMBINED, 30, 30, 2 * GIB - 1, true, "a 1G block held in fragments"},
        {TLB_COMBINED, 12, 12, UINT64_C(0xa5) << 56 | GIB, true, "a tag"},
        {TLB_COMBINED, 12, 12, UINT64_C(1) << 55 | GIB, false, "VA[55] is no tag"},
        {TLB_S2_ONLY, 36, 42, UINT64_C(1) << 41, true, "beyond the output size"},
        {TLB_S2_ONLY, 36, 42, UINT64_C(1) << 42, false, "the next block"},
        {TLB_S2_ONLY, 36, 0, UINT64_C(1) << 36, false, "the next block"},
        {TLB_S2_ONLY, 36, 0, GIB - 1, true, "the same block"},
    };
    static const struct tlb_cfg cfg = {64, 4, {12, 21}, 2, TLB_REPLACE_LRU};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const bool combined = rows[i].kind == TLB_COMBINED;
        const struct arch_tlbi op =
            combined ? fixture_va_op(ARCH_TLBI_VA, VMID, 0, rows[i].address)
                     : fixture_op(ARCH_TLBI_IPAS2, VMID, rows[i].address);
        struct tlb_fixture f = fixture_new(&cfg);
        struct tlb_entry leaf =
            fixture_leaf(VMID, rows[i].kind, GIB, rows[i].leaf_shift);

        leaf.tlbi_shift = (uint8_t)rows[i].tlbi_shift;
        assert_non_null(tlb_fill(f.tlb, &leaf));
        if (tlb_invalidate(f.tlb, &op) != rows[i].removed)
            fail_msg("row %zu (%s)", i, rows[i].why);
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
    static const struct tlb_cfg cfg = {256, 4, {12, 21}, 2, TLB_REPLACE_LRU};
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
    assert_int_equal(tlb_invalidate(f.tlb, &op), 3);
    assert_int_equal(fixture_count(f.tlb), 6);
    assert_int_equal(tlb_invalidate(f.tlb, &op), 0);
    assert_null(tlb_lookup(f.tlb, VMID, 0, TLB_S2_ONLY, 2 * GIB + 512 * MIB));
    assert_non_null(tlb_lookup(f.tlb, VMID, 0, TLB_S2_ONLY, 3 * GIB));
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
    assert_int_equal(tlb_invalidate(f.tlb, &op), 3);
    assert_null(tlb_lookup(f.tlb, VMID, 0, TLB_S2_ONLY, 4096));
    fixture_free(&f);
}

static void a_vmid_wide_operation_counts_each_entry_once_in_a_full_tlb(void **state)
{
    static const struct tlb_cfg cfg = {
        2048, 8, {12, 14, 16, 21, 25, 29, 30}, 7, TLB_REPLACE_LRU};
    const struct arch_tlbi op = fixture_op(ARCH_TLBI_VMALLS12, VMID, 0);
    struct tlb_fixture f = fixture_new(&cfg);

    (void)state;
    for (uint64_t page = 0; page < 2048; page++) {
        const struct tlb_entry leaf =
            fixture_leaf(page % 4 == 0 ? VMID : OTHER_VMID,
                         page % 3 == 0 ? TLB_S2_ONLY : TLB_COMBINED, page << 12, 12);

        assert_non_null(tlb_fill(f.tlb, &leaf));
    }
    assert_int_equal(tlb_invalidate(f.tlb, &op), 512);
    assert_int_equal(fixture_count(f.tlb), 1536);
    assert_int_equal(tlb_invalidate(f.tlb, &op), 0);
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_operation_removes_what_its_row_says),
        cmocka_unit_test(each_stage_1_operation_removes_what_its_row_says),
        cmocka_unit_test(an_operation_by_address_removes_all_that_comes_from_the_leaf),
        cmocka_unit_test(the_domain_does_not_change_what_an_operation_removes),
        cmocka_unit_test(
            ipas2e1_removes_every_fragment_of_the_block_and_nothing_beside),
        cmocka_unit_test(ipas2e1_removes_entries_of_all_sizes_that_cover_the_ipa),
        cmocka_unit_test(a_vmid_wide_operation_counts_each_entry_once_in_a_full_tlb),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
