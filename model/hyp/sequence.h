/* SPDX-License-Identifier: Apache-2.0 */
/* model/hyp/sequence.h - the protocols that replace a table by one block, and a block
 * by a table.
 *
 * Each returns HYP_EAGAIN without a change if another walker has the entry. When one
 * returns HYP_DONE the new entry is in force. */
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

/* Runs c by vm->cfg.sequence, which must not be HYP_SEQ_KEEP. A sequence that tears the
 * old table down afterwards leaves that to the caller in *detached (old is 0 if nothing
 * is left to do). */
enum hyp_result hyp_coalesce(struct hyp_coalesce *c, struct hyp_event *detached);

struct hyp_split {
    const struct hyp_vm *vm;
    struct hyp_event
        at;         /* ipa, level, entry, and old = the block descriptor, nT clear */
    uint64_t table; /* the descriptor of the table to install */
};

/* Runs s by vm->cfg.sequence. What the table lacks of the block is unmapped. */
enum hyp_result hyp_split(struct hyp_split *s);

/* Tell the observer that point is reached for the entry that event describes. */
void hyp_at(const struct hyp_vm *vm, enum hyp_point point, struct hyp_event *event);

/* Replace *entry, which was read as event->old, by desc: a plain store under the
 * exclusive lock, else a compare-and-swap.
 * Linux: stage2_try_set_pte(). */
bool hyp_try_replace(const struct hyp_vm *vm, struct hyp_event *event, uint64_t desc);

#endif
