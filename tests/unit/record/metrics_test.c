/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/record/metrics_test.c - columns computed by hand from small runs. */
#include "model/record/metrics.h"
#include "tests/unit/walker/rows.h"

#include <math.h>
#include <stdlib.h>

#define SLOT REC_SLOT_PS
#define US UINT64_C(1000000)

static struct rec_run *new_run(const struct rec_cfg *cfg)
{
    struct rec_run *r = malloc(sizeof *r);

    assert_non_null(r);
    rec_init(r, cfg);
    return r;
}

static void delete_run(struct rec_run *r)
{
    rec_free(r);
    free(r);
}

static double column(const struct rec_run *r, const char *name)
{
    struct rec_metrics m;
    const size_t c = rec_column_find(name);

    if (c == SIZE_MAX)
        fail_msg("no column %s", name);
    rec_metrics(r, &m);
    return m.v[c];
}

/* want NAN: the cell must be empty. */
static void check_column(size_t row, const char *rule, const struct rec_run *r,
                         const char *name, double want)
{
    const double got = column(r, name);

    if (isnan(want) ? !isnan(got) : !(fabs(got - want) <= 1e-9 * fabs(want)))
        fail_msg("row %zu (%s): %s is %.9g, want %.9g", row, rule, name, got, want);
}

static void counters_stand_in_their_columns(void **state)
{
    static const struct {
        const char *name;
        double want;
    } rows[] = {
        {"accesses", 1001},
        {"requests", 1002},
        {"faults", 127},
        {"faults_retry", 1},
        {"faults_conflict", 2},
        {"faults_nt", 4},
        {"faults_window", 8},
        {"faults_race", 16},
        {"faults_stale_perm", 32},
        {"faults_needed", 64},
        {"faults_redundant", 2 + 4 + 8},
        {"episodes", 2 + 4 + 8 + 16},
        {"exits", 1 + 2 + 4 + 8 + 16},
        {"faults_eagain", 1003},
        {"tlb_lookups", 1004},
        {"tlb_l1_misses", 1005},
        {"tlb_misses", 1006},
        {"walks", 1007},
        {"walk_reads", 1008},
        {"dvm_messages", 1009},
        {"walks_merged", 1010},
        {"walks_speculative", 1011},
        {"s1_table_hits", 1012},
        {"s2_table_hits", 1013},
        {"s1_leaf_hits", 1019},
        {"spent_entry_exit_ns", 1.0},
        {"spent_handler_ns", 2.0},
        {"spent_host_ns", 3.0},
        {"spent_lock_ns", 4.0},
        {"spent_tables_ns", 5.0},
        {"spent_clean_ns", 6.0},
        {"spent_tlbi_ns", 7.0},
        {"spent_teardown_ns", 8.0},
        {"s2_leaf_hits", 1014},
        {"tlbis", 1015},
        {"tlb_removed", 1016},
        {"tlb_removed_wide", 1017},
        {"tlb_removed_extra", 1018},
        {"tlb_unfilled", 1020},
        {"tlb_conflicts", 1021},
        {"switches", 1022},
        {"switch_ns", 9.0},
        {"vmid_rolls", 1023},
        {"violations", 1 + 2 + 4},
        {"stopped_at_ns", NAN},
    };
    struct rec_run *r = new_run(&(struct rec_cfg){.bin_ps = 1});

    (void)state;
    r->n = (struct rec_counters){
        .accesses = 1001,
        .requests = 1002,
        .eagain = 1003,
        .tlb_lookups = 1004,
        .tlb_l1_misses = 1005,
        .tlb_misses = 1006,
        .walks = 1007,
        .walk_reads = 1008,
        .dvm_messages = 1009,
        .walks_merged = 1010,
        .walks_speculative = 1011,
        .s1_table_hits = 1012,
        .s2_table_hits = 1013,
        .s1_leaf_hits = 1019,
        .spent_ps = {1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000},
        .s2_leaf_hits = 1014,
        .tlbis = 1015,
        .tlb_removed = 1016,
        .tlb_removed_wide = 1017,
        .tlb_removed_extra = 1018,
        .tlb_unfilled = 1020,
        .tlb_conflicts = 1021,
        .switches = 1022,
        .switch_ps = 9000,
        .vmid_rolls = 1023,
        .violations = {
            [MON_STALE_USE] = 1, [MON_FREED_TABLE] = 2, [MON_MISSING_BREAK] = 4}};
    for (int c = 0; c < REC_FAULT_CLASSES_N; c++)
        r->n.by_class[c] = UINT64_C(1) << c; /* in the order of enum rec_fault_class */
    for (size_t i = 0; i < ROWS_N(rows); i++)
        check_column(i, "counter", r, rows[i].name, rows[i].want);
    delete_run(r);
}

