/* SPDX-License-Identifier: Apache-2.0 */
/* tlb/tlb.h - one set-associative TLB that holds translations of several page sizes.
 *
 * It caches what a walk found and never walks. Faults and entries whose Access flag is
 * clear are never given to it (ArmARM: I_WZCBG). No allocation, no clock: recency is
 * the order of calls. Entries have no regime: those of EL1&0 and of EL2 must not be in
 * one TLB at the same time. */
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

/* ia has its tag removed: where the top byte is ignored, bits 63:56 are copies of bit
 * 55, of look-ups too. */
struct tlb_entry {
    uint64_t ia;       /* input address, aligned to 1 << size_shift */
    struct arch_pa oa; /* of ia */
    uint64_t stamp;    /* the caller's: when the walk that found it began */
    uint16_t vmid;
    uint16_t asid;      /* counts with ng only */
    uint8_t size_shift; /* log2 of the bytes that this entry translates */
    /* log2 of the bytes around ia that one entry may translate, >= size_shift: the
     * smaller of both stages' leaves, and where a leaf is larger than the output size
     * of its stage that size, because beyond it are Address size faults */
    uint8_t leaf_shift;
    /* log2 of the bytes of the leaf whose addresses a TLBI names: that of stage 1 for
     * TLB_COMBINED, of stage 2 for TLB_S2_ONLY; 0 or 64: leaf_shift, as while stage 1
     * is off */
    uint8_t tlbi_shift;
    int8_t
        s2_level; /* the caller's: of the stage 2 leaf, for the syndrome of a fault */
    uint8_t perm_el0;  /* of enum tlb_perm */
    uint8_t perm_priv; /* of enum tlb_perm; EL1, or EL2 in its own regimes */
    uint8_t kind;      /* of enum tlb_kind */
    bool ng;           /* not global: translates for its ASID only */
    bool pan_denies;   /* with PSTATE.PAN = 1 privileged data accesses fault */
    bool write_clean;  /* TLB_W is there because of DBM, but the dirty state is not set:
                        * a write must walk again */
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
 * @asid: of the access; ignored for TLB_S2_ONLY.
 *
 * Returns NULL on a miss. A hit becomes the most recently used of its set. The pointer
 * holds until the next call that changes the TLB. Permissions and write_clean are the
 * caller's business. If entries of several sizes match, the smallest size wins (ArmARM
 * RFVQCK: any one of them may be used).
 */
const struct tlb_entry *tlb_lookup(struct tlb *t, uint16_t vmid, uint16_t asid,
                                   enum tlb_kind kind, uint64_t ia);

/**
 * tlb_fill() - hold what a walk found.
 * @leaf:       ia any address inside the leaf and oa its translation; leaf_shift is
 *              the size of the leaf; size_shift is ignored, and ng of TLB_S2_ONLY.
 *
 * The entry made covers the largest configured size <= leaf_shift around ia. It
 * replaces the entries of the same size, VMID, kind and address that an access could
 * hit as well as it: those of its ASID and global ones, and if it is global those of
 * every ASID. If there are none it takes the LRU way of the set.
 * Returns the entry made, or NULL if every configured size is larger than the leaf.
 */
const struct tlb_entry *tlb_fill(struct tlb *t, const struct tlb_entry *leaf);

/**
 * tlb_invalidate() - do what one TLBI does to this TLB.
 *
 * Returns the number of entries removed. An operation by address removes all fragments
 * of the leaf that covers the address, not only the one hit: ARCH_TLBI_IPAS2 those of
 * a stage 2 leaf, ARCH_TLBI_VA and ARCH_TLBI_VAA those of a stage 1 leaf.
 */
uint32_t tlb_invalidate(struct tlb *t, const struct arch_tlbi *op);

/* True if op removes e: the predicate of tlb_invalidate(). ArmARM: AArch64.TLBI_VA and
 * those of the other operations. */
bool tlb_op_covers(const struct arch_tlbi *op, const struct tlb_entry *e);

/* Calls visit for every valid entry, in array order; for checks and tests. */
void tlb_for_each(const struct tlb *t, void (*visit)(const struct tlb_entry *, void *),
                  void *ctx);

#endif
