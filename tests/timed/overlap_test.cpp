/* SPDX-License-Identifier: Apache-2.0 */
/* Independent accesses of one PE: how many walk at a time, what merges, who may take an
 * exception, and what a prefetch may do.
 *
 * Platform fixed.yaml, ns: L1 TLB 1, L2 TLB 4, all reads and data 10 here; stage 1 is
 * off, so a walk reads 3 descriptors. The next access issues 1 after the one before. */
#include "tests/timed/rig.h"

#include <algorithm>

extern "C" {
#include "walker/arch/desc.h"
}

namespace
{
constexpr uint64_t BASE = 0x40000000, PAGE = 0x1000;
constexpr uint64_t HOLES = 0x80000000; /* only its even pages up to 4 are mapped */
constexpr uint64_t T = 10000 * NS;
constexpr uint64_t L1 = 1 * NS, L2 = 4 * NS, READ = 10 * NS, ISSUE = 1 * NS;
constexpr uint64_t WALK = 3 * READ;

class Overlap : public RigScenario
{
  public:
    Overlap(uint32_t outstanding, uint32_t walks) : RigScenario("rig.yaml")
    {
        timed_flat_memory(&s, READ);
        s.platform.pe.outstanding_n = outstanding;
        s.platform.pe.walks_n = walks;
        s.platform.pe.issue_ps = ISSUE;
        s.platform.l1d = timed_tlb(64, 64, L1);
    }
};

enum { END };

/* The accesses, issued from T on as fast as the PE can. */
Rig::Program issue_all(const std::vector<uint64_t> &vas)
{
    return [=](Rig &rig, Pe &pe) {
        pe.sleep_until(T);
        for (uint64_t va : vas)
            pe.issue({va}, ARCH_READ);
        rig.note(END, pe.drain());
    };
}

std::vector<uint64_t> pages(uint64_t n)
{
    std::vector<uint64_t> vas;

    for (uint64_t i = 0; i < n; i++)
        vas.push_back(BASE + i * PAGE);
    return vas;
}

/* Each access of its own page. Walkers are taken in order: walk j runs in lane j % W,
 * and each lane is busy from its first miss on. */
void independent_misses_overlap_as_far_as_there_are_walkers(void **)
{
    for (uint32_t walkers : {1, 2, 4}) {
        for (uint64_t k = 1; k <= 9; k++) {
            const Overlap o(16, walkers);
            const RigResult r = rig_run(o.s, {issue_all(pages(k))});
            const uint64_t lane = (k - 1) % walkers, before = (k - 1) / walkers;

            check_row(k, r.note[END],
                      T + L1 + L2 + lane * ISSUE + (before + 1) * WALK + READ);
            check_row(k, r.n.walks, k);
            check_row(k, r.n.walks_merged, 0);
            check_row(k, r.n.accesses, k);
        }
    }
}

/* With as many walkers: slot j % O is free again when its access is translated. */
void the_limit_of_outstanding_misses_holds_the_issue_up(void **)
{
    for (uint32_t limit : {1, 2, 4}) {
        for (uint64_t k = 1; k <= 9; k++) {
            const Overlap o(limit, 4);
            const RigResult r = rig_run(o.s, {issue_all(pages(k))});
            const uint64_t slot = (k - 1) % limit, before = (k - 1) / limit;

            check_row(k, r.note[END],
                      T + slot * ISSUE + (before + 1) * (L1 + L2 + WALK) + READ);
            check_row(k, r.n.walks, k);
        }
    }
}

/* Accesses that hit are not held up by the misses in front of them. */
void hits_go_on_under_a_miss(void **)
{
    const Overlap o(4, 1);
    const RigResult r = rig_run(o.s, {[](Rig &rig, Pe &pe) {
                                    pe.sleep_until(1000 * NS);
                                    Rig::translate(pe, BASE);
                                    pe.sleep_until(T);
                                    pe.issue({BASE + PAGE}, ARCH_READ);
                                    for (int i = 0; i < 5; i++)
                                        pe.issue({BASE}, ARCH_READ);
                                    rig.note(0, pe.now_ps());
                                    rig.note(1, pe.drain());
                                }});

    assert_int_equal(r.note[0], T + 5 * ISSUE);
    assert_int_equal(r.note[1], T + L1 + L2 + WALK + READ);
    assert_int_equal(r.n.accesses, 6);
}

void misses_to_one_page_walk_once(void **)
{
    for (uint64_t n = 1; n <= 8; n++) {
        const Overlap o(8, 4);
        const RigResult r =
            rig_run(o.s, {issue_all(std::vector<uint64_t>(n, BASE + 5 * PAGE))});

        check_row(n, r.n.walks, 1);
        check_row(n, r.n.walk_reads, 3);
        check_row(n, r.n.walks_merged, n - 1);
        check_row(n, r.n.accesses, n);
        check_row(n, r.note[END], T + L1 + L2 + WALK + READ);
    }
}

/* Merging needs no first-level TLB to hand the result on. */
void misses_to_one_page_walk_once_without_an_l1_tlb(void **)
{
    Overlap o(8, 4);

    o.s.platform.l1d.cfg.entries_n = 0;
    const RigResult r = rig_run(o.s, {issue_all(std::vector<uint64_t>(6, BASE))});
    assert_int_equal(r.n.walks, 1);
    assert_int_equal(r.n.walks_merged, 5);
    assert_int_equal(r.note[END], T + L2 + WALK + READ);
}

/* The fetch waits for the walk of the data access and finds its result in the L2 TLB.
 */
void a_fetch_merges_with_the_walk_of_a_data_access(void **)
{
    const Overlap o(8, 4);
    const RigResult r = rig_run(o.s, {[](Rig &rig, Pe &pe) {
                                    pe.sleep_until(T);
                                    pe.issue({BASE}, ARCH_READ);
                                    pe.issue({BASE}, ARCH_EXECUTE);
                                    rig.note(END, pe.drain());
                                }});

    assert_int_equal(r.n.walks, 1);
    assert_int_equal(r.n.walks_merged, 1);
    assert_int_equal(r.note[END], T + L1 + L2 + WALK + READ);
}

/* The TLBI arrives in the middle of the walk: the access that walks is translated, the
 * two that wait look again, and walk once for both. The 7 of the lost look-up are those
 * of the first. */
void those_that_merged_walk_again_if_the_result_must_not_be_held(void **)
{
    const Overlap o(8, 4);
    const RigResult r =
        rig_run(o.s, {issue_all(std::vector<uint64_t>(3, BASE)), [](Rig &rig, Pe &pe) {
                          rig.tlbi_served_at(
                              pe, T + L1 + L2 + READ,
                              arch_tlbi_vmalle1(ARCH_ISH, rig.world.vms[0].hyp.vmid));
                          rig.world.dvm.dsb(pe.id(), ARCH_DSB_ISH);
                      }});

    assert_int_equal(r.n.walks, 2);
    assert_int_equal(r.n.walks_merged, 1); /* the third access */
    assert_int_equal(r.n.accesses, 3);
    assert_int_equal(r.note[END], T + L1 + L2 + 2 * WALK + READ);
}

/* ---- exceptions ---- */

/* The older access reads the level 1 descriptor from the cache and two from DRAM, 1000
 * each, the younger one all from the cache: its walk meets the hole long before. */
class Younger : public Overlap
{
  public:
    Younger() : Overlap(4, 2)
    {
        s.platform.mem.dram_ps = 1000 * NS;
        s.platform.mem.llc.latency_ps = 1000 * NS;
    }
};

constexpr uint64_t HOLE = HOLES + PAGE;
constexpr uint64_t SLOW = L1 + L2 + READ + 2 * 1000 * NS;

Rig::Program slow_then_hole()
{
    return [](Rig &rig, Pe &pe) {
        pe.sleep_until(T - 5000 * NS);
        Rig::translate(pe, HOLES); /* brings the descriptors in */
        pe.sleep_until(T);
        pe.issue({BASE}, ARCH_READ);
        pe.issue({HOLE}, ARCH_READ);
        rig.note(0, pe.now_ps());
        rig.note(END, pe.drain());
    };
}

/* Walks: HOLES before, BASE, the hole as the younger, as the oldest, after the fault.
 */
void a_hole_is_an_exception_of_the_oldest_access_only(void **)
{
    const Younger y;
    const RigResult r = rig_run(y.s, {slow_then_hole()});

    assert_int_equal(r.faults, 1);
    assert_int_equal(r.n.walks, 1 + 1 + 3);
    assert_int_equal(r.n.accesses, 2);
}

/* Somebody maps the page before the younger access is the oldest, a picosecond before
 * its second walk ends with the level 3 descriptor, and then. */
void a_hole_that_is_filled_in_time_costs_a_walk_and_no_exit(void **)
{
    constexpr uint64_t AGAIN = T + SLOW + L1 + L2 + WALK;
    static const struct {
        uint64_t mapped;
        uint64_t faults, walks;
    } rows[] = {
        {T + 100 * NS, 0, 1 + 1 + 2},
        {AGAIN - 1, 0, 1 + 1 + 2},
        {AGAIN, 1, 1 + 1 + 3}, /* PE 0 goes before PE 1 */
    };
    const Younger y;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const auto row = rows[i];
        const RigResult r = rig_run(y.s, {slow_then_hole(), [=](Rig &rig, Pe &pe) {
                                              pe.sleep_until(row.mapped);
                                              rig.set_desc(HOLE, 3, rig.desc(HOLES, 3));
                                          }});
        check_row(i, r.faults, row.faults);
        check_row(i, r.n.walks, row.walks);
        check_row(i, r.n.accesses, 2);
    }
}

