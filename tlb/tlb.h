/* SPDX-License-Identifier: Apache-2.0 */
/* tlb/tlb.h - one set-associative structure that holds translations: a TLB, a cache of
 * stage 2 translations, or a walk cache of table descriptors.
 *
 * It caches what a walk found and never walks. Faults and entries whose Access flag is
 * clear are never given to it (ArmARM: I_WZCBG). No allocation, no clock: recency is
 * the order of calls. */
#ifndef TLB_TLB_H
#define TLB_TLB_H

#include "walker/arch/addr.h"
#include "walker/arch/status.h"
#include "walker/arch/tlbi.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Who goes when a set is full; an empty way is always taken first. */
enum tlb_replacement { TLB_REPLACE_LRU, TLB_REPLACE_PLRU, TLB_REPLACE_RANDOM };

/* What a look-up does that meets several entries which are not parts of one leaf.
 * ArmARM: R_FVQCK leaves an abort or the use of any of them. */
enum tlb_conflict {
    TLB_CONFLICT_ABORT,   /* it hits tlb_conflict_abort */
    TLB_CONFLICT_OLDER,   /* it hits the one that was filled first, ... */
    TLB_CONFLICT_NEWER,   /* ... last, ... */
    TLB_CONFLICT_RANDOM,  /* ... or any one */
    TLB_CONFLICT_RESOLVE, /* it removes all of them, and misses */
    TLB_CONFLICTS_N
};

#define TLB_SIZES_MAX 8

enum tlb_kind {
    TLB_COMBINED, /* input address to PA, through stage 2 where the regime has one */
    TLB_S1_ONLY,  /* VA to IPA; of a regime without stage 2 use TLB_COMBINED */
    TLB_S2_ONLY,  /* IPA to PA; of EL1&0 only */
    TLB_KINDS_N
};

struct tlb_cfg {
    uint32_t entries_n;
    uint32_t ways_n; /* equal to entries_n: fully associative */
    /* log2 of the sizes that an entry may have, ascending, e.g. 12, 21, 30. A
     * larger translation is held as a fragment of the largest size that fits. */
    uint8_t size_shifts[TLB_SIZES_MAX];
    uint8_t sizes_n;
    /* Bit i of [kind]: entries of that kind may have size_shifts[i]; all 0 for a kind
     * that is not held. */
    uint8_t sizes_of[TLB_KINDS_N];
    enum tlb_replacement replacement; /* PLRU: ways_n is a power of two, at most 64 */
    uint64_t seed; /* of TLB_REPLACE_RANDOM and TLB_CONFLICT_RANDOM */
    /* Choices beyond what the architecture demands; entries that go only because of
     * them are counted (struct tlb_removed). */
    bool ipa_takes_combined;   /* IPAS2, last-level or not, also removes the combined
                                * entries and the stage 1 table entries of its VMID: a
                                * core that cannot tell which ones used the IPA */
    bool address_takes_tables; /* an operation by address (not last-level) removes
                                * all table entries of its VMID and stage */
    enum tlb_conflict conflict;
    /* NULL: nobody. Told of a conflict that does not abort, in the look-up of ia. */
    void (*met)(void *ctx, uint64_t ia);
    void *met_ctx;
};

enum tlb_perm { TLB_R = 1, TLB_W = 2, TLB_X = 4 };

/* Whose translation: what a look-up and an entry are tagged with. vmid counts in EL1&0,
 * asid for VAs in EL1&0 and EL2&0; elsewhere they are ignored, and 0 in entries made.
 * ArmARM: UseVMID, UseASID. */
struct tlb_tag {
    uint16_t vmid;
    uint16_t asid;
    uint8_t regime; /* enum arch_regime */
};

