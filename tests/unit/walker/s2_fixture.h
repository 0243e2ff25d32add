/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/s2_fixture.h - the VM that most walk tests use. */
#ifndef TESTS_UNIT_WALKER_S2_FIXTURE_H
#define TESTS_UNIT_WALKER_S2_FIXTURE_H

#include "tests/unit/walker/rows.h"
#include "walker/s2_walk.h"

#include <stdbool.h>

#define RW (ARCH_DESC_S2AP_R | ARCH_DESC_S2AP_W)
#define PAGE_RW (UINT64_C(3) | RW | ARCH_DESC_AF)
#define BLOCK_RW (UINT64_C(1) | RW | ARCH_DESC_AF)
#define TABLE UINT64_C(3)
#define GIB (UINT64_C(1) << 30)

/* 4K, 40-bit IPA and PA, start level 1, two tables. */
static inline struct walk_s2_cfg cfg_4k(void)
{
    return (struct walk_s2_cfg){
        .vtcr = {.tg = ARCH_TG_4K, .t0sz = 24, .sl0 = 1, .ps = 2},
        .baddr = {UINT64_C(0x80002000)},
        .pa_bits = 48,
    };
}

static inline void expect_fault(size_t row, const char *rule, const struct walk_s2 *w,
                                enum arch_fault_type type, int level)
{
    check_row(row, rule, w->fault.type, type);
    check_row(row, rule, w->fault.stage, 2);
    check_row(row, rule, w->fault.level, level);
    check_row(row, rule, w->fault.s1ptw, false);
}

#endif
