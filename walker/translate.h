/* SPDX-License-Identifier: Apache-2.0 */
/* walker/translate.h - a whole translation, any regime, as one step machine.
 *
 *     enum walk_next next = walk_begin(&w, &ctx, &query);
 *     while (next == WALK_NEED_DESC || next == WALK_NEED_CAS)
 *         next = walk_feed(&w, next == WALK_NEED_DESC
 *                                  ? read(w.desc_pa)
 *                                  : compare_and_swap(w.desc_pa, w.desc, w.desc_new));
 *
 * Each step may take any time; memory may change between steps.
 *
 * With query.ask the walk also stops with WALK_ASK where a cache of tables, of stage 2
 * or of stage 1 may know what it is about to read: once before the first descriptor of
 * stage 1, and once before the first of each stage 2 walk, w.ask tells which. The
 * answer is one of walk_skip(), walk_use_table(), walk_use_s1() and walk_use_s2(), in
 * place of walk_feed(). A walk that starts again after a lost compare-and-swap reads
 * memory without asking. What it learns for such caches, walk_table_found() and
 * walk_s2_found() tell. */
#ifndef WALKER_TRANSLATE_H
#define WALKER_TRANSLATE_H

#include "walker/arch/syndrome.h"
#include "walker/context.h"
#include "walker/nested.h"

/* Steps of one walk that loses no compare-and-swap: 5 stage 1 descriptors and one
 * update of the last, each behind 5 of stage 2 and an update, and stage 2 of the
 * output. Each lost compare-and-swap can cost as many again. */
#define WALK_STEPS_MAX (6u * 7u + 6u)

/* WALK_ASK of such a walk: stage 1, each of its descriptors and its update, the output.
 * Those that a lost compare-and-swap of stage 1 has read again ask stage 2 again. */
#define WALK_ASKS_MAX (1u + 6u + 1u)

#define WALK_LEAF_SHIFT_OFF 64 /* the stage is off: no leaf bounds the mapping */

/* What a TLB may keep of a translation. */
struct walk_result {
    enum arch_regime regime;
    struct arch_ipa ipa;    /* output of stage 1; in regimes without stage 2 the PA */
    struct arch_pa pa;      /* full; after AT S1E* the IPA */
    uint8_t s1_leaf_shift;  /* log2 of the bytes that the leaf maps, or ..._SHIFT_OFF */
    uint8_t s2_leaf_shift;  /* the same; a combined entry holds the smaller of both */
    uint8_t s1_group_shift; /* of the contiguous group that it is in, or the same */
    uint8_t s2_group_shift;
    struct walk_perms perms;    /* of both stages, before PAN */
    struct walk_perms s1_perms; /* all but pan_denies where the stage is off */
    struct walk_perms s2_perms;
    bool ng;          /* not global: tag with asid */
    bool write_clean; /* perms grant W because of DBM, but the dirty state is not set: a
                       * write must walk again before it may use this entry */
    bool s1_write_clean; /* the same of stage 1 and s1_perms alone */
    bool s1_nt, s2_nt;   /* the leaf of that stage is a block with nT set */
    bool s1_contiguous, s2_contiguous;
    bool s2_device;  /* the stage 2 leaf is Device memory */
    uint16_t asid;   /* of the regime; 0 in EL2 */
    uint16_t vmid;   /* counts for EL1&0 only */
    uint8_t descs_n; /* descriptors read and swapped, of both stages */
};

