/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/s2_leaf_test.c - what a stage 2 walk checks on its leaf. */
#include "tests/unit/walker/s2_fixture.h"

/* A level 2 block of 4K, 40-bit PS, for a write. */
static enum walk_next feed_block(struct walk_s2 *w, const struct walk_s2_cfg *cfg,
                                 uint64_t desc)
{
    enum walk_next next = walk_s2_begin(w, cfg, arch_ipa(0), ARCH_WRITE);

    assert_int_equal(next, WALK_NEED_DESC);
    next = walk_s2_feed(w, UINT64_C(0x80004000) | TABLE);
    assert_int_equal(next, WALK_NEED_DESC);
    return walk_s2_feed(w, desc);
}

static void leaf_checks_go_nt_then_address_size_then_af_then_permission(void **state)
{
    static const struct {
        bool nt, beyond_ps, af_clear, denied;
        enum arch_fault_type want;
    } rows[] = {
        {0, 0, 0, 0, ARCH_FAULT_NONE},         {0, 0, 0, 1, ARCH_FAULT_PERMISSION},
        {0, 0, 1, 0, ARCH_FAULT_ACCESS_FLAG},  {0, 0, 1, 1, ARCH_FAULT_ACCESS_FLAG},
        {0, 1, 0, 0, ARCH_FAULT_ADDRESS_SIZE}, {0, 1, 0, 1, ARCH_FAULT_ADDRESS_SIZE},
        {0, 1, 1, 0, ARCH_FAULT_ADDRESS_SIZE}, {0, 1, 1, 1, ARCH_FAULT_ADDRESS_SIZE},
        {1, 0, 0, 0, ARCH_FAULT_TRANSLATION},  {1, 0, 0, 1, ARCH_FAULT_TRANSLATION},
        {1, 0, 1, 0, ARCH_FAULT_TRANSLATION},  {1, 0, 1, 1, ARCH_FAULT_TRANSLATION},
        {1, 1, 0, 0, ARCH_FAULT_TRANSLATION},  {1, 1, 0, 1, ARCH_FAULT_TRANSLATION},
        {1, 1, 1, 0, ARCH_FAULT_TRANSLATION},  {1, 1, 1, 1, ARCH_FAULT_TRANSLATION},
    };
    struct walk_s2_cfg cfg = cfg_4k();

    (void)state;
    cfg.bbm_level = 2;
    cfg.nt_response = WALK_NT_FAULT;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct walk_s2 w;
        const uint64_t desc = UINT64_C(1) | (rows[i].nt ? ARCH_DESC_NT : 0) |
                              (rows[i].beyond_ps ? UINT64_C(1) << 40 : 0) |
                              (rows[i].af_clear ? 0 : ARCH_DESC_AF) |
                              (rows[i].denied ? ARCH_DESC_S2AP_R : RW);
        const enum walk_next next = feed_block(&w, &cfg, desc);

        if (rows[i].want == ARCH_FAULT_NONE) {
            check_row(i, "nothing wrong", next, WALK_DONE);
        } else {
            check_row(i, "first check that fails", next, WALK_FAULT);
            expect_fault(i, "first check that fails", &w, rows[i].want, 2);
            check_row(i, "cause", w.fault.nt, rows[i].nt);
        }
    }
}

static void nt_acts_as_bbm_level_and_response_say(void **state)
{
    static const struct {
        const char *rule;
        uint8_t bbm_level;
        enum walk_nt_response response;
        bool nt, faults;
    } rows[] = {
        {"level 0 ignores nT", 0, WALK_NT_TRANSLATE, true, false},
        {"level 0 ignores nT", 0, WALK_NT_FAULT, true, false},
        {"level 1 translates", 1, WALK_NT_TRANSLATE, true, false},
        {"level 1 faults", 1, WALK_NT_FAULT, true, true},
        {"level 2 translates", 2, WALK_NT_TRANSLATE, true, false},
        {"level 2 faults", 2, WALK_NT_FAULT, true, true},
        {"level 3 has no nT fault", 3, WALK_NT_FAULT, true, false},
        {"nT clear", 0, WALK_NT_FAULT, false, false},
        {"nT clear", 1, WALK_NT_FAULT, false, false},
        {"nT clear", 2, WALK_NT_FAULT, false, false},
        {"nT clear", 2, WALK_NT_TRANSLATE, false, false},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct walk_s2_cfg cfg = cfg_4k();
        struct walk_s2 w;

        cfg.bbm_level = rows[i].bbm_level;
        cfg.nt_response = rows[i].response;
        const enum walk_next next =
            feed_block(&w, &cfg, GIB | BLOCK_RW | (rows[i].nt ? ARCH_DESC_NT : 0));
        check_row(i, rows[i].rule, next, rows[i].faults ? WALK_FAULT : WALK_DONE);
        if (rows[i].faults) {
            expect_fault(i, rows[i].rule, &w, ARCH_FAULT_TRANSLATION, 2);
            check_row(i, rows[i].rule, w.fault.nt, true);
        } else {
            check_row(i, "nT is no address bit", w.oa.v, GIB);
            check_row(i, "nT is reported", w.nt, rows[i].nt);
        }
    }
}

