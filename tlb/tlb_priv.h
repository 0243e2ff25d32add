/* SPDX-License-Identifier: Apache-2.0 */
/* tlb/tlb_priv.h - how a TLB lies in memory, shared by the files of tlb/ only.
 *
 * A look-up reads keys[] and, on a match, one tags[] element; entries[] and used[] are
 * touched by hits, fills and invalidations only. All arrays are [set][way], flat. */
#ifndef TLB_TLB_PRIV_H
#define TLB_TLB_PRIV_H

#include "tlb/tlb.h"

#include <stddef.h>
#include <stdint.h>

#define TLB_KINDS_N 2
#define TLB_SLOT_NONE UINT32_MAX

/* Whose entry it is. */
struct tlb_tag {
    uint16_t vmid;
    uint16_t asid;
    bool ng;
};

struct tlb {
    uint64_t *keys; /* tlb_key(), 0: the slot is empty */
    struct tlb_tag *tags;
    uint64_t *used; /* clock of the last hit or fill, 0: the slot is empty */
    struct tlb_entry *entries;
    uint64_t clock;
    uint32_t entries_n;
    uint32_t ways_n;
    uint32_t set_mask;
    uint32_t valid_n[TLB_KINDS_N][TLB_SIZES_MAX];
    uint8_t held[TLB_KINDS_N]; /* bit i: valid_n[kind][i] is not 0 */
    uint8_t sizes_n;
    uint8_t size_shifts[TLB_SIZES_MAX];
};

/* Bits below the smallest size_shift (12) are free for what tells entries apart. */
static inline uint64_t tlb_key(uint64_t ia, unsigned size_shift, unsigned size_i,
                               unsigned kind)
{
    return (ia >> size_shift << size_shift) | kind << 4 | size_i << 1 | 1u;
}

static inline unsigned tlb_key_size(uint64_t key)
{
    return (unsigned)(key >> 1) & (TLB_SIZES_MAX - 1u);
}

static inline unsigned tlb_key_kind(uint64_t key)
{
    return (unsigned)(key >> 4) & (TLB_KINDS_N - 1u);
}

static inline uint32_t tlb_set_base(const struct tlb *t, uint64_t ia,
                                    unsigned size_shift)
{
    return ((uint32_t)(ia >> size_shift) & t->set_mask) * t->ways_n;
}

/* The slot of set base that holds key for asid of vmid, or TLB_SLOT_NONE. */
static inline uint32_t tlb_find(const struct tlb *t, uint32_t base, uint64_t key,
                                uint16_t vmid, uint16_t asid)
{
    const uint32_t end = base + t->ways_n;

    for (uint32_t slot = base; slot < end; slot++) {
        const struct tlb_tag *tag = &t->tags[slot];

        if (t->keys[slot] == key && tag->vmid == vmid &&
            (!tag->ng || tag->asid == asid))
            return slot;
    }
    return TLB_SLOT_NONE;
}

/* Takes the entry of an occupied slot out of keys and counts. */
static inline void tlb_drop(struct tlb *t, uint32_t slot)
{
    const unsigned kind = tlb_key_kind(t->keys[slot]);
    const unsigned size_i = tlb_key_size(t->keys[slot]);

    t->keys[slot] = 0;
    t->used[slot] = 0;
    if (--t->valid_n[kind][size_i] == 0)
        t->held[kind] &= (uint8_t) ~(1u << size_i);
}

#endif
