/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/s2_walk_test.c - the steps of a stage 2 walk and its checks. */
#include "tests/unit/walker/s2_fixture.h"

static void walk_asks_for_one_descriptor_of_each_level(void **state)
{
    const struct walk_s2_cfg cfg = cfg_4k();
    struct walk_s2 w;

    (void)state;
    /* Index 512 + 1 of the concatenated tables, then 2, then 3. */
    const struct arch_ipa ipa = {(UINT64_C(513) << 30) + (2u << 21) + (3u << 12) +
                                 0x45};
    assert_int_equal(walk_s2_begin(&w, &cfg, ipa, ARCH_READ), WALK_NEED_DESC);
    assert_int_equal(w.level, 1);
    assert_int_equal(w.desc_pa.v, UINT64_C(0x80002000) + 513 * 8);
    assert_int_equal(walk_s2_feed(&w, UINT64_C(0x9000a000) | TABLE), WALK_NEED_DESC);
    assert_int_equal(w.level, 2);
    assert_int_equal(w.desc_pa.v, UINT64_C(0x9000a000) + 2 * 8);
    assert_int_equal(walk_s2_feed(&w, UINT64_C(0xa000b000) | TABLE), WALK_NEED_DESC);
    assert_int_equal(w.level, 3);
    assert_int_equal(w.desc_pa.v, UINT64_C(0xa000b000) + 3 * 8);
    assert_int_equal(walk_s2_feed(&w, UINT64_C(0xb000c000) | PAGE_RW), WALK_DONE);
    assert_int_equal(w.oa.v, UINT64_C(0xb000c045));
    assert_int_equal(w.leaf_shift, 12);
    assert_int_equal(w.level, 3);
    assert_int_equal(w.descs_n, 3);
    assert_int_equal(w.desc, UINT64_C(0xb000c000) | PAGE_RW);
    assert_false(w.nt);
}

static void leaf_maps_the_ipa_bits_below_its_size(void **state)
{
    static const struct {
        const char *rule;
        enum arch_tg tg;
        uint8_t sl0, t0sz;
        unsigned tables_n; /* fed before the leaf */
        uint64_t leaf, ipa, want;
        unsigned leaf_shift;
    } rows[] = {
        {"4K 1 GiB block", ARCH_TG_4K, 1, 24, 0, 4 * GIB | BLOCK_RW, 0x3abcdef0,
         4 * GIB + 0x3abcdef0, 30},
        {"4K 2 MiB block", ARCH_TG_4K, 1, 24, 1, 4 * GIB | BLOCK_RW, 0x1abcde,
         4 * GIB + 0x1abcde, 21},
        {"4K page", ARCH_TG_4K, 1, 24, 2, 4 * GIB | PAGE_RW, 0x1cde, 4 * GIB + 0xcde,
         12},
        {"16K 32 MiB block", ARCH_TG_16K, 1, 24, 0, 4 * GIB | BLOCK_RW, 0x1abcde0,
         4 * GIB + 0x1abcde0, 25},
        {"16K page", ARCH_TG_16K, 1, 24, 1, 4 * GIB | PAGE_RW, 0x7cde, 4 * GIB + 0x3cde,
         14},
        {"64K 512 MiB block", ARCH_TG_64K, 1, 24, 0, 4 * GIB | BLOCK_RW, 0x1abcde00,
         4 * GIB + 0x1abcde00, 29},
        {"64K page", ARCH_TG_64K, 1, 24, 1, 4 * GIB | PAGE_RW, 0x1ecde,
         4 * GIB + 0xecde, 16},
        {"bit 16 of a 4K page is an address bit, not nT", ARCH_TG_4K, 1, 24, 2,
         UINT64_C(0x10000) | PAGE_RW, 0xcde, 0x10cde, 12},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct walk_s2_cfg cfg = {
            .vtcr = {.tg = rows[i].tg,
                     .t0sz = rows[i].t0sz,
                     .sl0 = rows[i].sl0,
                     .ps = 2},
            .pa_bits = 48,
            .bbm_level = 2,
            .nt_response = WALK_NT_FAULT,
        };
        struct walk_s2 w;
        enum walk_next next =
            walk_s2_begin(&w, &cfg, arch_ipa(rows[i].ipa), ARCH_WRITE);

        for (unsigned t = 0; t < rows[i].tables_n; t++) {
            check_row(i, rows[i].rule, next, WALK_NEED_DESC);
            next = walk_s2_feed(&w, UINT64_C(0x10000) | TABLE);
        }
        check_row(i, rows[i].rule, next, WALK_NEED_DESC);
        check_row(i, rows[i].rule, walk_s2_feed(&w, rows[i].leaf), WALK_DONE);
        check_row(i, rows[i].rule, w.oa.v, rows[i].want);
        check_row(i, rows[i].rule, w.leaf_shift, rows[i].leaf_shift);
        check_row(i, rows[i].rule, w.nt, false);
    }
}

