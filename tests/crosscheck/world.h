/* SPDX-License-Identifier: Apache-2.0 */
/* tests/crosscheck/world.h - a random machine: its registers, the addresses that its
 * software uses, and its translation tables, which come into being as walks read them.
 *
 * The memory exists twice: side WITH_TLB is walked behind a TLB, side WITHOUT alone. */
#ifndef TESTS_CROSSCHECK_WORLD_H
#define TESTS_CROSSCHECK_WORLD_H

#include "tests/crosscheck/dice.h"
#include "walker/translate.h"

#define VMS_N 2u
#define ASIDS_N 3u
#define VAS_N 6u
#define IPAS_N 4u
#define WORDS_MAX 1024u /* a power of two */

enum side { WITH_TLB, WITHOUT, SIDES_N };

struct word {
    uint64_t pa;
    uint64_t value[SIDES_N];
    uint64_t seed; /* of the world that it belongs to */
    uint8_t stage; /* of the first walk that read it */
    int8_t level;
    bool upper; /* read for the upper half, where stage is 1 */
};

struct world {
    uint64_t seed; /* not 0 */
    struct dice dice;
    struct walk_cpu cpu;
    enum arch_regime regime;
    bool s2_on;
    unsigned vms_n, asids_n;
    struct walk_context ctx[VMS_N][ASIDS_N];
    struct walk_context flat[VMS_N]; /* stage 1 off */
    bool is_private[2];              /* [half]: each ASID has tables of its own */
    uint64_t va[VAS_N];
    uint64_t ipa[IPAS_N];
    struct word words[WORDS_MAX]; /* a hash table; those of other seeds are free */
    uint16_t used[WORDS_MAX];     /* indices into words, in order of creation */
    unsigned used_n;
    bool mixed; /* both stages have read one word: what hardware then writes for one
                 * changes the other, and no TLBI follows */
};

/* The same seed makes the same world. words must be 0 or of worlds of other seeds. */
void world_init(struct world *w, uint64_t seed);

/* Index in words of the descriptor that walk asks for. */
unsigned world_word(struct world *w, const struct walk *walk);

/* Another value for a word, as software would or would not write it. */
uint64_t world_changed(struct world *w, const struct word *word);

#endif
