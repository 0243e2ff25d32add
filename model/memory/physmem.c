/* SPDX-License-Identifier: Apache-2.0 */
#include "model/memory/physmem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_SHIFT 12
#define PAGE_WORDS (1u << (PAGE_SHIFT - 3))
#define DIR_MIN 1024u /* slots of the page directory; a power of two */
#define FREED_N 9     /* tables of 4 KiB to 1 MiB */

struct page {
    uint64_t number;      /* pa >> PAGE_SHIFT */
    uint32_t table_pages; /* of the table that begins here; else 0 */
    bool freed;
    uint64_t words[PAGE_WORDS];
};

/* Tables of one size that were freed. */
struct freed {
    uint64_t *pa; /* [n]; the first ready_n may be reused */
    size_t n, ready_n, cap;
};

struct physmem {
    struct page **dir; /* [dir_n], open addressing */
    size_t dir_n, pages_n;
    uint64_t next_table; /* arena: first address never handed out */
    uint64_t tables_n;
    struct freed freed[FREED_N]; /* index: log2 of the table's pages */
};

static size_t slot_of(const struct physmem *m, uint64_t number)
{
    return (size_t)(number * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (m->dir_n - 1);
}

static struct page *find(const struct physmem *m, uint64_t number)
{
    for (size_t i = slot_of(m, number); m->dir[i]; i = (i + 1) & (m->dir_n - 1)) {
        if (m->dir[i]->number == number)
            return m->dir[i];
    }
    return NULL;
}

static void insert(struct physmem *m, struct page *page)
{
    size_t i = slot_of(m, page->number);

    while (m->dir[i])
        i = (i + 1) & (m->dir_n - 1);
    m->dir[i] = page;
}

static void *must(void *p)
{
    if (!p)
        abort(); /* the host has no memory left: nothing sensible can follow */
    return p;
}

static void grow(struct physmem *m)
{
    struct page **old = m->dir;
    size_t old_n = m->dir_n;

    m->dir_n *= 2;
    m->dir = must(calloc(m->dir_n, sizeof *m->dir));
    for (size_t i = 0; i < old_n; i++) {
        if (old[i])
            insert(m, old[i]);
    }
    free(old);
}

static struct page *find_or_make(struct physmem *m, uint64_t number)
{
    struct page *page = find(m, number);

    if (page)
        return page;
    if (m->pages_n * 2 >= m->dir_n)
        grow(m);
    page = must(calloc(1, sizeof *page));
    page->number = number;
    insert(m, page);
    m->pages_n++;
    return page;
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

void physmem_delete(struct physmem *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->dir_n; i++)
        free(m->dir[i]);
    free(m->dir);
    for (size_t i = 0; i < FREED_N; i++)
        free(m->freed[i].pa);
    free(m);
}

uint64_t physmem_read(const struct physmem *m, struct arch_pa pa)
{
    const struct page *page = find(m, pa.v >> PAGE_SHIFT);

    assert((pa.v & 7) == 0);
    return page ? page->words[(pa.v >> 3) & (PAGE_WORDS - 1)] : 0;
}

void physmem_write(struct physmem *m, struct arch_pa pa, uint64_t value)
{
    struct page *page = find_or_make(m, pa.v >> PAGE_SHIFT);

    assert((pa.v & 7) == 0);
    page->words[(pa.v >> 3) & (PAGE_WORDS - 1)] = value;
}

static struct freed *freed_of(struct physmem *m, uint64_t pages)
{
    return &m->freed[__builtin_ctzll(pages)];
}

static struct arch_pa reuse_table(struct physmem *m, struct freed *f, uint64_t pages)
{
    const struct arch_pa pa = arch_pa(f->pa[--f->ready_n]);

    f->pa[f->ready_n] = f->pa[--f->n];
    for (uint64_t i = 0; i < pages; i++) {
        struct page *page = find(m, (pa.v >> PAGE_SHIFT) + i);

        page->freed = false;
        memset(page->words, 0, sizeof page->words);
    }
    return pa;
}

struct arch_pa physmem_table_alloc(struct physmem *m, uint64_t bytes)
{
    uint64_t base = (m->next_table + bytes - 1) & ~(bytes - 1);
    uint64_t pages = bytes >> PAGE_SHIFT;
    struct freed *f = freed_of(m, pages);

    assert(pages > 0 && pages <= 1u << (FREED_N - 1) && (pages & (pages - 1)) == 0);
    m->tables_n++;
    if (f->ready_n)
        return reuse_table(m, f, pages);
    m->next_table = base + bytes;
    for (uint64_t i = 0; i < pages; i++)
        find_or_make(m, (base >> PAGE_SHIFT) + i);
    find(m, base >> PAGE_SHIFT)->table_pages = (uint32_t)pages;
    return arch_pa(base);
}

void physmem_table_free(struct physmem *m, struct arch_pa pa)
{
    struct page *first = find(m, pa.v >> PAGE_SHIFT);

    assert(first && !first->freed && first->table_pages && m->tables_n);
    struct freed *f = freed_of(m, first->table_pages);
    if (f->n == f->cap) {
        f->cap = f->cap ? 2 * f->cap : 1024;
        f->pa = must(realloc(f->pa, f->cap * sizeof *f->pa));
    }
    f->pa[f->n++] = pa.v;
    m->tables_n--;
    for (uint32_t i = 0; i < first->table_pages; i++)
        find(m, (pa.v >> PAGE_SHIFT) + i)->freed = true;
}

bool physmem_is_freed(const struct physmem *m, struct arch_pa pa)
{
    const struct page *page = find(m, pa.v >> PAGE_SHIFT);

    return page && page->freed;
}

uint64_t physmem_tables_n(const struct physmem *m)
{
    return m->tables_n;
}

void physmem_recycle(struct physmem *m)
{
    for (size_t i = 0; i < FREED_N; i++)
        m->freed[i].ready_n = m->freed[i].n;
}