/* hole, miss, miss, hit: all are in flight or done when the exception is taken. Those
 * in flight issue again behind it, and each completes once. */
void accesses_behind_an_exception_issue_again_and_complete_once(void **)
{
    const Overlap o(4, 4);
    const RigResult r = rig_run(o.s, {[](Rig &rig, Pe &pe) {
                                    pe.sleep_until(1000 * NS);
                                    Rig::translate(pe, BASE);
                                    pe.sleep_until(T);
                                    pe.issue({HOLE}, ARCH_READ);
                                    pe.issue({BASE + PAGE}, ARCH_READ);
                                    pe.issue({BASE + 2 * PAGE}, ARCH_READ);
                                    pe.issue({BASE}, ARCH_READ);
                                    rig.note(END, pe.drain());
                                }});

    assert_int_equal(r.faults, 1);
    assert_int_equal(r.n.accesses, 4);
    /* warming 1; 4 issued; after the exception the hole again, and the two that it
     * found in flight: their first walks have filled the TLBs meanwhile */
    assert_int_equal(r.n.tlb_lookups, 1 + 4 + 3);
    assert_int_equal(r.n.walks, 1 + 3 + 1);
}

/* Both accesses want the hole. The first one's walk meets it, the second then walks,
 * and goes on walking while the first takes the exception; in time for it PE 1 maps the
 * page. The handler finds that and gives EAGAIN, the first access hits the L1 TLB, and
 * both are done: a fault on the page later is none of theirs. */