static void an_empty_run_has_empty_cells_where_nothing_applies(void **state)
{
    static const char *const empty[] = {
        "coalesce_ns",      "request_p50_ns",    "request_p99_ns",
        "request_p999_ns",  "request_p9999_ns",  "request_max_ns",
        "access_p50_ns",    "access_p999_ns",    "access_max_ns",
        "slo_missed_share", "progress_min_10us", "progress_min_100us",
        "recovery_ns",      "drain_ns",          "stopped_at_ns",
        "storm_share",      "handler_share"};
    static const char *const zero[] = {"window_invalid_ns", "stall_sum_ns",
                                       "stall_max_ns", "faults", "accesses"};
    struct rec_run *r = new_run(&(struct rec_cfg){
        .vcpus_n = 1, .duration_ps = 20 * SLOT, .slo_ps = 1, .bin_ps = 1});

    (void)state;
    for (size_t i = 0; i < ROWS_N(empty); i++)
        check_column(i, "empty", r, empty[i], NAN);
    for (size_t i = 0; i < ROWS_N(zero); i++)
        check_column(i, "zero", r, zero[i], 0);
    delete_run(r);
}

/* Change 0: stores from 1000, broken 2000..5000 ps, done 9000; change 1: stores from
 * 3000, broken 4000..4500 ps, done 8000 (a fault's change may end before it). */
static void windows_add_up_and_coalescing_spans_all_changes(void **state)
{
    struct rec_run *r = new_run(&(struct rec_cfg){.vcpus_n = 1, .bin_ps = 1000});

    (void)state;
    rec_change_begin(r, &(struct rec_change){.first_store_ps = 1000});
    rec_change_begin(r, &(struct rec_change){.first_store_ps = 3000});
    rec_change_broken(r, 0, 2000);
    rec_change_broken(r, 1, 4000);
    rec_change_mended(r, 1, 4500);
    rec_change_mended(r, 0, 5000);
    rec_change_done(r, 1, 8000);
    check_column(0, "one is still open", r, "coalesce_ns", NAN);
    rec_change_done(r, 0, 9000);
    check_column(1, "3 ns and 0.5 ns", r, "window_invalid_ns", 3.5);
    check_column(1, "first store to last end", r, "coalesce_ns", 8);
    delete_run(r);
}

static void stalls_are_summed_per_vcpu(void **state)
{
    struct rec_run *r = new_run(&(struct rec_cfg){.vcpus_n = 3, .bin_ps = 1000});
    static const struct rec_fault faults[] = {
        {.taken_ps = 0, .reentry_ps = 1500, .vcpu = 0, .cls = REC_FAULT_WINDOW},
        {.taken_ps = 2000, .reentry_ps = 3000, .vcpu = 0, .cls = REC_FAULT_RETRY},
        {.taken_ps = 0, .reentry_ps = 2000, .vcpu = 1, .cls = REC_FAULT_RACE},
        {.taken_ps = 0, .reentry_ps = 90000, .vcpu = 2, .cls = REC_FAULT_NEEDED},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(faults); i++)
        rec_add_fault(r, &faults[i]);
    check_column(0, "1.5 + 1 of vCPU 0, 2 of vCPU 1, needed left out", r,
                 "stall_sum_ns", 4.5);
    check_column(0, "vCPU 0", r, "stall_max_ns", 2.5);
    delete_run(r);
}

