/* SPDX-License-Identifier: Apache-2.0 */
/* What a translation costs by the structure that answers it, worked out by hand.
 *
 * Platform fixed.yaml, ns: L1 TLB 1, L2 TLB 4, all reads and data 10 here. Stage 2 from
 * level 1: 3 reads; with stage 1, 4 x (3 + 1) + 3. */
#include "tests/timed/rig.h"

extern "C" {
#include "walker/arch/desc.h"
}

namespace
{
constexpr uint64_t BASE = 0x40000000, PAGE = 0x1000, MIB2 = 0x200000;
constexpr uint64_t T = 10000 * NS;
constexpr uint64_t DATA = 10;

class Lookup : public RigScenario
{
  public:
    explicit Lookup(const char *name = "rig.yaml") : RigScenario(name)
    {
        timed_flat_memory(&s, 10 * NS);
    }
};

/* The accesses one after the other, 1 us apart; notes how long each took, in ns. */
RigResult access_all(const scn &s, const std::vector<uint64_t> &vas,
                     arch_access access = ARCH_READ)
{
    return rig_run(s, {[=](Rig &rig, Pe &pe) {
                       for (unsigned i = 0; i < vas.size(); i++) {
                           pe.sleep_until(T + i * 1000 * NS);
                           const uint64_t end = pe.access({vas[i]}, access);
                           rig.note(i, (end - T) / NS - i * 1000);
                       }
                   }});
}

/* A miss, a hit in L1, and with four other pages in between a hit in L2. */
const std::vector<uint64_t> MISS_L1_L2 = {
    BASE, BASE, BASE + 1 * PAGE, BASE + 2 * PAGE, BASE + 3 * PAGE, BASE + 4 * PAGE,
    BASE};

void hits_and_misses_cost_the_levels_that_they_pass(void **)
{
    const Lookup x;

    for (const arch_access access : {ARCH_READ, ARCH_WRITE, ARCH_EXECUTE}) {
        const RigResult r = access_all(x.s, MISS_L1_L2, access);
        assert_int_equal(r.note[0], 1 + 4 + 30 + DATA);
        assert_int_equal(r.note[1], 1 + DATA);
        assert_int_equal(r.note[6], 1 + 4 + DATA);
        assert_int_equal(r.n.tlb_lookups, 7);
        assert_int_equal(r.n.tlb_l1_misses, 6);
        assert_int_equal(r.n.tlb_misses, 5);
        assert_int_equal(r.n.walks, 5);
        assert_int_equal(r.n.walk_reads, 15);
    }
}

/* One more ns of each latency, and what it adds to a miss, a hit in L1 and one in L2.
 */
void each_latency_adds_itself_where_it_is_passed(void **)
{
    static const struct {
        const char *name;
        uint64_t &(*of)(scn_platform &p);
        uint64_t miss, l1_hit, l2_hit;
    } rows[] = {
        {"l1d", [](scn_platform &p) -> uint64_t & { return p.l1d.latency_ps; }, 1, 1,
         1},
        {"l1i", [](scn_platform &p) -> uint64_t & { return p.l1i.latency_ps; }, 0, 0,
         0},
        {"l2", [](scn_platform &p) -> uint64_t & { return p.l2.latency_ps; }, 1, 0, 1},
        {"mem.l2", [](scn_platform &p) -> uint64_t & { return p.mem.pe_l2.latency_ps; },
         0, 1, 1},
        {"mem.llc", [](scn_platform &p) -> uint64_t & { return p.mem.llc.latency_ps; },
         0, 0, 0},
        {"mem.dram", [](scn_platform &p) -> uint64_t & { return p.mem.dram_ps; }, 4, 0,
         0},
        {"s2, absent", [](scn_platform &p) -> uint64_t & { return p.s2.latency_ps; }, 0,
         0, 0},
        {"walk cache, absent",
         [](scn_platform &p) -> uint64_t & { return p.walk_cache[1][2].latency_ps; }, 0,
         0, 0},
        {"l2 other size",
         [](scn_platform &p) -> uint64_t & { return p.l2.other_size_ps; }, 0, 0, 1},
    };
    Lookup x;
    const RigResult before = access_all(x.s, MISS_L1_L2);

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        uint64_t &parameter = rows[i].of(x.s.platform);

        parameter += 1 * NS;
        const RigResult r = access_all(x.s, MISS_L1_L2);
        parameter -= 1 * NS;
        check_row(i, r.note[0] - before.note[0], rows[i].miss);
        check_row(i, r.note[1] - before.note[1], rows[i].l1_hit);
        check_row(i, r.note[6] - before.note[6], rows[i].l2_hit);
    }
}

