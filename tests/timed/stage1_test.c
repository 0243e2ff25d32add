/* SPDX-License-Identifier: Apache-2.0 */
/* A guest with stage 1 on: nested walks, S1PTW, Access flags, instruction fetches.
 *
 * 48-bit VAs with 4K pages: stage 1 starts at level 0 and has four tables, at
 * 0x40200000 and the three pages after it. A 40-bit IPA space: stage 2 starts at
 * level 1. Platform fixed.yaml. */
#include "tests/timed/timed.h"

#include "walker/arch/addr.h"

#include <string.h>

#define CODE UINT64_C(0x40000000)
#define STEPS_MAX 4

struct story {
    struct scn s;
    struct guest_step *own, steps[STEPS_MAX];
    struct rec_run r;
};

static void begin(struct story *x)
{
    timed_load("stage1.yaml", &x->s);
    x->own = x->s.vms[0].guest.steps;
    x->s.vms[0].guest.steps = x->steps;
    x->s.vms[0].guest.steps_n = 0;
}

static void step(struct story *x, uint64_t at_ps, enum arch_access access, uint64_t va)
{
    assert_in_range(x->s.vms[0].guest.steps_n, 0, STEPS_MAX - 1);
    x->steps[x->s.vms[0].guest.steps_n++] =
        (struct guest_step){.at_ps = at_ps, .access = access, .ipa = {va}};
}

static void run(struct story *x, const char *variant)
{
    timed_run(&x->s, variant, &x->r);
    assert_int_equal(x->r.n.accesses, x->s.vms[0].guest.steps_n);
    assert_int_equal(rec_violations(&x->r.n), 0);
}

static void end(struct story *x)
{
    rec_free(&x->r);
    x->s.vms[0].guest.steps = x->own;
    scn_free(&x->s);
}

/* Four stage 1 descriptors behind three stage 2 reads each, and three for the output.
 */
static void a_cold_nested_walk_reads_nineteen_descriptors(void **state)
{
    /*
     * Read 0x40000000 at 1000. TLB miss 5. Cold reads from DRAM, 100 each; others from
     * the PE's L2 cache, 10:
     *   level 0 table's page 0x40200000: stage 2 levels 1, 2, 3: 3 x 100; its
     * descriptor 100 pages 0x40201000 to 0x40203000: the same three lines (level 3
     * descriptors 0, 1, 2, 3 of a block share one): 3 x 10; each descriptor 100 output
     * 0x40000000: stage 2 level 1 10, level 2 10 (neighbour of the other block's),
     * level 3 in another table 100 data 100 1000 + 5 + 400 + 3 x 130 + 120 + 100 = 2015
     */
    struct story x;
    (void)state;

    begin(&x);
    step(&x, 1000 * NS, ARCH_READ, CODE);
    run(&x, "keep");
    assert_int_equal(x.r.n.walk_reads, 4 * 4 + 3);
    assert_int_equal(x.r.n.walks, 1);
    assert_int_equal(x.r.end_ps, 2015 * NS);
    end(&x);
}

static void a_tlb_entry_of_both_stages_needs_no_walk(void **state)
{
    struct story x;
    (void)state;

    begin(&x);
    step(&x, 1000 * NS, ARCH_READ, CODE);
    step(&x, 10000 * NS, ARCH_READ, CODE + 8);
    run(&x, "keep");
    assert_int_equal(x.r.n.walks, 1);
    assert_int_equal(x.r.end_ps, (10000 + 1 + 10) * NS);
    end(&x);
}

static void a_fetch_has_a_first_level_tlb_of_its_own(void **state)
{
    struct story x;
    (void)state;

    begin(&x);
    step(&x, 1000 * NS, ARCH_READ, CODE);
    step(&x, 10000 * NS, ARCH_EXECUTE, CODE);
    step(&x, 20000 * NS, ARCH_EXECUTE, CODE);
    run(&x, "keep");
    assert_int_equal(x.r.n.tlb_l1_misses, 2); /* one of each kind */
    assert_int_equal(x.r.n.walks, 1);         /* the second found it in L2 */
    end(&x);
}

/* The page that holds the tables is broken while the page of the data is not. */
static void a_walk_of_the_guest_s_tables_can_meet_the_window(void **state)
{
    static const struct {
        const char *variant;
        size_t window, s1ptw;
    } rows[] = {{"bbm-early", 1, 1}, {"nt", 0, 0}};
    (void)state;

    for (size_t i = 0; i < 2; i++) {
        struct story x;
        uint64_t s;

        begin(&x);
        step(&x, 100000 * NS, ARCH_READ, CODE); /* to find when the entry breaks */
        run(&x, rows[i].variant);
        s = x.r.changes[0].first_store_ps;
        rec_free(&x.r);
        x.steps[0].at_ps = s + 50 * NS;
        run(&x, rows[i].variant);
        assert_int_equal(x.r.n.by_class[REC_FAULT_WINDOW], rows[i].window);
        assert_int_equal(x.r.n.s1ptw, rows[i].s1ptw);
        if (rows[i].s1ptw) {
            assert_int_equal(x.r.faults[0].ipa.v, 0x40200000);
            assert_int_equal(x.r.faults[0].level, 2);
            assert_int_equal(x.r.faults[0].access, ARCH_READ);
        }
        end(&x);
    }
}

static void the_first_use_of_a_leaf_sets_its_access_flag(void **state)
{
    struct story x;
    (void)state;

    begin(&x);
    x.s.vms[0].stage1.accessed = false;
    step(&x, 1000 * NS, ARCH_READ, CODE);
    step(&x, 5000 * NS, ARCH_READ, CODE + 0x1000);
    step(&x, 10000 * NS, ARCH_READ, CODE);
    run(&x, "keep");
    assert_int_equal(x.r.n.hw_updates, 2);
    assert_int_equal(x.r.faults_n, 0);
    end(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cold_nested_walk_reads_nineteen_descriptors),
        cmocka_unit_test(a_tlb_entry_of_both_stages_needs_no_walk),
        cmocka_unit_test(a_fetch_has_a_first_level_tlb_of_its_own),
        cmocka_unit_test(a_walk_of_the_guest_s_tables_can_meet_the_window),
        cmocka_unit_test(the_first_use_of_a_leaf_sets_its_access_flag),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
