/* SPDX-License-Identifier: Apache-2.0 */
/* tlb/fill.c - which size a translation is held at, and which entry makes room for it.
 */
#include "tlb/tlb_priv.h"

#include <assert.h>

/* Index of the largest configured size that fits into the leaf, or -1. */
static int size_for(const struct tlb *t, unsigned leaf_shift)
{
    int size_i = t->sizes_n - 1;

    while (size_i >= 0 && t->size_shifts[size_i] > leaf_shift)
        size_i--;
    return size_i;
}

/* The first empty slot of the set, else the least recently used one. */
static uint32_t victim(const struct tlb *t, uint32_t base)
{
    uint32_t oldest = base;

    for (uint32_t slot = base + 1; slot < base + t->ways_n; slot++) {
        if (t->used[slot] < t->used[oldest])
            oldest = slot;
    }
    return oldest;
}

/* True if an access could hit both. */
static bool meet(const struct tlb_tag *a, const struct tlb_tag *b)
{
    return a->vmid == b->vmid && (!a->ng || !b->ng || a->asid == b->asid);
}

static uint32_t slot_for(struct tlb *t, uint32_t base, uint64_t key,
                         const struct tlb_tag *tag)
{
    for (uint32_t slot = base; slot < base + t->ways_n; slot++) {
        if (t->keys[slot] == key && meet(&t->tags[slot], tag))
            tlb_drop(t, slot);
    }

    const uint32_t slot = victim(t, base);

    if (t->keys[slot] != 0)
        tlb_drop(t, slot);
    return slot;
}

const struct tlb_entry *tlb_fill(struct tlb *t, const struct tlb_entry *leaf)
{
    assert(leaf->leaf_shift < 64 && leaf->kind < TLB_KINDS_N);

    const int found = size_for(t, leaf->leaf_shift);

    if (found < 0)
        return NULL;

    const unsigned size_i = (unsigned)found;
    const unsigned shift = t->size_shifts[size_i];
    const uint64_t inside = leaf->ia & ((UINT64_C(1) << shift) - 1);
    const uint64_t key = tlb_key(leaf->ia, shift, size_i, leaf->kind);
    /* leaf may be an entry of this very TLB, so it is copied before a slot is freed. */
    struct tlb_entry made = *leaf;

    made.ia -= inside;
    made.oa.v -= inside;
    made.size_shift = (uint8_t)shift;
    made.ng = made.ng && made.kind != TLB_S2_ONLY;

    const struct tlb_tag tag = {made.vmid, made.asid, made.ng};
    const uint32_t slot = slot_for(t, tlb_set_base(t, made.ia, shift), key, &tag);

    t->keys[slot] = key;
    t->tags[slot] = tag;
    t->used[slot] = ++t->clock;
    t->entries[slot] = made;
    t->valid_n[made.kind][size_i]++;
    t->held[made.kind] |= (uint8_t)(1u << size_i);
    return &t->entries[slot];
}
