/* SPDX-License-Identifier: Apache-2.0 */
/* Accesses that hit take a short way, several at once (model/machine/pe_hit.cpp): it
 * gives what the long one does, whatever happens around it. */
#include "tests/timed/rig.h"

extern "C" {
#include "walker/arch/tlbi.h"
}

#include <random>

namespace
{
constexpr uint64_t BASE = 0x40000000, PAGE = 0x1000, HIT_PS = 11 * NS;
constexpr unsigned BATCHES_N = 1000, BATCH_MAX = 8;
enum { END_SUM, RECORD_SUM, RUNS_N, DSB_SUM };

struct Row {
    const char *what;
    uint32_t l1_entries_n;
    unsigned pages_n;     /* of the accesses */
    uint64_t tlbi_ps;     /* between TLBIs of another PE; 0: none */
    uint64_t cache_bytes; /* of the PE's L2 */
    bool ahead;           /* of other PEs: then several accesses are made at once */
    uint64_t bin_ps = 100 * NS;
    uint64_t grid_ps = 1; /* of the times between accesses */
};

constexpr Row ROWS[] = {
    {"all pages fit", 32, 20, 0, 1 << 20, false},
    {"all pages fit, ahead of other PEs", 32, 20, 0, 1 << 20, true},
    {"entries replace each other", 16, 24, 0, 1 << 20, false},
    {"lines replace each other", 32, 20, 0, 1 << 13, false},
    {"TLBIs take entries away", 32, 20, 700 * NS, 1 << 20, false},
    {"TLBIs take entries away, ahead of other PEs", 16, 24, 300 * NS, 1 << 14, true},
    {"few ways: no hints", 4, 5, 0, 1 << 20, false},
    {"a bin is shorter than a hit", 32, 20, 0, 1 << 20, true, HIT_PS - 1},
    {"a bin is as long as a hit", 32, 20, 0, 1 << 20, true, HIT_PS},
    {"hits end where a bin does", 32, 20, 0, 1 << 20, true, 100 * NS, NS},
};

/* Returns when the last one ends; each begins think_ps after the one before. */
uint64_t access_one_by_one(Pe &pe, const guest_access *next, unsigned n,
                           uint64_t think_ps)
{
    Translation t;
    uint64_t end = 0;

    for (unsigned i = 0; i < n; i++) {
        if (i > 0)
            pe.compute_until(end + think_ps);
        end = pe.attempt({next[i].ipa.v}, next[i].access, t);
        assert_int_equal(t.fault.type, ARCH_FAULT_NONE);
    }
    return end;
}

/* The same; runs_n: how often several were made at once. */
uint64_t access_as_programs_do(Pe &pe, const guest_access *next, unsigned n,
                               uint64_t think_ps, uint64_t &runs_n)
{
    uint64_t end = 0;

    for (unsigned i = 0; i < n;) {
        if (i > 0)
            pe.compute_until(end + think_ps);
        const unsigned done_n = pe.accesses(next + i, n - i, think_ps, &end);
        runs_n += done_n > 1;
        i += done_n;
    }
    return end;
}

guest_access random_access(uint64_t x, unsigned pages_n)
{
    const bool fetch = (x >> 16 & 7) == 0;

    return {{BASE + (x >> 32) % pages_n * PAGE + (x & 0xff8)},
            fetch ? ARCH_EXECUTE : static_cast<arch_access>(x >> 20 & 1)};
}

uint64_t sum_of(const rec_run &r)
{
    uint64_t sum = r.access.max_ps * 31 + r.access.n;

    for (const uint64_t n : r.access.counts)
        sum = sum * 31 + n;
    for (size_t i = 0; i < r.bins_n; i++)
        sum = sum * 31 + r.bins[i].accesses;
    for (size_t i = 0; i < r.slots_n; i++)
        sum = sum * 31 + r.slots[i];
    return sum;
}

void access_all(Rig &rig, Pe &pe, const Row &row, bool long_way)
{
    std::mt19937_64 random(1);
    guest_access batch[BATCH_MAX];
    uint64_t t = 0, sum = 0, runs_n = 0;

    if (row.ahead)
        rig.world.dvm.let_run_ahead(false);
    for (unsigned i = 0; i < BATCHES_N; i++) {
        const unsigned n = 1 + random() % BATCH_MAX;
        const uint64_t think_ps = (random() & 0xfff) / row.grid_ps * row.grid_ps;
        for (unsigned k = 0; k < n; k++)
            batch[k] = random_access(random(), row.pages_n);
        pe.compute_until(t + think_ps);
        t = long_way ? access_one_by_one(pe, batch, n, think_ps)
                     : access_as_programs_do(pe, batch, n, think_ps, runs_n);
        sum = sum * 31 + t;
    }
    pe.sleep_until(t);
    rig.note(END_SUM, sum);
    rig.note(RECORD_SUM, sum_of(*pe.vm().rec));
    rig.note(RUNS_N, runs_n);
}

/* Every third is of another VMID: accesses go on to hit, and pay for its service. */
void take_away(Rig &rig, Pe &pe, uint64_t every_ps)
{
    const uint16_t vmid = rig.hyp(0).vmid;
    uint64_t sum = 0;

    for (uint64_t i = 0; every_ps && i < 60; i++) {
        const arch_tlbi ops[3] = {
            arch_tlbi_vmalle1(ARCH_ISH, vmid),
            arch_tlbi_vmalle1(ARCH_ISH, static_cast<uint16_t>(vmid + 1)),
            arch_tlbi_ipas2e1(ARCH_ISH, vmid, {BASE + i % 8 * PAGE}),
        };

        pe.sleep_for(every_ps);
        rig.world.dvm.tlbi(pe.id(), ops[i % 3]);
        rig.world.dvm.dsb(pe.id(), ARCH_DSB_ISH);
        sum = sum * 31 + pe.now_ps();
    }
    rig.note(DSB_SUM, sum);
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
    x.s.timeline_bin_ps = row.bin_ps;
    return rig_run(x.s, {[&](Rig &rig, Pe &pe) { access_all(rig, pe, row, long_way); },
                         [&](Rig &rig, Pe &pe) { take_away(rig, pe, row.tlbi_ps); }});
}

void the_short_way_gives_what_the_long_one_does(void **)
{
    for (size_t i = 0; i < ROWS_N(ROWS); i++) {
        const RigResult is = run(ROWS[i], false), want = run(ROWS[i], true);

        check_row(i, is.note[END_SUM], want.note[END_SUM]);
        check_row(i, is.note[RECORD_SUM], want.note[RECORD_SUM]);
        check_row(i, is.note[DSB_SUM], want.note[DSB_SUM]);
        check_row(i, is.last_access_ps, want.last_access_ps);
        check_row(i, is.note[RUNS_N] > 0, ROWS[i].ahead && ROWS[i].bin_ps > HIT_PS);
        assert_memory_equal(&is.n, &want.n, sizeof want.n);
    }
}

/* When a DSB has completed a TLBI no access is under way that began before it: the PE
 * knows when the last of its hits began and ends. */
void the_last_hit_is_under_way_until_it_ends(void **)
{
    static constexpr struct {
        const char *rule;
        uint64_t issued_ps, early_ps; /* after it began; before it ends */
        uint64_t want;                /* violations */
    } rows[] = {
        {"begun before the TLBI, not ended", 1, 1, 1},
        {"begun when the TLBI was issued", 0, 1, 0},
        {"ended", 1, 0, 0},
    };

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        RigScenario x("rig.yaml");
        x.s.platform.l1d.cfg.entries_n = x.s.platform.l1d.cfg.ways_n = 32;
        x.s.timeline_bin_ps = 1000000 * NS;
        const RigResult is =
            rig_try(x.s, {[&](Rig &rig, Pe &pe) {
                        const guest_access twice[2] = {{{BASE}, ARCH_READ},
                                                       {{BASE}, ARCH_READ}};
                        uint64_t end;

                        rig.world.dvm.let_run_ahead(false);
                        pe.sleep_until(pe.access({BASE}, ARCH_READ) + 1000 * NS);
                        pe.compute_until(pe.now_ps() + NS);
                        rig.note(RUNS_N, pe.accesses(twice, 2, NS, &end));
                        const uint64_t begin = pe.now_ps();
                        pe.compute_until(end - rows[i].early_ps);
                        pe.check_completed(arch_tlbi_vmalle1(ARCH_ISH, 99),
                                           begin + rows[i].issued_ps);
                    }});

        check_row(i, is.note[RUNS_N], 2);
        assert_string_equal(is.error, "");
        check_row(i, rec_violations(&is.n), rows[i].want);
    }
}
/* Accesses to the guest's own tables wait for their place in the order, if walks may
 * store to them. */
