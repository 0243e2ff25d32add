/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/record/results_test.c - result files, byte by byte. */
#define _POSIX_C_SOURCE 200809L /* ftruncate */
#include "model/record/results.h"
#include "tests/unit/record/scratch_dir.h"
#include "tests/unit/walker/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const variants[] = {"bbm", "keep"};

/* Variant bbm, seed 5: one vCPU, a fault in a window, a change by the host and one by
 * the vCPU, an access and two requests. */
static void fill_bbm(struct rec_run *r, struct rec_spool *spool)
{
    const struct rec_cfg cfg = {.vcpus_n = 1,
                                .duration_ps = 20000,
                                .slo_ps = 150,
                                .bin_ps = 10000,
                                .event_ps = REC_NEVER,
                                .spool = spool};

    rec_init(r, &cfg);
    rec_add_access(r, 1000, 1100);
    rec_add_request(r, 900, 1100);
    rec_add_request(r, 19000, 19001);
    rec_add_fault(r, &(struct rec_fault){.taken_ps = 9000,
                                         .reentry_ps = 12345,
                                         .ipa = {0x40001000},
                                         .vcpu = 0,
                                         .access = ARCH_WRITE,
                                         .type = ARCH_FAULT_TRANSLATION,
                                         .level = 2,
                                         .cls = REC_FAULT_WINDOW,
                                         .eagain = true,
                                         .s1ptw = true});
    rec_change_begin(r, &(struct rec_change){.ipa = {0x40000000},
                                             .bytes = 2097152,
                                             .first_store_ps = 8000,
                                             .broken_ps = REC_NEVER,
                                             .mended_ps = REC_NEVER,
                                             .done_ps = REC_NEVER,
                                             .vcpu = -1});
    rec_change_broken(r, 0, 8500);
    rec_change_mended(r, 0, 11000);
    rec_change_done(r, 0, 15000);
    rec_change_begin(r, &(struct rec_change){.ipa = {0x40200000},
                                             .bytes = 4096,
                                             .first_store_ps = 16000,
                                             .broken_ps = REC_NEVER,
                                             .mended_ps = REC_NEVER,
                                             .done_ps = REC_NEVER,
                                             .vcpu = 0});
    rec_change_done(r, 1, 16001);
    rec_add_violation(r, &(struct mon_violation){.time_ps = 12500,
                                                 .pe = 3,
                                                 .line = 17,
                                                 .rule = MON_RULE_STALE,
                                                 .ipa = {0x40002000},
                                                 .old = 0x400007fd,
                                                 .desc = 0x400});
    rec_close(r);
}

struct fixture {
    struct rec_run runs[2];
    struct rec_results results;
    struct scratch_dir dir;
    struct rec_spool spool;
};

static int fresh(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    if (!f || !scratch_dir_make(&f->dir) ||
        !rec_spool_open(&f->spool, f->dir.path, REC_CHUNK_BYTES))
        return -1;
    fill_bbm(&f->runs[0], &f->spool);
    rec_init(&f->runs[1], &(struct rec_cfg){.vcpus_n = 1, .bin_ps = 10000});
    f->results = (struct rec_results){.variants = variants,
                                      .variants_n = 2,
                                      .seeds_n = 1,
                                      .seed_first = 5,
                                      .runs = f->runs,
                                      .faults = &f->spool};
    *state = f;
    return 0;
}

static int done(void **state)
{
    struct fixture *f = *state;

    scratch_dir_remove(&f->dir);
    rec_free(&f->runs[0]);
    rec_free(&f->runs[1]);
    rec_spool_close(&f->spool);
    free(f);
    return 0;
}

static void write_all(const struct fixture *f)
{
    char err[300] = "";

    if (!rec_results_write(&f->results, f->dir.path, err, sizeof err))
        fail_msg("cannot write %s", err);
}

/* The first run anew, with these faults and nothing else. */
static void set_faults(struct fixture *f, const struct rec_fault *faults, size_t n)
{
    struct rec_run *r = &f->runs[0];

    rec_free(r);
    rec_init(r, &(struct rec_cfg){.vcpus_n = 2, .bin_ps = 10000, .spool = &f->spool});
    for (size_t i = 0; i < n; i++)
        rec_add_fault(r, &faults[i]);
    rec_close(r);
}

