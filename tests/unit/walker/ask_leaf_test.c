/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/ask_leaf_test.c - leaves that caches give: checks and results. */
#include "tests/unit/walker/ask_fixture.h"

static void a_leaf_of_stage_1_is_checked_as_one_that_was_read(void **state)
{
    static const struct {
        struct walk_query q;
        struct walk_perms perms;
        uint8_t leaf_shift;
        bool write_clean;
        enum walk_next next;
        int level;
        const char *rule;
    } rows[] = {
        {{.el = 1}, {0, 1, false}, 12, false, WALK_ASK, 0, "EL1 reads"},
        {{.el = 0}, {0, 1, false}, 12, false, WALK_FAULT, 3, "EL0 may not read"},
        {{.el = 0}, {0, 1, false}, 21, false, WALK_FAULT, 2, "a block of 2M"},
        {{.el = 0}, {0, 1, false}, 30, false, WALK_FAULT, 1, "a block of 1G"},
        {{.el = 1, .pan = true}, {1, 1, true}, 12, false, WALK_FAULT, 3, "PAN"},
        {{.el = 1, .pan = true},
         {1, 1, false},
         12,
         false,
         WALK_ASK,
         0,
         "no EL0 access"},
        {{.el = 1, .access = ARCH_WRITE},
         {0, 1, false},
         12,
         false,
         WALK_FAULT,
         3,
         "memory allows the write, a stale entry does not"},
        {{.el = 1, .access = ARCH_WRITE},
         {0, 3, false},
         12,
         true,
         WALK_NEED_DESC,
         0,
         "the dirty state must be set in memory"},
        {{.el = 0, .access = ARCH_WRITE},
         {1, 3, false},
         12,
         true,
         WALK_FAULT,
         3,
         "a write that is not allowed sets none"},
        {{.el = 1}, {0, 3, false}, 12, true, WALK_ASK, 0, "a read sets none"},
        {{.el = 1, .access = ARCH_WRITE, .how = WALK_AT_S12},
         {0, 3, false},
         12,
         true,
         WALK_ASK,
         0,
         "AT sets none"},
    };
    const struct walk_cpu cpu = cpu_max();
    const struct walk_regs regs = deep_regs(4);
    struct walk_context ctx;

    (void)state;
    walk_context_init(&ctx, &cpu, &regs);
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct walk_query q = rows[i].q;
        struct walk_s1_leaf leaf = deep_s1_leaf;
        struct walk w;
        q.va.v = DEEP_VA;
        q.ask = true;
        leaf.perms = rows[i].perms;
        leaf.leaf_shift = leaf.group_shift = rows[i].leaf_shift;
        leaf.write_clean = rows[i].write_clean;
        check_row(i, rows[i].rule, walk_begin(&w, &ctx, &q), WALK_ASK);
        enum walk_next next = walk_use_s1(&w, &leaf);
        if (rows[i].next == WALK_NEED_DESC) { /* it goes on as if it were skipped */
            check_row(i, rows[i].rule, next, WALK_ASK);
            check_row(i, rows[i].rule, w.ask.for_s1, true);
            check_row(i, rows[i].rule, w.ask.ia, S1_TABLE(0));
            continue;
        }
        check_row(i, rows[i].rule, next, rows[i].next);
        if (next == WALK_FAULT)
            check_fault(i, rows[i].rule, &w, ARCH_FAULT_PERMISSION, 1, rows[i].level,
                        false);
        else
            check_row(i, rows[i].rule, w.ask.ia, DEEP_IPA);
    }
}

static void leaves_that_caches_give_make_the_result(void **state)
{
    const struct walk_cpu cpu = cpu_max();
    const struct walk_regs regs = deep_regs(4);
    const struct walk_s1_leaf s1 = {.ipa = {DEEP_IPA},
                                    .leaf_shift = 12,
                                    .group_shift = 16,
                                    .perms = {1, 3, true},
                                    .write_clean = true,
                                    .ng = true};
    const struct walk_s2_leaf s2 = {.ipa = {0x200000}, /* 1M and 0xabc below */
                                    .pa = {0x40000000},
                                    .leaf_shift = 21,
                                    .group_shift = 25,
                                    .perms = {7, 1, false},
                                    .nt = true,
                                    .device = true};
    struct walk_context ctx;
    struct walk w;

    (void)state;
    walk_context_init(&ctx, &cpu, &regs);
    assert_int_equal(walk_begin(&w, &ctx, &deep_load), WALK_ASK);
    assert_int_equal(walk_use_s1(&w, &s1), WALK_ASK);
    assert_int_equal(walk_use_s2(&w, &s2), WALK_DONE);
    const struct walk_result *r = &w.result;
    assert_int_equal(r->ipa.v, DEEP_IPA);
    assert_int_equal(r->pa.v, 0x40100abc);
    assert_int_equal(r->s1_leaf_shift, 12);
    assert_int_equal(r->s1_group_shift, 16);
    assert_int_equal(r->s2_leaf_shift, 21);
    assert_int_equal(r->s2_group_shift, 25);
    assert_true(r->s1_contiguous && r->s2_contiguous);
    assert_true(r->ng && r->write_clean && r->s1_write_clean);
    assert_true(!r->s1_nt && r->s2_nt && r->s2_device);
    assert_int_equal(r->s1_perms.priv, 3);
    assert_int_equal(r->s2_perms.priv, 1);
    assert_int_equal(r->perms.priv, 1);
    assert_int_equal(r->perms.el0, 1);
    assert_true(r->perms.pan_denies);
    assert_int_equal(r->descs_n, 0);
}