void an_access_that_hits_after_its_exception_has_ended_its_retries(void **)
{
    const Overlap o(4, 4);
    const RigResult r = rig_run(
        o.s, {[](Rig &rig, Pe &pe) {
                  pe.sleep_until(T);
                  pe.issue({HOLE}, ARCH_READ);
                  pe.issue({HOLE}, ARCH_READ);
                  pe.drain();
                  rig.note(0, rig.world.vms[0].rec->n.eagain);
                  pe.sleep_until(T + 20000 * NS);
                  rig.set_desc(HOLE, 3, 0);
                  rig.world.dvm.tlbi(
                      0, arch_tlbi_vmalls12e1(ARCH_ISH, rig.world.vms[0].hyp.vmid));
                  rig.world.dvm.dsb(0, ARCH_DSB_ISH);
                  pe.issue({HOLE}, ARCH_READ);
                  pe.drain();
              },
              [](Rig &rig, Pe &pe) {
                  pe.sleep_until(T + L1 + L2 + WALK + READ);
                  rig.set_desc(HOLE, 3, rig.desc(HOLES, 3) + PAGE);
              }});

    assert_int_equal(r.note[0], 1);
    assert_int_equal(r.faults, 2);
    assert_int_equal(r.n.by_class[REC_FAULT_RETRY], 0);
    assert_int_equal(r.n.accesses, 3);
}

/* ---- prefetch ---- */

class Prefetch : public Overlap
{
  public:
    explicit Prefetch(uint32_t walks) : Overlap(4, walks)
    {
        s.platform.pe.prefetch = true;
    }
};

/* The walk for the next page runs behind the one that was wanted, and fills the L2 TLB
 * only: the next access misses in L1 and hits in L2. */
void a_prefetch_fills_the_l2_tlb_and_not_the_l1_tlb(void **)
{
    const Prefetch p(1);
    const RigResult r = rig_run(p.s, {[](Rig &rig, Pe &pe) {
                                    pe.sleep_until(T);
                                    Rig::translate(pe, BASE);
                                    pe.sleep_until(T + 1000 * NS);
                                    Rig::translate(pe, BASE + PAGE);
                                    rig.note(0, pe.now_ps());
                                }});

    assert_int_equal(r.n.walks, 1);
    assert_int_equal(r.n.walks_speculative, 1); /* an L2 hit starts none */
    assert_int_equal(r.n.tlb_l1_misses, 2);
    assert_int_equal(r.n.tlb_misses, 1);
    assert_int_equal(r.note[0], T + 1000 * NS + L1 + L2);
}

