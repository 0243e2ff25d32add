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
        const uint64_t a = t->states[m->slots[i]].filled & ~TLB_CROSSED;
        const uint64_t b = t->states[best].filled & ~TLB_CROSSED;

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
    uint32_t crossed = 0;

    for (unsigned kind = 0; kind < TLB_KINDS_N; kind++)
        crossed |= t->crossed_n[tlb_class(kind, false)];
    return crossed != 0;
}

uint64_t tlb_conflicts_n(const struct tlb *t)
{
    return t->conflicts_n;
}

/* ---- look-ups ---- */

/* As find_next(), with hints. */
static inline uint32_t find_first(struct tlb *t, const struct tlb_tag *who,
                                  unsigned class_i, uint64_t ia, unsigned *mask)
{
    const uint32_t bits = tlb_who(who);

    while (*mask != 0) {
        const unsigned size_i = (unsigned)__builtin_ctz(*mask);
        const unsigned shift = t->size_shifts[size_i];
        const uint64_t key =
            tlb_key(ia, shift, tlb_key_low(who->regime, class_i, size_i));
        const uint32_t slot =
            tlb_find_hinted(t, tlb_set_base(t, ia, shift), key, shift, bits);

        *mask &= *mask - 1;
        if (slot != TLB_SLOT_NONE)
            return slot;
    }
    return TLB_SLOT_NONE;
}

/* The look-up of sizes in mask, all that the class holds. Not inlined: at_hint() would
 * save its registers. */
__attribute__((noinline)) static const struct tlb_entry *look_up(
    struct tlb *t, const struct tlb_tag *who, unsigned class_i, uint64_t ia,
    unsigned mask)
{
    uint32_t slot = find_first(t, who, class_i, ia, &mask);
    bool abort = false;

    if (slot != TLB_SLOT_NONE && mask != 0 && t->crossed_n[class_i] != 0)
        slot = among(t, who, class_i, ia, mask, slot, &abort);
    if (abort)
        return &tlb_conflict_abort;
    if (slot == TLB_SLOT_NONE)
        return NULL;
    tlb_touch(t, tlb_set_base(t, ia, t->entries[slot].size_shift), slot);
    return &t->entries[slot];
}

/* What a look-up finds most of the time: the entry of the only size held, by its hint.
 * Or NULL, which says nothing. */
static inline const struct tlb_entry *at_hint(struct tlb *t, const struct tlb_tag *who,
                                              unsigned class_i, uint64_t ia)
{
    const unsigned size_i = (unsigned)__builtin_ctz(t->held[class_i]);
    const unsigned shift = t->size_shifts[size_i];
    const uint64_t key = tlb_key(ia, shift, tlb_key_low(who->regime, class_i, size_i));
    const struct tlb_hint *h = tlb_hint_at(&t->front, key, shift);

    if (h->key != key || h->whose != (t->front.epoch | tlb_who(who)))
        return NULL;
    tlb_hit_used(&t->front, h);
    return &t->entries[h->slot];
}

struct tlb_front *tlb_front_of(struct tlb *t)
{
    return t->by_hint ? &t->front : NULL;
}

void tlb_foresee(const struct tlb *t, uint64_t ia)
{
    const unsigned mask = t->held[tlb_class(TLB_COMBINED, false)];

    if (mask == 0 || t->front.hints != NULL)
        return;
    const unsigned shift = t->size_shifts[__builtin_ctz(mask)];
    const uint32_t base = tlb_set_base(t, ia, shift);

    __builtin_prefetch(&t->keys[base], 1);
    __builtin_prefetch(&t->front.used[base], 1);
    for (uint32_t way = 0; way < t->ways_n; way += 2)
        __builtin_prefetch(&t->states[base + way], 1);
}

void tlb_set_front(struct tlb *t)
{
    const unsigned class_i = tlb_class(TLB_COMBINED, false);
    const unsigned mask = t->held[class_i];

    t->front.key_low = 0;
    if (mask == 0 || (mask & (mask - 1)) != 0)
        return;
    const unsigned size_i = (unsigned)__builtin_ctz(mask);
    t->front.shift = t->size_shifts[size_i];
    t->front.key_low = tlb_key_low(ARCH_REGIME_EL10, class_i, size_i);
}

const struct tlb_entry *tlb_lookup(struct tlb *t, const struct tlb_tag *who,
                                   enum tlb_kind kind, bool table, uint64_t ia)
{
    const unsigned class_i = tlb_class((unsigned)kind, table);
    const unsigned mask = t->held[class_i];

    if (mask == 0)
        return NULL;
    if (t->by_hint && (mask & (mask - 1)) == 0) {
        const struct tlb_entry *e = at_hint(t, who, class_i, ia);

        if (e != NULL)
            return e;
    }
    return look_up(t, who, class_i, ia, mask);
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
