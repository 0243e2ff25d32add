/* SPDX-License-Identifier: Apache-2.0 */
/* model/memory/page_set.h - a set of page numbers that costs what is in it, however
 * many pages there are.
 *
 * Neighbours share a word: 8 bytes hold up to 16 pages. */
#ifndef MODEL_MEMORY_PAGE_SET_H
#define MODEL_MEMORY_PAGE_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct page_set {
    uint64_t *words; /* [cap] open addressing: 1 + number of 16 pages << 16 | pages */
    size_t cap, n;
};

/* All members 0: the empty set. */
void page_set_free(struct page_set *s);

/* page: below 2^51. */
bool page_set_has(const struct page_set *s, uint64_t page);

/* Ends the program if the host has no memory. */
void page_set_add(struct page_set *s, uint64_t page);

/* Of the host. */
size_t page_set_bytes(const struct page_set *s);

#endif
