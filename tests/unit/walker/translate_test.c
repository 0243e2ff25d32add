/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/translate_test.c - whole translations: regimes, both stages,
 * results and faults. */
#include "tests/unit/walker/both_stages.h"
#include "walker/arch/desc.h"

static void each_descriptor_is_named_with_its_stage_and_level(void **state)
{
    static const struct {
        uint64_t pa;
        int stage, level;
        bool for_s1;
        uint64_t s1_desc_ipa;
    } want[] = {
        {S2_TABLES, 2, 1, true, 0x10000}, {0x10000, 1, 2, false, 0x10000},
        {S2_TABLES, 2, 1, true, 0x20008}, {0x20008, 1, 3, false, 0x20008},
        {S2_PAGES, 2, 1, false, 0x20008},
    };
    const struct walk_cpu cpu = cpu_max();
    const struct walk_regs regs = both_stages();
    struct memory m = page_behind_both();
    struct walk_context ctx;
    struct walk w;

    (void)state;
    walk_context_init(&ctx, &cpu, &regs);
    enum walk_next next = walk_begin(&w, &ctx, &load);
    for (size_t i = 0; i < ROWS_N(want); i++) {
        check_row(i, "step", next, WALK_NEED_DESC);
        check_row(i, "address", w.desc_pa.v, want[i].pa);
        check_row(i, "stage", w.stage, want[i].stage);
        check_row(i, "level", w.level, want[i].level);
        check_row(i, "for stage 1", w.for_s1, want[i].for_s1);
        check_row(i, "IPA", w.s1_desc_ipa.v, want[i].s1_desc_ipa);
        next = walk_feed(&w, memory_serve(&m, &w, next));
    }
    check_row(0, "end", next, WALK_DONE);
    check_row(0, "PA", w.result.pa.v, UINT64_C(0x80300abc));
}

static void the_result_is_what_a_tlb_needs(void **state)
{
    const struct walk_cpu cpu = cpu_max();
    struct walk_regs regs = both_stages();
    struct memory m = page_behind_both();
    struct walk w;

    (void)state;
    regs.tcr_el1 |= TCR_HA | TCR_HD;
    *memory_at(&m, 0x20008) |=
        ARCH_DESC_S1_NG | ARCH_DESC_DBM | ARCH_DESC_S1_AP_2 | ARCH_DESC_CONTIGUOUS;
    assert_int_equal(run_walk(&w, &cpu, &regs, &load, &m), WALK_DONE);
    const struct walk_result *r = &w.result;
    assert_int_equal(r->regime, ARCH_REGIME_EL10);
    assert_int_equal(r->ipa.v, GIB + 0x300abc);
    assert_int_equal(r->pa.v, UINT64_C(0x80300abc));
    assert_int_equal(r->s1_leaf_shift, 12);
    assert_int_equal(r->s2_leaf_shift, 30);
    assert_int_equal(r->perms.el0, WALK_PERM_R | WALK_PERM_W | WALK_PERM_X);
    assert_int_equal(r->perms.priv, WALK_PERM_R | WALK_PERM_W);
    assert_true(r->perms.pan_denies);
    assert_true(r->ng && r->write_clean && r->s1_contiguous);
    assert_false(r->s2_contiguous || r->s1_nt || r->s2_nt);
    assert_int_equal(r->asid, 0x12);
    assert_int_equal(r->vmid, 7);
    assert_int_equal(r->descs_n, 5);
    assert_int_equal(run_walk(&w, &cpu, &regs, &store, &m), WALK_DONE);
    assert_false(w.result.write_clean);
}

