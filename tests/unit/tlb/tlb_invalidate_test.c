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

/* The predicate and the removal: of e alone in a set. */
static bool removes(const struct arch_tlbi *op, const struct tlb_entry *e)
{
    const struct tlb_cfg cfg = fixture_one_set(1);
    struct tlb_fixture f = fixture_new(&cfg);
    const struct tlb_entry *made = tlb_fill(f.tlb, e);

    assert_non_null(made);

    const bool covered = tlb_op_covers(op, made);
    const bool wide =
        op->op != ARCH_TLBI_VA && op->op != ARCH_TLBI_VAA && op->op != ARCH_TLBI_IPAS2;
    const uint32_t stale_n = tlb_count_stale(f.tlb, op, UINT64_MAX);
    const struct tlb_removed removed = tlb_invalidate(f.tlb, op);

    assert_int_equal(stale_n, covered);
    assert_int_equal(removed.n, covered);
    assert_int_equal(removed.wide_n, covered && wide);
    assert_int_equal(removed.extra_n, 0);
    assert_int_equal(fixture_count(f.tlb), !covered);
    fixture_free(&f);
    return covered;
}

static void each_operation_removes_what_its_row_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS_N(truth); i++) {
        const struct tlb_entry leaf = fixture_leaf(
            truth[i].same_vmid ? VMID : OTHER_VMID, truth[i].kind, LEAF_IA, SHIFT_2M);
        const struct arch_tlbi inside = fixture_op(truth[i].op, VMID, INSIDE);
        const struct arch_tlbi outside = fixture_op(truth[i].op, VMID, OUTSIDE);

        if (removes(&inside, &leaf) != truth[i].inside)
            fail_msg("row %zu: inside", i);
        if (removes(&outside, &leaf) != truth[i].outside)
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
                if (removes(&op, &e) != (want[from][to] == 'R'))
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
    assert_true(removes(&op, &e));       /* neither VMID nor ASID */
    assert_true(tlb_op_covers(&op, &e)); /* nor before it is filled */
    op.regime = ARCH_REGIME_EL20;
    e.tag.regime = ARCH_REGIME_EL20;
    assert_false(removes(&op, &e)); /* another ASID */
    op.asid = 9;
    assert_true(removes(&op, &e)); /* no VMID */
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
        if (removes(&op, &leaf) != s1_truth[i].removed)
            fail_msg("row %zu: combined", i);
        leaf.kind = TLB_S1_ONLY;
        if (removes(&op, &leaf) != s1_truth[i].removed)
            fail_msg("row %zu: stage 1 only", i);
        leaf.table = true;
        if (removes(&op, &leaf) != s1_truth[i].removed)
            fail_msg("row %zu: table", i);
        leaf.tag.vmid = OTHER_VMID;
        assert_false(removes(&op, &leaf));
        leaf.tag.vmid = VMID;
        leaf.kind = TLB_S2_ONLY;
        assert_false(removes(&op, &leaf));
    }
}

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
        {64, 4, {12, 21}, 2, ALL_KINDS(2), TLB_REPLACE_LRU, 0, 0, 0, 0, NULL, NULL},
        {4096, 1, {12, 21}, 2, ALL_KINDS(2), TLB_REPLACE_LRU, 0, 0, 0, 0, NULL, NULL},
        {4, 4, {12, 21}, 2, ALL_KINDS(2), TLB_REPLACE_LRU, 0, 0, 0, 0, NULL, NULL},
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
        256, 4, {12, 21}, 2, ALL_KINDS(2), TLB_REPLACE_LRU, 0, 0, 0, 0, NULL, NULL};
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

static void a_vmid_wide_operation_counts_each_entry_once_in_a_full_tlb(void **state)
{
    static const struct tlb_cfg cfg = {2048,
                                       8,
                                       {12, 14, 16, 21, 25, 29, 30},
                                       7,
                                       ALL_KINDS(7),
                                       TLB_REPLACE_LRU,
                                       0,
                                       0,
                                       0,
                                       0,
                                       NULL,
                                       NULL};
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

        assert_true(removes(&op, &e));
        e.table = true;
        assert_true(removes(&op, &e));
        op.last_level = true;
        if (removes(&op, &e))
            fail_msg("row %zu: a table entry went", i);
        e.table = false;
        assert_true(removes(&op, &e));
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
        if (removes(&op, &e) != rows[row].removed)
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
        if (removes(&op, &e) != rows[row].removed)
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
        if (removes(&op, &e) != rows[i].removed)
            fail_msg("row %zu", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_operation_removes_what_its_row_says),
        cmocka_unit_test(each_stage_1_operation_removes_what_its_row_says),
        cmocka_unit_test(an_operation_by_address_removes_all_that_comes_from_the_leaf),
        cmocka_unit_test(operations_stay_in_their_regime_except_alle2),
        cmocka_unit_test(tags_that_do_not_count_save_no_entry),
        cmocka_unit_test(last_level_forms_leave_table_entries),
        cmocka_unit_test(a_level_hint_names_leaves_of_one_size),
        cmocka_unit_test(a_range_names_entries_of_its_granule),
        cmocka_unit_test(a_range_removes_what_it_touches),
        cmocka_unit_test(the_domain_does_not_change_what_an_operation_removes),
        cmocka_unit_test(
            ipas2e1_removes_every_fragment_of_the_block_and_nothing_beside),
        cmocka_unit_test(ipas2e1_removes_entries_of_all_sizes_that_cover_the_ipa),
        cmocka_unit_test(a_vmid_wide_operation_counts_each_entry_once_in_a_full_tlb),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
