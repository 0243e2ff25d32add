/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/registers_test.c - where each field lies in TCR_ELx, SCTLR_ELx,
 * HCR_EL2, the TTBRs and the ID registers, and what absent features take away. */
#include "tests/unit/walker/rows.h"
#include "walker/arch/ttbr.h"
#include "walker/context.h"

#define BIT(n) (UINT64_C(1) << (n))
#define ONES ((uint64_t)-1)

/* One number per field, so that a row can name one. */
enum tcr_field { TXSZ, TG, PS, TBI, TBID, EPD, E0PD, HPD, HA, HD, DS };

static unsigned long tcr_field(const struct arch_tcr *tcr, enum tcr_field field)
{
    const unsigned long values[] = {
        [TXSZ] = tcr->txsz, [TG] = tcr->tg,   [PS] = tcr->ps,     [TBI] = tcr->tbi,
        [TBID] = tcr->tbid, [EPD] = tcr->epd, [E0PD] = tcr->e0pd, [HPD] = tcr->hpd,
        [HA] = tcr->ha,     [HD] = tcr->hd,   [DS] = tcr->ds,
    };
    return values[field];
}

static void tcr_fields_lie_where_the_regime_has_them(void **state)
{
    enum { LOWER, UPPER, EL2 };
    static const struct {
        int form;
        enum tcr_field field;
        uint64_t bits;
        unsigned long want;
        const char *rule;
    } rows[] = {
        {LOWER, TXSZ, 0x3f, 63, "T0SZ [5:0]"},
        {LOWER, EPD, BIT(7), 1, "EPD0"},
        {LOWER, TG, 0, ARCH_TG_4K, "TG0 00"},
        {LOWER, TG, BIT(14), ARCH_TG_64K, "TG0 01"},
        {LOWER, TG, BIT(15), ARCH_TG_16K, "TG0 10"},
        {LOWER, PS, BIT(32) * 7, 7, "IPS [34:32]"},
        {LOWER, TBI, BIT(37), 1, "TBI0"},
        {LOWER, HA, BIT(39), 1, "HA"},
        {LOWER, HD, BIT(40), 1, "HD"},
        {LOWER, HPD, BIT(41), 1, "HPD0"},
        {LOWER, TBID, BIT(51), 1, "TBID0"},
        {LOWER, E0PD, BIT(55), 1, "E0PD0"},
        {LOWER, DS, BIT(59), 1, "DS"},
        {UPPER, TXSZ, BIT(16) * 0x3f, 63, "T1SZ [21:16]"},
        {UPPER, EPD, BIT(23), 1, "EPD1"},
        {UPPER, TG, BIT(30), ARCH_TG_16K, "TG1 01"},
        {UPPER, TG, BIT(31), ARCH_TG_4K, "TG1 10"},
        {UPPER, TG, BIT(30) | BIT(31), ARCH_TG_64K, "TG1 11"},
        {UPPER, PS, BIT(32) * 7, 7, "IPS [34:32]"},
        {UPPER, TBI, BIT(38), 1, "TBI1"},
        {UPPER, HA, BIT(39), 1, "HA"},
        {UPPER, HD, BIT(40), 1, "HD"},
        {UPPER, HPD, BIT(42), 1, "HPD1"},
        {UPPER, TBID, BIT(52), 1, "TBID1"},
        {UPPER, E0PD, BIT(56), 1, "E0PD1"},
        {UPPER, DS, BIT(59), 1, "DS"},
        {EL2, TXSZ, 0x3f, 63, "T0SZ [5:0]"},
        {EL2, TG, BIT(14), ARCH_TG_64K, "TG0 01"},
        {EL2, PS, BIT(16) * 7, 7, "PS [18:16]"},
        {EL2, TBI, BIT(20), 1, "TBI"},
        {EL2, HA, BIT(21), 1, "HA"},
        {EL2, HD, BIT(22), 1, "HD"},
        {EL2, HPD, BIT(24), 1, "HPD"},
        {EL2, TBID, BIT(29), 1, "TBID"},
        {EL2, DS, BIT(32), 1, "DS"},
        {EL2, EPD, ONES, 0, "EL2 has no EPD"},
        {EL2, E0PD, ONES, 0, "EL2 has no E0PD"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct arch_tcr set, clear;
        if (rows[i].form == EL2) {
            set = arch_tcr_decode_el2(rows[i].bits);
            clear = arch_tcr_decode_el2(~rows[i].bits);
        } else {
            const enum arch_va_half half =
                rows[i].form == UPPER ? ARCH_VA_UPPER : ARCH_VA_LOWER;
            set = arch_tcr_decode(rows[i].bits, half);
            clear = arch_tcr_decode(~rows[i].bits, half);
        }
        check_row(i, rows[i].rule, tcr_field(&set, rows[i].field), rows[i].want);
        if (rows[i].field != TG)
            check_row(i, rows[i].rule, tcr_field(&clear, rows[i].field), 0);
    }
}

static void reserved_granules_are_told(void **state)
{
    (void)state;
    assert_true(arch_tcr_decode(BIT(14) | BIT(15), ARCH_VA_LOWER).tg_reserved);
    assert_true(arch_tcr_decode(0, ARCH_VA_UPPER).tg_reserved);
    assert_true(arch_tcr_decode_el2(BIT(14) | BIT(15)).tg_reserved);
    assert_false(arch_tcr_decode(0, ARCH_VA_LOWER).tg_reserved);
    assert_false(arch_tcr_decode(BIT(31), ARCH_VA_UPPER).tg_reserved);
}

static void the_regime_follows_el_e2h_and_tge(void **state)
{
    static const struct {
        uint64_t hcr;
        unsigned el;
        enum arch_regime want;
    } rows[] = {
        {0, 0, ARCH_REGIME_EL10},
        {0, 1, ARCH_REGIME_EL10},
        {0, 2, ARCH_REGIME_EL2},
        {BIT(27), 0, ARCH_REGIME_EL10},
        {BIT(27), 1, ARCH_REGIME_EL10},
        {BIT(27), 2, ARCH_REGIME_EL2},
        {BIT(34), 0, ARCH_REGIME_EL10},
        {BIT(34), 1, ARCH_REGIME_EL10},
        {BIT(34), 2, ARCH_REGIME_EL20},
        {BIT(27) | BIT(34), 0, ARCH_REGIME_EL20},
        {BIT(27) | BIT(34), 1, ARCH_REGIME_EL10},
        {BIT(27) | BIT(34), 2, ARCH_REGIME_EL20},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct arch_hcr hcr = arch_hcr_decode(rows[i].hcr);
        check_row(i, "TranslationRegime", arch_hcr_regime(&hcr, rows[i].el),
                  rows[i].want);
    }
}

static void hcr_bits_that_tge_turns_off(void **state)
{
    static const uint64_t all = BIT(0) | BIT(2) | BIT(12);
    static const struct {
        uint64_t hcr;
        bool vm, ptw, dc;
        const char *rule;
    } rows[] = {
        {0, false, false, false, "none"},
        {all, true, true, true, "all"},
        {all | BIT(34), true, true, true, "E2H alone"},
        {all | BIT(27), true, false, true, "TGE: PTW reads as 0"},
        {all | BIT(27) | BIT(34), false, false, false, "{1,1}: VM and DC do, too"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct arch_hcr hcr = arch_hcr_decode(rows[i].hcr);
        check_row(i, rows[i].rule, hcr.vm, rows[i].vm);
        check_row(i, rows[i].rule, hcr.ptw, rows[i].ptw);
        check_row(i, rows[i].rule, hcr.dc, rows[i].dc);
    }
}

static void the_asid_is_that_of_the_ttbr_that_a1_selects(void **state)
{
    const uint64_t ttbr0 = UINT64_C(0x1234) << 48 | 0x5000;
    const uint64_t ttbr1 = UINT64_C(0x5678) << 48 | 0x5000;

    (void)state;
    assert_int_equal(arch_tcr_asid(BIT(36), ttbr0, ttbr1), 0x1234);
    assert_int_equal(arch_tcr_asid(BIT(36) | BIT(22), ttbr0, ttbr1), 0x5678);
    assert_int_equal(arch_tcr_asid(0, ttbr0, ttbr1), 0x34);
    assert_int_equal(arch_tcr_asid(BIT(22), ttbr0, ttbr1), 0x78);
}

static void the_base_has_bits_51_48_in_bits_5_2(void **state)
{
    (void)state;
    assert_int_equal(arch_ttbr_base(ONES, false), UINT64_C(0xfffffffffffe));
    assert_int_equal(arch_ttbr_base(ONES, true), UINT64_C(0xfffffffffffc0));
    assert_int_equal(arch_ttbr_base(0x24, true), UINT64_C(9) << 48);
    assert_int_equal(arch_ttbr_base(0x3, true), 0);
}

static void absent_features_take_their_fields_away(void **state)
{
    static const struct walk_cpu none = {
        .features = {
            .pa_bits = 48,
            .tg_support = {{ARCH_TG_PRESENT, ARCH_TG_PRESENT, ARCH_TG_PRESENT},
                           {ARCH_TG_PRESENT, ARCH_TG_PRESENT, ARCH_TG_PRESENT}}}};
    const struct walk_regs regs = {.sctlr_el1 = ONES,
                                   .tcr_el1 = ONES & ~(BIT(14) | BIT(15)),
                                   .hcr_el2 = ONES & ~BIT(27),
                                   .vtcr_el2 = ONES & ~(BIT(14) | BIT(15)),
                                   .vttbr_el2 = ONES,
                                   .ttbr0_el1 = ONES,
                                   .ttbr1_el1 = ONES};
    struct walk_context ctx;

    (void)state;
    walk_context_init(&ctx, &none, &regs);
    const struct arch_tcr *tcr = &ctx.el10.half[0].tcr;
    assert_false(tcr->tbid || tcr->e0pd || tcr->hpd || tcr->ha || tcr->hd || tcr->ds);
    assert_false(ctx.el10.half[0].epan);
    assert_false(ctx.hcr.e2h);
    assert_false(ctx.host.half[0].has_el0);
    assert_false(ctx.s2.vtcr.ha || ctx.s2.vtcr.hd || ctx.s2.vtcr.ds || ctx.s2.fwb);
    assert_int_equal(ctx.vmid, 0xff);
    assert_int_equal(ctx.el10.asid, 0xff);
}

static void the_vmid_has_16_bits_only_with_vs(void **state)
{
    static const struct walk_cpu cpu = {.features = {.pa_bits = 48, .vmid16 = true}};
    struct walk_regs regs = {.vttbr_el2 = UINT64_C(0x1234) << 48};
    struct walk_context ctx;

    (void)state;
    walk_context_init(&ctx, &cpu, &regs);
    assert_int_equal(ctx.vmid, 0x34);
    regs.vtcr_el2 = BIT(19);
    walk_context_init(&ctx, &cpu, &regs);
    assert_int_equal(ctx.vmid, 0x1234);
}

static void a_reserved_or_absent_granule_is_replaced(void **state)
{
    static const struct {
        enum arch_tg tg, choice;
        enum arch_tg_support k4, k16, k64;
        enum arch_tg want;
        const char *rule;
    } rows[] = {
        {ARCH_TG_16K, ARCH_TG_4K, ARCH_TG_PRESENT, ARCH_TG_PRESENT, ARCH_TG_PRESENT,
         ARCH_TG_16K, "present"},
        {ARCH_TG_16K, ARCH_TG_64K, ARCH_TG_PRESENT, ARCH_TG_ABSENT, ARCH_TG_PRESENT,
         ARCH_TG_64K, "absent: the choice"},
        {ARCH_TG_16K, ARCH_TG_64K, ARCH_TG_PRESENT, ARCH_TG_ABSENT, ARCH_TG_ABSENT,
         ARCH_TG_4K, "the choice is absent, too: the first there is"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct arch_features f = {
            .tg_support = {{rows[i].k4, rows[i].k16, rows[i].k64}}};
        check_row(i, rows[i].rule, arch_effective_tg(&f, 1, rows[i].tg, rows[i].choice),
                  rows[i].want);
    }
}

static void features_come_from_id_registers(void **state)
{
    /* The CPU of the shared vectors: everything but EPAN. */
    const struct arch_id_regs max = {.mmfr0 = UINT64_C(0x32310201126),
                                     .mmfr1 = UINT64_C(0x11010211122),
                                     .mmfr2 = UINT64_C(0x1021011010011011)};
    const struct arch_id_regs plain = {.mmfr0 = UINT64_C(0xff000005)};
    const struct arch_features f = arch_features_decode(&max);
    const struct arch_features p = arch_features_decode(&plain);

    (void)state;
    assert_int_equal(f.pa_bits, 52);
    assert_true(f.lva && f.ttst && f.xnx && f.hpds && f.e0pd && f.pan && f.vhe &&
                f.fwb);
    assert_true(f.vmid16 && f.asid16);
    assert_false(f.epan || f.tbid);
    assert_int_equal(f.hafdbs, 2);
    assert_int_equal(f.bbm_level, 2);
    for (unsigned stage = 1; stage <= 2; stage++) {
        assert_true(arch_has_lpa2(&f, stage, ARCH_TG_4K));
        assert_true(arch_has_lpa2(&f, stage, ARCH_TG_16K));
        assert_false(arch_has_lpa2(&f, stage, ARCH_TG_64K));
    }
    assert_int_equal(p.pa_bits, 48);
    assert_int_equal(p.hafdbs, 0);
    for (int stage = 0; stage < 2; stage++) {
        for (int i = 0; i < 3; i++)
            assert_int_equal(p.tg_support[stage][i], ARCH_TG_ABSENT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tcr_fields_lie_where_the_regime_has_them),
        cmocka_unit_test(reserved_granules_are_told),
        cmocka_unit_test(the_regime_follows_el_e2h_and_tge),
        cmocka_unit_test(hcr_bits_that_tge_turns_off),
        cmocka_unit_test(the_asid_is_that_of_the_ttbr_that_a1_selects),
        cmocka_unit_test(the_base_has_bits_51_48_in_bits_5_2),
        cmocka_unit_test(absent_features_take_their_fields_away),
        cmocka_unit_test(the_vmid_has_16_bits_only_with_vs),
        cmocka_unit_test(a_reserved_or_absent_granule_is_replaced),
        cmocka_unit_test(features_come_from_id_registers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
