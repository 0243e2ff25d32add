/* SPDX-License-Identifier: Apache-2.0 */
/* model/monitor/entries.c - the table entries that TLBs may hold old values of.
 *
 * An entry that has become clean is found out only when it is looked at, or when room
 * is short. */
#include "model/monitor/monitor_priv.h"

#include <stdio.h>
#include <stdlib.h>

void *mon_grow(void *array, size_t *cap, size_t n, size_t size)
{
    if (n <= *cap)
        return array;
    *cap = *cap * 2 > n ? *cap * 2 : n + 15;
    array = realloc(array, *cap * size);
    if (!array) {
        fputs("out of memory\n", stderr);
        abort();
    }
    return array;
}

static bool is_void(const struct mon_entry *e)
{
    return e->page->generation != e->generation;
}

static bool is_done(const struct mon *m, const struct mon_entry *e)
{
    return is_void(e) ||
           (mon_is_clean(m, e, &e->change) && mon_is_clean(m, e, &e->detach));
}

struct mon_entry *mon_entry_find(struct mon *m, uint64_t pa)
{
    const uint32_t *found = mon_map_get(&m->entry_of, pa);

    return found && !is_void(&m->entries[*found]) ? &m->entries[*found] : NULL;
}

void mon_entries_purge(struct mon *m)
{
    size_t n = 0;

    mon_map_clear(&m->entry_of);
    for (size_t i = 0; i < m->entries_n; i++) {
        if (is_done(m, &m->entries[i]))
            continue;
        m->entries[n] = m->entries[i];
        mon_map_put(&m->entry_of, m->entries[n].pa, (uint32_t)n);
        n++;
    }
    m->entries_n = n;
}

static struct mon_entry *add(struct mon *m, uint64_t pa)
{
    if (m->entries_n == m->entries_cap && m->entries_cap) {
        mon_entries_purge(m);
        if (m->entries_n > m->entries_cap / 2)
            m->entries = mon_grow(m->entries, &m->entries_cap, m->entries_cap * 2,
                                  sizeof *m->entries);
    }
    m->entries =
        mon_grow(m->entries, &m->entries_cap, m->entries_n + 1, sizeof *m->entries);
    mon_map_put(&m->entry_of, pa, (uint32_t)m->entries_n);
    return &m->entries[m->entries_n++];
}

struct mon_entry *mon_entry_at(struct mon *m, uint64_t pa, const struct mon_place *p)
{
    const uint32_t *found = mon_map_get(&m->entry_of, pa);
    struct mon_entry *e = found ? &m->entries[*found] : add(m, pa);
    const struct mon_page *page;

    if (found && !is_void(e))
        return e;
    page = mon_page_get(&m->pages, pa);
    *e = (struct mon_entry){
        .pa = pa,
        .ipa = p->ipa,
        .child = UINT64_MAX,
        .page = page,
        .space = p->space,
        .generation = page->generation,
        .level = (int8_t)p->level,
    };
    return e;
}

void mon_open_prune(struct mon *m, struct mon_pe *pe)
{
    size_t n = 0;

    for (size_t i = 0; i < pe->open_n; i++) {
        const struct mon_entry *e = mon_entry_find(m, pe->open[i]);

        if (e && !is_done(m, e))
            pe->open[n++] = pe->open[i];
    }
    pe->open_n = n;
}

void mon_open(struct mon *m, struct mon_pe *pe, uint64_t pa)
{
    if (pe->open_n == pe->open_cap && pe->open_cap) {
        mon_open_prune(m, pe);
        if (pe->open_n > pe->open_cap / 2)
            pe->open =
                mon_grow(pe->open, &pe->open_cap, pe->open_cap * 2, sizeof *pe->open);
    }
    pe->open = mon_grow(pe->open, &pe->open_cap, pe->open_n + 1, sizeof *pe->open);
    pe->open[pe->open_n++] = pa;
}
