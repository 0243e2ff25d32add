/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/s1_walk_test.c - stage 1 alone: addresses, order of checks,
 * choices.
 *
 * Both halves have 4K granules and 25 bits: start level 2, table of 16 entries at
 * 0x10000 (lower) or 0x11000 (upper), entry 0 leads to the level 3 table at 0x20000. */
#include "tests/unit/walker/walk_fixture.h"
#include "walker/arch/desc.h"

#define TCR (UINT64_C(39) | UINT64_C(39) << 16 | TCR_TG1_4K | TCR_IPS_48)
#define BIT(n) (UINT64_C(1) << (n))
#define UPPER UINT64_C(0xfffffffffe000000)

static struct walk_regs regs_with(uint64_t tcr_more)
{
    return (struct walk_regs){.sctlr_el1 = 1,
                              .tcr_el1 = TCR | tcr_more,
                              .ttbr0_el1 = 0x10000,
                              .ttbr1_el1 = 0x11000};
}

static struct memory page_at_0(uint64_t leaf)
{
    return (struct memory){
        .words = {{0x10000, 0x20003}, {0x11000, 0x20003}, {0x20000, leaf}}, .n = 3};
}

static void addresses_that_no_half_has_are_translation_faults(void **state)
{
    static const struct {
        uint64_t tcr, va;
        enum arch_access access;
        bool ok;
        const char *rule;
    } rows[] = {
        {0, 0x1, ARCH_READ, true, "lower half"},
        {0, UPPER + 1, ARCH_READ, true, "upper half"},
        {0, 0x2000000, ARCH_READ, false, "one above the lower half"},
        {0, UPPER - 1, ARCH_READ, false, "one below the upper half"},
        {0, BIT(56), ARCH_READ, false, "a tag without TBI"},
        {BIT(37), BIT(56), ARCH_READ, true, "TBI0"},
        {BIT(38), BIT(56), ARCH_READ, false, "TBI1 is for the other half"},
        {BIT(37), BIT(55), ARCH_READ, false, "VA[55] is no part of the tag"},
        {BIT(38), UPPER & ~BIT(56), ARCH_READ, true, "TBI1"},
        {BIT(37), UPPER & ~BIT(56), ARCH_READ, false, "TBI0 is for the other half"},
        {BIT(37) | BIT(51), BIT(56), ARCH_READ, true, "TBID0 leaves data alone"},
        {BIT(37) | BIT(51), BIT(56), ARCH_EXECUTE, false,
         "TBID0: tags of fetches count"},
        {BIT(37), BIT(56), ARCH_EXECUTE, true, "TBI0 without TBID0"},
        {BIT(38) | BIT(52), UPPER & ~BIT(56), ARCH_EXECUTE, false, "TBID1"},
        {BIT(7), 0, ARCH_READ, false, "EPD0"},
        {BIT(7), UPPER, ARCH_READ, true, "EPD0 is for the lower half"},
        {BIT(23), UPPER, ARCH_READ, false, "EPD1"},
        {BIT(23), 0, ARCH_READ, true, "EPD1 is for the upper half"},
    };
    const struct walk_cpu cpu = cpu_max();

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct walk_regs regs = regs_with(rows[i].tcr);
        /* Readable and executable by EL1. */
        struct memory m = page_at_0(0x300000 | S1_PAGE | ARCH_DESC_S1_AP_2);
        const struct walk_query q = {
            .va = {rows[i].va}, .access = rows[i].access, .el = 1};
        struct walk w;
        const enum walk_next next = run_walk(&w, &cpu, &regs, &q, &m);
        check_row(i, rows[i].rule, next, rows[i].ok ? WALK_DONE : WALK_FAULT);
        check_row(i, rows[i].rule, m.reads_n, rows[i].ok ? 2 : 0);
        if (!rows[i].ok)
            check_fault(i, rows[i].rule, &w, ARCH_FAULT_TRANSLATION, 1, 0, false);
    }
}

