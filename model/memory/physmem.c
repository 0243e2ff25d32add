/* SPDX-License-Identifier: Apache-2.0 */
#include "model/memory/physmem.h"

#include "model/memory/huge.h"
#include "model/memory/must.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_SHIFT PHYSMEM_PAGE_SHIFT
#define PAGE_BYTES (1u << PAGE_SHIFT)
#define PAGE_WORDS (PAGE_BYTES / 8)
#define REGION_PAGES PHYSMEM_REGION_PAGES
#define RECENT_N (1u << PHYSMEM_RECENT_LOG2)
#define DIR_MIN 64u /* slots of the directory; a power of two */
#define FREED_N 9   /* tables of 4 KiB to 1 MiB */
#define SLAB_PAGES 512u

/* Tables of one size that were freed. */
struct freed {
    uint64_t *pa; /* [n]; the first ready_n may be reused */
    size_t n, ready_n, cap;
};

/* Pages that the host gives at once, since it keeps a header for each piece. */
struct slab {
    struct slab *next;
    uint64_t *pages; /* [SLAB_PAGES][PAGE_WORDS] */
    unsigned used_n;
};

struct physmem {
    struct physmem_front front;
    struct physmem_slot *dir; /* [dir_n], open addressing; region NULL: empty */
    size_t dir_n;
    struct slab *slabs;   /* the first may have pages left */
    uint64_t *free_pages; /* each names the next in its first word */
    size_t regions_n;
    uint64_t next_table; /* arena: first address never handed out */
    uint64_t tables_n;
    size_t pages_n;              /* that exist */
    size_t fillings_n;           /* regions that have them */
    struct freed freed[FREED_N]; /* index: log2 of the table's pages */
};

