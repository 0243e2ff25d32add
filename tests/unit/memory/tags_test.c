/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/memory/tags_test.c - hits and misses of a set-associative cache. */
#include "model/memory/tags.h"
#include "tests/unit/walker/rows.h"

#include <stdlib.h>

#define LINE UINT64_C(64)

/* 4 sets of 3 ways: lines that are 4 apart meet in one set. */
#define SETS_N UINT64_C(4)
#define WAYS_N 3u
#define SET_STRIDE (SETS_N * LINE)

static int fresh(void **state)
{
    *state = tags_new(SETS_N * WAYS_N * LINE, WAYS_N);
    return *state ? 0 : -1;
}

static int done(void **state)
{
    tags_delete(*state);
    return 0;
}

static void a_line_is_64_bytes(void **state)
{
    static const struct {
        const char *rule;
        uint64_t pa;
        bool want;
    } rows[] = {
        {"a cold cache misses, also at address 0", 0, false},
        {"the same word", 0, true},
        {"the last byte of the line", 63, true},
        {"the next line", 64, false},
        {"the next line again", 127, true},
        {"the first line is still there", 8, true},
    };

    for (size_t i = 0; i < ROWS_N(rows); i++)
        check_row(i, rows[i].rule, tags_access(*state, arch_pa(rows[i].pa)),
                  rows[i].want);
}

/* Touches n lines of one set twice, in order; returns the hits of the second pass. */
static unsigned second_pass_hits(struct tags *t, uint64_t n)
{
    unsigned hits = 0;

    for (uint64_t i = 0; i < 2 * n; i++) {
        const bool hit = tags_access(t, arch_pa(i % n * SET_STRIDE));

        hits += hit && i >= n;
    }
    return hits;
}

static void a_set_holds_as_many_lines_as_ways(void **state)
{
    static const struct {
        const char *rule;
        uint64_t lines_n;
        unsigned want;
    } rows[] = {
        {"ways - 1", 2, 2},
        {"ways", 3, 3},
        {"ways + 1 in order: LRU drops each just before its use", 4, 0},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct tags *t = tags_new(SETS_N * WAYS_N * LINE, WAYS_N);

        assert_non_null(t);
        check_row(i, rows[i].rule, second_pass_hits(t, rows[i].lines_n), rows[i].want);
        tags_delete(t);
    }
}

static void sets_do_not_share_ways(void **state)
{
    for (uint64_t line = 0; line < SETS_N * WAYS_N; line++)
        check_row(line, "cold", tags_access(*state, arch_pa(line * LINE)), false);
    for (uint64_t line = 0; line < SETS_N * WAYS_N; line++)
        check_row(line, "all fit", tags_access(*state, arch_pa(line * LINE)), true);
}

static void the_least_recently_used_line_goes(void **state)
{
    /* Letters are lines of one set. */
    static const struct {
        const char *rule;
        char line;
        bool want;
    } rows[] = {
        {"fill", 'a', false},         {"fill", 'b', false},
        {"fill", 'c', false},         {"a becomes the most recent", 'a', true},
        {"d replaces b", 'd', false}, {"c stayed", 'c', true},
        {"a stayed", 'a', true},      {"b is gone, and replaces d", 'b', false},
        {"d is gone", 'd', false},
    };

    for (size_t i = 0; i < ROWS_N(rows); i++)
        check_row(
            i, rows[i].rule,
            tags_access(*state, arch_pa((uint64_t)(rows[i].line - 'a') * SET_STRIDE)),
            rows[i].want);
}

static void a_dropped_line_misses_and_the_others_stay(void **state)
{
    static const struct {
        const char *rule;
        uint64_t drop; /* line number in the set */
        bool want[3];  /* hits of lines 2, 1, 0 */
    } rows[] = {
        {"the most recent", 2, {false, true, true}},
        {"the middle one", 1, {true, false, true}},
        {"the least recent", 0, {true, true, false}},
        {"an absent line", 5, {true, true, true}},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct tags *t = tags_new(SETS_N * WAYS_N * LINE, WAYS_N);

        assert_non_null(t);
        for (uint64_t line = 0; line < WAYS_N; line++)
            (void)tags_access(t, arch_pa(line * SET_STRIDE));
        tags_drop(t, arch_pa(rows[i].drop * SET_STRIDE + 63));
        tags_drop(t, arch_pa(SETS_N * LINE * 100 + LINE)); /* another set */
        for (uint64_t line = 0; line < WAYS_N; line++)
            check_row(i, rows[i].rule,
                      tags_access(t, arch_pa((WAYS_N - 1 - line) * SET_STRIDE)),
                      rows[i].want[line]);
        tags_delete(t);
    }
}

static void a_dropped_line_leaves_its_way_free(void **state)
{
    struct tags *t = *state;

    for (uint64_t line = 0; line < WAYS_N; line++)
        (void)tags_access(t, arch_pa(line * SET_STRIDE));
    tags_drop(t, arch_pa(SET_STRIDE));
    assert_false(tags_access(t, arch_pa(7 * SET_STRIDE)));
    assert_true(tags_access(t, arch_pa(0)));
    assert_true(tags_access(t, arch_pa(2 * SET_STRIDE)));
    assert_true(tags_access(t, arch_pa(7 * SET_STRIDE)));
}

/* Against a list of lines by time of use. */
static void hits_agree_with_a_naive_list(void **state)
{
    uint64_t recent[SETS_N][WAYS_N] = {{0}}, x = 1;

    for (int n = 0; n < 20000; n++) {
        x = x * UINT64_C(6364136223846793005) + 1442695040888963407u;
        const uint64_t line = (x >> 33) % 40, set = line % SETS_N;
        uint64_t *r = recent[set];
        unsigned at = 0;

        while (at < WAYS_N - 1 && r[at] != line + 1)
            at++;
        check_row(n, "LRU", tags_access(*state, arch_pa(line * LINE)),
                  r[at] == line + 1);
        for (; at > 0; at--)
            r[at] = r[at - 1];
        r[0] = line + 1;
    }
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, fresh, done)
    const struct CMUnitTest tests[] = {
        CASE(a_line_is_64_bytes),
        cmocka_unit_test(a_set_holds_as_many_lines_as_ways),
        CASE(sets_do_not_share_ways),
        CASE(the_least_recently_used_line_goes),
        cmocka_unit_test(a_dropped_line_misses_and_the_others_stay),
        CASE(a_dropped_line_leaves_its_way_free),
        CASE(hits_agree_with_a_naive_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
