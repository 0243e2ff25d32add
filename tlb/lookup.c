/* SPDX-License-Identifier: Apache-2.0 */
/* tlb/lookup.c - hit or miss: one probe for each page size that is held at the moment.
 */
#include "tlb/tlb_priv.h"

const struct tlb_entry *tlb_lookup(struct tlb *t, uint16_t vmid, uint16_t asid,
                                   enum tlb_kind kind, uint64_t ia)
{
    /* Lowest bit first, so the smallest size wins. */
    for (unsigned held = t->held[kind]; held != 0; held &= held - 1) {
        const unsigned size_i = (unsigned)__builtin_ctz(held);
        const unsigned shift = t->size_shifts[size_i];
        const uint64_t key = tlb_key(ia, shift, size_i, (unsigned)kind);
        const uint32_t slot = tlb_find(t, tlb_set_base(t, ia, shift), key, vmid, asid);

        if (slot != TLB_SLOT_NONE) {
            t->used[slot] = ++t->clock;
            return &t->entries[slot];
        }
    }
    return NULL;
}

void tlb_for_each(const struct tlb *t, void (*visit)(const struct tlb_entry *, void *),
                  void *ctx)
{
    for (uint32_t slot = 0; slot < t->entries_n; slot++) {
        if (t->keys[slot] != 0)
            visit(&t->entries[slot], ctx);
    }
}