static void a_leaf_of_stage_2_is_checked_for_the_access(void **state)
{
    static const struct {
        struct walk_query q;
        struct walk_perms perms;
        uint8_t leaf_shift;
        bool write_clean;
        enum walk_next next;
        int level;
        const char *rule;
    } rows[] = {
        {{.el = 1}, {0, 1, false}, 12, false, WALK_DONE, 0, "a read"},
        {{.el = 1}, {0, 4, false}, 12, false, WALK_FAULT, 3, "no R"},
        {{.el = 1}, {0, 4, false}, 21, false, WALK_FAULT, 2, "no R, a block of 2M"},
        {{.el = 0, .access = ARCH_EXECUTE},
         {3, 7, false},
         12,
         false,
         WALK_FAULT,
         3,
         "FEAT_XNX: EL1 only"},
        {{.el = 1, .access = ARCH_WRITE},
         {0, 1, false},
         12,
         false,
         WALK_FAULT,
         3,
         "memory allows the write, a stale entry does not"},
        {{.el = 1, .access = ARCH_WRITE},
         {0, 3, false},
         12,
         true,
         WALK_NEED_DESC,
         0,
         "the dirty state must be set in memory"},
        {{.el = 1, .access = ARCH_WRITE},
         {0, 1, false},
         12,
         true,
         WALK_FAULT,
         3,
         "a write that is not allowed sets none"},
        {{.el = 1}, {0, 3, false}, 12, true, WALK_DONE, 0, "a read sets none"},
        {{.el = 1, .access = ARCH_WRITE, .how = WALK_AT_S12},
         {0, 3, false},
         12,
         true,
         WALK_DONE,
         0,
         "AT sets none"},
    };
    const struct walk_cpu cpu = cpu_max();
    const struct walk_regs regs = deep_regs(4);
    struct walk_context ctx;

    (void)state;
    walk_context_init(&ctx, &cpu, &regs);
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct walk_query q = rows[i].q;
        struct walk_s2_leaf leaf = deep_s2_leaf;
        struct walk w;
        q.va.v = DEEP_VA;
        q.ask = true;
        leaf.perms = rows[i].perms;
        leaf.leaf_shift = leaf.group_shift = rows[i].leaf_shift;
        leaf.write_clean = rows[i].write_clean;
        check_row(i, rows[i].rule, walk_begin(&w, &ctx, &q), WALK_ASK);
        check_row(i, rows[i].rule, walk_use_s1(&w, &deep_s1_leaf), WALK_ASK);
        check_row(i, rows[i].rule, walk_use_s2(&w, &leaf), rows[i].next);
        if (rows[i].next == WALK_FAULT) {
            check_fault(i, rows[i].rule, &w, ARCH_FAULT_PERMISSION, 2, rows[i].level,
                        false);
            check_row(i, rows[i].rule, w.fault_ipa.v, DEEP_IPA);
        }
        if (rows[i].next == WALK_NEED_DESC)
            check_row(i, "the start table", w.desc_pa.v, 0x40000);
    }
}

/* A leaf of 1G of which the stage puts out only what lies below its output size. */
static void an_address_beyond_the_output_size_faults_though_its_leaf_is_cached(
    void **state)
{
    static const struct {
        uint64_t oa; /* of the page */
        bool fault;
    } rows[] = {{UINT64_C(0xfffff000), false}, {UINT64_C(0x100000000), true}};
    const struct walk_cpu cpu = cpu_max();
    struct walk_regs regs = deep_regs(4);
    struct walk_context ctx;

    (void)state;
    regs.tcr_el1 &= ~(UINT64_C(7) << 32); /* IPS, PS: 32 bits */
    regs.vtcr_el2 &= ~(UINT64_C(7) << 16);
    walk_context_init(&ctx, &cpu, &regs);
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct walk_s1_leaf s1 = deep_s1_leaf;
        struct walk_s2_leaf s2 = deep_s2_leaf;
        struct walk w;
        s1.leaf_shift = s2.leaf_shift = 30;
        s1.ipa.v = s2.pa.v = rows[i].oa;
        check_row(i, "stage 1", walk_begin(&w, &ctx, &deep_load), WALK_ASK);
        check_row(i, "stage 1", walk_use_s1(&w, &s1),
                  rows[i].fault ? WALK_FAULT : WALK_ASK);
        if (rows[i].fault)
            check_fault(i, "stage 1", &w, ARCH_FAULT_ADDRESS_SIZE, 1, 1, false);
        check_row(i, "stage 2", walk_begin(&w, &ctx, &deep_load), WALK_ASK);
        check_row(i, "stage 2", walk_use_s1(&w, &deep_s1_leaf), WALK_ASK);
        check_row(i, "stage 2", walk_use_s2(&w, &s2),
                  rows[i].fault ? WALK_FAULT : WALK_DONE);
        if (rows[i].fault)
            check_fault(i, "stage 2", &w, ARCH_FAULT_ADDRESS_SIZE, 2, 1, false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_leaf_of_stage_1_is_checked_as_one_that_was_read),
        cmocka_unit_test(leaves_that_caches_give_make_the_result),
        cmocka_unit_test(a_leaf_of_stage_2_is_checked_for_the_access),
        cmocka_unit_test(
            an_address_beyond_the_output_size_faults_though_its_leaf_is_cached),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
