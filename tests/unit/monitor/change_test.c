/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/monitor/change_test.c - which changes of a live entry need a break. */
#include "model/monitor/change.h"
#include "tests/unit/walker/rows.h"

#include <stdio.h>

#define BLOCK UINT64_C(0x800007fd)

enum {
    INVALID,
    LOCKED,
    TABLE,
    TABLE_2,
    PLAIN,
    WITH_NT,
    OTHER_OA,
    OTHER_ATTRS,
    READONLY
};
enum { KINDS_N = READONLY + 1 };

static const struct {
    const char *name;
    uint64_t desc;
} kinds[KINDS_N] = {
    [INVALID] = {"invalid", 0},
    [LOCKED] = {"locked", 0x400},
    [TABLE] = {"table", UINT64_C(0x90000003)},
    [TABLE_2] = {"another table", UINT64_C(0x90001003)},
    [PLAIN] = {"block", BLOCK},
    [WITH_NT] = {"block, nT", BLOCK | 1 << 16},
    [OTHER_OA] = {"block, other OA", UINT64_C(0x880007fd)},
    [OTHER_ATTRS] = {"block, Device", UINT64_C(0x800007c1)},
    [READONLY] = {"block, read-only", BLOCK & ~UINT64_C(0x80)},
};

/* What an old value may become, one letter per kind in the order of enum: the lowest
 * FEAT_BBM level that allows it without a break, or x for none. */
static const struct {
    const char *rule;
    int old;
    const char *may_become; /* [KINDS_N] */
} rows[] = {
    /*                                                           ILTUPNOAR */
    {"R_WHZWS: nothing was cached of an invalid entry", INVALID, "000000000"},
    {"R_WHZWS: the locked value is invalid", LOCKED, "000000000"},
    {"R_KFLJB: table to block is 2, with nT 1; to a table never", TABLE, "000x21222"},
    {"R_WHZWS: a live table is not replaced by a table", TABLE_2, "00x021222"},
    {"R_KFLJB: block to table is 2; R_PVTFW: OA, attributes", PLAIN, "002201xx0"},
    {"R_KFLJB: block with nT to table is 1", WITH_NT, "001100xx0"},
    {"R_PVTFW: the output address differs from all others", OTHER_OA, "0022xx0xx"},
    {"R_PVTFW: the memory type differs from all others", OTHER_ATTRS, "0022xxx0x"},
    {"R_WHZWS: permissions are no reason for a break", READONLY, "002201xx0"},
};

static void every_pair_of_kinds_is_legal_from_its_bbm_level_on(void **state)
{
    (void)state;
    assert_int_equal(ROWS_N(rows), KINDS_N);
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        for (int to = 0; to < KINDS_N; to++) {
            const char need = rows[i].may_become[to];

            for (unsigned bbm_level = 0; bbm_level <= 3; bbm_level++) {
                char rule[160];

                snprintf(rule, sizeof rule, "%s; %s to %s at level %u", rows[i].rule,
                         kinds[rows[i].old].name, kinds[to].name, bbm_level);
                check_row(i, rule,
                          mon_change_rule(kinds[rows[i].old].desc, kinds[to].desc, 2,
                                          bbm_level) == MON_RULE_NONE,
                          need != 'x' && bbm_level >= (unsigned)(need - '0'));
            }
        }
    }
}

/* The bits of a live leaf that may change alone: S2AP, AF, nT of a block but at level
 * 0, DBM, XN, the software bits, and with level 2 the Contiguous bit. */
static bool bit_is_free(int bit, int level, unsigned bbm_level)
{
    return (bit == 52 && bbm_level >= 2) || bit == 6 || bit == 7 || bit == 10 ||
           (bit == 16 && level < 3 && bbm_level > 0) || bit == 51 ||
           (bit >= 53 && bit <= 58);
}

static void of_a_live_leaf_only_permissions_and_software_bits_change_alone(void **state)
{
    (void)state;
    for (int level = 1; level <= 3; level++) {
        const uint64_t leaf = UINT64_C(0x7c1) | (level == 3 ? 2 : 0);

        for (int bit = 2; bit < 64; bit++) {
            char rule[40];

            snprintf(rule, sizeof rule, "bit %d at level %d", bit, level);
            for (unsigned bbm_level = 0; bbm_level <= 3; bbm_level++)
                check_row(bit, rule,
                          mon_change_rule(leaf, leaf ^ UINT64_C(1) << bit, level,
                                          bbm_level) == MON_RULE_NONE,
                          bit_is_free(bit, level, bbm_level));
        }
    }
}

static void a_page_is_not_a_table(void **state)
{
    static const struct {
        const char *rule;
        uint64_t old, desc;
        int level;
        unsigned bbm_level;
        bool want;
    } pages[] = {
        {"page to page, permissions only", 0x800007ff, 0x8000077f, 3, 0, true},
        {"page to page of another address", 0x800007ff, 0x800017ff, 3, 2, false},
        {"the same bits at level 2 are two tables", 0x800007ff, 0x8000077f, 2, 2,
         false},
        {"a start level entry follows the same rules", 0x80000003, 0x7fd, 1, 1, false},
        {"and may change size at level 2", 0x80000003, 0x7fd, 1, 2, true},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(pages); i++)
        check_row(i, pages[i].rule,
                  mon_change_rule(pages[i].old, pages[i].desc, pages[i].level,
                                  pages[i].bbm_level) == MON_RULE_NONE,
                  pages[i].want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_of_kinds_is_legal_from_its_bbm_level_on),
        cmocka_unit_test(
            of_a_live_leaf_only_permissions_and_software_bits_change_alone),
        cmocka_unit_test(a_page_is_not_a_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
