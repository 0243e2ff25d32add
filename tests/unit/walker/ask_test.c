/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/ask_test.c - when a walk asks caches, and for what. */
#include "tests/unit/walker/ask_fixture.h"

#define BIT(n) (UINT64_C(1) << (n))
#define TRANSLATION ARCH_FAULT_TRANSLATION
#define ADDRESS_SIZE ARCH_FAULT_ADDRESS_SIZE

struct asked {
    unsigned stage;
    bool for_s1, for_write;
    uint64_t ia;
};

/* Skips all; want ends with stage 0. */
static void check_asks(size_t row, const char *rule, const struct walk_regs *regs,
                       const struct walk_query *q, struct memory *m,
                       const struct asked *want)
{
    const struct walk_cpu cpu = cpu_max();
    struct walk_context ctx;
    struct walk w;

    walk_context_init(&ctx, &cpu, regs);
    enum walk_next next = read_on(&w, walk_begin(&w, &ctx, q), m);
    for (; want->stage; want++) {
        check_row(row, rule, next, WALK_ASK);
        check_row(row, rule, w.ask.stage, want->stage);
        check_row(row, rule, w.ask.for_s1, want->for_s1);
        check_row(row, rule, w.ask.for_write, want->for_write);
        check_row(row, rule, w.ask.ia, want->ia);
        next = read_on(&w, walk_skip(&w), m);
    }
    check_row(row, rule, next, WALK_DONE);
    check_row(row, rule, w.result.pa.v, DEEP_PA);
}

static void each_walk_of_a_stage_asks_once_before_it_reads(void **state)
{
    static const struct asked both[] = {
        {1, false, false, DEEP_VA}, {2, true, false, 0x10000},
        {2, true, false, 0x11000},  {2, true, false, 0x12000},
        {2, true, false, 0x13008},  {2, true, true, 0x13008},
        {2, false, true, DEEP_IPA}, {0, false, false, 0},
    };
    struct walk_regs regs = deep_regs(4);
    struct memory m = deep_memory();

    (void)state;
    regs.tcr_el1 |= TCR_HA;
    *memory_at(&m, S1_LEAF_AT) &= ~ARCH_DESC_AF;
    check_asks(0, "a store, and an update of AF", &regs, &deep_store, &m, both);
    assert_true(*memory_at(&m, S1_LEAF_AT) & ARCH_DESC_AF);
}

static void a_stage_that_is_off_is_not_asked_for(void **state)
{
    static const struct asked s2_only[] = {{2, false, false, DEEP_IPA}, {0}};
    static const struct asked s1_only[] = {{1, false, false, DEEP_VA}, {0}};
    struct walk_query q = deep_load;
    struct walk_regs regs = deep_regs(4);
    struct memory m = deep_memory();

    (void)state;
    regs.sctlr_el1 = 0;
    q.va.v = DEEP_IPA;
    check_asks(0, "stage 1 is off", &regs, &q, &m, s2_only);

    regs = deep_regs(4);
    regs.hcr_el2 = 0;
    regs.ttbr0_el1 = 0x110000;
    m = (struct memory){.words = {{0x110000, 0x111000 | TABLE_BITS},
                                  {0x111000, 0x112000 | TABLE_BITS},
                                  {0x112000, 0x113000 | TABLE_BITS},
                                  {S1_LEAF_AT, 0x80300000 | S1_PAGE}},
                        .n = 4};
    check_asks(1, "stage 2 is off", &regs, &deep_load, &m, s1_only);
}

static void stage_1_is_asked_for_the_va_without_its_tag(void **state)
{
    static const struct {
        uint64_t va, want;
    } rows[] = {
        {DEEP_VA, DEEP_VA},
        {UINT64_C(0xa5) << 56 | DEEP_VA, DEEP_VA},
        {UINT64_C(0xa5ff) << 48 | DEEP_VA, UINT64_C(0xffff) << 48 | DEEP_VA},
    };
    const struct walk_cpu cpu = cpu_max();
    struct walk_regs regs = deep_regs(4);
    struct walk_context ctx;
    struct walk w;

    (void)state;
    regs.tcr_el1 |= UINT64_C(3) << 37; /* TBI0, TBI1 */
    walk_context_init(&ctx, &cpu, &regs);
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct walk_query q = {.va = {rows[i].va}, .el = 1, .ask = true};
        check_row(i, "TBI", walk_begin(&w, &ctx, &q), WALK_ASK);
        check_row(i, "TBI", w.ask.ia, rows[i].want);
    }
}

static void faults_of_level_0_come_before_any_ask(void **state)
{
    /* clear and set: bits of a register that is legal at first. */
    enum reg { NO_REG, TCR_EL1, TTBR0, VTCR_EL2, VTTBR };
    static const struct {
        uint64_t va;
        enum reg reg;
        uint64_t clear, set;
        uint8_t el;
        bool s1_off;
        int stage;
        enum arch_fault_type type;
        const char *rule;
    } rows[] = {
        {BIT(48), NO_REG, 0, 0, 1, false, 1, TRANSLATION, "VAIsOutOfRange"},
        {0, TCR_EL1, 0, 63, 1, false, 1, TRANSLATION, "S1TxSZFaults"},
        {0, TCR_EL1, 0, BIT(7), 1, false, 1, TRANSLATION, "EPD0"},
        {0, TCR_EL1, 0, BIT(55), 0, false, 1, TRANSLATION, "E0PD0"},
        {0, TTBR0, 0, BIT(47), 1, false, 1, ADDRESS_SIZE, "OAOutOfRange, start table"},
        {BIT(52), NO_REG, 0, 0, 1, true, 1, ADDRESS_SIZE, "S1DisabledOutput"},
        {BIT(48), NO_REG, 0, 0, 1, true, 2, TRANSLATION, "IPA out of range"},
        {0, VTCR_EL2, 63, 25, 1, true, 2, TRANSLATION, "S2InconsistentSL"},
        {0, VTCR_EL2, 0, 63, 1, true, 2, TRANSLATION, "S2TxSZFaults"},
        {0, VTTBR, 0, BIT(47), 1, true, 2, ADDRESS_SIZE, "OAOutOfRange, start table"},
    };
    const struct walk_cpu cpu = cpu_max();

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct walk_query q = {.va = {rows[i].va}, .el = rows[i].el, .ask = true};
        struct walk_regs regs = deep_regs(4);
        uint64_t none = 0;
        uint64_t *const changed[] = {&none, &regs.tcr_el1, &regs.ttbr0_el1,
                                     &regs.vtcr_el2, &regs.vttbr_el2};
        struct walk_context ctx;
        struct walk w;
        *changed[rows[i].reg] = (*changed[rows[i].reg] & ~rows[i].clear) | rows[i].set;
        regs.sctlr_el1 = !rows[i].s1_off;
        /* Outputs of 44 bits. */
        regs.tcr_el1 = (regs.tcr_el1 & ~(UINT64_C(7) << 32)) | UINT64_C(4) << 32;
        regs.vtcr_el2 = (regs.vtcr_el2 & ~(UINT64_C(7) << 16)) | 4 << 16;
        walk_context_init(&ctx, &cpu, &regs);
        check_row(i, rows[i].rule, walk_begin(&w, &ctx, &q), WALK_FAULT);
        check_fault(i, rows[i].rule, &w, rows[i].type, rows[i].stage, 0, false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_walk_of_a_stage_asks_once_before_it_reads),
        cmocka_unit_test(a_stage_that_is_off_is_not_asked_for),
        cmocka_unit_test(stage_1_is_asked_for_the_va_without_its_tag),
        cmocka_unit_test(faults_of_level_0_come_before_any_ask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
