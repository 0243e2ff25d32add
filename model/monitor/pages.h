/* SPDX-License-Identifier: Apache-2.0 */
/* model/monitor/pages.h - what the monitor keeps of each page that tables lie in, found
 * by its address.
 *
 * 8 bytes per page of 4 KiB, for all pages of 2 MiB together. */
#ifndef MODEL_MONITOR_PAGES_H
#define MODEL_MONITOR_PAGES_H

#include <stddef.h>
#include <stdint.h>

#define MON_PAGE_SHIFT 12
#define MON_REGION_SHIFT 21
#define MON_REGION_PAGES (UINT64_C(1) << (MON_REGION_SHIFT - MON_PAGE_SHIFT))

/* What hangs_on of a page means. */
enum mon_hangs { MON_HANGS_NOWHERE, MON_HANGS_ON_ENTRY, MON_HANGS_ON_ROOT };

/* All 0: of no table, and never was. */
struct mon_page {
    uint64_t granule : 2; /* of the table: MON_PAGE_4K ...; MON_PAGE_NONE: no table */
    uint64_t hangs : 2;   /* enum mon_hangs, of the first page of the table */
    uint64_t generation : 11; /* grows when the table is freed; begins again at 0 */
    uint64_t hangs_on : 49;   /* entry that named the table last, pa / 8; or the root */
};

enum { MON_PAGE_NONE, MON_PAGE_4K, MON_PAGE_16K, MON_PAGE_64K };

#define MON_GENERATION_LAST 2047u

/* 2 MiB of which some page was made. */
struct mon_region {
    uint64_t number;        /* pa / 2 MiB */
    struct mon_page *pages; /* NULL: no region */
};

/* Empty if all zero. */
struct mon_pages {
    struct mon_region *regions; /* [cap] open addressing, at most half full */
    size_t n, cap;
};

/* The region of that number, or the empty one where it belongs. */
static inline struct mon_region *mon_region_of(const struct mon_pages *p,
                                               uint64_t number)
{
    size_t i = (size_t)(number * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (p->cap - 1);

    while (p->regions[i].pages && p->regions[i].number != number)
        i = (i + 1) & (p->cap - 1);
    return &p->regions[i];
}

static inline struct mon_page *mon_page_in(const struct mon_region *region, uint64_t pa)
{
    return &region->pages[pa >> MON_PAGE_SHIFT & (MON_REGION_PAGES - 1)];
}

/* NULL if no page near it was ever made. */
static inline struct mon_page *mon_page_get(const struct mon_pages *p, uint64_t pa)
{
    const struct mon_region *region;

    if (!p->cap)
        return NULL;
    region = mon_region_of(p, pa >> MON_REGION_SHIFT);
    return region->pages ? mon_page_in(region, pa) : NULL;
}

/* Pages stay where they are. Ends the program without memory. */
struct mon_page *mon_page_make(struct mon_pages *p, uint64_t pa);

void mon_pages_free(struct mon_pages *p);

/* Of the host. */
size_t mon_pages_bytes(const struct mon_pages *p);

#endif