static void e0pd_keeps_el0_out_of_a_half(void **state)
{
    static const struct {
        uint64_t tcr, va;
        uint8_t el;
        bool ok;
        const char *rule;
    } rows[] = {
        {BIT(55), 0, 0, false, "E0PD0"},
        {BIT(55), 0, 1, true, "E0PD0 is not for EL1"},
        {BIT(55), UPPER, 0, true, "E0PD0 is for the lower half"},
        {BIT(56), UPPER, 0, false, "E0PD1"},
        {BIT(56), 0, 0, true, "E0PD1 is for the upper half"},
    };
    const struct walk_cpu cpu = cpu_max();

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct walk_regs regs = regs_with(rows[i].tcr);
        struct memory m = page_at_0(0x300000 | S1_PAGE);
        const struct walk_query q = {.va = {rows[i].va}, .el = rows[i].el};
        struct walk w;
        const enum walk_next next = run_walk(&w, &cpu, &regs, &q, &m);
        check_row(i, rows[i].rule, next, rows[i].ok ? WALK_DONE : WALK_FAULT);
    }
}

/* Each row has all the faults of the rows below it, too. */
static void the_first_check_that_fails_is_reported(void **state)
{
    static const uint64_t too_far = UINT64_C(0xffff) << 32 | 0x300000;
    static const struct {
        uint64_t table, leaf;
        enum arch_fault_type type;
        int level;
        const char *rule;
    } rows[] = {
        {too_far << 12 | 2, 0, ARCH_FAULT_TRANSLATION, 2, "invalid table entry"},
        {UINT64_C(0xffff) << 32 | 3, 0, ARCH_FAULT_ADDRESS_SIZE, 2,
         "next table too far"},
        {0x20003, too_far | 2, ARCH_FAULT_TRANSLATION, 3, "invalid leaf"},
        {0x20003, too_far | 1, ARCH_FAULT_TRANSLATION, 3, "reserved: block at level 3"},
        {0x20003, too_far | 3, ARCH_FAULT_ADDRESS_SIZE, 3, "output too far"},
        {0x20003, 0x300003, ARCH_FAULT_ACCESS_FLAG, 3, "AF clear, and no permission"},
        {0x20003, 0x300403, ARCH_FAULT_PERMISSION, 3, "EL0 has no access"},
        {UINT64_C(0xffff) << 32 | 0x10001, 0, ARCH_FAULT_TRANSLATION, 2,
         "nT before the output size"},
    };
    struct walk_cpu cpu = cpu_max();
    struct walk_regs regs = regs_with(0);

    (void)state;
    cpu.nt_response = WALK_NT_FAULT;
    regs.tcr_el1 &= ~TCR_IPS_48; /* 32 bits */
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct memory m = page_at_0(rows[i].leaf);
        const struct walk_query q = {.va = {0}, .el = 0};
        struct walk w;
        m.words[0].value = rows[i].table;
        check_row(i, rows[i].rule, run_walk(&w, &cpu, &regs, &q, &m), WALK_FAULT);
        check_fault(i, rows[i].rule, &w, rows[i].type, 1, rows[i].level, false);
    }
}

static void a_start_table_beyond_ips_is_a_level_0_address_size_fault(void **state)
{
    static const struct {
        uint64_t ttbr0;
        bool ok;
        const char *rule;
    } rows[] = {
        {UINT64_C(0xffff0000), true, "inside 32 bits"},
        {UINT64_C(0x100000000), false, "one bit above"},
        {UINT64_C(0xffff) << 48 | 0x10000, true, "the ASID is no address"},
    };
    const struct walk_cpu cpu = cpu_max();
    struct walk_regs regs = regs_with(0);

    (void)state;
    regs.tcr_el1 &= ~TCR_IPS_48;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct memory m = page_at_0(0x300000 | S1_PAGE);
        const struct walk_query q = {.va = {0}, .el = 1};
        struct walk w;
        *memory_at(&m, 0xffff0000) = 0x20003;
        regs.ttbr0_el1 = rows[i].ttbr0;
        const enum walk_next next = run_walk(&w, &cpu, &regs, &q, &m);
        check_row(i, rows[i].rule, next, rows[i].ok ? WALK_DONE : WALK_FAULT);
        if (!rows[i].ok)
            check_fault(i, rows[i].rule, &w, ARCH_FAULT_ADDRESS_SIZE, 1, 0, false);
    }
}

static void hpd_ignores_the_permissions_of_tables(void **state)
{
    static const struct {
        uint64_t tcr, va;
        bool ok;
        const char *rule;
    } rows[] = {
        {0, 0, false, "APTable forbids EL0"},
        {BIT(41), 0, true, "HPD0"},
        {BIT(42), 0, false, "HPD1 is for the upper half"},
        {BIT(42), UPPER, true, "HPD1"},
    };
    const struct walk_cpu cpu = cpu_max();

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct walk_regs regs = regs_with(rows[i].tcr);
        struct memory m = page_at_0(0x300000 | S1_PAGE);
        const struct walk_query q = {.va = {rows[i].va}, .el = 0};
        struct walk w;
        m.words[0].value |= ARCH_DESC_AP_TABLE_1;
        m.words[1].value |= ARCH_DESC_AP_TABLE_1;
        check_row(i, rows[i].rule, run_walk(&w, &cpu, &regs, &q, &m),
                  rows[i].ok ? WALK_DONE : WALK_FAULT);
    }
}

