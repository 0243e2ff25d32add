/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/guest/think_test.c - think times and the requests of a working set. */
#include "model/guest/think.h"
#include "model/guest/working_set.h"
#include "tests/unit/walker/rows.h"

#include <stdlib.h>

#define DRAWS 20000
#define TIME_PS UINT64_C(100000)

static const struct {
    const char *rule;
    struct guest_think think;
    uint64_t min, max; /* of a draw; a mean of TIME_PS within 3 % */
} rows[] = {
    {"fixed is the time",
     {.model = GUEST_THINK_FIXED, .time_ps = TIME_PS},
     TIME_PS,
     TIME_PS},
    {"uniform keeps within the spread",
     {.model = GUEST_THINK_UNIFORM, .time_ps = TIME_PS, .spread_ppm = 500000},
     TIME_PS / 2,
     TIME_PS + TIME_PS / 2},
    {"a spread of 0 is the time",
     {.model = GUEST_THINK_UNIFORM, .time_ps = TIME_PS, .spread_ppm = 0},
     TIME_PS,
     TIME_PS},
    {"a spread of 100 % goes from 0 to twice the time",
     {.model = GUEST_THINK_UNIFORM, .time_ps = TIME_PS, .spread_ppm = 1000000},
     0,
     2 * TIME_PS},
    {"exponential has a long tail",
     {.model = GUEST_THINK_EXPONENTIAL, .time_ps = TIME_PS},
     0,
     40 * TIME_PS},
};

static void times_have_the_range_and_the_mean_of_their_model(void **state)
{
    (void)state;
    for (size_t row = 0; row < ROWS_N(rows); row++) {
        struct guest_think_times t;
        uint64_t least = UINT64_MAX, most = 0, sum = 0;

        guest_think_init(&t, &rows[row].think, 7, 3);
        for (uint64_t i = 0; i < DRAWS; i++) {
            const uint64_t ps = guest_think_ps(&t, i);

            least = ps < least ? ps : least;
            most = ps > most ? ps : most;
            sum += ps;
        }
        check_row(row, "not below its range", least >= rows[row].min, true);
        check_row(row, "not above its range", most <= rows[row].max, true);
        check_row(row, "its mean",
                  sum / DRAWS > TIME_PS * 97 / 100 && sum / DRAWS < TIME_PS * 103 / 100,
                  true);
        if (rows[row].min != rows[row].max)
            check_row(row, "it uses its range", most - least > TIME_PS / 2, true);
    }
}

static void other_seeds_vcpus_and_segments_give_other_times(void **state)
{
    const struct guest_think think = {
        .model = GUEST_THINK_EXPONENTIAL, .time_ps = TIME_PS, .phase_ps = 20 * TIME_PS};
    struct guest_think_times t[3];

    (void)state;
    guest_think_init(&t[0], &think, 1, 0);
    guest_think_init(&t[1], &think, 2, 0);
    guest_think_init(&t[2], &think, 1, 1);
    for (int i = 1; i < 3; i++) {
        assert_int_not_equal(guest_think_ps(&t[0], 5), guest_think_ps(&t[i], 5));
        assert_int_not_equal(guest_think_phase_ps(&t[0], 0),
                             guest_think_phase_ps(&t[i], 0));
    }
    assert_int_not_equal(guest_think_phase_ps(&t[0], 0),
                         guest_think_phase_ps(&t[0], 1));
    for (uint64_t segment = 0; segment < 1000; segment++)
        assert_true(guest_think_phase_ps(&t[0], segment) < think.phase_ps);
}

static void without_a_phase_all_go_on_at_once(void **state)
{
    const struct guest_think think = {.model = GUEST_THINK_FIXED};
    struct guest_think_times t;

    (void)state;
    guest_think_init(&t, &think, 1, 0);
    assert_int_equal(guest_think_phase_ps(&t, 0), 0);
    assert_int_equal(guest_think_ps(&t, 0), 0);
}

static void requests_of_a_working_set_arrive_at_their_rate_for_ever(void **state)
{
    const struct guest_working_set cfg = {
        .arrival = GUEST_ARRIVAL_POISSON, .interval_ps = TIME_PS, .accesses_n = 4};
    struct guest_use u;
    uint64_t last = 0;

    (void)state;
    guest_use_init(&u, &cfg, 3, 1);
    for (int i = 0; i < DRAWS; i++) {
        assert_true(u.arrival_ps >= last);
        last = u.arrival_ps;
        guest_use_next(&u);
    }
    assert_in_range(last / DRAWS, TIME_PS * 97 / 100, TIME_PS * 103 / 100);
    assert_int_not_equal(guest_use_random(&u), guest_use_random(&u));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_have_the_range_and_the_mean_of_their_model),
        cmocka_unit_test(other_seeds_vcpus_and_segments_give_other_times),
        cmocka_unit_test(without_a_phase_all_go_on_at_once),
        cmocka_unit_test(requests_of_a_working_set_arrive_at_their_rate_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
