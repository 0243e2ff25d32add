/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/both_stages.h - a page behind both stages.
 *
 * Stage 1 as in s1_walk_test.c, its tables and pages at IPAs. Stage 2: 4K, 32-bit IPA,
 * one table of 4 entries of 1G at PA 0x40000 (level 1). IPA 0 to 1G, with the stage 1
 * tables, lies at PA 0; 1G to 2G at PA 0x80000000. */
#ifndef TESTS_UNIT_WALKER_BOTH_STAGES_H
#define TESTS_UNIT_WALKER_BOTH_STAGES_H

#include "tests/unit/walker/walk_fixture.h"

#define TCR (UINT64_C(39) | UINT64_C(39) << 16 | TCR_TG1_4K | TCR_IPS_48)
#define VTCR (UINT64_C(1) << 31 | UINT64_C(5) << 16 | UINT64_C(1) << 6 | 32)
#define GIB UINT64_C(0x40000000)
#define S2_TABLES UINT64_C(0x40000)      /* descriptor of IPA 0 to 1G */
#define S2_PAGES (UINT64_C(0x40000) + 8) /* descriptor of IPA 1G to 2G */

static inline struct walk_regs both_stages(void)
{
    return (struct walk_regs){.sctlr_el1 = 1,
                              .tcr_el1 = TCR | UINT64_C(1) << 36,
                              .ttbr0_el1 = UINT64_C(0x12) << 48 | 0x10000,
                              .ttbr1_el1 = 0x11000,
                              .hcr_el2 = HCR_VM,
                              .vtcr_el2 = VTCR,
                              .vttbr_el2 = UINT64_C(7) << 48 | S2_TABLES};
}

static inline struct memory page_behind_both(void)
{
    return (struct memory){.words = {{0x10000, 0x20003},
                                     {0x20008, (GIB + 0x300000) | S1_PAGE},
                                     {S2_TABLES, S2_BLOCK},
                                     {S2_PAGES, UINT64_C(0x80000000) | S2_BLOCK}},
                           .n = 4};
}

static const struct walk_query load = {.va = {0x1abc}, .el = 1};
static const struct walk_query store = {.va = {0x1abc}, .el = 1, .access = ARCH_WRITE};

#endif
