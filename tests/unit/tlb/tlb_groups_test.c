/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tlb/tlb_groups_test.c - whole-VMID operations, whatever the number of
 * VMIDs that share the TLB. */
#include "tests/unit/tlb/tlb_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define WAYS_N 128u
#define PAGES_N 3u /* of each VMID and kind */

static const unsigned vmids_n[] = {1, 2, 7, 8, 15, 16, 20};

/* PAGES_N combined and PAGES_N stage 2 only entries of each VMID from 1 on. */
static void fill(struct tlb *t, unsigned n)
{
    for (unsigned i = 0; i < n * PAGES_N; i++) {
        const uint16_t vmid = (uint16_t)(1 + i / PAGES_N);
        struct tlb_entry e = fixture_leaf(vmid, TLB_COMBINED, i * MIB, SHIFT_4K);

        assert_non_null(tlb_fill(t, &e));
        e.kind = TLB_S2_ONLY;
        assert_non_null(tlb_fill(t, &e));
    }
}

static bool holds(struct tlb *t, uint16_t vmid, enum tlb_kind kind)
{
    const struct tlb_tag who = fixture_tag(vmid, 0);

    return tlb_peek(t, &who, kind, false, (vmid - 1) * PAGES_N * MIB);
}

static void a_whole_vmid_operation_takes_the_entries_of_its_vmid_only(void **state)
{
    (void)state;
    for (size_t row = 0; row < ROWS_N(vmids_n); row++) {
        const struct tlb_cfg cfg = fixture_one_set(WAYS_N);
        struct tlb_fixture f = fixture_new(&cfg);
        const unsigned n = vmids_n[row];

        fill(f.tlb, n);
        for (unsigned vmid = 1; vmid <= n; vmid++) {
            const struct arch_tlbi op =
                fixture_op(ARCH_TLBI_VMALLS12, (uint16_t)vmid, 0);
            const struct tlb_removed removed = tlb_invalidate(f.tlb, &op);

            assert_int_equal(removed.n, 2 * PAGES_N);
            assert_int_equal(removed.wide_n, 2 * PAGES_N);
            assert_int_equal(removed.extra_n, 0);
            assert_int_equal(fixture_count(f.tlb), (n - vmid) * 2 * PAGES_N);
            assert_false(holds(f.tlb, (uint16_t)vmid, TLB_COMBINED));
            assert_int_equal(holds(f.tlb, (uint16_t)(vmid + 1), TLB_COMBINED),
                             vmid < n);
        }
        fixture_free(&f);
    }
}

static void vmall_leaves_what_is_of_stage_2_alone(void **state)
{
    (void)state;
    for (size_t row = 0; row < ROWS_N(vmids_n); row++) {
        const struct tlb_cfg cfg = fixture_one_set(WAYS_N);
        struct tlb_fixture f = fixture_new(&cfg);
        const struct arch_tlbi op = fixture_op(ARCH_TLBI_VMALL, 1, 0);

        fill(f.tlb, vmids_n[row]);
        assert_int_equal(tlb_invalidate(f.tlb, &op).n, PAGES_N);
        assert_false(holds(f.tlb, 1, TLB_COMBINED));
        assert_true(holds(f.tlb, 1, TLB_S2_ONLY));
        fixture_free(&f);
    }
}

static void what_went_makes_room_before_anything_is_replaced(void **state)
{
    const struct tlb_cfg cfg = fixture_one_set(4 * PAGES_N);
    struct tlb_fixture f = fixture_new(&cfg);
    const struct arch_tlbi op = fixture_op(ARCH_TLBI_VMALLS12, 1, 0);

    (void)state;
    fill(f.tlb, 2);
    for (unsigned round = 0; round < 5; round++) {
        assert_int_equal(tlb_invalidate(f.tlb, &op).n, 2 * PAGES_N);
        assert_int_equal(fixture_count(f.tlb), 2 * PAGES_N);
        fill(f.tlb, 1);
        assert_int_equal(fixture_count(f.tlb), 4 * PAGES_N);
        assert_true(holds(f.tlb, 2, TLB_COMBINED));
    }
    fixture_free(&f);
}

static void an_older_entry_of_a_group_is_stale(void **state)
{
    const struct tlb_cfg cfg = fixture_one_set(WAYS_N);
    struct tlb_fixture f = fixture_new(&cfg);
    const struct arch_tlbi op = fixture_op(ARCH_TLBI_VMALLS12, 1, 0);
    struct tlb_entry e = fixture_leaf(1, TLB_COMBINED, MIB, SHIFT_4K);

    (void)state;
    e.stamp = 100;
    e.stamp_s2 = 90;
    assert_non_null(tlb_fill(f.tlb, &e));
    assert_int_equal(tlb_count_stale(f.tlb, &op, 90), 0);
    assert_int_equal(tlb_count_stale(f.tlb, &op, 91), 1);
    (void)tlb_invalidate(f.tlb, &op);
    assert_int_equal(tlb_count_stale(f.tlb, &op, 91), 0);
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_vmid_operation_takes_the_entries_of_its_vmid_only),
        cmocka_unit_test(vmall_leaves_what_is_of_stage_2_alone),
        cmocka_unit_test(what_went_makes_room_before_anything_is_replaced),
        cmocka_unit_test(an_older_entry_of_a_group_is_stale),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
