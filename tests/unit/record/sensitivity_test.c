/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/record/sensitivity_test.c - what a verdict is, and when it has flipped. */
#include "model/record/sensitivity.h"
#include "tests/unit/walker/rows.h"

#include <math.h>

static void a_verdict_follows_from_both_intervals(void **state)
{
    static const struct {
        const char *rule;
        struct rec_tail baseline, other;
        enum rec_verdict want;
    } rows[] = {
        {"apart, below",
         {.spread = {10, 9, 11}},
         {.spread = {5, 4, 8}},
         REC_VERDICT_LOWER},
        {"apart, above",
         {.spread = {5, 4, 8}},
         {.spread = {10, 9, 11}},
         REC_VERDICT_HIGHER},
        {"touching overlaps",
         {.spread = {10, 9, 11}},
         {.spread = {5, 4, 9}},
         REC_VERDICT_UNCLEAR},
        {"touching from above",
         {.spread = {5, 4, 9}},
         {.spread = {10, 9, 11}},
         REC_VERDICT_UNCLEAR},
        {"one inside the other",
         {.spread = {10, 1, 20}},
         {.spread = {5, 4, 6}},
         REC_VERDICT_UNCLEAR},
        {"no intervals: medians",
         {.spread = {10, NAN, NAN}},
         {.spread = {9, NAN, NAN}},
         REC_VERDICT_LOWER},
        {"no intervals, equal",
         {.spread = {10, NAN, NAN}},
         {.spread = {10, NAN, NAN}},
         REC_VERDICT_UNCLEAR},
        {"nothing measured",
         {.spread = {10, 9, 11}},
         {.spread = {NAN, NAN, NAN}},
         REC_VERDICT_NONE},
        {"no baseline",
         {.spread = {NAN, NAN, NAN}},
         {.spread = {10, 9, 11}},
         REC_VERDICT_NONE},
        {"broken baseline",
         {.spread = {1, 1, 1}, .broken = true},
         {.spread = {10, 9, 11}},
         REC_VERDICT_BROKEN},
        {"broken before unmeasured",
         {.spread = {NAN, NAN, NAN}},
         {.spread = {1, 1, 1}, .broken = true},
         REC_VERDICT_BROKEN},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        enum rec_verdict got = rec_verdict(&rows[i].baseline, &rows[i].other);

        if (got != rows[i].want)
            fail_msg("%s: %s, want %s", rows[i].rule, rec_verdict_name(got),
                     rec_verdict_name(rows[i].want));
    }
}

static void one_bad_seed_breaks_a_variant(void **state)
{
    static const struct {
        double violations, stopped_ns;
        bool want;
    } rows[] = {{0, NAN, false}, {1, NAN, true}, {0, 0, true}, {0, 5, true}};

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct rec_metrics m[3] = {{{0}}};

        for (size_t k = 0; k < 3; k++) {
            m[k].v[rec_column_find(REC_VERDICT_COLUMN)] = 7 + (double)k;
            m[k].v[rec_column_find("stopped_at_ns")] = NAN;
        }
        m[1].v[rec_column_find("violations")] = rows[i].violations;
        m[1].v[rec_column_find("stopped_at_ns")] = rows[i].stopped_ns;
        assert_int_equal(rec_tail(m, 3).broken, rows[i].want);
        assert_true(rec_tail(m, 3).spread.median == 8);
    }
}

static void only_contenders_of_points_that_were_run_flip(void **state)
{
    bool contends[] = {false, true, true, false};
    struct rec_tail base[] = {{.spread = {10, 9, 11}},
                              {.spread = {5, 4, 6}},
                              {.spread = {5, 4, 6}},
                              {.spread = {5, 4, 6}}};
    struct rec_tail varied[] = {{.spread = {10, 9, 11}},
                                {.spread = {6, 5, 7}},
                                {.spread = {9, 8, 10}},
                                {.spread = {20, 19, 21}}};
    struct rec_point points[] = {{.tail = varied}, {.tail = NULL}};
    const struct rec_sensitivity s = {.variants_n = 4,
                                      .baseline = 0,
                                      .contends = contends,
                                      .base = base,
                                      .points = points,
                                      .points_n = 2};

    (void)state;
    assert_false(rec_point_flips(&s, 0, 0));
    assert_false(rec_point_flips(&s, 0, 1)); /* lower as before */
    assert_true(rec_point_flips(&s, 0, 2));  /* unclear now */
    assert_false(rec_point_flips(&s, 0, 3)); /* higher, but nobody asks */
    assert_false(rec_point_flips(&s, 1, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_verdict_follows_from_both_intervals),
        cmocka_unit_test(one_bad_seed_breaks_a_variant),
        cmocka_unit_test(only_contenders_of_points_that_were_run_flip),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
