/* SPDX-License-Identifier: Apache-2.0 */
/* tlb/fill.c - which size a translation is held at, and which entry makes room for it.
 */
#include "tlb/tlb_priv.h"

#include <assert.h>

/* ---- what is counted of all entries ---- */

static inline void count_in(struct tlb *t, uint64_t key, uint32_t slot,
                            unsigned tlbi_shift)
{
    const unsigned class_i = tlb_key_class(key);
    const unsigned size_i = tlb_key_size(key);
    const struct tlb_state *state = &t->states[slot];
    struct tlb_counts *n = &t->counts[state->group].of[class_i][size_i];

    t->n++;
    t->groups[state->group].n++;
    n->valid++;
    if (t->valid_n[class_i][size_i]++ == 0) {
        t->held[class_i] |= (uint8_t)(1u << size_i);
        tlb_set_only(t, class_i);
    }
    if ((state->marks & TLB_WIDER) != 0) {
        uint8_t *widest = &t->widest_shift[class_i][size_i];

        n->wider++;
        t->wider_n[class_i][size_i]++;
        *widest = tlbi_shift > *widest ? (uint8_t)tlbi_shift : *widest;
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
    tlb_set_key(t, slot, 0);
    t->front.used[slot] = slot;
    t->no_empty_below = slot < t->no_empty_below ? slot : t->no_empty_below;
}

/* ---- a slot for an entry ---- */

/* What is to be filled. */
struct fill {
    uint64_t key;
    uint32_t base;  /* of its set */
    uint32_t whose; /* tlb_group_whose() */
    unsigned shift;
    struct tlb_state state; /* its group is not known yet */
};

/* The entries that a look-up could hit as well go, from slot on, which has the key. */
__attribute__((noinline)) static void drop_same(struct tlb *t, const struct fill *f,
                                                uint32_t slot)
{
    const uint32_t end = f->base + t->ways_n;

    for (; slot < end; slot = tlb_seek(t, slot + 1, end, f->key)) {
        if (tlb_owners_meet(&t->states[slot], &f->state) && tlb_in_group(t, slot))
            tlb_drop(t, slot);
    }
}

/* The slot holds an entry that counts for all that f will count for. */
static inline bool is_like(const struct tlb *t, uint32_t slot, const struct fill *f)
{
    const struct tlb_state *old = &t->states[slot];

    return ((t->keys[slot] ^ f->key) & TLB_KEY_LOW) == 0 &&
           t->groups[old->group].whose == f->whose &&
           (old->marks | f->state.marks) == 0 && tlb_in_group(t, slot);
}

/* An entry takes the slot, whatever was there. tlbi_shift: of the entry. */
__attribute__((noinline)) static void take_slot(struct tlb *t, uint32_t slot,
                                                struct fill *f, unsigned tlbi_shift)
{
    if (tlb_is_live(t, slot))
        tlb_drop(t, slot);
    else
        t->dead_n -= t->keys[slot] != 0;
    f->state.group = (uint8_t)tlb_group_for(t, f->whose);
    t->states[slot] = f->state;
    count_in(t, f->key, slot, tlbi_shift);
}

/* As take_slot(), of an entry like the one there. */
static inline void take_over(struct tlb *t, uint32_t slot, struct fill *f)
{
    f->state.group = t->states[slot].group;
    if (t->front.hints != NULL)
        tlb_drop_hint(t, slot);
    t->states[slot] = f->state;
}

/* ---- the entry ---- */

static struct fill fill_of(const struct tlb *t, const struct tlb_entry *found,
                           unsigned shift)
{
    const unsigned regime = found->tag.regime;
    const uint16_t vmid = regime == ARCH_REGIME_EL10 ? found->tag.vmid : 0;
    const bool asid_counts = tlb_asid_counts(found);
    const uint64_t low =
        tlb_key_low(regime, tlb_class(found->kind, found->table), t->size_at[shift]);

    return (struct fill){
        .key = tlb_key(found->ia, shift, low),
        .base = tlb_set_base(t, found->ia, shift),
        .whose = tlb_group_whose(regime, vmid, found->kind == TLB_S2_ONLY),
        .shift = shift,
        .state = {.filled = t->fills_n + 1,
                  .who = vmid | (asid_counts ? (uint32_t)found->tag.asid << 16 : 0),
                  .ng = found->ng && asid_counts,
                  .marks = found->tlbi_shift > shift ? TLB_WIDER : 0},
    };
}

/* At *made, where found may be. */
static inline void make(struct tlb_entry *made, const struct tlb_entry *found,
                        const struct fill *f)
{
    const uint64_t inside = found->ia & ((UINT64_C(1) << f->shift) - 1);

    *made = *found;
    made->ia -= inside;
    made->oa.v -= made->table ? 0 : inside;
    made->size_shift = (uint8_t)f->shift;
    made->ng = f->state.ng;
    made->tag.vmid = (uint16_t)f->state.who;
    made->tag.asid = (uint16_t)(f->state.who >> 16);
}

static inline void note_stamps(struct tlb_group *g, const struct tlb_entry *e)
{
    g->oldest = e->stamp < g->oldest ? e->stamp : g->oldest;
    g->oldest = e->stamp_s2 < g->oldest ? e->stamp_s2 : g->oldest;
}

static inline struct tlb_entry *fill_size(struct tlb *t, const struct tlb_entry *found,
                                          unsigned shift)
{
    struct fill f = fill_of(t, found, shift);
    const uint32_t end = f.base + t->ways_n;

    t->fills_n++;
    if (tlb_may_have(t, f.key, shift)) {
        const uint32_t same = tlb_seek(t, f.base, end, f.key);

        if (same < end)
            drop_same(t, &f, same);
    }

    const uint32_t slot = tlb_choose(t, f.base);

    if (is_like(t, slot, &f))
        take_over(t, slot, &f);
    else
        take_slot(t, slot, &f, found->tlbi_shift);
    tlb_set_key(t, slot, f.key);
    make(&t->entries[slot], found, &f);
    note_stamps(&t->groups[f.state.group], &t->entries[slot]);
    tlb_touch(t, f.base, slot);
    if (t->front.hints != NULL)
        tlb_set_hint(t, slot, f.state.who);
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
