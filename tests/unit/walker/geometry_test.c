/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/geometry_test.c - start level, concatenation, and KVM's choice. */
#include "tests/unit/walker/rows.h"
#include "walker/geometry.h"

#include <stdbool.h>

#define INCONSISTENT ARCH_ERR_SL0_INCONSISTENT

static void start_level_and_concatenation_follow_sl0_and_t0sz(void **state)
{
    static const struct {
        const char *rule;
        enum arch_tg tg;
        uint8_t sl0, t0sz;
        enum arch_status want;
        int level;
        unsigned tables_n, align_shift;
    } rows[] = {
        {"4K 39-bit: one full table", ARCH_TG_4K, 1, 25, ARCH_OK, 1, 1, 12},
        {"4K 40-bit: two tables", ARCH_TG_4K, 1, 24, ARCH_OK, 1, 2, 13},
        {"4K level 2: 16 tables", ARCH_TG_4K, 0, 30, ARCH_OK, 2, 16, 16},
        {"4K level 2: no 17th", ARCH_TG_4K, 0, 29, INCONSISTENT, 0, 0, 0},
        {"4K level 1: 16 tables", ARCH_TG_4K, 1, 21, ARCH_OK, 1, 16, 16},
        {"4K level 1: no 17th", ARCH_TG_4K, 1, 20, INCONSISTENT, 0, 0, 0},
        {"4K level 1: at least 2 entries", ARCH_TG_4K, 1, 33, ARCH_OK, 1, 1, 4},
        {"4K level 1: not 1 entry", ARCH_TG_4K, 1, 34, INCONSISTENT, 0, 0, 0},
        {"4K level 0: 2 entries", ARCH_TG_4K, 2, 24, ARCH_OK, 0, 1, 4},
        {"4K level 0 needs 40 bits", ARCH_TG_4K, 2, 25, INCONSISTENT, 0, 0, 0},
        {"4K level 0: 48 bits", ARCH_TG_4K, 2, 16, ARCH_OK, 0, 1, 12},
        {"4K: no 49 bits without DS", ARCH_TG_4K, 2, 15, ARCH_ERR_T0SZ, 0, 0, 0},
        {"4K level 3: 16 tables", ARCH_TG_4K, 3, 39, ARCH_OK, 3, 16, 16},
        {"4K level 3: no 17th", ARCH_TG_4K, 3, 38, INCONSISTENT, 0, 0, 0},
        {"4K level 3: T0SZ = 48", ARCH_TG_4K, 3, 48, ARCH_OK, 3, 1, 7},
        {"4K: T0SZ above 48", ARCH_TG_4K, 3, 49, ARCH_ERR_T0SZ, 0, 0, 0},
        {"16K level 2: 16 tables", ARCH_TG_16K, 1, 24, ARCH_OK, 2, 16, 18},
        {"16K level 2: no 17th", ARCH_TG_16K, 1, 23, INCONSISTENT, 0, 0, 0},
        {"16K level 3: 16 tables", ARCH_TG_16K, 0, 35, ARCH_OK, 3, 16, 18},
        {"16K level 3: no 17th", ARCH_TG_16K, 0, 34, INCONSISTENT, 0, 0, 0},
        {"16K level 1: 48 bits, 2 tables", ARCH_TG_16K, 2, 16, ARCH_OK, 1, 2, 15},
        {"16K level 1: 2 entries", ARCH_TG_16K, 2, 27, ARCH_OK, 1, 1, 4},
        {"16K level 1 needs 37 bits", ARCH_TG_16K, 2, 28, INCONSISTENT, 0, 0, 0},
        {"16K level 0 needs DS", ARCH_TG_16K, 3, 16, ARCH_ERR_SL0, 0, 0, 0},
        {"64K level 2: 16 tables", ARCH_TG_64K, 1, 18, ARCH_OK, 2, 16, 20},
        {"64K level 2: no 17th", ARCH_TG_64K, 1, 17, INCONSISTENT, 0, 0, 0},
        {"64K level 3: 16 tables", ARCH_TG_64K, 0, 31, ARCH_OK, 3, 16, 20},
        {"64K level 3: no 17th", ARCH_TG_64K, 0, 30, INCONSISTENT, 0, 0, 0},
        {"64K level 3: T0SZ = 47", ARCH_TG_64K, 0, 47, ARCH_OK, 3, 1, 4},
        {"64K: T0SZ above 47", ARCH_TG_64K, 0, 48, ARCH_ERR_T0SZ, 0, 0, 0},
        {"64K level 1: 48 bits", ARCH_TG_64K, 2, 16, ARCH_OK, 1, 1, 9},
        {"64K SL0 = 11 is reserved", ARCH_TG_64K, 3, 16, ARCH_ERR_SL0, 0, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct arch_vtcr vtcr = {
            .tg = rows[i].tg, .sl0 = rows[i].sl0, .t0sz = rows[i].t0sz, .ps = 5};
        struct walk_s2_geometry g;
        const enum arch_status status = walk_s2_geometry_of(&vtcr, 48, true, &g);

        check_row(i, rows[i].rule, status, rows[i].want);
        if (status != ARCH_OK)
            continue;
        check_row(i, rows[i].rule, g.input_bits, 64 - rows[i].t0sz);
        check_row(i, rows[i].rule, g.start_level, rows[i].level);
        check_row(i, rows[i].rule, g.tables_n, rows[i].tables_n);
        check_row(i, rows[i].rule, g.align_shift, rows[i].align_shift);
        check_row(i, rows[i].rule, g.start_entries * ARCH_DESC_BYTES,
                  1 << rows[i].align_shift);
    }
}

static void each_start_level_takes_one_interval_of_input_sizes(void **state)
{
    static const struct {
        const char *rule; /* min_bits > max_bits: no size is legal */
        enum arch_tg tg;
        uint8_t sl0;
        unsigned min_bits, max_bits;
    } rows[] = {
        {"4K level 2", ARCH_TG_4K, 0, 22, 34},
        {"4K level 1", ARCH_TG_4K, 1, 31, 43},
        {"4K level 0", ARCH_TG_4K, 2, 40, 48},
        {"4K level 3", ARCH_TG_4K, 3, 16, 25},
        {"16K level 3", ARCH_TG_16K, 0, 16, 29},
        {"16K level 2", ARCH_TG_16K, 1, 26, 40},
        {"16K level 1", ARCH_TG_16K, 2, 37, 48},
        {"16K reserved", ARCH_TG_16K, 3, 1, 0},
        {"64K level 3", ARCH_TG_64K, 0, 17, 33},
        {"64K level 2", ARCH_TG_64K, 1, 30, 46},
        {"64K level 1", ARCH_TG_64K, 2, 43, 48},
        {"64K reserved", ARCH_TG_64K, 3, 1, 0},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        for (unsigned bits = 1; bits <= 64; bits++) {
            const struct arch_vtcr vtcr = {.tg = rows[i].tg,
                                           .sl0 = rows[i].sl0,
                                           .t0sz = (uint8_t)(64 - bits),
                                           .ps = 5};
            struct walk_s2_geometry g;

            check_row(bits, rows[i].rule,
                      walk_s2_geometry_of(&vtcr, 48, true, &g) == ARCH_OK,
                      bits >= rows[i].min_bits && bits <= rows[i].max_bits);
        }
    }
}

enum has { PLAIN = 0, TTST = 1, DS = 2, SL2 = 4, TG_RESERVED = 8 };

static void some_values_are_legal_only_on_some_implementations(void **state)
{
    static const struct {
        const char *rule;
        enum arch_tg tg;
        uint8_t sl0, t0sz;
        unsigned pa_bits;
        unsigned has; /* of enum has */
        enum arch_status want;
    } rows[] = {
        {"4K level 0 on 44 bits", ARCH_TG_4K, 2, 24, 44, PLAIN, ARCH_OK},
        {"4K level 0 below 44", ARCH_TG_4K, 2, 24, 42, PLAIN, ARCH_ERR_SL0},
        {"16K level 1 on 42 bits", ARCH_TG_16K, 2, 24, 42, PLAIN, ARCH_OK},
        {"16K level 1 below 42", ARCH_TG_16K, 2, 24, 40, PLAIN, ARCH_ERR_SL0},
        {"64K level 1 on 44 bits", ARCH_TG_64K, 2, 20, 44, PLAIN, ARCH_OK},
        {"64K level 1 below 44", ARCH_TG_64K, 2, 22, 42, PLAIN, ARCH_ERR_SL0},
        {"4K level 3 with TTST", ARCH_TG_4K, 3, 39, 48, TTST, ARCH_OK},
        {"4K level 3 without", ARCH_TG_4K, 3, 39, 48, PLAIN, ARCH_ERR_SL0},
        {"T0SZ = 40 with TTST", ARCH_TG_4K, 0, 40, 48, TTST, ARCH_OK},
        {"T0SZ = 40 without", ARCH_TG_4K, 0, 40, 48, PLAIN, ARCH_ERR_T0SZ},
        {"T0SZ = 39 needs no TTST", ARCH_TG_4K, 0, 39, 48, PLAIN, ARCH_OK},
        {"IPA as large as the PA", ARCH_TG_4K, 1, 24, 40, PLAIN, ARCH_OK},
        {"IPA larger than the PA", ARCH_TG_4K, 1, 23, 40, PLAIN, ARCH_ERR_T0SZ},
        {"64K: 52 bits", ARCH_TG_64K, 2, 12, 52, PLAIN, ARCH_OK},
        {"64K: no 53 bits", ARCH_TG_64K, 2, 11, 52, PLAIN, ARCH_ERR_T0SZ},
        {"4K: 49 bits need DS", ARCH_TG_4K, 2, 15, 52, PLAIN, ARCH_ERR_T0SZ},
        {"4K, DS: 52 bits", ARCH_TG_4K, 2, 12, 52, DS, ARCH_OK},
        {"4K, DS: SL2 is level -1", ARCH_TG_4K, 0, 12, 52, DS | SL2, ARCH_OK},
        {"4K: SL2 is RES0 without DS", ARCH_TG_4K, 1, 25, 52, SL2, ARCH_OK},
        {"4K, DS: SL2 with SL0 01", ARCH_TG_4K, 1, 12, 52, DS | SL2, ARCH_ERR_SL0},
        {"16K, DS: level 0", ARCH_TG_16K, 3, 12, 52, DS, ARCH_OK},
        {"TG0 = 11", ARCH_TG_4K, 1, 25, 48, TG_RESERVED, ARCH_ERR_GRANULE},
        {"PA below 32 bits", ARCH_TG_4K, 1, 33, 31, PLAIN, ARCH_ERR_RANGE},
        {"PA above 52 bits", ARCH_TG_4K, 1, 25, 53, PLAIN, ARCH_ERR_RANGE},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct arch_vtcr vtcr = {
            .tg = rows[i].tg,
            .sl0 = rows[i].sl0,
            .t0sz = rows[i].t0sz,
            .ds = rows[i].has & DS,
            .sl2 = rows[i].has & SL2,
            .tg_reserved = rows[i].has & TG_RESERVED,
        };
        struct walk_s2_geometry g;

        check_row(i, rows[i].rule,
                  walk_s2_geometry_of(&vtcr, rows[i].pa_bits, rows[i].has & TTST, &g),
                  rows[i].want);
    }
}

static void sl2_with_ds_starts_at_level_minus_1(void **state)
{
    const struct arch_vtcr vtcr = {
        .tg = ARCH_TG_4K, .t0sz = 12, .ds = true, .sl2 = true};
    struct walk_s2_geometry g;

    (void)state;
    assert_int_equal(walk_s2_geometry_of(&vtcr, 52, false, &g), ARCH_OK);
    assert_int_equal(g.start_level, -1);
    assert_int_equal(g.start_entries, 16);
}

static void tables_that_may_lie_above_2_48_are_aligned_to_64_bytes(void **state)
{
    const struct arch_vtcr two_entries_64k = {
        .tg = ARCH_TG_64K, .sl0 = 2, .t0sz = 21, .ps = 6};
    const struct arch_vtcr two_entries_lpa2 = {
        .tg = ARCH_TG_4K, .sl0 = 2, .t0sz = 24, .ps = 5, .ds = true};
    struct walk_s2_geometry g;

    (void)state;
    assert_int_equal(walk_s2_geometry_of(&two_entries_64k, 52, false, &g), ARCH_OK);
    assert_int_equal(g.start_entries, 2);
    assert_int_equal(g.align_shift, 6);
    assert_int_equal(walk_s2_geometry_of(&two_entries_64k, 48, false, &g), ARCH_OK);
    assert_int_equal(g.align_shift, 4);
    assert_int_equal(walk_s2_geometry_of(&two_entries_lpa2, 52, false, &g), ARCH_OK);
    assert_int_equal(g.align_shift, 6);
}

static void kvm_choice_has_the_known_sizes(void **state)
{
    static const struct {
        const char *rule;
        enum arch_tg tg;
        unsigned ipa_bits, pa_bits;
        uint8_t sl0;
        int level;
        unsigned tables_n;
        uint32_t bytes;
    } rows[] = {
        {"4K 40-bit: two tables", ARCH_TG_4K, 40, 40, 1, 1, 2, 8192},
        {"4K 32-bit: level 2", ARCH_TG_4K, 32, 40, 0, 2, 4, 16384},
        {"4K 34-bit: 16 tables", ARCH_TG_4K, 34, 40, 0, 2, 16, 65536},
        {"4K 35-bit: a level more", ARCH_TG_4K, 35, 40, 1, 1, 1, 256},
        {"4K 43-bit: 16 tables", ARCH_TG_4K, 43, 44, 1, 1, 16, 65536},
        {"4K 44-bit: level 0", ARCH_TG_4K, 44, 44, 2, 0, 1, 256},
        {"4K 48-bit", ARCH_TG_4K, 48, 48, 2, 0, 1, 4096},
        {"4K 25-bit: two levels at least", ARCH_TG_4K, 25, 32, 0, 2, 1, 128},
        {"16K 40-bit: 256 KiB", ARCH_TG_16K, 40, 40, 1, 2, 16, 262144},
        {"16K 41-bit: level 1", ARCH_TG_16K, 41, 42, 2, 1, 1, 256},
        {"16K 48-bit", ARCH_TG_16K, 48, 48, 2, 1, 2, 32768},
        {"64K 40-bit", ARCH_TG_64K, 40, 40, 1, 2, 1, 16384},
        {"64K 46-bit: 1 MiB", ARCH_TG_64K, 46, 48, 1, 2, 16, 1048576},
        {"64K 47-bit: level 1", ARCH_TG_64K, 47, 48, 2, 1, 1, 256},
        {"64K 52-bit", ARCH_TG_64K, 52, 52, 2, 1, 1, 8192},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct arch_vtcr vtcr;
        struct walk_s2_geometry g;

        check_row(i, rows[i].rule,
                  walk_s2_choose(rows[i].tg, rows[i].ipa_bits, rows[i].pa_bits, &vtcr),
                  ARCH_OK);
        check_row(i, rows[i].rule, vtcr.t0sz, 64 - rows[i].ipa_bits);
        check_row(i, rows[i].rule, vtcr.sl0, rows[i].sl0);
        check_row(i, rows[i].rule, vtcr.tg, rows[i].tg);
        check_row(i, rows[i].rule, arch_pa_bits(vtcr.ps), rows[i].pa_bits);
        check_row(i, rows[i].rule, vtcr.vs, true);
        check_row(i, rows[i].rule,
                  vtcr.ha || vtcr.hd || vtcr.ds || vtcr.sl2 || vtcr.tg_reserved, false);
        check_row(i, rows[i].rule,
                  walk_s2_geometry_of(&vtcr, rows[i].pa_bits, false, &g), ARCH_OK);
        check_row(i, rows[i].rule, g.start_level, rows[i].level);
        check_row(i, rows[i].rule, g.tables_n, rows[i].tables_n);
        check_row(i, rows[i].rule, g.start_entries * ARCH_DESC_BYTES, rows[i].bytes);
        check_row(i, rows[i].rule, 1u << g.align_shift, rows[i].bytes);
    }
}

/* True if some SL0 starts a walk of vtcr's input size nearer to the leaves than level,
 * but not at level 3. */
static bool fewer_levels_exist(struct arch_vtcr vtcr, unsigned pa_bits, int level)
{
    struct walk_s2_geometry g;

    for (vtcr.sl0 = 0; vtcr.sl0 < 4; vtcr.sl0++) {
        if (walk_s2_geometry_of(&vtcr, pa_bits, false, &g) == ARCH_OK &&
            g.start_level > level && g.start_level < 3)
            return true;
    }
    return false;
}

static void kvm_choice_has_the_fewest_levels_that_are_at_least_two(void **state)
{
    static const enum arch_tg tgs[] = {ARCH_TG_4K, ARCH_TG_16K, ARCH_TG_64K};

    (void)state;
    for (size_t i = 0; i < ROWS_N(tgs); i++) {
        for (unsigned ipa_bits = 30; ipa_bits <= 48; ipa_bits++) {
            struct arch_vtcr vtcr;
            struct walk_s2_geometry g;

            check_row(ipa_bits, "legal", walk_s2_choose(tgs[i], ipa_bits, 48, &vtcr),
                      ARCH_OK);
            check_row(ipa_bits, "legal", walk_s2_geometry_of(&vtcr, 48, false, &g),
                      ARCH_OK);
            check_row(ipa_bits, "two levels", g.start_level <= 2, true);
            check_row(ipa_bits, "minimal", fewer_levels_exist(vtcr, 48, g.start_level),
                      false);
            /* Linux: arm64_vttbr_x(). */
            check_row(ipa_bits, "VTTBR alignment", g.align_shift,
                      ipa_bits -
                          (4 - (unsigned)g.start_level) * arch_stride_bits(tgs[i]));
        }
    }
}

static void impossible_choices_are_refused(void **state)
{
    static const struct {
        const char *rule;
        enum arch_tg tg;
        unsigned ipa_bits, pa_bits;
        enum arch_status want;
    } rows[] = {
        {"24 bits are too few", ARCH_TG_4K, 24, 48, ARCH_ERR_RANGE},
        {"4K: 48 bits at most", ARCH_TG_4K, 49, 52, ARCH_ERR_RANGE},
        {"16K: 48 bits at most", ARCH_TG_16K, 49, 52, ARCH_ERR_RANGE},
        {"64K: 52 bits at most", ARCH_TG_64K, 53, 52, ARCH_ERR_RANGE},
        {"IPA above the PA size", ARCH_TG_4K, 40, 36, ARCH_ERR_RANGE},
        {"no PS code for 41 bits", ARCH_TG_4K, 40, 41, ARCH_ERR_RANGE},
        {"16K: two levels need 26 bits", ARCH_TG_16K, 25, 40, INCONSISTENT},
        {"16K: two levels need 26 bits", ARCH_TG_16K, 26, 40, ARCH_OK},
        {"64K: two levels need 30 bits", ARCH_TG_64K, 29, 40, INCONSISTENT},
        {"64K: two levels need 30 bits", ARCH_TG_64K, 30, 40, ARCH_OK},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct arch_vtcr vtcr = {.t0sz = 63};
        const enum arch_status status =
            walk_s2_choose(rows[i].tg, rows[i].ipa_bits, rows[i].pa_bits, &vtcr);

        check_row(i, rows[i].rule, status, rows[i].want);
        check_row(i, "written only on ARCH_OK", vtcr.t0sz != 63, status == ARCH_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(start_level_and_concatenation_follow_sl0_and_t0sz),
        cmocka_unit_test(each_start_level_takes_one_interval_of_input_sizes),
        cmocka_unit_test(some_values_are_legal_only_on_some_implementations),
        cmocka_unit_test(sl2_with_ds_starts_at_level_minus_1),
        cmocka_unit_test(tables_that_may_lie_above_2_48_are_aligned_to_64_bytes),
        cmocka_unit_test(kvm_choice_has_the_known_sizes),
        cmocka_unit_test(kvm_choice_has_the_fewest_levels_that_are_at_least_two),
        cmocka_unit_test(impossible_choices_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
