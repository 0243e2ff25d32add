/* SPDX-License-Identifier: Apache-2.0 */
/* tlb/lookup.c - hit, miss or conflict: one probe for each page size that is held at
 * the moment, up to the first match unless entries overlap. */
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

/* ---- several matches ---- */

const struct tlb_entry tlb_conflict_abort = {.kind = TLB_COMBINED};

/* What one look-up met, at most one slot per size. */
struct matches {
    uint32_t slots[TLB_SIZES_MAX];
    unsigned n;
};

/* Both translate ia alike, from leaves of the same sizes. */
static bool of_one_leaf(const struct tlb_entry *a, const struct tlb_entry *b,
                        uint64_t ia)
{
    return a->leaf_shift == b->leaf_shift && a->s2_level == b->s2_level &&
           a->oa.v + (ia - a->ia) == b->oa.v + (ia - b->ia);
}

static bool is_conflict(const struct tlb *t, const struct matches *m, uint64_t ia)
{
    for (unsigned i = 1; i < m->n; i++) {
        if (!of_one_leaf(&t->entries[m->slots[0]], &t->entries[m->slots[i]], ia))
            return true;
    }
    return false;
}

/* The slot of m that was filled first, or last. */
static uint32_t by_age(const struct tlb *t, const struct matches *m, bool newer)
{
    uint32_t best = m->slots[0];

    for (unsigned i = 1; i < m->n; i++) {
        const uint64_t a = t->states[m->slots[i]].filled;
        const uint64_t b = t->states[best].filled;

        if (newer ? a > b : a < b)
            best = m->slots[i];
    }
    return best;
}

static uint32_t remove_all(struct tlb *t, const struct matches *m)
{
    for (unsigned i = 0; i < m->n; i++)
        tlb_drop(t, m->slots[i]);
    return TLB_SLOT_NONE;
}

/* What is hit where first, the match of the smallest size, may not be the only one;
 * mask: the sizes not probed. ArmARM: R_FVQCK. */
static uint32_t among(struct tlb *t, const struct tlb_tag *who, unsigned class_i,
                      uint64_t ia, unsigned mask, uint32_t first, bool *abort)
{
    struct matches m = {{first}, 1};
    uint32_t slot;

    while ((slot = find_next(t, who, class_i, ia, &mask)) != TLB_SLOT_NONE)
        m.slots[m.n++] = slot;
    if (!is_conflict(t, &m, ia))
        return first;
    t->conflicts_n++;
    if (t->met && t->conflict != TLB_CONFLICT_ABORT)
        t->met(t->met_ctx, ia);
    switch (t->conflict) {
    case TLB_CONFLICT_ABORT:
    case TLB_CONFLICTS_N:
        *abort = true;
        return first;
    case TLB_CONFLICT_OLDER:
        return by_age(t, &m, false);
    case TLB_CONFLICT_NEWER:
        return by_age(t, &m, true);
    case TLB_CONFLICT_RANDOM:
        return m.slots[tlb_random_below(&t->conflict_random, m.n)];
    case TLB_CONFLICT_RESOLVE:
        break;
    }
    return remove_all(t, &m);
}

bool tlb_may_conflict(const struct tlb *t)
{
    return t->crossed_n != 0;
}

uint64_t tlb_conflicts_n(const struct tlb *t)
{
    return t->conflicts_n;
}

/* ---- look-ups ---- */

__attribute__((noinline)) static uint32_t find_and_hint(struct tlb *t, uint32_t base,
                                                        uint64_t key, uint32_t who)
{
    const uint32_t slot = tlb_find(t, base, key, who);

    if (slot != TLB_SLOT_NONE)
        tlb_set_hint(t, slot, who);
    return slot;
}

/* As tlb_find(), in a structure with hints, of which most look-ups that hit use one and
 * most others find no key at all. */
static inline uint32_t find_hinted(struct tlb *t, uint32_t base, uint64_t key,
                                   unsigned shift, uint32_t who)
{
    const struct tlb_hint *h = tlb_hint_at(&t->front, key, shift);

    if (h->key == key && h->whose == (t->front.epoch | who))
        return h->slot;
    if (!tlb_may_have(t, key, shift))
        return TLB_SLOT_NONE;
    return find_and_hint(t, base, key, who);
}

struct tlb_front *tlb_front_of(struct tlb *t)
{
    return t->by_hint ? &t->front : NULL;
}

