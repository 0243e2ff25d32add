/* SPDX-License-Identifier: Apache-2.0 */
#include "model/memory/tags.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* lines: [set][way], most recently used first; line number + 1, 0 is empty. */
struct tags {
    uint32_t sets_n, ways_n;
    uint64_t lines[];
};

struct tags *tags_new(uint64_t bytes, uint32_t ways_n)
{
    uint64_t lines_n = bytes >> TAGS_LINE_SHIFT;
    struct tags *t;

    assert(ways_n && lines_n % ways_n == 0);
    assert(((lines_n / ways_n) & (lines_n / ways_n - 1)) == 0);
    t = calloc(1, sizeof *t + lines_n * sizeof t->lines[0]);
    if (!t)
        return NULL;
    t->sets_n = (uint32_t)(lines_n / ways_n);
    t->ways_n = ways_n;
    return t;
}

void tags_delete(struct tags *t)
{
    free(t);
}

static uint64_t *set_of(struct tags *t, uint64_t line)
{
    return &t->lines[(size_t)(line & (t->sets_n - 1)) * t->ways_n];
}

bool tags_access(struct tags *t, struct arch_pa pa)
{
    uint64_t line = pa.v >> TAGS_LINE_SHIFT;
    uint64_t *way = set_of(t, line);
    uint32_t i = 0;
    bool hit;

    while (i < t->ways_n && way[i] != line + 1)
        i++;
    hit = i < t->ways_n;
    memmove(way + 1, way, (hit ? i : t->ways_n - 1) * sizeof *way);
    way[0] = line + 1;
    return hit;
}

bool tags_touch(struct tags *t, struct arch_pa pa)
{
    uint64_t line = pa.v >> TAGS_LINE_SHIFT;
    uint64_t *way = set_of(t, line);
    uint32_t i = 0;

    while (i < t->ways_n && way[i] != line + 1)
        i++;
    if (i == t->ways_n)
        return false;
    memmove(way + 1, way, i * sizeof *way);
    way[0] = line + 1;
    return true;
}

void tags_drop(struct tags *t, struct arch_pa pa)
{
    uint64_t line = pa.v >> TAGS_LINE_SHIFT;
    uint64_t *way = set_of(t, line);

    for (uint32_t i = 0; i < t->ways_n; i++) {
        if (way[i] == line + 1) {
            memmove(way + i, way + i + 1, (t->ways_n - 1 - i) * sizeof *way);
            way[t->ways_n - 1] = 0;
            return;
        }
    }
}
