/* SPDX-License-Identifier: Apache-2.0 */
/* model/hyp/defect.h - operations with one mistake in them, so that sequences stay as
 * they are and the mistake can be switched on.
 *
 * The mistake is made while a valid entry is being replaced: from HYP_AT_BREAK, or a
 * flush behind it, to the next call of the handler. What is done to empty entries, and
 * the flush for permissions, stay right, so that the guest can go on. */
#ifndef MODEL_HYP_DEFECT_H
#define MODEL_HYP_DEFECT_H

#include "model/hyp/cfg.h"
#include "model/hyp/ops.h"

/* The operations of one PE with the mistake in them. */
struct hyp_defective {
    const struct hyp_ops *right; /* what to do for it */
    void *ctx;
    enum hyp_defect defect;
    uint16_t wrong_vmid;

    /* Its own. */
    struct arch_pa entry; /* of the last HYP_AT_BREAK */
    bool changing;        /* a valid entry is being replaced */
    bool over_table;      /* ... that named a table */
    bool flushed;         /* its TLBI was issued */
    bool owes_dsb;
    struct arch_tlbi held; /* TLBIs by IPA put off: held_n of them, step apart */
    uint64_t held_n, step;
    struct hyp_ops ops;
};

/* Afterwards a struct hyp_vm with d->ops and d as its ctx makes the mistake. right must
 * outlive d, and d stay where it is. */
void hyp_defective_init(struct hyp_defective *d, enum hyp_defect defect,
                        uint16_t wrong_vmid, const struct hyp_ops *right, void *ctx);

#endif