struct tlb_entry {
    uint64_t ia;       /* input address, aligned to 1 << size_shift; of VAs bits 63:56
                        * are copies of bit 55, of look-ups too */
    struct arch_pa oa; /* of ia; TLB_S1_ONLY: the IPA; a table entry: the table's
                        * address, whichever part of its span ia is */
    uint64_t stamp;    /* the caller's: when the walk began that found it ... */
    uint64_t stamp_s2; /* ... and of TLB_COMBINED in EL1&0: the oldest stage 2 part of
                        * it, equal to stamp where stage 2 is off */
    struct tlb_tag tag;
    uint8_t size_shift; /* log2 of the bytes that this entry translates */
    /* log2 of the bytes around ia that one entry may translate, >= size_shift: the
     * smaller of both stages' leaves, and where a leaf is larger than the output size
     * of its stage that size, because beyond it are Address size faults; of a table
     * entry the bytes that the table maps */
    uint8_t span_shift;
    /* log2 of the bytes whose addresses, named by a TLBI, remove the entry, at most
     * 63: of the leaf (or contiguous group) of stage 1 for TLB_COMBINED and
     * TLB_S1_ONLY, of stage 2 for TLB_S2_ONLY. Below size_shift it says nothing: any
     * address inside the entry does it anyway */
    uint8_t tlbi_shift;
    uint8_t leaf_shift;    /* log2 of the bytes of that leaf descriptor, for TTL; 0: any
                            * hint removes it, as while stage 1 is off */
    uint8_t tg;            /* enum arch_tg of that stage, for ranges; 0: any */
    int8_t s2_level;       /* the caller's: of the stage 2 leaf, for the syndrome */
    int8_t table_level;    /* of a table entry: level of the descriptors in the table */
    uint8_t perm_el0 : 4;  /* of enum tlb_perm */
    uint8_t perm_priv : 4; /* of enum tlb_perm; EL1, or EL2 in its own regimes */
    uint8_t kind : 2; /* enum tlb_kind; a stage 1 table entry is TLB_COMBINED if oa is
                       * a PA through stage 2, TLB_S1_ONLY if it is an IPA */
    bool table : 1;   /* a table entry: an intermediate result of a walk */
    bool ng : 1;      /* not global: translates for its ASID only; false in entries
                       * made where no ASID counts */
    bool pan_denies : 1;  /* with PSTATE.PAN = 1 privileged data accesses fault */
    bool write_clean : 1; /* TLB_W is there because of DBM, but the dirty state is not
                           * set: a write must walk again */
    uint64_t attrs;       /* the caller's: of a stage 1 table entry the hierarchical
                           * attributes, of others what it likes */
    uint64_t via;         /* the caller's: of a stage 1 table entry the table's IPA */
};

/* What one operation did. */
struct tlb_removed {
    uint32_t n;       /* entries removed */
    uint32_t wide_n;  /* of those, by an operation that names no address */
    uint32_t extra_n; /* of those, that op does not cover (tlb_op_covers() is false) */
};

struct tlb; /* lives in memory that the caller brings */

/* ARCH_OK, or ARCH_ERR_RANGE if there are a million entries (2^20) or more, ways_n does
 * not divide entries_n, the sets are not a
 * power of two, the sizes are not ascending within 12..48, sizes_of names a size that
 * is not there or no size at all, or PLRU cannot have that many ways. */
ARCH_MUST_USE enum arch_status tlb_cfg_check(const struct tlb_cfg *cfg);

/* Bytes of memory that tlb_init() needs for cfg; alignment 64. */
size_t tlb_bytes(const struct tlb_cfg *cfg);

/* An empty TLB in mem (tlb_bytes(cfg) bytes, aligned to 64). */
struct tlb *tlb_init(void *mem, const struct tlb_cfg *cfg);

/**
 * tlb_lookup() - the entry that translates ia.
 * @who:   of the access; asid is ignored by global entries.
 * @table: look for a table entry, else for a translation.
 *
 * Returns NULL on a miss. A hit becomes the most recently used of its set. The pointer
 * holds until the next call that changes the TLB. Permissions and write_clean are the
 * caller's business.
 *
 * Of several sizes that match the smallest wins, as long as they are parts of one leaf:
 * they translate ia alike, from leaves of the same sizes. If they are not it is a
 * conflict, and cfg.conflict says what is hit, which may be &tlb_conflict_abort. A walk
 * cache has one size per granule and a VM one granule, so of its entries at most one
 * matches.
 */
