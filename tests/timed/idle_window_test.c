/* SPDX-License-Identifier: Apache-2.0 */
/* All vCPUs idle, every memory access 10 ns: what separates the windows of the
 * sequences is arithmetic (scenarios/idle-1g.yaml, ns). */
#include "tests/timed/timed.h"

#define READ 10
#define STORE 20
#define LEAVES 262144
#define TABLES 513
#define CLEAN_1G (UINT64_C(16777216) * 5) /* 64-byte lines x 5 ns */

static void run(const char *variant, struct rec_run *r)
{
    struct scn s;

    timed_load("idle-1g.yaml", &s);
    timed_run(&s, variant, r);
    assert_int_equal(r->changes_n, 1);
    scn_free(&s);
}

static uint64_t window_ps(const char *variant)
{
    struct rec_run r;
    uint64_t ps;

    run(variant, &r);
    ps = r.changes[0].window_ps;
    rec_free(&r);
    return ps;
}

/* From the store that breaks to the store that makes: DSB ISHST 8; TLBI issue 2, half a
 * hop 50, interconnect 10, half a hop 50, service 200, acknowledgement 100; DSB ISH,
 * whose 8 pass meanwhile; Sync 50 + 10 + 50 + 20 + 100; ISB 6; the store 20. */
static void the_window_of_bbm_early_is_one_flush_and_one_store(void **state)
{
    (void)state;
    assert_int_equal(
        window_ps("bbm-early"),
        (8 + 2 + 50 + 10 + 50 + 200 + 100 + 50 + 10 + 50 + 20 + 100 + 6 + STORE) * NS);
}

static void the_windows_of_nt_fault_and_bbm_early_differ_by_at_most_one_store(
    void **state)
{
    uint64_t early = window_ps("bbm-early"), nt = window_ps("nt-fault");
    (void)state;

    assert_true(nt > 0);
    assert_in_range(nt > early ? nt - early : early - nt, 0, STORE * NS);
}

static void bbm_adds_exactly_the_tear_down_to_the_window(void **state)
{
    uint64_t tear_down =
        (uint64_t)LEAVES * 14 + TABLES * 200 + (uint64_t)(LEAVES + 512) * READ;
    (void)state;

    assert_int_equal(window_ps("bbm") - window_ps("bbm-early"), tear_down * NS);
}

static void a_clean_in_the_window_adds_its_lines(void **state)
{
    (void)state;
    assert_int_equal(window_ps("bbm-clean") - window_ps("bbm"), CLEAN_1G * NS);
}

static void nt_that_translates_has_no_window(void **state)
{
    struct rec_run r;
    (void)state;

    run("nt", &r);
    assert_int_equal(r.changes[0].window_ps, 0);
    assert_int_equal(r.changes[0].broken_ps, REC_NEVER);
    assert_int_equal(r.n.violations[MON_MISSING_BREAK], 0);
    rec_free(&r);
}

static void a_tlbi_and_a_sync_reach_every_other_pe(void **state)
{
    struct rec_run r;
    (void)state;

    run("bbm-early", &r);
    assert_int_equal(r.n.dvm_messages, 2 * 23);
    rec_free(&r);
    run("nt", &r);
    assert_int_equal(r.n.dvm_messages, 4 * 23);
    rec_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_window_of_bbm_early_is_one_flush_and_one_store),
        cmocka_unit_test(
            the_windows_of_nt_fault_and_bbm_early_differ_by_at_most_one_store),
        cmocka_unit_test(bbm_adds_exactly_the_tear_down_to_the_window),
        cmocka_unit_test(a_clean_in_the_window_adds_its_lines),
        cmocka_unit_test(nt_that_translates_has_no_window),
        cmocka_unit_test(a_tlbi_and_a_sync_reach_every_other_pe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
