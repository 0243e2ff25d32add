/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/guest/replay_order_test.c - the recorded order, step by step. */
#include "tests/unit/guest/recording.h"

#include <stdio.h>
#include <string.h>

#define STARTED                                                                        \
    SLOT_CREATED(1), RUN(7, 0), RUN(8, 1), ENTRY(7), ENTRY(8), EXIT(7), EXIT(8)
#define LOOK_2 (enum replay_step)(REPLAY_WALK_0 + 2 * REPLAY_ACTS_N + REPLAY_LOOK)
#define BREAK_2 (enum replay_step)(REPLAY_WALK_0 + 2 * REPLAY_ACTS_N + REPLAY_BREAK)
#define MAKE_2 (enum replay_step)(REPLAY_WALK_0 + 2 * REPLAY_ACTS_N + REPLAY_MAKE)
#define BOTH_FAULT FAULT(7, PAGE_AT(1), ESR_READ_T3), FAULT(8, PAGE_AT(2), ESR_READ_T3)

static const char *const step_names[REPLAY_STEPS_N] = {
    "entry", "exit",  "map",    "look0", "break0", "make0",  "look1", "break1",
    "make1", "look2", "break2", "make2", "look3",  "break3", "make3", "return"};

/* The order as text: attempt number and step, e.g. "0.entry 1.entry 0.exit". */
static void write_order(const struct replay *r, char *out, size_t out_n)
{
    size_t n = 0;

    out[0] = '\0';
    for (size_t at = 0; at < r->steps_n; at++) {
        for (size_t a = 0; a < r->attempts_n; a++) {
            for (int s = 0; s < REPLAY_STEPS_N; s++) {
                if (r->attempts[a].step_at[s] == at &&
                    (s == REPLAY_RETURN || r->attempts[a].step_at[s + 1] != at))
                    n += (size_t)snprintf(out + n, out_n - n, "%s%zu.%s", n ? " " : "",
                                          a, step_names[s]);
            }
        }
    }
}

/* Thread 7 is attempt 0, thread 8 attempt 1. */
static const struct {
    const char *rule;
    struct trace_event lines[24];
    size_t lines_n;
    const char *want;
    uint64_t inferred;
} rows[] = {
    {"the read ends at s2_break, the compare-and-swap at the thread's next line",
     {STARTED, BOTH_FAULT, MAP(7), BREAK(7, TABLE_ENTRY), TLBI(7), MAKE(7), RET(7, 0),
      MAP(8), RET(8, -EAGAIN)},
     16,
     "0.entry 1.entry 0.exit 1.exit 0.map 0.look2 0.break2 0.make2 0.return 1.map "
     "1.return",
     0},
    {"a store ends at the next line of its thread, behind what others print",
     {STARTED, BOTH_FAULT, MAP(8), MAP(7), BREAK(7, TABLE_ENTRY), TLBI(7), MAKE(7),
      RET(8, -EAGAIN), RET(7, 0)},
     16,
     "0.entry 1.entry 0.exit 1.exit 1.map 0.map 0.look2 0.break2 1.return 0.make2 "
     "0.return",
     0},
    {"other threads' lines do not bound a compare-and-swap",
     {STARTED, BOTH_FAULT, MAP(7), BREAK(7, TABLE_ENTRY), MAP(8), BREAK(8, 0x800),
      TLBI(7), MAKE(7), RET(7, 0), RET(8, 0)},
     17,
     "0.entry 1.entry 0.exit 1.exit 0.map 0.look2 1.map 1.look2 0.break2 0.make2 "
     "0.return 1.break2 1.make2 1.return",
     0},
    {"a locked value that was read shows that the winner was through",
     {STARTED, BOTH_FAULT, MAP(7), BREAK(7, TABLE_ENTRY), MAP(8),
      BREAK(8, LOCKED_ENTRY), RET(8, -EAGAIN), TLBI(7), MAKE(7), RET(7, 0)},
     17,
     "0.entry 1.entry 0.exit 1.exit 0.map 0.look2 1.map 0.break2 1.look2 1.return "
     "0.make2 0.return",
     1},
    {"a loser's next line shows that the winner was through",
     {STARTED, BOTH_FAULT, MAP(7), BREAK(7, TABLE_ENTRY), MAP(8), BREAK(8, TABLE_ENTRY),
      RET(8, -EAGAIN), TLBI(7), MAKE(7), RET(7, 0)},
     17,
     "0.entry 1.entry 0.exit 1.exit 0.map 0.look2 1.map 1.look2 0.break2 1.break2 "
     "1.return "
     "0.make2 0.return",
     1},
};