static void a_contiguous_group_beyond_the_input_size_may_fault(void **state)
{
    static const struct {
        unsigned txsz;
        bool faults, ok;
        const char *rule;
    } rows[] = {
        {48, true, true, "16 pages of 4K in 16 bits"},
        {48, false, true, "the choice is not to fault"},
        {42, true, true, "16 pages in 22 bits"},
    };
    struct walk_cpu cpu = cpu_max();

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct walk_regs regs = regs_with(0);
        /* One level 3 table at 0x20000, or for 22 bits 2 entries of level 2. */
        struct memory m = page_at_0(0x300000 | S1_PAGE | ARCH_DESC_CONTIGUOUS);
        const struct walk_query q = {.va = {0}, .el = 1};
        struct walk w;
        regs.tcr_el1 = (regs.tcr_el1 & ~UINT64_C(0x3f)) | rows[i].txsz;
        regs.ttbr0_el1 = rows[i].txsz >= 43 ? 0x20000 : 0x10000;
        cpu.contiguous_faults = rows[i].faults;
        check_row(i, rows[i].rule, run_walk(&w, &cpu, &regs, &q, &m),
                  rows[i].ok ? WALK_DONE : WALK_FAULT);
    }
    /* 16 blocks of 2M do not fit into 22 bits. */
    for (int faults = 0; faults < 2; faults++) {
        struct walk_regs regs = regs_with(0);
        struct memory m = page_at_0(0);
        const struct walk_query q = {.va = {0}, .el = 1};
        struct walk w;
        regs.tcr_el1 = (regs.tcr_el1 & ~UINT64_C(0x3f)) | 42;
        m.words[0].value = ARCH_DESC_CONTIGUOUS | 0x441;
        cpu.contiguous_faults = faults;
        check_row((size_t)faults, "32M in 22 bits", run_walk(&w, &cpu, &regs, &q, &m),
                  faults ? WALK_FAULT : WALK_DONE);
        if (faults)
            check_fault(1, "ContiguousBitFaults", &w, ARCH_FAULT_TRANSLATION, 1, 2,
                        false);
    }
}

static void hardware_sets_af_and_dirty_state(void **state)
{
    static const uint64_t clean = ARCH_DESC_DBM | ARCH_DESC_S1_AP_2;
    static const struct {
        uint64_t tcr, leaf;
        enum arch_access access;
        enum walk_how how;
        enum arch_fault_type type;
        uint64_t after;
        const char *rule;
    } rows[] = {
        {0, 0x43, ARCH_READ, WALK_ACCESS, ARCH_FAULT_ACCESS_FLAG, 0x43, "HA 0"},
        {TCR_HA, 0x43, ARCH_READ, WALK_ACCESS, ARCH_FAULT_NONE, 0x443, "HA 1"},
        {TCR_HA, 0x443, ARCH_READ, WALK_ACCESS, ARCH_FAULT_NONE, 0x443, "AF is set"},
        {TCR_HA, 0x43, ARCH_READ, WALK_AT_S1, ARCH_FAULT_NONE, 0x443, "AT sets AF"},
        {TCR_HA, 0xc3, ARCH_WRITE, WALK_ACCESS, ARCH_FAULT_PERMISSION, 0xc3,
         "AF stays on a permission fault"},
        {TCR_HA, clean | 0x443, ARCH_WRITE, WALK_ACCESS, ARCH_FAULT_PERMISSION,
         clean | 0x443, "HD 0"},
        {TCR_HD, clean | 0x443, ARCH_WRITE, WALK_ACCESS, ARCH_FAULT_PERMISSION,
         clean | 0x443, "HD without HA"},
        {TCR_HA | TCR_HD, clean | 0x443, ARCH_WRITE, WALK_ACCESS, ARCH_FAULT_NONE,
         ARCH_DESC_DBM | 0x443, "a write clears AP[2]"},
        {TCR_HA | TCR_HD, clean | 0x43, ARCH_WRITE, WALK_ACCESS, ARCH_FAULT_NONE,
         ARCH_DESC_DBM | 0x443, "both in one swap"},
        {TCR_HA | TCR_HD, clean | 0x443, ARCH_READ, WALK_ACCESS, ARCH_FAULT_NONE,
         clean | 0x443, "a read does not"},
        {TCR_HA | TCR_HD, clean | 0x443, ARCH_WRITE, WALK_AT_S1, ARCH_FAULT_NONE,
         clean | 0x443, "AT is granted the write, without the update"},
        {TCR_HA | TCR_HD, 0x4c3, ARCH_WRITE, WALK_ACCESS, ARCH_FAULT_PERMISSION, 0x4c3,
         "DBM 0"},
    };
    const struct walk_cpu cpu = cpu_max();

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct walk_regs regs = regs_with(rows[i].tcr);
        struct memory m = page_at_0(0x300000 | rows[i].leaf);
        const struct walk_query q = {
            .va = {0}, .el = 1, .access = rows[i].access, .how = rows[i].how};
        struct walk w;
        check_row(i, rows[i].rule, run_walk(&w, &cpu, &regs, &q, &m),
                  rows[i].type == ARCH_FAULT_NONE ? WALK_DONE : WALK_FAULT);
        check_row(i, rows[i].rule, w.fault.type, rows[i].type);
        check_row(i, rows[i].rule, *memory_at(&m, 0x20000), 0x300000 | rows[i].after);
        check_row(i, rows[i].rule, m.swaps_n, rows[i].leaf != rows[i].after);
    }
}

