/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/floor/floor.h"

#include "model/guest/stream.h"

#include <stdlib.h>

#define PAGE_SHIFT 12
#define TABLE_BITS 9
#define TABLE_WORDS (UINT64_C(1) << TABLE_BITS)
#define S1_LEVELS 4 /* 48-bit VAs */
#define S2_LEVELS 3 /* 40-bit IPAs, two concatenated tables where the walk starts */
#define ADDRESS_MASK UINT64_C(0xfffffffff000)

/* One memory for everything: an address is an offset. */
struct bare {
    uint64_t *words;
    uint64_t used_bytes;
    uint64_t s1_root, s2_root;
};

static uint64_t new_tables(struct bare *b, uint64_t n)
{
    const uint64_t at = b->used_bytes;

    b->used_bytes += n << PAGE_SHIFT;
    return at;
}

static uint64_t *entry(struct bare *b, uint64_t table, uint64_t index)
{
    return &b->words[(table >> 3) + index];
}

/* Maps one page; index bits above the last levels select in the concatenated root. */
static void map(struct bare *b, uint64_t root, unsigned levels, uint64_t ia,
                uint64_t oa)
{
    uint64_t table = root;

    for (unsigned i = 0; i < levels; i++) {
        const unsigned shift = PAGE_SHIFT + TABLE_BITS * (levels - 1 - i);
        const uint64_t index = i ? ia >> shift & (TABLE_WORDS - 1) : ia >> shift;
        uint64_t *e = entry(b, table, index);

        if (i + 1 == levels)
            *e = oa | 3;
        else if (!*e)
            *e = new_tables(b, 1) | 3;
        table = *e & ADDRESS_MASK;
    }
}

static uint64_t s2_walk(const struct bare *b, uint64_t ipa)
{
    uint64_t table = b->s2_root;

    for (unsigned i = 0; i < S2_LEVELS; i++) {
        const unsigned shift = PAGE_SHIFT + TABLE_BITS * (S2_LEVELS - 1 - i);
        const uint64_t index = i ? ipa >> shift & (TABLE_WORDS - 1) : ipa >> shift;

        table = b->words[(table >> 3) + index] & ADDRESS_MASK;
    }
    return table | (ipa & ((UINT64_C(1) << PAGE_SHIFT) - 1));
}

static uint64_t nested_walk(const struct bare *b, uint64_t va)
{
    uint64_t table = b->s1_root;

    for (unsigned i = 0; i < S1_LEVELS; i++) {
        const unsigned shift = PAGE_SHIFT + TABLE_BITS * (S1_LEVELS - 1 - i);
        const uint64_t index = va >> shift & (TABLE_WORDS - 1);

        table = b->words[s2_walk(b, table + index * 8) >> 3] & ADDRESS_MASK;
    }
    return s2_walk(b, table);
}

/* Stage 2 maps the stage 1 tables to themselves, and the region behind them. */
static void make_tables(struct bare *b, uint64_t va, uint64_t bytes)
{
    const uint64_t pages = bytes >> PAGE_SHIFT;
    const uint64_t room = (pages / 256 + 1024) << PAGE_SHIFT; /* of both stages */

    b->words = calloc(room, 1);
    if (!b->words)
        abort();
    b->s2_root = new_tables(b, 2);
    b->s1_root = new_tables(b, 1);
    for (uint64_t i = 0; i < bytes; i += UINT64_C(1) << PAGE_SHIFT)
        map(b, b->s1_root, S1_LEVELS, va + i, room + i);
    for (uint64_t i = 0; i < room + bytes; i += UINT64_C(1) << PAGE_SHIFT)
        map(b, b->s2_root, S2_LEVELS, i, i);
}

double floor_walks(const struct scn *s, uint64_t n)
{
    const struct guest_stream *cfg = &s->vms[0].guest.stream;
    struct bare b = {NULL, 0, 0, 0};
    struct guest_stream_state stream;
    volatile uint64_t seen;
    uint64_t sum = 0;
    double seconds;

    make_tables(&b, cfg->region_ipa.v, cfg->region_bytes);
    guest_stream_init(&stream, cfg, s->seed_first, 0);
    seconds = floor_seconds();
    for (uint64_t i = 0; i < n; i++)
        sum += nested_walk(&b, guest_stream_at(&stream, i).ipa.v);
    seconds = floor_seconds() - seconds;
    seen = sum;
    (void)seen;
    free(b.words);
    return (double)n / seconds;
}