void a_core_without_a_level_does_not_wait_for_it(void **)
{
    static const struct {
        bool l1, l2;
        uint64_t miss, again, after_others;
    } rows[] = {
        {true, true, 5 + 30, 1, 5},
        {false, true, 4 + 30, 4, 4},
        {true, false, 1 + 30, 1, 1 + 30},
        {false, false, 30, 30, 30},
    };

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        Lookup x;

        if (!rows[i].l1)
            x.s.platform.l1d.cfg.entries_n = 0;
        if (!rows[i].l2)
            x.s.platform.l2.cfg.entries_n = 0;
        const RigResult r = access_all(x.s, MISS_L1_L2);
        check_row(i, r.note[0], rows[i].miss + DATA);
        check_row(i, r.note[1], rows[i].again + DATA);
        check_row(i, r.note[6], rows[i].after_others + DATA);
    }
}

/* Pages of 4K and a block of 2M, without an L1 TLB: 3 more where the size changes. */
void an_l2_hit_on_another_page_size_costs_more(void **)
{
    constexpr uint64_t BLOCK = BASE + MIB2;
    Lookup x;

    x.s.platform.l1d.cfg.entries_n = 0;
    x.s.platform.l2.other_size_ps = 3 * NS;
    const RigResult r =
        rig_run(x.s, {[](Rig &rig, Pe &pe) {
                    rig.set_desc(BLOCK, 2, rig.desc(BLOCK, 3) & ~ARCH_DESC_TABLE);
                    const uint64_t vas[] = {BASE,  BLOCK,        BASE, BASE + 8,
                                            BLOCK, BLOCK + PAGE, BASE};
                    for (unsigned i = 0; i < 7; i++) {
                        pe.sleep_until(T + i * 1000 * NS);
                        Rig::translate(pe, vas[i]);
                        rig.note(i, (pe.now_ps() - T - i * 1000 * NS) / NS);
                    }
                }});

    assert_int_equal(r.note[0], 4 + 30);
    assert_int_equal(r.note[1], 4 + 20); /* a block: two reads */
    /* the first hit of all finds nothing to compare with */
    assert_int_equal(r.note[3], 4);
    assert_int_equal(r.note[4], 4 + 3);
    assert_int_equal(r.note[5], 4);
    assert_int_equal(r.note[6], 4 + 3);
}

/* ---- walk caches and the cache of stage 2 ---- */

enum Structure { S1L0, S1L1, S1L2, S2L1, S2L2, S2, L2_IPA };

void add(scn &s, Structure which)
{
    scn_platform &p = s.platform;

    switch (which) {
    case S1L0:
    case S1L1:
    case S1L2:
        p.walk_cache[0][which - S1L0] = timed_walk_cache(1, which - S1L0, 2 * NS);
        break;
    case S2L1:
        p.walk_cache[1][1] = timed_walk_cache(2, 1, 3 * NS);
        break;
    case S2L2:
        p.walk_cache[1][2] = timed_walk_cache(2, 2, 6 * NS);
        break;
    case S2:
        p.s2 = timed_s2_cache(5 * NS);
        break;
    case L2_IPA:
        p.l2.cfg.sizes_of[TLB_S2_ONLY] = p.l2.cfg.sizes_of[TLB_COMBINED];
        break;
    }
}

/* Stage 1 off: one question before the first descriptor, which costs the slowest of the
 * structures that may answer, hit or miss. A cold access, one to the next page, and one
 * whose combined entries have gone (NSH VMALLE1). Walk parts in ns. */
