/* SPDX-License-Identifier: Apache-2.0 */
/* tests/crosscheck/caches.h - the structures of one core: its TLB, walk caches, and
 * caches of one stage each. */
#ifndef TESTS_CROSSCHECK_CACHES_H
#define TESTS_CROSSCHECK_CACHES_H

#include "tests/crosscheck/software.h"

#include <stdalign.h>

/* What a structure is asked for. */
enum role {
    ROLE_TLB, /* whole translations, before a walk */
    ROLE_S1_TABLES,
    ROLE_S2_TABLES,
    ROLE_S1_LEAVES,
    ROLE_S2_LEAVES,
    ROLES_N
};

#define CACHE_BYTES_MAX 32768u

struct caches {
    uint64_t seed;           /* of the world, for messages */
    struct tlb *of[ROLES_N]; /* one may have several roles; NULL: nobody has this one */
    struct tlb *all[ROLES_N];
    unsigned all_n;
    alignas(64) unsigned char mem[ROLES_N][CACHE_BYTES_MAX];
};

/* Empty structures of random sizes; once in four times a TLB alone. */
void caches_init(struct caches *c, struct world *w);

/* Holds found in the structure of role and lets software know; false if there is none
 * or it does not hold such. words: what found follows from. */
bool caches_fill(struct caches *c, enum role role, struct software *s,
                 const struct tlb_entry *found, const struct word_set *words);

/* A look-up in the structure of role, NULL if there is none. An entry that software has
 * ended with its TLBIs ends the program, whatever it says. */
const struct tlb_entry *caches_look_up(struct caches *c, enum role role,
                                       struct software *s, const struct tlb_tag *who,
                                       enum tlb_kind kind, bool table, uint64_t ia);

/* Entries removed. */
unsigned caches_invalidate(struct caches *c, const struct arch_tlbi *op);

/* Lets software forget what no structure holds any more. */
void caches_forget(const struct caches *c, struct software *s);

#endif
