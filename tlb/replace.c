/* SPDX-License-Identifier: Apache-2.0 */
/* tlb/replace.c - which way of a set goes next.
 *
 * PLRU: a binary tree over the ways of a set. Node 1 is the root, node n has the
 * children 2n (lower half of its ways) and 2n + 1; bit n of trees[set] set: the next
 * victim is in the upper half. A hit or fill turns each node on its path away from it.
 */
#include "tlb/tlb_priv.h"

static uint32_t set_of(const struct tlb *t, uint32_t base)
{
    return base >> t->ways_shift;
}

void tlb_turn_away(struct tlb *t, uint32_t base, uint32_t slot)
{
    const uint32_t way = slot - base;
    uint64_t *tree = &t->trees[set_of(t, base)];
    unsigned node = 1;

    for (unsigned level = t->ways_shift; level-- > 0;) {
        const unsigned upper = way >> level & 1;

        *tree = (*tree & ~(UINT64_C(1) << node)) | (uint64_t)!upper << node;
        node = 2 * node + upper;
    }
}

static uint32_t plru_victim(const struct tlb *t, uint32_t base)
{
    const uint64_t tree = t->trees[set_of(t, base)];
    unsigned node = 1;

    while (node < t->ways_n)
        node = 2 * node + (unsigned)(tree >> node & 1);
    return base + node - t->ways_n;
}

static uint32_t slot_of(uint64_t used)
{
    return (uint32_t)used & TLB_SLOT_MASK;
}

/* Or the first empty slot, whose time is 0, if none is dead. */
static uint32_t lru_victim(const struct tlb *t, uint32_t base)
{
    const uint64_t *used = &t->front.used[base];
    uint64_t least = used[0];

#pragma GCC unroll 4
    for (uint32_t way = 1; way < t->ways_n; way++)
        least = used[way] < least ? used[way] : least;
    return slot_of(least);
}

/* Those of the only set that were used least recently, beginning where fills without
 * hits in between have left the oldest. */
__attribute__((noinline)) static void find_victims(struct tlb *t, uint32_t begin)
{
    uint32_t n = 0;

    for (uint32_t way = 0; way < t->ways_n; way++) {
        const uint32_t slot =
            begin + way < t->ways_n ? begin + way : begin + way - t->ways_n;
        const uint64_t used = t->front.used[slot];

        if (n == TLB_VICTIMS_N && used > t->victims[n - 1])
            continue;

        uint32_t i = n < TLB_VICTIMS_N ? n++ : n - 1;
        for (; i > 0 && t->victims[i - 1] > used; i--)
            t->victims[i] = t->victims[i - 1];
        t->victims[i] = used;
    }
    t->victims_n = n;
    t->victim_i = 0;
}

/* As lru_victim(), of a full set. What was filled or hit since the victims were found
 * was used more recently than they. */
static uint32_t next_victim(struct tlb *t)
{
    for (;;) {
        while (t->victim_i < t->victims_n) {
            const uint64_t used = t->victims[t->victim_i++];

            if (t->front.used[slot_of(used)] == used)
                return slot_of(used);
        }
        find_victims(t, t->victims_n ? slot_of(t->victims[t->victims_n - 1]) : 0);
    }
}

uint32_t tlb_random_below(uint64_t *state, uint32_t n)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    z ^= z >> 31;
    return (uint32_t)((z >> 32) * n >> 32);
}

static uint32_t first_empty(struct tlb *t, uint32_t base)
{
    const bool one_set = t->set_mask == 0;

    for (uint32_t slot = one_set ? t->no_empty_below : base; slot < base + t->ways_n;
         slot++) {
        if (tlb_is_live(t, slot))
            continue;
        t->no_empty_below = one_set ? slot : 0;
        return slot;
    }
    return TLB_SLOT_NONE;
}

/* Where some slot is empty, or the replacement is not LRU. */
__attribute__((noinline)) static uint32_t choose(struct tlb *t, uint32_t base)
{
    if (t->n < t->entries_n) {
        const uint32_t slot = first_empty(t, base);

        if (slot != TLB_SLOT_NONE)
            return slot;
    }
    if (t->replacement == TLB_REPLACE_PLRU)
        return plru_victim(t, base);
    if (t->replacement == TLB_REPLACE_RANDOM)
        return base + tlb_random_below(&t->random, t->ways_n);
    return lru_victim(t, base);
}

uint32_t tlb_choose(struct tlb *t, uint32_t base)
{
    if (t->by_hint && t->set_mask == 0)
        return t->n == t->entries_n ? next_victim(t) : first_empty(t, base);
    return t->replacement == TLB_REPLACE_LRU && t->dead_n == 0 ? lru_victim(t, base)
                                                               : choose(t, base);
}
