/* SPDX-License-Identifier: Apache-2.0 */
/* walker/plan.h - what the registers of one stage come to, worked out before a walk:
 * where it starts, and how to tell plain descriptors.
 *
 * A plain descriptor names a table, or maps a block or page, inside the output size,
 * and has nothing of which its meaning further depends: no Access flag of 0, nT,
 * contiguous bit, DBM that counts, address bits above 48. What such a one means is a
 * mask and a shift; the general functions of s1_walk.c and s2_walk.c decide all others
 * and would say the same of these. */
#ifndef WALKER_PLAN_H
#define WALKER_PLAN_H

#include "walker/arch/bits.h"
#include "walker/arch/desc.h"
#include "walker/perms.h"

#define WALK_PLAN_ADDRESS ((UINT64_C(1) << 48) - 1)

struct walk_plan {
    bool known;          /* else no descriptor is plain, and all is 0 */
    int8_t start_level;  /* -1..3 */
    uint8_t input_bits;  /* of an address */
    uint8_t shifts[5];   /* [level + 1]: log2 of the bytes that a descriptor maps */
    uint64_t base;       /* of the start table, inside the output size */
    uint64_t index_mask; /* bytes that an index below the start table is into a table */
    uint64_t table_mask; /* a plain table: & this is ARCH_DESC_TABLE | _VALID, ... */
    uint64_t table_bits; /* ... and & this its address; not at level 3 */
    struct {
        uint64_t mask, want; /* a plain leaf: & mask is want */
    } leaves[5];             /* [level + 1] */
};

/* Bytes from the start of the table of that level, below the start table, to the
 * descriptor of ia. */
static inline uint64_t walk_plan_offset(const struct walk_plan *p, uint64_t ia,
                                        int level)
{
    return ia >> (p->shifts[level + 1] - 3u) & p->index_mask;
}

/* The same of the start table; ia is inside input_bits. */
static inline uint64_t walk_plan_start(const struct walk_plan *p, uint64_t ia)
{
    return p->base + (ia >> p->shifts[p->start_level + 1]) * ARCH_DESC_BYTES;
}

static inline bool walk_plan_is_table(const struct walk_plan *p, uint64_t desc,
                                      int level)
{
    return level < 3 && (desc & p->table_mask) == (ARCH_DESC_TABLE | ARCH_DESC_VALID);
}

static inline bool walk_plan_is_leaf(const struct walk_plan *p, uint64_t desc,
                                     int level)
{
    return (desc & p->leaves[level + 1].mask) == p->leaves[level + 1].want && p->known;
}

/* The output address of a plain leaf. */
static inline uint64_t walk_plan_oa(const struct walk_plan *p, uint64_t desc,
                                    uint64_t ia, int level)
{
    const uint64_t inside = (UINT64_C(1) << p->shifts[level + 1]) - 1;

    return (desc & WALK_PLAN_ADDRESS & ~inside) | (ia & inside);
}

/* What a stage is, for walk_plan_init(). */
struct walk_plan_in {
    enum arch_tg tg;
    bool lpa2;
    bool dirty_managed; /* HA and HD */
    uint8_t input_bits;
    int8_t start_level;
    uint8_t align_shift; /* of the start table */
    uint8_t oa_bits;     /* effective output size */
    uint8_t pa_bits;     /* implemented PA size */
    uint64_t base;       /* bits below its alignment are ignored */
};

/* known stays false if the start table is outside the output size. */
void walk_plan_init(struct walk_plan *p, const struct walk_plan_in *in);

#endif
