/* SPDX-License-Identifier: Apache-2.0 */
/* One vCPU with every latency fixed: completion times worked out by hand.
 *
 * Platform fixed.yaml, ns: L1 TLB 1, L2 TLB 4; PE's L2 cache 10, LLC 30, DRAM 100;
 * store 20, atomic 25; exit 150, handler before the lock 500, entry 160; lock 15;
 * visit 3; issue 2, hop 100, serialise 10, VMID service 200, Sync 20, DSB 8, ISB 6.
 * A 40-bit IPA space with 4K pages starts at level 1, so a walk reads 3 descriptors. */
#include "tests/timed/timed.h"

/* begin, end: of the accesses of one-vcpu.yaml in order; the vCPU issues each when the
 * one before has completed. */
static void accesses_that_hit_and_walk_complete_as_worked_out(void **state)
{
    /*
     * 1. read 0x40000000 at 1000: L1 and L2 TLB miss 1 + 4, walk 3 x DRAM 100, data
     *    from DRAM 100: 1000 + 5 + 300 + 100 = 1405
     * 2. read 0x40000008: L1 TLB hit 1, data in the PE's cache 10: 1405 + 11 = 1416
     * 3. write 0x40001000: TLB miss 5, walk: the level 1, 2 and 3 descriptors lie in
     *    lines that walk 1 brought in (the level 3 one is the neighbour): 3 x 10, data
     *    DRAM 100: 1416 + 5 + 30 + 100 = 1551
     * 4. read 0x40002000, not mapped: TLB miss 5, walk 30 ends in a level 3 translation
     *    fault at 1586. Exit and handler 650 -> 2236, take lock 15 -> 2251.
     *    HYP_SEQ_KEEP maps a page: visit 3 + read 10 of levels 1, 2 and 3 (same lines)
     *    3 x 13 -> 2290, compare-and-swap to locked 25 -> 2315, make 20 -> 2335,
     *    DSB ISHST 8 -> 2343, drop lock 15 -> 2358, entry 160 -> 2518.
     *    Again: TLB miss 5, walk 3 x 10, DRAM 100: 2518 + 5 + 30 + 100 = 2653
     */
    static const uint64_t last_ns = 2653;
    struct scn s;
    struct rec_run r;
    (void)state;

    timed_load("one-vcpu.yaml", &s);
    timed_run(&s, "keep", &r);
    assert_int_equal(r.end_ps, last_ns * NS);
    assert_int_equal(r.n.accesses, 4);
    assert_int_equal(r.n.walks, 4);
    assert_int_equal(r.n.walk_reads, 12);
    assert_int_equal(r.faults_n, 1);
    assert_int_equal(r.faults[0].taken_ps, 1586 * NS);
    assert_int_equal(r.faults[0].reentry_ps, 2518 * NS);
    assert_int_equal(r.faults[0].level, 3);
    assert_int_equal(r.faults[0].cls, REC_FAULT_NEEDED);
    assert_int_equal(r.access.max_ps, (2653 - 1551) * NS);
    rec_free(&r);
    scn_free(&s);
}

static void a_fault_that_coalesces_completes_as_worked_out(void **state)
{
    /*
     * As above to the fault at 1586 and the lock at 2251. The backing allows 2 MiB, so
     * the walk ends at level 2: visit 3 + read 10 of levels 1 and 2 -> 2277. It is a
     * table: compare-and-swap to locked 25 -> 2302: the window opens.
     * Flush: DSB ISHST 8 -> 2310; TLBI issue 2 -> 2312, served by this PE alone after
     *   200, at 2512; DSB ISH 8 -> 2320, waits for it -> 2512; a domain of one PE needs
     *   no Sync answer; ISB 6 -> 2518.
     * Make 20 -> 2538: the window closes after 236. DSB ISHST 8 -> 2546, drop lock 15
     *   -> 2561.
     * Tear-down: 512 reads; the 64 lines of the table but the first, which walk 1
     *   brought in, come from DRAM: 63 x 100 + 449 x 10 = 10790; 2 leaves x 14, one
     *   table 200: 2561 + 10790 + 28 + 200 = 13579. Entry 160 -> 13739.
     * Again: TLB miss 5, walk: level 1 and 2 descriptors in the PE's cache 2 x 10, data
     *   DRAM 100: 13739 + 5 + 20 + 100 = 13864
     */
    struct scn s;
    struct rec_run r;
    (void)state;

    timed_load("one-vcpu.yaml", &s);
    timed_run(&s, "bbm-early", &r);
    assert_int_equal(r.changes_n, 1);
    assert_int_equal(r.changes[0].broken_ps, 2302 * NS);
    assert_int_equal(r.changes[0].window_ps, 236 * NS);
    assert_int_equal(r.changes[0].done_ps, 13579 * NS);
    assert_int_equal(r.faults_n, 1);
    assert_int_equal(r.faults[0].reentry_ps, 13739 * NS);
    /* Together the 13739 - 1586 of the fault; two visits and reads 26, cas 25, make 20.
     */
    assert_int_equal(r.n.spent_ps[REC_SPENT_ENTRY_EXIT], 310 * NS);
    assert_int_equal(r.n.spent_ps[REC_SPENT_HANDLER], 500 * NS);
    assert_int_equal(r.n.spent_ps[REC_SPENT_LOCK], 30 * NS);
    assert_int_equal(r.n.spent_ps[REC_SPENT_TABLES], 71 * NS);
    assert_int_equal(r.n.spent_ps[REC_SPENT_CLEAN], 0);
    assert_int_equal(r.n.spent_ps[REC_SPENT_TLBI], 224 * NS);
    assert_int_equal(r.n.spent_ps[REC_SPENT_TEARDOWN], 11018 * NS);
    assert_int_equal(r.end_ps, 13864 * NS);
    rec_free(&r);
    scn_free(&s);
}

/* The first access walks: 5 + 100 + data 100 = 205. The second hits L1: 1 + 100 = 306.
 * The third misses L1, whose part ends at 2 MiB, and hits L2: 5 + 100 = 411. The fourth
 * hits what that put into L1, and its data is in the line of the third: 1 + 10 = 422.
 */
static void the_l1_tlb_holds_the_part_of_a_block_that_is_used(void **state)
{
    struct scn s;
    struct rec_run r;
    (void)state;

    timed_load("block-1g.yaml", &s);
    timed_run(&s, "keep", &r);
    assert_int_equal(r.end_ps, 422 * NS);
    assert_int_equal(r.n.tlb_lookups, 4);
    assert_int_equal(r.n.tlb_l1_misses, 2);
    assert_int_equal(r.n.walks, 1);
    rec_free(&r);
    scn_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accesses_that_hit_and_walk_complete_as_worked_out),
        cmocka_unit_test(a_fault_that_coalesces_completes_as_worked_out),
        cmocka_unit_test(the_l1_tlb_holds_the_part_of_a_block_that_is_used),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
