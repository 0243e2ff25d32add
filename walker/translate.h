/* SPDX-License-Identifier: Apache-2.0 */
/* walker/translate.h - a whole translation, any regime, as one step machine.
 *
 *     enum walk_next next = walk_begin(&w, &ctx, &query);
 *     while (next == WALK_NEED_DESC || next == WALK_NEED_CAS)
 *         next = walk_feed(&w, next == WALK_NEED_DESC
 *                                  ? read(w.desc_pa)
 *                                  : compare_and_swap(w.desc_pa, w.desc, w.desc_new));
 *
 * Each step may take any time; memory may change between steps. */
#ifndef WALKER_TRANSLATE_H
#define WALKER_TRANSLATE_H

#include "walker/arch/syndrome.h"
#include "walker/context.h"
#include "walker/nested.h"

/* Steps of one walk that loses no compare-and-swap: 5 stage 1 descriptors and one
 * update of the last, each behind 5 of stage 2 and an update, and stage 2 of the
 * output. Each lost compare-and-swap can cost as many again. */
#define WALK_STEPS_MAX (6u * 7u + 6u)

#define WALK_LEAF_SHIFT_OFF 64 /* the stage is off: no leaf bounds the mapping */

/* What a TLB may keep of a translation. */
struct walk_result {
    enum arch_regime regime;
    struct arch_ipa ipa;   /* output of stage 1; in regimes without stage 2 the PA */
    struct arch_pa pa;     /* full; after AT S1E* the IPA */
    uint8_t s1_leaf_shift; /* log2 of the bytes that the leaf maps, or ..._SHIFT_OFF */
    uint8_t s2_leaf_shift; /* the same; a combined entry holds the smaller of both */
    struct walk_perms perms;    /* of both stages, before PAN */
    struct walk_perms s1_perms; /* all but pan_denies where the stage is off */
    struct walk_perms s2_perms;
    bool ng;          /* not global: tag with asid */
    bool write_clean; /* perms grant W because of DBM, but the dirty state is not set: a
                       * write must walk again before it may use this entry */
    bool s1_nt, s2_nt; /* the leaf of that stage is a block with nT set */
    bool s1_contiguous, s2_contiguous;
    uint16_t asid;   /* of the regime; 0 in EL2 */
    uint16_t vmid;   /* counts for EL1&0 only */
    uint8_t descs_n; /* descriptors read and swapped, of both stages */
};

struct walk {
    struct arch_pa desc_pa; /* after WALK_NEED_DESC and WALK_NEED_CAS */
    uint64_t desc;          /* after WALK_NEED_CAS: the value to compare with */
    uint64_t desc_new;      /* after WALK_NEED_CAS: the value to write */
    uint8_t stage;          /* 1 or 2, of the descriptor at desc_pa */
    int8_t level;           /* -1..3, of the descriptor at desc_pa */
    bool for_s1;            /* of a stage 2 descriptor: it translates a stage 1
                             * descriptor's address, s1_desc_ipa, not the output */
    struct arch_ipa s1_desc_ipa;
    struct arch_fault fault;   /* after WALK_FAULT */
    struct arch_ipa fault_ipa; /* after WALK_FAULT of stage 2: its input address */
    struct walk_result result; /* after WALK_DONE; its AF is 1 in memory by then */
    /* private */
    const struct walk_context *ctx;
    struct walk_query query;
    struct walk_nested nested;
    struct walk_s2 s2;
    bool in_final_s2;
};

/**
 * walk_begin() - start the translation of query->va.
 * @w:     overwritten; must outlive the walk.
 * @ctx:   read until the walk ends.
 * @query: copied.
 *
 * The regime follows from query->el and HCR_EL2.{E2H,TGE}; AT S1E1* with {1,1} acts on
 * EL2&0 as an access by EL2, and AT S12E* executes as AT S1E*; else on EL1&0.
 * ArmARM: AArch64.FullTranslate, AArch64.AT, AArch64.S1DisabledOutput.
 * If a TLBI that covers any part of the walk is observed before it ends, its result
 * must not enter a TLB.
 */
ARCH_MUST_USE enum walk_next walk_begin(struct walk *w, const struct walk_context *ctx,
                                        const struct walk_query *query);

/* Go on with the descriptor at w->desc_pa; after WALK_NEED_CAS with the value that the
 * compare-and-swap found there, which is w->desc if it wrote. */
ARCH_MUST_USE enum walk_next walk_feed(struct walk *w, uint64_t value);

/* PAR_EL1 of an AT instruction; next is WALK_DONE or WALK_FAULT. */
uint64_t walk_par(const struct walk *w, enum walk_next next);

/* The exception of a real access, after WALK_FAULT. */
struct arch_syndrome walk_syndrome(const struct walk *w);

#endif
