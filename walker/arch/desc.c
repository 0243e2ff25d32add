/* SPDX-License-Identifier: Apache-2.0 */
/* walker/arch/desc.c - reading and building descriptors. */
#include "walker/arch/desc.h"

#include <assert.h>

#define DESC_XN_0 (UINT64_C(1) << 53)
#define DESC_XN_1 (UINT64_C(1) << 54)

/* Address bits [47:shift] in place. */
static uint64_t address_field(uint64_t desc, unsigned shift)
{
    return desc & ((UINT64_C(1) << 48) - (UINT64_C(1) << shift));
}

/* OA[51:48], wherever the format has them. */
static uint64_t address_above_48(uint64_t desc, enum arch_tg tg, bool ds)
{
    if (tg == ARCH_TG_64K)
        return (desc >> 12 & 0xf) << 48;
    if (ds)
        return (desc >> 8 & 3) << 50 | (desc >> 48 & 3) << 48;
    return 0;
}

/* ArmARM: AArch64.BlockDescSupported. */
static bool block_supported(int level, enum arch_tg tg, bool ds, unsigned pa_bits)
{
    switch (tg) {
    case ARCH_TG_4K:
        return level == 1 || level == 2 || (level == 0 && ds);
    case ARCH_TG_16K:
        return level == 2 || (level == 1 && ds);
    case ARCH_TG_64K:
        return level == 2 || (level == 1 && pa_bits >= 52);
    }
    return false;
}

enum arch_desc_kind arch_desc_kind(uint64_t desc, int level, enum arch_tg tg, bool ds,
                                   unsigned pa_bits)
{
    assert(level >= -1 && level <= 3);
    if (!(desc & ARCH_DESC_VALID))
        return ARCH_DESC_KIND_INVALID;
    if (desc & ARCH_DESC_TABLE)
        return level == 3 ? ARCH_DESC_KIND_LEAF : ARCH_DESC_KIND_TABLE;
    return block_supported(level, tg, ds, pa_bits) ? ARCH_DESC_KIND_LEAF
                                                   : ARCH_DESC_KIND_INVALID;
}

struct arch_pa arch_desc_table_pa(uint64_t desc, enum arch_tg tg, bool ds)
{
    return arch_pa(address_field(desc, (unsigned)tg) | address_above_48(desc, tg, ds));
}

struct arch_pa arch_desc_leaf_pa(uint64_t desc, int level, enum arch_tg tg, bool ds)
{
    assert(level >= 0 && level <= 3 && arch_level_shift(tg, level) < 48);
    return arch_pa(address_field(desc, arch_level_shift(tg, level)) |
                   address_above_48(desc, tg, ds));
}

uint64_t arch_desc_implemented_oa(uint64_t oa, enum arch_tg tg, unsigned pa_bits)
{
    return tg == ARCH_TG_64K && pa_bits < 52 ? oa & ((UINT64_C(1) << 48) - 1) : oa;
}

unsigned arch_contiguous_shift(int level, enum arch_tg tg)
{
    switch (tg) {
    case ARCH_TG_4K:
        return level >= 1 ? 4 : 0;
    case ARCH_TG_16K:
        return level == 3 ? 7 : level == 2 ? 5 : 0;
    case ARCH_TG_64K:
        return level >= 2 ? 5 : 0;
    }
    return 0;
}

/* xn: execution is forbidden by the XN field. */
static bool allows(uint64_t desc, enum arch_access access, bool xn)
{
    switch (access) {
    case ARCH_READ:
        return desc & ARCH_DESC_S2AP_R;
    case ARCH_WRITE:
        return desc & ARCH_DESC_S2AP_W;
    case ARCH_EXECUTE:
        return !xn;
    }
    return false;
}

bool arch_desc_s2_allows(uint64_t desc, enum arch_access access)
{
    return allows(desc, access, desc & DESC_XN_1);
}

/* XN 00 both execute, 01 only EL0, 10 none, 11 only EL1. */
bool arch_desc_s2_executable(uint64_t desc, bool xnx, unsigned el)
{
    const bool xn_1 = desc & DESC_XN_1;
    const bool xn_0 = xnx && (desc & DESC_XN_0);

    assert(el <= 1);
    return el == 0 ? !xn_1 : xn_1 == xn_0;
}

bool arch_desc_s2_allows_xnx(uint64_t desc, enum arch_access access, unsigned el)
{
    return allows(desc, access, !arch_desc_s2_executable(desc, true, el));
}

uint64_t arch_desc_make_table(struct arch_pa table)
{
    assert(table.v == address_field(table.v, ARCH_TG_4K));
    return table.v | ARCH_DESC_TABLE | ARCH_DESC_VALID;
}

uint64_t arch_desc_make_leaf(struct arch_pa oa, int level, uint64_t attrs)
{
    assert(oa.v == address_field(oa.v, ARCH_TG_4K));
    assert(level >= 0 && level <= 3);
    assert(!(attrs & (ARCH_DESC_VALID | ARCH_DESC_TABLE)));
    return oa.v | attrs | (level == 3 ? ARCH_DESC_TABLE : 0) | ARCH_DESC_VALID;
}
