/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/allocation_test.c - the walker brings no memory of its own.
 *
 * Linked with --wrap, so that every malloc family call of the walker's objects lands
 * here. */
#include "tests/unit/walker/rows.h"
#include "walker/geometry.h"
#include "walker/s2_walk.h"
#include "walker/translate.h"

static unsigned allocations_n;

void *__real_malloc(size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__real_calloc(size_t n, size_t bytes);
void *__wrap_calloc(size_t n, size_t bytes);
void *__real_realloc(void *p, size_t bytes);
void *__wrap_realloc(void *p, size_t bytes);

void *__wrap_malloc(size_t bytes)
{
    allocations_n++;
    return __real_malloc(bytes);
}

void *__wrap_calloc(size_t n, size_t bytes)
{
    allocations_n++;
    return __real_calloc(n, bytes);
}

void *__wrap_realloc(void *p, size_t bytes)
{
    allocations_n++;
    return __real_realloc(p, bytes);
}

static void choosing_and_walking_allocate_nothing(void **state)
{
    struct walk_s2_cfg cfg = {.pa_bits = 48};
    struct walk_s2 w;

    (void)state;
    allocations_n = 0;
    assert_int_equal(walk_s2_choose(ARCH_TG_4K, 40, 48, &cfg.vtcr), ARCH_OK);
    enum walk_next next = walk_s2_begin(&w, &cfg, arch_ipa(0x1000), ARCH_READ);
    while (next == WALK_NEED_DESC)
        next = walk_s2_feed(&w, UINT64_C(0x4000) | ARCH_DESC_AF | ARCH_DESC_S2AP_R |
                                    ARCH_DESC_TABLE | ARCH_DESC_VALID);
    assert_int_equal(next, WALK_DONE);
    assert_int_equal(walk_s2_begin(&w, &cfg, arch_ipa(UINT64_MAX), ARCH_READ),
                     WALK_FAULT);
    assert_int_equal(arch_fault_status_code(&w.fault), 0x04);
    assert_int_equal(allocations_n, 0);
}

static void translating_allocates_nothing(void **state)
{
    static const struct walk_cpu cpu = {.features = {.pa_bits = 48}};
    static const struct walk_query q = {.va = {0x1000}, .el = 1};
    const struct walk_regs regs = {
        .sctlr_el1 = 1, .tcr_el1 = 32, .vtcr_el2 = 32 | 1 << 6, .hcr_el2 = 1};
    struct walk_context ctx;
    struct walk w;

    (void)state;
    allocations_n = 0;
    walk_context_init(&ctx, &cpu, &regs);
    enum walk_next next = walk_begin(&w, &ctx, &q);
    while (next == WALK_NEED_DESC)
        next = walk_feed(&w, UINT64_C(0x4000) | ARCH_DESC_AF | ARCH_DESC_S2AP_R |
                                 ARCH_DESC_TABLE | ARCH_DESC_VALID);
    assert_int_equal(next, WALK_DONE);
    assert_int_equal(allocations_n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(choosing_and_walking_allocate_nothing),
        cmocka_unit_test(translating_allocates_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
