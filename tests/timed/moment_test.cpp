/* SPDX-License-Identifier: Apache-2.0 */
/* The moment at which a TLBI or a store meets a look-up, a step of a walk, a Sync: one
 * picosecond before, and then.
 *
 * Platform fixed.yaml, ns: L1 TLB 1, L2 TLB 4, all reads 10 here; stage 1 is off, so a
 * walk reads 3 descriptors. A TLBI: issue 2, half a hop 50, interconnect 10, half a hop
 * 50, service 200 (VMID); acknowledgement 100. At one moment PE 0 goes before PE 1, and
 * at PE 0 messages go before look-ups and walks, those before the program. */
#include "tests/timed/rig.h"

extern "C" {
#include "walker/arch/desc.h"
}

namespace
{
constexpr uint64_t VA = 0x40003000;
constexpr uint64_t OTHER = 0x40300000; /* another level 3 table */
constexpr uint64_t T = 10000 * NS;     /* of the access */
constexpr uint64_t L1 = 1 * NS, L2 = 4 * NS, READ = 10 * NS;
constexpr uint64_t WALK = T + L1 + L2; /* its walk begins */
constexpr uint64_t END = WALK + 3 * READ;

class Moment : public RigScenario
{
  public:
    Moment() : RigScenario("rig.yaml") { timed_flat_memory(&s, READ); }
};

arch_tlbi everything(const Rig &rig)
{
    return arch_tlbi_vmalls12e1(ARCH_ISH, rig.world.vms[0].hyp.vmid);
}

/* The page moves to where OTHER is, long before the TLBI. */
void move_page(Rig &rig)
{
    rig.set_desc(VA, 3, rig.desc(OTHER, 3));
}

enum { PA, WALKS_SO_FAR, REMOVED_PA };

/* PE 0 has translated VA at 1 us if warm, and does it again at T; PE 1's TLBI is served
 * there at served. Notes the PA that the access at T got. */
RigResult access_against_tlbi(const scn &s, bool warm, uint64_t served)
{
    return rig_run(s, {[=](Rig &rig, Pe &pe) {
                           pe.sleep_until(1000 * NS);
                           if (warm)
                               Rig::translate(pe, VA);
                           pe.sleep_until(T);
                           rig.note(PA, Rig::translate(pe, VA));
                       },
                       [=](Rig &rig, Pe &pe) {
                           pe.sleep_until(2000 * NS);
                           move_page(rig);
                           rig.tlbi_served_at(pe, served, everything(rig));
                           rig.world.dvm.dsb(pe.id(), ARCH_DSB_ISH);
                       }});
}

void the_l1_tlb_serves_until_the_tlbi_is_served(void **)
{
    static const struct {
        uint64_t served;
        uint64_t pa, walks;
    } rows[] = {
        {T - 1, OTHER, 2},
        {T, OTHER, 2}, /* the message goes first */
        {T + 1, VA, 1},
    };
    const Moment m;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const auto row = rows[i];
        const RigResult r = access_against_tlbi(m.s, true, row.served);
        check_row(i, r.note[PA], row.pa);
        check_row(i, r.n.walks, row.walks);
    }
}

/* Without an L1 TLB, which takes no time then, the L2 TLB is looked up at T + 4. */
void the_l2_tlb_answers_at_the_end_of_its_latency(void **)
{
    static const struct {
        uint64_t served;
        uint64_t pa, walks;
    } rows[] = {
        {T, OTHER, 2}, {T + L2 - 1, OTHER, 2}, {T + L2, OTHER, 2}, {T + L2 + 1, VA, 1}};
    Moment m;

    m.s.platform.l1d.cfg.entries_n = 0;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const auto row = rows[i];
        const RigResult r = access_against_tlbi(m.s, true, row.served);
        check_row(i, r.note[PA], row.pa);
        check_row(i, r.n.walks, row.walks);
    }
}

/* A hit on another page size than the last has read the TLB before it waits. */
void a_tlbi_during_the_wait_for_another_size_comes_too_late(void **)
{
    static const struct {
        uint64_t served;
        uint64_t pa, end;
    } rows[] = {{T + L2, OTHER, T + L2 + 3 * READ},
                {T + L2 + 1, VA, T + L2 + 6 * NS},
                {T + L2 + 6 * NS, VA, T + L2 + 6 * NS}};
    Moment m;

    m.s.platform.l1d.cfg.entries_n = 0;
    m.s.platform.l2.other_size_ps = 6 * NS;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const auto row = rows[i];
        const RigResult r =
            rig_run(m.s, {[=](Rig &rig, Pe &pe) {
                              pe.sleep_until(1000 * NS);
                              Rig::translate(pe, VA);
                              pe.sleep_until(T);
                              rig.note(0, Rig::translate(pe, VA));
                              rig.note(1, pe.now_ps());
                          },
                          [=](Rig &rig, Pe &pe) {
                              pe.sleep_until(2000 * NS);
                              move_page(rig);
                              rig.tlbi_served_at(pe, row.served, everything(rig));
                              rig.world.dvm.dsb(pe.id(), ARCH_DSB_ISH);
                          }});
        check_row(i, r.note[0], row.pa);
        check_row(i, r.note[1], row.end);
    }
}

