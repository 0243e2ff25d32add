/* SPDX-License-Identifier: Apache-2.0 */
/* tlb/hit.h - the look-ups that hit most of the time, in a few instructions: of a page
 * that its hint knows, while all translations held are of one size.
 *
 * The caller asks tlb_hit() before tlb_lookup(); what it answers and does is the same.
 */
#ifndef TLB_HIT_H
#define TLB_HIT_H

#include "tlb/tlb.h"

#define TLB_HINTS_N 128u
#define TLB_SLOT_BITS 20 /* of the number of a slot */
#define TLB_SLOT_MASK ((1u << TLB_SLOT_BITS) - 1)

/* What a hit needs of an entry. It is taken back when the entry goes. */
struct tlb_hint {
    uint64_t key;    /* tlb_key() of the entry; 0: none */
    uint64_t whose;  /* tlb_who() of look-ups that hit it, and the epoch */
    uint64_t offset; /* from input to output addresses */
    uint32_t slot;
    uint32_t allows; /* of enum tlb_perm, to privileged accesses; no write that has to
                      * walk because of write_clean */
};

/* What such look-ups read of a TLB, and the order of its hits. */
struct tlb_front {
    struct tlb_hint *hints; /* [TLB_HINTS_N], by the page */
    uint64_t *used;   /* LRU: [slot] clock of the last hit or fill, and the slot in the
                       * bits below TLB_SLOT_BITS; of an empty slot no clock */
    uint64_t clock;   /* of the last of all, 0 in those bits */
    uint64_t epoch;   /* in bits 63:32, never 0; hints of earlier ones are void */
    uint64_t key_low; /* of combined translations of the only size held; 0: of several,
                       * or none */
    uint32_t shift;   /* log2 of that size */
};

/* NULL: t has no hints, or needs more than that for a hit. */
struct tlb_front *tlb_front_of(struct tlb *t);

/* The bits that tell whose a translation is. */
static inline uint32_t tlb_who(const struct tlb_tag *tag)
{
    const uint32_t vmid = tag->regime == ARCH_REGIME_EL10 ? tag->vmid : 0;

    return vmid | (uint32_t)tag->asid << 16;
}

static inline struct tlb_hint *tlb_hint_at(const struct tlb_front *f, uint64_t key,
                                           unsigned shift)
{
    return &f->hints[(key >> shift) & (TLB_HINTS_N - 1)];
}

/* tlb_hint.whose of hits of who. */
static inline uint64_t tlb_whose(const struct tlb_front *f, uint32_t who)
{
    return f->epoch | who;
}

/**
 * tlb_hit() - what tlb_lookup() of a combined translation in EL1&0 would hit.
 * @whose: tlb_whose() of the access.
 * @ia:    as of tlb_lookup().
 *
 * NULL says nothing. If the hint is used tlb_hit_used() must follow, before anything
 * else happens to the TLB.
 */
static inline const struct tlb_hint *tlb_hit(const struct tlb_front *f, uint64_t whose,
                                             uint64_t ia)
{
    const uint64_t page = ia >> f->shift;
    const struct tlb_hint *h = &f->hints[page & (TLB_HINTS_N - 1)];

    return h->key == (page << f->shift | f->key_low) && h->whose == whose ? h : NULL;
}

/* The next moment of f->clock. */
static inline uint64_t tlb_tick(struct tlb_front *f)
{
    return f->clock += UINT64_C(1) << TLB_SLOT_BITS;
}

/* The most recently used of its set is now the entry of h. */
static inline void tlb_hit_used(struct tlb_front *f, const struct tlb_hint *h)
{
    f->used[h->slot] = tlb_tick(f) | h->slot;
}

#endif
