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
    bool same_vmid;
    enum tlb_kind kind;
    bool inside, outside; /* removed by an address INSIDE, OUTSIDE of it */
} truth[] = {
    /* stages 1 and 2 of one VMID, whatever the IPA */
    {ARCH_TLBI_VMALLS12, true, TLB_COMBINED, true, true},
    {ARCH_TLBI_VMALLS12, true, TLB_S1_ONLY, true, true},
    {ARCH_TLBI_VMALLS12, true, TLB_S2_ONLY, true, true},
    {ARCH_TLBI_VMALLS12, false, TLB_COMBINED, false, false},
    {ARCH_TLBI_VMALLS12, false, TLB_S1_ONLY, false, false},
    {ARCH_TLBI_VMALLS12, false, TLB_S2_ONLY, false, false},
    /* what stage 1 had a part in, of one VMID */
    {ARCH_TLBI_VMALL, true, TLB_COMBINED, true, true},
    {ARCH_TLBI_VMALL, true, TLB_S1_ONLY, true, true},
    {ARCH_TLBI_VMALL, true, TLB_S2_ONLY, false, false},
    {ARCH_TLBI_VMALL, false, TLB_COMBINED, false, false},
    {ARCH_TLBI_VMALL, false, TLB_S1_ONLY, false, false},
    {ARCH_TLBI_VMALL, false, TLB_S2_ONLY, false, false},
    /* stage 2 only; a combined entry stays even where its address is the IPA */
    {ARCH_TLBI_IPAS2, true, TLB_COMBINED, false, false},
    {ARCH_TLBI_IPAS2, true, TLB_S1_ONLY, false, false},
    {ARCH_TLBI_IPAS2, true, TLB_S2_ONLY, true, false},
    {ARCH_TLBI_IPAS2, false, TLB_COMBINED, false, false},
    {ARCH_TLBI_IPAS2, false, TLB_S1_ONLY, false, false},
    {ARCH_TLBI_IPAS2, false, TLB_S2_ONLY, false, false},
    /* everything of the regime */
    {ARCH_TLBI_ALL, true, TLB_COMBINED, true, true},
    {ARCH_TLBI_ALL, true, TLB_S1_ONLY, true, true},
    {ARCH_TLBI_ALL, true, TLB_S2_ONLY, true, true},
    {ARCH_TLBI_ALL, false, TLB_COMBINED, true, true},
    {ARCH_TLBI_ALL, false, TLB_S1_ONLY, true, true},
    {ARCH_TLBI_ALL, false, TLB_S2_ONLY, true, true},
};

static void each_operation_removes_what_its_row_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS_N(truth); i++) {
        const struct tlb_entry leaf = fixture_leaf(
            truth[i].same_vmid ? VMID : OTHER_VMID, truth[i].kind, LEAF_IA, SHIFT_2M);
        const struct arch_tlbi inside = fixture_op(truth[i].op, VMID, INSIDE);
        const struct arch_tlbi outside = fixture_op(truth[i].op, VMID, OUTSIDE);

        if (fixture_removes(&inside, &leaf) != truth[i].inside)
            fail_msg("row %zu: inside", i);
        if (fixture_removes(&outside, &leaf) != truth[i].outside)
            fail_msg("row %zu: outside", i);
    }
}

/* R: removed, of the regimes EL1&0, EL2, EL2&0 of the entry. No VMID, no ASID counts
 * where the entry's regime has none. ArmARM: TLBIMatch, relax_regime for ALL. */
static void operations_stay_in_their_regime_except_alle2(void **state)
{
    static const struct {
        enum arch_tlbi_op op;
        const char *of_el10, *of_el2, *of_el20;
    } rows[] = {
        {ARCH_TLBI_ALL, "R--", "-RR", "-RR"},  {ARCH_TLBI_VMALL, "R--", "-R-", "--R"},
        {ARCH_TLBI_VA, "R--", "-R-", "--R"},   {ARCH_TLBI_VAA, "R--", "-R-", "--R"},
        {ARCH_TLBI_ASID, "R--", "---", "--R"}, /* EL2 has no ASIDs */
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const char *const want[] = {rows[i].of_el10, rows[i].of_el2, rows[i].of_el20};

        for (unsigned from = 0; from < 3; from++) {
            for (unsigned to = 0; to < 3; to++) {
                struct tlb_entry e = fixture_leaf(5, TLB_COMBINED, LEAF_IA, SHIFT_2M);
                struct arch_tlbi op = fixture_va_op(rows[i].op, 5, 9, INSIDE);

                op.regime = (enum arch_regime)from;
                e.tag = (struct tlb_tag){5, 9, (uint8_t)to};
                e.ng = true;
                if (fixture_removes(&op, &e) != (want[from][to] == 'R'))
                    fail_msg("row %zu: operation of %u, entry of %u", i, from, to);
            }
        }
    }
}