static size_t hash(const struct physmem *m, uint64_t number)
{
    return (size_t)(number * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (m->dir_n - 1);
}

static struct physmem_region *find(const struct physmem *m, uint64_t number)
{
    for (size_t i = hash(m, number); m->dir[i].region; i = (i + 1) & (m->dir_n - 1)) {
        if (m->dir[i].number == number)
            return m->dir[i].region;
    }
    return NULL;
}

/* NULL: no page of it exists. */
static struct physmem_region *region_of(const struct physmem *m, struct arch_pa pa)
{
    const uint64_t number = pa.v >> PHYSMEM_REGION_SHIFT;
    struct physmem_slot *recent = physmem_recent_at(&m->front, number);

    if (recent->number == number)
        return recent->region;
    struct physmem_region *r = find(m, number);
    if (r)
        *recent = (struct physmem_slot){number, r};
    return r;
}

static unsigned page_of(struct arch_pa pa)
{
    return (unsigned)(pa.v >> PAGE_SHIFT) & (REGION_PAGES - 1);
}

static unsigned word_of(struct arch_pa pa)
{
    return (unsigned)(pa.v >> 3) & (PAGE_WORDS - 1);
}

static bool page_is_freed(const struct physmem_region *r, unsigned page)
{
    return r->freed_n && (r->freed[page / 64] >> page % 64 & 1);
}

static void set_freed(struct physmem_region *r, unsigned page, bool freed)
{
    const uint64_t bit = UINT64_C(1) << page % 64;

    r->freed_n += freed - page_is_freed(r, page);
    r->freed[page / 64] = (r->freed[page / 64] & ~bit) | (freed ? bit : 0);
}

static void insert(struct physmem *m, struct physmem_slot slot)
{
    size_t i = hash(m, slot.number);

    while (m->dir[i].region)
        i = (i + 1) & (m->dir_n - 1);
    m->dir[i] = slot;
}

static void grow(struct physmem *m)
{
    struct physmem_slot *old = m->dir;
    size_t old_n = m->dir_n;

    m->dir_n *= 2;
    m->dir = must(calloc(m->dir_n, sizeof *m->dir));
    for (size_t i = 0; i < old_n; i++) {
        if (old[i].region)
            insert(m, old[i]);
    }
    free(old);
}

static struct physmem_region *find_or_make(struct physmem *m, struct arch_pa pa)
{
    struct physmem_region *r = region_of(m, pa);

    if (r)
        return r;
    if (m->regions_n * 2 >= m->dir_n)
        grow(m);
    r = must(calloc(1, sizeof *r));
    insert(m, (struct physmem_slot){pa.v >> PHYSMEM_REGION_SHIFT, r});
    m->regions_n++;
    return r;
}

static void add_slab(struct physmem *m)
{
    struct slab *slab = must(calloc(1, sizeof *slab));

    slab->pages = huge_new((size_t)SLAB_PAGES * PAGE_BYTES);
    slab->next = m->slabs;
    m->slabs = slab;
}

/* A zeroed page of the host. */
static uint64_t *take_page(struct physmem *m)
{
    uint64_t *page = m->free_pages;

    m->pages_n++;
    if (page) {
        m->free_pages = (uint64_t *)(uintptr_t)page[0];
    } else {
        if (!m->slabs || m->slabs->used_n == SLAB_PAGES)
            add_slab(m);
        page = &m->slabs->pages[m->slabs->used_n++ * PAGE_WORDS];
    }
    return memset(page, 0, PAGE_BYTES);
}

static void give_page(struct physmem *m, uint64_t *page)
{
    if (!page)
        return;
    page[0] = (uintptr_t)m->free_pages;
    m->free_pages = page;
    m->pages_n--;
}

static uint64_t *make_page(struct physmem *m, struct arch_pa pa)
{
    struct physmem_region *r = find_or_make(m, pa);
    uint64_t **page = &r->pages[page_of(pa)];

    if (*page)
        return *page;
    *page = take_page(m);
    if (r->fillings) {
        struct physmem_filling *f = &r->fillings[page_of(pa)];

        for (unsigned i = 0; i < PAGE_WORDS; i++)
            (*page)[i] = f->first + i * f->step;
        *f = (struct physmem_filling){0};
    }
    return *page;
}

struct physmem *physmem_new(struct arch_pa tables)
{
    struct physmem *m = calloc(1, sizeof *m);

    if (!m)
        return NULL;
    m->dir_n = DIR_MIN;
    m->dir = calloc(m->dir_n, sizeof *m->dir);
    m->front.recent = malloc(RECENT_N * sizeof *m->front.recent);
    m->next_table = tables.v;
    if (!m->dir || !m->front.recent) {
        free(m->dir);
        free(m->front.recent);
        free(m);
        return NULL;
    }
    for (unsigned i = 0; i < RECENT_N; i++)
        m->front.recent[i] = (struct physmem_slot){UINT64_MAX, NULL};
    return m;
}

static void delete_region(struct physmem_region *r)
{
    if (r)
        free(r->fillings);
    free(r);
}

static void delete_slabs(struct slab *slab)
{
    while (slab) {
        struct slab *next = slab->next;

        free(slab->pages);
        free(slab);
        slab = next;
    }
}

void physmem_delete(struct physmem *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->dir_n; i++)
        delete_region(m->dir[i].region);
    delete_slabs(m->slabs);
    free(m->dir);
    free(m->front.recent);
    for (size_t i = 0; i < FREED_N; i++)
        free(m->freed[i].pa);
    free(m);
}

uint64_t physmem_fetch_other(const struct physmem *m, struct arch_pa pa, bool *freed)
{
    const struct physmem_region *r = region_of(m, pa);

    *freed = r && page_is_freed(r, page_of(pa));
    return r ? physmem_fetch_in(r, pa) : 0;
}

void physmem_foresee(const struct physmem *m, struct arch_pa pa)
{
    const struct physmem_region *r = region_of(m, pa);

    if (r && r->pages[page_of(pa)])
        __builtin_prefetch(&r->pages[page_of(pa)][word_of(pa)]);
}

