/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/guest/litmus_test.c - the delays of a litmus test, and what it asks for.
 */
#include "model/guest/litmus.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ROWS_N(rows) (sizeof(rows) / sizeof(*(rows)))

static void an_outcome_matches_all_words_of_one_alternative(void **state)
{
    static const struct {
        const char *asks, *outcome;
        bool want;
    } rows[] = {
        {"1:r0=1", "1:r0=1 1:r1=7", true},
        {"1:r0=1", "1:r0=10 1:r1=7", false}, /* another number */
        {"1:r0=1", "11:r0=1", false},
        {"1:r0=1 and 1:r1=7", "1:r0=1 1:r1=7", true},
        {"1:r0=1 and 1:r1=7", "1:r0=1 1:r1=8", false},
        {"1:r0=2 or 1:r1=7", "1:r0=1 1:r1=7", true},
        {"1:r0=1 or 1:r1=8", "1:r0=1 1:r1=7", true},
        {"1:r0=2 or 1:r1=8", "1:r0=1 1:r1=7", false},
        {"1:r0=1 and 1:r1=0 or 1:r0=1 and 1:r1=fault", "1:r0=1 1:r1=fault-s1-l3", true},
        {"1:r0=1 and 1:r1=0 or 1:r0=1 and 1:r1=fault", "1:r0=0 1:r1=fault-s1-l3",
         false},
        {"1:r0=fault-s2-l3", "1:r0=fault-s1-l3", false},
        {"1:r0=fault", "1:r0=conflict", false},
        {"mem:0x1000=2", "0:r0=1 mem:0x1000=2", true},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        if (litmus_matches(rows[i].asks, rows[i].outcome) != rows[i].want)
            fail_msg("row %zu: %s, %s", i, rows[i].asks, rows[i].outcome);
    }
}

static void every_round_has_its_own_delays(void **state)
{
    struct litmus_sweep sweeps[] = {{0, 10, 30, 10}, {2, 0, 1, 1}, {0, 0, 100, 100}};
    struct litmus_warm warm = {0, 0};
    struct guest_litmus g = {.sweeps = sweeps, .sweeps_n = 3};
    unsigned seen[131] = {0};

    (void)state;
    assert_int_equal(litmus_rounds_n(&g), 3 * 2 * 2);
    for (uint64_t round = 0; round < 12; round++) {
        assert_int_equal(litmus_delay_ps(&g, round, 1), 0);
        assert_in_range(litmus_delay_ps(&g, round, 2), 0, 1);
        seen[litmus_delay_ps(&g, round, 0)] |= 1u << litmus_delay_ps(&g, round, 2);
        assert_false(litmus_is_warm(&g, round));
    }
    for (unsigned i = 0; i < 3; i++) { /* two sweeps of one step add up */
        assert_int_equal(seen[10 + 10 * i], 3);
        assert_int_equal(seen[110 + 10 * i], 3);
    }
    g.warm = &warm;
    g.warm_n = 1;
    assert_int_equal(litmus_rounds_n(&g), 24);
    assert_true(litmus_is_warm(&g, 11));
    assert_false(litmus_is_warm(&g, 12));
    assert_int_equal(litmus_delay_ps(&g, 12 + 5, 0), litmus_delay_ps(&g, 5, 0));
}

static void only_registers_of_loads_and_final_words_can_be_asked_for(void **state)
{
    struct litmus_step steps[2] = {{.kind = LITMUS_LOAD, .vcpu = 1, .to = "r0"},
                                   {.kind = LITMUS_STORE, .vcpu = 1, .to = "r1"}};
    struct litmus_word final = {0x1000, 0};
    char asks[64], word[LITMUS_OUTCOME_MAX];
    static const struct {
        const char *asks, *unknown;
    } rows[] = {
        {"1:r0=1 and mem:0x1000=2", NULL},
        {"1:r0=fault", NULL},
        {"1:r1=1", "1:r1=1"},
        {"0:r0=1", "0:r0=1"},
        {"1:r0=1 or 1:r=2", "1:r=2"},
        {"mem:0x1001=2", "mem:0x1001=2"},
        {"1:r0=", "1:r0="},
        {"r0", "r0"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct guest_litmus g = {
            .asks = asks, .steps = steps, .steps_n = 2, .final = &final, .final_n = 1};

        strcpy(asks, rows[i].asks);
        if (litmus_unknown_word(&g, word) != (rows[i].unknown != NULL))
            fail_msg("row %zu: %s", i, asks);
        if (rows[i].unknown)
            assert_string_equal(word, rows[i].unknown);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_outcome_matches_all_words_of_one_alternative),
        cmocka_unit_test(every_round_has_its_own_delays),
        cmocka_unit_test(only_registers_of_loads_and_final_words_can_be_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
