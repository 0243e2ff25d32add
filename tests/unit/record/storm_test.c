/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/record/storm_test.c - the sums of one pass against those of two. */
#include "model/record/storm.h"
#include "tests/unit/walker/rows.h"

#include <stdlib.h>

#define EVENTS_N 200

static uint64_t dice_state;

/* 0 to n - 1. */
static unsigned dice(unsigned n)
{
    dice_state =
        dice_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(dice_state >> 33) % n;
}

/* All faults, and how long blocks were made. */
struct history {
    struct rec_stall stalls[EVENTS_N];
    size_t n;
    uint64_t begin, end;
    bool any;
    unsigned open;
};

/* The time of faults between the first store and the last end. */
static uint64_t sum(const struct history *h, bool storm)
{
    uint64_t ps = 0;

    for (size_t i = 0; i < h->n; i++) {
        const struct rec_stall *x = &h->stalls[i];
        const uint64_t from = x->taken_ps > h->begin ? x->taken_ps : h->begin;
        const uint64_t to = x->reentry_ps < h->end ? x->reentry_ps : h->end;

        if (from < to && (x->storm || !storm))
            ps += to - from;
    }
    return ps;
}

static void coalesce(struct rec_storm *s, struct history *h, uint64_t now,
                     bool may_begin)
{
    if (h->open && (!may_begin || dice(2))) {
        rec_storm_done(s, now);
        h->open--;
        h->end = now;
        return;
    }
    if (!may_begin)
        return;
    rec_storm_begin(s, now);
    h->open++;
    if (!h->any)
        h->begin = now;
    h->any = true;
}

static void play(uint64_t seed, struct rec_storm *s, struct history *h)
{
    uint64_t now = 0;

    dice_state = seed;
    *s = (struct rec_storm){.coalesces_n = 0};
    *h = (struct history){.n = 0};
    const size_t last = dice(EVENTS_N); /* that may begin a coalescing */
    for (size_t i = 0; i < EVENTS_N; i++) {
        now += dice(20);
        if (dice(6) == 0) {
            coalesce(s, h, now, i <= last);
            continue;
        }
        h->stalls[h->n] =
            (struct rec_stall){now - dice((unsigned)now + 1) % 60, now, dice(2)};
        rec_storm_add(s, &h->stalls[h->n++]);
    }
    for (; h->open; h->open--) { /* those that were begun late */
        h->end = now += 5;
        rec_storm_done(s, now);
    }
}

static void one_pass_gives_the_sums_of_all_faults_between_first_and_last(void **state)
{
    static struct history h;
    struct rec_storm s;
    unsigned after_n = 0;

    (void)state;
    for (uint64_t seed = 0; seed < 2000; seed++) {
        play(seed, &s, &h);
        check_row(seed, "all", s.inside.all_ps, sum(&h, false));
        check_row(seed, "storm", s.inside.storm_ps, sum(&h, true));
        check_row(seed, "first store", s.begin_ps, h.begin);
        check_row(seed, "last end", s.end_ps, h.end);
        after_n += s.after.all_ps > 0;
    }
    assert_true(after_n > 1000); /* faults behind the end were among them */
}

static void what_was_behind_the_end_is_inside_when_another_begins(void **state)
{
    struct rec_storm s = {.coalesces_n = 0};

    (void)state;
    rec_storm_add(&s, &(struct rec_stall){0, 90, true}); /* before the first */
    rec_storm_begin(&s, 100);
    rec_storm_done(&s, 200);
    rec_storm_add(&s, &(struct rec_stall){150, 260, true});
    assert_int_equal(s.inside.storm_ps, 50);
    rec_storm_begin(&s, 300);
    assert_int_equal(s.inside.storm_ps, 110);
    rec_storm_add(&s, &(struct rec_stall){270, 290, false}); /* told later */
    rec_storm_done(&s, 400);
    assert_int_equal(s.inside.storm_ps, 110);
    assert_int_equal(s.inside.all_ps, 130);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_pass_gives_the_sums_of_all_faults_between_first_and_last),
        cmocka_unit_test(what_was_behind_the_end_is_inside_when_another_begins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