uint64_t physmem_read(const struct physmem *m, struct arch_pa pa)
{
    bool freed;

    assert((pa.v & 7) == 0);
    return physmem_fetch(m, pa, &freed);
}

void physmem_write(struct physmem *m, struct arch_pa pa, uint64_t value)
{
    assert((pa.v & 7) == 0);
    make_page(m, pa)[word_of(pa)] = value;
}

static struct arch_pa reuse_table(struct physmem *m, unsigned log2_pages)
{
    struct freed *f = &m->freed[log2_pages];
    const struct arch_pa table = arch_pa(f->pa[--f->ready_n]);
    struct physmem_region *r = region_of(m, table);
    const unsigned first = page_of(table);

    f->pa[f->ready_n] = f->pa[--f->n];
    for (unsigned page = first; page < first + (1u << log2_pages); page++) {
        const struct arch_pa at = arch_pa(table.v + ((page - first) << PAGE_SHIFT));

        set_freed(r, page, false);
        memset(make_page(m, at), 0, PAGE_WORDS * sizeof(uint64_t));
    }
    return table;
}

struct arch_pa physmem_table_alloc(struct physmem *m, uint64_t bytes)
{
    const uint64_t base = (m->next_table + bytes - 1) & ~(bytes - 1);
    const uint64_t pages = bytes >> PAGE_SHIFT;
    const unsigned log2_pages = (unsigned)__builtin_ctzll(pages | UINT64_C(1) << 63);

    assert(pages > 0 && (pages & (pages - 1)) == 0 && log2_pages < FREED_N);
    m->tables_n++;
    if (m->freed[log2_pages].ready_n)
        return reuse_table(m, log2_pages);
    m->next_table = base + bytes;
    for (uint64_t at = base; at < base + bytes; at += 1u << PAGE_SHIFT)
        (void)make_page(m, arch_pa(at));
    region_of(m, arch_pa(base))->table[page_of(arch_pa(base))] =
        (uint8_t)(1 + log2_pages);
    return arch_pa(base);
}

void physmem_table_fill(struct physmem *m, struct arch_pa pa, uint64_t first,
                        uint64_t step)
{
    struct physmem_region *r = region_of(m, pa);
    const unsigned begin = page_of(pa);

    assert(step && r && r->table[begin] && !page_is_freed(r, begin));
    if (!r->fillings) {
        r->fillings = must(calloc(REGION_PAGES, sizeof *r->fillings));
        m->fillings_n++;
    }
    for (unsigned i = 0; i < 1u << (r->table[begin] - 1); i++) {
        give_page(m, r->pages[begin + i]);
        r->pages[begin + i] = NULL;
        r->fillings[begin + i] =
            (struct physmem_filling){first + i * PAGE_WORDS * step, step};
    }
}

void physmem_table_free(struct physmem *m, struct arch_pa pa)
{
    struct physmem_region *r = region_of(m, pa);
    const unsigned first = page_of(pa);

    assert(r && !page_is_freed(r, first) && r->table[first] && m->tables_n);
    const unsigned log2_pages = r->table[first] - 1u;
    struct freed *f = &m->freed[log2_pages];

    if (f->n == f->cap) {
        f->cap = f->cap ? 2 * f->cap : 1024;
        f->pa = must(realloc(f->pa, f->cap * sizeof *f->pa));
    }
    f->pa[f->n++] = pa.v;
    m->tables_n--;
    for (unsigned page = first; page < first + (1u << log2_pages); page++)
        set_freed(r, page, true);
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

size_t physmem_bytes(const struct physmem *m)
{
    return m->pages_n * PAGE_WORDS * sizeof(uint64_t) +
           m->fillings_n * REGION_PAGES * sizeof(struct physmem_filling) +
           m->regions_n * sizeof(struct physmem_region) + m->dir_n * sizeof *m->dir;
}

void physmem_recycle(struct physmem *m)
{
    for (size_t i = 0; i < FREED_N; i++)
        m->freed[i].ready_n = m->freed[i].n;
}
