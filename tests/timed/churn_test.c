/* SPDX-License-Identifier: Apache-2.0 */
/* No stale hit while blocks are made under running guests: the machine looks for one
 * when a DSB completes a TLBI, and ends the run with an error if it finds any. */
#include "tests/timed/timed.h"

#define ACCESSES 4000
#define BLOCKS 4

static void check_run(const struct scn *s, const char *variant, uint64_t seed)
{
    struct rec_run r;

    timed_run_seed(s, variant, seed, &r);
    if (r.error != NULL)
        fail_msg("%s, seed %u: %s", variant, (unsigned)seed, r.error);
    if (rec_violations(&r.n) != 0)
        fail_msg("%s, seed %u: a violation", variant, (unsigned)seed);
    assert_int_equal(r.n.accesses, s->vms[0].vcpus_n * ACCESSES);
    assert_int_equal(r.storm.coalesces_n, BLOCKS);
    assert_int_equal(r.storm.open_n, 0);
    /* all parts had work to do */
    assert_true(r.n.tlb_removed > 1000 && r.faults_n > 0);
    assert_true(r.n.s1_table_hits > 1000 && r.n.s2_table_hits > 500);
    assert_true(r.n.walks_speculative > 100 && r.n.hw_updates > 100);
    rec_free(&r);
}

static void no_sequence_leaves_a_stale_translation(void **state)
{
    struct scn s;
    (void)state;

    timed_load("churn.yaml", &s);
    for (size_t i = 0; i < s.variants_n; i++) {
        for (uint64_t seed = 1; seed <= s.seeds_n; seed++)
            check_run(&s, s.variants[i].name, seed);
    }
    scn_free(&s);
}

/* The same on a core that caches the stages apart, and on one without an L1 TLB. */
static void other_cores_leave_none_either(void **state)
{
    static const char *const variants[] = {"by-range", "nt-range"};
    (void)state;

    for (size_t i = 0; i < 2 * ROWS_N(variants); i++) {
        struct scn s;

        timed_load("churn.yaml", &s);
        if (i % 2 == 0) {
            s.platform.s2 = timed_s2_cache(3 * NS);
            s.platform.l2 = timed_tlb(256, 4, 4 * NS);
            s.platform.l2.cfg.sizes_of[TLB_COMBINED] = 0;
            s.platform.l2.cfg.sizes_of[TLB_S1_ONLY] = 3;
        } else {
            s.platform.l1d.cfg.entries_n = s.platform.l1i.cfg.entries_n = 0;
        }
        check_run(&s, variants[i / 2], 1);
        scn_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_sequence_leaves_a_stale_translation),
        cmocka_unit_test(other_cores_leave_none_either),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
