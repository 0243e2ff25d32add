/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/record/run_test.c - what the machine reports lands where it belongs. */
#include "model/record/run.h"
#include "tests/unit/walker/rows.h"

#include <stdlib.h>

#define BIN UINT64_C(1000)

static int fresh(void **state)
{
    struct rec_run *r = malloc(sizeof *r);

    if (r)
        rec_init(r, &(struct rec_cfg){.vcpus_n = 3,
                                      .duration_ps = 1000000,
                                      .measure_from_ps = 2000,
                                      .slo_ps = 500,
                                      .bin_ps = BIN,
                                      .event_ps = REC_NEVER,
                                      .keep_faults = true});
    *state = r;
    return r ? 0 : -1;
}

static int done(void **state)
{
    rec_free(*state);
    free(*state);
    return 0;
}

static void an_access_counts_where_it_ends(void **state)
{
    struct rec_run *r = *state;

    r->cfg.duration_ps = 30 * REC_SLOT_PS;
    rec_add_access(r, 0, BIN - 1);
    rec_add_access(r, 0, BIN);
    rec_add_access(r, BIN, BIN + 7);
    rec_add_access(r, REC_SLOT_PS - 9, REC_SLOT_PS - 1);
    rec_add_access(r, REC_SLOT_PS - 9, REC_SLOT_PS);
    assert_int_equal(r->n.accesses, 5);
    assert_int_equal(r->bins[0].accesses, 1);
    assert_int_equal(r->bins[1].accesses, 2);
    assert_int_equal(r->bins_n, REC_SLOT_PS / BIN + 1);
    assert_int_equal(r->slots_n, 2);
    assert_int_equal(r->slots[0], 4);
    assert_int_equal(r->slots[1], 1);
    rec_add_access(r, 0, r->cfg.duration_ps - 1);
    rec_add_access(r, 0, r->cfg.duration_ps); /* slots end with the arrivals */
    assert_int_equal(r->slots_n, (r->cfg.duration_ps - 1) / REC_SLOT_PS + 1);
    assert_int_equal(r->slots[r->slots_n - 1], 1);
    assert_int_equal(r->access.n, 7);
    assert_int_equal(r->access.counts[7], 1);
    assert_int_equal(r->access.counts[8], 1);
    assert_int_equal(r->access.counts[9], 1);
    assert_int_equal(r->end_ps, r->cfg.duration_ps);
}

static void accesses_of_one_window_may_be_added_at_once(void **state)
{
    struct rec_run *r = *state, one_by_one;

    rec_init(&one_by_one, &r->cfg);
    for (uint64_t end = 100; end <= 2500; end += 300) {
        rec_add_access(&one_by_one, end - 70, end);
        rec_add_access(&one_by_one, end - 50, end + 20);
        rec_add_access(&one_by_one, end - 30, end + 40);
        rec_add_accesses(r, 3, 70, end + 40);
        assert_int_equal(rec_window_end(r, end), (end / BIN + 1) * BIN);
        assert_int_equal(rec_window_end(r, end + BIN), 0);
    }
    assert_int_equal(r->n.accesses, one_by_one.n.accesses);
    assert_int_equal(r->end_ps, one_by_one.end_ps);
    assert_memory_equal(&r->access, &one_by_one.access, sizeof r->access);
    assert_int_equal(r->bins_n, one_by_one.bins_n);
    assert_memory_equal(r->bins, one_by_one.bins, r->bins_n * sizeof *r->bins);
    assert_int_equal(r->slots[0], one_by_one.slots[0]);
    rec_free(&one_by_one);
}

/* A bin is no divisor of a slot; times jump between the ends of both, and requests make
 * the array of bins grow in between. */
