/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/record/histogram_test.c - buckets, quantiles, sums. */
#include "model/record/histogram.h"
#include "tests/unit/walker/rows.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static struct rec_histogram *new_histogram(void)
{
    struct rec_histogram *h = calloc(1, sizeof *h);

    assert_non_null(h);
    return h;
}

/* The bucket that one value falls into. */
static uint32_t bucket_of(uint64_t value)
{
    struct rec_histogram *h = new_histogram();
    uint32_t i = 0;

    rec_histogram_add(h, value);
    while (i < REC_BUCKETS_N && h->counts[i] == 0)
        i++;
    free(h);
    assert_in_range(i, 0, REC_BUCKETS_N - 1);
    return i;
}

static void check_edges_around(uint64_t value)
{
    const uint32_t i = bucket_of(value);
    const uint64_t edge = rec_bucket_edge_ps(i);

    check_row(value, "the edge is not below the value", edge >= value, true);
    check_row(value, "nor more than 1/256 above it", edge - value <= value / 256 + 1,
              true);
    check_row(value, "the bucket before ends below the value",
              i == 0 || rec_bucket_edge_ps(i - 1) < value, true);
}

static void a_bucket_ends_within_a_256th_above_each_value(void **state)
{
    (void)state;
    for (int bit = 0; bit < 64; bit++) {
        const uint64_t power = UINT64_C(1) << bit;

        check_edges_around(power - 1);
        check_edges_around(power);
        check_edges_around(power + 1);
        check_edges_around(power | power >> 1);
    }
    check_edges_around(UINT64_MAX);
    for (uint64_t value = 0; value < 3000; value++)
        check_edges_around(value);
}

static void values_below_512_have_a_bucket_of_their_own(void **state)
{
    static const struct {
        const char *rule;
        uint64_t value, edge;
    } rows[] = {
        {"0", 0, 0},
        {"255: the last of one value each by definition", 255, 255},
        {"256 to 511: 256 buckets for a power of two", 256, 256},
        {"511", 511, 511},
        {"512 and 513 share one", 512, 513},
        {"513", 513, 513},
        {"1023", 1023, 1023},
        {"1024 to 1027 share one", 1024, 1027},
        {"1 ms", UINT64_C(1000000000), UINT64_C(1000341503)},
        {"the highest", UINT64_MAX, UINT64_MAX},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++)
        check_row(i, rows[i].rule, rec_bucket_edge_ps(bucket_of(rows[i].value)),
                  rows[i].edge);
    assert_int_equal(bucket_of(UINT64_MAX), REC_BUCKETS_N - 1);
}

static void edges_rise_from_bucket_to_bucket(void **state)
{
    (void)state;
    for (uint32_t i = 1; i < REC_BUCKETS_N; i++)
        check_row(i, "edge", rec_bucket_edge_ps(i) > rec_bucket_edge_ps(i - 1), true);
}

static int ascending(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static uint64_t draw(uint64_t *x)
{
    *x = *x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *x >> (20 + (*x >> 59)); /* over many powers of two */
}

/* Fills values, sorted, and h with the same. */
static void fill(struct rec_histogram *h, uint64_t *values, size_t n, uint64_t seed)
{
    for (size_t i = 0; i < n; i++) {
        values[i] = draw(&seed);
        rec_histogram_add(h, values[i]);
    }
    qsort(values, n, sizeof *values, ascending);
}

static void a_quantile_is_at_most_a_bucket_above_the_sorted_value(void **state)
{
    static const uint32_t per_myriad[] = {1,    100,  2500, 5000, 9000,
                                          9900, 9990, 9999, 10000};
    static const size_t sizes[] = {1, 2, 3, 99, 100, 101, 9999, 10000, 10001};
    uint64_t *values = calloc(10001, sizeof *values);

    (void)state;
    assert_non_null(values);
    for (size_t s = 0; s < ROWS_N(sizes); s++) {
        struct rec_histogram *h = new_histogram();

        fill(h, values, sizes[s], s);
        for (size_t q = 0; q < ROWS_N(per_myriad); q++) {
            /* Nearest rank: the smallest value with at least that share at or below. */
            const size_t rank = (sizes[s] * per_myriad[q] + 9999) / 10000;
            const uint64_t want = values[rank - 1];
            const uint64_t got = rec_histogram_quantile_ps(h, per_myriad[q]);

            check_row(s * 100 + q, "not below", got >= want, true);
            check_row(s * 100 + q, "within 1/256", got - want <= want / 256 + 1, true);
            check_row(s * 100 + q, "never above the maximum",
                      got <= values[sizes[s] - 1], true);
        }
        check_row(s, "the maximum is exact", rec_histogram_quantile_ps(h, 10000),
                  values[sizes[s] - 1]);
        check_row(s, "n", h->n, sizes[s]);
        free(h);
    }
    free(values);
}

static void quantiles_at_the_border_of_a_rank(void **state)
{
    /* 99 values of 100 ps and one of 200 ps. */
    static const struct {
        const char *rule;
        uint32_t per_myriad;
        uint64_t want;
    } rows[] = {
        {"99 % lie at or below 100", 9900, 100},
        {"a hair more does not", 9901, 200},
        {"the lowest", 0, 100},
    };
    struct rec_histogram *h = new_histogram();

    (void)state;
    assert_int_equal(rec_histogram_quantile_ps(h, 5000), 0); /* empty */
    for (int i = 0; i < 99; i++)
        rec_histogram_add(h, 100);
    rec_histogram_add(h, 200);
    for (size_t i = 0; i < ROWS_N(rows); i++)
        check_row(i, rows[i].rule, rec_histogram_quantile_ps(h, rows[i].per_myriad),
                  rows[i].want);
    free(h);
}

static void merging_is_adding_all_values_to_one(void **state)
{
    struct rec_histogram *a = new_histogram(), *b = new_histogram(),
                         *all = new_histogram();
    uint64_t xa = 1, xb = 2;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        const uint64_t va = draw(&xa), vb = draw(&xb) + 1000;

        rec_histogram_add(a, va);
        rec_histogram_add(b, vb);
        rec_histogram_add(all, va);
        rec_histogram_add(all, vb);
    }
    rec_histogram_merge(a, b);
    assert_memory_equal(a, all, sizeof *a);

    /* The maximum is the larger of both, whichever side has it. */
    memset(b, 0, sizeof *b);
    rec_histogram_merge(b, all);
    assert_int_equal(b->max_ps, all->max_ps);
    memset(b, 0, sizeof *b);
    rec_histogram_merge(all, b);
    assert_memory_equal(a, all, sizeof *a);
    free(a);
    free(b);
    free(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bucket_ends_within_a_256th_above_each_value),
        cmocka_unit_test(values_below_512_have_a_bucket_of_their_own),
        cmocka_unit_test(edges_rise_from_bucket_to_bucket),
        cmocka_unit_test(a_quantile_is_at_most_a_bucket_above_the_sorted_value),
        cmocka_unit_test(quantiles_at_the_border_of_a_rank),
        cmocka_unit_test(merging_is_adding_all_values_to_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