static void nt_faults_at_the_level_of_the_block(void **state)
{
    struct walk_s2_cfg cfg = cfg_4k();
    struct walk_s2 w;

    (void)state;
    cfg.bbm_level = 1;
    cfg.nt_response = WALK_NT_FAULT;
    assert_int_equal(walk_s2_begin(&w, &cfg, arch_ipa(0), ARCH_READ), WALK_NEED_DESC);
    assert_int_equal(walk_s2_feed(&w, GIB | BLOCK_RW | ARCH_DESC_NT), WALK_FAULT);
    expect_fault(0, "1 GiB block", &w, ARCH_FAULT_TRANSLATION, 1);
    assert_true(w.fault.nt);
}

static void bit_16_of_a_table_descriptor_is_an_address_bit(void **state)
{
    struct walk_s2_cfg cfg = cfg_4k();
    struct walk_s2 w;

    (void)state;
    cfg.bbm_level = 1;
    cfg.nt_response = WALK_NT_FAULT;
    assert_int_equal(walk_s2_begin(&w, &cfg, arch_ipa(0), ARCH_READ), WALK_NEED_DESC);
    assert_int_equal(walk_s2_feed(&w, ARCH_DESC_NT | TABLE), WALK_NEED_DESC);
    assert_int_equal(w.desc_pa.v, ARCH_DESC_NT);
}

static void hardware_management_of_af_and_dirty_state_takes_the_fault_away(void **state)
{
    static const struct {
        const char *rule;
        bool ha, hd;
        uint64_t desc;
        enum arch_fault_type want;
    } rows[] = {
        {"AF clear, HA = 0", 0, 0, 1 | RW, ARCH_FAULT_ACCESS_FLAG},
        {"AF clear, HD alone", 0, 1, 1 | RW, ARCH_FAULT_ACCESS_FLAG},
        {"AF clear, HA = 1", 1, 0, 1 | RW, ARCH_FAULT_NONE},
        {"AF clear, HA = 1, denied", 1, 0, 1, ARCH_FAULT_PERMISSION},
        {"DBM without HA and HD", 0, 0, 1 | ARCH_DESC_AF | ARCH_DESC_DBM,
         ARCH_FAULT_PERMISSION},
        {"DBM without HD", 1, 0, 1 | ARCH_DESC_AF | ARCH_DESC_DBM,
         ARCH_FAULT_PERMISSION},
        {"DBM without HA", 0, 1, 1 | ARCH_DESC_AF | ARCH_DESC_DBM,
         ARCH_FAULT_PERMISSION},
        {"DBM with both", 1, 1, 1 | ARCH_DESC_AF | ARCH_DESC_DBM, ARCH_FAULT_NONE},
        {"both without DBM", 1, 1, 1 | ARCH_DESC_AF, ARCH_FAULT_PERMISSION},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct walk_s2_cfg cfg = cfg_4k();
        struct walk_s2 w;

        cfg.vtcr.ha = rows[i].ha;
        cfg.vtcr.hd = rows[i].hd;
        const enum walk_next next = feed_block(&w, &cfg, rows[i].desc);
        check_row(i, rows[i].rule, next,
                  rows[i].want == ARCH_FAULT_NONE ? WALK_DONE : WALK_FAULT);
        check_row(i, rows[i].rule, w.fault.type, rows[i].want);
        check_row(i, "desc is as it was read", w.desc, rows[i].desc);
    }
}

