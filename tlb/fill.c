/* SPDX-License-Identifier: Apache-2.0 */
/* tlb/fill.c - which size a translation is held at, and which entry makes room for it.
 */
#include "tlb/tlb_priv.h"

#include <assert.h>

/* Index of the largest size that the kind may have and that fits, or -1. */
static int size_for(const struct tlb *t, const struct tlb_entry *found)
{
    for (int size_i = t->sizes_n - 1; size_i >= 0; size_i--) {
        if ((t->sizes_of[found->kind] >> size_i & 1) != 0 &&
            t->size_shifts[size_i] <= found->span_shift)
            return size_i;
    }
    return -1;
}

void tlb_drop(struct tlb *t, uint32_t slot)
{
    const uint64_t key = t->keys[slot];
    const unsigned class_i = tlb_key_class(key);
    const unsigned size_i = tlb_key_size(key);
    const unsigned regime = tlb_key_regime(key);
    struct tlb_state *state = &t->states[slot];
    struct tlb_group_counts *g = &t->counts[state->group];

    t->groups[state->group].n--;
    g->crossed_n[class_i] -= state->filled >= TLB_CROSSED;
    g->of[class_i][size_i].valid--;
    g->of[class_i][size_i].wider -= state->wider;
    if (t->front.hints != NULL)
        tlb_drop_hint(t, slot);
    tlb_set_key(t, slot, 0);
    t->front.used[slot] = 0;
    t->crossed_n[class_i] -= state->filled >= TLB_CROSSED;
    state->filled = 0;
    t->of_area_n[tlb_area_bin(key)] -= tlb_is_in_area(t, key);
    if (--t->valid_n[class_i][size_i] == 0) {
        t->held[class_i] &= (uint8_t) ~(1u << size_i);
        tlb_set_front(t);
    }
    if (state->wider && --t->wider_n[class_i][size_i] == 0)
        t->widest_shift[class_i][size_i] = 0;
    t->of_regime_n[regime]--;
    if (regime == ARCH_REGIME_EL10)
        t->of_vmid_n[tlb_vmid_bin((uint16_t)state->owner.who)]--;
}

static uint64_t oldest_stamp(const struct tlb_entry *e)
{
    return e->stamp_s2 < e->stamp ? e->stamp_s2 : e->stamp;
}

/* Of e, a copy of what was stored, whose line the host may still have to fetch. */
static void join(struct tlb *t, uint32_t slot, unsigned class_i, unsigned size_i,
                 const struct tlb_entry *e)
{
    const unsigned group = tlb_group_for(t, e);
    struct tlb_group *g = &t->groups[group];

    t->states[slot].generation = g->generation;
    t->states[slot].group = group;
    g->n++;
    t->counts[group].of[class_i][size_i].valid++;
    t->counts[group].of[class_i][size_i].wider += tlb_is_wider(e);
    g->oldest = oldest_stamp(e) < g->oldest ? oldest_stamp(e) : g->oldest;
}

static void count(struct tlb *t, uint64_t key, unsigned class_i, unsigned size_i,
                  const struct tlb_entry *e)
{
    uint8_t *widest = &t->widest_shift[class_i][size_i];
    uint64_t *lowest = &t->lowest[class_i][size_i];
    uint64_t *highest = &t->highest[class_i][size_i];
    const bool first = t->valid_n[class_i][size_i]++ == 0;

    t->of_area_n[tlb_area_bin(key)] += tlb_is_in_area(t, key);
    *lowest = first || e->ia < *lowest ? e->ia : *lowest;
    *highest = first || e->ia > *highest ? e->ia : *highest;
    if (first) {
        t->held[class_i] |= (uint8_t)(1u << size_i);
        tlb_set_front(t);
    }
    if (tlb_is_wider(e)) {
        t->wider_n[class_i][size_i]++;
        *widest = e->tlbi_shift > *widest ? e->tlbi_shift : *widest;
    }
    t->of_regime_n[e->tag.regime]++;
    if (e->tag.regime == ARCH_REGIME_EL10)
        t->of_vmid_n[tlb_vmid_bin(e->tag.vmid)]++;
}

static uint32_t slot_for(struct tlb *t, uint32_t base, uint64_t key, unsigned shift,
                         const struct tlb_owner *owner)
{
    for (uint32_t slot = base; slot < base + t->ways_n && tlb_may_have(t, key, shift);
         slot++) {
        if (t->keys[slot] == key && tlb_owners_meet(&t->states[slot].owner, owner) &&
            tlb_in_group(t, slot))
            tlb_drop(t, slot);
    }

    const uint32_t slot = tlb_choose(t, base);

    if (tlb_is_live(t, slot))
        tlb_drop(t, slot);
    else
        t->dead_n -= t->keys[slot] != 0;
    return slot;
}

static struct tlb_entry made_of(const struct tlb_entry *found, unsigned shift)
{
    const uint64_t inside = found->ia & ((UINT64_C(1) << shift) - 1);
    struct tlb_entry made = *found;

    made.ia -= inside;
    made.oa.v -= made.table ? 0 : inside;
    made.size_shift = (uint8_t)shift;
    made.ng = made.ng && tlb_asid_counts(found);
    if (!tlb_asid_counts(found))
        made.tag.asid = 0;
    if (made.tag.regime != ARCH_REGIME_EL10)
        made.tag.vmid = 0;
    return made;
}

const struct tlb_entry *tlb_fill(struct tlb *t, const struct tlb_entry *found)
{
    assert(found->span_shift < 64 && found->tlbi_shift < 64);
    assert(found->kind < TLB_KINDS_N && found->tag.regime < TLB_REGIMES_N);
    assert(found->kind != TLB_S2_ONLY || found->tag.regime == ARCH_REGIME_EL10);

    const int size = size_for(t, found);

    if (size < 0)
        return NULL;

    const unsigned size_i = (unsigned)size;
    const unsigned shift = t->size_shifts[size_i];
    const unsigned class_i = tlb_class(found->kind, found->table);
    /* found may be an entry of this very TLB, so it is copied before a slot is freed.
     */
    const struct tlb_entry made = made_of(found, shift);
    const uint64_t key =
        tlb_key(made.ia, shift, tlb_key_low(made.tag.regime, class_i, size_i));
    const struct tlb_owner owner = {tlb_who(&made.tag), made.ng ? UINT32_MAX : 0xffff};
    const uint32_t base = tlb_set_base(t, made.ia, shift);
    const uint32_t slot = slot_for(t, base, key, shift, &owner);

    tlb_set_key(t, slot, key);
    t->entries[slot] = made;
    t->states[slot].owner = owner;
    t->states[slot].filled = ++t->fills_n;
    t->states[slot].wider = tlb_is_wider(&made);
    join(t, slot, class_i, size_i, &made);
    count(t, key, class_i, size_i, &made);
    if (!made.table && (t->held[class_i] & (t->held[class_i] - 1)) != 0)
        tlb_mark_crossed(t, slot);
    tlb_touch(t, base, slot);
    if (t->front.hints != NULL)
        tlb_set_hint(t, slot, owner.who);
    return &t->entries[slot];
}
_Static_assert(sizeof(struct tlb_entry) == 64,
               "an entry is one line of the host's caches");