static void each_file_of_rows_is_as_documented(void **state)
{
    static const struct {
        const char *name, *want;
    } rows[] = {
        {"timeline.csv",
         "variant,seed,t_ns,accesses,requests,faults,faults_redundant,in_handler_ns,"
         "window_ns,request_latency_max_ns\n"
         "bbm,5,0,1,1,1,1,1,1.5,0.2\n"
         "bbm,5,10,0,1,0,0,2.345,1,0.001\n"},
        {"faults.csv",
         "variant,seed,t_ns,vcpu,ipa,access,type,level,class,result,stall_ns,s1ptw,"
         "retries,last_ns\n"
         "bbm,5,9,0,0x40001000,w,translation,2,window,eagain,3.345,1,0,9\n"},
        {"changes.csv",
         "variant,seed,change,kind,ipa,bytes,by,first_store_ns,broken_ns,"
         "mended_ns,window_ns,"
         "done_ns\n"
         "bbm,5,0,coalesce,0x40000000,2097152,host,8,8.5,11,2.5,15\n"
         "bbm,5,1,coalesce,0x40200000,4096,vcpu0,16,,,0,16.001\n"},
        {"vcpus.csv", "variant,seed,vcpu,stall_ns,end_ns\n"
                      "bbm,5,0,3.345,\n"
                      "keep,5,0,0,\n"},
        {"violations.csv",
         "variant,seed,t_ns,pe,code,ipa,old,new,line,rule\n"
         "bbm,5,12.5,3,tlb.stale-use,0x40002000,0x400007fd,0x400,17,\"No access may "
         "use a translation that a completed TLBI covers (R_GPPYH).\"\n"},
        {"latency.csv", "variant,kind,lo_ns,hi_ns,count\n"
                        "bbm,request,0,0.001,1\n"
                        "bbm,request,0.199,0.2,1\n"
                        "bbm,access,0.099,0.1,1\n"},
    };
    const struct fixture *f = *state;

    write_all(f);
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        char got[4096];

        if (!scratch_dir_read(&f->dir, rows[i].name, got, sizeof got) ||
            strcmp(got, rows[i].want) != 0)
            fail_msg("%s is\n%s, want\n%s", rows[i].name, got, rows[i].want);
    }
}

static void a_fault_and_its_retries_share_a_row(void **state)
{
    static const struct rec_fault faults[] = {
        {.taken_ps = 1000, .reentry_ps = 2000, .cls = REC_FAULT_WINDOW, .eagain = true},
        {.taken_ps = 1500, .reentry_ps = 2500, .vcpu = 1, .cls = REC_FAULT_RACE},
        {.taken_ps = 3000, .reentry_ps = 4000, .cls = REC_FAULT_RETRY, .eagain = true},
        {.taken_ps = 5000, .reentry_ps = 6500, .cls = REC_FAULT_RETRY},
        {.taken_ps = 7000, .reentry_ps = 7500, .cls = REC_FAULT_NEEDED, .eagain = true},
    };
    static const char want[] =
        "variant,seed,t_ns,vcpu,ipa,access,type,level,class,result,stall_ns,s1ptw,"
        "retries,last_ns\n"
        "bbm,5,1,0,0x0,r,none,0,window,mapped,3.5,0,2,5\n"
        "bbm,5,1.5,1,0x0,r,none,0,race,mapped,1,0,0,1.5\n"
        "bbm,5,7,0,0x0,r,none,0,needed,eagain,0.5,0,0,7\n";
    struct fixture *f = *state;
    char got[1024];

    set_faults(f, faults, ROWS_N(faults));
    write_all(f);
    assert_true(scratch_dir_read(&f->dir, "faults.csv", got, sizeof got));
    assert_string_equal(got, want);
}

