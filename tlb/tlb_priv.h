/* SPDX-License-Identifier: Apache-2.0 */
/* tlb/tlb_priv.h - how a TLB lies in memory, shared by the files of tlb/ only.
 *
 * A look-up reads keys[] and, on a match, one states[] element; entries[] and used[]
 * are touched by hits and fills only, so that a fill that replaces an entry reads no
 * more than keys, times and one state. All arrays are [set][way], flat. What is counted
 * of all entries is left alone by an entry that takes the place of one like it.
 *
 * Whether two entries overlap is found out by the fills. The larger one of such a pair
 * is crossed, until it is dropped; while there is none, a look-up ends at its first
 * match. */
#ifndef TLB_TLB_PRIV_H
#define TLB_TLB_PRIV_H

#include "tlb/hit.h"
#include "tlb/tlb.h"

#include <stddef.h>
#include <stdint.h>

#define TLB_SLOT_NONE UINT32_MAX
#define TLB_REGIMES_N 3
#define TLB_SHIFT_MAX 48u /* a table of level 0, 4K granule */
#define TLB_AREA_BINS 1024u
#define TLB_AREA_SHIFT 21u /* an area is a block of 4K granules */

/* Structures of so many ways have hints; the next epoch voids all of them. */
#define TLB_HINT_WAYS_MIN 16u
#define TLB_EPOCH (UINT64_C(1) << 32)

/* How many keys of such a structure are in a bin, so that most misses scan nothing; of
 * TLB_BIN_FULL it is not counted any more. */
#define TLB_KEY_BINS 512u
#define TLB_BIN_FULL 255u

/* Of a structure of one set and many ways, so many victims are looked for at once. */
#define TLB_VICTIMS_N 8u

/* A class is a kind, of translations or of table entries. */
#define TLB_CLASSES_N 6u

/* Groups are found anew while one has no entries; the last one is of all entries for
 * which there was none left. */
#define TLB_GROUPS_N 16u
#define TLB_GROUP_MIXED (TLB_GROUPS_N - 1)

struct tlb_counts {
    uint32_t valid, wider; /* as of struct tlb */
};

struct tlb_group {
    uint32_t n;         /* entries; 0: the group is free */
    uint32_t crossed_n; /* of those */
    uint32_t whose;     /* tlb_group_whose(); of TLB_GROUP_MIXED 0 */
    uint64_t taken;  /* fills_n when all entries went; what was filled then is gone */
    uint64_t oldest; /* lower bound of the stamps of both stages */
};

/* Of its entries. */
struct tlb_group_counts {
    struct tlb_counts of[TLB_CLASSES_N][TLB_SIZES_MAX];
};

/* What is known of the entry of a slot beside its key. */
struct tlb_state {
    uint64_t filled; /* number of the fill */
    uint32_t who;    /* tlb_who() */
    uint8_t group;
    bool ng;        /* the ASID of who counts */
    uint16_t marks; /* TLB_WIDER, TLB_CROSSED */
};
#define TLB_WIDER 1u   /* addresses outside of it remove it */
#define TLB_CROSSED 2u /* a smaller one was inside it */
_Static_assert(sizeof(struct tlb_state) == 16, "four in a line of the host's caches");

/* Where translations are, known while some class of them holds several sizes, and for
 * entries_n fills longer. */
struct tlb_extents {
    /* Bounds of the first addresses of the entries held. */
    uint64_t lowest[TLB_CLASSES_N][TLB_SIZES_MAX],
        highest[TLB_CLASSES_N][TLB_SIZES_MAX];
    uint32_t of_area_n[TLB_AREA_BINS]; /* keys of translations smaller than an area */
    uint64_t used;                     /* fills_n when they last were */
};

/* Of the only size that a class holds: what its keys have below TLB_KEY_LOW beside the
 * regime. 0: it holds several, or none. */
struct tlb_only {
    uint16_t low;
    uint8_t shift;
};

