/* SPDX-License-Identifier: Apache-2.0 */
/* model/mmu/mmu_priv.h - what the answers to a walk and the fills after it share. */
#ifndef MODEL_MMU_MMU_PRIV_H
#define MODEL_MMU_MMU_PRIV_H

#include "model/mmu/caches.h"

/* struct tlb_entry.attrs of a translation of one stage */
#define MMU_S2_DEVICE UINT64_C(1)
#define MMU_LEAF_NT UINT64_C(2)

static inline uint64_t mmu_oldest(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* No TLBI that came while it was found covers any part of what one entry may hold. */
bool mmu_may_fill(struct mmu_caches *m, const struct mmu_walk *w,
                  const struct tlb_entry *found);

/* All structures that there are; returns how many. */
#define MMU_STRUCTURES_MAX 10
unsigned mmu_structures(const struct mmu_caches *m,
                        struct tlb *out[MMU_STRUCTURES_MAX]);

/* mmu_answer() without what the caches learn by it. */
enum walk_next mmu_consult(struct mmu_caches *m, struct mmu_walk *w);

#endif