static void steps_of_all_attempts_form_one_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        char order[1000];
        struct replay r;

        recording_replay_ok(rows[i].lines, rows[i].lines_n, 2, &r);
        write_order(&r, order, sizeof order);
        if (strcmp(order, rows[i].want) != 0)
            fail_msg("row %zu (%s): the order is\n%s, want\n%s", i, rows[i].rule, order,
                     rows[i].want);
        check_row(i, rows[i].rule, r.breaks_inferred, rows[i].inferred);
        replay_free(&r);
    }
}

/* Row 0: who may pass what, when everything happens in the recorded order. */
static void a_step_may_pass_when_all_before_it_are_over(void **state)
{
    static const struct {
        size_t attempt;
        enum replay_step step;
    } order[] = {
        {0, REPLAY_ENTRY},  {1, REPLAY_ENTRY}, {0, REPLAY_EXIT},   {1, REPLAY_EXIT},
        {0, REPLAY_MAP},    {0, LOOK_2},       {0, BREAK_2},       {0, MAKE_2},
        {0, REPLAY_RETURN}, {1, REPLAY_MAP},   {1, REPLAY_RETURN},
    };
    struct replay r;

    (void)state;
    recording_replay_ok(rows[0].lines, rows[0].lines_n, 2, &r);
    assert_int_equal(r.steps_n, ROWS_N(order));
    for (size_t i = 0; i < ROWS_N(order); i++) {
        for (size_t k = 0; k < ROWS_N(order); k++)
            check_row(i * 100 + k, "over, or next",
                      replay_may_pass(&r, order[k].attempt, order[k].step), k <= i);
        check_row(i, "the cursor moves",
                  replay_pass(&r, order[i].attempt, order[i].step), true);
        check_row(i, "by one", r.cursor, i + 1);
        check_row(i, "but not twice", replay_pass(&r, order[i].attempt, order[i].step),
                  false);
    }
    replay_free(&r);
}

static void a_step_without_a_line_has_the_place_of_the_next_one(void **state)
{
    struct replay r;

    (void)state;
    recording_replay_ok(rows[0].lines, rows[0].lines_n, 2, &r);
    assert_int_equal(r.attempts[1].step_at[LOOK_2],
                     r.attempts[1].step_at[REPLAY_RETURN]);
    assert_true(replay_pass(&r, 0, REPLAY_RETURN));
    assert_true(replay_pass(&r, 1, REPLAY_MAP));
    assert_true(replay_may_pass(&r, 1, LOOK_2));
    assert_false(replay_pass(&r, 1, LOOK_2)); /* the return is still to come */
    assert_true(replay_pass(&r, 1, REPLAY_RETURN));
    assert_int_equal(r.cursor, r.steps_n);
    replay_free(&r);
}

static void without_results_each_line_has_its_place(void **state)
{
    static const struct trace_event lines[] = {
        STARTED,  BOTH_FAULT, MAP(7),  BREAK(7, TABLE_ENTRY), TLBI(7), MAKE(7),
        ENTRY(7), MAP(8),     ENTRY(8)};
    char order[1000];
    struct replay r;

    (void)state;
    recording_replay_ok(lines, ROWS_N(lines), 2, &r);
    write_order(&r, order, sizeof order);
    assert_string_equal(order,
                        "0.entry 1.entry 0.exit 1.exit 0.map 0.look2 0.break2 0.make2 "
                        "0.return 1.map 1.return");
    replay_free(&r);
}

/* An attempt that leaves the recorded course must not hold up the others. */
static void passing_a_step_ends_the_earlier_ones_of_the_attempt(void **state)
{
    struct replay r;

    (void)state;
    recording_replay_ok(rows[0].lines, rows[0].lines_n, 2, &r);
    assert_false(replay_pass(&r, 1, REPLAY_EXIT)); /* 0.entry is still open */
    assert_int_equal(r.cursor, 0);
    assert_true(replay_pass(&r, 0, REPLAY_RETURN)); /* all of 0, and 1 up to its exit */
    assert_int_equal(r.cursor, 9);
    assert_true(replay_may_pass(&r, 1, REPLAY_MAP));
    assert_false(replay_may_pass(&r, 1, LOOK_2));
    assert_true(replay_pass(&r, 1, REPLAY_RETURN));
    assert_int_equal(r.cursor, r.steps_n);
    replay_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_of_all_attempts_form_one_order),
        cmocka_unit_test(a_step_may_pass_when_all_before_it_are_over),
        cmocka_unit_test(a_step_without_a_line_has_the_place_of_the_next_one),
        cmocka_unit_test(without_results_each_line_has_its_place),
        cmocka_unit_test(passing_a_step_ends_the_earlier_ones_of_the_attempt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