/* A store to the descriptor of each level, by PE 0 for a walk of PE 1 and the other way
 * round: the value of a read is that at its end. */
void a_walk_step_reads_what_memory_holds_at_its_end(void **)
{
    static const struct {
        unsigned walker;
        int level;
        int64_t after_ps; /* the store, from the end of the step */
        bool faults;
    } rows[] = {
        {0, 1, -1, true}, {0, 1, 0, false}, {0, 2, -1, true}, {0, 2, 0, false},
        {0, 3, -1, true}, {0, 3, 0, false}, {1, 1, 0, true},  {1, 1, 1, false},
        {1, 2, 0, true},  {1, 2, 1, false}, {1, 3, 0, true},  {1, 3, 1, false},
    };
    const Moment m;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const auto row = rows[i];
        const uint64_t step_end = WALK + static_cast<uint64_t>(row.level) * READ;
        const Rig::Program walker = [](Rig &rig, Pe &pe) {
            pe.sleep_until(T);
            const Translation t = pe.translate({VA}, ARCH_READ);
            rig.note(0, t.fault.type != ARCH_FAULT_NONE);
            rig.note(1, static_cast<uint64_t>(t.fault.level));
            rig.note(2, pe.now_ps());
            if (t.fault.type == ARCH_FAULT_NONE)
                pe.end_access(pe.now_ps());
        };
        const Rig::Program writer = [=](Rig &rig, Pe &pe) {
            pe.sleep_until(step_end + static_cast<uint64_t>(row.after_ps));
            rig.set_desc(VA, row.level, 0);
        };
        const RigResult r = row.walker == 0 ? rig_run(m.s, {walker, writer})
                                            : rig_run(m.s, {writer, walker});
        check_row(i, r.note[0], row.faults);
        if (row.faults)
            check_row(i, r.note[1], row.level);
        check_row(i, r.note[2], row.faults ? step_end : END);
    }
}

/* No-fill from the moment after the walk began until its end; before, the TLBI does not
 * meet it, and after, it removes what was filled (L1 and L2). The walk ends when it
 * would have in any case. */
void a_tlbi_keeps_the_result_of_the_walk_that_it_meets_out(void **)
{
    static const struct {
        uint64_t served;
        bool held;
        uint64_t removed;
    } rows[] = {
        {WALK - 1, true, 0},
        {WALK, true, 0}, /* the message goes first, the walk begins behind it */
        {WALK + 1, false, 0},
        {WALK + 1 * READ - 1, false, 0},
        {WALK + 1 * READ, false, 0},
        {WALK + 1 * READ + 1, false, 0},
        {WALK + 2 * READ, false, 0},
        {WALK + 2 * READ + 1, false, 0},
        {END - 1, false, 0},
        {END, false, 0}, /* the message goes first */
        {END + 1, false, 2},
    };
    const Moment m;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const auto row = rows[i];
        const RigResult r =
            rig_run(m.s, {[](Rig &rig, Pe &pe) {
                              pe.sleep_until(T);
                              Rig::translate(pe, VA);
                              rig.note(0, pe.now_ps());
                              pe.sleep_until(T + 1000 * NS);
                              Rig::translate(pe, VA);
                          },
                          [=](Rig &rig, Pe &pe) {
                              rig.tlbi_served_at(pe, row.served, everything(rig));
                              rig.world.dvm.dsb(pe.id(), ARCH_DSB_ISH);
                          }});
        check_row(i, r.note[0], END);
        check_row(i, r.n.walks, row.held ? 1 : 2);
        check_row(i, r.n.tlb_removed, row.removed);
    }
}

/* The same sweep with TLBIs that do not cover the page. */
void a_tlbi_for_others_keeps_nothing_out(void **)
{
    const Moment m;

    for (uint64_t served = WALK - 1; served <= END + 1; served += READ / 4) {
        const RigResult r =
            rig_run(m.s, {[](Rig &, Pe &pe) {
                              pe.sleep_until(T);
                              Rig::translate(pe, VA);
                              pe.sleep_until(T + 1000 * NS);
                              Rig::translate(pe, VA);
                          },
                          [=](Rig &rig, Pe &pe) {
                              const auto other =
                                  static_cast<uint16_t>(rig.world.vms[0].hyp.vmid ^ 1);
                              rig.tlbi_served_at(pe, served,
                                                 arch_tlbi_vmalls12e1(ARCH_ISH, other));
                              rig.world.dvm.dsb(pe.id(), ARCH_DSB_ISH);
                          }});
        assert_int_equal(r.n.walks, 1);
    }
}