const struct tlb_entry *tlb_lookup(struct tlb *t, const struct tlb_tag *who,
                                   enum tlb_kind kind, bool table, uint64_t ia);

/* Combined translations of ia and the page behind it will be looked up, and maybe
 * filled: a hint to the host. */
void tlb_foresee(const struct tlb *t, uint64_t ia);

/* The hit of a look-up that ends in a conflict abort: no entry of any TLB. */
extern const struct tlb_entry tlb_conflict_abort;

/* Conflicts that look-ups have met, whatever came of them. */
uint64_t tlb_conflicts_n(const struct tlb *t);

/* False: no look-up of translations can meet a conflict now. */
bool tlb_may_conflict(const struct tlb *t);

/* How many translations a look-up could hit, one per size at most. Recency is left
 * alone. ArmARM: R_FVQCK. */
uint32_t tlb_matches(const struct tlb *t, const struct tlb_tag *who, enum tlb_kind kind,
                     uint64_t ia);

/* True if tlb_lookup() with those arguments would hit; recency is left alone. */
bool tlb_peek(const struct tlb *t, const struct tlb_tag *who, enum tlb_kind kind,
              bool table, uint64_t ia);

/**
 * tlb_fill() - hold what a walk found.
 * @found: ia any address inside what was found and oa its translation (of a table
 *         entry the table's address); size_shift is ignored. May be an entry of t.
 *
 * The entry made covers the largest size <= span_shift that its kind may have, around
 * ia. It replaces the entries of the same size, regime, VMID, kind and address that a
 * look-up could hit as well as it: those of its ASID and global ones, and if it is
 * global those of every ASID. If there are none it takes an empty way of the set or
 * the one that the replacement chooses. Entries of other sizes stay, whatever they say.
 * Returns the entry made, or NULL if the kind is not held or no size fits.
 */
const struct tlb_entry *tlb_fill(struct tlb *t, const struct tlb_entry *found);

/**
 * tlb_invalidate() - do what one TLBI does to this TLB.
 *
 * Removes what tlb_op_covers(), and what struct tlb_cfg adds to that. The shareability
 * domain decides which TLBs receive an operation, not what it does there.
 */
struct tlb_removed tlb_invalidate(struct tlb *t, const struct arch_tlbi *op);

/**
 * tlb_op_covers() - true if the architecture has op remove e.
 *
 * An operation by address covers all fragments of the leaf that an address of it is in
 * (tlbi_shift), not only the one hit; by a last-level form no table entry, by one with
 * a level hint only leaves of that size (leaf_shift), by a range only entries of its
 * granule (tg). e may also be what a walk has found and nothing holds yet, ia anywhere
 * in it, with size_shift set to span_shift, so that no part of it escapes.
 * ArmARM: TLBIMatch, AArch64.TLBI_VA and those of the other operations.
 */
bool tlb_op_covers(const struct arch_tlbi *op, const struct tlb_entry *e);

/* True if op covers e, which was found before that time: see tlb_count_stale(). */
bool tlb_is_stale(const struct arch_tlbi *op, const struct tlb_entry *e,
                  uint64_t before);

/**
 * tlb_count_stale() - entries that op covers and that were found before it.
 * @before: in the unit of the caller's stamps.
 *
 * Counts stamp < before; for ARCH_TLBI_ALL and _VMALLS12, which end stage 2 too, also
 * stamp_s2 < before of TLB_COMBINED in EL1&0. Once op has completed this must be 0 for
 * a before that is the time of its issue.
 */
uint32_t tlb_count_stale(const struct tlb *t, const struct arch_tlbi *op,
                         uint64_t before);

/* Calls visit for every valid entry, in array order; for checks and tests. */
void tlb_for_each(const struct tlb *t, void (*visit)(const struct tlb_entry *, void *),
                  void *ctx);

#endif
