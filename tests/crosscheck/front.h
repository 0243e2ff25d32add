/* SPDX-License-Identifier: Apache-2.0 */
/* tests/crosscheck/front.h - an access behind a TLB, and the same without one. */
#ifndef TESTS_CROSSCHECK_FRONT_H
#define TESTS_CROSSCHECK_FRONT_H

#include "tests/crosscheck/software.h"
#include "tests/crosscheck/world.h"
#include "tlb/tlb.h"

struct counts {
    uint64_t accesses, hits, global_hits, s2_only_hits, fragment_hits;
    uint64_t denied, cleans; /* hits that had to walk */
    uint64_t faults, s1ptw_faults, updates, fills;
    uint64_t changes, tlbis, removed;
    uint64_t mixed; /* cases that ended early, see struct world */
};

struct access {
    struct walk_query query;
    unsigned vm, asid;
    bool flat; /* stage 1 off: the address is an IPA */
};

struct answer {
    struct arch_fault fault;
    struct arch_syndrome syndrome;
    uint64_t pa;
    bool denied; /* an entry that allowed too little was hit before the walk */
};

struct answer front_with_tlb(struct world *w, struct tlb *t, struct software *s,
                             const struct access *a, struct counts *n);
struct answer front_without(struct world *w, const struct access *a);

#endif