void a_run_ends_before_data_that_walks_may_store_to(void **)
{
    static constexpr struct {
        const char *rule;
        uint64_t page, bytes; /* of the tables, behind BASE */
        uint64_t want;        /* accesses at once, to pages 0, 1 and 2 */
    } rows[] = {
        {"walks store nowhere", 0, 0, 3},
        {"to data of the last access", 2, PAGE, 2},
        {"to data of the second access", 1, PAGE, 1},
        {"to data of all but the first access", 1, 7 * PAGE, 1},
        {"to data of the first access", 0, PAGE, 1},
        {"to the page behind", 3, PAGE, 3},
    };

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        RigScenario x("rig.yaml");
        x.s.platform.l1d.cfg.entries_n = x.s.platform.l1d.cfg.ways_n = 32;
        x.s.timeline_bin_ps = 1000000 * NS;
        const RigResult is = rig_run(
            x.s, {[&](Rig &rig, Pe &pe) {
                guest_access all[3];
                uint64_t end;

                rig.world.dvm.let_run_ahead(false);
                for (unsigned k = 0; k < 3; k++) {
                    all[k] = {{BASE + k * PAGE}, ARCH_READ};
                    pe.sleep_until(pe.access({all[k].ipa.v}, ARCH_READ) + 1000 * NS);
                }
                pe.vm().walks_update(pe.vm().pa_of({BASE + rows[i].page * PAGE}),
                                     rows[i].bytes);
                pe.compute_until(pe.now_ps() + NS);
                rig.note(RUNS_N, pe.accesses(all, 3, NS, &end));
                pe.sleep_until(end);
            }});

        check_row(i, is.note[RUNS_N], rows[i].want);
    }
}
} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_run_ends_before_data_that_walks_may_store_to),
        cmocka_unit_test(the_last_hit_is_under_way_until_it_ends),
        cmocka_unit_test(the_short_way_gives_what_the_long_one_does),
    };

    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
