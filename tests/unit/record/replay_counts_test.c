/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/record/replay_counts_test.c - a replay's quantities, counted by hand. */
#include "model/record/results.h"
#include "tests/unit/walker/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define T ARCH_FAULT_TRANSLATION
#define P ARCH_FAULT_PERMISSION
#define NONE ARCH_FAULT_NONE

static const struct rec_attempt attempts[] = {
    {.line = 10,
     .vcpu = 0,
     .ipa = {0x1000},
     .want_type = T,
     .got_type = T,
     .want_level = 3,
     .got_level = 3,
     .want_how = REC_HOW_WON,
     .got_how = REC_HOW_WON},
    {.line = 20,
     .vcpu = 1,
     .ipa = {0x1000},
     .want_type = T,
     .got_type = T,
     .want_level = 2,
     .got_level = 3,
     .want_eagain = true,
     .got_eagain = true,
     .want_how = REC_HOW_LOCKED,
     .got_how = REC_HOW_FOUND},
    {.line = 30,
     .vcpu = 1,
     .ipa = {0x1000},
     .want_type = T,
     .got_type = NONE,
     .want_level = 2,
     .want_eagain = true,
     .got_eagain = true,
     .want_how = REC_HOW_FOUND,
     .got_how = REC_HOW_FOUND},
    {.line = 40,
     .phase = 1,
     .vcpu = 1,
     .ipa = {0x2000},
     .leaf = {0x200000},
     .want_type = P,
     .got_type = NONE,
     .want_level = 3,
     .want_eagain = true,
     .got_eagain = false,
     .want_how = REC_HOW_LOST,
     .got_how = REC_HOW_MAPPED},
    {.line = 50,
     .phase = 1,
     .s1ptw = true,
     .got = {.relaxations = 2},
     .vcpu = 2,
     .ipa = {0x3000},
     .leaf = {0x400000},
     .want_type = P,
     .got_type = T,
     .want_level = 3,
     .got_level = 3,
     .want_how = REC_HOW_MAPPED,
     .got_how = REC_HOW_MAPPED},
};

static void fill(struct rec_run *r)
{
    rec_init(r, &(struct rec_cfg){.vcpus_n = 4, .bin_ps = 1});
    for (size_t i = 0; i < ROWS_N(attempts); i++)
        rec_add_attempt(r, &attempts[i]);
    r->recorded = (struct rec_recorded){.breaks_won = 1,
                                        .makes = 2,
                                        .tables_freed = 3,
                                        .tlbi_vmid = 4,
                                        .tlbi_ipa = 5,
                                        .relaxations = 8,
                                        .tlbi_ipa_local = 9,
                                        .has_results = true,
                                        .has_breaks = true,
                                        .has_makes = true,
                                        .has_frees = true,
                                        .has_tlbis = true,
                                        .left_out = 6,
                                        .cut_off = 4,
                                        .breaks_inferred = 7};
    r->n.breaks_won = 11;
    r->n.makes = 12;
    r->n.tables_freed = 13;
    r->n.tlbi_vmid = 14;
    r->n.tlbi_ipa = 15;
    r->n.tlbi_ipa_local = 19;
    r->extra_faults = 16;
}