/* The walk caches are read at the end of their latency, 3 here, before the first
 * descriptor: a TLBI by then sends the walk to the start table. */
void a_walk_cache_answers_at_the_end_of_its_latency(void **)
{
    static const struct {
        uint64_t served;
        uint64_t end; /* of the translation */
    } rows[] = {
        {WALK, WALK + 3 * NS + 3 * READ},
        {WALK + 3 * NS - 1, WALK + 3 * NS + 3 * READ},
        {WALK + 3 * NS, WALK + 3 * NS + 3 * READ},
        {WALK + 3 * NS + 1, WALK + 3 * NS + READ},
    };
    Moment m;

    m.s.platform.walk_cache[1][2] = timed_walk_cache(2, 2, 3 * NS);
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const auto row = rows[i];
        const RigResult r =
            rig_run(m.s, {[](Rig &rig, Pe &pe) {
                              pe.sleep_until(1000 * NS);
                              Rig::translate(pe, VA + 0x1000); /* the same tables */
                              pe.sleep_until(T);
                              Rig::translate(pe, VA);
                              rig.note(0, pe.now_ps());
                          },
                          [=](Rig &rig, Pe &pe) {
                              rig.tlbi_served_at(pe, row.served, everything(rig));
                              rig.world.dvm.dsb(pe.id(), ARCH_DSB_ISH);
                          }});
        check_row(i, r.note[0], row.end);
    }
}

/* PE 1's TLBI is issued at U; its Sync reaches PE 0 at U + 410 + 110 and is answered 20
 * later, and not before an access that PE 0 had begun has ended; 100 back. */
void a_sync_waits_for_an_access_to_its_end_and_no_longer(void **)
{
    constexpr uint64_t U = 20000 * NS;
    constexpr uint64_t ANSWER = U + (410 + 110 + 20) * NS;
    static const struct {
        uint64_t begin, end; /* of the access of PE 0 */
        uint64_t done;       /* the DSB */
    } rows[] = {
        {U, ANSWER - 1, ANSWER + 100 * NS},
        {U, ANSWER, ANSWER + 100 * NS},
        {U, ANSWER + 1, ANSWER + 1 + 100 * NS},
        {U, ANSWER + 777 * NS, ANSWER + 877 * NS},
        {ANSWER - 1, ANSWER + 777 * NS, ANSWER + 877 * NS}, /* begun just before */
        {ANSWER, ANSWER + 777 * NS, ANSWER + 100 * NS},     /* the message goes first */
    };
    const Moment m;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const auto row = rows[i];
        const RigResult r = rig_run(
            m.s, {[=](Rig &, Pe &pe) {
                      pe.sleep_until(1000 * NS);
                      Rig::translate(pe, VA);
                      pe.sleep_until(row.begin);
                      pe.translate({VA}, ARCH_READ); /* an L1 hit */
                      pe.end_access(row.end);
                      pe.sleep_until(row.end);
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

/* The same where the end of the access is not known yet: it walks, from DRAM here. */
void a_sync_waits_for_a_walk_to_its_end(void **)
{
    constexpr uint64_t U = 20000 * NS;
    constexpr uint64_t ANSWER = U + (410 + 110 + 20) * NS;
    static const struct {
        uint64_t begin, done;
    } rows[] = {
        {ANSWER - 35 * NS, ANSWER + 100 * NS}, /* ends at the moment of the answer */
        {ANSWER - 35 * NS + 1, ANSWER + 1 + 100 * NS},
        {ANSWER - 1, ANSWER + 35 * NS - 1 + 100 * NS},
        {ANSWER, ANSWER + 100 * NS},
    };
    const Moment m;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const auto row = rows[i];
        const RigResult r = rig_run(
            m.s, {[=](Rig &, Pe &pe) {
                      pe.sleep_until(row.begin);
                      Rig::translate(pe, VA); /* 1 + 4 + 3 x 10 */
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
        cmocka_unit_test(the_l1_tlb_serves_until_the_tlbi_is_served),
        cmocka_unit_test(the_l2_tlb_answers_at_the_end_of_its_latency),
        cmocka_unit_test(a_tlbi_during_the_wait_for_another_size_comes_too_late),
        cmocka_unit_test(a_walk_step_reads_what_memory_holds_at_its_end),
        cmocka_unit_test(a_tlbi_keeps_the_result_of_the_walk_that_it_meets_out),
        cmocka_unit_test(a_tlbi_for_others_keeps_nothing_out),
        cmocka_unit_test(a_walk_cache_answers_at_the_end_of_its_latency),
        cmocka_unit_test(a_sync_waits_for_an_access_to_its_end_and_no_longer),
        cmocka_unit_test(a_sync_waits_for_a_walk_to_its_end),
    };

    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