static void times_in_any_order_find_their_bins_and_slots(void **state)
{
    enum { N = 3000, SLOTS_N = 40 };
    const uint64_t later[] = {5 * REC_SLOT_PS, 0};
    const uint64_t bin_ps = REC_SLOT_PS / 3 + 1, arrivals_ps = 33 * REC_SLOT_PS + 5;
    static uint64_t bins[4 * SLOTS_N], requests[5 * SLOTS_N], slots[SLOTS_N];
    struct rec_run *r = *state;
    uint64_t x = 1;

    r->cfg.bin_ps = bin_ps;
    r->cfg.duration_ps = arrivals_ps;
    for (unsigned i = 0; i < N; i++) {
        x = x * UINT64_C(6364136223846793005) + 1442695040888963407u;
        const uint64_t unit = x >> 20 & 1 ? bin_ps : REC_SLOT_PS;
        const uint64_t last = (x >> 40) % (1 + SLOTS_N * i / N);
        const uint64_t end = last * unit + (x >> 30) % 3 + (x >> 21 & 1) * 1000;

        for (unsigned k = 0; k < 2; k++) {
            rec_add_access(r, end, end);
            bins[end / bin_ps]++;
            slots[end / REC_SLOT_PS] += end < arrivals_ps;
            if (i % 100 == 0) {
                rec_add_request(r, 0, end + later[k]);
                requests[(end + later[k]) / bin_ps]++;
            }
        }
    }
    for (size_t i = 0; i < ROWS_N(bins); i++)
        check_row(i, "bin", i < r->bins_n ? r->bins[i].accesses : 0, bins[i]);
    for (size_t i = 0; i < ROWS_N(requests); i++)
        check_row(i, "requests", i < r->bins_n ? r->bins[i].requests : 0, requests[i]);
    for (size_t i = 0; i < ROWS_N(slots); i++)
        check_row(i, "slot", i < r->slots_n ? r->slots[i] : 0, slots[i]);
    assert_int_equal(r->n.accesses, 2 * N);
}

static void a_vm_stops_once_and_its_open_windows_end_there(void **state)
{
    struct rec_run *r = *state;
    const struct rec_change c = {.broken_ps = REC_NEVER, .mended_ps = REC_NEVER};
    const size_t open = rec_change_begin(r, &c), again = rec_change_begin(r, &c),
                 closed = rec_change_begin(r, &c);

    assert_int_equal(r->stopped_ps, REC_NEVER);
    rec_change_broken(r, open, 100);
    rec_change_broken(r, closed, 100);
    rec_change_mended(r, closed, 150);
    rec_change_broken(r, again, 100);
    rec_change_mended(r, again, 150);
    rec_change_broken(r, again, 250);
    rec_stop(r, 300);
    rec_stop(r, 200);
    assert_int_equal(r->stopped_ps, 300);
    assert_int_equal(r->end_ps, 300);
    assert_int_equal(r->changes[open].window_ps, 200);
    assert_int_equal(r->changes[again].window_ps, 100);
    assert_int_equal(r->changes[closed].window_ps, 50);
    assert_int_equal(r->bins[0].window_ps, 350);
}

static void a_request_is_measured_from_its_intended_arrival(void **state)
{
    static const struct {
        const char *rule;
        uint64_t arrival, end;
        uint64_t measured, missed; /* so far */
    } rows[] = {
        {"arrives 1 ps before the measured time", 1999, 9000, 0, 0},
        {"arrives with it", 2000, 2100, 1, 0},
        {"latency equal to the bound is kept", 2000, 2500, 2, 0},
        {"1 ps more is missed", 2000, 2501, 3, 1},
    };
    struct rec_run *r = *state;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        rec_add_request(r, rows[i].arrival, rows[i].end);
        check_row(i, rows[i].rule, r->n.requests, i + 1);
        check_row(i, rows[i].rule, r->n.measured_requests, rows[i].measured);
        check_row(i, rows[i].rule, r->request.n, rows[i].measured);
        check_row(i, rows[i].rule, r->n.slo_missed, rows[i].missed);
    }
    assert_int_equal(r->request.max_ps, 501);
    assert_int_equal(r->bins[2].requests, 3);
    assert_int_equal(r->bins[2].latency_max_ps, 501);
    assert_int_equal(r->bins[9].requests, 1);
    assert_int_equal(r->bins[9].latency_max_ps, 7001);
}

static void handler_time_is_split_at_the_borders_of_bins(void **state)
{
    struct rec_run *r = *state;
    const struct rec_fault f = {
        .taken_ps = 500, .reentry_ps = 3250, .vcpu = 1, .cls = REC_FAULT_WINDOW};
    const struct rec_fault whole = {
        .taken_ps = 1000, .reentry_ps = 2000, .vcpu = 1, .cls = REC_FAULT_WINDOW};
    const uint64_t want[] = {500, 2000, 1000, 250};

    rec_add_fault(r, &f);
    rec_add_fault(r, &whole);
    assert_int_equal(r->bins_n, ROWS_N(want));
    for (size_t i = 0; i < ROWS_N(want); i++)
        check_row(i, "part of the bin", r->bins[i].in_handler_ps, want[i]);
    assert_int_equal(r->end_ps, 3250);
}

