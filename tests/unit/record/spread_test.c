/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/record/spread_test.c - the median and its interval. */
#include "model/record/metrics.h"
#include "tests/unit/walker/rows.h"

#include <math.h>

/* The two-sided sign test at 5 %: k of n, the k-th smallest and k-th largest value. By
 * hand for n = 5: 2 / 32 = 6.3 %, none; n = 6: 2 / 64 = 3.1 %, the 1st; n = 20:
 * 2 * P(X < 6) = 4.1 %, 2 * P(X < 7) = 11.5 %, so the 6th. */
static const struct {
    size_t n, k;
} ranks[] = {
    {1, 0},  {2, 0},  {3, 0},  {4, 0},  {5, 0},  {6, 1},   {7, 1},  {8, 1},
    {9, 2},  {10, 2}, {11, 2}, {12, 3}, {13, 3}, {14, 3},  {15, 4}, {16, 4},
    {17, 5}, {18, 5}, {19, 5}, {20, 6}, {21, 6}, {22, 6},  {23, 7}, {24, 7},
    {25, 8}, {26, 8}, {27, 8}, {28, 9}, {29, 9}, {30, 10},
};

/* values[] = 1..n in an order that is not sorted. */
static void shuffle(double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        values[i] = i % 2 ? (double)(i / 2 + 1) : (double)(n - i / 2);
}

static void the_interval_has_the_ranks_of_the_sign_test(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS_N(ranks); i++) {
        const size_t n = ranks[i].n, k = ranks[i].k;
        double values[30];
        struct rec_spread s;

        shuffle(values, n);
        s = rec_spread(values, n);
        check_row(n, "the median is the mean of both middle values", s.median * 2,
                  n + 1);
        check_row(n, "no interval below 6 values", isnan(s.lo) && isnan(s.hi), k == 0);
        if (k > 0) {
            check_row(n, "k-th smallest", s.lo, k);
            check_row(n, "k-th largest", s.hi, n + 1 - k);
        }
    }
}

static void one_value_that_does_not_apply_makes_all_three_empty(void **state)
{
    (void)state;
    for (size_t at = 0; at < 7; at++) {
        double values[7] = {7, 6, 5, 4, 3, 2, 1};
        struct rec_spread s;

        values[at] = NAN;
        s = rec_spread(values, 7);
        check_row(at, "NAN", isnan(s.median) && isnan(s.lo) && isnan(s.hi), 1);
    }
    assert_true(isnan(rec_spread(NULL, 0).median));
}

static void values_may_be_equal_negative_or_large(void **state)
{
    const double same[6] = {4, 4, 4, 4, 4, 4};
    const double wide[6] = {1e300, -3, 0, 2.5, -1e300, 7};
    struct rec_spread s = rec_spread(same, 6);

    (void)state;
    assert_true(s.lo == 4 && s.median == 4 && s.hi == 4);
    s = rec_spread(wide, 6);
    assert_true(s.lo == -1e300 && s.median == 1.25 && s.hi == 1e300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_interval_has_the_ranks_of_the_sign_test),
        cmocka_unit_test(one_value_that_does_not_apply_makes_all_three_empty),
        cmocka_unit_test(values_may_be_equal_negative_or_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
