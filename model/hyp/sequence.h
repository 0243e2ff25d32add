/* SPDX-License-Identifier: Apache-2.0 */
/* model/hyp/sequence.h - the protocols that replace a table by one block.
 *
 * Each returns HYP_EAGAIN without a change if another walker has the entry. When it
 * returns HYP_DONE the block is in force; a sequence that tears the old table down
 * afterwards leaves that to the caller in *detached (old is 0 if nothing is left). */
#ifndef MODEL_HYP_SEQUENCE_H
#define MODEL_HYP_SEQUENCE_H

#include "model/hyp/stage2.h"

struct hyp_coalesce {
    const struct hyp_vm *vm;
    struct hyp_event at; /* ipa, level, entry, and old = the table descriptor */
    uint64_t block;      /* the descriptor to install, nT clear */
    struct arch_pa pa;   /* what it maps */
    uint64_t bytes;
};

/* Runs c by vm->cfg.sequence, which must not be HYP_SEQ_KEEP. */
enum hyp_result hyp_coalesce(struct hyp_coalesce *c, struct hyp_event *detached);

/* Tell the observer that point is reached for the entry that event describes. */
void hyp_at(const struct hyp_vm *vm, enum hyp_point point, struct hyp_event *event);

/* Replace *entry, which was read as event->old, by desc: a plain store under the
 * exclusive lock, a compare-and-swap under the shared one.
 * Linux: stage2_try_set_pte(). */
bool hyp_try_replace(const struct hyp_vm *vm, struct hyp_event *event, uint64_t desc);

#endif
