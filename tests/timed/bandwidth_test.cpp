/* SPDX-License-Identifier: Apache-2.0 */
/* Accesses that wait for the last-level cache or DRAM, which others occupy, each at the
 * last picosecond at which it waits and at the first at which it does not. Platform
 * fixed.yaml: L1 TLB 1, L2 TLB 4, a PE's L2 10, LLC 30, DRAM 100. */
#include "tests/timed/rig.h"

namespace
{
constexpr uint64_t BASE = 0x40000000, PAGE = 0x1000, T = 20000 * NS;
/* VA = IPA = PA here. Lines of pages whose line 0 warms the TLB. */
constexpr uint64_t ONE = BASE + 0x400, OTHER = BASE + PAGE + 0x400;
constexpr uint64_t FAR = BASE + 600 * PAGE + 0x400; /* another line of descriptors */

enum Where { IN_L2, IN_LLC, IN_DRAM };

struct Limited : RigScenario {
    Limited(uint64_t llc_line_ps, uint64_t dram_line_ps) : RigScenario("rig.yaml")
    {
        s.platform.mem.llc_line_ps = llc_line_ps;
        s.platform.mem.dram_line_ps = dram_line_ps;
    }
};

void read(Pe &pe, uint64_t va)
{
    pe.sleep_until(pe.access({va}, ARCH_READ));
}

/* vCPU 2 brings lines to the LLC. */
Rig::Program brings(std::vector<uint64_t> lines)
{
    return [=](Rig &, Pe &pe) {
        pe.sleep_until(10000 * NS);
        for (uint64_t va : lines)
            read(pe, va);
    };
}

/* Warms the TLB for va, and the line itself if it is to be in the PE's L2; reads va at
 * t, and notes how long that takes. */
Rig::Program reads(uint64_t va, uint64_t t, Where where)
{
    return [=](Rig &rig, Pe &pe) {
        pe.sleep_until((1 + pe.id()) * 1000 * NS);
        read(pe, va & ~(PAGE - 1));
        if (where == IN_L2)
            read(pe, va);
        pe.sleep_until(t);
        rig.note(pe.id(), pe.access({va}, ARCH_READ) - t);
    };
}

void a_read_waits_while_the_line_of_another_pe_is_served(void **)
{
    static const struct {
        Where where;
        uint64_t llc_ns, dram_ns; /* per line */
        uint64_t late_ps;         /* behind the read of vCPU 0 */
        uint64_t first_ns, second_ps;
    } rows[] = {
        {IN_LLC, 40, 0, 0, 31, 71000},
        {IN_LLC, 40, 0, 39999, 31, 31001},
        {IN_LLC, 40, 0, 40000, 31, 31000},
        {IN_LLC, 0, 40, 0, 31, 31000}, /* it passes no DRAM */
        {IN_LLC, 0, 0, 0, 31, 31000},
        {IN_DRAM, 0, 60, 0, 101, 161000},
        {IN_DRAM, 0, 60, 59999, 101, 101001},
        {IN_DRAM, 0, 60, 60000, 101, 101000},
        {IN_DRAM, 40, 60, 0, 101, 161000}, /* 40 in the LLC, then 20 more */
        {IN_DRAM, 60, 40, 0, 101, 161000},
        {IN_L2, 40, 40, 0, 11, 11000},
    };

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        Limited x(rows[i].llc_ns * NS, rows[i].dram_ns * NS);
        const std::vector<uint64_t> lines = rows[i].where == IN_LLC
                                                ? std::vector<uint64_t>{ONE, OTHER}
                                                : std::vector<uint64_t>{};
        const RigResult r = rig_run(
            x.s, {reads(ONE, T, rows[i].where),
                  reads(OTHER, T + rows[i].late_ps, rows[i].where), brings(lines)});

        check_row(i, r.note[0], rows[i].first_ns * NS);
        check_row(i, r.note[1], rows[i].second_ps);
    }
}

/* Look-ups 5, descriptors of level 1 and 2 from the PE's L2, 10 each: that of level 3
 * is asked for 25 after the access begins. vCPU 0 occupies the LLC from T + 1 to T
 * + 41. Its own line occupies it, too: the data of the walk waits 10 for it. */
