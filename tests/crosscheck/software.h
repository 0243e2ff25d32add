/* SPDX-License-Identifier: Apache-2.0 */
/* tests/crosscheck/software.h - knows what the TLB may hold, changes descriptors, and
 * names TLBIs that suffice for each change. */
#ifndef TESTS_CROSSCHECK_SOFTWARE_H
#define TESTS_CROSSCHECK_SOFTWARE_H

#include "tests/crosscheck/world.h"
#include "tlb/tlb.h"

#define NOTES_MAX 192u
#define TLBIS_MAX NOTES_MAX

/* Indices in struct world.words. */
struct word_set {
    uint64_t bits[WORDS_MAX / 64];
};

static inline void word_set_add(struct word_set *s, unsigned i)
{
    s->bits[i / 64] |= UINT64_C(1) << i % 64;
}

static inline bool word_set_has(const struct word_set *s, unsigned i)
{
    return s->bits[i / 64] >> i % 64 & 1;
}

/* A translation that was cached, and the descriptors that it follows from. */
struct note {
    struct word_set words;
    uint64_t ia;
    uint8_t kind;
    uint8_t leaf_shift; /* of the leaf whose address a TLBI names: of stage 1 for
                         * TLB_COMBINED, of stage 2 for TLB_S2_ONLY */
    uint8_t tg;         /* of that stage */
    bool ng;
    struct tlb_tag tag;
};

struct software {
    struct note notes[NOTES_MAX];
    unsigned notes_n;
    struct arch_tlbi ops[TLBIS_MAX];
    unsigned ops_n;
};

void software_note(struct software *s, const struct tlb_entry *e,
                   const struct word_set *words);

/* Writes one descriptor on both sides; s->ops are the TLBIs that must follow. */
void software_change(struct software *s, struct world *w);

#endif
