/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/ask_world.h - a random machine whose tables many walks share.
 *
 * Its descriptors come into being as walks read them and lead somewhere more often than
 * not. The memory exists twice, for walks that ask caches and for those that do not. */
#ifndef TESTS_UNIT_WALKER_ASK_WORLD_H
#define TESTS_UNIT_WALKER_ASK_WORLD_H

#include "tests/unit/walker/walk_fixture.h"

#define ASK_VAS_N 4u
#define ASK_WORDS_N 2048u /* a power of two */

enum ask_side { ASKING, PLAIN, ASK_SIDES_N };

struct ask_word {
    uint64_t world; /* that it belongs to */
    uint64_t pa;
    uint64_t value[ASK_SIDES_N];
    uint8_t stage; /* of the first walk that read it */
};

struct ask_world {
    uint64_t random; /* state */
    uint64_t number;
    struct walk_cpu cpu;
    struct walk_context ctx;
    uint64_t va[ASK_VAS_N];
    struct ask_word words[ASK_WORDS_N]; /* a hash table */
    unsigned words_n;
    bool mixed; /* both stages have read one word: what hardware writes for one stage
                 * changes the other */
};

uint64_t ask_random(struct ask_world *w);
/* Below n. */
unsigned ask_below(struct ask_world *w, unsigned n);

/* w: all 0 at first; each call makes the next world of the same sequence. */
void ask_world_next(struct ask_world *w);

struct walk_query ask_world_query(struct ask_world *w);

/* What memory gives to a walk of side after next. */
uint64_t ask_world_serve(struct ask_world *w, enum ask_side side,
                         const struct walk *walk, enum walk_next next);

/* True if hardware has updated both memories in the same way. */
bool ask_world_same(const struct ask_world *w);

#endif
