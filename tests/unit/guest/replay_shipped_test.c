/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/guest/replay_shipped_test.c - the recording that comes with the program.
 */
#include "model/guest/replay.h"
#include "tests/unit/walker/rows.h"

#include <stdlib.h>

#define RECORDING                                                                      \
    STAGE2SIM_SOURCE_DIR "/scenarios/traces/kvm612-pagetable-2m-4vcpu-adjust.txt.xz"

static int load(void **state)
{
    struct replay *r = calloc(1, sizeof *r);
    const struct replay_cfg cfg = {.slot = 1, .vcpus_n = 4};
    struct replay_error err;
    struct trace_error trace_err;
    struct trace t;
    bool ok;

    if (!r || !trace_import_file(RECORDING, &t, &trace_err))
        return -1;
    ok = replay_init(r, &t, &cfg, &err);
    trace_free(&t);
    *state = r;
    return ok ? 0 : -1;
}

static int unload(void **state)
{
    replay_free(*state);
    free(*state);
    return 0;
}

/* The counts that scenarios/traces/README.md gives. */
static void attempts_end_as_the_readme_counts_them(void **state)
{
    const struct replay *r = *state;
    size_t how[REPLAY_UNKNOWN + 1] = {0}, eagain = 0;

    for (size_t i = 0; i < r->attempts_n; i++) {
        how[r->attempts[i].how]++;
        eagain += r->attempts[i].eagain;
    }
    assert_int_equal(r->attempts_n, 825);
    assert_int_equal(how[REPLAY_WON], 64);
    assert_int_equal(how[REPLAY_LOCKED], 690);
    assert_int_equal(how[REPLAY_LOST], 7);
    assert_int_equal(how[REPLAY_FOUND], 64);
    assert_int_equal(how[REPLAY_MAPPED], 0);
    assert_int_equal(eagain, 761);
    assert_int_equal(r->breaks_won, 64);
    assert_int_equal(r->makes, 64);
    assert_int_equal(r->tables_freed, 64);
    assert_int_equal(r->tlbi_vmid, 64);
    assert_int_equal(r->tlbi_ipa, 0);
}

static void each_of_64_blocks_is_won_once(void **state)
{
    const struct replay *r = *state;
    unsigned won[64] = {0};

    for (size_t i = 0; i < r->attempts_n; i++) {
        const uint64_t block = (r->attempts[i].ipa.v - UINT64_C(0xfff7e00000)) >> 21;

        check_row(i, "inside the slot", block < 64, true);
        won[block] += r->attempts[i].how == REPLAY_WON;
    }
    for (size_t b = 0; b < 64; b++)
        check_row(b, "won once", won[b], 1);
}

/* Walks the order by always passing the step that stands at the cursor. */
static void the_recorded_order_can_be_passed_to_its_end(void **state)
{
    struct replay *r = *state;
    size_t *attempt_at = calloc(r->steps_n, sizeof *attempt_at);
    int *step_at = calloc(r->steps_n, sizeof *step_at);

    assert_non_null(attempt_at);
    assert_non_null(step_at);
    for (size_t a = 0; a < r->attempts_n; a++) {
        size_t last = 0;

        for (int s = 0; s < REPLAY_STEPS_N; s++) {
            const size_t at = r->attempts[a].step_at[s];

            check_row(a, "an attempt's steps are in order", s == 0 || at >= last, true);
            last = at;
            attempt_at[at] = a;
            step_at[at] = s; /* the last of those that share a place */
        }
    }
    for (size_t i = 0; i < r->host_n; i++)
        step_at[r->host[i].step_at] = -1 - (int)i;
    while (r->cursor < r->steps_n) {
        const size_t at = r->cursor;

        if (step_at[at] < 0) {
            assert_true(replay_host_pass(r, (size_t)(-1 - step_at[at])));
            continue;
        }
        check_row(at, "its turn", replay_may_pass(r, attempt_at[at], step_at[at]),
                  true);
        assert_true(replay_pass(r, attempt_at[at], step_at[at]));
    }
    free(attempt_at);
    free(step_at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attempts_end_as_the_readme_counts_them),
        cmocka_unit_test(each_of_64_blocks_is_won_once),
        cmocka_unit_test(the_recorded_order_can_be_passed_to_its_end),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