static void a_clean_leaf_of_either_stage_makes_a_write_walk_again(void **state)
{
    static const struct {
        uint64_t tcr, vtcr, s1_more, s2_leaf;
        bool clean;
        const char *rule;
    } rows[] = {
        {0, 0, 0, S2_BLOCK, false, "neither"},
        {TCR_HA | TCR_HD, 0, ARCH_DESC_DBM | ARCH_DESC_S1_AP_2, S2_BLOCK, true,
         "stage 1"},
        {TCR_HA | TCR_HD, 0, ARCH_DESC_DBM, S2_BLOCK, false, "stage 1 is dirty"},
        {0, VTCR_HA | VTCR_HD, 0, (S2_BLOCK | ARCH_DESC_DBM) & ~ARCH_DESC_S2AP_W, true,
         "stage 2"},
        {0, VTCR_HA | VTCR_HD, 0, S2_BLOCK | ARCH_DESC_DBM, false, "stage 2 is dirty"},
        {0, VTCR_HA, 0, (S2_BLOCK | ARCH_DESC_DBM) & ~ARCH_DESC_S2AP_W, false,
         "HD 0: read-only"},
    };
    const struct walk_cpu cpu = cpu_max();

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct walk_regs regs = both_stages();
        struct memory m = page_behind_both();
        struct walk w;
        regs.tcr_el1 |= rows[i].tcr;
        regs.vtcr_el2 |= rows[i].vtcr;
        *memory_at(&m, 0x20008) |= rows[i].s1_more;
        *memory_at(&m, S2_PAGES) = UINT64_C(0x80000000) | rows[i].s2_leaf;
        check_row(i, rows[i].rule, run_walk(&w, &cpu, &regs, &load, &m), WALK_DONE);
        check_row(i, rows[i].rule, w.result.write_clean, rows[i].clean);
    }
}

static void a_stage_2_fault_tells_whose_address_it_was(void **state)
{
    static const struct {
        uint64_t pa, value;
        enum arch_fault_type type;
        bool s1ptw;
        uint64_t ipa;
        const char *rule;
    } rows[] = {
        {S2_TABLES, 0, ARCH_FAULT_TRANSLATION, true, 0x10000, "first descriptor"},
        {S2_TABLES, S2_BLOCK & ~ARCH_DESC_AF, ARCH_FAULT_ACCESS_FLAG, true, 0x10000,
         "Access flag"},
        {S2_TABLES, S2_BLOCK & ~ARCH_DESC_S2AP_R, ARCH_FAULT_PERMISSION, true, 0x10000,
         "a walk reads"},
        {0x10000, (2 * GIB + 0x5000) | 3, ARCH_FAULT_TRANSLATION, true,
         2 * GIB + 0x5008, "second descriptor"},
        {S2_PAGES, 0, ARCH_FAULT_TRANSLATION, false, GIB + 0x300abc, "the output"},
        {S2_PAGES, S2_BLOCK & ~ARCH_DESC_S2AP_R, ARCH_FAULT_PERMISSION, false,
         GIB + 0x300abc, "the output"},
    };
    const struct walk_cpu cpu = cpu_max();
    const struct walk_regs regs = both_stages();

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct memory m = page_behind_both();
        struct walk w;
        *memory_at(&m, rows[i].pa) = rows[i].value;
        check_row(i, rows[i].rule, run_walk(&w, &cpu, &regs, &load, &m), WALK_FAULT);
        check_fault(i, rows[i].rule, &w, rows[i].type, 2, 1, rows[i].s1ptw);
        check_row(i, rows[i].rule, w.fault_ipa.v, rows[i].ipa);
        check_row(i, rows[i].rule, walk_syndrome(&w).target_el, 2);
    }
}

static void a_walk_reads_tables_that_it_may_not_write(void **state)
{
    const struct walk_cpu cpu = cpu_max();
    const struct walk_regs regs = both_stages();
    struct memory m = page_behind_both();
    struct walk w;

    (void)state;
    *memory_at(&m, S2_TABLES) &= ~ARCH_DESC_S2AP_W;
    assert_int_equal(run_walk(&w, &cpu, &regs, &store, &m), WALK_DONE);
}

