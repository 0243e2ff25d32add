/* SPDX-License-Identifier: Apache-2.0 */
#include "model/memory/page_set.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define CAP_MIN 64
#define PAGES_SHIFT 4u /* of a word */
#define BITS_SHIFT 16u /* of the number in a word */

static uint64_t number_of(uint64_t page)
{
    return (page >> PAGES_SHIFT) + 1;
}

static uint64_t bit_of(uint64_t page)
{
    return UINT64_C(1) << (page & ((1u << PAGES_SHIFT) - 1));
}

/* The word of that number, or the empty one where it belongs. */
static size_t place_of(const struct page_set *s, uint64_t number)
{
    size_t i = (size_t)((number * UINT64_C(0x9e3779b97f4a7c15)) >> 20) & (s->cap - 1);

    while (s->words[i] && s->words[i] >> BITS_SHIFT != number)
        i = (i + 1) & (s->cap - 1);
    return i;
}

static void grow(struct page_set *s)
{
    const struct page_set old = *s;

    s->cap = old.cap ? 2 * old.cap : CAP_MIN;
    s->words = calloc(s->cap, sizeof *s->words);
    if (!s->words)
        abort(); /* the host has no memory left: nothing sensible can follow */
    for (size_t i = 0; i < old.cap; i++) {
        if (old.words[i])
            s->words[place_of(s, old.words[i] >> BITS_SHIFT)] = old.words[i];
    }
    free(old.words);
}

void page_set_free(struct page_set *s)
{
    free(s->words);
    memset(s, 0, sizeof *s);
}

bool page_set_has(const struct page_set *s, uint64_t page)
{
    return s->cap && (s->words[place_of(s, number_of(page))] & bit_of(page));
}

void page_set_add(struct page_set *s, uint64_t page)
{
    const uint64_t number = number_of(page);
    uint64_t *word;

    assert(number >> (64 - BITS_SHIFT) == 0);
    if (4 * (s->n + 1) > 3 * s->cap)
        grow(s);
    word = &s->words[place_of(s, number)];
    s->n += !*word;
    *word |= number << BITS_SHIFT | bit_of(page);
}

size_t page_set_bytes(const struct page_set *s)
{
    return s->cap * sizeof *s->words;
}