static void recorded_and_simulated_stand_side_by_side(void **state)
{
    static const struct rec_replay_count want[] = {
        {"attempts", 5, 5},
        {"done", 2, 3},
        {"eagain", 3, 2},
        {"how_won", 1, 1},
        {"how_locked", 1, 0},
        {"how_lost", 1, 0},
        {"how_found", 1, 2},
        {"how_mapped", 1, 2},
        {"breaks_won", 1, 11},
        {"makes", 2, 12},
        {"table_frees", 3, 13},
        {"tlbi_vmid", 4, 14},
        {"relaxations", NAN, 2}, /* no such probe */
        {"tlbi_vmid_ipa", 5, 15},
        {"tlbi_vmid_ipa_nsh", 9, 19},
        {"faults_of_accesses", 4, 2},
        {"faults_of_table_walks", 1, 1},
        {"phase0_faults", 3, 2},
        {"phase0_translation-2", 2, 0},
        {"phase0_translation-3", 1, 2},
        {"phase0_vcpu0", 1, 1},
        {"phase0_vcpu1", 2, 1},
        {"phase0_eagain", 2, 1},
        {"phase1_faults", 2, 1},
        {"phase1_permission-3", 2, 0},
        {"phase1_translation-3", 0, 1},
        {"phase1_eagain", 1, 0},
        {"attempts_cut_off", 4, NAN},
        {"distinct_pages_vcpu0", 1, 1},
        {"distinct_pages_vcpu1", 2, 1}, /* no fault was met on 0x2000 */
        {"distinct_pages_vcpu2", 1, 1},
        {"distinct_pages_vcpu3", 0, 0},
        {"fault_level0", 0, 0}, /* an attempt without a fault has no level */
        {"fault_level1", 0, 0},
        {"fault_level2", 2, 0},
        {"fault_level3", 3, 3},
        {"faults_extra", 0, 16},
        {"faults_left_out", 6, NAN},
        {"breaks_order_inferred", 7, NAN},
        {"winners_not_inferred", 1, 1},
        {"results_agree_percent", NAN, 60}, /* two met no fault */
        {"null_all_eagain_percent", NAN, 60},
        {"null_first_wins_percent", NAN, 80},
        {"how_agree_percent", NAN, 60},
        {"faults_agree_percent", NAN, 20},
    };
    struct rec_run *r = malloc(sizeof *r);
    struct rec_replay_count got[128];
    size_t n;

    (void)state;
    assert_non_null(r);
    fill(r);
    n = rec_replay_counts(r, got, ROWS_N(got));
    for (size_t i = 0; i < ROWS_N(want); i++) {
        size_t k = 0;

        while (k < n && strcmp(got[k].quantity, want[i].quantity) != 0)
            k++;
        if (k == n)
            fail_msg("no quantity %s", want[i].quantity);
        check_row(i, want[i].quantity, isnan(got[k].recorded), isnan(want[i].recorded));
        check_row(i, want[i].quantity, isnan(got[k].simulated),
                  isnan(want[i].simulated));
        if (!isnan(want[i].recorded))
            check_row(i, want[i].quantity, got[k].recorded, want[i].recorded);
        if (!isnan(want[i].simulated))
            check_row(i, want[i].quantity, got[k].simulated, want[i].simulated);
    }
    assert_int_equal(rec_replay_counts(r, got, 5),
                     5); /* never more than there is room */
    rec_free(r);
    free(r);
}

static void a_run_without_attempts_has_none(void **state)
{
    struct rec_run *r = malloc(sizeof *r);
    struct rec_replay_count got[1];

    (void)state;
    assert_non_null(r);
    rec_init(r, &(struct rec_cfg){.vcpus_n = 3, .bin_ps = 1});
    assert_int_equal(rec_replay_counts(r, got, 1), 0);
    rec_free(r);
    free(r);
}

static void faults_and_outcomes_have_the_words_of_the_result_format(void **state)
{
    static const struct {
        const char *rule;
        uint8_t type;
        int8_t level;
        const char *want;
    } rows[] = {
        {"translation", T, 3, "translation-3"},
        {"permission", P, 2, "permission-2"},
        {"no fault has no level", NONE, 2, "none"},
    };
    static const char *const how[] = {"won",    "locked",  "lost",    "found",
                                      "mapped", "relaxed", "no-call", "unknown"};

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        char text[24];

        rec_fault_text(rows[i].type, rows[i].level, text, sizeof text);
        assert_string_equal(text, rows[i].want);
    }
    for (uint8_t i = 0; i < ROWS_N(how); i++)
        assert_string_equal(rec_how_name(i), how[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_and_simulated_stand_side_by_side),
        cmocka_unit_test(a_run_without_attempts_has_none),
        cmocka_unit_test(faults_and_outcomes_have_the_words_of_the_result_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
