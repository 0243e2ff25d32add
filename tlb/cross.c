/* SPDX-License-Identifier: Apache-2.0 */
/* tlb/cross.c - which entries of a TLB overlap, found out when one is filled. */
#include "tlb/tlb_priv.h"

#include <string.h>

#define AREAS_SHIFT_MAX 8u /* of larger ones the areas are not looked at */

/* The entry that was filled. */
struct filled {
    struct tlb *t;
    uint32_t slot;
    unsigned class_i, size_i;
};

static void mark(struct tlb *t, uint32_t slot)
{
    struct tlb_state *state = &t->states[slot];

    const bool first = (state->marks & TLB_CROSSED) == 0;

    t->crossed_n += first;
    t->groups[state->group].crossed_n += first;
    state->marks |= TLB_CROSSED;
}

static uint64_t low_of(const struct filled *f, unsigned size_i)
{
    return tlb_key_low(tlb_key_regime(f->t->keys[f->slot]), f->class_i, size_i);
}

/* The one of a larger size around it. */
static void mark_larger(const struct filled *f, unsigned size_i)
{
    struct tlb *t = f->t;
    const uint64_t ia = t->entries[f->slot].ia;
    const uint64_t key = tlb_key(ia, t->size_shifts[size_i], low_of(f, size_i));
    const uint32_t base = tlb_set_base(t, ia, t->size_shifts[size_i]);

    for (uint32_t slot = base; slot < base + t->ways_n; slot++) {
        if (t->keys[slot] == key &&
            tlb_owners_meet(&t->states[slot], &t->states[f->slot]) &&
            tlb_in_group(t, slot))
            mark(t, slot);
    }
}

/* One of a smaller size inside it, in the slots from first on. */
static bool holds_smaller(const struct filled *f, unsigned size_i, uint32_t first,
                          uint32_t slots_n)
{
    const struct tlb *t = f->t;
    const uint64_t inside = (UINT64_C(1) << t->size_shifts[f->size_i]) - 1;
    const uint64_t key = t->entries[f->slot].ia | low_of(f, size_i);
    const uint64_t offset = inside & ~TLB_KEY_LOW;

    for (uint32_t slot = first; slot < first + slots_n; slot++) {
        if ((t->keys[slot] & ~offset) == key &&
            tlb_owners_meet(&t->states[slot], &t->states[f->slot]) &&
            tlb_in_group(t, slot))
            return true;
    }
    return false;
}

/* No area of the one filled has an entry smaller than it. */
static bool areas_are_empty(const struct filled *f, unsigned size_i)
{
    const struct tlb *t = f->t;
    const unsigned shift = t->size_shifts[f->size_i];

    if (t->size_shifts[size_i] >= TLB_AREA_SHIFT || shift < TLB_AREA_SHIFT ||
        shift - TLB_AREA_SHIFT > AREAS_SHIFT_MAX)
        return false;
    for (uint64_t i = 0; i < UINT64_C(1) << (shift - TLB_AREA_SHIFT); i++) {
        if (t->extents.of_area_n[tlb_area_bin(t->entries[f->slot].ia +
                                              (i << TLB_AREA_SHIFT))])
            return false;
    }
    return true;
}

static bool covers_smaller(const struct filled *f, unsigned size_i)
{
    const struct tlb *t = f->t;
    const unsigned shift = t->size_shifts[size_i];
    const uint64_t ia = t->entries[f->slot].ia;
    const uint64_t pages = UINT64_C(1) << (t->size_shifts[f->size_i] - shift);
    const uint64_t last = ia + (pages << shift) - 1;

    if (last < t->extents.lowest[f->class_i][size_i] ||
        ia > t->extents.highest[f->class_i][size_i] || areas_are_empty(f, size_i))
        return false;
    if (pages > t->set_mask)
        return holds_smaller(f, size_i, 0, t->entries_n);
    for (uint64_t i = 0; i < pages; i++) {
        if (holds_smaller(f, size_i, tlb_set_base(t, ia + (i << shift), shift),
                          t->ways_n))
            return true;
    }
    return false;
}

/* An entry of that key is held. anew: forget the others of its class and size. */
static void extend(struct tlb_extents *x, uint64_t key, bool anew)
{
    const uint64_t ia = key & ~TLB_KEY_LOW;
    uint64_t *lowest = &x->lowest[tlb_key_class(key)][tlb_key_size(key)];
    uint64_t *highest = &x->highest[tlb_key_class(key)][tlb_key_size(key)];

    *lowest = anew || ia < *lowest ? ia : *lowest;
    *highest = anew || ia > *highest ? ia : *highest;
}

/* Of all that is held. */
static void know_extents(struct tlb *t)
{
    memset(&t->extents, 0, sizeof t->extents);
    memset(t->extents.lowest, 0xff, sizeof t->extents.lowest);
    for (uint32_t slot = 0; slot < t->entries_n; slot++) {
        const uint64_t key = t->keys[slot];

        if (key == 0)
            continue;
        extend(&t->extents, key, false);
        t->extents.of_area_n[tlb_area_bin(key)] += tlb_is_in_area(t, key);
    }
    t->extents_known = true;
}

__attribute__((noinline)) void tlb_mark_crossed(struct tlb *t, uint32_t slot)
{
    const uint64_t key = t->keys[slot];
    const struct filled f = {t, slot, tlb_key_class(key), tlb_key_size(key)};
    const unsigned held = t->held[f.class_i];
    const bool alone = (held & (held - 1)) == 0;

    if (!alone && !t->extents_known)
        know_extents(t);
    else if (t->extents_known)
        extend(&t->extents, key, t->valid_n[f.class_i][f.size_i] == 1);
    if (alone) {
        t->extents_known = t->fills_n - t->extents.used < t->entries_n;
        return;
    }
    t->extents.used = t->fills_n;
    for (unsigned size_i = 0; size_i < t->sizes_n; size_i++) {
        if ((held >> size_i & 1) == 0 || size_i == f.size_i)
            continue;
        if (size_i > f.size_i)
            mark_larger(&f, size_i);
        else if ((t->states[slot].marks & TLB_CROSSED) == 0 &&
                 covers_smaller(&f, size_i))
            mark(t, slot);
    }
}
