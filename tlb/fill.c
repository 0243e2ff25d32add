/* SPDX-License-Identifier: Apache-2.0 */
/* tlb/fill.c - which size a translation is held at, and which entry makes room for it.
 */
#include "tlb/tlb_priv.h"

#include <assert.h>

/* ---- what is counted of all entries ---- */

/* wider_shift: its tlbi_shift, if that is more than its size; else 0. */
static inline void count_in(struct tlb *t, uint64_t key, unsigned group,
                            unsigned wider_shift)
{
    const unsigned class_i = tlb_key_class(key);
    const unsigned size_i = tlb_key_size(key);
    struct tlb_counts *n = &t->counts[group].of[class_i][size_i];

    t->n++;
    t->groups[group].n++;
    n->valid++;
    if (t->valid_n[class_i][size_i]++ == 0) {
        t->held[class_i] |= (uint8_t)(1u << size_i);
        tlb_set_only(t, class_i);
    }
    if (wider_shift != 0) {
        uint8_t *widest = &t->widest_shift[class_i][size_i];

        n->wider++;
        t->wider_n[class_i][size_i]++;
        *widest = wider_shift > *widest ? (uint8_t)wider_shift : *widest;
    }
}

static void count_out(struct tlb *t, uint64_t key, uint32_t slot)
{
    const unsigned class_i = tlb_key_class(key);
    const unsigned size_i = tlb_key_size(key);
    const struct tlb_state *state = &t->states[slot];
    const bool wider = (state->marks & TLB_WIDER) != 0;
    const bool crossed = (state->marks & TLB_CROSSED) != 0;
    struct tlb_counts *n = &t->counts[state->group].of[class_i][size_i];

    t->n--;
    t->groups[state->group].n--;
    t->groups[state->group].crossed_n -= crossed;
    t->crossed_n -= crossed;
    n->valid--;
    n->wider -= wider;
    if (--t->valid_n[class_i][size_i] == 0) {
        t->held[class_i] &= (uint8_t) ~(1u << size_i);
        tlb_set_only(t, class_i);
    }
    if (wider && --t->wider_n[class_i][size_i] == 0)
        t->widest_shift[class_i][size_i] = 0;
}

__attribute__((noinline)) void tlb_drop(struct tlb *t, uint32_t slot)
{
    count_out(t, t->keys[slot], slot);
    if (t->front.hints != NULL)
        tlb_drop_hint(t, slot);
    tlb_set_key(t, slot, 0, 0);
    t->front.used[slot] = slot;
    t->no_empty_below = slot < t->no_empty_below ? slot : t->no_empty_below;
}

/* ---- a slot for an entry ---- */

/* What a look-up could hit as well goes: from slot on, which has the key, to end. */
__attribute__((noinline)) static void drop_same(struct tlb *t, uint32_t slot,
                                                uint32_t end, uint32_t who, bool ng)
{
    const uint64_t key = t->keys[slot];
    const struct tlb_state state = {.who = who, .ng = ng};

    for (; slot < end; slot = tlb_seek(t, slot + 1, end, key)) {
        if (tlb_owners_meet(&t->states[slot], &state) && tlb_in_group(t, slot))
            tlb_drop(t, slot);
    }
}

/* The slot holds an entry that counts for all that one of that key and group does, and
 * whose marks are none. */
static inline bool is_like(const struct tlb *t, uint32_t slot, uint64_t key,
                           uint32_t whose)
{
    const struct tlb_state *old = &t->states[slot];

    return ((t->keys[slot] ^ key) & TLB_KEY_LOW) == 0 && old->marks == 0 &&
           t->groups[old->group].whose == whose && tlb_in_group(t, slot);
}

/* What the slot has goes, and an entry comes; the group of that. */
__attribute__((noinline)) static unsigned exchange(struct tlb *t, uint32_t slot,
                                                   uint64_t key, uint32_t whose,
                                                   unsigned wider_shift)
{
    if (tlb_is_live(t, slot))
        tlb_drop(t, slot);
    else
        t->dead_n -= t->keys[slot] != 0;

    const unsigned group = tlb_group_for(t, whose);

    count_in(t, key, group, wider_shift);
    return group;
}

