/* SPDX-License-Identifier: Apache-2.0 */
/* Address streams whose hits and walks have a closed form, met exactly.
 *
 * Structures in LRU order, one access at a time. Sequential streams run from the start
 * of the region and round it. With p pages in a set of w ways, each visited once per
 * round in the same order: p <= w leaves only the p first misses, p > w misses always,
 * since the page wanted next is the one that went last. */
#include "tests/timed/timed.h"

#include <stdio.h>

#define BASE UINT64_C(0x40000000)   /* mapped with pages */
#define BLOCKS UINT64_C(0x80000000) /* mapped with blocks of 2 MiB */
#define PAGE UINT64_C(0x1000)
#define MIB UINT64_C(0x100000)

struct stream {
    enum guest_pattern pattern;
    uint64_t region, bytes, stride, rounds;
};

struct geometry {
    uint32_t l1, l1_ways, l2, l2_ways;
};

struct counts {
    uint64_t l1_misses, l2_misses;
};

static void load(struct scn *s, const struct geometry *g, const struct stream *x)
{
    timed_load("stream.yaml", s);
    timed_flat_memory(s, 10 * NS);
    s->platform.l1d = timed_tlb(g->l1, g->l1_ways, 1 * NS);
    s->platform.l2 = timed_tlb(g->l2, g->l2_ways, 4 * NS);
    s->vms[0].guest.stream = (struct guest_stream){
        .pattern = x->pattern,
        .region_ipa = {x->region},
        .region_bytes = x->bytes,
        .stride_bytes = x->stride,
        .accesses_n = x->bytes / x->stride * x->rounds,
    };
}

static void run(const struct scn *s, struct rec_run *r)
{
    timed_run(s, "keep", r);
    assert_int_equal(r->n.accesses, s->vms[0].guest.stream.accesses_n);
    assert_int_equal(r->n.tlb_lookups, s->vms[0].guest.stream.accesses_n);
    assert_int_equal(r->faults_n, 0);
}

static void check(size_t row, const struct geometry *g, const struct stream *x,
                  const struct counts *want)
{
    struct scn s;
    struct rec_run r;

    load(&s, g, x);
    run(&s, &r);
    check_row(row, r.n.tlb_l1_misses, want->l1_misses);
    check_row(row, r.n.tlb_misses, want->l2_misses);
    check_row(row, r.n.walks, want->l2_misses);
    check_row(row, r.n.walk_reads, 3 * want->l2_misses);
    rec_free(&r);
    scn_free(&s);
}

/* Misses of rounds over pages that fall into sets evenly, the first pages % sets of
 * which have one more. */
static uint64_t cyclic_misses(uint64_t pages, uint64_t entries, uint64_t ways,
                              uint64_t rounds)
{
    const uint64_t sets = entries / ways;
    uint64_t misses = 0;

    for (uint64_t set = 0; set < sets; set++) {
        const uint64_t in_set = pages / sets + (set < pages % sets);

        misses += in_set <= ways ? in_set : in_set * rounds;
    }
    return misses;
}

/* 1. Sequential over R bytes in steps of a line: one miss per page, whatever the size
 * of the TLBs. */
static void a_sequential_stream_misses_once_per_page(void **state)
{
    static const struct geometry tlbs[] = {{4, 4, 64, 4}, {1, 1, 1, 1}, {64, 4, 8, 8}};
    static const uint64_t bytes[] = {PAGE, 16 * PAGE, 2 * MIB, 6 * MIB};
    (void)state;

    for (size_t i = 0; i < ROWS_N(tlbs) * ROWS_N(bytes); i++) {
        const struct geometry *g = &tlbs[i / ROWS_N(bytes)];
        const uint64_t r = bytes[i % ROWS_N(bytes)];
        const struct stream x = {GUEST_SEQUENTIAL, BASE, r, 64, 1};
        const struct counts want = {r / PAGE, r / PAGE};

        check(i, g, &x, &want);
    }
}

