/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/s1_geometry_test.c - TxSZ to start level, its limits, alignment. */
#include "tests/unit/walker/rows.h"
#include "walker/geometry.h"

#define OK ARCH_OK
#define BAD ARCH_ERR_T0SZ

static const struct arch_features all = {.pa_bits = 52, .lva = true, .ttst = true};

static void s1_start_level_follows_txsz(void **state)
{
    static const struct {
        enum arch_tg tg;
        bool ds;
        uint8_t txsz;
        int level;
        const char *rule;
    } rows[] = {
        {ARCH_TG_4K, true, 12, -1, "52 bits: a level above 0"},
        {ARCH_TG_4K, true, 15, -1, "49 bits"},
        {ARCH_TG_4K, true, 16, 0, "48 bits"},
        {ARCH_TG_4K, false, 16, 0, "48 bits"},
        {ARCH_TG_4K, false, 24, 0, "40 bits"},
        {ARCH_TG_4K, false, 25, 1, "39 bits"},
        {ARCH_TG_4K, false, 33, 1, "31 bits"},
        {ARCH_TG_4K, false, 34, 2, "30 bits"},
        {ARCH_TG_4K, false, 42, 2, "22 bits"},
        {ARCH_TG_4K, false, 43, 3, "21 bits"},
        {ARCH_TG_4K, false, 48, 3, "16 bits"},
        {ARCH_TG_16K, true, 12, 0, "52 bits"},
        {ARCH_TG_16K, false, 16, 0, "48 bits"},
        {ARCH_TG_16K, false, 17, 1, "47 bits"},
        {ARCH_TG_16K, false, 27, 1, "37 bits"},
        {ARCH_TG_16K, false, 28, 2, "36 bits"},
        {ARCH_TG_16K, false, 38, 2, "26 bits"},
        {ARCH_TG_16K, false, 39, 3, "25 bits"},
        {ARCH_TG_16K, false, 48, 3, "16 bits"},
        {ARCH_TG_64K, false, 12, 1, "52 bits"},
        {ARCH_TG_64K, false, 21, 1, "43 bits"},
        {ARCH_TG_64K, false, 22, 2, "42 bits"},
        {ARCH_TG_64K, false, 34, 2, "30 bits"},
        {ARCH_TG_64K, false, 35, 3, "29 bits"},
        {ARCH_TG_64K, false, 47, 3, "17 bits"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct arch_tcr tcr = {
            .tg = rows[i].tg, .ds = rows[i].ds, .txsz = rows[i].txsz};
        struct walk_s1_geometry g;
        check_row(i, rows[i].rule, walk_s1_geometry_of(&tcr, &all, &g), OK);
        check_row(i, rows[i].rule, g.start_level, rows[i].level);
        check_row(i, rows[i].rule, g.input_bits, 64 - rows[i].txsz);
    }
}

static void s1_txsz_outside_its_limits_is_an_error(void **state)
{
    static const struct {
        enum arch_tg tg;
        bool ds, lva, ttst;
        uint8_t txsz;
        enum arch_status want;
        const char *rule;
    } rows[] = {
        {ARCH_TG_4K, false, true, true, 15, BAD, "48 bits without DS, LVA or not"},
        {ARCH_TG_4K, false, true, true, 16, OK, "48 bits"},
        {ARCH_TG_4K, true, true, true, 11, BAD, "DS: 52 bits"},
        {ARCH_TG_4K, true, true, true, 12, OK, "DS: 52 bits"},
        {ARCH_TG_16K, false, true, true, 15, BAD, "48 bits without DS"},
        {ARCH_TG_16K, false, true, true, 16, OK, "48 bits"},
        {ARCH_TG_16K, true, true, true, 11, BAD, "DS: 52 bits"},
        {ARCH_TG_16K, true, true, true, 12, OK, "DS: 52 bits"},
        {ARCH_TG_64K, false, true, true, 11, BAD, "LVA: 52 bits"},
        {ARCH_TG_64K, false, true, true, 12, OK, "LVA: 52 bits"},
        {ARCH_TG_64K, false, false, true, 15, BAD, "without LVA 48 bits"},
        {ARCH_TG_64K, false, false, true, 16, OK, "without LVA 48 bits"},
        {ARCH_TG_64K, true, false, true, 15, BAD, "DS is RES0 with 64K"},
        {ARCH_TG_4K, false, true, true, 48, OK, "TTST: 16 bits"},
        {ARCH_TG_4K, false, true, true, 49, BAD, "TTST: 16 bits"},
        {ARCH_TG_16K, false, true, true, 48, OK, "TTST: 16 bits"},
        {ARCH_TG_16K, false, true, true, 49, BAD, "TTST: 16 bits"},
        {ARCH_TG_64K, false, true, true, 47, OK, "TTST: 17 bits"},
        {ARCH_TG_64K, false, true, true, 48, BAD, "TTST: 17 bits"},
        {ARCH_TG_4K, false, true, false, 39, OK, "without TTST 25 bits"},
        {ARCH_TG_4K, false, true, false, 40, BAD, "without TTST 25 bits"},
        {ARCH_TG_64K, false, true, false, 39, OK, "without TTST 25 bits"},
        {ARCH_TG_64K, false, true, false, 40, BAD, "without TTST 25 bits"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct arch_tcr tcr = {
            .tg = rows[i].tg, .ds = rows[i].ds, .txsz = rows[i].txsz};
        const struct arch_features f = {
            .pa_bits = 52, .lva = rows[i].lva, .ttst = rows[i].ttst};
        struct walk_s1_geometry g;
        check_row(i, rows[i].rule, walk_s1_geometry_of(&tcr, &f, &g), rows[i].want);
    }
}

static void s1_base_is_aligned_to_the_start_table(void **state)
{
    static const struct {
        enum arch_tg tg;
        bool ds;
        uint8_t txsz, ps;
        unsigned shift;
        const char *rule;
    } rows[] = {
        {ARCH_TG_4K, false, 16, 5, 12, "512 entries"},
        {ARCH_TG_4K, false, 24, 5, 4, "2 entries at level 0"},
        {ARCH_TG_4K, false, 25, 5, 12, "512 entries at level 1"},
        {ARCH_TG_4K, true, 24, 5, 6, "2 entries, but TTBR[5:2] are OA[51:48]"},
        {ARCH_TG_4K, true, 20, 5, 8, "32 entries"},
        {ARCH_TG_16K, false, 16, 5, 4, "2 entries at level 0"},
        {ARCH_TG_16K, false, 17, 5, 14, "2048 entries"},
        {ARCH_TG_64K, false, 21, 5, 4, "2 entries at level 1"},
        {ARCH_TG_64K, false, 21, 6, 6, "the same with PS 52 bits: TTBR[5:2] again"},
        {ARCH_TG_64K, false, 18, 6, 7, "16 entries, PS 52 bits"},
        {ARCH_TG_64K, false, 22, 5, 16, "8192 entries"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct arch_tcr tcr = {
            .tg = rows[i].tg, .ds = rows[i].ds, .txsz = rows[i].txsz, .ps = rows[i].ps};
        struct walk_s1_geometry g;
        check_row(i, rows[i].rule, walk_s1_geometry_of(&tcr, &all, &g), OK);
        check_row(i, rows[i].rule, g.align_shift, rows[i].shift);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s1_start_level_follows_txsz),
        cmocka_unit_test(s1_txsz_outside_its_limits_is_an_error),
        cmocka_unit_test(s1_base_is_aligned_to_the_start_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