struct tlb {
    /* What look-ups read. */
    struct tlb_front front;
    uint8_t held[TLB_CLASSES_N]; /* bit i: valid_n[class][i] is not 0 */
    bool by_hint;                /* LRU, and there are hints */
    uint8_t sizes_n;
    uint64_t *keys; /* tlb_key(), 0: the slot is empty */
    struct tlb_only only[TLB_CLASSES_N];
    struct tlb_state *states;
    struct tlb_entry *entries;
    uint32_t ways_n;
    uint32_t set_mask;
    uint8_t size_shifts[TLB_SIZES_MAX];
    /* What most fills need, too. */
    uint32_t n;         /* entries */
    uint32_t dead_n;    /* slots whose entry went with its group, key still there */
    uint32_t crossed_n; /* entries that are crossed, all of translations */
    uint32_t entries_n;
    uint32_t no_empty_below; /* this slot */
    uint8_t replacement;     /* enum tlb_replacement */
    uint8_t groups_n;        /* of groups, have been used so far */
    bool extents_known;
    uint64_t fills_n;
    uint64_t shifts_of[TLB_KINDS_N];    /* bit i: entries may be of 1 << i bytes */
    uint8_t size_at[TLB_SHIFT_MAX + 1]; /* by size_shift: the index of the size */
    struct tlb_group groups[TLB_GROUPS_N];
    /* LRU of one set: the next victims, oldest first. */
    uint64_t victims[TLB_VICTIMS_N];
    uint32_t victims_n, victim_i;
    uint8_t keys_n[TLB_KEY_BINS]; /* [tlb_key_bin()] slots that have such a key */
    /* The others. */
    uint32_t valid_n[TLB_CLASSES_N][TLB_SIZES_MAX];
    /* Of those, entries that addresses outside of them remove, and an upper bound of
     * their tlbi_shift (0 if there are none). */
    uint32_t wider_n[TLB_CLASSES_N][TLB_SIZES_MAX];
    uint8_t widest_shift[TLB_CLASSES_N][TLB_SIZES_MAX];
    struct tlb_group_counts counts[TLB_GROUPS_N];
    struct tlb_extents extents;
    uint64_t *trees;          /* PLRU: [set], see tlb/replace.c */
    uint32_t ways_shift;      /* PLRU: log2 of ways_n */
    uint64_t random;          /* state of the random replacement, ... */
    uint64_t conflict_random; /* ... and of the choice in a conflict */
    uint64_t conflicts_n;
    void (*met)(void *ctx, uint64_t ia); /* as in struct tlb_cfg */
    void *met_ctx;
    enum tlb_conflict conflict;
    bool ipa_takes_combined, address_takes_tables;
};

static inline unsigned tlb_class(unsigned kind, bool table)
{
    return kind << 1 | table;
}

static inline bool tlb_class_is_table(unsigned class_i)
{
    return (class_i & 1u) != 0;
}

/* Sets of classes are masks, bit i for class i. */
#define TLB_CLASS_BIT(kind, table) (1u << tlb_class(kind, table))
#define TLB_CLASSES_S1                                                                 \
    (TLB_CLASS_BIT(TLB_COMBINED, 0) | TLB_CLASS_BIT(TLB_COMBINED, 1) |                 \
     TLB_CLASS_BIT(TLB_S1_ONLY, 0) | TLB_CLASS_BIT(TLB_S1_ONLY, 1))
#define TLB_CLASSES_S2 (TLB_CLASS_BIT(TLB_S2_ONLY, 0) | TLB_CLASS_BIT(TLB_S2_ONLY, 1))
#define TLB_CLASSES_TABLES                                                             \
    (TLB_CLASS_BIT(TLB_COMBINED, 1) | TLB_CLASS_BIT(TLB_S1_ONLY, 1) |                  \
     TLB_CLASS_BIT(TLB_S2_ONLY, 1))

/* Bits below the smallest size_shift (12) are free for what tells entries apart. */
#define TLB_KEY_LOW UINT64_C(0xfff)

static inline uint64_t tlb_key_low(unsigned regime, unsigned class_i, unsigned size_i)
{
    return regime << 7 | class_i << 4 | size_i << 1 | 1u;
}

static inline uint64_t tlb_key(uint64_t ia, unsigned size_shift, uint64_t low)
{
    return (ia >> size_shift << size_shift) | low;
}

static inline unsigned tlb_key_size(uint64_t key)
{
    return (unsigned)(key >> 1) & 7u;
}

static inline unsigned tlb_key_class(uint64_t key)
{
    return (unsigned)(key >> 4) & 7u;
}

static inline unsigned tlb_key_regime(uint64_t key)
{
    return (unsigned)(key >> 7) & 3u;
}

/* Stage 2 and EL2 know no ASIDs. */
static inline bool tlb_asid_counts(const struct tlb_entry *e)
{
    return e->kind != TLB_S2_ONLY && e->tag.regime != ARCH_REGIME_EL2;
}