void a_walk_waits_for_its_descriptors(void **)
{
    static const struct {
        int64_t after_ps; /* the descriptor is asked for, from T + 41 */
        uint64_t took_ps;
    } rows[] = {{-1, 95001}, {0, 95000}, {1, 95000}};

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        Limited x(40 * NS, 0);
        const uint64_t t = T + 41 * NS + static_cast<uint64_t>(rows[i].after_ps);
        const auto walks = [=](Rig &rig, Pe &pe) {
            pe.sleep_until(2000 * NS);
            read(pe, BASE);
            pe.sleep_until(t - 25 * NS);
            rig.note(1, pe.access({FAR}, ARCH_READ) - (t - 25 * NS));
        };
        const RigResult r =
            rig_run(x.s, {reads(ONE, T, IN_LLC), walks, brings({ONE, FAR})});

        check_row(i, r.note[1], rows[i].took_ps);
    }
}

/* A table entry that the LLC holds, and vCPU 1's software at T + late. */
void the_software_waits_for_its_table_entries(void **)
{
    enum What { READ, WRITE, SWAP };
    static const struct {
        What what;
        uint64_t late_ps, took_ps;
    } rows[] = {
        {READ, 40999, 30001},  {READ, 41000, 30000}, {WRITE, 40999, 20001},
        {WRITE, 41000, 20000}, {SWAP, 40999, 25001}, {SWAP, 41000, 25000},
    };

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        Limited x(40 * NS, 0);
        const auto software = [=](Rig &rig, Pe &pe) {
            const hyp_vm &vm = rig.hyp(1);
            const arch_pa pa = rig.entry(FAR, 3);
            const uint64_t desc = rig.desc(FAR, 3);

            pe.sleep_until(T + rows[i].late_ps);
            if (rows[i].what == READ)
                vm.ops->read(vm.ctx, pa);
            else if (rows[i].what == WRITE)
                vm.ops->write(vm.ctx, pa, desc);
            else
                vm.ops->cmpxchg(vm.ctx, pa, desc, desc);
            rig.note(1, pe.now_ps() - T - rows[i].late_ps);
        };
        const RigResult r =
            rig_run(x.s, {reads(ONE, T, IN_LLC), software, brings({ONE, FAR})});

        check_row(i, r.note[1], rows[i].took_ps);
    }
}

Rig::Program cleans(uint64_t lines)
{
    return [=](Rig &rig, Pe &pe) {
        const hyp_vm &vm = rig.hyp(pe.id());

        pe.sleep_until(T);
        vm.ops->clean(vm.ctx, {BASE}, lines * 64);
        rig.note(pe.id(), pe.now_ps() - T);
    };
}

/* At 5 per line, 16 lines every 80; each occupies the LLC for 2, so that each time the
 * first 32 are lost to others. An access has asked when its look-up begins, 1 before.
 */
void a_clean_leaves_the_cache_to_others_between_its_bursts(void **)
{
    static const struct {
        uint64_t asked_ps, took_ps; /* from T; the access of vCPU 1 */
    } rows[] = {
        {31999, 30001}, {32000, 30000},  {80999, 30000},
        {81000, 61000}, {111999, 30001}, {112000, 30000},
    };

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        Limited x(2 * NS, 0);
        const RigResult r =
            rig_run(x.s, {cleans(64), reads(OTHER, T + rows[i].asked_ps - NS, IN_LLC),
                          brings({OTHER})});

        check_row(i, r.note[1], rows[i].took_ps + NS);
    }
}

/* 64 lines each. Two in turn, a burst at a time: the one that asks first ends first.
 * DRAM sees nothing of a clean. */
void a_clean_is_as_slow_as_the_last_level_cache(void **)
{
    static const struct {
        uint64_t llc_ns, dram_ns;
        bool two;
        uint64_t first_ns, second_ns;
    } rows[] = {
        {0, 0, false, 320, 0},   {0, 0, true, 320, 320},    {5, 5, false, 320, 0},
        {10, 0, false, 640, 0},  {0, 10, false, 320, 0},    {5, 0, true, 560, 640},
        {0, 10, true, 320, 320}, {10, 0, true, 1120, 1280},
    };

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        Limited x(rows[i].llc_ns * NS, rows[i].dram_ns * NS);
        const RigResult r =
            rig_run(x.s, {cleans(64), rows[i].two ? cleans(64) : Rig::Program()});

        check_row(i, r.note[0], rows[i].first_ns * NS);
        check_row(i, r.note[1], rows[i].second_ns * NS);
    }
}

