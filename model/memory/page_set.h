/* SPDX-License-Identifier: Apache-2.0 */
/* model/memory/page_set.h - a set of page numbers that costs what is in it, however
 * many pages there are.
 *
 * Of each 2^16 pages it has an ordered list of those that are in it, about 2.5 bytes
 * each where they are more than a few, or where they are many a bit for every page. */
#ifndef MODEL_MEMORY_PAGE_SET_H
#define MODEL_MEMORY_PAGE_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct page_chunk;

struct page_set {
    struct page_chunk *chunks; /* [cap] open addressing */
    size_t cap, n;
    size_t words_n; /* of all chunks */
};

/* All members 0: the empty set. */
void page_set_free(struct page_set *s);

bool page_set_has(const struct page_set *s, uint64_t page);

/* Ends the program if the host has no memory. */
void page_set_add(struct page_set *s, uint64_t page);

/* Of the host. */
size_t page_set_bytes(const struct page_set *s);

#endif