/* Blocks are made from 1000 to 9000 ps; two vCPUs. */
static void the_share_of_the_storm_is_of_the_time_in_which_blocks_are_made(void **state)
{
    static const struct {
        const char *rule;
        struct rec_fault fault;
        double storm, all; /* ps of 16000, added by this fault */
    } rows[] = {
        {"window",
         {.taken_ps = 2000, .reentry_ps = 3000, .cls = REC_FAULT_WINDOW},
         1000,
         1000},
        {"race",
         {.taken_ps = 2000, .reentry_ps = 2500, .cls = REC_FAULT_RACE},
         500,
         500},
        {"nt", {.taken_ps = 3000, .reentry_ps = 3200, .cls = REC_FAULT_NT}, 200, 200},
        {"retry",
         {.taken_ps = 4000, .reentry_ps = 4100, .cls = REC_FAULT_RETRY},
         100,
         100},
        {"conflict",
         {.taken_ps = 4000, .reentry_ps = 4050, .cls = REC_FAULT_CONFLICT},
         50,
         50},
        {"needed is no storm",
         {.taken_ps = 5000, .reentry_ps = 5400, .cls = REC_FAULT_NEEDED},
         0,
         400},
        {"nor is a stale permission",
         {.taken_ps = 5500, .reentry_ps = 5600, .cls = REC_FAULT_STALE_PERM},
         0,
         100},
        {"taken before",
         {.taken_ps = 400, .reentry_ps = 1300, .cls = REC_FAULT_WINDOW},
         300,
         300},
        {"left after",
         {.taken_ps = 8000, .reentry_ps = 9999, .cls = REC_FAULT_WINDOW},
         1000,
         1000},
        {"over before",
         {.taken_ps = 400, .reentry_ps = 1000, .cls = REC_FAULT_WINDOW},
         0,
         0},
        {"taken after",
         {.taken_ps = 9000, .reentry_ps = 9100, .cls = REC_FAULT_WINDOW},
         0,
         0},
    };
    struct rec_run *r = new_run(&(struct rec_cfg){.vcpus_n = 2, .bin_ps = 1000});
    double storm = 0, all = 0;

    (void)state;
    rec_change_begin(r, &(struct rec_change){.first_store_ps = 1000});
    rec_change_done(r, 0, 9000);
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        rec_add_fault(r, &rows[i].fault);
        storm += rows[i].storm / 16000;
        all += rows[i].all / 16000;
        check_column(i, rows[i].rule, r, "storm_share", storm);
        check_column(i, rows[i].rule, r, "handler_share", all);
    }
    delete_run(r);
}

static void percentiles_are_taken_from_measured_requests_and_all_accesses(void **state)
{
    static const struct {
        const char *name;
        double want;
    } rows[] = {
        {"request_p50_ns", 0.1},   {"request_p99_ns", 0.2}, {"request_p999_ns", 0.3},
        {"request_p9999_ns", 0.4}, {"request_max_ns", 0.5}, {"access_p50_ns", 0.01},
        {"access_p999_ns", 0.02},  {"access_max_ns", 0.03},
    };
    /* 10,000 requests: count of each latency; ranks 5000, 9900, 9990, 9999, 10000. */
    static const struct {
        uint64_t latency_ps;
        int n;
    } requests[] = {{100, 9899}, {200, 90}, {300, 9}, {400, 1}, {500, 1}};
    struct rec_run *r =
        new_run(&(struct rec_cfg){.measure_from_ps = 50, .bin_ps = 1000});

    (void)state;
    rec_add_request(r, 49, 100000); /* before the measured time */
    for (size_t i = 0; i < ROWS_N(requests); i++) {
        for (int k = 0; k < requests[i].n; k++)
            rec_add_request(r, 50, 50 + requests[i].latency_ps);
    }
    for (int k = 0; k < 1000; k++)
        rec_add_access(r, 0, k < 998 ? 10 : k == 998 ? 20 : 30);
    for (size_t i = 0; i < ROWS_N(rows); i++)
        check_column(i, "percentile", r, rows[i].name, rows[i].want);
    delete_run(r);
}

static void the_slo_share_counts_measured_requests_only(void **state)
{
    static const struct {
        const char *rule;
        uint64_t slo_ps, measure_from_ps;
        double want;
    } rows[] = {
        {"one of four lies above 200 ps", 200, 0, 0.25},
        {"all of them", 10, 0, 1},
        {"none", 1000, 0, 0},
        {"the two that arrived first are not measured", 200, 20, 0.5},
        {"no bound was given", 0, 0, NAN},
        {"nothing was measured", 200, 1000, NAN},
    };
    static const uint64_t requests[][2] = {{0, 100}, {10, 110}, {20, 220}, {30, 231}};

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct rec_run *r =
            new_run(&(struct rec_cfg){.slo_ps = rows[i].slo_ps,
                                      .measure_from_ps = rows[i].measure_from_ps,
                                      .bin_ps = 1000});

        for (size_t k = 0; k < ROWS_N(requests); k++)
            rec_add_request(r, requests[k][0], requests[k][1]);
        check_column(i, rows[i].rule, r, "slo_missed_share", rows[i].want);
        delete_run(r);
    }
}

