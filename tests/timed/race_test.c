/* SPDX-License-Identifier: Apache-2.0 */
/* An access moved against a coalesce of 2 MiB, to one picosecond on either side of each
 * moment that matters. S is when the store that breaks the entry becomes visible.
 * Platform fixed.yaml; after S, ns: DSB ISHST 8, TLBI issue 2, half a hop 50,
 * interconnect 10, half a hop 50, VMID service 200: the TLBI takes effect at a vCPU at
 * S + 320. */
#include "tests/timed/timed.h"

#include "model/cli/jobs.h"
#include "walker/arch/addr.h"

#include <string.h>

#define PAGE UINT64_C(0x40003000)
#define SAME_LINE UINT64_C(0x40004000)  /* its descriptor shares a line with PAGE's */
#define OTHER_LINE UINT64_C(0x40103000) /* it does not */
#define SERVED (320 * NS)

struct race {
    struct scn s;
    struct rec_run r;
};

/* The first access warms caches and TLBs at 1 us; the second is moved about. */
static void load(struct race *x, uint64_t first_ipa, uint64_t second_ipa)
{
    timed_load("race-2m.yaml", &x->s);
    x->s.vms[0].guest.steps[0].ipa = arch_ipa(first_ipa);
    x->s.vms[0].guest.steps[1].ipa = arch_ipa(second_ipa);
}

/* S: when the entry changes first, without the second access in the way. */
static uint64_t first_store_ps(struct race *x, const char *variant)
{
    uint64_t ps;

    x->s.vms[0].guest.steps[1].at_ps = 100000 * NS;
    timed_run(&x->s, variant, &x->r);
    ps = x->r.changes[0].first_store_ps;
    rec_free(&x->r);
    return ps;
}

static void run_at(struct race *x, const char *variant, uint64_t at_ps)
{
    x->s.vms[0].guest.steps[1].at_ps = at_ps;
    timed_run(&x->s, variant, &x->r);
    assert_int_equal(rec_violations(&x->r.n), 0);
}

/* TLB miss 5, level 1 descriptor 10, then the entry, asked for at T + 15. The store
 * takes the line out of the other PEs' caches 20 before S: a read asked for by then
 * takes 10 and ends before S; a later one takes 30 and ends after S. */
static void a_walk_faults_if_it_reads_the_entry_after_the_store(void **state)
{
    static const struct {
        int64_t after_ps; /* T + 15, from S - 20 */
        size_t faults;
    } rows[] = {
        {-1, 0}, /* before: the old table serves */
        {0, 0},  /* the same moment: PE 0 goes before the host's PE */
        {1, 1},  /* after: broken */
    };
    struct race x;
    uint64_t s;
    (void)state;

    load(&x, SAME_LINE, PAGE);
    s = first_store_ps(&x, "bbm-early");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        run_at(&x, "bbm-early", s + (uint64_t)rows[i].after_ps - 35 * NS);
        assert_int_equal(x.r.changes[0].first_store_ps, s);
        assert_int_equal(x.r.n.by_class[REC_FAULT_WINDOW], rows[i].faults);
        assert_int_equal(x.r.faults_n, rows[i].faults);
        rec_free(&x.r);
    }
    scn_free(&x.s);
}

static void a_tlb_entry_serves_until_the_tlbi_takes_effect(void **state)
{
    static const struct {
        int64_t after_ps; /* of the access, from the service of the TLBI */
        size_t faults;
    } rows[] = {{-1, 0}, {0, 1}};
    struct race x;
    uint64_t s;
    (void)state;

    load(&x, PAGE, PAGE);
    s = first_store_ps(&x, "bbm-early");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        run_at(&x, "bbm-early", s + SERVED + (uint64_t)rows[i].after_ps);
        assert_int_equal(x.r.n.by_class[REC_FAULT_WINDOW], rows[i].faults);
        rec_free(&x.r);
    }
    scn_free(&x.s);
}

static void an_nt_block_that_faults_is_classed_nt(void **state)
{
    struct race x;
    uint64_t s;
    (void)state;

    load(&x, PAGE, PAGE);
    s = first_store_ps(&x, "nt-fault");
    run_at(&x, "nt-fault", s + SERVED);
    assert_int_equal(x.r.n.by_class[REC_FAULT_NT], 1);
    assert_int_equal(x.r.n.eagain, 1);
    rec_free(&x.r);
    scn_free(&x.s);
}

/* Two accesses while nT is set, the second before the TLBI takes effect: the first ends
 * at 1 + 5 + 10 + 30 + 100 = 146 after S. */
