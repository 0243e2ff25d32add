/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/hyp/vtcr_test.c - HA, HD and PS on PEs that are not all alike. */
#include "model/hyp/vtcr.h"
#include "tests/unit/walker/rows.h"

static const struct hyp_vtcr_limits pes[] = {{48, 2}, {40, 0}, {44, 1}};

static void ha_hd_and_ps_follow_the_policy(void **state)
{
    static const struct {
        const char *rule;
        enum hyp_vtcr_policy policy;
        unsigned pes_n, pe;
        bool ask_ha, ask_hd, ha, hd;
        unsigned ps_bits;
    } rows[] = {
        {"per CPU: all that it has", HYP_VTCR_PER_CPU, 3, 0, true, true, true, true,
         48},
        {"per CPU: nothing", HYP_VTCR_PER_CPU, 3, 1, true, true, false, false, 40},
        {"per CPU: no dirty state", HYP_VTCR_PER_CPU, 3, 2, true, true, true, false,
         44},
        {"KVM asks for HA alone", HYP_VTCR_PER_CPU, 3, 0, true, false, true, false, 48},
        {"HD needs HA", HYP_VTCR_PER_CPU, 3, 0, false, true, false, false, 48},
        {"system: the poorest PE decides", HYP_VTCR_SYSTEM, 3, 0, true, true, false,
         false, 40},
        {"system: everywhere", HYP_VTCR_SYSTEM, 3, 2, true, true, false, false, 40},
        {"system of one: itself", HYP_VTCR_SYSTEM, 1, 0, true, true, true, true, 48},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct arch_vtcr vm = {.tg = ARCH_TG_16K,
                                     .t0sz = 28,
                                     .sl0 = 1,
                                     .vs = true,
                                     .ps = 6,
                                     .ha = rows[i].ask_ha,
                                     .hd = rows[i].ask_hd};
        const struct arch_vtcr got =
            hyp_vtcr_on(&vm, rows[i].policy, pes, rows[i].pes_n, rows[i].pe);
        struct arch_vtcr want = vm;

        check_row(i, rows[i].rule, got.ha, rows[i].ha);
        check_row(i, rows[i].rule, got.hd, rows[i].hd);
        check_row(i, rows[i].rule, arch_pa_bits(got.ps), rows[i].ps_bits);
        want.ha = got.ha, want.hd = got.hd, want.ps = got.ps;
        check_row(i, "the rest is the VM's",
                  arch_vtcr_encode(&got) == arch_vtcr_encode(&want), true);
    }
}

static void every_pa_size_has_its_ps(void **state)
{
    const struct arch_vtcr vm = {.tg = ARCH_TG_4K};

    (void)state;
    for (uint8_t ps = 0; ps <= 6; ps++) {
        const struct hyp_vtcr_limits limits = {(uint8_t)arch_pa_bits(ps), 0};

        check_row(ps, "PS", hyp_vtcr_within(&vm, limits).ps, ps);
    }
}

static void the_safe_value_is_what_all_have(void **state)
{
    const struct arch_features f = {.pa_bits = 44, .hafdbs = 2};
    struct hyp_vtcr_limits safe = hyp_vtcr_limits_of(&f);

    (void)state;
    assert_int_equal(safe.pa_bits, 44);
    assert_int_equal(safe.hafdbs, 2);
    for (size_t i = 0; i < ROWS_N(pes); i++)
        safe = hyp_vtcr_safe(safe, pes[i]);
    assert_int_equal(safe.pa_bits, 40);
    assert_int_equal(safe.hafdbs, 0);
}

static void the_ipa_limit_is_the_smallest_pa_size(void **state)
{
    static const struct {
        const char *rule;
        unsigned pa_bits;
        enum arch_tg tg;
        bool lpa2;
        unsigned limit;
    } rows[] = {
        {"36-bit part: the default is refused", 36, ARCH_TG_4K, false, 36},
        {"40-bit part: the default fits", 40, ARCH_TG_4K, false, 40},
        {"52 bits, 4K without LPA2", 52, ARCH_TG_4K, false, 48},
        {"52 bits, 16K without LPA2", 52, ARCH_TG_16K, false, 48},
        {"52 bits, 4K with LPA2", 52, ARCH_TG_4K, true, 52},
        {"52 bits, 64K", 52, ARCH_TG_64K, false, 52},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct hyp_vtcr_limits safe = {(uint8_t)rows[i].pa_bits, 0};

        check_row(i, rows[i].rule, hyp_ipa_limit(safe, rows[i].tg, rows[i].lpa2),
                  rows[i].limit);
    }
    assert_int_equal(HYP_IPA_BITS_DEFAULT, 40);
}

static void policies_have_names(void **state)
{
    (void)state;
    assert_string_equal(hyp_vtcr_policy_name(HYP_VTCR_PER_CPU), "per-cpu");
    assert_string_equal(hyp_vtcr_policy_name(HYP_VTCR_SYSTEM), "system");
    assert_null(hyp_vtcr_policy_name(HYP_VTCR_POLICIES_N));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ha_hd_and_ps_follow_the_policy),
        cmocka_unit_test(every_pa_size_has_its_ps),
        cmocka_unit_test(the_safe_value_is_what_all_have),
        cmocka_unit_test(the_ipa_limit_is_the_smallest_pa_size),
        cmocka_unit_test(policies_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
