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

/* In words of one width, of a tag that is not the first of its set: look for it; it
 * then is the first. If it is not there the last one goes, or with `present_only`
 * nothing happens. */
#define DEFINE_WAYS(suffix, word)                                                      \
    static bool use_##suffix(word *first, word *others, uint32_t others_n, word tag,   \
                             bool present_only)                                        \
    {                                                                                  \
        word before = *first;                                                          \
        bool hit = false;                                                              \
                                                                                       \
        for (uint32_t i = 0; i < others_n && present_only && !hit; i++)                \
            hit = others[i] == tag;                                                    \
        if (!hit && present_only)                                                      \
            return false;                                                              \
        for (uint32_t i = 0; i < others_n; i++) {                                      \
            const word here = others[i];                                               \
                                                                                       \
            others[i] = before;                                                        \
            before = here;                                                             \
            if (here == tag) {                                                         \
                hit = true;                                                            \
                break;                                                                 \
            }                                                                          \
        }                                                                              \
        *first = tag;                                                                  \
        return hit;                                                                    \
    }                                                                                  \
                                                                                       \
    static void drop_##suffix(word *first, word *others, uint32_t others_n, word tag)  \
    {                                                                                  \
        uint32_t i = 0;                                                                \
                                                                                       \
        if (*first == tag) {                                                           \
            *first = others_n ? others[0] : 0;                                         \
        } else {                                                                       \
            while (i < others_n && others[i] != tag)                                   \
                i++;                                                                   \
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

static inline bool use(struct tags *t, struct arch_pa pa, bool present_only)
{
    const uint64_t line = pa.v >> TAGS_LINE_SHIFT;
    const uint64_t tag = (line >> t->set_shift) + 1;
    const size_t set = line & t->set_mask;

    if (tag > NARROW_MAX && !t->wide)
        widen(t);
    if (!t->wide)
        return t->first[set] == tag ||
               use_narrow(&t->first[set], &t->others[set * t->others_n], t->others_n,
                          (uint32_t)tag, present_only);
    if (t->first64[set] == tag)
        return true;
    return use_wide(&t->first64[set], &t->others64[set * t->others_n], t->others_n, tag,
                    present_only);
}

bool tags_access(struct tags *t, struct arch_pa pa)
{
    return use(t, pa, false);
}

bool tags_touch_other(struct tags *t, struct arch_pa pa)
{
    return use(t, pa, true);
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