/* Not 0; s2: of TLB_S2_ONLY entries, else of all others. vmid: 0 beside EL1&0. */
static inline uint32_t tlb_group_whose(unsigned regime, uint16_t vmid, bool s2)
{
    return 1u << 31 | (uint32_t)s2 << 18 | regime << 16 | vmid;
}

static inline unsigned tlb_group_regime(const struct tlb_group *g)
{
    return g->whose >> 16 & 3u;
}

static inline unsigned tlb_area_bin(uint64_t ia)
{
    return (unsigned)(ia >> TLB_AREA_SHIFT) & (TLB_AREA_BINS - 1);
}

/* Of a translation smaller than an area. */
static inline bool tlb_is_in_area(const struct tlb *t, uint64_t key)
{
    return !tlb_class_is_table(tlb_key_class(key)) &&
           t->size_shifts[tlb_key_size(key)] < TLB_AREA_SHIFT;
}

static inline uint32_t tlb_set_base(const struct tlb *t, uint64_t ia,
                                    unsigned size_shift)
{
    return ((uint32_t)(ia >> size_shift) & t->set_mask) * t->ways_n;
}

/* True if a look-up could hit both: they agree where both have bits that count. */
static inline bool tlb_owners_meet(const struct tlb_state *a, const struct tlb_state *b)
{
    const uint32_t differ = a->who ^ b->who;

    return differ == 0 || ((uint16_t)differ == 0 && !(a->ng && b->ng));
}

/* The entry of a slot that has a key has not gone with its group. */
static inline bool tlb_in_group(const struct tlb *t, uint32_t slot)
{
    return t->dead_n == 0 ||
           t->states[slot].filled > t->groups[t->states[slot].group].taken;
}

/* The slot holds an entry. */
static inline bool tlb_is_live(const struct tlb *t, uint32_t slot)
{
    return t->keys[slot] != 0 && tlb_in_group(t, slot);
}

/* The entry of a slot that has a key translates for who. */
static inline bool tlb_is_of(const struct tlb *t, uint32_t slot, uint32_t who)
{
    const struct tlb_state *s = &t->states[slot];
    const uint32_t differ = s->who ^ who;

    return (differ == 0 || ((uint16_t)differ == 0 && !s->ng)) && tlb_in_group(t, slot);
}

/* The first slot from slot on that has the key, or end. */
static inline uint32_t tlb_seek(const struct tlb *t, uint32_t slot, uint32_t end,
                                uint64_t key)
{
    const uint64_t *at = &t->keys[slot], *const last = &t->keys[end];
    const uint64_t *const fours = at + ((end - slot) & ~3u);

    while (at != fours && at[0] != key && at[1] != key && at[2] != key && at[3] != key)
        at += 4;
    while (at != last && *at != key)
        at++;
    return (uint32_t)(at - t->keys);
}

/* The slot of set base that holds key for who, or TLB_SLOT_NONE. */
static inline uint32_t tlb_find(const struct tlb *t, uint32_t base, uint64_t key,
                                uint32_t who)
{
    const uint32_t end = base + t->ways_n;

    for (uint32_t slot = base; (slot = tlb_seek(t, slot, end, key)) < end; slot++) {
        if (tlb_is_of(t, slot, who))
            return slot;
    }
    return TLB_SLOT_NONE;
}

static inline unsigned tlb_key_bin(uint64_t key, unsigned size_shift)
{
    return (unsigned)(key >> size_shift ^ key >> 1) & (TLB_KEY_BINS - 1);
}

/* Of a structure with hints: a key of that size is counted in, or out. */
static inline void tlb_count_key(struct tlb *t, uint64_t key, unsigned size_shift,
                                 int by)
{
    uint8_t *n = &t->keys_n[tlb_key_bin(key, size_shift)];

    if (*n != TLB_BIN_FULL)
        *n = (uint8_t)(*n + by);
}

static inline void tlb_count_area(struct tlb *t, uint64_t key, uint32_t by)
{
    if (key != 0 && tlb_is_in_area(t, key))
        t->extents.of_area_n[tlb_area_bin(key)] += by;
}

