/* SPDX-License-Identifier: Apache-2.0 */
#include "model/monitor/change.h"

#include "walker/arch/desc.h"

/* The same bits in both stages: AP[2:1] or S2AP, XN, AF, DBM, software. */
#define FREE_BITS                                                                      \
    (ARCH_DESC_S2AP_R | ARCH_DESC_S2AP_W | ARCH_DESC_S2_XN | ARCH_DESC_AF |            \
     ARCH_DESC_DBM | (UINT64_C(0xf) << 55))

#define ADDRESS_BITS (((UINT64_C(1) << 48) - 1) & ~UINT64_C(0xfff))

bool mon_is_harmless(uint64_t old, uint64_t desc)
{
    return (old & ARCH_DESC_VALID) && ((old ^ desc) & ~FREE_BITS) == 0 &&
           (!(old & ARCH_DESC_AF) || (desc & ARCH_DESC_AF));
}

static bool is_table(uint64_t desc, int level)
{
    return level < 3 && (desc & ARCH_DESC_TABLE);
}

bool mon_is_resize(uint64_t old, uint64_t desc, int level)
{
    return is_table(old, level) != is_table(desc, level);
}

bool mon_has_nt(uint64_t desc, int level)
{
    return level < 3 && (desc & ARCH_DESC_VALID) && !(desc & ARCH_DESC_TABLE) &&
           (desc & ARCH_DESC_NT);
}

static enum mon_rule leaf_rule(uint64_t old, uint64_t desc, int level,
                               unsigned bbm_level)
{
    const uint64_t free_bits = FREE_BITS | (level < 3 ? ARCH_DESC_NT : 0);
    const uint64_t changed = (old ^ desc) & ~free_bits;

    if (changed & ~ARCH_DESC_CONTIGUOUS)
        return MON_RULE_LEAF;
    if (changed && bbm_level < 2)
        return MON_RULE_CONTIGUOUS;
    return MON_RULE_NONE;
}

static enum mon_rule resize_rule(uint64_t old, uint64_t desc, int level,
                                 unsigned bbm_level)
{
    const bool nt = mon_has_nt(is_table(old, level) ? desc : old, level);

    if (bbm_level >= 2 || (bbm_level == 1 && nt))
        return MON_RULE_NONE;
    return nt ? MON_RULE_NT : MON_RULE_RESIZE;
}

enum mon_rule mon_change_rule(uint64_t old, uint64_t desc, int level,
                              unsigned bbm_level)
{
    if (!(old & ARCH_DESC_VALID) || !(desc & ARCH_DESC_VALID) || old == desc)
        return MON_RULE_NONE;
    if (mon_is_resize(old, desc, level))
        return resize_rule(old, desc, level, bbm_level);
    if (is_table(old, level))
        return MON_RULE_RETABLE;
    if (bbm_level == 0 && mon_has_nt(desc, level) && !mon_has_nt(old, level))
        return MON_RULE_NT;
    return leaf_rule(old, desc, level, bbm_level);
}

bool mon_leaf_agrees(uint64_t leaf, int leaf_level, uint64_t block, uint64_t offset)
{
    const uint64_t nt = leaf_level < 3 ? ARCH_DESC_NT : 0;
    const uint64_t oa = (block & ADDRESS_BITS & ~ARCH_DESC_NT) + offset;
    const uint64_t attrs = ~(ADDRESS_BITS | FREE_BITS | ARCH_DESC_CONTIGUOUS |
                             ARCH_DESC_TABLE | ARCH_DESC_VALID);

    return (leaf & ADDRESS_BITS & ~nt) == oa && ((leaf ^ block) & attrs) == 0;
}