/* ---- the entry ---- */

/* At *made, where found may be. */
static inline void make(struct tlb_entry *made, const struct tlb_entry *found,
                        unsigned shift, uint32_t who, bool ng)
{
    const uint64_t inside = found->ia & ((UINT64_C(1) << shift) - 1);

    *made = *found;
    made->ia -= inside;
    made->oa.v -= made->table ? 0 : inside;
    made->size_shift = (uint8_t)shift;
    made->ng = ng;
    made->tag.vmid = (uint16_t)who;
    made->tag.asid = (uint16_t)(who >> 16);
}

static inline void note_stamps(struct tlb_group *g, const struct tlb_entry *e)
{
    const uint64_t oldest = e->stamp < e->stamp_s2 ? e->stamp : e->stamp_s2;

    if (oldest < g->oldest)
        g->oldest = oldest;
}

/* Of the size, which its kind may have. */
static inline struct tlb_entry *fill_size(struct tlb *t, const struct tlb_entry *found,
                                          unsigned shift)
{
    const unsigned regime = found->tag.regime;
    const uint16_t vmid = regime == ARCH_REGIME_EL10 ? found->tag.vmid : 0;
    const bool asid_counts = tlb_asid_counts(found);
    const bool ng = found->ng && asid_counts;
    const uint32_t who = vmid | (asid_counts ? (uint32_t)found->tag.asid << 16 : 0);
    const uint32_t whose = tlb_group_whose(regime, vmid, found->kind == TLB_S2_ONLY);
    const unsigned class_i = tlb_class(found->kind, found->table);
    const uint64_t key =
        tlb_key(found->ia, shift, tlb_key_low(regime, class_i, t->size_at[shift]));
    const unsigned wider_shift = found->tlbi_shift > shift ? found->tlbi_shift : 0;
    const uint32_t base = tlb_set_base(t, found->ia, shift);
    const uint32_t end = base + t->ways_n;

    if (tlb_may_have(t, key, shift)) {
        const uint32_t same = tlb_seek(t, base, end, key);

        if (same < end)
            drop_same(t, same, end, who, ng);
    }

    const uint32_t slot = tlb_choose(t, base);
    struct tlb_state *state = &t->states[slot];
    unsigned group = state->group;

    if (wider_shift != 0 || !is_like(t, slot, key, whose))
        group = exchange(t, slot, key, whose, wider_shift);
    else if (t->front.hints != NULL)
        tlb_drop_hint(t, slot);
    *state = (struct tlb_state){.filled = ++t->fills_n,
                                .who = who,
                                .group = (uint8_t)group,
                                .ng = ng,
                                .marks = wider_shift != 0 ? TLB_WIDER : 0};
    tlb_set_key(t, slot, key, shift);
    make(&t->entries[slot], found, shift, who, ng);
    note_stamps(&t->groups[group], &t->entries[slot]);
    tlb_touch(t, base, slot);
    if (t->front.hints != NULL)
        tlb_set_hint(t, slot, who);
    return &t->entries[slot];
}

const struct tlb_entry *tlb_fill(struct tlb *t, const struct tlb_entry *found)
{
    assert(found->span_shift < 64 && found->tlbi_shift < 64);
    assert(found->kind < TLB_KINDS_N && found->tag.regime < TLB_REGIMES_N);
    assert(found->kind != TLB_S2_ONLY || found->tag.regime == ARCH_REGIME_EL10);

    const uint64_t fit =
        t->shifts_of[found->kind] & ((UINT64_C(2) << found->span_shift) - 1);

    if (fit == 0)
        return NULL;

    struct tlb_entry *e = fill_size(t, found, 63u - (unsigned)__builtin_clzll(fit));

    if (!e->table && (t->extents_known || t->only[tlb_class(e->kind, false)].low == 0))
        tlb_mark_crossed(t, (uint32_t)(e - t->entries));
    return e;
}
_Static_assert(sizeof(struct tlb_entry) == 64,
               "an entry is one line of the host's caches");
