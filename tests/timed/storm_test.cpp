/* SPDX-License-Identifier: Apache-2.0 */
/* No hit ever on an entry that a completed TLBI covers: random accesses of three vCPUs
 * against random TLBIs of every kind from all PEs. Each DSB that completes one looks
 * into every structure of every PE for what is left of it (Pe::check_completed()), and
 * counts accesses that began before and still go on. */
#include "tests/timed/rig.h"

#include <algorithm>
#include <random>

namespace
{
constexpr uint64_t BASE = 0x40000000, PAGE = 0x1000, PAGES = 48;
constexpr unsigned ROUNDS = 150;

/* Random values of one PE's program. */
class Dice
{
  public:
    Dice(uint64_t seed, unsigned pe) : m_random(seed << 8 | pe) {}
    uint64_t below(uint64_t n) { return m_random() % n; }

  private:
    std::mt19937_64 m_random;
};

uint64_t some_page(Dice &d)
{
    return BASE + d.below(PAGES) * PAGE;
}

/* Any operation that names something of the guest, or a page of its stage 1 tables. */
arch_tlbi some_tlbi(Dice &d, const Rig &rig)
{
    static const arch_tlbi_insn insns[] = {
        ARCH_TLBI_VMALLE1,   ARCH_TLBI_VAE1,       ARCH_TLBI_ASIDE1,
        ARCH_TLBI_VAAE1,     ARCH_TLBI_VALE1,      ARCH_TLBI_VAALE1,
        ARCH_TLBI_RVAE1,     ARCH_TLBI_RVAAE1,     ARCH_TLBI_RVALE1,
        ARCH_TLBI_RVAALE1,   ARCH_TLBI_VMALLS12E1, ARCH_TLBI_ALLE1,
        ARCH_TLBI_IPAS2E1,   ARCH_TLBI_IPAS2LE1,   ARCH_TLBI_RIPAS2E1,
        ARCH_TLBI_RIPAS2LE1,
    };
    static const arch_shareability domains[] = {ARCH_NSH, ARCH_ISH, ARCH_ISH, ARCH_OSH};
    const arch_tlbi_insn insn = insns[d.below(ROWS_N(insns))];
    const bool by_ipa = insn >= ARCH_TLBI_IPAS2E1 && insn <= ARCH_TLBI_RIPAS2LE1;
    const uint64_t page =
        by_ipa && d.below(2) ? 0x40200000 + d.below(8) * PAGE : some_page(d);
    const bool range = (insn >= ARCH_TLBI_RVAE1 && insn <= ARCH_TLBI_RVAALE1) ||
                       insn == ARCH_TLBI_RIPAS2E1 || insn == ARCH_TLBI_RIPAS2LE1;
    const uint16_t asid = by_ipa ? 0 : rig.world.vms[0].walk.el10.asid;
    const arch_tlbi_state state = {
        rig.world.vms[0].walk.vmid, false, false, true, true, false};
    uint64_t done;
    const uint64_t xt = range ? arch_tlbi_range_xt(page, 2 * (1 + d.below(8)),
                                                   ARCH_TG_4K, asid, 0, &done)
                              : page >> 12 | static_cast<uint64_t>(asid) << 48;
    arch_tlbi op;

    assert_true(arch_tlbi_decode(insn, domains[d.below(4)], xt, &state, &op));
    return op;
}

/* Bursts of independent accesses, dependent ones, pauses; now and then a TLBI. */
Rig::Program guest(uint64_t seed)
{
    return [=](Rig &rig, Pe &pe) {
        Dice d(seed, pe.id());

        for (unsigned i = 0; i < ROUNDS; i++) {
            for (uint64_t n = d.below(12); n > 0; n--)
                pe.issue({some_page(d) + d.below(64) * 64},
                         static_cast<arch_access>(d.below(3)));
            if (d.below(3) == 0)
                pe.run_until(pe.now_ps() + d.below(2000) * NS);
            pe.sleep_until(std::max(pe.drain(), pe.now_ps()));
            if (d.below(8) == 0) {
                rig.world.dvm.tlbi(pe.id(), some_tlbi(d, rig));
                rig.world.dvm.dsb(pe.id(), ARCH_DSB_SY);
            }
            pe.sleep_until(pe.access({some_page(d)}, ARCH_READ));
        }
    };
}

/* One to six TLBIs and a DSB, over and over, at any distance from each other. */
Rig::Program invalidator(uint64_t seed)
{
    static const arch_dsb kinds[] = {ARCH_DSB_ISH, ARCH_DSB_SY, ARCH_DSB_SY};

    return [=](Rig &rig, Pe &pe) {
        Dice d(seed, pe.id());

        for (unsigned i = 0; i < ROUNDS; i++) {
            pe.sleep_for(d.below(1500) * NS + d.below(1000));
            for (uint64_t n = 1 + d.below(6); n > 0; n--)
                rig.world.dvm.tlbi(pe.id(), some_tlbi(d, rig));
            rig.world.dvm.dsb(pe.id(), kinds[d.below(3)]);
        }
    };
}

/* Cores that differ in all that matters here. */
struct Core {
    const char *name;
    const char *scenario;
    uint32_t outstanding, walks;
    bool prefetch, l1, apart, groups;
};

void furnish(scn &s, const Core &core)
{
    scn_platform &p = s.platform;

    p.pe.outstanding_n = core.outstanding;
    p.pe.walks_n = core.walks;
    p.pe.prefetch = core.prefetch;
    p.s2 = timed_s2_cache(3 * NS);
    for (unsigned level = 0; level < 3; level++) {
        p.walk_cache[0][level] = timed_walk_cache(1, level, 2 * NS);
        p.walk_cache[1][level] = timed_walk_cache(2, level, 2 * NS);
    }
    if (!core.l1)
        p.l1d.cfg.entries_n = p.l1i.cfg.entries_n = 0;
    if (core.apart)
        std::swap(p.l2.cfg.sizes_of[TLB_S1_ONLY], p.l2.cfg.sizes_of[TLB_COMBINED]);
    else
        p.l2.cfg.sizes_of[TLB_S2_ONLY] = p.l2.cfg.sizes_of[TLB_COMBINED];
    p.contiguous = core.groups ? SCN_CONTIGUOUS_GROUP : SCN_CONTIGUOUS_PAGE;
}

void no_structure_holds_what_a_completed_tlbi_covers(void **)
{
    static const Core cores[] = {
        {"in order", "rig-stage1.yaml", 1, 1, false, true, false, false},
        {"wide", "rig-stage1.yaml", 8, 4, true, true, false, true},
        {"stages apart", "rig-stage1.yaml", 6, 2, true, true, true, false},
        {"no L1", "rig-stage1.yaml", 4, 4, false, false, false, false},
        {"stage 2 alone", "rig.yaml", 8, 4, true, true, false, false},
    };

    for (const Core &core : cores) {
        for (uint64_t seed = 1; seed <= 12; seed++) {
            RigScenario x(core.scenario);

            furnish(x.s, core);
            const RigResult r = rig_try(
                x.s, {guest(seed), guest(seed), guest(seed), invalidator(seed)});
            if (r.error[0])
                fail_msg("%s, seed %u: %s", core.name, static_cast<unsigned>(seed),
                         r.error);
            if (r.n.violations[MON_STALE_USE])
                fail_msg("%s, seed %u: stale use", core.name,
                         static_cast<unsigned>(seed));
            /* it was a storm */
            assert_in_range(r.tlbis, 400, 2000);
            assert_in_range(r.n.walks, 300, 20000);
            assert_true(r.n.tlb_removed > 500);
        }
    }
}
} // namespace

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_structure_holds_what_a_completed_tlbi_covers),
    };

    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