/* Two bursts of 16 lines, of two PEs, asked for at T; 5 per line at best. */
void zeroing_is_as_slow_as_memory(void **)
{
    static const struct {
        uint64_t llc_ns, dram_ns, first_ns, second_ns;
    } rows[] = {{0, 0, 80, 80},  {0, 4, 80, 128}, {4, 0, 80, 128}, {0, 5, 80, 160},
                {0, 6, 96, 192}, {6, 0, 96, 192}, {6, 4, 96, 192}};

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const Limited x(rows[i].llc_ns * NS, rows[i].dram_ns * NS);
        Memory mem(x.s.platform, x.s.platform.feat.pa_bits, 2);

        check_row(i, mem.zero_ps(16, 5 * NS, T), rows[i].first_ns * NS);
        check_row(i, mem.zero_ps(16, 5 * NS, T), rows[i].second_ns * NS);
    }
}

/* ---- load ---- */

constexpr uint64_t SLOT = 1000 * NS; /* over which load is taken */

/* At one line each ns, `lines` are asked for in slot 20 of a port that had none; load
 * is 1/16 of that of the slot. */
void a_slot_counts_as_load_when_it_is_over(void **)
{
    static const struct {
        uint64_t queue_ns, lines, at_ps, wait_ps;
    } rows[] = {
        {100, 500, 21 * SLOT - 1, 0},
        {100, 500, 21 * SLOT, 3225}, /* 1/32 to 31/32 */
        {200, 500, 21 * SLOT, 6451},
        {100, 1000, 21 * SLOT, 6666},
        {0, 500, 21 * SLOT, 0},
        {100, 500, 22 * SLOT, 3018}, /* 15/512 to 497/512 */
        {100, 500, 2000 * SLOT, 0},
    };

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        Port port(NS, rows[i].queue_ns * NS);

        port.begin(20 * SLOT, rows[i].lines);
        port.begin(rows[i].at_ps, 0);
        check_row(i, port.queue_ps(), rows[i].wait_ps);
    }
}

void the_wait_at_half_load_is_that_of_the_platform(void **)
{
    static const struct {
        uint64_t lines, from_ps, to_ps; /* per slot of 1000; at 100 ns */
    } rows[] = {
        {0, 0, 0},
        {200, 24900, 25000},
        {500, 99900, 100000},
        {900, 899000, 900000},
        {1000, 6299900, 6300000}, /* at most 63/64 */
        {5000, 6299900, 6300000},
    };

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        Port port(NS, 100 * NS);

        for (uint64_t slot = 0; slot <= 400; slot++)
            port.begin(slot * SLOT, rows[i].lines);
        if (port.queue_ps() < rows[i].from_ps || port.queue_ps() > rows[i].to_ps)
            fail_msg("row %zu: got %llu", i, (unsigned long long)port.queue_ps());
    }
}

/* DRAM at 1/16 load: a line waits 15 per 225 of mem.dram_queue. */
void load_slows_what_passes_dram_and_nothing_else(void **)
{
    constexpr uint64_t NOW = 21 * SLOT;
    Limited x(0, NS);
    x.s.platform.mem.dram_queue_ps = 225 * NS;
    Memory mem(x.s.platform, x.s.platform.feat.pa_bits, 2);

    mem.zero_ps(900, 0, 20 * SLOT);
    assert_int_equal(mem.zero_ps(100, 5 * NS, NOW - 1), 500 * NS);
    assert_int_equal(mem.zero_ps(100, 5 * NS, NOW), 575 * NS); /* x (1 + 15/100) */
    assert_int_equal(mem.clean_ps(100, 5 * NS, NOW), 500 * NS);
    assert_int_equal(mem.read_ps(0, {ONE}, NOW + 500 * NS), 115 * NS);
    assert_int_equal(mem.read_ps(0, {ONE}, NOW + 500 * NS), 10 * NS); /* its L2 */
    assert_int_equal(mem.read_ps(1, {ONE}, NOW + 500 * NS), 30 * NS); /* LLC */
    assert_int_equal(mem.store_ps(0, {OTHER}, NOW + 600 * NS), 35 * NS);
    assert_int_equal(mem.store_ps(0, {OTHER}, NOW + 600 * NS), 20 * NS);
}
} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_read_waits_while_the_line_of_another_pe_is_served),
        cmocka_unit_test(a_walk_waits_for_its_descriptors),
        cmocka_unit_test(the_software_waits_for_its_table_entries),
        cmocka_unit_test(a_clean_leaves_the_cache_to_others_between_its_bursts),
        cmocka_unit_test(a_clean_is_as_slow_as_the_last_level_cache),
        cmocka_unit_test(zeroing_is_as_slow_as_memory),
        cmocka_unit_test(a_slot_counts_as_load_when_it_is_over),
        cmocka_unit_test(the_wait_at_half_load_is_that_of_the_platform),
        cmocka_unit_test(load_slows_what_passes_dram_and_nothing_else),
    };

    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
