/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/desc_test.c - decoding and building stage 2 descriptors. */
#include "tests/unit/walker/rows.h"
#include "walker/arch/desc.h"

#include <stdbool.h>

#define LEVELS_N 5 /* -1..3, index level + 1 */

static void invalid_is_bit_0_clear_at_every_level(void **state)
{
    static const enum arch_tg tgs[] = {ARCH_TG_4K, ARCH_TG_16K, ARCH_TG_64K};

    (void)state;
    for (size_t i = 0; i < ROWS_N(tgs); i++) {
        for (int level = -1; level <= 3; level++) {
            check_row(i, "all zero", arch_desc_kind(0, level, tgs[i], false, 48),
                      ARCH_DESC_KIND_INVALID);
            check_row(i, "bit 1 without bit 0",
                      arch_desc_kind(~UINT64_C(1), level, tgs[i], false, 48),
                      ARCH_DESC_KIND_INVALID);
        }
    }
}

static void bits_0b11_are_a_table_above_level_3_and_a_page_at_it(void **state)
{
    static const enum arch_tg tgs[] = {ARCH_TG_4K, ARCH_TG_16K, ARCH_TG_64K};

    (void)state;
    for (size_t i = 0; i < ROWS_N(tgs); i++) {
        for (int level = -1; level <= 2; level++)
            check_row(i, "table", arch_desc_kind(3, level, tgs[i], false, 48),
                      ARCH_DESC_KIND_TABLE);
        check_row(i, "page", arch_desc_kind(3, 3, tgs[i], false, 48),
                  ARCH_DESC_KIND_LEAF);
    }
}

static void bits_0b01_are_a_block_only_where_the_granule_has_blocks(void **state)
{
    static const struct {
        const char *rule;
        enum arch_tg tg;
        bool ds;
        unsigned pa_bits;
        bool block_at[LEVELS_N];
    } rows[] = {
        {"4K: levels 1 and 2", ARCH_TG_4K, false, 48, {0, 0, 1, 1, 0}},
        {"4K, DS: level 0 too", ARCH_TG_4K, true, 52, {0, 1, 1, 1, 0}},
        {"4K, 52-bit PA without DS", ARCH_TG_4K, false, 52, {0, 0, 1, 1, 0}},
        {"16K: level 2", ARCH_TG_16K, false, 48, {0, 0, 0, 1, 0}},
        {"16K, DS: level 1 too", ARCH_TG_16K, true, 52, {0, 0, 1, 1, 0}},
        {"64K: level 2", ARCH_TG_64K, false, 48, {0, 0, 0, 1, 0}},
        {"64K: level 1 needs a 52-bit PA", ARCH_TG_64K, false, 52, {0, 0, 1, 1, 0}},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        for (int level = -1; level <= 3; level++)
            check_row(i, rows[i].rule,
                      arch_desc_kind(1, level, rows[i].tg, rows[i].ds, rows[i].pa_bits),
                      rows[i].block_at[level + 1] ? ARCH_DESC_KIND_LEAF
                                                  : ARCH_DESC_KIND_INVALID);
    }
}

static void table_address_has_only_address_bits(void **state)
{
    static const struct {
        const char *rule;
        enum arch_tg tg;
        bool ds;
        uint64_t desc, want;
    } rows[] = {
        {"4K: [47:12]", ARCH_TG_4K, false, ~UINT64_C(0), UINT64_C(0xfffffffff000)},
        {"16K: [47:14]", ARCH_TG_16K, false, ~UINT64_C(0), UINT64_C(0xffffffffc000)},
        {"64K: [47:16], and [15:12] are [51:48]", ARCH_TG_64K, false,
         UINT64_C(0x00000001a003), UINT64_C(0xa000000010000)},
        {"DS: [9:8] are [51:50]", ARCH_TG_4K, true, UINT64_C(0x1303),
         UINT64_C(0xc000000001000)},
        {"DS: [49:48] in place", ARCH_TG_16K, true, UINT64_C(0x3000000004003),
         UINT64_C(0x3000000004000)},
        {"without DS [49:48] and [9:8] are ignored", ARCH_TG_4K, false,
         UINT64_C(0x3000000001303), UINT64_C(0x1000)},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++)
        check_row(i, rows[i].rule,
                  arch_desc_table_pa(rows[i].desc, rows[i].tg, rows[i].ds).v,
                  rows[i].want);
}

