/* SPDX-License-Identifier: Apache-2.0 */
/* vCPUs that fault at the same time, through the shared lock of Linux 6.2. */
#include "tests/timed/timed.h"

#include "walker/arch/addr.h"

#include <string.h>

#define BLOCK(n) (UINT64_C(0x40000000) + (n)*UINT64_C(0x200000))
#define PAGE(n) ((n)*UINT64_C(0x1000))
#define STEPS_MAX 16

struct story {
    struct scn s;
    struct guest_step *own, steps[STEPS_MAX];
    struct rec_run r;
};

static void begin(struct story *x)
{
    timed_load("faults-32m.yaml", &x->s);
    x->own = x->s.vms[0].guest.steps;
    x->s.vms[0].guest.steps = x->steps;
    x->s.vms[0].guest.steps_n = 0;
}

static void step(struct story *x, uint32_t vcpu, uint64_t at_ps,
                 enum arch_access access, uint64_t ipa)
{
    assert_in_range(x->s.vms[0].guest.steps_n, 0, STEPS_MAX - 1);
    x->steps[x->s.vms[0].guest.steps_n++] = (struct guest_step){
        .vcpu = vcpu, .at_ps = at_ps, .access = access, .ipa = {ipa}};
}

static void run(struct story *x, const char *variant)
{
    timed_run(&x->s, variant, &x->r);
    assert_int_equal(x->r.n.accesses, x->s.vms[0].guest.steps_n);
    assert_int_equal(rec_violations(&x->r.n), 0);
}

static void end(struct story *x)
{
    x->s.vms[0].guest.steps = x->own;
    scn_free(&x->s);
}

/* All four find the table and try to break it; three lose the compare-and-swap or find
 * it locked. */
static void one_block_is_one_change_whoever_tries(void **state)
{
    static const char *const variants[] = {"bbm-early", "bbm", "clean-before"};
    struct story x;
    (void)state;

    begin(&x);
    for (uint32_t vcpu = 0; vcpu < 4; vcpu++) { /* warm, so that all walk alike */
        step(&x, vcpu, (1 + vcpu) * 1000 * NS, ARCH_READ, BLOCK(0) + PAGE(0));
        step(&x, vcpu, 10000 * NS, ARCH_READ, BLOCK(0) + PAGE(5));
    }
    for (size_t i = 0; i < 3; i++) {
        run(&x, variants[i]);
        assert_int_equal(x.r.changes_n, 1);
        assert_int_equal(x.r.storm.open_n, 0);
        assert_int_equal(x.r.n.breaks_won, 1);
        assert_int_equal(x.r.changes[0].window_ps,
                         x.r.changes[0].mended_ps - x.r.changes[0].broken_ps);
        rec_free(&x.r);
    }
    end(&x);
}

/* A loser announces the entry anew while the winner is at work, at any moment. */
static void a_late_loser_leaves_no_change_open(void **state)
{
    struct story x;
    (void)state;

    begin(&x);
    step(&x, 0, 10000 * NS, ARCH_READ, BLOCK(0) + PAGE(5));
    step(&x, 1, 10000 * NS, ARCH_READ, BLOCK(0) + PAGE(6));
    for (uint64_t late = 0; late < 20000; late += 499) {
        x.steps[1].at_ps = (10000 + late) * NS;
        run(&x, "clean-before");
        assert_int_equal(x.r.changes_n, 1);
        assert_int_equal(x.r.storm.open_n, 0);
        rec_free(&x.r);
    }
    end(&x);
}

/* The pages of one block, each wanted by another vCPU: with keep, four mappings. */
static void other_pages_of_a_block_are_no_race_if_pages_are_mapped(void **state)
{
    struct story x;
    (void)state;

    begin(&x);
    for (uint32_t vcpu = 0; vcpu < 4; vcpu++)
        step(&x, vcpu, 10000 * NS, ARCH_READ, BLOCK(0) + PAGE(5 + vcpu));
    run(&x, "keep");
    assert_int_equal(x.r.n.by_class[REC_FAULT_NEEDED], 4);
    assert_int_equal(x.r.n.by_class[REC_FAULT_RACE], 0);
    rec_free(&x.r);
    run(&x, "bbm-early"); /* one mapping: the others race for it */
    assert_int_equal(x.r.n.by_class[REC_FAULT_NEEDED], 1);
    assert_int_equal(x.r.n.by_class[REC_FAULT_RACE], 3);
    rec_free(&x.r);
    end(&x);
}

static void keep_makes_a_read_only_page_writable_in_place(void **state)
{
    struct story x;
    (void)state;

    begin(&x);
    step(&x, 0, 1000 * NS, ARCH_WRITE, BLOCK(0) + PAGE(1));
    run(&x, "keep");
    assert_int_equal(x.r.faults_n, 1);
    assert_int_equal(x.r.faults[0].type, ARCH_FAULT_PERMISSION);
    assert_int_equal(x.r.faults[0].level, 3);
    assert_false(x.r.faults[0].eagain);
    assert_int_equal(x.r.changes_n, 0);
    rec_free(&x.r);
    end(&x);
}

/* vCPU 0 has read the page while it was read-only; vCPU 1 makes it writable. KVM 6.2
 * broadcasts the TLBI, so that vCPU 0's next write walks and succeeds. */