/* What the L2 TLB knows, or a walker is at, is not walked for. */
void a_prefetch_walks_only_for_what_nobody_knows(void **)
{
    const Prefetch p(4);
    const RigResult r = rig_run(p.s, {[](Rig &rig, Pe &pe) {
                                    pe.sleep_until(T);
                                    Rig::translate(pe, BASE + PAGE);
                                    pe.sleep_until(T + 1000 * NS);
                                    Rig::translate(pe, BASE); /* next page known */
                                    pe.sleep_until(T + 2000 * NS);
                                    pe.issue({BASE + 8 * PAGE}, ARCH_READ);
                                    pe.issue({BASE + 9 * PAGE}, ARCH_READ);
                                    rig.note(END, pe.drain());
                                }});

    /* for page 2; page 9 is being walked for when 8 is done; for page 10 */
    assert_int_equal(r.n.walks, 4);
    assert_int_equal(r.n.walks_speculative, 2);
}

/* The next page is what lies behind the leaf: of a block the next block. */
void a_prefetch_behind_a_block_is_for_the_next_block(void **)
{
    constexpr uint64_t NEXT = BASE + 0x200000;
    const Prefetch p(1);
    const RigResult r =
        rig_run(p.s, {[](Rig &rig, Pe &pe) {
                    rig.set_desc(BASE, 2, rig.desc(BASE, 3) & ~ARCH_DESC_TABLE);
                    pe.sleep_until(T);
                    Rig::translate(pe, BASE + PAGE);
                    pe.sleep_until(T + 1000 * NS);
                    Rig::translate(pe, NEXT);
                    rig.note(0, pe.now_ps());
                }});

    assert_int_equal(r.n.walks, 1);
    assert_int_equal(r.n.walks_speculative, 1);
    assert_int_equal(r.note[0], T + 1000 * NS + L1 + L2);
}

/* An L2 TLB of stage 1 alone: its entry of the next page is knowledge, too. Without an
 * L1 TLB the same page is walked for twice. */
void a_prefetch_is_none_for_what_is_known_of_stage_1(void **)
{
    RigScenario x("rig-stage1.yaml");
    tlb_cfg &l2 = x.s.platform.l2.cfg;

    x.s.platform.pe.prefetch = true;
    x.s.platform.l1d.cfg.entries_n = 0;
    std::swap(l2.sizes_of[TLB_S1_ONLY], l2.sizes_of[TLB_COMBINED]);
    const RigResult r = rig_run(x.s, {[](Rig &, Pe &pe) {
                                    for (unsigned i = 1; i <= 2; i++) {
                                        pe.sleep_until(i * T);
                                        Rig::translate(pe, BASE);
                                    }
                                }});

    assert_int_equal(r.n.walks, 2);
    assert_int_equal(r.n.s1_leaf_hits, 1);
    assert_int_equal(r.n.walks_speculative, 1);
}

/* A demand miss that comes while the prefetch is under way, at T + 5 + 30 to + 60,
 * waits for it and has its result: no second walk. */
void a_miss_merges_with_the_prefetch_of_its_page(void **)
{
    const Prefetch p(4);
    const RigResult r = rig_run(p.s, {[](Rig &rig, Pe &pe) {
                                    pe.sleep_until(T);
                                    Rig::translate(pe, BASE);
                                    Rig::translate(pe, BASE + PAGE);
                                    rig.note(0, pe.now_ps());
                                }});

    assert_int_equal(r.n.walks, 1);
    assert_int_equal(r.n.walks_merged, 1);
    assert_int_equal(r.note[0], T + L1 + L2 + 2 * WALK);
}

/* The page behind is a hole; behind the last mapped page there is nothing at all. */
void a_prefetch_never_faults(void **)
{
    for (uint64_t va : {HOLES, HOLES + 4 * PAGE}) {
        const Prefetch p(2);
        const RigResult r = rig_run(p.s, {[=](Rig &, Pe &pe) {
                                        pe.sleep_until(T);
                                        Rig::translate(pe, va);
                                        pe.sleep_until(T + 1000 * NS);
                                    }});
        assert_int_equal(r.faults, 0);
        assert_int_equal(r.n.walks, 1);
        assert_int_equal(r.n.walks_speculative, 1);
    }
}

