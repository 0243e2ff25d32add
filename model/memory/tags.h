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

struct tags;

/* bytes / 64 / ways_n must be a power of two. NULL if memory is short. */
struct tags *tags_new(uint64_t bytes, uint32_t ways_n);
void tags_delete(struct tags *t);

/* True if the line of pa was present; either way it is now, most recently used. */
bool tags_access(struct tags *t, struct arch_pa pa);

/* True if the line of pa is present, which makes it the most recently used. */
bool tags_touch(struct tags *t, struct arch_pa pa);

/* True if the line of pa is present. */
bool tags_has(const struct tags *t, struct arch_pa pa);

/* The line of pa will be asked for soon: a hint to the host. */
void tags_foresee(const struct tags *t, struct arch_pa pa);
/* The same where it will hardly be the most recently used of its set. */
void tags_foresee_set(const struct tags *t, struct arch_pa pa);

/* Removes the line of pa, if present. */
void tags_drop(struct tags *t, struct arch_pa pa);

#endif
