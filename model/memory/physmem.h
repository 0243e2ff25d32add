/* SPDX-License-Identifier: Apache-2.0 */
/* model/memory/physmem.h - simulated physical memory that holds translation tables.
 *
 * Sparse: a page exists once it was written, or the table in it was handed out. Tables
 * are handed out from an arena; a freed one is remembered as freed until it is handed
 * out again, so that a walk that still reads it can be caught. */
#ifndef MODEL_MEMORY_PHYSMEM_H
#define MODEL_MEMORY_PHYSMEM_H

#include "walker/arch/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PHYSMEM_PAGE_SHIFT 12
#define PHYSMEM_REGION_SHIFT 21
#define PHYSMEM_REGION_PAGES (1u << (PHYSMEM_REGION_SHIFT - PHYSMEM_PAGE_SHIFT))

/* Words of a page that does not exist: first, first + step, ...; step 0: all are 0. */
struct physmem_filling {
    uint64_t first, step;
};

/* 2 MiB of which some page exists. */
struct physmem_region {
    uint64_t *pages[PHYSMEM_REGION_PAGES];     /* their words; NULL: never written */
    struct physmem_filling *fillings;          /* [PHYSMEM_REGION_PAGES]; NULL: none */
    unsigned freed_n;                          /* pages in freed tables: ... */
    uint64_t freed[PHYSMEM_REGION_PAGES / 64]; /* ... one bit per page */
    uint8_t table[PHYSMEM_REGION_PAGES]; /* 1 + log2 of the pages of the table that
                                          * begins there */
};

struct physmem_slot {
    uint64_t number; /* pa >> PHYSMEM_REGION_SHIFT */
    struct physmem_region *region;
};

/* The regions that were found last, at physmem_recent_at() of their number. */
#define PHYSMEM_RECENT_LOG2 8

struct physmem_front {
    struct physmem_slot *recent; /* [1 << PHYSMEM_RECENT_LOG2] */
};

struct physmem; /* begins with a struct physmem_front */

/* tables: the arena's first address, a multiple of 64 KiB. NULL if memory is short. */
struct physmem *physmem_new(struct arch_pa tables);
void physmem_delete(struct physmem *m);

/* The 64-bit word at pa (aligned to 8); 0 where nothing was written. */
uint64_t physmem_read(const struct physmem *m, struct arch_pa pa);
void physmem_write(struct physmem *m, struct arch_pa pa, uint64_t value);
/* The word at pa will be read soon: a hint to the host. */
void physmem_foresee(const struct physmem *m, struct arch_pa pa);

/* A zeroed table of bytes (a power of two, 4 KiB to 1 MiB), aligned to its size. A
 * table freed before, of that size, is used again only after physmem_recycle(). */
struct arch_pa physmem_table_alloc(struct physmem *m, uint64_t bytes);

/* The words of the zeroed table at pa are first, first + step, ... from now on. Its
 * pages exist once one of their words is written. step: not 0. */
void physmem_table_fill(struct physmem *m, struct arch_pa pa, uint64_t first,
                        uint64_t step);

/* The table that was allocated at pa is no longer in use; its contents stay. */
void physmem_table_free(struct physmem *m, struct arch_pa pa);

/* True if pa lies in a table that was freed and not handed out again. */
bool physmem_is_freed(const struct physmem *m, struct arch_pa pa);

/* Tables in use: allocated and not freed. */
uint64_t physmem_tables_n(const struct physmem *m);

/* Memory of the host that the simulated memory takes. */
size_t physmem_bytes(const struct physmem *m);

/* From now on the tables freed so far may be handed out again. */
void physmem_recycle(struct physmem *m);

/* ---- a word where most are ---- */

static inline struct physmem_slot *physmem_recent_at(const struct physmem_front *front,
                                                     uint64_t number)
{
    return &front->recent[number * UINT64_C(0x9e3779b97f4a7c15) >>
                          (64 - PHYSMEM_RECENT_LOG2)];
}

static inline uint64_t physmem_fetch_in(const struct physmem_region *r,
                                        struct arch_pa pa)
{
    const uint64_t page = pa.v >> PHYSMEM_PAGE_SHIFT & (PHYSMEM_REGION_PAGES - 1);
    const uint64_t word = pa.v >> 3 & ((1u << (PHYSMEM_PAGE_SHIFT - 3)) - 1);

    if (r->pages[page])
        return r->pages[page][word];
    return r->fillings ? r->fillings[page].first + word * r->fillings[page].step : 0;
}

/* As physmem_fetch(), of a region that was not found last or has freed tables. */
uint64_t physmem_fetch_other(const struct physmem *m, struct arch_pa pa, bool *freed);

/* As physmem_read(); *freed: what physmem_is_freed() says of pa. */
static inline uint64_t physmem_fetch(const struct physmem *m, struct arch_pa pa,
                                     bool *freed)
{
    const uint64_t number = pa.v >> PHYSMEM_REGION_SHIFT;
    const struct physmem_slot *s =
        physmem_recent_at((const struct physmem_front *)m, number);

    if (s->number != number || s->region->freed_n)
        return physmem_fetch_other(m, pa, freed);
    *freed = false;
    return physmem_fetch_in(s->region, pa);
}

#endif
