/* SPDX-License-Identifier: Apache-2.0 */
/* walker/plan.c - the masks of plain descriptors. */
#include "walker/plan.h"

/* Where the format has OA[51:48]; a plain descriptor has zeros there. */
static uint64_t above_48(const struct walk_plan_in *in)
{
    if (in->tg == ARCH_TG_64K)
        return UINT64_C(0xf) << 12;
    return in->lpa2 ? UINT64_C(3) << 8 | UINT64_C(3) << 48 : 0;
}

/* Address bits that must be 0 in a descriptor which maps 1 << shift bytes or names a
 * table of as many. */
static uint64_t out_of_range(const struct walk_plan_in *in, unsigned shift)
{
    const uint64_t address = WALK_PLAN_ADDRESS & ~((UINT64_C(1) << shift) - 1);

    return (in->oa_bits < 48 ? address >> in->oa_bits << in->oa_bits : 0) |
           above_48(in);
}

static void plan_leaf(struct walk_plan *p, const struct walk_plan_in *in, int level)
{
    const uint64_t kind = ARCH_DESC_VALID | (level == 3 ? ARCH_DESC_TABLE : 0);
    const unsigned i = (unsigned)(level + 1);

    /* The input address alone could be outside of an output size below a block. */
    if (arch_desc_kind(kind, level, in->tg, in->lpa2, in->pa_bits) !=
            ARCH_DESC_KIND_LEAF ||
        p->shifts[i] > in->oa_bits)
        return;
    p->leaves[i].want = kind | ARCH_DESC_AF;
    p->leaves[i].mask = ARCH_DESC_VALID | ARCH_DESC_TABLE | ARCH_DESC_AF |
                        ARCH_DESC_CONTIGUOUS | (level < 3 ? ARCH_DESC_NT : 0) |
                        (in->dirty_managed ? ARCH_DESC_DBM : 0) |
                        out_of_range(in, p->shifts[i]);
}

void walk_plan_init(struct walk_plan *p, const struct walk_plan_in *in)
{
    const uint64_t base = in->base - arch_low_bits(in->base, in->align_shift);

    *p = (struct walk_plan){.known = false};
    if (base >> in->oa_bits)
        return;
    p->known = true;
    p->start_level = in->start_level;
    p->input_bits = in->input_bits;
    p->base = base;
    p->index_mask = (arch_table_entries(in->tg) - 1) * (uint64_t)ARCH_DESC_BYTES;
    p->table_mask =
        ARCH_DESC_TABLE | ARCH_DESC_VALID | out_of_range(in, (unsigned)in->tg);
    p->table_bits = WALK_PLAN_ADDRESS & ~((UINT64_C(1) << in->tg) - 1);
    for (unsigned i = 0; i < 5; i++)
        p->leaves[i].want = 1; /* no descriptor has bits outside of the mask 0 */
    /* A cache that was filled under other registers may name a table of a level above
     * the start. */
    for (int level = in->start_level < 0 ? -1 : 0; level <= 3; level++)
        p->shifts[level + 1] = (uint8_t)arch_level_shift(in->tg, level);
    for (int level = in->start_level; level <= 3; level++)
        plan_leaf(p, in, level);
}
