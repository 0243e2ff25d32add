/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/record/replay_closed_test.c - a closed-loop replay beside its recording.
 */
#define _POSIX_C_SOURCE 200809L /* fmemopen */
#include "model/record/results.h"
#include "tests/unit/walker/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SEEDS 6
#define VCPUS 2
#define BLOCKS 2

static const struct arch_fault level_2 = {
    .type = ARCH_FAULT_TRANSLATION, .stage = 2, .level = 2};
static const struct arch_fault start = {
    .type = ARCH_FAULT_PERMISSION, .stage = 2, .level = -1};

/* A run whose recording has all probes; both sides alike but for eagain_n attempts that
 * the model has besides. */
static struct rec_run run_of(unsigned eagain_n)
{
    const struct rec_cfg cfg = {.vcpus_n = VCPUS, .bin_ps = 1000000};
    struct rec_run r;

    rec_init(&r, &cfg);
    r.recorded.has_results = r.recorded.has_breaks = r.recorded.has_makes = true;
    r.recorded.has_frees = r.recorded.has_relaxations = r.recorded.has_tlbis = true;
    r.closed = rec_closed_new(VCPUS, BLOCKS);
    r.closed->accesses = 3;
    for (int side = 0; side < REC_SIDES_N; side++) {
        rec_closed_attempt(r.closed, side, 0, 0, &level_2, false);
        rec_closed_attempt(r.closed, side, 1, 1, &start, true);
        r.closed->blocks[1].side[side] = (struct rec_closed_deeds){2, 3, 1, 4};
    }
    for (unsigned i = 0; i < eagain_n; i++)
        rec_closed_attempt(r.closed, REC_SIMULATED, 1, 1, &level_2, true);
    return r;
}

static struct rec_replay_count count_of(const struct rec_run *r, const char *quantity)
{
    const size_t max = rec_closed_counts_max(r);
    struct rec_replay_count *all = calloc(max, sizeof *all);
    struct rec_replay_count found = {.quantity = ""};
    const size_t n = all ? rec_closed_counts(r, all, max) : 0;

    assert_in_range(n, 1, max - 1);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(all[i].quantity, quantity) == 0)
            found = all[i];
    }
    free(all);
    if (!found.quantity[0])
        fail_msg("no quantity %s", quantity);
    return found;
}

static void attempts_are_counted_by_side_phase_vcpu_type_and_level(void **state)
{
    static const struct {
        const char *quantity;
        double recorded, simulated;
    } rows[] = {
        {"attempts", 2, 4},
        {"done", 1, 1},
        {"eagain", 1, 3},
        {"eagain_percent", 50, 75},
        {"phase0_faults", 1, 1},
        {"phase0_translation-2", 1, 1},
        {"phase0_vcpu0", 1, 1},
        {"phase0_vcpu1", 0, 0},
        {"phase1_faults", 1, 3},
        {"phase1_eagain", 1, 3},
        {"phase1_translation-2", 0, 2},
        {"phase1_permission-0", 1, 1}, /* level -1 stands with 0 */
        {"phase1_vcpu1", 1, 3},
        {"breaks_won", 2, 2},
        {"makes", 3, 3},
        {"table_frees", 1, 1},
        {"relaxations", 4, 4},
        {"blocks_exact", BLOCKS, BLOCKS},
    };
    struct rec_run r = run_of(2);

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct rec_replay_count c = count_of(&r, rows[i].quantity);

        if (c.recorded != rows[i].recorded || c.simulated != rows[i].simulated)
            fail_msg("%s: %g, %g", rows[i].quantity, c.recorded, c.simulated);
    }
    rec_free(&r);
}

static void phases_past_the_last_count_with_it(void **state)
{
    struct rec_run r = run_of(0);

    (void)state;
    rec_closed_attempt(r.closed, REC_SIMULATED, REC_CLOSED_PHASES + 5, 0, &level_2,
                       true);
    assert_int_equal(r.closed->phases_n, REC_CLOSED_PHASES);
    assert_int_equal(r.closed->phases[REC_SIMULATED][REC_CLOSED_PHASES - 1].attempts,
                     1);
    rec_free(&r);
}

