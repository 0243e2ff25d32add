/* SPDX-License-Identifier: Apache-2.0 */
/* walker/arch/granule.h - translation granules and what their size decides. */
#ifndef WALKER_ARCH_GRANULE_H
#define WALKER_ARCH_GRANULE_H

#include <stdint.h>

/* The value is log2 of the granule's bytes. */
enum arch_tg { ARCH_TG_4K = 12, ARCH_TG_16K = 14, ARCH_TG_64K = 16 };

#define ARCH_DESC_BYTES 8u

/* Address bits that one look-up level resolves: 9, 11 or 13. */
static inline unsigned arch_stride_bits(enum arch_tg tg)
{
    return (unsigned)tg - 3u;
}

/* log2 of the bytes that one descriptor of level (-1..3) maps. */
static inline unsigned arch_level_shift(enum arch_tg tg, int level)
{
    return (unsigned)tg + (unsigned)(3 - level) * arch_stride_bits(tg);
}

/* The level (at most 3) whose descriptors map 1 << shift bytes: the inverse. */
static inline int arch_level_of_shift(enum arch_tg tg, unsigned shift)
{
    int level = 3;

    for (unsigned s = (unsigned)tg + arch_stride_bits(tg); s <= shift;
         s += arch_stride_bits(tg))
        level--;
    return level;
}

/* Descriptors in a table of one granule: 512, 2048 or 8192. */
static inline uint32_t arch_table_entries(enum arch_tg tg)
{
    return UINT32_C(1) << arch_stride_bits(tg);
}

#endif