static void xn_bit_53_counts_only_with_feat_xnx(void **state)
{
    static const struct {
        const char *rule;
        bool xnx;
        unsigned el;
        uint64_t xn;
        bool allowed;
    } rows[] = {
        {"XN 01 without FEAT_XNX", false, 1, 1, true},
        {"XN 11 without FEAT_XNX", false, 1, 3, false},
        {"XN 01: EL0 only", true, 0, 1, true},
        {"XN 01: EL0 only", true, 1, 1, false},
        {"XN 11: EL1 only", true, 0, 3, false},
        {"XN 11: EL1 only", true, 1, 3, true},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct walk_s2_cfg cfg = cfg_4k();
        struct walk_s2 w;

        cfg.xnx = rows[i].xnx;
        check_row(i, rows[i].rule,
                  walk_s2_begin_el(&w, &cfg, arch_ipa(0), ARCH_EXECUTE, rows[i].el),
                  WALK_NEED_DESC);
        check_row(i, rows[i].rule, walk_s2_feed(&w, BLOCK_RW | rows[i].xn << 53),
                  rows[i].allowed ? WALK_DONE : WALK_FAULT);
        check_row(i, rows[i].rule, w.fault.type,
                  rows[i].allowed ? ARCH_FAULT_NONE : ARCH_FAULT_PERMISSION);
    }
}

static void bits_15_12_of_64k_are_address_bits_with_a_52_bit_pa(void **state)
{
    static const struct {
        const char *rule;
        uint8_t pa_bits, ps;
        enum arch_fault_type want;
        uint64_t oa;
    } rows[] = {
        {"52-bit PA and PS", 52, 6, ARCH_FAULT_NONE, UINT64_C(0xf000000010000)},
        {"52-bit PA, 48-bit PS", 52, 5, ARCH_FAULT_ADDRESS_SIZE, 0},
        {"48-bit PA: RES0, ignored", 48, 5, ARCH_FAULT_NONE, UINT64_C(0x10000)},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct walk_s2_cfg cfg = {
            .vtcr = {.tg = ARCH_TG_64K, .t0sz = 31, .sl0 = 0, .ps = rows[i].ps},
            .pa_bits = rows[i].pa_bits,
        };
        struct walk_s2 w;

        check_row(i, rows[i].rule, walk_s2_begin(&w, &cfg, arch_ipa(0), ARCH_READ),
                  WALK_NEED_DESC);
        check_row(i, rows[i].rule, walk_s2_feed(&w, UINT64_C(0x1f000) | PAGE_RW),
                  rows[i].want == ARCH_FAULT_NONE ? WALK_DONE : WALK_FAULT);
        check_row(i, rows[i].rule, w.fault.type, rows[i].want);
        check_row(i, rows[i].rule, w.oa.v, rows[i].oa);
    }
}

static void ipa_bits_inside_a_block_count_for_the_output_size(void **state)
{
    /* 4 TiB blocks and a 32-bit PS: the block's own address 0 is in range. */
    const struct walk_s2_cfg cfg = {
        .vtcr = {.tg = ARCH_TG_64K, .t0sz = 16, .sl0 = 2, .ps = 0},
        .pa_bits = 52,
    };
    struct walk_s2 w;

    (void)state;
    assert_int_equal(walk_s2_begin(&w, &cfg, arch_ipa(0xffffffff), ARCH_READ),
                     WALK_NEED_DESC);
    assert_int_equal(walk_s2_feed(&w, BLOCK_RW), WALK_DONE);
    assert_int_equal(w.oa.v, 0xffffffff);
    assert_int_equal(w.leaf_shift, 42);
    assert_int_equal(walk_s2_begin(&w, &cfg, arch_ipa(UINT64_C(1) << 32), ARCH_READ),
                     WALK_NEED_DESC);
    assert_int_equal(walk_s2_feed(&w, BLOCK_RW), WALK_FAULT);
    expect_fault(0, "first address beyond PS", &w, ARCH_FAULT_ADDRESS_SIZE, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaf_checks_go_nt_then_address_size_then_af_then_permission),
        cmocka_unit_test(nt_acts_as_bbm_level_and_response_say),
        cmocka_unit_test(nt_faults_at_the_level_of_the_block),
        cmocka_unit_test(bit_16_of_a_table_descriptor_is_an_address_bit),
        cmocka_unit_test(
            hardware_management_of_af_and_dirty_state_takes_the_fault_away),
        cmocka_unit_test(xn_bit_53_counts_only_with_feat_xnx),
        cmocka_unit_test(bits_15_12_of_64k_are_address_bits_with_a_52_bit_pa),
        cmocka_unit_test(ipa_bits_inside_a_block_count_for_the_output_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