/* After WALK_ASK. */
struct walk_ask {
    uint8_t stage;  /* 1 or 2 */
    bool for_s1;    /* of stage 2: ia is the address of a stage 1 descriptor */
    bool for_write; /* of stage 2: that descriptor is to be updated, or the access is a
                     * write (WALK_ACCESS only) */
    uint64_t ia;    /* stage 1: the VA without its tag, see walk_s1_untagged(); stage 2:
                     * the IPA */
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
    struct walk_ask ask;       /* after WALK_ASK */
    struct arch_fault fault;   /* after WALK_FAULT */
    struct arch_ipa fault_ipa; /* after WALK_FAULT of stage 2: its input address */
    struct walk_result result; /* after WALK_DONE; its AF is 1 in memory by then */
    /* private */
    const struct walk_context *ctx;
    struct walk_query query;
    struct walk_nested nested; /* its s2 and what belongs to it also serve the final
                                * walk of stage 2, that of the output of stage 1 */
    bool in_final_s2;
    bool asking; /* the last step gave WALK_ASK */
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

/* The same with what walk_feed_table() does not take. */
ARCH_MUST_USE enum walk_next walk_feed_other(struct walk *w, uint64_t value);

/* walk_feed() of a plain descriptor (walker/plan.h) that names a table of stage 2,
 * which most do: the next one is needed. False: it is none, and nothing has changed. */
static inline bool walk_feed_table(struct walk *w, uint64_t desc)
{
    struct walk_s2 *s2 = &w->nested.s2;

    if (w->stage != 2 || s2->swapping || !walk_s2_feed_table(s2, desc))
        return false;
    w->desc_pa = s2->desc_pa;
    w->level = s2->level;
    w->nested.descs_n++;
    return true;
}

/* After WALK_ASK: nothing is cached, the walk reads the start table. */
ARCH_MUST_USE enum walk_next walk_skip(struct walk *w);

/**
 * walk_use_table() - after WALK_ASK: go on with the descriptor of t->level in a table.
 * @t: as walk_table_found() told it of this stage and a walk through this table.
 *
 * Stage 1 with t->pa_valid reads that descriptor without a stage 2 walk. An update of
 * it still asks stage 2, for the permission to write.
 */
ARCH_MUST_USE enum walk_next walk_use_table(struct walk *w, const struct walk_table *t);

/**
 * walk_use_s1() - after WALK_ASK of stage 1: only stage 2 of leaf->ipa is left.
 *
 * A leaf that does not allow the access is a Permission fault. If the access writes and
 * leaf->write_clean, this is walk_skip(): the walk has memory to update.
 */
ARCH_MUST_USE enum walk_next walk_use_s1(struct walk *w,
                                         const struct walk_s1_leaf *leaf);

/* After WALK_ASK of stage 2: that walk of stage 2 ends with leaf, as far as it allows
 * what is asked, as walk_use_s1(). A walk for a stage 1 descriptor needs R, its update
 * W, and with HCR_EL2.PTW the leaf must not be Device memory. */
ARCH_MUST_USE enum walk_next walk_use_s2(struct walk *w,
                                         const struct walk_s2_leaf *leaf);

/**
 * walk_conflict() - a look-up for this walk met several entries that disagree.
 *
 * After WALK_ASK: of the stage that w->ask names; after WALK_DONE: of stage 2 of the
 * output. Returns WALK_FAULT. Approx: with stage 2 on all but conflicts of entries of
 * stage 1 alone are reported as stage 2, to EL2, the level as 0. ArmARM: R_FVQCK.
 */
enum walk_next walk_conflict(struct walk *w);

/* After WALK_NEED_DESC: true if the table at w->desc_pa, of stage w->stage, was named
 * by a descriptor that was fed to this walk: no start table and none from a cache.
 * Caches may hold it, tagged as the entries of that stage are (a table of stage 1 with
 * the ASID, whatever its leaves say). */
bool walk_table_found(const struct walk *w, struct walk_table *out);

/* True if the last step was a walk_feed() that ended a walk of stage 2 with success,
 * whatever it returned. Caches may hold *out, which may be nt; the second does not
 * tell. */
bool walk_s2_found(const struct walk *w, struct walk_s2_leaf *out);
static inline bool walk_s2_has_ended(const struct walk *w)
{
    return w->nested.s2_ended;
}

/* PAR_EL1 of an AT instruction; next is WALK_DONE or WALK_FAULT. */
uint64_t walk_par(const struct walk *w, enum walk_next next);

/* The exception of a real access, after WALK_FAULT. */
struct arch_syndrome walk_syndrome(const struct walk *w);

#endif
