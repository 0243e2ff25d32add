/* SPDX-License-Identifier: Apache-2.0 */
/* vCPUs that touch memory which the host has to zero first, and readers of mmu_lock. */
#include "tests/timed/timed.h"

#define LINES UINT64_C(32768) /* of a page of 2 MiB */
#define LINE_PS (10 * NS)

/* A run of zeroing-2m.yaml with one parameter changed. */
static uint64_t last_reentry(uint64_t lock_line_ps, const char *variant)
{
    struct scn s;
    struct rec_run r;
    uint64_t last = 0;

    timed_load("zeroing-2m.yaml", &s);
    s.platform.hyp.zero_line_ps = LINE_PS;
    s.platform.hyp.lock_line_ps = lock_line_ps;
    timed_run(&s, variant, &r);
    for (size_t i = 0; i < r.faults_n; i++)
        last = r.faults[i].reentry_ps > last ? r.faults[i].reentry_ps : last;
    rec_free(&r);
    scn_free(&s);
    return last;
}

static void who_meets_a_page_that_is_being_zeroed_waits_for_its_end(void **state)
{
    struct scn s;
    struct rec_run r;
    (void)state;

    timed_load("zeroing-2m.yaml", &s);
    s.platform.hyp.zero_line_ps = LINE_PS;
    timed_run(&s, "shared", &r);
    assert_int_equal(r.faults_n, 2);
    for (size_t i = 0; i < r.faults_n; i++)
        assert_true(r.faults[i].reentry_ps - r.faults[i].taken_ps >= LINES * LINE_PS);
    rec_free(&r);
    scn_free(&s);
}

/* Two readers take and drop: the line moves at least once, and a writer pays nothing.
 */
static void the_line_of_a_shared_lock_passes_from_reader_to_reader(void **state)
{
    const uint64_t line = 500 * NS;
    (void)state;

    assert_true(last_reentry(line, "shared") >= last_reentry(0, "shared") + line);
    assert_int_equal(last_reentry(line, "exclusive"), last_reentry(0, "exclusive"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_meets_a_page_that_is_being_zeroed_waits_for_its_end),
        cmocka_unit_test(the_line_of_a_shared_lock_passes_from_reader_to_reader),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