/* The columns that follow "variant,seed" in this order. */
#define COLUMNS                                                                        \
    "accesses,requests,faults,faults_retry,faults_conflict,faults_nt,faults_window,"   \
    "faults_race,faults_stale_perm,faults_needed,faults_redundant,faults_eagain,"      \
    "faults_s1ptw,episodes,exits,window_invalid_ns,coalesce_ns,stall_sum_ns,stall_"    \
    "max_ns,storm_share,handler_share,spent_entry_exit_ns,spent_handler_ns,spent_"     \
    "host_ns,spent_lock_ns,spent_"                                                     \
    "tables_ns,"                                                                       \
    "spent_clean_ns,spent_tlbi_ns,spent_teardown_ns,"                                  \
    "request_p50_ns,request_p99_ns,request_p999_ns,request_p9999_ns,request_max_ns,"   \
    "access_p50_ns,access_p999_ns,access_max_ns,slo_missed_share,progress_min_10us,"   \
    "progress_min_100us,recovery_ns,drain_ns,tlb_lookups,tlb_l1_misses,tlb_misses,"    \
    "walks,walk_reads,walks_merged,walks_speculative,s1_table_hits,s2_table_hits,"     \
    "s1_leaf_hits,s2_leaf_hits,hw_updates,tlbis,tlb_removed,tlb_removed_wide,tlb_"     \
    "removed_extra,tlb_unfilled,tlb_conflicts,"                                        \
    "dvm_messages,switches,switch_ns,vmid_rolls,violations,stopped_at_ns"

static void seeds_csv_has_one_row_per_run(void **state)
{
    const struct fixture *f = *state;
    char got[8192] = "";

    write_all(f);
    assert_true(scratch_dir_read(&f->dir, "seeds.csv", got, sizeof got));
    /* coalesce 8..16.001, of which the vCPU stalls 3.345; two requests, of which one
     * above 0.15 ns; no whole slot. */
    assert_string_equal(
        got, "variant,seed," COLUMNS "\n"
             "bbm,5,1,2,1,0,0,0,1,0,0,0,1,1,1,1,1,2.5,8.001,3.345,3.345,0.418073,"
             "0.418073,0,0,0,0,0,0,0,0,"
             "0.001,0.2,0.2,0.2,0.2,0.1,0.1,0.1,0.5,,,,,0,0,0,0,0,0,0,0,"
             "0,0,0,0,0,0,0,0,0,0,0,0,0,0,1,\n"
             "keep,5,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,,0,0,,,0,0,0,0,0,0,0,0,"
             ",,,,,,,,,,,,,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,\n");
}

/* Cell number cell (from 0) of line number line. */
static void cell_of(const char *csv, int line, int cell, char *out, size_t out_n)
{
    size_t n;

    while (line-- > 0)
        csv = strchr(csv, '\n') + 1;
    while (cell-- > 0)
        csv += strcspn(csv, ",\n") + 1;
    n = strcspn(csv, ",\n");
    assert_in_range(n, 0, out_n - 1);
    memcpy(out, csv, n);
    out[n] = '\0';
}

/* Six seeds, accesses 1..6: median 3.5, interval from the 1st to the 6th. */
static void summary_csv_has_medians_with_their_interval(void **state)
{
    static const struct {
        const char *rule;
        int line, cell;
        const char *want;
    } rows[] = {
        {"header", 0, 0, "variant"},
        {"header", 0, 1, "seeds"},
        {"header", 0, 2, "accesses"},
        {"header", 0, 3, "accesses_lo"},
        {"header", 0, 4, "accesses_hi"},
        {"header", 0, 5, "requests"},
        {"variant", 1, 0, "bbm"},
        {"seeds", 1, 1, "6"},
        {"median", 1, 2, "3.5"},
        {"1st", 1, 3, "1"},
        {"6th", 1, 4, "6"},
        {"an empty column", 1, 2 + 3 * 65, ""},
    };
    struct fixture *f = *state;
    struct rec_run *runs = calloc(6, sizeof *runs);
    char got[8192] = "";

    assert_non_null(runs);
    for (int i = 0; i < 6; i++) {
        rec_init(&runs[i], &(struct rec_cfg){.vcpus_n = 1, .bin_ps = 1});
        runs[i].n.accesses = (uint64_t)(i * 5 % 6 + 1);
    }
    f->results.runs = runs;
    f->results.seeds_n = 6;
    f->results.variants_n = 1;
    write_all(f);
    assert_true(scratch_dir_read(&f->dir, "summary.csv", got, sizeof got));
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        char cell[64];

        cell_of(got, rows[i].line, rows[i].cell, cell, sizeof cell);
        if (strcmp(cell, rows[i].want) != 0)
            fail_msg("row %zu (%s): the cell is \"%s\", want \"%s\"", i, rows[i].rule,
                     cell, rows[i].want);
    }
    assert_true(scratch_dir_read(&f->dir, "summary.json", got, sizeof got));
    assert_non_null(
        strstr(got, "{\"seeds\": 6, \"variants\": [\n  {\"variant\": \"bbm\""));
    assert_non_null(
        strstr(got, "\"accesses\": {\"median\": 3.5, \"lo\": 1, \"hi\": 6}"));
    assert_non_null(strstr(
        got, "\"stopped_at_ns\": {\"median\": null, \"lo\": null, \"hi\": null}"));
    for (int i = 0; i < 6; i++)
        rec_free(&runs[i]);
    free(runs);
}