static void nt_cache_decides_whether_the_window_costs_a_walk_per_access(void **state)
{
    static const struct {
        const char *variant;
        size_t walks; /* one is the warming access */
    } rows[] = {{"nt", 3}, {"nt-fragment", 2}};
    struct race x;
    struct guest_step steps[3];
    struct guest_step *own;
    uint64_t s;
    (void)state;

    load(&x, SAME_LINE, PAGE);
    s = first_store_ps(&x, "nt");
    own = x.s.vms[0].guest.steps;
    memcpy(steps, own, 2 * sizeof *own);
    steps[1].at_ps = s + 1 * NS;
    steps[2] = steps[1];
    steps[2].at_ps = s + 200 * NS;
    x.s.vms[0].guest.steps = steps;
    x.s.vms[0].guest.steps_n = 3;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        timed_run(&x.s, rows[i].variant, &x.r);
        assert_int_equal(x.r.changes[0].first_store_ps, s);
        assert_int_equal(x.r.n.walks, rows[i].walks);
        assert_int_equal(x.r.faults_n, 0);
        rec_free(&x.r);
    }
    x.s.vms[0].guest.steps = own;
    x.s.vms[0].guest.steps_n = 2;
    scn_free(&x.s);
}

/* The access hits the TLB just before the TLBI takes effect; its data comes from DRAM
 * in 1 us and ends at E. The Sync is answered at E, and the window closes a hop 100,
 * ISB 6 and store 20 later. */
static void a_dsb_waits_for_an_access_that_used_the_old_translation(void **state)
{
    struct race x;
    uint64_t s, at, end;
    (void)state;

    load(&x, PAGE, PAGE + 0x800);
    x.s.platform.mem.dram_ps = 1000 * NS;
    s = first_store_ps(&x, "bbm-early");
    at = s + SERVED - 1;
    end = at + (1 + 1000) * NS;
    run_at(&x, "bbm-early", at);
    assert_int_equal(x.r.faults_n, 0);
    assert_int_equal(x.r.changes[0].mended_ps, end + (100 + 6 + 20) * NS);
    rec_free(&x.r);
    scn_free(&x.s);
}

/* The walk has read the old table when the entry breaks, and is still waiting for the
 * level 3 descriptor from DRAM when the TLBI takes effect: it completes, the DSB waits
 * for it, and its result enters no TLB: the third access walks again. */
static void a_walk_that_a_tlbi_overtakes_fills_nothing(void **state)
{
    struct race x;
    struct guest_step steps[3];
    struct guest_step *own;
    uint64_t s;
    (void)state;

    load(&x, PAGE, OTHER_LINE);
    x.s.platform.mem.dram_ps = 1000 * NS;
    s = first_store_ps(&x, "bbm-early");
    own = x.s.vms[0].guest.steps;
    steps[0] = own[0];
    steps[1] = own[1];
    steps[1].at_ps = s - 40 * NS;
    steps[2] = own[1];
    steps[2].at_ps = 500000 * NS;
    x.s.vms[0].guest.steps = steps;
    x.s.vms[0].guest.steps_n = 3;
    timed_run(&x.s, "bbm-early", &x.r);
    assert_int_equal(x.r.faults_n, 0);
    assert_int_equal(x.r.n.walks, 3);
    assert_int_equal(x.r.n.violations[MON_STALE_USE], 0);
    /* Asked for at S - 15, its level 3 descriptor comes at S + 985, its data 1000 later
     * and 7 more for the look-up that the TLBI took away. */
    assert_int_equal(x.r.changes[0].mended_ps,
                     s + (985 + 1000 + 7 + 100 + 6 + 20) * NS);
    rec_free(&x.r);
    x.s.vms[0].guest.steps = own;
    x.s.vms[0].guest.steps_n = 2;
    scn_free(&x.s);
}

/* The other vCPU, with an access ahead of it, goes on no longer. */
static void a_run_that_fails_ends_at_once(void **state)
{
    struct guest_step steps[2];
    struct guest_step *own;
    struct race x;
    (void)state;

    load(&x, PAGE, PAGE);
    own = x.s.vms[0].guest.steps;
    memcpy(steps, own, sizeof steps);
    steps[0].ipa = arch_ipa(UINT64_C(0x90000000)); /* nobody's memory */
    steps[1].vcpu = 1;
    x.s.vms[0].guest.steps = steps;
    const struct cli_job job = {.machine = {.scenario = &x.s, .duration_ps = REC_NEVER},
                                .out = &x.r};
    assert_int_not_equal(cli_jobs(&job, 1, 1, NULL), CLI_OK);
    assert_non_null(x.r.error);
    assert_non_null(strstr(x.r.error, "outside the memory"));
    assert_int_equal(x.r.n.accesses, 0);
    assert_int_equal(x.r.changes_n, 0);
    rec_free(&x.r);
    x.s.vms[0].guest.steps = own;
    scn_free(&x.s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_walk_faults_if_it_reads_the_entry_after_the_store),
        cmocka_unit_test(a_tlb_entry_serves_until_the_tlbi_takes_effect),
        cmocka_unit_test(an_nt_block_that_faults_is_classed_nt),
        cmocka_unit_test(nt_cache_decides_whether_the_window_costs_a_walk_per_access),
        cmocka_unit_test(a_dsb_waits_for_an_access_that_used_the_old_translation),
        cmocka_unit_test(a_run_that_fails_ends_at_once),
        cmocka_unit_test(a_walk_that_a_tlbi_overtakes_fills_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
