/* SPDX-License-Identifier: Apache-2.0 */
/* model/hyp/host_priv.h - the walk over a range, entry by entry. */
#ifndef MODEL_HYP_HOST_PRIV_H
#define MODEL_HYP_HOST_PRIV_H

#include "model/hyp/host.h"
#include "model/hyp/stage2_priv.h"

/* What is done at the entries of a range. mmu_lock is held for writing. */
struct hyp_range {
    const struct hyp_vm *vm;
    uint64_t first, end; /* IPAs, [first, end) */
    /* An entry that is no table; may change it. If it is one then, the walk goes on in
     * the table. */
    void (*leaf)(struct hyp_range *r, struct hyp_event *at);
    /* NULL, or behind all entries of a table. */
    void (*table_post)(struct hyp_range *r, struct hyp_event *at);
    /* For the functions above. */
    uint64_t set, clear; /* attributes of a leaf */
    bool to_clean; /* a page that loses write permission may be written all the same:
                    * hardware sets its dirty state then */
    bool found, changed;
};

/* Linux: kvm_pgtable_walk() with KVM_PGTABLE_WALK_LEAF and _TABLE_POST. */
void hyp_walk_range(struct hyp_range *r);

/* The same, from first to end in batches, with mmu_lock dropped between them; flush,
 * unless NULL, ends each batch. The lock is held before and after. */
void hyp_walk_in_batches(struct hyp_range *r,
                         void (*flush)(const struct hyp_vm *vm, struct arch_ipa ipa,
                                       uint64_t bytes));

/* The valid leaf at *at becomes (old & ~clear) | set.
 * Entries that faults lock one by one are waited for. False if it is no valid leaf.
 * Unless to_clean, dirty state that is lost thereby goes into the log. */
bool hyp_change_leaf(struct hyp_range *r, struct hyp_event *at);

/* If *at is in a contiguous group that becomes pages, and *at is read again. The
 * second: only if the group reaches out of the range. */
void hyp_split_group(struct hyp_range *r, struct hyp_event *at);
void hyp_split_partial_group(struct hyp_range *r, struct hyp_event *at);

#endif