static void a_vm_that_stopped_in_some_seeds_has_a_median_of_those(void **state)
{
    struct fixture *f = *state;
    struct rec_run runs[3];
    char got[8192] = "";

    for (unsigned i = 0; i < 3; i++)
        rec_init(&runs[i], &(struct rec_cfg){.vcpus_n = 1, .bin_ps = 1000});
    rec_stop(&runs[0], 3000);
    rec_stop(&runs[2], 5000);
    f->results.runs = runs;
    f->results.seeds_n = 3;
    f->results.variants_n = 1;
    write_all(f);
    assert_true(scratch_dir_read(&f->dir, "summary.json", got, sizeof got));
    assert_non_null(strstr(got, "\"stopped_at_ns\": {\"median\": 4,"));
    for (unsigned i = 0; i < 3; i++)
        rec_free(&runs[i]);
}

static void the_result_of_a_fault_tells_what_its_handler_did(void **state)
{
    static const struct {
        struct rec_fault fault;
        const char *want;
    } rows[] = {
        {{.type = ARCH_FAULT_TRANSLATION}, ",mapped,"},
        {{.type = ARCH_FAULT_TRANSLATION, .eagain = true}, ",eagain,"},
        {{.type = ARCH_FAULT_TLB_CONFLICT, .cls = REC_FAULT_CONFLICT}, ",flushed,"},
        {{.type = ARCH_FAULT_TLB_CONFLICT, .cls = REC_FAULT_CONFLICT, .stopped = true},
         "tlb_conflict,0,conflict,stopped,"},
    };
    struct fixture *f = *state;

    f->results.variants_n = 1;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        char got[8192] = "";

        set_faults(f, &rows[i].fault, 1);
        write_all(f);
        assert_true(scratch_dir_read(&f->dir, "faults.csv", got, sizeof got));
        if (!strstr(got, rows[i].want))
            fail_msg("row %zu: %s", i, got);
    }
}

static void numbers_have_three_decimals_and_shares_six(void **state)
{
    static const struct {
        const char *rule;
        uint64_t slo_missed, measured;
        uint64_t stall_ps;
        const char *want_share, *want_stall;
    } rows[] = {
        {"whole numbers have no point", 1, 1, 1000, "1", "1"},
        {"trailing zeros go", 1, 2, 1500, "0.5", "1.5"},
        {"shares are rounded to six decimals", 1, 3, 1234567, "0.333333", "1234.567"},
        {"one picosecond", 1, 1000000, 1, "0.000001", "0.001"},
        {"zero", 0, 7, 0, "0", "0"},
        {"zeros before the point stay", 1, 10, 1000000, "0.1", "1000"},
    };
    struct fixture *f = *state;

    f->results.variants_n = 1;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        char got[8192], share[64], stall[64];

        f->runs[0].n.slo_missed = rows[i].slo_missed;
        f->runs[0].n.measured_requests = rows[i].measured;
        f->runs[0].vcpus[0].stall_ps = rows[i].stall_ps;
        write_all(f);
        assert_true(scratch_dir_read(&f->dir, "seeds.csv", got, sizeof got));
        cell_of(got, 1, 2 + (int)rec_column_find("slo_missed_share"), share,
                sizeof share);
        cell_of(got, 1, 2 + (int)rec_column_find("stall_sum_ns"), stall, sizeof stall);
        if (strcmp(share, rows[i].want_share) || strcmp(stall, rows[i].want_stall))
            fail_msg("row %zu (%s): %s and %s", i, rows[i].rule, share, stall);
    }
}

