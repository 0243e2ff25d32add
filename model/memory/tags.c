/* SPDX-License-Identifier: Apache-2.0 */
#include "model/memory/tags.h"

#include "model/memory/must.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define NARROW_MAX UINT32_MAX
#define HOST_LINE 64u

/* Four tags at once. */
typedef uint32_t tags4 __attribute__((vector_size(16), may_alias));
typedef uint32_t tags4_anywhere __attribute__((vector_size(16), may_alias, aligned(4)));
typedef uint64_t words2 __attribute__((vector_size(16)));

static uint32_t *line_of(void *memory)
{
    return (uint32_t *)(((uintptr_t)memory + HOST_LINE - 1) &
                        ~(uintptr_t)(HOST_LINE - 1));
}

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
    t->stride = (t->others_n + 7) & ~7u;
    t->first = calloc(sets_n, sizeof *t->first);
    t->others_memory = calloc(sets_n * t->stride * sizeof *t->others + HOST_LINE, 1);
    if (!t->first || !t->others_memory) {
        tags_delete(t);
        return NULL;
    }
    t->others = line_of(t->others_memory);
    return t;
}

void tags_delete(struct tags *t)
{
    if (!t)
        return;
    free(t->first);
    free(t->others_memory);
    free(t->first64);
    free(t->others64);
    free(t);
}

static void widen(struct tags *t)
{
    const size_t sets_n = (size_t)t->set_mask + 1;

    t->first64 = must(malloc(sets_n * sizeof *t->first64));
    t->others64 = must(malloc((sets_n * t->others_n + 1) * sizeof *t->others64));
    for (size_t set = 0; set < sets_n; set++) {
        t->first64[set] = t->first[set];
        for (size_t i = 0; i < t->others_n; i++)
            t->others64[set * t->others_n + i] = t->others[set * t->stride + i];
    }
    free(t->first);
    free(t->others_memory);
    t->first = t->others = t->others_memory = NULL;
    t->wide = true;
}

/* In words of one width. make_first: the tag goes in front of the first n of the
 * others, of which the last goes. remove: the tag, if it is there. */
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
    static void remove_##suffix(word *first, word *others, uint32_t others_n,          \
                                word tag)                                              \
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
    size_t set;
};

static inline struct place place_of(const struct tags *t, struct arch_pa pa)
{
    const uint64_t line = pa.v >> TAGS_LINE_SHIFT;

    return (struct place){(line >> t->set_shift) + 1, line & t->set_mask};
}

static inline uint32_t *narrow_others(const struct tags *t, struct place p)
{
    return &t->others[p.set * t->stride];
}

static inline uint64_t *wide_others(const struct tags *t, struct place p)
{
    return &t->others64[p.set * t->others_n];
}

/* The tag, which is not 0, is one of the others: most often it is not. */
static inline bool is_other(const struct tags *t, struct place p)
{
    const uint32_t *others = narrow_others(t, p);
    const uint32_t tag = (uint32_t)p.tag;
    const tags4 want = {tag, tag, tag, tag};
    tags4 found = {0};

    for (uint32_t i = 0; i < t->stride; i += 8)
        found |= (tags4)(*(const tags4 *)(others + i) == want) |
                 (tags4)(*(const tags4 *)(others + i + 4) == want);
    return ((words2)found)[0] | ((words2)found)[1];
}

__attribute__((noinline)) static bool has_wide(const struct tags *t, struct place p)
{
    return t->wide && (t->first64[p.set] == p.tag ||
                       find_wide(wide_others(t, p), t->others_n, p.tag) < t->others_n);
}

__attribute__((noinline)) static bool touch_wide(struct tags *t, struct place p)
{
    const uint32_t i = find_wide(wide_others(t, p), t->others_n, p.tag);

    if (t->first64[p.set] == p.tag)
        return true;
    if (i < t->others_n)
        make_first_wide(&t->first64[p.set], wide_others(t, p), i + 1, p.tag);
    return i < t->others_n;
}

/* Apart, so that a miss needs no registers for it. */
__attribute__((noinline)) static bool use_other(struct tags *t, struct place p)
{
    uint32_t *others = narrow_others(t, p);
    const uint32_t i = find_narrow(others, t->others_n, (uint32_t)p.tag);

    make_first_narrow(&t->first[p.set], others, i + 1, (uint32_t)p.tag);
    return true;
}

bool tags_touch_other(struct tags *t, struct arch_pa pa)
{
    const struct place p = place_of(t, pa);

    if (t->wide)
        return touch_wide(t, p);
    return p.tag <= NARROW_MAX && is_other(t, p) && use_other(t, p);
}

__attribute__((noinline)) static void add_wide(struct tags *t, struct place p)
{
    if (!t->wide)
        widen(t);
    make_first_wide(&t->first64[p.set], wide_others(t, p), t->others_n, p.tag);
}

/* The others move up by one, from the last on, four at a time. */
static inline void move_up(uint32_t *others, const struct tags *t)
{
    for (uint32_t i = t->stride - 4; i > 0; i -= 4)
        *(tags4 *)(others + i) = *(const tags4_anywhere *)(others + i - 1);
    *(tags4_anywhere *)(others + 1) = *(const tags4 *)others;
    if (t->others_n < t->stride)
        others[t->others_n] = 0;
}

void tags_add(struct tags *t, struct arch_pa pa)
{
    const struct place p = place_of(t, pa);
    uint32_t *others;

    t->added_n++;
    if (p.tag > NARROW_MAX || t->wide)
        return add_wide(t, p);
    others = narrow_others(t, p);
    if (t->others_n) {
        move_up(others, t);
        others[0] = t->first[p.set];
    }
    t->first[p.set] = (uint32_t)p.tag;
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
    const struct place p = place_of(t, pa);

    if (t->wide || p.tag > NARROW_MAX)
        return has_wide(t, p);
    return t->first[p.set] == p.tag || is_other(t, p);
}

void tags_drop(struct tags *t, struct arch_pa pa)
{
    const struct place p = place_of(t, pa);

    if (t->wide)
        remove_wide(&t->first64[p.set], wide_others(t, p), t->others_n, p.tag);
    else if (tags_has(t, pa))
        remove_narrow(&t->first[p.set], narrow_others(t, p), t->others_n,
                      (uint32_t)p.tag);
}

void tags_foresee(const struct tags *t, struct arch_pa pa)
{
    const struct place p = place_of(t, pa);

    if (t->wide)
        return;
    __builtin_prefetch(&t->first[p.set], 1);
    __builtin_prefetch(narrow_others(t, p), 1);
}