static void ptw_forbids_walks_into_device_memory(void **state)
{
    static const struct {
        uint64_t hcr, attr; /* MemAttr[3:0] */
        bool ok;
        const char *rule;
    } rows[] = {
        {0, 0x0, true, "PTW 0: Device is read as Non-cacheable"},
        {HCR_PTW, 0x0, false, "Device-nGnRnE"},
        {HCR_PTW, 0x3, false, "Device-GRE"},
        {HCR_PTW, 0x5, true, "Normal Non-cacheable"},
        {HCR_PTW, 0xf, true, "Normal Write-Back"},
        {HCR_PTW | UINT64_C(1) << 46, 0x1, false, "FWB: 0b00xx is Device"},
        {HCR_PTW | UINT64_C(1) << 46, 0x6, true, "FWB: Normal Write-Back"},
        {HCR_PTW | HCR_TGE, 0x0, true, "TGE: stage 1 is off, nothing walks"},
    };
    const struct walk_cpu cpu = cpu_max();

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct walk_regs regs = both_stages();
        struct memory m = page_behind_both();
        struct walk w;
        regs.hcr_el2 |= rows[i].hcr;
        *memory_at(&m, S2_TABLES) = (S2_BLOCK & ~UINT64_C(0x3c)) | rows[i].attr << 2;
        const enum walk_next next = run_walk(&w, &cpu, &regs, &load, &m);
        check_row(i, rows[i].rule, next, rows[i].ok ? WALK_DONE : WALK_FAULT);
        if (!rows[i].ok)
            check_fault(i, rows[i].rule, &w, ARCH_FAULT_PERMISSION, 2, 1, true);
    }
}

static void what_translates_follows_hcr_and_sctlr(void **state)
{
    enum { M = 1, OFF = 0 };
    static const struct {
        uint64_t hcr, sctlr;
        enum walk_how how;
        uint64_t pa;
        unsigned reads_n;
        const char *rule;
    } rows[] = {
        {0, OFF, WALK_ACCESS, 0x1abc, 0, "nothing"},
        {0, M, WALK_ACCESS, GIB + 0x300abc, 2, "stage 1"},
        {HCR_VM, OFF, WALK_ACCESS, 0x1abc, 1, "stage 2"},
        {HCR_VM, M, WALK_ACCESS, 0x80300abc, 5, "both"},
        {HCR_DC, M, WALK_ACCESS, 0x1abc, 1, "DC: stage 1 off, stage 2 on"},
        {HCR_VM | HCR_TGE, M, WALK_ACCESS, 0x1abc, 1, "TGE: stage 1 off"},
        {HCR_VM, M, WALK_AT_S1, GIB + 0x300abc, 4, "AT S1E1R ends with the IPA"},
        {HCR_VM, M, WALK_AT_S12, 0x80300abc, 5, "AT S12E1R"},
        {HCR_VM | ARCH_HCR_E2H, M, WALK_ACCESS, 0x80300abc, 5, "E2H: EL1 as before"},
    };
    const struct walk_cpu cpu = cpu_max();

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct walk_regs regs = both_stages();
        struct memory m = page_behind_both();
        struct walk_query q = load;
        struct walk w;
        regs.hcr_el2 = rows[i].hcr;
        regs.sctlr_el1 = rows[i].sctlr;
        q.how = rows[i].how;
        check_row(i, rows[i].rule, run_walk(&w, &cpu, &regs, &q, &m), WALK_DONE);
        check_row(i, rows[i].rule, w.result.pa.v, rows[i].pa);
        check_row(i, rows[i].rule, m.reads_n, rows[i].reads_n);
    }
}

