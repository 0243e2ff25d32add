/* SPDX-License-Identifier: Apache-2.0 */
#include "model/monitor/pages.h"

#include "model/memory/must.h"

#include <stdlib.h>
#include <string.h>

#define CAP_MIN 16

_Static_assert(sizeof(struct mon_page) == 8, "a page costs 8 bytes");

static void grow(struct mon_pages *p)
{
    const struct mon_pages old = *p;

    p->cap = old.cap ? 2 * old.cap : CAP_MIN;
    p->regions = must(calloc(p->cap, sizeof *p->regions));
    for (size_t i = 0; i < old.cap; i++) {
        if (old.regions[i].pages)
            *mon_region_of(p, old.regions[i].number) = old.regions[i];
    }
    free(old.regions);
}

struct mon_page *mon_page_make(struct mon_pages *p, uint64_t pa)
{
    struct mon_page *found = mon_page_get(p, pa);
    struct mon_region *region;

    if (found)
        return found;
    if (2 * p->n >= p->cap)
        grow(p);
    region = mon_region_of(p, pa >> MON_REGION_SHIFT);
    *region = (struct mon_region){
        pa >> MON_REGION_SHIFT, must(calloc(MON_REGION_PAGES, sizeof *region->pages))};
    p->n++;
    return mon_page_in(region, pa);
}

void mon_pages_free(struct mon_pages *p)
{
    for (size_t i = 0; i < p->cap; i++)
        free(p->regions[i].pages);
    free(p->regions);
    memset(p, 0, sizeof *p);
}

size_t mon_pages_bytes(const struct mon_pages *p)
{
    return p->n * MON_REGION_PAGES * sizeof(struct mon_page) +
           p->cap * sizeof *p->regions;
}