static void each_class_counts_and_stalls_as_it_should(void **state)
{
    static const struct {
        const char *rule;
        enum rec_fault_class cls;
        bool redundant, stalls;
    } rows[] = {
        {"retry", REC_FAULT_RETRY, false, true},
        {"conflict", REC_FAULT_CONFLICT, true, true},
        {"nt", REC_FAULT_NT, true, true},
        {"window", REC_FAULT_WINDOW, true, true},
        {"race", REC_FAULT_RACE, false, true},
        {"stale_perm", REC_FAULT_STALE_PERM, false, true},
        {"needed", REC_FAULT_NEEDED, false, false},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        void *s;
        assert_int_equal(fresh(&s), 0);
        struct rec_run *r = s;

        rec_add_fault(r, &(struct rec_fault){.taken_ps = 10,
                                             .reentry_ps = 110,
                                             .vcpu = 2,
                                             .cls = (uint8_t)rows[i].cls,
                                             .eagain = i % 2});
        rec_add_fault(r, &(struct rec_fault){.taken_ps = 200,
                                             .reentry_ps = 203,
                                             .vcpu = 2,
                                             .cls = (uint8_t)rows[i].cls});
        check_row(i, rows[i].rule, r->n.by_class[rows[i].cls], 2);
        check_row(i, rows[i].rule, r->bins[0].faults, 2);
        check_row(i, rows[i].rule, r->bins[0].redundant, rows[i].redundant ? 2 : 0);
        check_row(i, rows[i].rule, r->vcpus[2].stall_ps, rows[i].stalls ? 103 : 0);
        check_row(i, rows[i].rule, r->vcpus[1].stall_ps, 0);
        check_row(i, rows[i].rule, r->n.eagain, i % 2);
        check_row(i, rows[i].rule, r->faults_n, 2);
        check_row(i, rows[i].rule, r->faults[1].taken_ps, 200);
        done(&s);
    }
}

static void a_window_lasts_from_break_to_mend_and_may_open_again(void **state)
{
    struct rec_run *r = *state;
    const size_t c = rec_change_begin(r, &(struct rec_change){.first_store_ps = 700,
                                                              .broken_ps = REC_NEVER,
                                                              .mended_ps = REC_NEVER,
                                                              .done_ps = REC_NEVER});

    rec_change_broken(r, c, 700);
    rec_change_mended(r, c, 1300);
    rec_change_broken(r, c, 2000);
    rec_change_mended(r, c, 2050);
    rec_change_done(r, c, 5000);
    assert_int_equal(r->changes[c].window_ps, 650);
    assert_int_equal(r->changes[c].mended_ps, 2050);
    assert_int_equal(r->changes[c].done_ps, 5000);
    assert_int_equal(r->bins[0].window_ps, 300);
    assert_int_equal(r->bins[1].window_ps, 300);
    assert_int_equal(r->bins[2].window_ps, 50);
}

static void coalescing_ends_with_the_last_change(void **state)
{
    struct rec_run *r = *state;
    const struct rec_change c = {.first_store_ps = 1};

    assert_int_equal(rec_coalesce_end_ps(r), REC_NEVER); /* none began */
    assert_int_equal(rec_change_begin(r, &c), 0);
    assert_int_equal(rec_coalesce_end_ps(r), REC_NEVER);
    assert_int_equal(rec_change_begin(r, &c), 1);
    rec_change_done(r, 1, 900);
    assert_int_equal(rec_coalesce_end_ps(r), REC_NEVER);
    rec_change_done(r, 0, 800);
    assert_int_equal(rec_coalesce_end_ps(r), 900); /* the later of both */
    assert_int_equal(rec_change_begin(r, &c), 2);
    assert_int_equal(rec_coalesce_end_ps(r), REC_NEVER);
    rec_change_done(r, 2, 1000);
    assert_int_equal(rec_coalesce_end_ps(r), 1000);
}