static void with_stage_1_off_a_va_beyond_the_pa_size_is_an_address_size_fault(
    void **state)
{
    static const uint64_t tbi = UINT64_C(1) << 37;
    static const struct {
        uint64_t va, tcr;
        bool ok;
        const char *rule;
    } rows[] = {
        {(UINT64_C(1) << 52) - 1, 0, true, "52 bits"},
        {UINT64_C(1) << 52, 0, false, "one more"},
        {UINT64_C(1) << 56, 0, false, "a tag without TBI"},
        {UINT64_C(1) << 56, tbi, true, "TBI0"},
        {UINT64_C(1) << 55, tbi, false, "the upper half has no PA"},
    };
    const struct walk_cpu cpu = cpu_max();

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct walk_regs regs = {.tcr_el1 = rows[i].tcr};
        const struct walk_query q = {.va = {rows[i].va}, .el = 1};
        struct memory m = {.n = 0};
        struct walk w;
        check_row(i, rows[i].rule, run_walk(&w, &cpu, &regs, &q, &m),
                  rows[i].ok ? WALK_DONE : WALK_FAULT);
        if (!rows[i].ok)
            check_fault(i, rows[i].rule, &w, ARCH_FAULT_ADDRESS_SIZE, 1, 0, false);
    }
}

static void the_regime_of_an_at_instruction_follows_e2h_and_tge(void **state)
{
    static const struct {
        uint64_t hcr;
        uint8_t el;
        enum walk_how how;
        enum arch_regime want;
        const char *rule;
    } rows[] = {
        {ARCH_HCR_E2H | HCR_TGE, 1, WALK_AT_S1, ARCH_REGIME_EL20, "AT S1E1R, {1,1}"},
        {ARCH_HCR_E2H | HCR_TGE, 0, WALK_AT_S1, ARCH_REGIME_EL20, "AT S1E0R, {1,1}"},
        {ARCH_HCR_E2H, 1, WALK_AT_S1, ARCH_REGIME_EL10, "AT S1E1R, {1,0}"},
        {ARCH_HCR_E2H | HCR_TGE, 1, WALK_AT_S12, ARCH_REGIME_EL20, "AT S12E1R"},
        {ARCH_HCR_E2H | HCR_TGE, 0, WALK_AT_S12, ARCH_REGIME_EL20, "AT S12E0R"},
        {0, 1, WALK_AT_S12, ARCH_REGIME_EL10, "AT S12E1R, no host"},
        {ARCH_HCR_E2H, 0, WALK_AT_S12, ARCH_REGIME_EL10, "AT S12E0R, TGE 0"},
        {ARCH_HCR_E2H | HCR_TGE, 1, WALK_ACCESS, ARCH_REGIME_EL10,
         "no code runs there"},
        {ARCH_HCR_E2H, 2, WALK_AT_S1, ARCH_REGIME_EL20, "AT S1E2R"},
        {0, 2, WALK_AT_S1, ARCH_REGIME_EL2, "AT S1E2R"},
    };
    const struct walk_cpu cpu = cpu_max();

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct walk_regs regs = {.hcr_el2 = rows[i].hcr};
        const struct walk_query q = {
            .va = {0x1000}, .el = rows[i].el, .how = rows[i].how};
        struct memory m = {.n = 0};
        struct walk w;
        check_row(i, rows[i].rule, run_walk(&w, &cpu, &regs, &q, &m), WALK_DONE);
        check_row(i, rows[i].rule, w.result.regime, rows[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_descriptor_is_named_with_its_stage_and_level),
        cmocka_unit_test(the_result_is_what_a_tlb_needs),
        cmocka_unit_test(a_clean_leaf_of_either_stage_makes_a_write_walk_again),
        cmocka_unit_test(a_stage_2_fault_tells_whose_address_it_was),
        cmocka_unit_test(a_walk_reads_tables_that_it_may_not_write),
        cmocka_unit_test(ptw_forbids_walks_into_device_memory),
        cmocka_unit_test(what_translates_follows_hcr_and_sctlr),
        cmocka_unit_test(
            with_stage_1_off_a_va_beyond_the_pa_size_is_an_address_size_fault),
        cmocka_unit_test(the_regime_of_an_at_instruction_follows_e2h_and_tge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
