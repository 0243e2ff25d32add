/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tlb/ref_tlb.h - the same contract as tlb/tlb.h, as plainly as possible.
 *
 * One list of entries, most recently used first; a set is whatever the entries of one
 * set number are. Of LRU it knows the victim itself. Of the other replacements it asks
 * the TLB under test which entry is gone, and judges whether that was legal: entries
 * are told apart by attrs, which the test must make unique. */
#ifndef TESTS_UNIT_TLB_REF_TLB_H
#define TESTS_UNIT_TLB_REF_TLB_H

#include "tlb/tlb.h"

#define REF_ENTRIES_MAX 512

struct ref_tlb {
    struct tlb_cfg cfg;
    uint32_t used_n;
    struct tlb_entry list[REF_ENTRIES_MAX];
    bool illegal; /* the TLB under test evicted what it must not */
    bool evicted; /* the last fill took the place of another address */
    uint64_t conflicts_n;
};

void ref_init(struct ref_tlb *r, const struct tlb_cfg *cfg);

/* got: what the TLB under test hits. Of TLB_CONFLICT_RANDOM it decides, if it is one of
 * the matches; the ages of entries are those of their attrs. */
const struct tlb_entry *ref_lookup(struct ref_tlb *r, const struct tlb_tag *who,
                                   enum tlb_kind kind, bool table, uint64_t ia,
                                   const struct tlb_entry *got);
uint32_t ref_matches(const struct ref_tlb *r, const struct tlb_tag *who,
                     enum tlb_kind kind, bool table, uint64_t ia);

/* filled: the TLB under test after the same fill. */
const struct tlb_entry *ref_fill(struct ref_tlb *r, const struct tlb_entry *found,
                                 const struct tlb *filled);
bool ref_covers(const struct arch_tlbi *op, const struct tlb_entry *e);
struct tlb_removed ref_invalidate(struct ref_tlb *r, const struct arch_tlbi *op);
uint32_t ref_count_stale(const struct ref_tlb *r, const struct arch_tlbi *op,
                         uint64_t before);

#endif
