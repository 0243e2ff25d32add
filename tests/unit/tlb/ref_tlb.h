/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tlb/ref_tlb.h - the same contract as tlb/tlb.h, as plainly as possible.
 *
 * One list of entries, most recently used first; a set is whatever the entries of one
 * set number are. */
#ifndef TESTS_UNIT_TLB_REF_TLB_H
#define TESTS_UNIT_TLB_REF_TLB_H

#include "tlb/tlb.h"

#define REF_ENTRIES_MAX 4096

struct ref_tlb {
    struct tlb_cfg cfg;
    uint32_t used_n;
    struct tlb_entry list[REF_ENTRIES_MAX];
};

void ref_init(struct ref_tlb *r, const struct tlb_cfg *cfg);
const struct tlb_entry *ref_lookup(struct ref_tlb *r, uint16_t vmid, uint16_t asid,
                                   enum tlb_kind kind, uint64_t ia);
const struct tlb_entry *ref_fill(struct ref_tlb *r, const struct tlb_entry *leaf);
uint32_t ref_invalidate(struct ref_tlb *r, const struct arch_tlbi *op);

#endif
