/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/record/fault_class_test.c - every fault has one class. */
#include "model/record/fault_class.h"
#include "tests/unit/walker/rows.h"

enum {
    EAGAIN = 1 << 0,
    CONFLICT = 1 << 1,
    NT = 1 << 2,
    BROKEN = 1 << 3,
    OLD_ALLOWS = 1 << 4,
    OTHER_MAKING = 1 << 5,
    LIVE_ALLOWS = 1 << 6,
    COMBINATIONS_N = 1 << 7,
};

static struct rec_fault_facts facts_of(unsigned bits)
{
    return (struct rec_fault_facts){
        .after_eagain = bits & EAGAIN,
        .conflict = bits & CONFLICT,
        .nt = bits & NT,
        .entry_broken = bits & BROKEN,
        .old_allows = bits & OLD_ALLOWS,
        .other_making = bits & OTHER_MAKING,
        .live_allows = bits & LIVE_ALLOWS,
    };
}

/* The classes in the order of precedence, each with the facts that it needs. */
static const struct {
    const char *rule;
    unsigned needs;
    enum rec_fault_class want;
} rows[] = {
    {"same vCPU, page and access again after EAGAIN", EAGAIN, REC_FAULT_RETRY},
    {"TLB conflict abort", CONFLICT, REC_FAULT_CONFLICT},
    {"fault on an nT block", NT, REC_FAULT_NT},
    {"the old mapping would have served; the entry is broken now", BROKEN | OLD_ALLOWS,
     REC_FAULT_WINDOW},
    {"another vCPU is just making the mapping", OTHER_MAKING, REC_FAULT_RACE},
    {"the table allows it, the TLB entry does not", LIVE_ALLOWS, REC_FAULT_STALE_PERM},
    {"nothing was mapped, or not enough permission", 0, REC_FAULT_NEEDED},
};

static void each_combination_of_facts_has_the_first_class_that_fits(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits < COMBINATIONS_N; bits++) {
        const struct rec_fault_facts facts = facts_of(bits);
        size_t i = 0;

        while ((bits & rows[i].needs) != rows[i].needs)
            i++;
        check_row(bits, rows[i].rule, rec_fault_classify(&facts), rows[i].want);
    }
}

static void classes_have_the_names_of_the_result_columns(void **state)
{
    (void)state;
    assert_int_equal(REC_FAULT_CLASSES_N, 7);
    assert_string_equal(rec_fault_class_name(REC_FAULT_RETRY), "retry");
    assert_string_equal(rec_fault_class_name(REC_FAULT_CONFLICT), "conflict");
    assert_string_equal(rec_fault_class_name(REC_FAULT_NT), "nt");
    assert_string_equal(rec_fault_class_name(REC_FAULT_WINDOW), "window");
    assert_string_equal(rec_fault_class_name(REC_FAULT_RACE), "race");
    assert_string_equal(rec_fault_class_name(REC_FAULT_STALE_PERM), "stale_perm");
    assert_string_equal(rec_fault_class_name(REC_FAULT_NEEDED), "needed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_combination_of_facts_has_the_first_class_that_fits),
        cmocka_unit_test(classes_have_the_names_of_the_result_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
