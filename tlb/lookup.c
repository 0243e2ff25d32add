/* SPDX-License-Identifier: Apache-2.0 */
/* tlb/lookup.c - hit or miss: one probe for each page size that is held at the moment.
 */
#include "tlb/tlb_priv.h"

/* The first match at one of the sizes of mask, lowest bit first; that bit and the ones
 * below it leave mask. */
static inline uint32_t find_next(const struct tlb *t, const struct tlb_tag *who,
                                 unsigned class_i, uint64_t ia, unsigned *mask)
{
    const uint32_t bits = tlb_who(who);

    while (*mask != 0) {
        const unsigned size_i = (unsigned)__builtin_ctz(*mask);
        const unsigned shift = t->size_shifts[size_i];
        const uint64_t key =
            tlb_key(ia, shift, tlb_key_low(who->regime, class_i, size_i));
        const uint32_t slot = tlb_find(t, tlb_set_base(t, ia, shift), key, bits);

        *mask &= *mask - 1;
        if (slot != TLB_SLOT_NONE)
            return slot;
    }
    return TLB_SLOT_NONE;
}

const struct tlb_entry *tlb_lookup(struct tlb *t, const struct tlb_tag *who,
                                   enum tlb_kind kind, bool table, uint64_t ia)
{
    const unsigned class_i = tlb_class((unsigned)kind, table);
    unsigned mask = t->held[class_i];
    const uint32_t slot = find_next(t, who, class_i, ia, &mask);

    if (slot == TLB_SLOT_NONE)
        return NULL;
    tlb_touch(t, tlb_set_base(t, ia, t->entries[slot].size_shift), slot);
    return &t->entries[slot];
}

uint32_t tlb_matches(const struct tlb *t, const struct tlb_tag *who, enum tlb_kind kind,
                     uint64_t ia)
{
    const unsigned class_i = tlb_class((unsigned)kind, false);
    unsigned mask = t->held[class_i];
    uint32_t n = 0;

    while (find_next(t, who, class_i, ia, &mask) != TLB_SLOT_NONE)
        n++;
    return n;
}

bool tlb_peek(const struct tlb *t, const struct tlb_tag *who, enum tlb_kind kind,
              bool table, uint64_t ia)
{
    const unsigned class_i = tlb_class((unsigned)kind, table);
    unsigned mask = t->held[class_i];

    return find_next(t, who, class_i, ia, &mask) != TLB_SLOT_NONE;
}

void tlb_for_each(const struct tlb *t, void (*visit)(const struct tlb_entry *, void *),
                  void *ctx)
{
    for (uint32_t slot = 0; slot < t->entries_n; slot++) {
        if (t->keys[slot] != 0)
            visit(&t->entries[slot], ctx);
    }
}
