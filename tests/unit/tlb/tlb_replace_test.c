/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tlb/tlb_replace_test.c - which entry makes room: LRU, tree-PLRU, random.
 */
#include "tests/unit/tlb/tlb_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define WAYS_MAX 64u

/* One set in which page_in[way] is known: pages 0, 1, ... were filled in order. */
struct set {
    struct tlb_fixture f;
    unsigned ways_n;
    uint64_t page_in[WAYS_MAX];
    uint64_t next_page;
};

static void fill_page(struct set *s, uint64_t page)
{
    const struct tlb_entry leaf = fixture_leaf(1, TLB_COMBINED, page << 12, SHIFT_4K);

    assert_non_null(tlb_fill(s->f.tlb, &leaf));
}

static bool holds(const struct set *s, uint64_t page)
{
    const struct tlb_tag who = fixture_tag(1, 0);

    return tlb_peek(s->f.tlb, &who, TLB_COMBINED, false, page << 12);
}

static struct set full_set(enum tlb_replacement replacement, unsigned ways_n,
                           uint64_t seed)
{
    struct tlb_cfg cfg = fixture_one_set(ways_n);
    struct set s = {.ways_n = ways_n};

    cfg.replacement = replacement;
    cfg.seed = seed;
    s.f = fixture_new(&cfg);
    for (; s.next_page < ways_n; s.next_page++) {
        fill_page(&s, s.next_page);
        s.page_in[s.next_page] = s.next_page;
        assert_int_equal(fixture_count(s.f.tlb), s.next_page + 1);
    }
    return s;
}

/* Fills one more page; the way whose page went. Exactly one must. */
static unsigned evict(struct set *s)
{
    unsigned gone = WAYS_MAX;

    fill_page(s, s->next_page);
    for (unsigned way = 0; way < s->ways_n; way++) {
        if (!holds(s, s->page_in[way])) {
            assert_int_equal(gone, WAYS_MAX);
            gone = way;
        }
    }
    assert_in_range(gone, 0, s->ways_n - 1);
    s->page_in[gone] = s->next_page++;
    return gone;
}

static void hit(struct set *s, unsigned way)
{
    assert_non_null(
        fixture_look_up(s->f.tlb, 1, 0, TLB_COMBINED, s->page_in[way] << 12));
}

static void remove_page(struct set *s, uint64_t page)
{
    const struct arch_tlbi op = fixture_op(ARCH_TLBI_VAA, 1, page << 12);

    assert_int_equal(tlb_invalidate(s->f.tlb, &op).n, 1);
}

struct script {
    enum tlb_replacement replacement;
    unsigned ways_n;
    const char *steps; /* h3: a hit in way 3; v3: the next victim is way 3 */
    const char *why;
};

static void play(size_t row, const struct script *script)
{
    struct set s = full_set(script->replacement, script->ways_n, 0);

    for (const char *at = script->steps; *at != '\0'; at += 2 + (at[2] == ' ')) {
        const unsigned way = (unsigned)(at[1] - '0');

        if (at[0] == 'h') {
            hit(&s, way);
            continue;
        }
        const unsigned gone = evict(&s);

        if (gone != way)
            fail_msg("row %zu (%s), step %zu: way %u went, want %u", row, script->why,
                     (size_t)(at - script->steps) / 3, gone, way);
    }
    fixture_free(&s.f);
}

