/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/vtcr_test.c - fields of VTCR_EL2 and VTTBR_EL2. */
#include "tests/unit/walker/rows.h"
#include "walker/arch/vtcr.h"

#define RES1 UINT64_C(0x80000000)

static void each_vtcr_field_is_where_the_register_has_it(void **state)
{
    static const struct {
        const char *rule;
        uint64_t raw;
        struct arch_vtcr want;
    } rows[] = {
        {"T0SZ [5:0]", RES1 | 0x3f, {.t0sz = 63, .tg = ARCH_TG_4K}},
        {"SL0 [7:6]", RES1 | 0x80, {.sl0 = 2, .tg = ARCH_TG_4K}},
        {"TG0 00 is 4K", RES1, {.tg = ARCH_TG_4K}},
        {"TG0 01 is 64K", RES1 | 0x4000, {.tg = ARCH_TG_64K}},
        {"TG0 10 is 16K", RES1 | 0x8000, {.tg = ARCH_TG_16K}},
        {"TG0 11 is reserved", RES1 | 0xc000, {.tg = ARCH_TG_4K, .tg_reserved = true}},
        {"PS [18:16]", RES1 | 0x50000, {.tg = ARCH_TG_4K, .ps = 5}},
        {"VS [19]", RES1 | 0x80000, {.tg = ARCH_TG_4K, .vs = true}},
        {"HA [21]", RES1 | 0x200000, {.tg = ARCH_TG_4K, .ha = true}},
        {"HD [22]", RES1 | 0x400000, {.tg = ARCH_TG_4K, .hd = true}},
        {"DS [32]", RES1 | UINT64_C(1) << 32, {.tg = ARCH_TG_4K, .ds = true}},
        {"SL2 [33]", RES1 | UINT64_C(1) << 33, {.tg = ARCH_TG_4K, .sl2 = true}},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct arch_vtcr got = arch_vtcr_decode(rows[i].raw);
        const struct arch_vtcr *want = &rows[i].want;

        check_row(i, rows[i].rule, got.t0sz, want->t0sz);
        check_row(i, rows[i].rule, got.sl0, want->sl0);
        check_row(i, rows[i].rule, got.tg, want->tg);
        check_row(i, rows[i].rule, got.tg_reserved, want->tg_reserved);
        check_row(i, rows[i].rule, got.ps, want->ps);
        check_row(i, rows[i].rule, got.vs, want->vs);
        check_row(i, rows[i].rule, got.ha, want->ha);
        check_row(i, rows[i].rule, got.hd, want->hd);
        check_row(i, rows[i].rule, got.ds, want->ds);
        check_row(i, rows[i].rule, got.sl2, want->sl2);
        check_row(i, rows[i].rule, arch_vtcr_encode(want), rows[i].raw);
    }
}

static void ps_codes_stand_for_output_sizes(void **state)
{
    static const unsigned want[8] = {32, 36, 40, 42, 44, 48, 52, 52};

    (void)state;
    for (uint8_t ps = 0; ps < 8; ps++)
        check_row(ps, ps == 7 ? "reserved, reads as 6" : "PS encoding",
                  arch_pa_bits(ps), want[ps]);
}

static void output_size_is_the_smaller_of_ps_and_implementation(void **state)
{
    static const struct {
        const char *rule;
        uint8_t ps;
        unsigned pa_bits, want;
    } rows[] = {
        {"PS below the implementation", 2, 48, 40},
        {"equal", 5, 48, 48},
        {"PS above the implementation", 6, 40, 40},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct arch_vtcr vtcr = {.tg = ARCH_TG_4K, .ps = rows[i].ps};

        check_row(i, rows[i].rule, arch_vtcr_oa_bits(&vtcr, rows[i].pa_bits),
                  rows[i].want);
    }
}

static void baddr_leaves_out_cnp_and_vmid(void **state)
{
    static const struct {
        const char *rule;
        struct arch_vtcr vtcr;
        unsigned pa_bits;
        uint64_t vttbr_el2, want;
    } rows[] = {
        {"CnP and VMID are not address bits",
         {.tg = ARCH_TG_4K, .ps = 5},
         48,
         UINT64_C(0x1234800000001001),
         UINT64_C(0x800000001000)},
        {"[5:1] are address bits of small tables",
         {.tg = ARCH_TG_4K, .ps = 5},
         48,
         UINT64_C(0x803f),
         UINT64_C(0x803e)},
        {"64K, 52-bit PS: [5:2] are PA[51:48]",
         {.tg = ARCH_TG_64K, .ps = 6},
         52,
         UINT64_C(0x1000a),
         UINT64_C(0x2000000010000)},
        {"64K, 48-bit PS: [5:2] stay in place",
         {.tg = ARCH_TG_64K, .ps = 5},
         52,
         UINT64_C(0x10028),
         UINT64_C(0x10028)},
        {"64K, 52-bit PS on a 48-bit part",
         {.tg = ARCH_TG_64K, .ps = 6},
         48,
         UINT64_C(0x10028),
         UINT64_C(0x10028)},
        {"4K with DS: [5:2] are PA[51:48] whatever PS is",
         {.tg = ARCH_TG_4K, .ps = 2, .ds = true},
         52,
         UINT64_C(0x103c),
         UINT64_C(0xf000000001000)},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++)
        check_row(i, rows[i].rule,
                  arch_vttbr_baddr(rows[i].vttbr_el2, &rows[i].vtcr, rows[i].pa_bits).v,
                  rows[i].want);
}

static void ds_and_sl2_count_only_where_the_granule_has_them(void **state)
{
    static const struct {
        const char *rule;
        struct arch_vtcr vtcr;
        bool want_lpa2, want_sl2;
    } rows[] = {
        {"4K, DS", {.tg = ARCH_TG_4K, .ds = true, .sl2 = true}, true, true},
        {"4K, no DS", {.tg = ARCH_TG_4K, .sl2 = true}, false, false},
        {"16K has no SL2", {.tg = ARCH_TG_16K, .ds = true, .sl2 = true}, true, false},
        {"64K has neither", {.tg = ARCH_TG_64K, .ds = true, .sl2 = true}, false, false},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        check_row(i, rows[i].rule, arch_vtcr_lpa2(&rows[i].vtcr), rows[i].want_lpa2);
        check_row(i, rows[i].rule, arch_vtcr_sl2(&rows[i].vtcr), rows[i].want_sl2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_vtcr_field_is_where_the_register_has_it),
        cmocka_unit_test(ps_codes_stand_for_output_sizes),
        cmocka_unit_test(output_size_is_the_smaller_of_ps_and_implementation),
        cmocka_unit_test(baddr_leaves_out_cnp_and_vmid),
        cmocka_unit_test(ds_and_sl2_count_only_where_the_granule_has_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
