/* SPDX-License-Identifier: Apache-2.0 */
#include "model/memory/tags.h"

#include "model/memory/must.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define NARROW_MAX UINT32_MAX

struct tags *tags_new(uint64_t bytes, uint32_t ways_n)
{
    const uint64_t lines_n = bytes >> TAGS_LINE_SHIFT;
    const uint64_t sets_n = lines_n / (ways_n ? ways_n : 1);
    struct tags *t = calloc(1, sizeof *t);

    assert(ways_n && lines_n % ways_n == 0 && (sets_n & (sets_n - 1)) == 0);
    if (!t)
        return NULL;
    t->set_mask = (uint32_t)sets_n - 1;
    t->set_shift = (uint32_t)__builtin_ctzll(sets_n);
    t->others_n = ways_n - 1;
    t->first = calloc(sets_n, sizeof *t->first);
    t->others = calloc(sets_n * t->others_n + 1, sizeof *t->others);
    if (!t->first || !t->others) {
        tags_delete(t);
        return NULL;
    }
    return t;
}

void tags_delete(struct tags *t)
{
    if (!t)
        return;
    free(t->first);
    free(t->others);
    free(t->first64);
    free(t->others64);
    free(t);
}

static void widen(struct tags *t)
{
    const size_t sets_n = (size_t)t->set_mask + 1;
    const size_t others_n = sets_n * t->others_n;

    t->first64 = must(malloc(sets_n * sizeof *t->first64));
    t->others64 = must(malloc((others_n + 1) * sizeof *t->others64));
    for (size_t i = 0; i < sets_n; i++)
        t->first64[i] = t->first[i];
    for (size_t i = 0; i < others_n; i++)
        t->others64[i] = t->others[i];
    free(t->first);
    free(t->others);
    t->first = t->others = NULL;
    t->wide = true;
}

/* In words of one width. make_first: the tag goes in front of the first n of the
 * others, of which the last goes. */
#define DEFINE_WAYS(suffix, word)                                                      \
    static void make_first_##suffix(word *first, word *others, uint32_t n, word tag)   \
    {                                                                                  \
        if (n > 1)                                                                     \
            memmove(others + 1, others, (n - 1) * sizeof *others);                     \
        if (n)                                                                         \
            others[0] = *first;                                                        \
        *first = tag;                                                                  \
    }                                                                                  \
                                                                                       \
    static uint32_t find_##suffix(const word *others, uint32_t others_n, word tag)     \
    {                                                                                  \
        uint32_t i = 0;                                                                \
                                                                                       \
        while (i < others_n && others[i] != tag)                                       \
            i++;                                                                       \
        return i;                                                                      \
    }                                                                                  \
                                                                                       \
    static void drop_##suffix(word *first, word *others, uint32_t others_n, word tag)  \
    {                                                                                  \
        uint32_t i = 0;                                                                \
                                                                                       \
        if (*first == tag) {                                                           \
            *first = others_n ? others[0] : 0;                                         \
        } else {                                                                       \
            i = find_##suffix(others, others_n, tag);                                  \
            if (i == others_n)                                                         \
                return;                                                                \
        }                                                                              \
        for (; i + 1 < others_n; i++)                                                  \
            others[i] = others[i + 1];                                                 \
        if (others_n)                                                                  \
            others[others_n - 1] = 0;                                                  \
    }

DEFINE_WAYS(narrow, uint32_t)
DEFINE_WAYS(wide, uint64_t)

/* Where the line of pa is, or would be. */
struct place {
    uint64_t tag;
    size_t set, others;
};

static inline struct place place_of(struct tags *t, struct arch_pa pa)
{
    const uint64_t line = pa.v >> TAGS_LINE_SHIFT;
    const size_t set = line & t->set_mask;
    const uint64_t tag = (line >> t->set_shift) + 1;

    if (tag > NARROW_MAX && !t->wide)
        widen(t);
    return (struct place){tag, set, set * t->others_n};
}

bool tags_touch_other(struct tags *t, struct arch_pa pa)
{
    const struct place p = place_of(t, pa);
    const uint32_t n = t->others_n;
    uint32_t i;

    if (!t->wide) {
        i = find_narrow(&t->others[p.others], n, (uint32_t)p.tag);
        if (i < n)
            make_first_narrow(&t->first[p.set], &t->others[p.others], i + 1,
                              (uint32_t)p.tag);
        return i < n;
    }
    if (t->first64[p.set] == p.tag)
        return true;
    i = find_wide(&t->others64[p.others], n, p.tag);
    if (i < n)
        make_first_wide(&t->first64[p.set], &t->others64[p.others], i + 1, p.tag);
    return i < n;
}

void tags_add(struct tags *t, struct arch_pa pa)
{
    const struct place p = place_of(t, pa);

    if (t->wide)
        make_first_wide(&t->first64[p.set], &t->others64[p.others], t->others_n, p.tag);
    else
        make_first_narrow(&t->first[p.set], &t->others[p.others], t->others_n,
                          (uint32_t)p.tag);
}

bool tags_access(struct tags *t, struct arch_pa pa)
{
    const bool hit = tags_touch(t, pa);

    if (!hit)
        tags_add(t, pa);
    return hit;
}

bool tags_has(const struct tags *t, struct arch_pa pa)
{
    const uint64_t line = pa.v >> TAGS_LINE_SHIFT;
    const uint64_t tag = (line >> t->set_shift) + 1;
    const size_t set = line & t->set_mask;
    bool found;

    if (t->wide) {
        found = t->first64[set] == tag;
        for (uint32_t i = 0; i < t->others_n; i++)
            found |= t->others64[set * t->others_n + i] == tag;
        return found;
    }
    found = tag <= NARROW_MAX && t->first[set] == tag;
    for (uint32_t i = 0; i < t->others_n; i++)
        found |= t->others[set * t->others_n + i] == tag;
    return found;
}

void tags_drop(struct tags *t, struct arch_pa pa)
{
    const uint64_t line = pa.v >> TAGS_LINE_SHIFT;
    const uint64_t tag = (line >> t->set_shift) + 1;
    const size_t set = line & t->set_mask;

    if (t->wide)
        drop_wide(&t->first64[set], &t->others64[set * t->others_n], t->others_n, tag);
    else if (tag <= NARROW_MAX)
        drop_narrow(&t->first[set], &t->others[set * t->others_n], t->others_n,
                    (uint32_t)tag);
}

void tags_foresee(const struct tags *t, struct arch_pa pa)
{
    const uint64_t set = pa.v >> TAGS_LINE_SHIFT & t->set_mask;

    if (t->wide)
        return;
    __builtin_prefetch(&t->first[set], 1);
    __builtin_prefetch(&t->others[set * t->others_n], 1);
    __builtin_prefetch(&t->others[(set + 1) * t->others_n], 1);
}
