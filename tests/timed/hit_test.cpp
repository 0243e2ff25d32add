/* SPDX-License-Identifier: Apache-2.0 */
/* Accesses that hit take a short way (model/machine/pe_hit.h): it gives what the long
 * one does, whatever happens around it. */
#include "tests/timed/rig.h"

extern "C" {
#include "walker/arch/tlbi.h"
}

#include <random>

namespace
{
constexpr uint64_t BASE = 0x40000000, PAGE = 0x1000;
constexpr unsigned ACCESSES_N = 4000;
enum { END_SUM };

struct Row {
    const char *what;
    uint32_t l1_entries_n;
    unsigned pages_n;     /* of the accesses */
    uint64_t tlbi_ps;     /* between TLBIs of another PE; 0: none */
    uint64_t cache_bytes; /* of the PE's L2 */
    bool ahead;
};

constexpr Row ROWS[] = {
    {"all pages fit", 32, 20, 0, 1 << 20, false},
    {"all pages fit, ahead of other PEs", 32, 20, 0, 1 << 20, true},
    {"entries replace each other", 16, 24, 0, 1 << 20, false},
    {"lines replace each other", 32, 20, 0, 1 << 13, false},
    {"TLBIs take entries away", 32, 20, 700 * NS, 1 << 20, false},
    {"TLBIs take entries away, ahead of other PEs", 16, 24, 300 * NS, 1 << 14, true},
    {"few ways: no hints", 4, 5, 0, 1 << 20, false},
};

/* The access as programs make it, or each time the long way. */
uint64_t access(Pe &pe, arch_va va, arch_access access, bool long_way)
{
    Translation t;

    if (!long_way)
        return pe.access(va, access);
    const uint64_t end = pe.attempt(va, access, t);
    assert_int_equal(t.fault.type, ARCH_FAULT_NONE);
    return end;
}

void access_all(Rig &rig, Pe &pe, const Row &row, bool long_way)
{
    std::mt19937_64 random(1);
    uint64_t t = 0, sum = 0;

    if (row.ahead)
        rig.world.dvm.let_run_ahead(false);
    for (unsigned i = 0; i < ACCESSES_N; i++) {
        const uint64_t x = random();
        const uint64_t va = BASE + (x >> 32) % row.pages_n * PAGE + (x & 0xff8);
        pe.compute_until(t + (x >> 12 & 0xfff));
        t = access(pe, {va}, static_cast<arch_access>(x % 3), long_way);
        sum = sum * 31 + t;
    }
    pe.sleep_until(t);
    rig.note(END_SUM, sum);
}

void take_away(Rig &rig, Pe &pe, uint64_t every_ps)
{
    for (unsigned i = 0; every_ps && i < 40; i++) {
        pe.sleep_for(every_ps);
        const arch_tlbi op =
            i % 2 ? arch_tlbi_ipas2e1(ARCH_ISH, rig.hyp(0).vmid, {BASE + i % 8 * PAGE})
                  : arch_tlbi_vmalle1(ARCH_ISH, rig.hyp(0).vmid);
        rig.world.dvm.tlbi(pe.id(), op);
        rig.world.dvm.dsb(pe.id(), ARCH_DSB_ISH);
    }
}

RigResult run(const Row &row, bool long_way)
{
    RigScenario x("rig.yaml");
    scn_platform &p = x.s.platform;

    p.l1d.cfg.entries_n = p.l1d.cfg.ways_n = row.l1_entries_n;
    p.l1i.cfg.entries_n = p.l1i.cfg.ways_n = row.l1_entries_n;
    p.mem.pe_l2.bytes = row.cache_bytes;
    p.mem.pe_l2.ways_n = 4;
    p.dvm.lookup_lost_ps = 3 * NS;
    return rig_run(x.s, {[&](Rig &rig, Pe &pe) { access_all(rig, pe, row, long_way); },
                         [&](Rig &rig, Pe &pe) { take_away(rig, pe, row.tlbi_ps); }});
}

void the_short_way_gives_what_the_long_one_does(void **)
{
    for (size_t i = 0; i < ROWS_N(ROWS); i++) {
        const RigResult is = run(ROWS[i], false), want = run(ROWS[i], true);

        check_row(i, is.note[END_SUM], want.note[END_SUM]);
        check_row(i, is.last_access_ps, want.last_access_ps);
        assert_memory_equal(&is.n, &want.n, sizeof want.n);
    }
}
} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_short_way_gives_what_the_long_one_does),
    };

    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