static void tags_that_do_not_count_save_no_entry(void **state)
{
    struct tlb_entry e = fixture_leaf(5, TLB_COMBINED, LEAF_IA, SHIFT_2M);
    struct arch_tlbi op = fixture_va_op(ARCH_TLBI_VA, 6, 10, INSIDE);

    (void)state;
    e.ng = true;
    e.tag = (struct tlb_tag){5, 9, ARCH_REGIME_EL2};
    op.regime = ARCH_REGIME_EL2;
    assert_true(fixture_removes(&op, &e)); /* neither VMID nor ASID */
    assert_true(tlb_op_covers(&op, &e));   /* nor before it is filled */
    op.regime = ARCH_REGIME_EL20;
    e.tag.regime = ARCH_REGIME_EL20;
    assert_false(fixture_removes(&op, &e)); /* another ASID */
    op.asid = 9;
    assert_true(fixture_removes(&op, &e)); /* no VMID */
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
    assert_int_equal(tlb_invalidate(f.tlb, &op).n, 1);
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
    (void)state;
    for (size_t i = 0; i < ROWS_N(s1_truth); i++) {
        struct tlb_entry leaf = fixture_leaf(VMID, TLB_COMBINED, LEAF_IA, SHIFT_2M);
        const struct arch_tlbi op =
            fixture_va_op(s1_truth[i].op, VMID, s1_truth[i].asid, s1_truth[i].va);

        leaf.tag.asid = ASID;
        leaf.ng = s1_truth[i].ng;
        if (fixture_removes(&op, &leaf) != s1_truth[i].removed)
            fail_msg("row %zu: combined", i);
        leaf.kind = TLB_S1_ONLY;
        if (fixture_removes(&op, &leaf) != s1_truth[i].removed)
            fail_msg("row %zu: stage 1 only", i);
        leaf.table = true;
        if (fixture_removes(&op, &leaf) != s1_truth[i].removed)
            fail_msg("row %zu: table", i);
        leaf.tag.vmid = OTHER_VMID;
        assert_false(fixture_removes(&op, &leaf));
        leaf.tag.vmid = VMID;
        leaf.kind = TLB_S2_ONLY;
        assert_false(fixture_removes(&op, &leaf));
    }
}

static void a_vmid_wide_operation_counts_each_entry_once_in_a_full_tlb(void **state)
{
    static const struct tlb_cfg cfg = {
        2048, 8, {12, 14, 16, 21, 25, 29, 30}, 7, ALL_KINDS(7), TLB_REPLACE_LRU, 0,
        0,    0};
    const struct arch_tlbi op = fixture_op(ARCH_TLBI_VMALLS12, VMID, 0);
    struct tlb_fixture f = fixture_new(&cfg);

    (void)state;
    for (uint64_t page = 0; page < 2048; page++) {
        const struct tlb_entry leaf =
            fixture_leaf(page % 4 == 0 ? VMID : OTHER_VMID,
                         page % 3 == 0 ? TLB_S2_ONLY : TLB_COMBINED, page << 12, 12);

        assert_non_null(tlb_fill(f.tlb, &leaf));
    }
    assert_int_equal(tlb_invalidate(f.tlb, &op).n, 512);
    assert_int_equal(fixture_count(f.tlb), 1536);
    assert_int_equal(tlb_invalidate(f.tlb, &op).n, 0);
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_operation_removes_what_its_row_says),
        cmocka_unit_test(each_stage_1_operation_removes_what_its_row_says),
        cmocka_unit_test(operations_stay_in_their_regime_except_alle2),
        cmocka_unit_test(tags_that_do_not_count_save_no_entry),
        cmocka_unit_test(the_domain_does_not_change_what_an_operation_removes),
        cmocka_unit_test(a_vmid_wide_operation_counts_each_entry_once_in_a_full_tlb),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