static void replay_files_come_with_attempts_only(void **state)
{
    struct fixture *f = *state;
    char got[4096] = "";

    write_all(f);
    assert_int_equal(scratch_dir_files(&f->dir), 9);
    assert_false(scratch_dir_read(&f->dir, "replay.csv", got, sizeof got));

    rec_add_attempt(&f->runs[0],
                    &(struct rec_attempt){.line = 17,
                                          .vcpu = 0,
                                          .ipa = {0xfff7e01000},
                                          .want_type = ARCH_FAULT_TRANSLATION,
                                          .want_level = 3,
                                          .want_eagain = true,
                                          .want_how = REC_HOW_LOCKED,
                                          .got_how = REC_HOW_WON});
    f->runs[0].recorded.has_results = true;
    write_all(f);
    assert_int_equal(scratch_dir_files(&f->dir), 12);
    assert_true(scratch_dir_read(&f->dir, "replay.csv", got, sizeof got));
    assert_string_equal(
        got, "variant,attempt,line,vcpu,ipa,recorded_fault,simulated_fault,"
             "recorded_result,simulated_result,recorded_how,simulated_how,agrees\n"
             "bbm,0,17,0,0xfff7e01000,translation-3,none,eagain,done,locked,won,0\n");
    assert_true(scratch_dir_read(&f->dir, "replay_counts.csv", got, sizeof got));
    assert_non_null(strstr(got, "variant,quantity,recorded,simulated\n"
                                "bbm,attempts,1,1\nbbm,done,0,1\nbbm,eagain,1,0\n"));
    assert_non_null(strstr(got, "\nbbm,results_agree_percent,,0\n"));
}

static void nobody_who_wants_no_faults_gets_a_file_of_them(void **state)
{
    struct fixture *f = *state;
    char got[64];

    f->results.faults = NULL;
    write_all(f);
    assert_int_equal(scratch_dir_files(&f->dir), 8);
    assert_false(scratch_dir_read(&f->dir, "faults.csv", got, sizeof got));
}

static void a_spool_that_is_cut_off_names_the_file_of_faults(void **state)
{
    struct fixture *f = *state;
    char err[300] = "";

    assert_int_equal(ftruncate(f->spool.fd, 1), 0);
    assert_false(rec_results_write(&f->results, f->dir.path, err, sizeof err));
    assert_non_null(strstr(err, "/faults.csv"));
}

static void a_file_that_cannot_be_written_is_named(void **state)
{
    const struct fixture *f = *state;
    char err[300] = "", missing[300];

    snprintf(missing, sizeof missing, "%s/nothing", f->dir.path);
    assert_false(rec_results_write(&f->results, missing, err, sizeof err));
    assert_non_null(strstr(err, "/nothing/summary.csv"));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, fresh, done)
    const struct CMUnitTest tests[] = {
        CASE(each_file_of_rows_is_as_documented),
        CASE(a_fault_and_its_retries_share_a_row),
        CASE(seeds_csv_has_one_row_per_run),
        CASE(summary_csv_has_medians_with_their_interval),
        CASE(a_vm_that_stopped_in_some_seeds_has_a_median_of_those),
        CASE(the_result_of_a_fault_tells_what_its_handler_did),
        CASE(numbers_have_three_decimals_and_shares_six),
        CASE(replay_files_come_with_attempts_only),
        CASE(nobody_who_wants_no_faults_gets_a_file_of_them),
        CASE(a_spool_that_is_cut_off_names_the_file_of_faults),
        CASE(a_file_that_cannot_be_written_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
