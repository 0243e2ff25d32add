/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/nested_test.c - hardware updates of descriptors while both stages
 * translate. */
#include "tests/unit/walker/both_stages.h"
#include "walker/arch/desc.h"

static void stage_2_may_refuse_an_update_of_stage_1(void **state)
{
    const struct walk_cpu cpu = cpu_max();
    struct walk_regs regs = both_stages();
    struct memory m = page_behind_both();
    struct walk w;

    (void)state;
    regs.tcr_el1 |= TCR_HA;
    *memory_at(&m, 0x20008) &= ~ARCH_DESC_AF;
    *memory_at(&m, S2_TABLES) &= ~ARCH_DESC_S2AP_W;
    const uint64_t before = *memory_at(&m, 0x20008);
    assert_int_equal(run_walk(&w, &cpu, &regs, &load, &m), WALK_FAULT);
    check_fault(0, "S2CheckPermissions", &w, ARCH_FAULT_PERMISSION, 2, 1, true);
    assert_int_equal(w.fault_ipa.v, 0x20008);
    assert_int_equal(*memory_at(&m, 0x20008), before);
    assert_int_equal(m.swaps_n, 0);
}

static void an_update_of_stage_1_dirties_the_page_of_its_table(void **state)
{
    const struct walk_cpu cpu = cpu_max();
    struct walk_regs regs = both_stages();
    struct memory m = page_behind_both();
    struct walk w;

    (void)state;
    regs.tcr_el1 |= TCR_HA;
    regs.vtcr_el2 |= VTCR_HA | VTCR_HD;
    *memory_at(&m, 0x20008) &= ~ARCH_DESC_AF;
    *memory_at(&m, S2_TABLES) = (S2_BLOCK | ARCH_DESC_DBM) & ~ARCH_DESC_S2AP_W;
    assert_int_equal(run_walk(&w, &cpu, &regs, &load, &m), WALK_DONE);
    assert_true(*memory_at(&m, 0x20008) & ARCH_DESC_AF);
    assert_true(*memory_at(&m, S2_TABLES) & ARCH_DESC_S2AP_W);
    assert_int_equal(m.swaps_n, 2);
}

static void an_update_of_stage_1_stays_when_stage_2_then_faults(void **state)
{
    const struct walk_cpu cpu = cpu_max();
    struct walk_regs regs = both_stages();
    struct memory m = page_behind_both();
    struct walk w;

    (void)state;
    regs.tcr_el1 |= TCR_HA;
    *memory_at(&m, 0x20008) &= ~ARCH_DESC_AF;
    *memory_at(&m, S2_PAGES) = 0;
    assert_int_equal(run_walk(&w, &cpu, &regs, &load, &m), WALK_FAULT);
    check_fault(0, "output", &w, ARCH_FAULT_TRANSLATION, 2, 1, false);
    assert_true(*memory_at(&m, 0x20008) & ARCH_DESC_AF);
}

static void a_lost_swap_starts_the_walk_again(void **state)
{
    static const uint64_t s1_leaf = (GIB + 0x300000) | S1_PAGE;
    static const struct {
        unsigned lose_at;
        uint64_t lose_to;
        enum walk_next next;
        int stage;
        uint64_t leaf_after; /* of stage 1 */
        const char *rule;
    } rows[] = {
        {0, 0, WALK_DONE, 0, s1_leaf, "no swap lost"},
        {1, S2_BLOCK, WALK_DONE, 0, s1_leaf, "another PE set AF of stage 2"},
        {1, 0, WALK_FAULT, 2, s1_leaf & ~ARCH_DESC_AF, "stage 2 was unmapped"},
        {2, s1_leaf, WALK_DONE, 0, s1_leaf, "another PE set AF of stage 1"},
        {2, 0, WALK_FAULT, 1, 0, "stage 1 was unmapped"},
        {2, (s1_leaf & ~ARCH_DESC_AF) | UINT64_C(1) << 55, WALK_DONE, 0,
         s1_leaf | UINT64_C(1) << 55, "software changed its own bit"},
    };
    const struct walk_cpu cpu = cpu_max();
    struct walk_regs regs = both_stages();

    (void)state;
    regs.tcr_el1 |= TCR_HA;
    regs.vtcr_el2 |= VTCR_HA;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct memory m = page_behind_both();
        struct walk w;
        *memory_at(&m, 0x20008) &= ~ARCH_DESC_AF;
        *memory_at(&m, S2_TABLES) &= ~ARCH_DESC_AF; /* the first swap */
        m.lose_at = rows[i].lose_at;
        m.lose_to = rows[i].lose_to;
        check_row(i, rows[i].rule, run_walk(&w, &cpu, &regs, &load, &m), rows[i].next);
        if (rows[i].next == WALK_DONE)
            check_row(i, rows[i].rule, w.result.pa.v, UINT64_C(0x80300abc));
        else
            check_row(i, rows[i].rule, w.fault.stage, rows[i].stage);
        check_row(i, rows[i].rule, *memory_at(&m, 0x20008), rows[i].leaf_after);
    }
}

static void a_walk_that_starts_again_forgets_the_tables_it_saw(void **state)
{
    const struct walk_cpu cpu = cpu_max();
    struct walk_regs regs = both_stages();
    struct walk_query q = load;
    struct memory m = page_behind_both();
    struct walk_context ctx;
    struct walk w;

    (void)state;
    regs.tcr_el1 |= TCR_HA;
    regs.hcr_el2 = 0;
    *memory_at(&m, 0x10000) |= ARCH_DESC_AP_TABLE_2;
    *memory_at(&m, 0x20008) &= ~ARCH_DESC_AF;
    q.access = ARCH_READ;
    walk_context_init(&ctx, &cpu, &regs);
    enum walk_next next = walk_begin(&w, &ctx, &q);
    while (next == WALK_NEED_DESC)
        next = walk_feed(&w, memory_serve(&m, &w, next));
    assert_int_equal(next, WALK_NEED_CAS);
    *memory_at(&m, 0x10000) &= ~ARCH_DESC_AP_TABLE_2;
    *memory_at(&m, 0x20008) |= ARCH_DESC_AF;
    while (next == WALK_NEED_DESC || next == WALK_NEED_CAS)
        next = walk_feed(&w, memory_serve(&m, &w, next));
    assert_int_equal(next, WALK_DONE);
    assert_true(w.result.perms.priv & WALK_PERM_W);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stage_2_may_refuse_an_update_of_stage_1),
        cmocka_unit_test(an_update_of_stage_1_dirties_the_page_of_its_table),
        cmocka_unit_test(an_update_of_stage_1_stays_when_stage_2_then_faults),
        cmocka_unit_test(a_lost_swap_starts_the_walk_again),
        cmocka_unit_test(a_walk_that_starts_again_forgets_the_tables_it_saw),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