static void leaf_address_has_zeros_below_its_size(void **state)
{
    static const struct {
        const char *rule;
        enum arch_tg tg;
        bool ds;
        int level;
        uint64_t desc, want;
    } rows[] = {
        {"4K page", ARCH_TG_4K, false, 3, UINT64_MAX, UINT64_C(0xfffffffff000)},
        {"4K level 2: 2 MiB", ARCH_TG_4K, false, 2, UINT64_MAX,
         UINT64_C(0xffffffe00000)},
        {"4K level 1: 1 GiB", ARCH_TG_4K, false, 1, UINT64_MAX,
         UINT64_C(0xffffc0000000)},
        {"4K level 0 with DS: 512 GiB", ARCH_TG_4K, true, 0, UINT64_MAX,
         UINT64_C(0xfff8000000000)},
        {"16K page", ARCH_TG_16K, false, 3, UINT64_MAX, UINT64_C(0xffffffffc000)},
        {"16K level 2: 32 MiB", ARCH_TG_16K, false, 2, UINT64_MAX,
         UINT64_C(0xfffffe000000)},
        {"64K page with OA[51:48]", ARCH_TG_64K, false, 3, UINT64_MAX,
         UINT64_C(0xfffffffff0000)},
        {"64K level 2: 512 MiB, OA[51:48]", ARCH_TG_64K, false, 2,
         UINT64_C(0x200000f001), UINT64_C(0xf002000000000)},
        {"64K level 1: 4 TiB", ARCH_TG_64K, false, 1, UINT64_MAX,
         UINT64_C(0xffc0000000000)},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++)
        check_row(
            i, rows[i].rule,
            arch_desc_leaf_pa(rows[i].desc, rows[i].level, rows[i].tg, rows[i].ds).v,
            rows[i].want);
}

static void s2ap_decides_reads_and_writes_separately(void **state)
{
    static const struct {
        const char *rule;
        uint64_t s2ap;
        bool read, write;
    } rows[] = {
        {"00 none", 0, false, false},
        {"01 read-only", ARCH_DESC_S2AP_R, true, false},
        {"10 write-only", ARCH_DESC_S2AP_W, false, true},
        {"11 both", ARCH_DESC_S2AP_R | ARCH_DESC_S2AP_W, true, true},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const uint64_t desc = 3 | ARCH_DESC_S2_XN | rows[i].s2ap;

        check_row(i, rows[i].rule, arch_desc_s2_allows(desc, ARCH_READ), rows[i].read);
        check_row(i, rows[i].rule, arch_desc_s2_allows(desc, ARCH_WRITE),
                  rows[i].write);
        check_row(i, rows[i].rule, arch_desc_s2_allows(desc, ARCH_EXECUTE), false);
        for (unsigned el = 0; el <= 1; el++) {
            check_row(i, rows[i].rule, arch_desc_s2_allows_xnx(desc, ARCH_READ, el),
                      rows[i].read);
            check_row(i, rows[i].rule, arch_desc_s2_allows_xnx(desc, ARCH_WRITE, el),
                      rows[i].write);
        }
    }
}

static void xn_decides_execution_alone(void **state)
{
    static const struct {
        const char *rule;
        uint64_t xn;
        bool without_xnx, el0, el1;
    } rows[] = {
        {"00 both execute", 0, true, true, true},
        {"01 EL0 only", 1, true, true, false},
        {"10 none", 2, false, false, false},
        {"11 EL1 only", 3, false, false, true},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const uint64_t desc = 3 | rows[i].xn << 53; /* S2AP = 00: fetch needs no read */

        check_row(i, rows[i].rule, arch_desc_s2_allows(desc, ARCH_EXECUTE),
                  rows[i].without_xnx);
        check_row(i, rows[i].rule, arch_desc_s2_allows_xnx(desc, ARCH_EXECUTE, 0),
                  rows[i].el0);
        check_row(i, rows[i].rule, arch_desc_s2_allows_xnx(desc, ARCH_EXECUTE, 1),
                  rows[i].el1);
    }
}