/* 40 slots of 10 us with 10 accesses each, but for the slots named. */
static struct rec_run *run_with_slots(const struct rec_cfg *cfg, size_t first,
                                      size_t last, int accesses_n)
{
    struct rec_run *r = new_run(cfg);

    for (size_t slot = 0; slot < 40; slot++) {
        const int n = slot >= first && slot <= last ? accesses_n : 10;

        for (int k = 0; k < n; k++)
            rec_add_access(r, slot * SLOT, slot * SLOT + (uint64_t)k);
    }
    return r;
}

static void lowest_progress_is_a_share_of_the_mean_before_the_event(void **state)
{
    static const struct {
        const char *rule;
        uint64_t measure_from_ps, event_ps, duration_ps;
        size_t first, last;
        int accesses_n;
        double want_10us, want_100us;
    } rows[] = {
        {"no storm", 0, 10 * SLOT, 40 * SLOT, 40, 40, 0, 1, 1},
        {"slot 20 at a fifth: 2 of 10, 92 of 100", 0, 10 * SLOT, 40 * SLOT, 20, 20, 2,
         0.2, 0.92},
        {"10 slots without any", 0, 10 * SLOT, 40 * SLOT, 20, 29, 0, 0, 0},
        {"12 slots at half", 0, 10 * SLOT, 40 * SLOT, 20, 31, 5, 0.5, 0.5},
        {"a slow start is not measured", 2 * SLOT, 10 * SLOT, 40 * SLOT, 0, 1, 0, 1, 1},
        {"nor is a slot that it reaches into", SLOT + 1, 10 * SLOT, 40 * SLOT, 0, 1, 0,
         1, 1},
        {"slots after the last arrival do not count", 0, 10 * SLOT, 35 * SLOT, 35, 39,
         0, 1, 1},
        {"nor one that the duration cuts", 0, 10 * SLOT, 36 * SLOT - 1, 35, 39, 0, 1,
         1},
        {"an event inside a slot: that slot is not before it; mean 10 of slots 0..9", 0,
         11 * SLOT - 1, 40 * SLOT, 10, 10, 0, 0, 0.9},
        {"the mean is that before the event: twice as fast after", 0, 10 * SLOT,
         40 * SLOT, 0, 9, 5, 1, 1},
        {"without an event the whole run is the measure: 392 of 400, slot 20 at 2", 0,
         REC_NEVER, 40 * SLOT, 20, 20, 2, 2 / 9.8, 92 / 98.0},
        {"no access before the event", 0, 10 * SLOT, 40 * SLOT, 0, 9, 0, NAN, NAN},
        {"no whole slot before the event", 0, SLOT - 1, 40 * SLOT, 20, 20, 2, NAN, NAN},
        {"9 slots are no 100 us", 0, 5 * SLOT, 9 * SLOT, 7, 7, 3, 0.3, NAN},
        {"10 slots are", 0, 5 * SLOT, 10 * SLOT, 7, 7, 3, 0.3, 0.93},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct rec_cfg cfg = {.duration_ps = rows[i].duration_ps,
                                    .measure_from_ps = rows[i].measure_from_ps,
                                    .event_ps = rows[i].event_ps,
                                    .bin_ps = SLOT};
        struct rec_run *r =
            run_with_slots(&cfg, rows[i].first, rows[i].last, rows[i].accesses_n);

        check_column(i, rows[i].rule, r, "progress_min_10us", rows[i].want_10us);
        check_column(i, rows[i].rule, r, "progress_min_100us", rows[i].want_100us);
        delete_run(r);
    }
}