/* The key of a slot changes; 0: there is none. size_shift: of the new one. */
static inline void tlb_set_key(struct tlb *t, uint32_t slot, uint64_t key,
                               unsigned size_shift)
{
    const uint64_t old = t->keys[slot];

    if (t->front.hints != NULL && old != 0)
        tlb_count_key(t, old, t->size_shifts[tlb_key_size(old)], -1);
    if (t->front.hints != NULL && key != 0)
        tlb_count_key(t, key, size_shift, 1);
    if (t->extents_known) {
        tlb_count_area(t, old, UINT32_MAX);
        tlb_count_area(t, key, 1);
    }
    t->keys[slot] = key;
}

/* Some slot may have such a key. */
static inline bool tlb_may_have(const struct tlb *t, uint64_t key, unsigned size_shift)
{
    return t->front.hints == NULL || t->keys_n[tlb_key_bin(key, size_shift)] != 0;
}

/* The hint is of the entry of slot, for look-ups of who. */
static inline void tlb_set_hint(struct tlb *t, uint32_t slot, uint32_t who)
{
    const struct tlb_entry *e = &t->entries[slot];
    const uint64_t key = t->keys[slot];

    *tlb_hint_at(&t->front, key, e->size_shift) = (struct tlb_hint){
        .key = key,
        .whose = t->front.epoch | who,
        .offset = e->oa.v - e->ia,
        .slot = slot,
        .allows = e->perm_priv & ~(e->write_clean ? (uint32_t)TLB_W : 0u),
    };
}

/* The entry of slot goes. */
static inline void tlb_drop_hint(struct tlb *t, uint32_t slot)
{
    const uint64_t key = t->keys[slot];
    struct tlb_hint *h = tlb_hint_at(&t->front, key, t->size_shifts[tlb_key_size(key)]);

    if (h->slot == slot)
        *h = (struct tlb_hint){0};
}

/* lookup.c: which sizes of a class are held has changed. */
void tlb_set_only(struct tlb *t, unsigned class_i);

/* tlb/replace.c: PLRU, slot of the set at base was hit or filled. */
void tlb_turn_away(struct tlb *t, uint32_t base, uint32_t slot);

/* Slot, of the set at base, was hit or filled. */
static inline void tlb_touch(struct tlb *t, uint32_t base, uint32_t slot)
{
    if (t->replacement == TLB_REPLACE_LRU)
        t->front.used[slot] = tlb_tick(&t->front) | slot;
    else if (t->replacement == TLB_REPLACE_PLRU)
        tlb_turn_away(t, base, slot);
}

/* tlb/replace.c: splitmix64, its upper half scaled to n. */
uint32_t tlb_random_below(uint64_t *state, uint32_t n);

/* tlb/cross.c: marks what overlaps now that slot was filled with an entry of that class
 * and size. */
void tlb_mark_crossed(struct tlb *t, uint32_t slot);

/* tlb/replace.c: the slot of the set at base for a new entry: the first empty one, else
 * the victim. */
uint32_t tlb_choose(struct tlb *t, uint32_t base);

/**
 * tlb_sweep() - visits every slot that op may concern, and as few others as is cheap.
 * @extra_classes: bit i: whatever their address, all entries of class i that are of the
 *                 regime and VMID of op; 0: only what tlb_op_covers().
 * @visit:         decides; may drop the entry of its slot. Of the extra classes it sees
 *                 entries of that regime and VMID only.
 */
void tlb_sweep(const struct tlb *t, const struct arch_tlbi *op, unsigned extra_classes,
               void (*visit)(uint32_t slot, void *ctx), void *ctx);

/* Takes the entry of a slot that holds one out of keys and counts. */
void tlb_drop(struct tlb *t, uint32_t slot);

/* tlb/groups.c: the group for an entry of tlb_group_whose(). */
unsigned tlb_group_for(struct tlb *t, uint32_t whose);

/* True if no entry of the regime and VMID of op is held, whatever its kind. */
bool tlb_has_none_of(const struct tlb *t, const struct arch_tlbi *op);

/* True if op takes whole groups and tlb_take_groups() does all that it has to do. */
bool tlb_takes_groups(const struct tlb *t, const struct arch_tlbi *op);

/* Removes them; how many entries that were. */
uint32_t tlb_take_groups(struct tlb *t, const struct arch_tlbi *op);

/* True if no entry of the groups that op takes was found before; false says nothing. */
bool tlb_groups_are_newer(const struct tlb *t, const struct arch_tlbi *op,
                          uint64_t before);

#endif