static void built_descriptors_decode_to_what_they_were_built_from(void **state)
{
    static const struct {
        enum arch_tg tg;
        int level;
        uint64_t oa;
    } rows[] = {
        {ARCH_TG_4K, 1, UINT64_C(0xffffc0000000)},
        {ARCH_TG_4K, 2, UINT64_C(0x200000)},
        {ARCH_TG_4K, 3, UINT64_C(0xfffffffff000)},
        {ARCH_TG_16K, 2, UINT64_C(0x6000000)},
        {ARCH_TG_16K, 3, UINT64_C(0x4000)},
        {ARCH_TG_64K, 2, UINT64_C(0x20000000)},
        {ARCH_TG_64K, 3, UINT64_C(0x30000)},
    };
    const uint64_t attrs = ARCH_DESC_AF | ARCH_DESC_S2AP_R | ARCH_DESC_S2_MEMATTR_WB;

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const uint64_t leaf =
            arch_desc_make_leaf(arch_pa(rows[i].oa), rows[i].level, attrs);

        check_row(i, "leaf", arch_desc_kind(leaf, rows[i].level, rows[i].tg, false, 48),
                  ARCH_DESC_KIND_LEAF);
        check_row(i, "leaf",
                  arch_desc_leaf_pa(leaf, rows[i].level, rows[i].tg, false).v,
                  rows[i].oa);
        check_row(i, "attributes", leaf & attrs, attrs);
        check_row(i, "readable", arch_desc_s2_allows(leaf, ARCH_READ), true);
        check_row(i, "not writable", arch_desc_s2_allows(leaf, ARCH_WRITE), false);
    }
    const uint64_t table = arch_desc_make_table(arch_pa(UINT64_C(0xabcdef0000)));
    assert_int_equal(arch_desc_kind(table, 2, ARCH_TG_64K, false, 48),
                     ARCH_DESC_KIND_TABLE);
    assert_int_equal(arch_desc_table_pa(table, ARCH_TG_64K, false).v,
                     UINT64_C(0xabcdef0000));
}

static void a_contiguous_group_has_a_size_for_each_granule_and_level(void **state)
{
    static const struct {
        enum arch_tg tg;
        int level;
        unsigned shift;
        const char *rule;
    } rows[] = {
        {ARCH_TG_4K, 0, 0, "none"},       {ARCH_TG_4K, 1, 4, "16 blocks of 1G"},
        {ARCH_TG_4K, 2, 4, "16 blocks"},  {ARCH_TG_4K, 3, 4, "16 pages"},
        {ARCH_TG_16K, 1, 0, "none"},      {ARCH_TG_16K, 2, 5, "32 blocks of 32M"},
        {ARCH_TG_16K, 3, 7, "128 pages"}, {ARCH_TG_64K, 1, 0, "none"},
        {ARCH_TG_64K, 2, 5, "32 blocks"}, {ARCH_TG_64K, 3, 5, "32 pages"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++)
        check_row(i, rows[i].rule, arch_contiguous_shift(rows[i].level, rows[i].tg),
                  rows[i].shift);
}

static void stage_2_memory_is_device_by_memattr_and_fwb(void **state)
{
    (void)state;
    for (uint64_t attr = 0; attr < 16; attr++) {
        check_row(attr, "FWB 0: MemAttr[3:2] 00",
                  arch_desc_s2_is_device(attr << 2, false), attr < 4);
        check_row(attr, "FWB 1: MemAttr[2] 0", arch_desc_s2_is_device(attr << 2, true),
                  attr % 8 < 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(invalid_is_bit_0_clear_at_every_level),
        cmocka_unit_test(bits_0b11_are_a_table_above_level_3_and_a_page_at_it),
        cmocka_unit_test(bits_0b01_are_a_block_only_where_the_granule_has_blocks),
        cmocka_unit_test(table_address_has_only_address_bits),
        cmocka_unit_test(leaf_address_has_zeros_below_its_size),
        cmocka_unit_test(s2ap_decides_reads_and_writes_separately),
        cmocka_unit_test(xn_decides_execution_alone),
        cmocka_unit_test(a_contiguous_group_has_a_size_for_each_granule_and_level),
        cmocka_unit_test(stage_2_memory_is_device_by_memattr_and_fwb),
        cmocka_unit_test(built_descriptors_decode_to_what_they_were_built_from),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
