/* SPDX-License-Identifier: Apache-2.0 */
/* tlb/tlb.h - one set-associative TLB that holds translations of several page sizes.
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

enum tlb_replacement { TLB_REPLACE_LRU };

#define TLB_SIZES_MAX 8

struct tlb_cfg {
    uint32_t entries_n;
    uint32_t ways_n; /* equal to entries_n: fully associative */
    /* log2 of the page sizes that an entry may have, ascending, e.g. 12, 21, 30. A
     * larger translation is held as a fragment of the largest size that fits. */
    uint8_t size_shifts[TLB_SIZES_MAX];
    uint8_t sizes_n;
    enum tlb_replacement replacement;
};

enum tlb_kind {
    TLB_COMBINED, /* input address to PA through both stages (stage 1 may be off) */
    TLB_S2_ONLY,  /* IPA to PA */
};

enum tlb_perm { TLB_R = 1, TLB_W = 2, TLB_X = 4 };

struct tlb_entry {
    uint64_t ia;       /* input address, aligned to 1 << size_shift */
    struct arch_pa oa; /* of ia */
    uint64_t stamp;    /* the caller's: when the walk that found it began */
    uint16_t vmid;
    uint8_t size_shift; /* log2 of the bytes that this entry translates */
    uint8_t leaf_shift; /* log2 of the bytes of the leaf it comes from, >= size_shift */
    uint8_t perm;       /* of enum tlb_perm */
    uint8_t kind;       /* of enum tlb_kind */
};

struct tlb; /* lives in memory that the caller brings */

/* ARCH_OK, or ARCH_ERR_RANGE if ways_n does not divide entries_n, the sets are not a
 * power of two, or the sizes are not ascending within 12..47. */
ARCH_MUST_USE enum arch_status tlb_cfg_check(const struct tlb_cfg *cfg);

/* Bytes of memory that tlb_init() needs for cfg; alignment 64. */
size_t tlb_bytes(const struct tlb_cfg *cfg);

/* An empty TLB in mem (tlb_bytes(cfg) bytes, aligned to 64). */
struct tlb *tlb_init(void *mem, const struct tlb_cfg *cfg);

/**
 * tlb_lookup() - the entry that translates ia.
 *
 * Returns NULL on a miss. A hit becomes the most recently used of its set. The pointer
 * holds until the next call that changes the TLB. Permissions are the caller's
 * business. If entries of several sizes match, the smallest size wins (ArmARM RFVQCK:
 * any one of them may be used).
 */
const struct tlb_entry *tlb_lookup(struct tlb *t, uint16_t vmid, enum tlb_kind kind,
                                   uint64_t ia);

/**
 * tlb_fill() - hold what a walk found.
 * @leaf:       ia any address inside the leaf and oa its translation; leaf_shift is
 *              the size of the leaf; size_shift is ignored.
 *
 * The entry made covers the largest configured size <= leaf_shift around ia. An entry
 * of the same size, VMID, kind and address is replaced; else the LRU way of the set.
 * Returns the entry made, or NULL if every configured size is larger than the leaf.
 */
const struct tlb_entry *tlb_fill(struct tlb *t, const struct tlb_entry *leaf);

/**
 * tlb_invalidate() - do what one TLBI does to this TLB.
 *
 * Returns the number of entries removed. ARCH_TLBI_IPAS2E1 removes every TLB_S2_ONLY
 * entry whose leaf covers the IPA: all fragments of a block, not only the one hit.
 */
uint32_t tlb_invalidate(struct tlb *t, const struct arch_tlbi *op);

/* True if op removes e: the predicate of tlb_invalidate(). ArmARM: TLBI pseudocode,
 * AArch64.TLBI_VMALLS12 and others. */
bool tlb_op_covers(const struct arch_tlbi *op, const struct tlb_entry *e);

/* Calls visit for every valid entry, in array order; for checks and tests. */
void tlb_for_each(const struct tlb *t, void (*visit)(const struct tlb_entry *, void *),
                  void *ctx);

#endif