/* Met by a TLBI, from just after its begin to its end, it fills nothing. */
void a_prefetch_obeys_no_fill(void **)
{
    constexpr uint64_t BEGIN = T + L1 + L2 + WALK;
    static const struct {
        uint64_t served;
        uint64_t walks;
    } rows[] = {
        {BEGIN + 1, 2}, {BEGIN + READ, 2}, {BEGIN + WALK, 2}, {BEGIN - 1000 * NS, 1}};
    const Prefetch p(2);

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const auto row = rows[i];
        const RigResult r = rig_run(
            p.s, {[](Rig &, Pe &pe) {
                      pe.sleep_until(T);
                      Rig::translate(pe, BASE);
                      pe.sleep_until(T + 1000 * NS);
                      Rig::translate(pe, BASE + PAGE);
                  },
                  [=](Rig &rig, Pe &pe) {
                      rig.tlbi_served_at(
                          pe, row.served,
                          arch_tlbi_vmalle1(ARCH_ISH, rig.world.vms[0].hyp.vmid));
                      rig.world.dvm.dsb(pe.id(), ARCH_DSB_ISH);
                  }});
        check_row(i, r.n.walks, row.walks);
    }
}

/* The Sync is answered when the prefetch has ended, though nobody waits for it. */
void a_sync_waits_for_a_prefetch(void **)
{
    constexpr uint64_t U = 20000 * NS;
    constexpr uint64_t ANSWER = U + (410 + 110 + 20) * NS;
    static const struct {
        uint64_t begin, done; /* of the demand access; the DSB */
    } rows[] = {
        /* the prefetch takes from begin + 35 to + 65 */
        {ANSWER - L1 - L2 - 2 * WALK, ANSWER + 100 * NS},
        {ANSWER - L1 - L2 - 2 * WALK + 1, ANSWER + 1 + 100 * NS},
        {ANSWER - L1 - L2 - WALK - 1, ANSWER + WALK - 1 + 100 * NS},
        /* begun by the demand access's end, at the very moment of the Sync: too late */
        {ANSWER - L1 - L2 - WALK, ANSWER + 100 * NS},
    };
    const Prefetch p(2);

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const auto row = rows[i];
        const RigResult r = rig_run(
            p.s, {[=](Rig &, Pe &pe) {
                      pe.sleep_until(row.begin);
                      Rig::translate(pe, BASE);
                  },
                  [=](Rig &rig, Pe &pe) {
                      const auto other =
                          static_cast<uint16_t>(rig.world.vms[0].hyp.vmid ^ 1);
                      pe.sleep_until(U - 2 * NS);
                      rig.world.dvm.tlbi(1, arch_tlbi_vmalls12e1(ARCH_ISH, other));
                      rig.world.dvm.dsb(1, ARCH_DSB_ISH);
                      rig.note(0, pe.now_ps());
                  }});
        check_row(i, r.note[0], row.done);
    }
}
} // namespace

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(independent_misses_overlap_as_far_as_there_are_walkers),
        cmocka_unit_test(the_limit_of_outstanding_misses_holds_the_issue_up),
        cmocka_unit_test(hits_go_on_under_a_miss),
        cmocka_unit_test(misses_to_one_page_walk_once),
        cmocka_unit_test(misses_to_one_page_walk_once_without_an_l1_tlb),
        cmocka_unit_test(a_fetch_merges_with_the_walk_of_a_data_access),
        cmocka_unit_test(those_that_merged_walk_again_if_the_result_must_not_be_held),
        cmocka_unit_test(a_hole_is_an_exception_of_the_oldest_access_only),
        cmocka_unit_test(a_hole_that_is_filled_in_time_costs_a_walk_and_no_exit),
        cmocka_unit_test(accesses_behind_an_exception_issue_again_and_complete_once),
        cmocka_unit_test(an_access_that_hits_after_its_exception_has_ended_its_retries),
        cmocka_unit_test(a_prefetch_fills_the_l2_tlb_and_not_the_l1_tlb),
        cmocka_unit_test(a_prefetch_walks_only_for_what_nobody_knows),
        cmocka_unit_test(a_prefetch_behind_a_block_is_for_the_next_block),
        cmocka_unit_test(a_prefetch_is_none_for_what_is_known_of_stage_1),
        cmocka_unit_test(a_miss_merges_with_the_prefetch_of_its_page),
        cmocka_unit_test(a_prefetch_never_faults),
        cmocka_unit_test(a_prefetch_obeys_no_fill),
        cmocka_unit_test(a_sync_waits_for_a_prefetch),
    };

    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
