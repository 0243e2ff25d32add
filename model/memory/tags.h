/* SPDX-License-Identifier: Apache-2.0 */
/* model/memory/tags.h - the tags of one set-associative cache of 64-byte lines.
 *
 * Only presence is modelled: data lives in physmem. LRU replacement. */
#ifndef MODEL_MEMORY_TAGS_H
#define MODEL_MEMORY_TAGS_H

#include "walker/arch/addr.h"

#include <stdbool.h>
#include <stdint.h>

#define TAGS_LINE_SHIFT 6

/* A tag is line / sets_n + 1; 0: the way is empty. The most recently used way of each
 * set lies apart, so that the hits of a working set read few lines of the host's
 * caches; the others follow in the order of their last use. */
struct tags {
    uint32_t *first, *others; /* [set], [set][stride]; while all tags fit in them */
    uint32_t set_mask, set_shift;
    uint32_t others_n; /* ways but the first */
    uint32_t stride;   /* others_n and as many words of 0 as make it a multiple of 8 */
    bool wide;
    uint64_t *first64, *others64; /* wide: the same instead, [set], [set][others_n] */
    void *others_memory;          /* of which others begins with a line of the host */
    uint64_t added_n; /* tags_add() so far: what was missing is, while it stays */
};

/* bytes / 64 / ways_n must be a power of two. NULL if memory is short. */
struct tags *tags_new(uint64_t bytes, uint32_t ways_n);
void tags_delete(struct tags *t);

/* True if the line of pa was present; either way it is now, most recently used. */
bool tags_access(struct tags *t, struct arch_pa pa);

/* Where most questions for the line of pa look: for the host to fetch. */
static inline const void *tags_place(const struct tags *t, struct arch_pa pa)
{
    const uint64_t set = pa.v >> TAGS_LINE_SHIFT & t->set_mask;

    return t->wide ? (const void *)&t->first64[set] : &t->first[set];
}

/* As tags_touch(), of a line that tags_is_first() does not find. Not inlined: most hits
 * need no registers for it. */
__attribute__((noinline)) bool tags_touch_other(struct tags *t, struct arch_pa pa);

/* True: the line of pa is present, and the most recently used of its set. */
static inline bool tags_is_first(const struct tags *t, struct arch_pa pa)
{
    const uint64_t line = pa.v >> TAGS_LINE_SHIFT;

    return !t->wide && t->first[line & t->set_mask] == (line >> t->set_shift) + 1;
}

/* True if the line of pa is present, which makes it the most recently used. */
static inline bool tags_touch(struct tags *t, struct arch_pa pa)
{
    return tags_is_first(t, pa) || tags_touch_other(t, pa);
}

/* The line of pa, which is not present, is now, most recently used. */
void tags_add(struct tags *t, struct arch_pa pa);

/* True if the line of pa is present. */
bool tags_has(const struct tags *t, struct arch_pa pa);

/* The line of pa will be asked for, and is not the most recently used of its set: a
 * hint to the host. */
void tags_foresee(const struct tags *t, struct arch_pa pa);

/* Removes the line of pa, if present. */
void tags_drop(struct tags *t, struct arch_pa pa);

#endif
