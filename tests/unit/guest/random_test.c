/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/guest/random_test.c - numbers that depend on stream and index alone. */
#include "model/guest/random.h"
#include "tests/unit/walker/rows.h"

#include <stdbool.h>
#include <stdlib.h>

/* The outputs of SplitMix64 from state 0, as its authors' code prints them. */
static void a_stream_is_splitmix64(void **state)
{
    static const uint64_t want[] = {UINT64_C(0xe220a8397b1dcdaf),
                                    UINT64_C(0x6e789e6aa1b965f4),
                                    UINT64_C(0x06c45d188009454f)};

    (void)state;
    for (size_t i = 0; i < ROWS_N(want); i++)
        check_row(i, "SplitMix64, seed 0", guest_random(0, i), want[i]);
}

static void below_scales_to_the_whole_range(void **state)
{
    static const struct {
        const char *rule;
        uint64_t random, n, want;
    } rows[] = {
        {"the lowest", 0, 10, 0},
        {"the highest", UINT64_MAX, 10, 9},
        {"one value", UINT64_MAX, 1, 0},
        {"the middle", UINT64_C(1) << 63, 10, 5},
        {"just below the middle", (UINT64_C(1) << 63) - 1, 10, 4},
        {"the full range", UINT64_MAX, UINT64_MAX, UINT64_MAX - 1},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++)
        check_row(i, rows[i].rule, guest_below(rows[i].random, rows[i].n),
                  rows[i].want);
}

static void the_last_value_below_is_the_last(void **state)
{
    static const struct {
        uint64_t k, n;
    } rows[] = {{1, 1},
                {1, 10},
                {9, 10},
                {10, 10},
                {1, 1000000},
                {3, 1000000},
                {980000, 1000000},
                {999999, 1000000},
                {1000000, 1000000}};

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const uint64_t k = rows[i].k, n = rows[i].n, last = guest_last_below(k, n);

        check_row(i, "it is below", guest_below(last, n), k - 1);
        if (last != UINT64_MAX)
            check_row(i, "the next one is not", guest_below(last + 1, n), k);
        check_row(i, "all are below n", last == UINT64_MAX, k == n);
    }
}

static int ascending(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static void seeds_vcpus_and_purposes_give_different_streams(void **state)
{
    enum { SEEDS_N = 40, VCPUS_N = 20, PURPOSES_N = 2 };
    uint64_t streams[SEEDS_N * VCPUS_N * PURPOSES_N];
    size_t n = 0;

    (void)state;
    for (uint64_t seed = 0; seed < SEEDS_N; seed++) {
        for (uint32_t vcpu = 0; vcpu < VCPUS_N; vcpu++) {
            for (uint32_t purpose = 0; purpose < PURPOSES_N; purpose++)
                streams[n++] = guest_stream(seed, vcpu, purpose);
        }
    }
    qsort(streams, n, sizeof *streams, ascending);
    for (size_t i = 1; i < n; i++)
        check_row(i, "no two alike", streams[i] != streams[i - 1], true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_is_splitmix64),
        cmocka_unit_test(below_scales_to_the_whole_range),
        cmocka_unit_test(the_last_value_below_is_the_last),
        cmocka_unit_test(seeds_vcpus_and_purposes_give_different_streams),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