static void a_relaxed_permission_reaches_the_other_pes(void **state)
{
    struct story x;
    (void)state;

    begin(&x);
    step(&x, 0, 1000 * NS, ARCH_READ, BLOCK(0) + PAGE(1));
    step(&x, 1, 10000 * NS, ARCH_WRITE, BLOCK(0) + PAGE(1));
    step(&x, 0, 30000 * NS, ARCH_WRITE, BLOCK(0) + PAGE(1));
    run(&x, "keep");
    assert_int_equal(x.r.faults_n, 1);
    assert_int_equal(x.r.n.by_class[REC_FAULT_STALE_PERM], 0);
    rec_free(&x.r);
    end(&x);
}

/* Before that TLBI reaches it, vCPU 0's write hits its read-only entry: the table
 * allows what the TLB entry does not. vCPU 1 faults at 10000 + 5 + 10 + 30 + 30 = 10075
 * and stores at 10075 + 650 + 15 + 3 x 13 + 25 = 10804; DSB, TLBI by IPA, DSB and Sync
 * go before the TLBI that removes the combined entry, 8 + 260 + 230 later at the
 * earliest. */
static void a_write_that_hits_the_old_entry_is_a_stale_permission(void **state)
{
    struct story x;
    (void)state;

    begin(&x);
    step(&x, 0, 1000 * NS, ARCH_READ, BLOCK(0) + PAGE(1));
    step(&x, 1, 5000 * NS, ARCH_READ, BLOCK(8) + PAGE(0));
    step(&x, 1, 10000 * NS, ARCH_WRITE, BLOCK(0) + PAGE(1));
    step(&x, 0, 11200 * NS, ARCH_WRITE, BLOCK(0) + PAGE(1));
    run(&x, "keep");
    assert_int_equal(x.r.n.by_class[REC_FAULT_NEEDED], 1);
    assert_int_equal(x.r.n.by_class[REC_FAULT_STALE_PERM], 1);
    rec_free(&x.r);
    end(&x);
}

/* Two vCPUs coalesce blocks of their own 1 ns apart. vCPU 0's TLBI, issued at T, is
 * delivered to vCPU 1's PE at T + 110, where that PE's own TLBI is being served from
 * T + 1 to T + 201: so it is served at T + 401, acknowledged at T + 501 instead of
 * T + 410, and the window of 676 (idle_window_test.c) becomes 767. */
static void a_tlbi_waits_for_the_one_that_a_pe_is_serving(void **state)
{
    static const struct {
        uint64_t apart_ns;
        uint64_t window_ns; /* of vCPU 0's change */
    } rows[] = {{20000, 676}, {1, 767}};
    (void)state;

    for (size_t i = 0; i < 2; i++) {
        struct story x;

        begin(&x);
        step(&x, 0, 1000 * NS, ARCH_READ, BLOCK(0) + PAGE(0)); /* warm the caches */
        step(&x, 1, 3000 * NS, ARCH_READ, BLOCK(8) + PAGE(0));
        step(&x, 0, 10000 * NS, ARCH_READ, BLOCK(0) + PAGE(5));
        step(&x, 1, (10000 + rows[i].apart_ns) * NS, ARCH_READ, BLOCK(8) + PAGE(5));
        run(&x, "bbm-early");
        assert_int_equal(x.r.changes_n, 2);
        assert_int_equal(x.r.changes[0].vcpu, 0);
        assert_int_equal(x.r.changes[0].window_ps, rows[i].window_ns * NS);
        rec_free(&x.r);
        end(&x);
    }
}

/* Even then a vCPU that gets EAGAIN lets the others go on. */
static void a_machine_without_latencies_comes_to_an_end(void **state)
{
    struct story x;
    (void)state;

    begin(&x);
    x.s.platform.mem.dram_ps = 0;
    x.s.platform.l1d.latency_ps = x.s.platform.l2.latency_ps = 0;
    x.s.platform.mem.pe_l2.latency_ps = x.s.platform.mem.llc.latency_ps = 0;
    x.s.platform.mem.store_ps = x.s.platform.mem.atomic_ps = 0;
    x.s.platform.dvm.issue_ps = x.s.platform.dvm.hop_ps = 0;
    x.s.platform.dvm.serialise_ps = x.s.platform.dvm.service_vmid_ps = 0;
    x.s.platform.dvm.sync_ps = x.s.platform.dvm.dsb_ps = x.s.platform.dvm.isb_ps = 0;
    memset(&x.s.platform.hyp, 0, sizeof x.s.platform.hyp);
    for (uint32_t vcpu = 0; vcpu < 4; vcpu++)
        step(&x, vcpu, 10 * NS, ARCH_READ, BLOCK(0) + PAGE(5));
    run(&x, "bbm");
    rec_free(&x.r);
    end(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_block_is_one_change_whoever_tries),
        cmocka_unit_test(a_late_loser_leaves_no_change_open),
        cmocka_unit_test(other_pages_of_a_block_are_no_race_if_pages_are_mapped),
        cmocka_unit_test(keep_makes_a_read_only_page_writable_in_place),
        cmocka_unit_test(a_relaxed_permission_reaches_the_other_pes),
        cmocka_unit_test(a_write_that_hits_the_old_entry_is_a_stale_permission),
        cmocka_unit_test(a_tlbi_waits_for_the_one_that_a_pe_is_serving),
        cmocka_unit_test(a_machine_without_latencies_comes_to_an_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
