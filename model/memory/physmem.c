/* SPDX-License-Identifier: Apache-2.0 */
#include "model/memory/physmem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_SHIFT 12
#define PAGE_WORDS (1u << (PAGE_SHIFT - 3))
#define REGION_SHIFT 21
#define REGION_PAGES (1u << (REGION_SHIFT - PAGE_SHIFT))
#define DIR_MIN 64u /* slots of the directory; a power of two */

/* 2 MiB of which some page exists. */
struct region {
    uint64_t *pages[REGION_PAGES];     /* [PAGE_WORDS] each; NULL: never written */
    uint64_t freed[REGION_PAGES / 64]; /* one bit per page */
};

struct slot {
    uint64_t number; /* pa >> REGION_SHIFT */
    struct region *region;
};

struct physmem {
    struct slot *dir; /* [dir_n], open addressing; region NULL: empty */
    size_t dir_n, regions_n;
    uint64_t next_table; /* arena: first address never handed out */
    uint64_t tables_n;
    uint64_t *freed; /* [freed_n], tables freed; the first ready_n may be reused */
    size_t freed_n, ready_n, freed_cap;
};

static size_t hash(const struct physmem *m, uint64_t number)
{
    return (size_t)(number * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (m->dir_n - 1);
}

static struct region *find(const struct physmem *m, struct arch_pa pa)
{
    const uint64_t number = pa.v >> REGION_SHIFT;

    for (size_t i = hash(m, number); m->dir[i].region; i = (i + 1) & (m->dir_n - 1)) {
        if (m->dir[i].number == number)
            return m->dir[i].region;
    }
    return NULL;
}

static unsigned page_of(struct arch_pa pa)
{
    return (unsigned)(pa.v >> PAGE_SHIFT) & (REGION_PAGES - 1);
}

static unsigned word_of(struct arch_pa pa)
{
    return (unsigned)(pa.v >> 3) & (PAGE_WORDS - 1);
}

static bool page_is_freed(const struct region *r, unsigned page)
{
    return r->freed[page / 64] >> page % 64 & 1;
}

static void set_freed(struct region *r, unsigned page, bool freed)
{
    const uint64_t bit = UINT64_C(1) << page % 64;

    r->freed[page / 64] = (r->freed[page / 64] & ~bit) | (freed ? bit : 0);
}

static void insert(struct physmem *m, struct slot slot)
{
    size_t i = hash(m, slot.number);

    while (m->dir[i].region)
        i = (i + 1) & (m->dir_n - 1);
    m->dir[i] = slot;
}

static void *must(void *p)
{
    if (!p)
        abort(); /* the host has no memory left: nothing sensible can follow */
    return p;
}

static void grow(struct physmem *m)
{
    struct slot *old = m->dir;
    size_t old_n = m->dir_n;

    m->dir_n *= 2;
    m->dir = must(calloc(m->dir_n, sizeof *m->dir));
    for (size_t i = 0; i < old_n; i++) {
        if (old[i].region)
            insert(m, old[i]);
    }
    free(old);
}

static struct region *find_or_make(struct physmem *m, struct arch_pa pa)
{
    struct region *r = find(m, pa);

    if (r)
        return r;
    if (m->regions_n * 2 >= m->dir_n)
        grow(m);
    r = must(calloc(1, sizeof *r));
    insert(m, (struct slot){pa.v >> REGION_SHIFT, r});
    m->regions_n++;
    return r;
}

static uint64_t *make_page(struct physmem *m, struct arch_pa pa)
{
    uint64_t **page = &find_or_make(m, pa)->pages[page_of(pa)];

    if (!*page)
        *page = must(calloc(PAGE_WORDS, sizeof **page));
    return *page;
}

struct physmem *physmem_new(struct arch_pa tables)
{
    struct physmem *m = calloc(1, sizeof *m);

    if (!m)
        return NULL;
    m->dir_n = DIR_MIN;
    m->dir = calloc(m->dir_n, sizeof *m->dir);
    m->next_table = tables.v;
    if (!m->dir) {
        free(m);
        return NULL;
    }
    return m;
}

static void delete_region(struct region *r)
{
    for (unsigned page = 0; r && page < REGION_PAGES; page++)
        free(r->pages[page]);
    free(r);
}

void physmem_delete(struct physmem *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->dir_n; i++)
        delete_region(m->dir[i].region);
    free(m->dir);
    free(m->freed);
    free(m);
}

uint64_t physmem_fetch(const struct physmem *m, struct arch_pa pa, bool *freed)
{
    const struct region *r = find(m, pa);
    const unsigned page = page_of(pa);

    assert((pa.v & 7) == 0);
    *freed = r && page_is_freed(r, page);
    return r && r->pages[page] ? r->pages[page][word_of(pa)] : 0;
}

uint64_t physmem_read(const struct physmem *m, struct arch_pa pa)
{
    bool freed;

    return physmem_fetch(m, pa, &freed);
}

void physmem_write(struct physmem *m, struct arch_pa pa, uint64_t value)
{
    assert((pa.v & 7) == 0);
    make_page(m, pa)[word_of(pa)] = value;
}

static struct arch_pa reuse_table(struct physmem *m)
{
    const struct arch_pa table = arch_pa(m->freed[--m->ready_n]);
    struct region *r = find(m, table);

    m->freed[m->ready_n] = m->freed[--m->freed_n];
    set_freed(r, page_of(table), false);
    memset(r->pages[page_of(table)], 0, PAGE_WORDS * sizeof(uint64_t));
    return table;
}

struct arch_pa physmem_table_alloc(struct physmem *m, uint64_t bytes)
{
    uint64_t base = (m->next_table + bytes - 1) & ~(bytes - 1);

    assert(bytes >= 4096 && (bytes & (bytes - 1)) == 0);
    m->tables_n++;
    if (bytes == 4096 && m->ready_n)
        return reuse_table(m);
    m->next_table = base + bytes;
    for (uint64_t at = base; at < base + bytes; at += 1u << PAGE_SHIFT)
        make_page(m, arch_pa(at));
    return arch_pa(base);
}

void physmem_table_free(struct physmem *m, struct arch_pa pa)
{
    struct region *r = find(m, pa);

    assert(r && !page_is_freed(r, page_of(pa)) && m->tables_n);
    if (m->freed_n == m->freed_cap) {
        m->freed_cap = m->freed_cap ? 2 * m->freed_cap : 1024;
        m->freed = must(realloc(m->freed, m->freed_cap * sizeof *m->freed));
    }
    m->freed[m->freed_n++] = pa.v;
    m->tables_n--;
    set_freed(r, page_of(pa), true);
}

bool physmem_is_freed(const struct physmem *m, struct arch_pa pa)
{
    bool freed;

    (void)physmem_fetch(m, pa, &freed);
    return freed;
}

uint64_t physmem_tables_n(const struct physmem *m)
{
    return m->tables_n;
}

void physmem_recycle(struct physmem *m)
{
    m->ready_n = m->freed_n;
}
