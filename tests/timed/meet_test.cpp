/* SPDX-License-Identifier: Apache-2.0 */
/* Two software walkers meet at one entry under the shared lock. The handlers of vCPUs 0
 * and 1 want pages of one block that its table does not map; vCPU 1's fault is moved.
 * Platform fixed.yaml: a handler looks at the entry in 3 + 10 ns, when its line is in
 * the PE's L2, and its compare-and-swap is visible 25 later. That takes the line out of
 * the other PE's L2 as it begins, 13 after the look began: a look that begins then ends
 * 3 + 30 later, 8 after the store; one that begins before ends before the store. */
#include "tests/timed/rig.h"

extern "C" {
#include "model/hyp/stage2.h"
#include "walker/arch/desc.h"
}

#include <array>

namespace
{
constexpr uint64_t BLOCK = 0x80000000, PAGE = 0x1000; /* odd pages are not mapped */
constexpr unsigned POINTS_N = HYP_POINTS_N, FINAL = 2 * POINTS_N; /* notes */

/* Counts the points that the handler of one vCPU passes. */
class Watch : public PointObserver
{
  public:
    Watch(Rig &rig, unsigned vcpu) : m_rig(rig), m_vcpu(vcpu)
    {
        rig.world.envs[vcpu]->observe(this);
    }
    ~Watch() override
    {
        m_rig.world.envs[m_vcpu]->observe(nullptr);
        for (unsigned i = 0; i < m_n.size(); i++)
            m_rig.note(m_vcpu * POINTS_N + i, m_n[i]);
    }
    void at(const hyp_event &event) override { m_n[event.point]++; }
    void settled() override {}

  private:
    Rig &m_rig;
    const unsigned m_vcpu;
    std::array<uint64_t, POINTS_N> m_n{};
};

/* Warms caches and TLBs at a time of its own, then wants page at at_ps. */
Rig::Program wants(uint64_t page, uint64_t at_ps)
{
    return [=](Rig &rig, Pe &pe) {
        const Watch watch(rig, pe.id());

        pe.sleep_until((1 + pe.id()) * 1000 * NS);
        pe.sleep_until(pe.access({BLOCK}, ARCH_READ));
        pe.sleep_until(at_ps);
        pe.sleep_until(pe.access({BLOCK + page * PAGE}, ARCH_READ));
        pe.sleep_until(50000 * NS);
        rig.note(FINAL, rig.desc(BLOCK, 2));
    };
}

struct Meeting : RigScenario {
    Meeting(hyp_sequence sequence, walk_nt_response response) : RigScenario("rig.yaml")
    {
        s.variants[0].hyp.sequence = sequence;
        s.variants[0].nt_response = response;
    }
    RigResult run(uint64_t late_ps)
    {
        return rig_run(s,
                       {wants(1, 10000 * NS), wants(3, 10000 * NS + late_ps), nullptr});
    }
};

uint64_t points(const RigResult &r, unsigned vcpu, hyp_point point)
{
    return r.note[vcpu * POINTS_N + point];
}

/* vCPU 1 gives up and goes back to its guest, whose access then is served by what the
 * other has made: at once where the hardware translates, after one more fault, a retry
 * that finds the block made, where it does not. */
const struct {
    hyp_sequence sequence;
    walk_nt_response response;
    hyp_point met; /* once vCPU 0's store is visible */
    uint64_t retries;
} rows[] = {
    {HYP_SEQ_BBM_EARLY, WALK_NT_TRANSLATE, HYP_AT_LOCKED, 1},
    {HYP_SEQ_NT, WALK_NT_TRANSLATE, HYP_AT_LOCKED, 0},
    {HYP_SEQ_NT, WALK_NT_FAULT, HYP_AT_LOCKED, 1},
    {HYP_SEQ_NT_RFC, WALK_NT_TRANSLATE, HYP_AT_LOCKED, 0},
    {HYP_SEQ_BBML2, WALK_NT_TRANSLATE, HYP_AT_FOUND, 0},
};

void check_outcome(size_t row, const RigResult &r)
{
    check_row(row, points(r, 0, HYP_AT_WON), 1);
    check_row(row, points(r, 1, HYP_AT_WON), 0);
    check_row(row, r.n.breaks_won, 1);
    check_row(row, r.n.makes, rows[row].sequence != HYP_SEQ_BBML2);
    check_row(row, r.n.by_class[REC_FAULT_NEEDED], 1);
    check_row(row, r.n.by_class[REC_FAULT_RACE], 1);
    check_row(row, r.n.by_class[REC_FAULT_RETRY], rows[row].retries);
    check_row(row, r.n.eagain, 1 + rows[row].retries);
    check_row(row, r.faults, 2 + rows[row].retries);
    check_row(row, r.note[FINAL] & (ARCH_DESC_VALID | ARCH_DESC_TABLE | ARCH_DESC_NT),
              ARCH_DESC_VALID);
}

void of_two_that_have_seen_the_table_one_wins_by_compare_and_swap(void **)
{
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        for (uint64_t late_ps : {UINT64_C(0), UINT64_C(12999)}) {
            const RigResult r =
                Meeting(rows[i].sequence, rows[i].response).run(late_ps);

            check_outcome(i, r);
            check_row(i, points(r, 1, HYP_AT_LOST), 1);
            check_row(i, points(r, 1, HYP_AT_LOCKED), 0);
        }
    }
}

void who_comes_later_meets_the_marker_or_the_block_and_leaves_it_alone(void **)
{
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const RigResult r = Meeting(rows[i].sequence, rows[i].response).run(13 * NS);

        check_outcome(i, r);
        check_row(i, points(r, 1, HYP_AT_LOST), 0);
        check_row(i, points(r, 1, HYP_AT_BREAK), 0);
        check_row(i, points(r, 1, rows[i].met) >= 1, 1);
    }
}
} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(of_two_that_have_seen_the_table_one_wins_by_compare_and_swap),
        cmocka_unit_test(
            who_comes_later_meets_the_marker_or_the_block_and_leaves_it_alone),
    };

    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
