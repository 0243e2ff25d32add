/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/guest/stage1_test.c - the guest's tables, walked by the architecture. */
#include "model/guest/stage1.h"
#include "model/memory/physmem.h"
#include "tests/unit/walker/rows.h"
#include "walker/translate.h"

#define MIB UINT64_C(0x100000)
#define BASE UINT64_C(0x40000000)

static const struct guest_range two[] = {{BASE, 4 * MIB}, {0x8000000000, 2 * MIB}};

static void store(void *ctx, uint64_t ipa, uint64_t desc)
{
    assert_int_equal(physmem_read(ctx, arch_pa(ipa)), 0); /* each once */
    physmem_write(ctx, arch_pa(ipa), desc);
}

static enum walk_next translate(struct physmem *m, const struct walk_context *ctx,
                                uint64_t va, unsigned el, enum arch_access access,
                                struct walk *w, unsigned *updates_n)
{
    const struct walk_query q = {
        .va = {va}, .access = access, .el = (uint8_t)el, .how = WALK_ACCESS};
    enum walk_next next = walk_begin(w, ctx, &q);

    while (next == WALK_NEED_DESC || next == WALK_NEED_CAS) {
        const uint64_t found = physmem_read(m, w->desc_pa);

        if (next == WALK_NEED_CAS) {
            physmem_write(m, w->desc_pa, w->desc_new);
            ++*updates_n;
        }
        next = walk_feed(w, found);
    }
    return next;
}

static void tables_take_what_their_ranges_need(void **state)
{
    static const struct {
        const char *rule;
        uint8_t shift;
        struct guest_range ranges[2];
        size_t n;
        uint64_t tables;
    } rows[] = {
        {"one page: a table of each level", 12, {{BASE, 0x1000}}, 1, 4},
        {"2 MiB of pages fill one level 3 table", 12, {{BASE, 2 * MIB}}, 1, 4},
        {"one page more needs another", 12, {{BASE, 2 * MIB + 0x1000}}, 1, 5},
        {"2 MiB leaves need no level 3", 21, {{BASE, 4 * MIB}}, 1, 3},
        {"1 GiB of pages", 12, {{BASE, 1024 * MIB}}, 1, 3 + 512},
        {"ranges in two level 0 entries share the root only",
         12,
         {{BASE, 0x1000}, {0x8000000000, 0x1000}},
         2,
         1 + 2 * 3},
    };
    (void)state;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct guest_stage1 s1 = {.map_shift = rows[i].shift};

        check_row(i, rows[i].rule, guest_stage1_bytes(&s1, rows[i].ranges, rows[i].n),
                  rows[i].tables * 4096);
    }
}

/* Every page of the ranges maps to itself for EL1, and nothing else is mapped. */
static void a_walk_of_the_tables_gives_the_same_address(void **state)
{
    static const struct {
        uint64_t va;
        unsigned el;
        enum walk_next want;
        enum arch_fault_type fault;
    } rows[] = {
        {BASE, 1, WALK_DONE, ARCH_FAULT_NONE},
        {BASE + 4 * MIB - 8, 1, WALK_DONE, ARCH_FAULT_NONE},
        {BASE + 4 * MIB, 1, WALK_FAULT, ARCH_FAULT_TRANSLATION},
        {BASE - 8, 1, WALK_FAULT, ARCH_FAULT_TRANSLATION},
        {0x8000000000, 1, WALK_DONE, ARCH_FAULT_NONE},
        {BASE, 0, WALK_FAULT, ARCH_FAULT_PERMISSION},
        {UINT64_C(0xffff000000000000), 1, WALK_FAULT, ARCH_FAULT_TRANSLATION},
    };
    static const uint8_t shifts[] = {12, 21};
    (void)state;

    for (size_t k = 0; k < 4; k++) {
        const struct guest_stage1 s1 = {.on = true,
                                        .map_shift = shifts[k % 2],
                                        .accessed = k / 2,
                                        .tables = {BASE + 2 * MIB}};
        const struct walk_cpu cpu = {
            .features = {.pa_bits = 48,
                         .tg_support = {{ARCH_TG_PRESENT}, {ARCH_TG_PRESENT}},
                         .hafdbs = 1}};
        const struct walk_regs regs = {
            .sctlr_el1 = guest_stage1_sctlr_el1(&s1),
            .tcr_el1 = guest_stage1_tcr_el1(&s1, 48),
            .ttbr0_el1 = guest_stage1_ttbr0_el1(&s1, 7),
            .hcr_el2 = UINT64_C(1) << 31,
        };
        struct physmem *m = physmem_new(arch_pa(UINT64_C(1) << 47));
        struct walk_context ctx;

        guest_stage1_build(&s1, two, 2, store, m);
        walk_context_init(&ctx, &cpu, &regs);
        for (size_t i = 0; i < ROWS_N(rows); i++) {
            unsigned updates_n = 0;
            struct walk w;

            check_row(
                i, "outcome",
                translate(m, &ctx, rows[i].va, rows[i].el, ARCH_WRITE, &w, &updates_n),
                rows[i].want);
            if (rows[i].want == WALK_FAULT) {
                check_row(i, "fault", w.fault.type, rows[i].fault);
                continue;
            }
            check_row(i, "address", w.result.pa.v, rows[i].va);
            check_row(i, "leaf", w.result.s1_leaf_shift, s1.map_shift);
            check_row(i, "not global", w.result.ng && w.result.asid == 7, true);
            check_row(i, "executable",
                      translate(m, &ctx, rows[i].va, 1, ARCH_EXECUTE, &w, &updates_n),
                      WALK_DONE);
            check_row(i, "Access flags set once", updates_n <= !s1.accessed, true);
        }
        physmem_delete(m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_take_what_their_ranges_need),
        cmocka_unit_test(a_walk_of_the_tables_gives_the_same_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