/* 2. Round and round over N pages, up to the capacity: only the first round misses. */
static void a_cycle_within_capacity_misses_in_its_first_round_only(void **state)
{
    static const struct geometry g = {8, 8, 64, 4};
    static const uint64_t pages[] = {1, 7, 8, 9, 40, 63, 64};
    (void)state;

    for (size_t i = 0; i < ROWS_N(pages); i++) {
        const uint64_t n = pages[i], rounds = 7;
        const struct stream x = {GUEST_SEQUENTIAL, BASE, n * PAGE, PAGE, rounds};
        const struct counts want = {n <= 8 ? n : n * rounds, n};

        check(i, &g, &x, &want);
    }
}

/* 3. One page more than fits, and LRU has always just lost the page that is wanted. In
 * sets, those that have one more than their ways. */
static void a_cycle_beyond_capacity_misses_always_under_lru(void **state)
{
    static const struct {
        struct geometry g;
        uint64_t pages;
        uint64_t l2_misses_of_7_rounds;
    } rows[] = {
        {{8, 8, 64, 64}, 64, 64},
        {{8, 8, 64, 64}, 65, 7 * 65},
        {{8, 8, 64, 64}, 100, 7 * 100},
        {{8, 8, 64, 4}, 65, 7 * 5 + 60}, /* set 0 has 5 pages, 15 sets have 4 */
        {{8, 8, 64, 4}, 79, 7 * 75 + 4},
        {{8, 8, 64, 4}, 80, 7 * 80},
        {{8, 8, 64, 1}, 65, 7 * 2 + 63}, /* direct mapped */
    };
    (void)state;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const uint64_t n = rows[i].pages;
        const struct geometry *g = &rows[i].g;
        const struct stream x = {GUEST_SEQUENTIAL, BASE, n * PAGE, PAGE, 7};
        const struct counts want = {7 * n, cyclic_misses(n, g->l2, g->l2_ways, 7)};

        check_row(i, want.l2_misses, rows[i].l2_misses_of_7_rounds);
        check(i, g, &x, &want);
    }
}

/* 4. Strided by the number of sets: all pages fall into one set. */
static void a_stride_of_all_sets_conflicts_beyond_the_ways(void **state)
{
    static const struct {
        uint64_t pages, stride_pages;
        uint64_t l1_misses, l2_misses; /* of 9 rounds */
    } rows[] = {
        {2, 16, 2, 2},         /* both L1 ways of set 0 */
        {3, 16, 3 * 9, 3},     /* one more than L1 has, L2 has 4 */
        {4, 16, 4 * 9, 4},     /* all ways of L2's set 0 */
        {5, 16, 5 * 9, 5 * 9}, /* one more */
        {8, 8, 8 * 9, 8},      /* two sets of L2, one of L1 */
        {10, 8, 10 * 9, 10 * 9},
        {64, 1, 64 * 9, 64}, /* the same number in all sets: fits */
    };
    static const struct geometry g = {16, 2, 64, 4}; /* 8 sets, 16 sets */
    (void)state;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const uint64_t stride = rows[i].stride_pages * PAGE;
        const struct stream x = {GUEST_SEQUENTIAL, BASE, rows[i].pages * stride, stride,
                                 9};
        const struct counts want = {rows[i].l1_misses, rows[i].l2_misses};

        check(i, &g, &x, &want);
    }
}

/* 5. A pointer chase over N pages: every page once per round, in an order that is
 * random but the same each round. Fully associative TLBs cannot tell it from a
 * sequence. Dependent, so its time is a sum too: 1 + 4 + 3 x 10 + 10 of an access that
 * walks, 1 + 4 + 10 of one that hits in L2. */
static void a_chase_is_a_cycle_in_another_order(void **state)
{
    static const struct {
        uint64_t pages;
        uint64_t walks; /* of 11 rounds */
    } rows[] = {{9, 9}, {31, 31}, {32, 32}, {33, 11 * 33}, {50, 11 * 50}};
    static const struct geometry g = {8, 8, 32, 32};
    (void)state;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const uint64_t n = rows[i].pages;
        const struct stream x = {GUEST_CHASE, BASE, n * PAGE, PAGE, 11};
        const struct counts want = {11 * n, rows[i].walks};
        struct scn s;
        struct rec_run r;

        check(i, &g, &x, &want);
        load(&s, &g, &x);
        run(&s, &r);
        check_row(i, r.end_ps,
                  (want.l2_misses * 45 + (11 * n - want.l2_misses) * 15) * NS);
        rec_free(&r);
        scn_free(&s);
    }
}