void stage_2_caches_answer_in_the_time_of_the_slowest(void **)
{
    static const struct {
        std::vector<Structure> has;
        uint64_t cold, next, same;
    } rows[] = {
        {{}, 30, 30, 30},
        {{S1L0, S1L1, S1L2}, 30, 30, 30},
        {{S2L1}, 3 + 30, 3 + 20, 3 + 20},
        {{S2L2}, 6 + 30, 6 + 10, 6 + 10},
        {{S2L1, S2L2}, 6 + 30, 6 + 10, 6 + 10},
        {{S2}, 5 + 30, 5 + 30, 5},
        {{L2_IPA}, 4 + 30, 4 + 30, 4},
        {{S2, S2L1}, 5 + 30, 5 + 20, 5},
        {{S2, S2L1, S2L2, L2_IPA}, 6 + 30, 6 + 10, 6},
    };

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        Lookup x;

        for (const Structure has : rows[i].has)
            add(x.s, has);
        const RigResult r = rig_run(
            x.s, {[](Rig &rig, Pe &pe) {
                const uint64_t vas[] = {BASE, BASE + PAGE, BASE};
                for (unsigned k = 0; k < 3; k++) {
                    if (k == 2)
                        rig.world.dvm.tlbi(
                            0, arch_tlbi_vmalle1(ARCH_NSH, rig.world.vms[0].hyp.vmid));
                    rig.world.dvm.dsb(0, ARCH_DSB_NSH);
                    const uint64_t begin = pe.now_ps();
                    Rig::translate(pe, vas[k]);
                    rig.note(k, (pe.now_ps() - begin) / NS);
                }
            }});
        check_row(i, r.note[0], 5 + rows[i].cold);
        check_row(i, r.note[1], 5 + rows[i].next);
        check_row(i, r.note[2], 5 + rows[i].same);
    }
}

/* Stage 1 on, its tables and the output in one GiB and two blocks of 2M. One question
 * of stage 1 (2), one of each of the five walks of stage 2 (3, 6 or 5). The first
 * access, and one to the next page. */
void caches_of_both_stages_answer_by_stage_and_level(void **)
{
    static const struct {
        std::vector<Structure> has;
        uint64_t reads[2], asks_ns[2];
        uint64_t s1_hits, s2_hits, leaf_hits; /* of both */
    } rows[] = {
        {{}, {19, 19}, {0, 0}, 0, 0, 0},
        {{S1L0}, {19, 12}, {2, 2}, 1, 0, 0},
        {{S1L1}, {19, 8}, {2, 2}, 1, 0, 0},
        {{S1L2}, {19, 4}, {2, 2}, 1, 0, 0},
        {{S2L1}, {3 + 1 + 3 * 3 + 2, 4 * 3 + 2}, {5 * 3, 5 * 3}, 0, 4 + 5, 0},
        {{S2L2}, {3 + 1 + 3 * 2 + 3, 4 * 2 + 1}, {5 * 6, 5 * 6}, 0, 3 + 5, 0},
        {{S2}, {19, 7}, {5 * 5, 5 * 5}, 0, 0, 4},
        {{L2_IPA}, {19, 7}, {5 * 4, 5 * 4}, 0, 0, 4},
        {{S1L2, S2}, {19, 4}, {2 + 5 * 5, 2 + 5}, 1, 0, 0},
        {{S1L2, S2L2}, {13, 2}, {2 + 5 * 6, 2 + 6}, 1, 3 + 1, 0},
        {{S1L0, S1L1, S1L2, S2L1, S2L2, S2}, {12, 2}, {2 + 5 * 6, 2 + 6}, 1, 4 + 1, 0},
    };

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        Lookup x("rig-stage1.yaml");

        for (const Structure has : rows[i].has)
            add(x.s, has);
        const RigResult r = access_all(x.s, {BASE, BASE + PAGE});
        for (unsigned k = 0; k < 2; k++)
            check_row(i, r.note[k],
                      5 + rows[i].reads[k] * 10 + rows[i].asks_ns[k] + DATA);
        check_row(i, r.n.walk_reads, rows[i].reads[0] + rows[i].reads[1]);
        check_row(i, r.n.s1_table_hits, rows[i].s1_hits);
        check_row(i, r.n.s2_table_hits, rows[i].s2_hits);
        check_row(i, r.n.s2_leaf_hits, rows[i].leaf_hits);
    }
}

