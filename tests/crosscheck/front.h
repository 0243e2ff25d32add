/* SPDX-License-Identifier: Apache-2.0 */
/* tests/crosscheck/front.h - an access behind a TLB, and the same without one. */
#ifndef TESTS_CROSSCHECK_FRONT_H
#define TESTS_CROSSCHECK_FRONT_H

#include "tests/crosscheck/caches.h"
#include "tests/crosscheck/software.h"
#include "tests/crosscheck/world.h"
#include "tlb/tlb.h"

struct counts {
    uint64_t accesses, hits, global_hits, s2_only_hits, fragment_hits;
    uint64_t denied, cleans; /* hits that had to walk */
    uint64_t faults, s1ptw_faults, updates, fills;
    uint64_t s1_table_hits, s1_ipa_hits, s1_leaf_hits; /* of walks, in caches */
    uint64_t s2_table_hits, s2_leaf_hits;
    uint64_t cache_cleans, cache_fills;
    uint64_t reads, plain_reads; /* descriptors: by walks behind caches, and alone */
    uint64_t changes, tlbis, last_level_tlbis, removed;
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

struct answer front_with_tlb(struct world *w, struct caches *c, struct software *s,
                             const struct access *a, struct counts *n);
struct answer front_without(struct world *w, const struct access *a, struct counts *n);

const struct walk_context *front_context(const struct world *w, const struct access *a);
const struct walk_s1_cfg *front_half(const struct world *w, const struct access *a);

/* A leaf may be larger than what its stage can put out. log2 of the bytes of which all
 * translate. */
uint8_t front_s1_span(const struct world *w, const struct access *a, unsigned shift);
uint8_t front_s2_span(const struct walk_s2_cfg *s2, unsigned shift);

/* A global entry of tables that are one ASID's own would be an error of software, whose
 * outcome is not defined: such are left out. */
bool front_may_hold(const struct world *w, const struct access *a,
                    const struct walk_result *r);

#endif
