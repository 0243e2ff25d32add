/* SPDX-License-Identifier: Apache-2.0 */
#include "model/memory/physmem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_SHIFT 12
#define PAGE_WORDS (1u << (PAGE_SHIFT - 3))
#define DIR_MIN 1024u /* slots of the page directory; a power of two */

struct page {
    uint64_t number; /* pa >> PAGE_SHIFT */
    bool freed;
    uint64_t words[PAGE_WORDS];
};

struct physmem {
    struct page **dir; /* [dir_n], open addressing */
    size_t dir_n, pages_n;
    uint64_t next_table; /* arena: first address never handed out */
    uint64_t tables_n;
    uint64_t *freed; /* [freed_n], tables freed; the first ready_n may be reused */
    size_t freed_n, ready_n, freed_cap;
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
    free(m->freed);
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

static struct arch_pa reuse_table(struct physmem *m)
{
    struct page *page = find(m, m->freed[--m->ready_n] >> PAGE_SHIFT);

    m->freed[m->ready_n] = m->freed[--m->freed_n];
    page->freed = false;
    memset(page->words, 0, sizeof page->words);
    return arch_pa(page->number << PAGE_SHIFT);
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
        find_or_make(m, at >> PAGE_SHIFT);
    return arch_pa(base);
}

void physmem_table_free(struct physmem *m, struct arch_pa pa)
{
    struct page *page = find(m, pa.v >> PAGE_SHIFT);

    assert(page && !page->freed && m->tables_n);
    if (m->freed_n == m->freed_cap) {
        m->freed_cap = m->freed_cap ? 2 * m->freed_cap : 1024;
        m->freed = must(realloc(m->freed, m->freed_cap * sizeof *m->freed));
    }
    m->freed[m->freed_n++] = pa.v;
    m->tables_n--;
    page->freed = true;
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
    m->ready_n = m->freed_n;
}
