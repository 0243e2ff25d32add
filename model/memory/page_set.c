/* SPDX-License-Identifier: Apache-2.0 */
#include "model/memory/page_set.h"

#include "model/memory/must.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_SHIFT 16u
#define CHUNK_PAGES (1u << CHUNK_SHIFT)
#define CHUNKS_MIN 16u
#define WORDS_MIN 8u
#define DENSE (CHUNK_PAGES / 16) /* words of a chunk that has a bit for every page */

/* 2^16 pages of which some are in the set. */
struct page_chunk {
    uint64_t number; /* 1 + page >> CHUNK_SHIFT; 0: no chunk */
    uint16_t
        *words; /* [cap] n places in the chunk, ascending; or bits, if cap is DENSE */
    uint32_t cap, n;
};

static size_t hash(uint64_t number, size_t cap)
{
    return (size_t)(number * UINT64_C(0x9e3779b97f4a7c15) >> 40) & (cap - 1);
}

/* ---- one chunk ---- */

/* How many places are less. */
static uint32_t rank(const struct page_chunk *c, uint32_t place)
{
    uint32_t from = 0, n = c->n;

    while (n) {
        const uint32_t half = n / 2;

        if (c->words[from + half] < place) {
            from += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return from;
}

/* *at: where it is in the list, or belongs; of a list. */
static bool has(const struct page_chunk *c, uint32_t place, uint32_t *at)
{
    if (c->cap == DENSE)
        return c->words[place / 16] >> place % 16 & 1;
    *at = rank(c, place);
    return *at < c->n && c->words[*at] == place;
}

static void set_bit(uint16_t *bits, uint32_t place)
{
    bits[place / 16] = (uint16_t)(bits[place / 16] | 1u << place % 16);
}

static void make_dense(struct page_chunk *c)
{
    uint16_t *bits = must(calloc(DENSE, sizeof *bits));

    for (uint32_t i = 0; i < c->n; i++)
        set_bit(bits, c->words[i]);
    free(c->words);
    c->words = bits;
    c->cap = DENSE;
}

/* By a quarter, since many chunks are as full as each other. */
static void grow_chunk(struct page_set *s, struct page_chunk *c)
{
    const uint32_t old = c->cap, more = old + old / 4;

    if (more >= DENSE) {
        make_dense(c);
    } else {
        c->cap = more > WORDS_MIN ? more : WORDS_MIN;
        c->words = must(realloc(c->words, c->cap * sizeof *c->words));
    }
    s->words_n += c->cap - old;
}

/* A place that is not there; at: where it belongs in the list. */
static void put(struct page_set *s, struct page_chunk *c, uint32_t place, uint32_t at)
{
    if (c->cap != DENSE && c->n == c->cap)
        grow_chunk(s, c);
    if (c->cap == DENSE) {
        set_bit(c->words, place);
    } else {
        memmove(&c->words[at + 1], &c->words[at], (c->n - at) * sizeof *c->words);
        c->words[at] = (uint16_t)place;
    }
    c->n++;
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

    s->cap = old.cap ? 2 * old.cap : CHUNKS_MIN;
    s->chunks = must(calloc(s->cap, sizeof *s->chunks));
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
    uint32_t at;

    if (!s->cap)
        return false;
    c = chunk_of(s, (page >> CHUNK_SHIFT) + 1);
    return c->number && has(c, page & (CHUNK_PAGES - 1), &at);
}

void page_set_add(struct page_set *s, uint64_t page)
{
    const uint32_t place = page & (CHUNK_PAGES - 1);
    struct page_chunk *c;
    uint32_t at = 0;

    if (4 * (s->n + 1) > 3 * s->cap)
        grow(s);
    c = chunk_of(s, (page >> CHUNK_SHIFT) + 1);
    s->n += !c->number;
    c->number = (page >> CHUNK_SHIFT) + 1;
    if (!has(c, place, &at))
        put(s, c, place, at);
}

size_t page_set_bytes(const struct page_set *s)
{
    return s->cap * sizeof *s->chunks + s->words_n * sizeof(uint16_t);
}
