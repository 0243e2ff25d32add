/* SPDX-License-Identifier: Apache-2.0 */
/* tests/crosscheck/software.h - knows what the TLB may hold, changes descriptors, and
 * names TLBIs that suffice for each change. */
#ifndef TESTS_CROSSCHECK_SOFTWARE_H
#define TESTS_CROSSCHECK_SOFTWARE_H

#include "tests/crosscheck/world.h"
#include "tlb/tlb.h"

#define NOTES_MAX                                                                      \
    640u /* more than all structures of a core hold, and one walk fills                \
          */
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

static inline void word_set_merge(struct word_set *into, const struct word_set *from)
{
    for (unsigned i = 0; i < WORDS_MAX / 64; i++)
        into->bits[i] |= from->bits[i];
}

/* A translation or table that was cached, and the descriptors that it follows from. */
struct note {
    struct word_set words;
    uint64_t stamp; /* of the entry */
    uint64_t ia;
    uint8_t kind;
    uint8_t leaf_shift; /* of the leaf whose address a TLBI names: of stage 2 for
                         * TLB_S2_ONLY, else of stage 1; of a table what it maps */
    uint8_t tg;         /* of that stage */
    bool table;
    bool ng;
    bool held; /* for software_keep_held() */
    struct tlb_tag tag;
};

struct software {
    struct note notes[NOTES_MAX]; /* stamps ascend */
    unsigned notes_n;
    uint64_t stamp; /* of the last note */
    struct arch_tlbi ops[TLBIS_MAX];
    unsigned ops_n;
};

/* e->stamp is the next one after s->stamp. */
void software_note(struct software *s, const struct tlb_entry *e,
                   const struct word_set *words);

/* The note of an entry, NULL if TLBIs that were given have ended it. */
struct note *software_find(struct software *s, uint64_t stamp);

/* Forgets all notes but those whose entries are held. */
void software_keep_held(struct software *s);

/* Writes one descriptor on both sides; s->ops are the TLBIs that must follow. */
void software_change(struct software *s, struct world *w);

#endif