/* A descriptor costs the latency of the first cache that holds its line. */
void a_walk_step_costs_what_its_line_costs(void **)
{
    const RigScenario x("rig.yaml"); /* 10, 30, 100 */
    const RigResult r =
        rig_run(x.s, {[](Rig &rig, Pe &pe) {
                          /* cold; the same lines; another level 2 line */
                          const uint64_t vas[] = {BASE, BASE + PAGE, BASE + 8 * MIB2};
                          for (unsigned i = 0; i < 3; i++) {
                              pe.sleep_until(T + i * 1000 * NS);
                              Rig::translate(pe, vas[i]);
                              rig.note(i, (pe.now_ps() - T) / NS - i * 1000);
                          }
                      },
                      [](Rig &rig, Pe &pe) {
                          pe.sleep_until(T + 5000 * NS);
                          Rig::translate(pe, BASE); /* in the LLC */
                          rig.note(3, (pe.now_ps() - T) / NS - 5000);
                      }});

    assert_int_equal(r.note[0], 5 + 3 * 100);
    assert_int_equal(r.note[1], 5 + 3 * 10);
    assert_int_equal(r.note[2], 5 + 10 + 2 * 100);
    assert_int_equal(r.note[3], 5 + 3 * 30);
}

/* A page whose dirty state is clear, in a machine that keeps it in hardware (HD) or
 * not.
 */
RigResult read_then_write_twice(const scn &s)
{
    return rig_run(s, {[](Rig &rig, Pe &pe) {
                       const uint64_t clean =
                           (rig.desc(BASE, 3) & ~ARCH_DESC_S2AP_W) | ARCH_DESC_DBM;

                       rig.set_desc(BASE, 3, clean);
                       pe.sleep_until(T);
                       pe.sleep_until(pe.access({BASE}, ARCH_READ));
                       rig.note(0, rig.desc(BASE, 3) ^ clean);
                       pe.sleep_until(pe.access({BASE}, ARCH_WRITE));
                       rig.note(1, rig.desc(BASE, 3) ^ clean);
                       pe.sleep_until(pe.access({BASE}, ARCH_WRITE));
                       rig.note(2, rig.desc(BASE, 3) ^ clean);
                   }});
}

void a_first_write_walks_again_where_a_tlb_holds_the_page_as_clean(void **)
{
    Lookup x;

    x.s.platform.feat.hafdbs = 2;
    x.s.variants[0].hyp.dirty = HYP_DIRTY_HARDWARE;
    const RigResult r = read_then_write_twice(x.s);
    assert_int_equal(r.note[0], 0); /* a read leaves it clean */
    assert_int_equal(r.note[1], ARCH_DESC_S2AP_W);
    assert_int_equal(r.note[2], ARCH_DESC_S2AP_W);
    assert_int_equal(r.n.hw_updates, 1);
    assert_int_equal(r.n.walks, 2); /* the second write hits */
    assert_int_equal(r.faults, 0);
}

void a_pe_without_hd_faults_at_a_first_write(void **)
{
    Lookup x;

    x.s.platform.feat.hafdbs = 1;
    x.s.variants[0].hyp.dirty = HYP_DIRTY_HARDWARE;
    const RigResult r = read_then_write_twice(x.s);
    assert_int_equal(r.note[1], ARCH_DESC_S2AP_W); /* by the handler */
    assert_int_equal(r.n.hw_updates, 0);
    assert_int_equal(r.faults, 1);
}
} // namespace

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hits_and_misses_cost_the_levels_that_they_pass),
        cmocka_unit_test(each_latency_adds_itself_where_it_is_passed),
        cmocka_unit_test(a_core_without_a_level_does_not_wait_for_it),
        cmocka_unit_test(an_l2_hit_on_another_page_size_costs_more),
        cmocka_unit_test(stage_2_caches_answer_in_the_time_of_the_slowest),
        cmocka_unit_test(caches_of_both_stages_answer_by_stage_and_level),
        cmocka_unit_test(a_walk_step_costs_what_its_line_costs),
        cmocka_unit_test(a_first_write_walks_again_where_a_tlb_holds_the_page_as_clean),
        cmocka_unit_test(a_pe_without_hd_faults_at_a_first_write),
    };

    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
