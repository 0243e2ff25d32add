/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/perms_test.c - truth tables of the permissions of both stages.
 *
 * Permissions are written as "rwx", a dash where one is missing. */
#include "tests/unit/walker/rows.h"
#include "walker/arch/desc.h"
#include "walker/perms.h"

#include <string.h>

#define AP(ap) ((uint64_t)(ap) << 6) /* AP[2:1] and S2AP[1:0] */
#define XN(xn) ((uint64_t)(xn) << 53)
#define AP_TABLE(ap) ((uint64_t)(ap) << 61)

static void check_mask(size_t row, const char *rule, uint8_t got, const char *want)
{
    const char text[4] = {got & WALK_PERM_R ? 'r' : '-', got & WALK_PERM_W ? 'w' : '-',
                          got & WALK_PERM_X ? 'x' : '-', '\0'};

    if (strcmp(text, want) != 0)
        fail_msg("row %zu (%s): got %s, want %s", row, rule, text, want);
}

static void s1_permissions_follow_ap_pxn_uxn_and_wxn(void **state)
{
    static const struct {
        unsigned ap, pxn, uxn, wxn;
        const char *el0, *priv, *rule;
    } rows[] = {
        {0, 0, 0, 0, "--x", "rwx", "AP 00: EL1 reads and writes"},
        {0, 0, 1, 0, "---", "rwx", "UXN: EL0 does not execute"},
        {0, 1, 0, 0, "--x", "rw-", "PXN: EL1 does not execute"},
        {0, 1, 1, 0, "---", "rw-", "both"},
        {1, 0, 0, 0, "rwx", "rw-", "AP 01: EL0 writes, so EL1 does not execute"},
        {1, 0, 1, 0, "rw-", "rw-", "UXN; PXN still implied"},
        {1, 1, 0, 0, "rwx", "rw-", "PXN is implied anyway"},
        {1, 1, 1, 0, "rw-", "rw-", "both"},
        {2, 0, 0, 0, "--x", "r-x", "AP 10: EL1 reads"},
        {2, 0, 1, 0, "---", "r-x", "UXN"},
        {2, 1, 0, 0, "--x", "r--", "PXN"},
        {2, 1, 1, 0, "---", "r--", "both"},
        {3, 0, 0, 0, "r-x", "r-x", "AP 11: both read"},
        {3, 0, 1, 0, "r--", "r-x", "UXN"},
        {3, 1, 0, 0, "r-x", "r--", "PXN"},
        {3, 1, 1, 0, "r--", "r--", "both"},
        {0, 0, 0, 1, "--x", "rw-", "WXN: EL1 writes it; EL0 does not"},
        {0, 0, 1, 1, "---", "rw-", "WXN"},
        {0, 1, 0, 1, "--x", "rw-", "WXN"},
        {0, 1, 1, 1, "---", "rw-", "WXN"},
        {1, 0, 0, 1, "rw-", "rw-", "WXN: EL0 writes it"},
        {1, 0, 1, 1, "rw-", "rw-", "WXN"},
        {1, 1, 0, 1, "rw-", "rw-", "WXN"},
        {1, 1, 1, 1, "rw-", "rw-", "WXN"},
        {2, 0, 0, 1, "--x", "r-x", "WXN: nobody writes it"},
        {2, 0, 1, 1, "---", "r-x", "WXN"},
        {2, 1, 0, 1, "--x", "r--", "WXN"},
        {2, 1, 1, 1, "---", "r--", "WXN"},
        {3, 0, 0, 1, "r-x", "r-x", "WXN: nobody writes it"},
        {3, 0, 1, 1, "r--", "r-x", "WXN"},
        {3, 1, 0, 1, "r-x", "r--", "WXN"},
        {3, 1, 1, 1, "r--", "r--", "WXN"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct walk_s1_perms_in in = {.has_el0 = true, .wxn = rows[i].wxn};
        const uint64_t leaf = AP(rows[i].ap) | XN(rows[i].uxn << 1 | rows[i].pxn);
        const struct walk_perms got = walk_s1_perms(leaf, &in);
        check_mask(i, rows[i].rule, got.el0, rows[i].el0);
        check_mask(i, rows[i].rule, got.priv, rows[i].priv);
    }
}

static void s1_tables_above_take_permissions_away(void **state)
{
    static const struct {
        unsigned ap, ap_table, xn_table; /* xn_table: UXNTable, PXNTable */
        const char *el0, *priv, *rule;
    } rows[] = {
        {0, 0, 0, "--x", "rwx", "APTable 00 changes nothing"},
        {0, 1, 0, "--x", "rwx", "01: no EL0 access, which AP 00 had not"},
        {0, 2, 0, "--x", "r-x", "10: no writes"},
        {0, 3, 0, "--x", "r-x", "11: neither"},
        {1, 0, 0, "rwx", "rw-", "APTable 00 changes nothing"},
        {1, 1, 0, "--x", "rwx", "01: EL0 no longer writes, so EL1 may execute"},
        {1, 2, 0, "r-x", "r-x", "10: nobody writes, so EL1 may execute"},
        {1, 3, 0, "--x", "r-x", "11"},
        {2, 0, 0, "--x", "r-x", "00"},
        {2, 1, 0, "--x", "r-x", "01"},
        {2, 2, 0, "--x", "r-x", "10"},
        {2, 3, 0, "--x", "r-x", "11"},
        {3, 0, 0, "r-x", "r-x", "00"},
        {3, 1, 0, "--x", "r-x", "01: EL0 no longer reads"},
        {3, 2, 0, "r-x", "r-x", "10"},
        {3, 3, 0, "--x", "r-x", "11"},
        {3, 0, 1, "r-x", "r--", "PXNTable"},
        {3, 0, 2, "r--", "r-x", "UXNTable"},
        {3, 0, 3, "r--", "r--", "both"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct walk_s1_perms_in in = {.has_el0 = true,
                                            .tables = AP_TABLE(rows[i].ap_table) |
                                                      (uint64_t)rows[i].xn_table << 59};
        const struct walk_perms got = walk_s1_perms(AP(rows[i].ap), &in);
        check_mask(i, rows[i].rule, got.el0, rows[i].el0);
        check_mask(i, rows[i].rule, got.priv, rows[i].priv);
    }
}

static void s1_of_el2_has_one_level_of_permissions(void **state)
{
    static const struct {
        uint64_t leaf, tables;
        unsigned wxn;
        const char *priv, *rule;
    } rows[] = {
        {0, 0, 0, "rwx", "AP[2] 0"},
        {ARCH_DESC_S1_AP_2, 0, 0, "r-x", "AP[2] 1"},
        {ARCH_DESC_S1_UXN, 0, 0, "rw-", "XN is bit 54"},
        {ARCH_DESC_S1_AP_2 | ARCH_DESC_S1_UXN, 0, 0, "r--", "both"},
        {0, 0, 1, "rw-", "WXN"},
        {ARCH_DESC_S1_AP_2, 0, 1, "r-x", "WXN of what nobody writes"},
        {ARCH_DESC_S1_AP_1, 0, 0, "rwx", "AP[1] is RES1: EL0 does not exist here"},
        {ARCH_DESC_S1_PXN, 0, 0, "rwx", "bit 53 is RES0"},
        {0, ARCH_DESC_AP_TABLE_2, 0, "r-x", "APTable[1]"},
        {0, ARCH_DESC_AP_TABLE_1, 0, "rwx", "APTable[0] is RES0"},
        {0, ARCH_DESC_UXN_TABLE, 0, "rw-", "XNTable is bit 60"},
        {0, ARCH_DESC_PXN_TABLE, 0, "rwx", "bit 59 is RES0"},
        {0, ARCH_DESC_AP_TABLE_2, 1, "r-x", "WXN after APTable"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct walk_s1_perms_in in = {.tables = rows[i].tables,
                                            .wxn = rows[i].wxn};
        const struct walk_perms got = walk_s1_perms(rows[i].leaf, &in);
        check_mask(i, rows[i].rule, got.el0, "---");
        check_mask(i, rows[i].rule, got.priv, rows[i].priv);
        check_row(i, rows[i].rule, got.pan_denies, false);
    }
}

static void dbm_makes_a_leaf_writable_while_hardware_manages_dirty_state(void **state)
{
    static const struct {
        unsigned ap, dbm, managed, wxn;
        uint64_t tables;
        const char *el0, *priv, *rule;
    } rows[] = {
        {3, 0, 0, 0, 0, "r-x", "r-x", "neither"},
        {3, 1, 0, 0, 0, "r-x", "r-x", "DBM without HA and HD"},
        {3, 0, 1, 0, 0, "r-x", "r-x", "HA and HD without DBM"},
        {3, 1, 1, 0, 0, "rwx", "rw-", "writable, so PXN is implied"},
        {2, 1, 1, 0, 0, "--x", "rwx", "AP[1] still keeps EL0 out"},
        {3, 1, 1, 1, 0, "rw-", "rw-", "WXN counts it as writable"},
        {3, 1, 1, 0, ARCH_DESC_AP_TABLE_2, "r-x", "r-x", "APTable still forbids it"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct walk_s1_perms_in in = {.has_el0 = true,
                                            .wxn = rows[i].wxn,
                                            .tables = rows[i].tables,
                                            .dirty_managed = rows[i].managed};
        const uint64_t dbm = rows[i].dbm ? ARCH_DESC_DBM : 0;
        const struct walk_perms got = walk_s1_perms(AP(rows[i].ap) | dbm, &in);
        check_mask(i, rows[i].rule, got.el0, rows[i].el0);
        check_mask(i, rows[i].rule, got.priv, rows[i].priv);
    }
}

static void pan_counts_where_el0_has_data_access(void **state)
{
    static const struct {
        unsigned ap, uxn, epan;
        uint64_t tables;
        bool denies;
        const char *rule;
    } rows[] = {
        {0, 0, 0, 0, false, "EL0 has no access"},
        {1, 0, 0, 0, true, "EL0 reads and writes"},
        {2, 0, 0, 0, false, "EL0 has no access"},
        {3, 0, 0, 0, true, "EL0 reads"},
        {1, 0, 0, ARCH_DESC_AP_TABLE_1, false, "APTable took the access away"},
        {0, 0, 1, 0, true, "EPAN: EL0 executes"},
        {0, 1, 1, 0, false, "EPAN: EL0 does not execute"},
        {0, 0, 1, ARCH_DESC_UXN_TABLE, false, "EPAN: UXNTable"},
        {3, 1, 1, 0, true, "EPAN: EL0 reads"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct walk_s1_perms_in in = {
            .has_el0 = true, .epan = rows[i].epan, .tables = rows[i].tables};
        const struct walk_perms got =
            walk_s1_perms(AP(rows[i].ap) | XN(rows[i].uxn << 1), &in);
        check_row(i, rows[i].rule, got.pan_denies, rows[i].denies);
    }
}

static void s2_permissions_follow_s2ap_and_xn(void **state)
{
    static const struct {
        unsigned s2ap, xn, flags;
        uint64_t dbm;
        const char *el0, *priv, *rule;
    } rows[] = {
        {0, 0, 0, 0, "--x", "--x", "S2AP 00"},
        {1, 0, 0, 0, "r-x", "r-x", "S2AP 01"},
        {2, 0, 0, 0, "-wx", "-wx", "S2AP 10: write-only"},
        {3, 0, 0, 0, "rwx", "rwx", "S2AP 11"},
        {3, 1, 0, 0, "rwx", "rwx", "XN 01 without FEAT_XNX: XN[0] is RES0"},
        {3, 2, 0, 0, "rw-", "rw-", "XN 10"},
        {3, 3, 0, 0, "rw-", "rw-", "XN 11 without FEAT_XNX"},
        {3, 0, WALK_S2_XNX, 0, "rwx", "rwx", "XN 00"},
        {3, 1, WALK_S2_XNX, 0, "rwx", "rw-", "XN 01: EL0 executes"},
        {3, 2, WALK_S2_XNX, 0, "rw-", "rw-", "XN 10: nobody does"},
        {3, 3, WALK_S2_XNX, 0, "rw-", "rwx", "XN 11: EL1 executes"},
        {1, 0, 0, ARCH_DESC_DBM, "r-x", "r-x", "DBM without HA and HD"},
        {1, 0, WALK_S2_DIRTY_MANAGED, 0, "r-x", "r-x", "HA and HD without DBM"},
        {1, 0, WALK_S2_DIRTY_MANAGED, ARCH_DESC_DBM, "rwx", "rwx", "writable-clean"},
        {0, 0, WALK_S2_DIRTY_MANAGED, ARCH_DESC_DBM, "-wx", "-wx", "reads stay off"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct walk_perms got = walk_s2_perms(
            AP(rows[i].s2ap) | XN(rows[i].xn) | rows[i].dbm, rows[i].flags);
        check_mask(i, rows[i].rule, got.el0, rows[i].el0);
        check_mask(i, rows[i].rule, got.priv, rows[i].priv);
        check_row(i, rows[i].rule, got.pan_denies, false);
    }
}

static void an_access_needs_the_permission_of_its_level(void **state)
{
    static const struct walk_perms el0_r = {.el0 = WALK_PERM_R, .pan_denies = true};
    static const struct walk_perms priv_all = {
        .priv = WALK_PERM_R | WALK_PERM_W | WALK_PERM_X, .pan_denies = true};
    static const struct walk_perms no_el0 = {.priv = WALK_PERM_R | WALK_PERM_W};
    static const struct {
        const struct walk_perms *perms;
        enum arch_access access;
        unsigned el;
        bool pan, allowed;
        const char *rule;
    } rows[] = {
        {&el0_r, ARCH_READ, 0, false, true, "EL0 reads"},
        {&el0_r, ARCH_WRITE, 0, false, false, "EL0 does not write"},
        {&el0_r, ARCH_EXECUTE, 0, false, false, "EL0 does not execute"},
        {&el0_r, ARCH_READ, 1, false, false, "EL1 has permissions of its own"},
        {&el0_r, ARCH_READ, 0, true, true, "PAN is not for EL0"},
        {&priv_all, ARCH_READ, 1, false, true, "EL1 reads"},
        {&priv_all, ARCH_WRITE, 1, false, true, "EL1 writes"},
        {&priv_all, ARCH_EXECUTE, 1, false, true, "EL1 executes"},
        {&priv_all, ARCH_READ, 2, false, true, "EL2 in EL2&0 is privileged"},
        {&priv_all, ARCH_READ, 0, false, false, "EL0 has none"},
        {&priv_all, ARCH_READ, 1, true, false, "PAN forbids the read"},
        {&priv_all, ARCH_WRITE, 1, true, false, "PAN forbids the write"},
        {&priv_all, ARCH_WRITE, 2, true, false, "PAN in EL2&0"},
        {&priv_all, ARCH_EXECUTE, 1, true, true, "PAN is not for fetches"},
        {&no_el0, ARCH_WRITE, 1, true, true, "PAN where EL0 has no access"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++)
        check_row(
            i, rows[i].rule,
            walk_perms_allow(*rows[i].perms, rows[i].access, rows[i].el, rows[i].pan),
            rows[i].allowed);
}

static void both_stages_must_allow(void **state)
{
    const struct walk_perms s1 = {.el0 = WALK_PERM_R | WALK_PERM_X,
                                  .priv = WALK_PERM_R | WALK_PERM_W,
                                  .pan_denies = true};
    const struct walk_perms s2 = {.el0 = WALK_PERM_R | WALK_PERM_W,
                                  .priv = WALK_PERM_W | WALK_PERM_X};
    const struct walk_perms got = walk_perms_both(s1, s2);

    (void)state;
    check_mask(0, "intersection of EL0", got.el0, "r--");
    check_mask(0, "intersection of EL1", got.priv, "-w-");
    check_row(0, "PAN is stage 1's", got.pan_denies, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s1_permissions_follow_ap_pxn_uxn_and_wxn),
        cmocka_unit_test(s1_tables_above_take_permissions_away),
        cmocka_unit_test(s1_of_el2_has_one_level_of_permissions),
        cmocka_unit_test(dbm_makes_a_leaf_writable_while_hardware_manages_dirty_state),
        cmocka_unit_test(pan_counts_where_el0_has_data_access),
        cmocka_unit_test(s2_permissions_follow_s2ap_and_xn),
        cmocka_unit_test(an_access_needs_the_permission_of_its_level),
        cmocka_unit_test(both_stages_must_allow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