/* 6. Blocks of 2 MiB, of which L1 holds pages: a miss in L1 for each page, a walk for
 * each block. */
static void a_stream_over_blocks_walks_once_per_block(void **state)
{
    static const struct geometry g = {8, 8, 64, 4};
    static const struct stream x = {GUEST_SEQUENTIAL, BLOCKS, 10 * MIB, 512, 2};
    struct scn s;
    struct rec_run r;
    (void)state;

    load(&s, &g, &x);
    s.platform.l1d.cfg.sizes_of[TLB_COMBINED] = 1; /* 4K alone */
    run(&s, &r);
    assert_int_equal(r.n.tlb_l1_misses, 2 * 10 * MIB / PAGE);
    assert_int_equal(r.n.walks, 5);
    assert_int_equal(r.n.walk_reads, 5 * 2);
    rec_free(&r);
    scn_free(&s);
}

/* 7. With a cache of level 3 tables, beyond the TLBs' capacity: all accesses walk, and
 * all but the first of each 2 MiB of the first round read one descriptor. */
static void a_walk_cache_leaves_one_read_per_page(void **state)
{
    static const struct geometry g = {8, 8, 64, 64};
    static const struct stream x = {GUEST_SEQUENTIAL, BASE, 8 * MIB, PAGE, 3};
    const uint64_t pages = 8 * MIB / PAGE;
    struct scn s;
    struct rec_run r;
    (void)state;

    load(&s, &g, &x);
    s.platform.walk_cache[1][2] = timed_walk_cache(2, 2, 2 * NS);
    run(&s, &r);
    assert_int_equal(r.n.walks, 3 * pages);
    assert_int_equal(r.n.s2_table_hits, 3 * pages - 4);
    assert_int_equal(r.n.walk_reads, 3 * pages + 4 * 2);
    rec_free(&r);
    scn_free(&s);
}

/* 8. Half of the accesses are fetches: each L1 TLB sees the pages of its own, the L2
 * TLB all; within capacity each is missed once. */
static void fetches_and_reads_share_the_l2_tlb_alone(void **state)
{
    static const struct geometry g = {8, 8, 64, 4};
    static const struct stream x = {GUEST_SEQUENTIAL, BASE, 8 * PAGE, PAGE, 1000};
    struct scn s;
    struct rec_run r;
    (void)state;

    load(&s, &g, &x);
    s.platform.l1i = s.platform.l1d;
    s.vms[0].guest.stream.fetch_ppm = 500000;
    run(&s, &r);
    assert_int_equal(r.n.tlb_l1_misses, 2 * 8);
    assert_int_equal(r.n.walks, 8);
    rec_free(&r);
    scn_free(&s);
}

/* The counts are those of the addresses, whatever overlaps. */
static void overlap_changes_the_time_and_not_the_walks(void **state)
{
    static const struct geometry g = {8, 8, 64, 64};
    static const struct stream x = {GUEST_SEQUENTIAL, BASE, 100 * PAGE, PAGE, 7};
    uint64_t before = UINT64_MAX;
    (void)state;

    for (uint32_t n = 1; n <= 4; n *= 2) {
        struct scn s;
        struct rec_run r;

        load(&s, &g, &x);
        s.platform.pe.outstanding_n = s.platform.pe.walks_n = n;
        run(&s, &r);
        assert_int_equal(r.n.walks, 700);
        assert_int_equal(r.n.walks_merged, 0);
        assert_true(r.end_ps < before);
        before = r.end_ps;
        rec_free(&r);
        scn_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sequential_stream_misses_once_per_page),
        cmocka_unit_test(a_cycle_within_capacity_misses_in_its_first_round_only),
        cmocka_unit_test(a_cycle_beyond_capacity_misses_always_under_lru),
        cmocka_unit_test(a_stride_of_all_sets_conflicts_beyond_the_ways),
        cmocka_unit_test(a_chase_is_a_cycle_in_another_order),
        cmocka_unit_test(a_stream_over_blocks_walks_once_per_block),
        cmocka_unit_test(a_walk_cache_leaves_one_read_per_page),
        cmocka_unit_test(fetches_and_reads_share_the_l2_tlb_alone),
        cmocka_unit_test(overlap_changes_the_time_and_not_the_walks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