void tlb_foresee(const struct tlb *t, uint64_t ia)
{
    const struct tlb_only only = t->only[tlb_class(TLB_COMBINED, false)];

    if (only.low == 0 || t->front.hints != NULL)
        return;
    /* Of both sets, which lie one behind the other but for the last one. */
    const uint32_t base = tlb_set_base(t, ia, only.shift);
    const uint32_t ways_n = t->ways_n;
    const uint64_t *const keys = &t->keys[base], *const used = &t->front.used[base];
    const struct tlb_state *const states = &t->states[base];

    __asm__ volatile(""); /* else the compiler drops calls that do no more than this */
    __builtin_prefetch(keys, 1);
    __builtin_prefetch(keys + ways_n, 1);
    __builtin_prefetch(used, 1);
    __builtin_prefetch(used + ways_n, 1);
    __builtin_prefetch(states, 1);
    __builtin_prefetch(states + ways_n / 2, 1);
    __builtin_prefetch(states + ways_n, 1);
    __builtin_prefetch(states + ways_n + ways_n / 2, 1);
}

void tlb_set_only(struct tlb *t, unsigned class_i)
{
    const unsigned mask = t->held[class_i];
    struct tlb_only *only = &t->only[class_i];

    *only = (struct tlb_only){0, 0};
    if (mask != 0 && (mask & (mask - 1)) == 0) {
        const unsigned size_i = (unsigned)__builtin_ctz(mask);

        only->low = (uint16_t)tlb_key_low(0, class_i, size_i);
        only->shift = t->size_shifts[size_i];
    }
    if (class_i != tlb_class(TLB_COMBINED, false))
        return;
    t->front.key_low =
        only->low == 0 ? 0 : tlb_key_low(ARCH_REGIME_EL10, 0, 0) | only->low;
    t->front.shift = only->shift;
}

/* As find_next(), with hints. */
static uint32_t find_first(struct tlb *t, const struct tlb_tag *who, unsigned class_i,
                           uint64_t ia, unsigned *mask)
{
    uint32_t slot = TLB_SLOT_NONE;

    if (t->front.hints == NULL)
        return find_next(t, who, class_i, ia, mask);
    for (; *mask != 0 && slot == TLB_SLOT_NONE; *mask &= *mask - 1) {
        const unsigned size_i = (unsigned)__builtin_ctz(*mask);
        const unsigned shift = t->size_shifts[size_i];
        const uint64_t key =
            tlb_key(ia, shift, tlb_key_low(who->regime, class_i, size_i));

        slot = find_hinted(t, tlb_set_base(t, ia, shift), key, shift, tlb_who(who));
    }
    return slot;
}

/* As tlb_lookup(), of a class that holds several sizes. */
__attribute__((noinline)) static const struct tlb_entry *look_up_sizes(
    struct tlb *t, const struct tlb_tag *who, unsigned class_i, uint64_t ia)
{
    unsigned mask = t->held[class_i];
    uint32_t slot = find_first(t, who, class_i, ia, &mask);
    bool abort = false;

    if (slot != TLB_SLOT_NONE && mask != 0 && !tlb_class_is_table(class_i) &&
        t->crossed_n != 0)
        slot = among(t, who, class_i, ia, mask, slot, &abort);
    if (abort)
        return &tlb_conflict_abort;
    if (slot == TLB_SLOT_NONE)
        return NULL;
    tlb_touch(t, tlb_set_base(t, ia, t->entries[slot].size_shift), slot);
    return &t->entries[slot];
}

static const struct tlb_entry *hit(struct tlb *t, uint32_t base, uint32_t slot)
{
    if (slot == TLB_SLOT_NONE)
        return NULL;
    tlb_touch(t, base, slot);
    return &t->entries[slot];
}

/* These two are not inlined: each needs few registers. */
__attribute__((noinline)) static const struct tlb_entry *look_up_hinted(
    struct tlb *t, uint32_t base, uint64_t key, unsigned shift, uint32_t who)
{
    return hit(t, base, find_hinted(t, base, key, shift, who));
}

__attribute__((noinline)) static const struct tlb_entry *look_up_set(struct tlb *t,
                                                                     uint32_t base,
                                                                     uint64_t key,
                                                                     uint32_t who)
{
    return hit(t, base, tlb_find(t, base, key, who));
}

const struct tlb_entry *tlb_lookup(struct tlb *t, const struct tlb_tag *who,
                                   enum tlb_kind kind, bool table, uint64_t ia)
{
    const unsigned class_i = tlb_class((unsigned)kind, table);
    const struct tlb_only only = t->only[class_i];

    if (only.low == 0)
        return t->held[class_i] == 0 ? NULL : look_up_sizes(t, who, class_i, ia);

    const uint64_t key =
        tlb_key(ia, only.shift, tlb_key_low(who->regime, 0, 0) | only.low);
    const uint32_t base = tlb_set_base(t, ia, only.shift);

    return t->front.hints != NULL
               ? look_up_hinted(t, base, key, only.shift, tlb_who(who))
               : look_up_set(t, base, key, tlb_who(who));
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
        if (tlb_is_live(t, slot))
            visit(&t->entries[slot], ctx);
    }
}
