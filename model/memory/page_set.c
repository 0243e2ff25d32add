/* SPDX-License-Identifier: Apache-2.0 */
#include "model/memory/page_set.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_SHIFT 18u
#define CHUNK_PAGES (1u << CHUNK_SHIFT)
#define CAP_MIN 16u
#define DENSE (CHUNK_PAGES / 32) /* words of a chunk that has a bit for every page */

/* 2^18 pages of which some are in the set. */
struct page_chunk {
    uint64_t number; /* 1 + page >> CHUNK_SHIFT; 0: no chunk */
    uint32_t
        *words; /* [cap] 1 + place in the chunk, 0: empty; or bits, if cap is DENSE */
    uint32_t cap, n;
};

static void *zeroed(size_t n, size_t size)
{
    void *p = calloc(n, size);

    if (!p)
        abort(); /* the host has no memory left: nothing sensible can follow */
    return p;
}

static size_t hash(uint64_t number, size_t cap)
{
    return (size_t)(number * UINT64_C(0x9e3779b97f4a7c15) >> 40) & (cap - 1);
}

/* ---- one chunk ---- */

/* The word of that place, or the empty one where it belongs. */
static uint32_t *word_of(const struct page_chunk *c, uint32_t place)
{
    size_t i = hash(place + 1, c->cap);

    while (c->words[i] && c->words[i] != place + 1)
        i = (i + 1) & (c->cap - 1);
    return &c->words[i];
}

static void put(struct page_chunk *c, uint32_t place)
{
    if (c->cap == DENSE)
        c->words[place / 32] |= UINT32_C(1) << place % 32;
    else
        *word_of(c, place) = place + 1;
}

static bool has(const struct page_chunk *c, uint32_t place)
{
    return c->cap == DENSE ? c->words[place / 32] >> place % 32 & 1
                           : *word_of(c, place) != 0;
}

static void grow_chunk(struct page_set *s, struct page_chunk *c)
{
    const struct page_chunk old = *c;

    c->cap = old.cap ? 2 * old.cap : CAP_MIN;
    c->words = zeroed(c->cap, sizeof *c->words);
    s->words_n += c->cap - old.cap;
    for (uint32_t i = 0; i < old.cap; i++) {
        if (old.words[i])
            put(c, old.words[i] - 1);
    }
    free(old.words);
}

/* ---- all chunks ---- */

/* The chunk of that number, or the empty one where it belongs. */
static struct page_chunk *chunk_of(const struct page_set *s, uint64_t number)
{
    size_t i = hash(number, s->cap);

    while (s->chunks[i].number && s->chunks[i].number != number)
        i = (i + 1) & (s->cap - 1);
    return &s->chunks[i];
}

static void grow(struct page_set *s)
{
    const struct page_set old = *s;

    s->cap = old.cap ? 2 * old.cap : CAP_MIN;
    s->chunks = zeroed(s->cap, sizeof *s->chunks);
    for (size_t i = 0; i < old.cap; i++) {
        if (old.chunks[i].number)
            *chunk_of(s, old.chunks[i].number) = old.chunks[i];
    }
    free(old.chunks);
}

void page_set_free(struct page_set *s)
{
    for (size_t i = 0; i < s->cap; i++)
        free(s->chunks[i].words);
    free(s->chunks);
    memset(s, 0, sizeof *s);
}

bool page_set_has(const struct page_set *s, uint64_t page)
{
    const struct page_chunk *c;

    if (!s->cap)
        return false;
    c = chunk_of(s, (page >> CHUNK_SHIFT) + 1);
    return c->number && has(c, page & (CHUNK_PAGES - 1));
}

void page_set_add(struct page_set *s, uint64_t page)
{
    const uint32_t place = page & (CHUNK_PAGES - 1);
    struct page_chunk *c;

    if (4 * (s->n + 1) > 3 * s->cap)
        grow(s);
    c = chunk_of(s, (page >> CHUNK_SHIFT) + 1);
    s->n += !c->number;
    c->number = (page >> CHUNK_SHIFT) + 1;
    if (c->cap != DENSE && 4 * (c->n + 1) > 3 * c->cap)
        grow_chunk(s, c);
    c->n += !has(c, place);
    put(c, place);
}

size_t page_set_bytes(const struct page_set *s)
{
    return s->cap * sizeof *s->chunks + s->words_n * sizeof(uint32_t);
}