static void af_may_be_set_although_the_access_has_no_permission(void **state)
{
    struct walk_cpu cpu = cpu_max();
    const struct walk_regs regs = regs_with(TCR_HA);
    const struct walk_query q = {.va = {0}, .el = 1, .access = ARCH_WRITE};
    struct memory m = page_at_0(0x3000c3);
    struct walk w;

    (void)state;
    cpu.af_on_permission_fault = true;
    check_row(0, "AFUPDATE", run_walk(&w, &cpu, &regs, &q, &m), WALK_FAULT);
    check_fault(0, "AFUPDATE", &w, ARCH_FAULT_PERMISSION, 1, 3, false);
    check_row(0, "AFUPDATE", *memory_at(&m, 0x20000), 0x3004c3);
}

static void only_some_accesses_look_at_pan(void **state)
{
    static const struct {
        enum walk_how how;
        enum arch_access access;
        bool pan, ok;
        const char *rule;
    } rows[] = {
        {WALK_ACCESS, ARCH_READ, true, false, "a load"},
        {WALK_ACCESS, ARCH_READ, false, true, "PAN 0"},
        {WALK_AT_S1, ARCH_READ, true, true, "AT S1E1R"},
        {WALK_AT_S1_PAN, ARCH_READ, true, false, "AT S1E1RP"},
        {WALK_AT_S1_PAN, ARCH_READ, false, true, "AT S1E1RP with PAN 0"},
        {WALK_AT_S12, ARCH_READ, true, true, "AT S12E1R"},
        {WALK_ACCESS, ARCH_EXECUTE, true, true, "a fetch"},
    };
    const struct walk_cpu cpu = cpu_max();
    const struct walk_regs regs = regs_with(0);

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct memory m = page_at_0(0x300000 | S1_PAGE | ARCH_DESC_S1_AP_2);
        const struct walk_query q = {.va = {0},
                                     .el = 1,
                                     .access = rows[i].access,
                                     .how = rows[i].how,
                                     .pan = rows[i].pan};
        struct walk w;
        check_row(i, rows[i].rule, run_walk(&w, &cpu, &regs, &q, &m),
                  rows[i].ok ? WALK_DONE : WALK_FAULT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_that_no_half_has_are_translation_faults),
        cmocka_unit_test(e0pd_keeps_el0_out_of_a_half),
        cmocka_unit_test(the_first_check_that_fails_is_reported),
        cmocka_unit_test(a_start_table_beyond_ips_is_a_level_0_address_size_fault),
        cmocka_unit_test(hpd_ignores_the_permissions_of_tables),
        cmocka_unit_test(a_contiguous_group_beyond_the_input_size_may_fault),
        cmocka_unit_test(hardware_sets_af_and_dirty_state),
        cmocka_unit_test(af_may_be_set_although_the_access_has_no_permission),
        cmocka_unit_test(only_some_accesses_look_at_pan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
