/* SPDX-License-Identifier: Apache-2.0 */
/* Open addressing, linear probing, at most half full. */
#include "model/monitor/map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAP_MIN 64

static size_t slot_of(const struct mon_map *m, uint64_t key)
{
    size_t i = (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 20) & (m->cap - 1);

    while (m->keys[i] && m->keys[i] != key + 1)
        i = (i + 1) & (m->cap - 1);
    return i;
}

uint32_t *mon_map_get(const struct mon_map *m, uint64_t key)
{
    size_t i;

    if (!m->cap)
        return NULL;
    i = slot_of(m, key);
    return m->keys[i] ? &m->values[i] : NULL;
}

static void grow(struct mon_map *m)
{
    const struct mon_map old = *m;

    m->cap = old.cap ? old.cap * 2 : CAP_MIN;
    m->keys = calloc(m->cap, sizeof *m->keys);
    m->values = calloc(m->cap, sizeof *m->values);
    if (!m->keys || !m->values) {
        fputs("out of memory\n", stderr);
        abort();
    }
    for (size_t i = 0; i < old.cap; i++) {
        if (old.keys[i]) {
            const size_t to = slot_of(m, old.keys[i] - 1);

            m->keys[to] = old.keys[i];
            m->values[to] = old.values[i];
        }
    }
    free(old.keys);
    free(old.values);
}

void mon_map_put(struct mon_map *m, uint64_t key, uint32_t value)
{
    size_t i;

    if (m->n * 2 >= m->cap)
        grow(m);
    i = slot_of(m, key);
    m->n += !m->keys[i];
    m->keys[i] = key + 1;
    m->values[i] = value;
}

void mon_map_clear(struct mon_map *m)
{
    if (m->cap)
        memset(m->keys, 0, m->cap * sizeof *m->keys);
    m->n = 0;
}

void mon_map_free(struct mon_map *m)
{
    free(m->keys);
    free(m->values);
    memset(m, 0, sizeof *m);
}