static void lru_takes_the_way_that_was_used_longest_ago(void **state)
{
    static const struct script rows[] = {
        {TLB_REPLACE_LRU, 1, "v0 v0 h0 v0", "one way"},
        {TLB_REPLACE_LRU, 2, "v0 v1 v0 h1 v0 h1 v0 v1", "two ways"},
        {TLB_REPLACE_LRU, 3, "v0 v1 v2 v0 h1 v2 v0 v1", "any number of ways"},
        {TLB_REPLACE_LRU, 4, "v0 v1 v2 v3 v0", "fills only: in turn"},
        /* order, oldest first: 0123, h0 1230, h2 1302, v1 3021, h3 0213 */
        {TLB_REPLACE_LRU, 4, "h0 h2 v1 h3 v0 v2 v1 v3", "hits reorder"},
        {TLB_REPLACE_LRU, 8, "h0 h1 h2 h3 v4 h5 v6 v7 v0", "hits reorder"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++)
        play(i, &rows[i]);
}

/* The tree in words: [root] [left, right] ..., L or R the half of the next victim.
 * A use turns every node above the way to the other half. */
static void plru_follows_its_tree(void **state)
{
    static const struct script rows[] = {
        {TLB_REPLACE_PLRU, 1, "v0 v0 h0 v0", "no tree at all"},
        {TLB_REPLACE_PLRU, 2, "v0 v1 v0 v1", "two ways: as LRU"},
        {TLB_REPLACE_PLRU, 2, "h0 v1 h1 v0 h1 v0", "two ways: as LRU"},
        /* full: L LL. v0: R RL. v2: L RR. v1: R LR. v3: L LL, and so on. */
        {TLB_REPLACE_PLRU, 4, "v0 v2 v1 v3 v0 v2 v1 v3", "fills only"},
        /* h0: R RL, so 2 goes although 1 is older: L RR; then 1: R LR */
        {TLB_REPLACE_PLRU, 4, "h0 v2 v1", "not the oldest"},
        /* h0: R RL. h3: L RL. So 1: R LL. h2: L LR. So 0: R RR. So 3: L RL. */
        {TLB_REPLACE_PLRU, 4, "h0 h3 v1 h2 v0 v3 v1", "hits on both sides"},
        /* h1: R LL. h1: R LL. So 2: L LR. h3: L LL. So 0. */
        {TLB_REPLACE_PLRU, 4, "h1 h1 v2 h3 v0", "a hit again changes nothing"},
        /* full: L LL LLLL. Each bit alternates: the ways with their bits reversed. */
        {TLB_REPLACE_PLRU, 8, "v0 v4 v2 v6 v1 v5 v3 v7 v0 v4", "fills only"},
        /* h0: R RL RLLL. So 4: L RR RLRL. So 2: R LR RRRL. h7: L LL RRRL.
         * So 1: R RL LRRL. h1: the same. So 5: L RR LRLL. So 3: R LR LLLL. */
        {TLB_REPLACE_PLRU, 8, "h0 v4 v2 h7 v1 h1 v5 v3", "hits in both halves"},
        /* h3: R LL LLLL. h6: L LL LLLR. h5: L LR LLLR. So 0: R RR RLLR. So 7. */
        {TLB_REPLACE_PLRU, 8, "h3 h6 h5 v0 v7", "hits without fills"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++)
        play(i, &rows[i]);
}

static void every_replacement_takes_an_empty_way_first(void **state)
{
    static const enum tlb_replacement all[] = {TLB_REPLACE_LRU, TLB_REPLACE_PLRU,
                                               TLB_REPLACE_RANDOM};

    (void)state;
    for (size_t i = 0; i < ROWS_N(all); i++) {
        for (unsigned hole = 0; hole < 8; hole++) {
            struct set s = full_set(all[i], 8, hole);

            for (unsigned round = 0; round < 20; round++) {
                remove_page(&s, s.page_in[hole]);
                fill_page(&s, s.next_page);
                s.page_in[hole] = s.next_page++;
                for (unsigned way = 0; way < 8; way++)
                    assert_true(holds(&s, s.page_in[way]));
            }
            fixture_free(&s.f);
        }
    }
}

static void a_miss_and_a_peek_change_no_order(void **state)
{
    static const enum tlb_replacement all[] = {TLB_REPLACE_LRU, TLB_REPLACE_PLRU};

    (void)state;
    for (size_t i = 0; i < ROWS_N(all); i++) {
        struct set s = full_set(all[i], 4, 0);

        assert_true(holds(&s, 0));
        assert_null(fixture_look_up(s.f.tlb, 1, 0, TLB_COMBINED, 4 << 12));
        assert_null(fixture_look_up(s.f.tlb, 2, 0, TLB_COMBINED, 0));
        assert_int_equal(evict(&s), 0);
        fixture_free(&s.f);
    }
}

static void each_set_has_an_order_of_its_own(void **state)
{
    static const enum tlb_replacement all[] = {TLB_REPLACE_LRU, TLB_REPLACE_PLRU};
    const struct tlb_tag who = fixture_tag(1, 0);

    (void)state;
    for (size_t i = 0; i < ROWS_N(all); i++) {
        const struct tlb_cfg cfg = {4, 2, {12}, 1, ALL_KINDS(1), all[i],
                                    0, 0, 0,    0, NULL,         NULL};
        struct set s = {.f = fixture_new(&cfg)};

        for (uint64_t page = 0; page < 4; page++) /* even and odd ones */
            fill_page(&s, page);
        assert_non_null(tlb_lookup(s.f.tlb, &who, TLB_COMBINED, false, 0));
        fill_page(&s, 4); /* takes 2; the odd set is as it was: 1 is next */
        assert_true(holds(&s, 0) && !holds(&s, 2) && holds(&s, 1));
        fill_page(&s, 5);
        assert_true(!holds(&s, 1) && holds(&s, 3));
        fixture_free(&s.f);
    }
}

static void random_reaches_every_way_about_as_often(void **state)
{
    static const unsigned ways[] = {1, 2, 3, 5, 8, 48};

    (void)state;
    for (size_t i = 0; i < ROWS_N(ways); i++) {
        struct set s = full_set(TLB_REPLACE_RANDOM, ways[i], 12345);
        unsigned times[WAYS_MAX] = {0};

        for (unsigned n = 0; n < 400 * ways[i]; n++)
            times[evict(&s)]++;
        for (unsigned way = 0; way < ways[i]; way++)
            assert_in_range(times[way], 300, 500); /* 5 sigma */
        fixture_free(&s.f);
    }
}

static void the_seed_decides_what_random_takes(void **state)
{
    unsigned same_n = 0;
    struct set a = full_set(TLB_REPLACE_RANDOM, 8, 7);
    struct set b = full_set(TLB_REPLACE_RANDOM, 8, 7);
    struct set c = full_set(TLB_REPLACE_RANDOM, 8, 8);

    (void)state;
    for (unsigned n = 0; n < 1000; n++) {
        const unsigned way = evict(&a);

        assert_int_equal(evict(&b), way);
        if (n % 3 == 0) /* a hit draws no number */
            hit(&b, way);
        same_n += evict(&c) == way;
    }
    assert_in_range(same_n, 60, 200); /* 125 of 1000 agree by chance */
    fixture_free(&a.f);
    fixture_free(&b.f);
    fixture_free(&c.f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lru_takes_the_way_that_was_used_longest_ago),
        cmocka_unit_test(plru_follows_its_tree),
        cmocka_unit_test(every_replacement_takes_an_empty_way_first),
        cmocka_unit_test(a_miss_and_a_peek_change_no_order),
        cmocka_unit_test(each_set_has_an_order_of_its_own),
        cmocka_unit_test(random_reaches_every_way_about_as_often),
        cmocka_unit_test(the_seed_decides_what_random_takes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