static void recovery_lasts_until_the_first_100_us_at_95_percent_begin(void **state)
{
    /* Coalescing ends at done; the last fifth is slots 32..39 with 10 each. */
    static const struct {
        const char *rule;
        uint64_t done_ps;
        size_t first, last;
        int accesses_n;
        double want_us;
    } rows[] = {
        {"at once: slots 20..29", 20 * SLOT, 40, 40, 0, 0},
        {"the end lies inside slot 20: 21..30", 20 * SLOT + 5 * US, 40, 40, 0, 5},
        {"1 ps behind the border of a slot", 20 * SLOT + 1, 40, 40, 0, 10 - 1e-6},
        {"slots 21..23 empty: 24..33", 20 * SLOT + 5 * US, 21, 23, 0, 35},
        {"slots 21..23 at 8: 94 of 100 do not do, 96 do", 20 * SLOT + 5 * US, 21, 23, 8,
         15},
        {"five accesses missing: 95 of 100 do", 20 * SLOT, 22, 22, 5, 0},
        {"six missing: 94 do not", 20 * SLOT, 22, 22, 4, 30},
        {"the storm was over before", 20 * SLOT, 10, 19, 0, 0},
        {"the last 10 slots begin at 30", 30 * SLOT, 40, 40, 0, 0},
        {"no 100 us are left", 30 * SLOT + 1, 40, 40, 0, NAN},
        {"never done", REC_NEVER, 40, 40, 0, NAN},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct rec_cfg cfg = {
            .duration_ps = 40 * SLOT, .event_ps = 10 * SLOT, .bin_ps = SLOT};
        struct rec_run *r =
            run_with_slots(&cfg, rows[i].first, rows[i].last, rows[i].accesses_n);

        rec_change_begin(r, &(struct rec_change){.first_store_ps = 10 * SLOT});
        if (rows[i].done_ps != REC_NEVER)
            rec_change_done(r, 0, rows[i].done_ps);
        check_column(i, rows[i].rule, r, "recovery_ns", rows[i].want_us * 1000);
        delete_run(r);
    }
}

static void the_backlog_is_served_when_every_vcpu_has_been_idle_once(void **state)
{
    /* Coalescing ends at 1000 ps. */
    static const struct {
        const char *rule;
        uint64_t empty_ps[2], end_ps[2];
        double want;
    } rows[] = {
        {"the later of two", {1500, 4000}, {REC_NEVER, REC_NEVER}, 3},
        {"idle at the end", {1000, 1000}, {9000, 9000}, 0},
        {"never idle, but served its last request", {1500, REC_NEVER}, {9000, 6000}, 5},
        {"served its last request before", {1500, REC_NEVER}, {9000, 500}, 0.5},
        {"all had served their last before", {REC_NEVER, REC_NEVER}, {500, 700}, 0},
        {"one is never idle", {1500, REC_NEVER}, {9000, REC_NEVER}, NAN},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct rec_run *r = new_run(&(struct rec_cfg){.vcpus_n = 2, .bin_ps = 1000});

        rec_change_begin(r, &(struct rec_change){.first_store_ps = 100});
        rec_change_done(r, 0, 1000);
        for (uint32_t v = 0; v < 2; v++) {
            r->vcpus[v].queue_empty_ps = rows[i].empty_ps[v];
            r->vcpus[v].end_ps = rows[i].end_ps[v];
        }
        check_column(i, "without requests there is no queue", r, "drain_ns", NAN);
        rec_add_request(r, 0, 1);
        check_column(i, rows[i].rule, r, "drain_ns", rows[i].want);
        delete_run(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_stand_in_their_columns),
        cmocka_unit_test(an_empty_run_has_empty_cells_where_nothing_applies),
        cmocka_unit_test(windows_add_up_and_coalescing_spans_all_changes),
        cmocka_unit_test(stalls_are_summed_per_vcpu),
        cmocka_unit_test(
            the_share_of_the_storm_is_of_the_time_in_which_blocks_are_made),
        cmocka_unit_test(percentiles_are_taken_from_measured_requests_and_all_accesses),
        cmocka_unit_test(the_slo_share_counts_measured_requests_only),
        cmocka_unit_test(lowest_progress_is_a_share_of_the_mean_before_the_event),
        cmocka_unit_test(recovery_lasts_until_the_first_100_us_at_95_percent_begin),
        cmocka_unit_test(the_backlog_is_served_when_every_vcpu_has_been_idle_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
