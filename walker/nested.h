/* SPDX-License-Identifier: Apache-2.0 */
/* walker/nested.h - a stage 1 walk whose descriptors lie behind stage 2.
 *
 * For each descriptor that stage 1 names, stage 2 first translates its IPA; a hardware
 * update of it needs stage 2 write permission. Without stage 2 the IPA is the PA.
 *
 * With query.ask, WALK_ASK comes before the first descriptor of stage 1 and before the
 * first of each stage 2 walk, but not where one starts again after a lost
 * compare-and-swap. It is answered by one of walk_nested_skip() and _use_*(). */
#ifndef WALKER_NESTED_H
#define WALKER_NESTED_H

#include "walker/s1_walk.h"
#include "walker/s2_walk.h"

struct walk_nested {
    /* Told by the functions below; struct walk has what holds of any step. */
    struct arch_pa desc_pa;    /* after WALK_NEED_DESC and WALK_NEED_CAS */
    uint64_t desc;             /* after WALK_NEED_CAS */
    uint64_t desc_new;         /* after WALK_NEED_CAS */
    uint8_t stage;             /* 1 or 2, of the descriptor at desc_pa, or asking */
    int8_t level;              /* of the descriptor at desc_pa */
    struct arch_fault fault;   /* after WALK_FAULT */
    struct arch_ipa fault_ipa; /* after WALK_FAULT with s1ptw: of the stage 1
                                * descriptor that was accessed */
    struct walk_s1 s1;         /* after WALK_DONE: the result, s1.oa is an IPA */
    uint8_t descs_n;           /* descriptors asked for so far, of both stages */
    enum walk_next s1_next;    /* what stage 1 waits for while stage 2 walks */
    bool s2_ended;             /* the last walk_nested_feed() ended a walk of s2, with
                                * success */
    struct walk_s2 s2;         /* of the descriptor asked for if that is stage 1's */
    /* private */
    const struct walk_s2_cfg *s2_cfg;
    bool in_s2;
    bool asks_s1, asks_s2;
};

/**
 * walk_nested_begin() - start a stage 1 walk, through stage 2 where there is one.
 * @w:  overwritten; must outlive the walk.
 * @s1: the half of query->va; read until the walk ends.
 * @s2: NULL where stage 2 is off or does not apply; else read until the walk ends.
 *
 * ArmARM: AArch64.S1Walk, AArch64.S1Translate, their calls of AArch64.S2Translate.
 */
ARCH_MUST_USE enum walk_next walk_nested_begin(struct walk_nested *w,
                                               const struct walk_s1_cfg *s1,
                                               const struct walk_s2_cfg *s2,
                                               const struct walk_query *query);

/* Go on with the value that w->desc_pa named, as walk_s2_feed(). */
ARCH_MUST_USE enum walk_next walk_nested_feed(struct walk_nested *w, uint64_t value);

/* After WALK_ASK. */
ARCH_MUST_USE enum walk_next walk_nested_skip(struct walk_nested *w);
ARCH_MUST_USE enum walk_next walk_nested_use_table(struct walk_nested *w,
                                                   const struct walk_table *t);
ARCH_MUST_USE enum walk_next walk_nested_use_s1(struct walk_nested *w,
                                                const struct walk_s1_leaf *leaf);
ARCH_MUST_USE enum walk_next walk_nested_use_s2(struct walk_nested *w,
                                                const struct walk_s2_leaf *leaf);

/* walk_table_found() of the descriptor at desc_pa, which is asked for. */
bool walk_nested_table_found(const struct walk_nested *w, struct arch_pa desc_pa,
                             struct walk_table *out);

#endif
