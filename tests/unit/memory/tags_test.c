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

/* A set as a list of lines + 1 by time of use; 0: no line. */
#define WAYS_MAX 20u

struct naive {
    uint64_t lines[WAYS_MAX];
    unsigned ways_n;
};

static unsigned naive_at(const struct naive *s, uint64_t line)
{
    unsigned at = 0;

    while (at < s->ways_n && s->lines[at] != line + 1)
        at++;
    return at;
}

/* The line comes first; that at `at` makes room for it. */
static void naive_first(struct naive *s, unsigned at, uint64_t line)
{
    for (; at > 0; at--)
        s->lines[at] = s->lines[at - 1];
    s->lines[0] = line + 1;
}

/* The last way is free; the others keep their order. */
static void naive_drop(struct naive *s, unsigned at)
{
    for (; at + 1 < s->ways_n; at++)
        s->lines[at] = s->lines[at + 1];
    s->lines[s->ways_n - 1] = 0;
}

static void do_both(struct tags *t, struct naive *s, uint64_t line, unsigned dice)
{
    const struct arch_pa pa = arch_pa(line * LINE);
    const unsigned at = naive_at(s, line);
    const bool present = at < s->ways_n;

    switch (dice % 8) {
    case 0:
        check_row(line, "has", tags_has(t, pa), present);
        return;
    case 1:
        tags_drop(t, pa);
        if (present)
            naive_drop(s, at);
        return;
    case 2:
    case 3:
        check_row(line, "touch", tags_touch(t, pa), present);
        if (present)
            naive_first(s, at, line);
        return;
    default:
        check_row(line, "access", tags_access(t, pa), present);
        naive_first(s, present ? at : s->ways_n - 1, line);
    }
}

static void hits_agree_with_a_naive_list(void **state)
{
    uint64_t x = 1;

    (void)state;
    for (unsigned ways_n = 1; ways_n <= WAYS_MAX; ways_n++) {
        struct tags *t = tags_new(SETS_N * ways_n * LINE, ways_n);
        struct naive sets[SETS_N] = {0};

        assert_non_null(t);
        for (uint64_t set = 0; set < SETS_N; set++)
            sets[set].ways_n = ways_n;
        for (int n = 0; n < 8000; n++) {
            x = x * UINT64_C(6364136223846793005) + 1442695040888963407u;
            /* Later there are lines, too, whose tags have more than 32 bits. */
            const uint64_t far = n > 4000 && (x >> 60 & 1) ? UINT64_C(1) << 40 : 0;
            const uint64_t line = far + (x >> 33) % (SETS_N * (ways_n + 3));

            do_both(t, &sets[line % SETS_N], line, (unsigned)(x >> 50));
        }
        tags_delete(t);
    }
}

static void what_is_added_changes_how_much_was_added(void **state)
{
    struct tags *t = *state;
    const uint64_t before = t->added_n;

    assert_false(tags_touch(t, arch_pa(LINE)));
    assert_int_equal(t->added_n, before);
    tags_add(t, arch_pa(LINE));
    assert_int_not_equal(t->added_n, before);
    assert_true(tags_touch(t, arch_pa(LINE)));
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
        cmocka_unit_test(hits_agree_with_a_naive_list),
        CASE(what_is_added_changes_how_much_was_added),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