static void a_block_is_exact_as_far_as_there_are_probes(void **state)
{
    struct rec_run r = run_of(0);
    struct rec_closed_deeds *got = &r.closed->blocks[1].side[REC_SIMULATED];

    (void)state;
    got->relaxations = 9; /* depends on who comes first */
    assert_true(rec_closed_block_is_exact(&r, 1));
    got->makes = 4;
    assert_false(rec_closed_block_is_exact(&r, 1));
    assert_int_equal(count_of(&r, "blocks_exact").simulated, 1);
    r.recorded.has_makes = false;
    assert_true(rec_closed_block_is_exact(&r, 1));
    got->breaks = 1;
    assert_false(rec_closed_block_is_exact(&r, 1));
    got->breaks = 2;
    got->frees = 0;
    assert_false(rec_closed_block_is_exact(&r, 1));
    r.recorded.has_breaks = r.recorded.has_frees = false;
    assert_true(isnan(count_of(&r, "blocks_exact").recorded));
    rec_free(&r);
}

static void the_summary_has_median_interval_and_equal_seeds(void **state)
{
    static const char *const names[] = {"v"};
    struct rec_run runs[SEEDS];
    const struct rec_results all = {
        .variants = names, .variants_n = 1, .seeds_n = SEEDS, .runs = runs};
    struct rec_closed_row *rows;
    size_t n, max, seen = 0;

    (void)state;
    for (unsigned i = 0; i < SEEDS; i++)
        runs[i] = run_of(i); /* eagain: 1 + i, recorded 1 */
    max = rec_closed_counts_max(&runs[0]);
    rows = calloc(max, sizeof *rows);
    assert_non_null(rows);
    n = rec_closed_summary(&all, 0, rows, max);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(rows[i].count.quantity, "eagain") == 0) {
            assert_true(rows[i].simulated.median == 3.5);
            assert_true(rows[i].simulated.lo == 1 && rows[i].simulated.hi == 6);
            assert_int_equal(rows[i].equal_n, 1);
            seen++;
        }
        if (strcmp(rows[i].count.quantity, "phase0_access_flag-1") == 0) {
            assert_true(rec_closed_row_is_silent(&rows[i]));
            seen++;
        }
        if (strcmp(rows[i].count.quantity, "phase1_translation-2") == 0) {
            assert_false(rec_closed_row_is_silent(&rows[i])); /* the model alone */
            seen++;
        }
    }
    assert_int_equal(seen, 3);
    free(rows);
    for (unsigned i = 0; i < SEEDS; i++)
        rec_free(&runs[i]);
}

static void a_replay_goes_through_a_pipe_whole_or_not_at_all(void **state)
{
    struct rec_run r = run_of(3);
    struct rec_closed *got;
    char *bytes;
    size_t len;
    FILE *out = open_memstream(&bytes, &len), *in;

    (void)state;
    assert_non_null(out);
    rec_closed_save(r.closed, out);
    fclose(out);
    for (size_t cut = 1; cut < len; cut += 97) {
        in = fmemopen(bytes, cut, "rb");
        assert_false(rec_closed_load(&got, in));
        fclose(in);
        rec_closed_free(got);
    }
    in = fmemopen(bytes, len, "rb");
    assert_true(rec_closed_load(&got, in));
    fclose(in);
    assert_memory_equal(got->phases, r.closed->phases, sizeof got->phases);
    assert_memory_equal(got->vcpus, r.closed->vcpus, VCPUS * sizeof *got->vcpus);
    assert_memory_equal(got->blocks, r.closed->blocks, BLOCKS * sizeof *got->blocks);
    rec_closed_free(got);
    free(bytes);
    rec_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attempts_are_counted_by_side_phase_vcpu_type_and_level),
        cmocka_unit_test(phases_past_the_last_count_with_it),
        cmocka_unit_test(a_block_is_exact_as_far_as_there_are_probes),
        cmocka_unit_test(the_summary_has_median_interval_and_equal_seeds),
        cmocka_unit_test(a_replay_goes_through_a_pipe_whole_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
