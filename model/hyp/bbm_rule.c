/* SPDX-License-Identifier: Apache-2.0 */
#include "model/hyp/bbm_rule.h"

#include "walker/arch/desc.h"

/* Permissions, Access flag, dirty bit modifier, nT and software bits: a change of these
 * alone needs a TLBI, not a break. */
#define FREE_BITS                                                                      \
    (ARCH_DESC_S2AP_R | ARCH_DESC_S2AP_W | ARCH_DESC_S2_XN | ARCH_DESC_AF |            \
     ARCH_DESC_DBM | (UINT64_C(0xf) << 55))

static bool is_table(uint64_t desc, int level)
{
    return level < 3 && (desc & ARCH_DESC_TABLE);
}

bool hyp_store_is_legal(uint64_t old, uint64_t desc, int level, unsigned bbm_level)
{
    uint64_t same_leaf = FREE_BITS | (level < 3 ? ARCH_DESC_NT : 0) |
                         (bbm_level >= 2 ? ARCH_DESC_CONTIGUOUS : 0);

    if (!(old & ARCH_DESC_VALID) || !(desc & ARCH_DESC_VALID) || old == desc)
        return true;
    if (!is_table(old, level) && !is_table(desc, level))
        return ((old ^ desc) & ~same_leaf) == 0;
    if (is_table(old, level) && is_table(desc, level))
        return false;
    /* A block size change: free at level 2, at level 1 the block must carry nT. */
    if (bbm_level >= 2)
        return true;
    return bbm_level == 1 && ((is_table(old, level) ? desc : old) & ARCH_DESC_NT);
}