static void what_is_wrong_before_the_first_descriptor_is_a_level_0_fault(void **state)
{
    static const struct {
        const char *rule;
        uint8_t sl0, t0sz, ps;
        bool tg_reserved;
        uint64_t baddr, ipa;
        enum arch_fault_type want;
    } rows[] = {
        {"last IPA in range", 1, 24, 2, false, 0, (UINT64_C(1) << 40) - 1,
         ARCH_FAULT_NONE},
        {"first IPA out of range", 1, 24, 2, false, 0, UINT64_C(1) << 40,
         ARCH_FAULT_TRANSLATION},
        {"IPA bit 63", 1, 24, 2, false, 0, UINT64_C(1) << 63, ARCH_FAULT_TRANSLATION},
        {"SL0 and T0SZ inconsistent", 1, 20, 2, false, 0, 0, ARCH_FAULT_TRANSLATION},
        {"T0SZ below the minimum", 1, 15, 2, false, 0, 0, ARCH_FAULT_TRANSLATION},
        {"TG0 reserved", 1, 24, 2, true, 0, 0, ARCH_FAULT_TRANSLATION},
        {"table below the PS limit", 1, 24, 2, false, (UINT64_C(1) << 40) - 8192, 0,
         ARCH_FAULT_NONE},
        {"table at the PS limit", 1, 24, 2, false, UINT64_C(1) << 40, 0,
         ARCH_FAULT_ADDRESS_SIZE},
        {"PS above the implementation counts as that", 1, 24, 6, false,
         UINT64_C(1) << 48, 0, ARCH_FAULT_ADDRESS_SIZE},
        {"IPA range before table address", 1, 24, 2, false, UINT64_C(1) << 40,
         UINT64_C(1) << 40, ARCH_FAULT_TRANSLATION},
        {"T0SZ before table address", 1, 15, 2, false, UINT64_C(1) << 40, 0,
         ARCH_FAULT_TRANSLATION},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct walk_s2_cfg cfg = cfg_4k();
        struct walk_s2 w;

        cfg.vtcr.sl0 = rows[i].sl0;
        cfg.vtcr.t0sz = rows[i].t0sz;
        cfg.vtcr.ps = rows[i].ps;
        cfg.vtcr.tg_reserved = rows[i].tg_reserved;
        cfg.baddr = arch_pa(rows[i].baddr);
        const enum walk_next next =
            walk_s2_begin(&w, &cfg, arch_ipa(rows[i].ipa), ARCH_READ);
        if (rows[i].want == ARCH_FAULT_NONE) {
            check_row(i, rows[i].rule, next, WALK_NEED_DESC);
        } else {
            check_row(i, rows[i].rule, next, WALK_FAULT);
            expect_fault(i, rows[i].rule, &w, rows[i].want, 0);
            check_row(i, "nothing was asked for", w.descs_n, 0);
        }
    }
}

static void base_bits_below_the_alignment_are_ignored(void **state)
{
    struct walk_s2_cfg cfg = cfg_4k();
    struct walk_s2 w;

    (void)state;
    cfg.baddr = arch_pa(UINT64_C(0x80003ffe)); /* two tables: 8 KiB */
    assert_int_equal(walk_s2_begin(&w, &cfg, arch_ipa(GIB), ARCH_READ), WALK_NEED_DESC);
    assert_int_equal(w.desc_pa.v, UINT64_C(0x80002008));
}

static void non_leaf_descriptor_faults_at_its_own_level(void **state)
{
    static const struct {
        const char *rule;
        unsigned tables_n;
        uint64_t desc;
        enum arch_fault_type want;
        int level;
    } rows[] = {
        {"invalid", 0, 0, ARCH_FAULT_TRANSLATION, 0},
        {"4K level 0 has no blocks", 0, BLOCK_RW, ARCH_FAULT_TRANSLATION, 0},
        {"invalid", 1, 0, ARCH_FAULT_TRANSLATION, 1},
        {"invalid", 2, 0, ARCH_FAULT_TRANSLATION, 2},
        {"invalid", 3, 0, ARCH_FAULT_TRANSLATION, 3},
        {"0b10 is invalid, whatever else is set", 1, ~UINT64_C(1),
         ARCH_FAULT_TRANSLATION, 1},
        {"0b01 is reserved at level 3", 3, BLOCK_RW, ARCH_FAULT_TRANSLATION, 3},
        {"next table beyond PS", 0, UINT64_C(1) << 40 | TABLE, ARCH_FAULT_ADDRESS_SIZE,
         0},
        {"next table beyond PS", 1, UINT64_C(1) << 40 | TABLE, ARCH_FAULT_ADDRESS_SIZE,
         1},
        {"next table beyond PS", 2, UINT64_C(1) << 40 | TABLE, ARCH_FAULT_ADDRESS_SIZE,
         2},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct walk_s2_cfg cfg = cfg_4k();
        struct walk_s2 w;

        cfg.vtcr.sl0 = 2; /* start level 0 */
        enum walk_next next = walk_s2_begin(&w, &cfg, arch_ipa(0x1000), ARCH_READ);
        /* A table's S2AP and AF fields, here 0, are no permissions. */
        for (unsigned t = 0; t < rows[i].tables_n; t++) {
            check_row(i, rows[i].rule, next, WALK_NEED_DESC);
            next = walk_s2_feed(&w, UINT64_C(0x80004000) | TABLE);
        }
        check_row(i, rows[i].rule, next, WALK_NEED_DESC);
        check_row(i, rows[i].rule, walk_s2_feed(&w, rows[i].desc), WALK_FAULT);
        expect_fault(i, rows[i].rule, &w, rows[i].want, rows[i].level);
        check_row(i, "not because of nT", w.fault.nt, false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walk_asks_for_one_descriptor_of_each_level),
        cmocka_unit_test(leaf_maps_the_ipa_bits_below_its_size),
        cmocka_unit_test(what_is_wrong_before_the_first_descriptor_is_a_level_0_fault),
        cmocka_unit_test(base_bits_below_the_alignment_are_ignored),
        cmocka_unit_test(non_leaf_descriptor_faults_at_its_own_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
