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

struct physmem;

/* tables: the arena's first address, a multiple of 64 KiB. NULL if memory is short. */
struct physmem *physmem_new(struct arch_pa tables);
void physmem_delete(struct physmem *m);

/* The 64-bit word at pa (aligned to 8); 0 where nothing was written. */
uint64_t physmem_read(const struct physmem *m, struct arch_pa pa);
/* The same; *freed: what physmem_is_freed() says of pa. */
uint64_t physmem_fetch(const struct physmem *m, struct arch_pa pa, bool *freed);
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

#endif
