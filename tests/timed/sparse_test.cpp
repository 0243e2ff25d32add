/* SPDX-License-Identifier: Apache-2.0 */
/* A guest costs the host what it touches, however large it is: counted in bytes that
 * the parts of the machine have asked for. */
#include "tests/timed/rig.h"

namespace
{
constexpr uint64_t BASE = 0x40000000, PAGE = 0x1000, TIB = UINT64_C(1) << 40;
constexpr uint64_t PAGES_N = 600;

enum Note { TABLE_BYTES, SLOT_BYTES };

struct Sparse : RigScenario {
    explicit Sparse(uint64_t bytes) : RigScenario("sparse.yaml")
    {
        s.vms[0].memory[0].bytes = bytes;
    }
};

/* Reads one word in each of the pages, step bytes apart; they fault. */
Rig::Program touches(uint64_t step)
{
    return [=](Rig &rig, Pe &pe) {
        for (uint64_t i = 0; i < PAGES_N; i++)
            pe.sleep_until(pe.access({BASE + i * step}, ARCH_READ));
        rig.note(TABLE_BYTES, physmem_bytes(rig.world.mem.words()));
        rig.note(SLOT_BYTES, rig.world.vms[0].slots.bytes());
    };
}

RigResult touch(uint64_t bytes, uint64_t step)
{
    Sparse x(bytes);
    const RigResult r = rig_run(x.s, {touches(step)});

    assert_int_equal(r.faults, PAGES_N);
    return r;
}

void memory_goes_with_the_pages_that_are_touched_not_with_the_guest(void **)
{
    static const struct {
        uint64_t small, large; /* bytes of the guest */
        uint64_t step;         /* between the pages touched */
    } rows[] = {
        {16 << 20, TIB, PAGE},
        {TIB / 1024, TIB, PAGE},
        {TIB / 512, TIB, 2 << 20},
    };

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const RigResult a = touch(rows[i].small, rows[i].step);
        const RigResult b = touch(rows[i].large, rows[i].step);

        assert_true(a.note[SLOT_BYTES] > 0);
        check_row(i, b.note[TABLE_BYTES], a.note[TABLE_BYTES]);
        check_row(i, b.note[SLOT_BYTES], a.note[SLOT_BYTES]);
    }
}

void notes_table_bytes(Rig &rig, Pe &)
{
    rig.note(TABLE_BYTES, physmem_bytes(rig.world.mem.words()));
}

/* Neighbours: 600 pages need two tables of the last level and one above. */
void a_touched_page_costs_16_bytes_beside_the_tables(void **)
{
    const RigResult none =
        rig_run(Sparse(TIB).s, {[](Rig &rig, Pe &) {
                    rig.note(TABLE_BYTES, physmem_bytes(rig.world.mem.words()));
                }});
    const RigResult r = touch(TIB, PAGE);
    const uint64_t tables = r.note[TABLE_BYTES] - none.note[TABLE_BYTES];

    assert_int_equal(tables / PAGE, 3);
    assert_true(tables % PAGE + r.note[SLOT_BYTES] <= 16 * PAGES_N);
}
struct Mapped : Sparse {
    explicit Mapped(uint64_t bytes) : Sparse(bytes)
    {
        s.vms[0].memory[0].mapped = true;
        s.vms[0].memory[0].zeroed = false;
    }
};

/* Of the tables of the last level the host keeps what their entries have in common. */
void tables_that_nobody_has_written_since_cost_64_bytes_each(void **)
{
    const RigResult small = rig_run(Mapped(UINT64_C(1) << 30).s, {notes_table_bytes});
    const RigResult large = rig_run(Mapped(UINT64_C(1) << 36).s, {notes_table_bytes});
    const uint64_t more = large.note[TABLE_BYTES] - small.note[TABLE_BYTES];
    const uint64_t tables_n = 63 * 512, above_n = 63;

    assert_true(more > above_n * PAGE);
    assert_true(more <= above_n * PAGE + 64 * tables_n);
}

/* Counts entries that are not the first one's moved on by pages. */
void notes_odd_entries(Rig &rig, Pe &)
{
    const uint64_t pages = rig.world.scenario.vms[0].memory[0].bytes / PAGE;
    const uint64_t first = rig.desc(BASE, 3);
    uint64_t odd = 0;

    for (uint64_t i = 0; i < pages; i++)
        odd += rig.desc(BASE + i * PAGE, 3) != first + i * PAGE;
    rig.note(0, odd);
    rig.note(1, first);
    rig.note(2, rig.desc(BASE + pages * PAGE, 3));
}

void a_mapped_guest_has_an_entry_for_each_of_its_pages_and_no_other(void **)
{
    static const uint64_t sizes[] = {4096, 2 << 20, (4 << 20) - 4096, 32 << 20};

    for (size_t i = 0; i < ROWS_N(sizes); i++) {
        const RigResult r = rig_run(Mapped(sizes[i]).s, {notes_odd_entries});

        check_row(i, r.note[0], 0);
        check_row(i, r.note[1] & 1, 1);
        check_row(i, r.note[2], 0);
    }
}
} // namespace

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            memory_goes_with_the_pages_that_are_touched_not_with_the_guest),
        cmocka_unit_test(a_touched_page_costs_16_bytes_beside_the_tables),
        cmocka_unit_test(tables_that_nobody_has_written_since_cost_64_bytes_each),
        cmocka_unit_test(
            a_mapped_guest_has_an_entry_for_each_of_its_pages_and_no_other),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
