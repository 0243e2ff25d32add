/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tlb/tlb_conflict_test.c - look-ups that meet entries of two leaves. */
#include "tests/unit/tlb/tlb_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct tlb_entry *look_up(struct tlb *t, uint64_t ia)
{
    return fixture_look_up(t, 1, 5, TLB_COMBINED, ia);
}

static const struct tlb_entry *fill(struct tlb *t, uint64_t ia, unsigned leaf_shift)
{
    const struct tlb_entry leaf = fixture_leaf(1, TLB_COMBINED, ia, leaf_shift);

    return tlb_fill(t, &leaf);
}

static struct tlb_fixture with_response(enum tlb_conflict conflict)
{
    struct tlb_cfg cfg = fixture_one_set(8);

    cfg.conflict = conflict;
    return fixture_new(&cfg);
}

static void each_response_to_a_page_and_a_block_is_its_own(void **state)
{
    static const struct {
        enum tlb_conflict conflict;
        unsigned filled[2];
        unsigned hit_shift; /* 0: a miss; 99: the abort */
        unsigned left_n;
    } rows[] = {
        {TLB_CONFLICT_ABORT, {SHIFT_4K, SHIFT_2M}, 99, 2},
        {TLB_CONFLICT_ABORT, {SHIFT_2M, SHIFT_4K}, 99, 2},
        {TLB_CONFLICT_OLDER, {SHIFT_4K, SHIFT_2M}, SHIFT_4K, 2},
        {TLB_CONFLICT_OLDER, {SHIFT_2M, SHIFT_4K}, SHIFT_2M, 2},
        {TLB_CONFLICT_NEWER, {SHIFT_4K, SHIFT_2M}, SHIFT_2M, 2},
        {TLB_CONFLICT_NEWER, {SHIFT_2M, SHIFT_4K}, SHIFT_4K, 2},
        {TLB_CONFLICT_RESOLVE, {SHIFT_4K, SHIFT_2M}, 0, 0},
        {TLB_CONFLICT_RESOLVE, {SHIFT_2M, SHIFT_4K}, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct tlb_fixture f = with_response(rows[i].conflict);

        assert_non_null(fill(f.tlb, 4096, rows[i].filled[0]));
        assert_non_null(fill(f.tlb, 4096, rows[i].filled[1]));

        const struct tlb_entry *e = look_up(f.tlb, 4096);
        const unsigned got = e == NULL                  ? 0
                             : e == &tlb_conflict_abort ? 99
                                                        : e->size_shift;

        if (got != rows[i].hit_shift)
            fail_msg("row %zu: hit %u, want %u", i, got, rows[i].hit_shift);
        assert_int_equal(fixture_count(f.tlb), rows[i].left_n);
        assert_int_equal(tlb_conflicts_n(f.tlb), 1);
        fixture_free(&f);
    }
}

static void age_is_that_of_the_fill_not_of_the_last_hit(void **state)
{
    struct tlb_fixture f = with_response(TLB_CONFLICT_OLDER);

    (void)state;
    assert_non_null(fill(f.tlb, 0, SHIFT_4K));
    assert_non_null(fill(f.tlb, 0, SHIFT_2M));
    assert_int_equal(look_up(f.tlb, 4096)->size_shift, SHIFT_2M);
    assert_int_equal(look_up(f.tlb, 0)->size_shift, SHIFT_4K);
    assert_non_null(fill(f.tlb, 0, SHIFT_4K)); /* the page is the newer one now */
    assert_int_equal(look_up(f.tlb, 0)->size_shift, SHIFT_2M);
    fixture_free(&f);
}

static void a_random_response_uses_each_of_them_and_follows_its_seed(void **state)
{
    uint64_t hits[2] = {0, 0};

    (void)state;
    for (unsigned run = 0; run < 2; run++) {
        struct tlb_fixture f = with_response(TLB_CONFLICT_RANDOM);

        assert_non_null(fill(f.tlb, 0, SHIFT_4K));
        assert_non_null(fill(f.tlb, 0, SHIFT_2M));
        for (unsigned i = 0; i < 64; i++)
            hits[run] |= (uint64_t)(look_up(f.tlb, 0)->size_shift == SHIFT_2M) << i;
        fixture_free(&f);
    }
    assert_int_equal(hits[0], hits[1]);
    assert_int_not_equal(hits[0], 0);
    assert_int_not_equal(hits[0], UINT64_MAX);
}

static void only_what_one_look_up_can_meet_conflicts(void **state)
{
    static const struct {
        const char *what;
        uint64_t ia;
        unsigned leaf_shift;
        uint16_t vmid, asid;
        bool ng, s2, same_leaf;
        bool conflict;
    } rows[] = {
        {"the block around the page", 4096, SHIFT_2M, 1, 5, true, false, false, true},
        {"a larger one", 4096, SHIFT_1G, 1, 5, true, false, false, true},
        {"a global one", 4096, SHIFT_2M, 1, 0, false, false, false, true},
        {"another ASID", 4096, SHIFT_2M, 1, 6, true, false, false, false},
        {"another VMID", 4096, SHIFT_2M, 2, 5, true, false, false, false},
        {"another block", 2 * MIB, SHIFT_2M, 1, 5, true, false, false, false},
        {"a look-up of another kind", 4096, SHIFT_2M, 1, 0, false, true, false, false},
        {"another part of the leaf", 4096, SHIFT_2M, 1, 5, true, false, true, false},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct tlb_fixture f = with_response(TLB_CONFLICT_ABORT);
        struct tlb_entry e =
            fixture_leaf(rows[i].vmid, rows[i].s2 ? TLB_S2_ONLY : TLB_COMBINED,
                         rows[i].ia, rows[i].leaf_shift);

        assert_non_null(fill(f.tlb, 4096, SHIFT_4K));
        e.tag.asid = rows[i].asid;
        e.ng = rows[i].ng;
        if (rows[i].same_leaf)
            e.leaf_shift = SHIFT_4K;
        assert_non_null(tlb_fill(f.tlb, &e));
        if ((look_up(f.tlb, 4096) == &tlb_conflict_abort) != rows[i].conflict)
            fail_msg("row %zu (%s)", i, rows[i].what);
        fixture_free(&f);
    }
}

static void parts_that_translate_to_another_place_conflict(void **state)
{
    struct tlb_fixture f = with_response(TLB_CONFLICT_ABORT);
    struct tlb_entry part = fixture_leaf(1, TLB_COMBINED, 4096, SHIFT_2M);

    (void)state;
    assert_non_null(tlb_fill(f.tlb, &part));
    part.span_shift = SHIFT_4K;
    assert_non_null(tlb_fill(f.tlb, &part));
    assert_ptr_not_equal(look_up(f.tlb, 4096), &tlb_conflict_abort);
    part.oa.v += 4096;
    assert_non_null(tlb_fill(f.tlb, &part));
    assert_ptr_equal(look_up(f.tlb, 4096), &tlb_conflict_abort);
    part.oa.v -= 4096;
    part.s2_level = 3;
    assert_non_null(tlb_fill(f.tlb, &part));
    assert_ptr_equal(look_up(f.tlb, 4096), &tlb_conflict_abort);
    fixture_free(&f);
}

static void no_conflict_is_left_once_one_of_the_two_is_gone(void **state)
{
    const struct arch_tlbi page = fixture_va_op(ARCH_TLBI_VA, 1, 0, 0);
    struct tlb_fixture f = with_response(TLB_CONFLICT_ABORT);
    struct tlb_entry block = fixture_leaf(1, TLB_COMBINED, 0, SHIFT_2M);

    (void)state;
    assert_non_null(fill(f.tlb, 4096, SHIFT_4K));
    assert_non_null(tlb_fill(f.tlb, &block));
    assert_ptr_equal(look_up(f.tlb, 4096), &tlb_conflict_abort);
    assert_int_equal(tlb_invalidate(f.tlb, &page).n, 1); /* the block, by page 0 */
    assert_int_equal(look_up(f.tlb, 4096)->size_shift, SHIFT_4K);
    fixture_free(&f);
}

/* Larger TLBs look for overlaps in all sets, or in those of the pages. */
static void an_overlap_is_found_in_whatever_set_it_is(void **state)
{
    static const struct tlb_cfg cfgs[] = {
        {.entries_n = 2048,
         .ways_n = 8,
         .size_shifts = {12, 16, 21},
         .sizes_n = 3,
         .sizes_of = ALL_KINDS(3)},
        {.entries_n = 48,
         .ways_n = 48,
         .size_shifts = {12, 16, 21},
         .sizes_n = 3,
         .sizes_of = ALL_KINDS(3)},
    };
    static const unsigned larger[] = {SHIFT_64K, SHIFT_2M};

    (void)state;
    for (size_t i = 0; i < ROWS_N(cfgs); i++) {
        for (size_t k = 0; k < ROWS_N(larger); k++) {
            for (unsigned page = 0; page < 512; page += 5) {
                const uint64_t ia = GIB + page * UINT64_C(4096);
                struct tlb_fixture f = fixture_new(&cfgs[i]);

                assert_non_null(fill(f.tlb, ia, SHIFT_4K));
                assert_non_null(fill(f.tlb, ia, larger[k]));
                if (look_up(f.tlb, ia) != &tlb_conflict_abort)
                    fail_msg("cfg %zu, size %u, page %u", i, larger[k], page);
                fixture_free(&f);
            }
        }
    }
}

/* The larger one of a pair that overlaps is what counts. */
static void no_conflict_can_be_met_once_the_larger_entry_is_replaced(void **state)
{
    const struct tlb_cfg cfg = fixture_one_set(2);
    struct tlb_fixture f = fixture_new(&cfg);
    struct tlb_entry e = fixture_leaf(1, TLB_COMBINED, 0, SHIFT_4K);

    (void)state;
    assert_non_null(tlb_fill(f.tlb, &e));
    assert_false(tlb_may_conflict(f.tlb));
    e.span_shift = SHIFT_2M;
    assert_non_null(tlb_fill(f.tlb, &e));
    assert_true(tlb_may_conflict(f.tlb));
    assert_int_equal(fixture_look_up(f.tlb, 1, 0, TLB_COMBINED, 0)->size_shift,
                     SHIFT_4K);
    e = fixture_leaf(1, TLB_COMBINED, 2 * MIB, SHIFT_2M);
    assert_non_null(tlb_fill(f.tlb, &e)); /* in place of the other block */
    assert_false(tlb_may_conflict(f.tlb));
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_response_to_a_page_and_a_block_is_its_own),
        cmocka_unit_test(age_is_that_of_the_fill_not_of_the_last_hit),
        cmocka_unit_test(a_random_response_uses_each_of_them_and_follows_its_seed),
        cmocka_unit_test(only_what_one_look_up_can_meet_conflicts),
        cmocka_unit_test(parts_that_translate_to_another_place_conflict),
        cmocka_unit_test(no_conflict_is_left_once_one_of_the_two_is_gone),
        cmocka_unit_test(an_overlap_is_found_in_whatever_set_it_is),
        cmocka_unit_test(no_conflict_can_be_met_once_the_larger_entry_is_replaced),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