static void an_empty_queue_counts_from_the_end_of_coalescing(void **state)
{
    /* Coalescing ends at 1000. */
    static const struct {
        const char *rule;
        uint64_t from, to, want;
    } rows[] = {
        {"over before the end", 100, 999, REC_NEVER},
        {"to the very end", 100, 1000, 1000},
        {"across the end", 100, 1500, 1000},
        {"begins later", 1200, 1500, 1200},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        void *s;
        assert_int_equal(fresh(&s), 0);
        struct rec_run *r = s;

        rec_idle(r, 1, 0, 500); /* nothing was coalesced yet */
        check_row(i, "before", r->vcpus[1].queue_empty_ps, REC_NEVER);
        rec_change_begin(r, &(struct rec_change){.first_store_ps = 500});
        rec_change_done(r, 0, 1000);
        rec_idle(r, 1, rows[i].from, rows[i].to);
        check_row(i, rows[i].rule, r->vcpus[1].queue_empty_ps, rows[i].want);
        check_row(i, "another vCPU", r->vcpus[0].queue_empty_ps, REC_NEVER);
        if (rows[i].want != REC_NEVER) {
            rec_idle(r, 1, 2000, 3000);
            check_row(i, "the first time counts", r->vcpus[1].queue_empty_ps,
                      rows[i].want);
        }
        rec_change_begin(r, &(struct rec_change){.first_store_ps = 4000});
        check_row(i, "a new change asks anew", r->vcpus[1].queue_empty_ps, REC_NEVER);
        done(&s);
    }
}

static void the_first_error_is_kept(void **state)
{
    struct rec_run *r = *state;

    assert_null(r->error);
    rec_fail(r, "first");
    rec_fail(r, "second");
    assert_string_equal(r->error, "first");
}

static void thousands_of_records_are_kept_in_order(void **state)
{
    struct rec_run *r = *state;

    for (uint32_t i = 0; i < 1000; i++) {
        rec_add_fault(r, &(struct rec_fault){.taken_ps = i, .reentry_ps = i});
        rec_add_attempt(r, &(struct rec_attempt){.line = i});
        assert_int_equal(rec_change_begin(r, &(struct rec_change){.bytes = i}), i);
    }
    assert_int_equal(r->faults_n, 1000);
    assert_int_equal(r->attempts_n, 1000);
    for (uint32_t i = 0; i < 1000; i++) {
        check_row(i, "fault", r->faults[i].taken_ps, i);
        check_row(i, "attempt", r->attempts[i].line, i);
        check_row(i, "change", r->changes[i].bytes, i);
    }
}

static void violations_are_all_counted_and_the_first_kept(void **state)
{
    struct rec_run *r = *state;

    for (uint32_t i = 0; i < REC_VIOLATIONS_MAX + 5; i++)
        rec_add_violation(
            r, &(struct mon_violation){.line = i,
                                       .rule = i % 2 ? MON_RULE_VMID : MON_RULE_NT});
    assert_int_equal(r->violations_n, REC_VIOLATIONS_MAX);
    assert_int_equal(r->violations[REC_VIOLATIONS_MAX - 1].line,
                     REC_VIOLATIONS_MAX - 1);
    assert_int_equal(r->n.violations[MON_WRONG_VMID], REC_VIOLATIONS_MAX / 2 + 2);
    assert_int_equal(r->n.violations[MON_NT_UNSUPPORTED], REC_VIOLATIONS_MAX / 2 + 3);
    assert_int_equal(rec_violations(&r->n), REC_VIOLATIONS_MAX + 5);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, fresh, done)
    const struct CMUnitTest tests[] = {
        CASE(an_access_counts_where_it_ends),
        CASE(accesses_of_one_window_may_be_added_at_once),
        CASE(times_in_any_order_find_their_bins_and_slots),
        CASE(a_request_is_measured_from_its_intended_arrival),
        CASE(handler_time_is_split_at_the_borders_of_bins),
        cmocka_unit_test(each_class_counts_and_stalls_as_it_should),
        CASE(a_window_lasts_from_break_to_mend_and_may_open_again),
        CASE(coalescing_ends_with_the_last_change),
        cmocka_unit_test(an_empty_queue_counts_from_the_end_of_coalescing),
        CASE(the_first_error_is_kept),
        CASE(a_vm_stops_once_and_its_open_windows_end_there),
        CASE(thousands_of_records_are_kept_in_order),
        CASE(violations_are_all_counted_and_the_first_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
