/* SPDX-License-Identifier: Apache-2.0 */
/* model/monitor/tables.c - which table hangs where.
 *
 * A table knows the entry that named it last; whether that entry still does is looked
 * up in memory when it matters, so nothing has to be walked when a subtree comes or
 * goes. */
#include "model/monitor/monitor_priv.h"

#include <assert.h>

#define PAGE_SHIFT 12

static uint64_t min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t mon_read(const struct mon *m, uint64_t pa)
{
    return m->cfg.read(m->cfg.ctx, arch_pa(pa));
}

enum arch_desc_kind mon_kind(const struct mon *m, const struct mon_root *root,
                             uint64_t desc, int level)
{
    return arch_desc_kind(desc, level, root->tg, root->ds, m->cfg.pa_bits);
}

uint32_t mon_table_at(const struct mon *m, uint64_t pa)
{
    const uint32_t *found;

    if (pa < m->tables_first || pa > m->tables_last)
        return MON_NO_INDEX;
    found = mon_map_get(&m->table_of, pa >> PAGE_SHIFT);
    return found ? *found : MON_NO_INDEX;
}

uint32_t mon_table_add(struct mon *m, struct arch_pa pa, uint64_t bytes,
                       enum arch_tg tg)
{
    const uint32_t index = (uint32_t)m->tables_n;

    if (m->tables_n == 0 || pa.v < m->tables_first)
        m->tables_first = pa.v;
    if (pa.v + bytes - 1 > m->tables_last)
        m->tables_last = pa.v + bytes - 1;
    m->tables = mon_grow(m->tables, &m->tables_cap, m->tables_n + 1, sizeof *m->tables);
    m->tables[m->tables_n++] = (struct mon_table){
        .pa = pa, .tg = tg, .parent = UINT64_MAX, .space = MON_NO_INDEX};
    for (uint64_t at = pa.v; at < pa.v + bytes; at += UINT64_C(1) << PAGE_SHIFT)
        mon_map_put(&m->table_of, at >> PAGE_SHIFT, index);
    return index;
}

/* The place in m->tables stays unused: tables are few beside what they map. */
void mon_table_remove(struct mon *m, uint32_t table)
{
    struct mon_table *t = &m->tables[table];
    const uint64_t bytes = UINT64_C(1) << t->tg;

    t->generation++;
    t->parent = UINT64_MAX;
    for (uint64_t at = t->pa.v; at < t->pa.v + bytes; at += UINT64_C(1) << PAGE_SHIFT)
        mon_map_put(&m->table_of, at >> PAGE_SHIFT, MON_NO_INDEX);
}

void mon_link(struct mon *m, uint64_t entry, uint64_t desc)
{
    const uint64_t table_bits = ARCH_DESC_VALID | ARCH_DESC_TABLE;
    uint32_t from, to;

    /* Most are pages, whose memory is far from the tables. */
    if ((desc & table_bits) != table_bits ||
        (desc & UINT64_C(0xfffffffff000)) < m->tables_first ||
        (desc & UINT64_C(0xffffffff0000)) > m->tables_last)
        return;
    from = mon_table_at(m, entry);
    if (from == MON_NO_INDEX)
        return;
    to = mon_table_at(m, arch_desc_table_pa(desc, m->tables[from].tg, false).v);
    if (to != MON_NO_INDEX)
        m->tables[to].parent = entry;
}

/* True if the entry names the table. */
static bool names(const struct mon *m, const struct mon_table *t)
{
    const uint64_t table_bits = ARCH_DESC_VALID | ARCH_DESC_TABLE;
    const uint64_t desc = mon_read(m, t->parent);

    return (desc & table_bits) == table_bits &&
           arch_desc_table_pa(desc, t->tg, false).v == t->pa.v;
}

static void locate_in_start_table(struct mon *m, const struct mon_table *t,
                                  uint64_t entry, struct mon_place *out)
{
    const struct mon_root *root = &m->spaces[t->space].root;

    out->space = t->space;
    out->level = root->start_level;
    out->ipa = (entry - root->baddr.v) / ARCH_DESC_BYTES
               << arch_level_shift(root->tg, root->start_level);
    out->live = true;
    out->above = NULL;
}

bool mon_locate(struct mon *m, uint64_t entry, struct mon_place *out)
{
    const uint32_t index = mon_table_at(m, entry);
    const struct mon_table *t;
    uint64_t slot;

    if (index == MON_NO_INDEX)
        return false;
    t = &m->tables[index];
    if (t->space != MON_NO_INDEX) {
        locate_in_start_table(m, t, entry, out);
        out->table = index;
        return true;
    }
    if (t->parent == UINT64_MAX || !mon_locate(m, t->parent, out) || out->level == 3)
        return false;
    out->table = index;
    out->level++;
    slot = (entry - t->pa.v) / ARCH_DESC_BYTES;
    out->ipa += slot << arch_level_shift(t->tg, out->level);
    if (out->live && !names(m, t)) {
        out->live = false;
        out->above = mon_entry_find(m, t->parent);
    }
    return true;
}

static uint64_t entry_in(const struct mon_root *root, uint64_t table, int level,
                         uint64_t ipa)
{
    const uint64_t n =
        level == root->start_level ? root->start_entries : arch_table_entries(root->tg);

    return table +
           (ipa >> arch_level_shift(root->tg, level) & (n - 1)) * ARCH_DESC_BYTES;
}

void mon_path_begin(const struct mon *m, uint32_t space, uint64_t ipa,
                    struct mon_path *p)
{
    const struct mon_root *root = &m->spaces[space].root;

    p->level = root->start_level;
    p->entry = entry_in(root, root->baddr.v, p->level, ipa);
}

bool mon_path_next(const struct mon *m, uint32_t space, uint64_t ipa,
                   struct mon_path *p)
{
    const struct mon_root *root = &m->spaces[space].root;
    const uint64_t desc = mon_read(m, p->entry);

    if (mon_kind(m, root, desc, p->level) != ARCH_DESC_KIND_TABLE)
        return false;
    p->level++;
    p->entry =
        entry_in(root, arch_desc_table_pa(desc, root->tg, root->ds).v, p->level, ipa);
    return true;
}

/* ---- below a table descriptor ---- */

uint64_t mon_first_leaf(const struct mon *m, const struct mon_root *root,
                        struct arch_pa table, int level, uint64_t base, uint64_t from,
                        uint64_t end)
{
    const uint64_t bytes = UINT64_C(1) << arch_level_shift(root->tg, level);
    const uint64_t n = arch_table_entries(root->tg);
    const uint64_t first = from > base ? (from - base) / bytes : 0;

    assert(level <= 3);
    for (uint64_t i = first; i < n && base + i * bytes < end; i++) {
        const uint64_t ipa = base + i * bytes;
        const uint64_t desc = mon_read(m, table.v + i * ARCH_DESC_BYTES);
        uint64_t found;

        switch (mon_kind(m, root, desc, level)) {
        case ARCH_DESC_KIND_LEAF:
            return from > ipa ? from : ipa;
        case ARCH_DESC_KIND_TABLE:
            found =
                mon_first_leaf(m, root, arch_desc_table_pa(desc, root->tg, root->ds),
                               level + 1, ipa, from, min_u64(end, ipa + bytes));
            if (found < min_u64(end, ipa + bytes))
                return found;
            break;
        case ARCH_DESC_KIND_INVALID:
            break;
        }
    }
    return end;
}

bool mon_odd_leaf(const struct mon *m, const struct mon_root *root,
                  struct arch_pa table, int level, uint64_t base, struct mon_leaf block,
                  struct mon_leaf *odd)
{
    const uint64_t bytes = UINT64_C(1) << arch_level_shift(root->tg, level);
    const uint64_t n = arch_table_entries(root->tg);

    for (uint64_t i = 0; i < n; i++) {
        const uint64_t ipa = base + i * bytes;
        const uint64_t desc = mon_read(m, table.v + i * ARCH_DESC_BYTES);

        switch (mon_kind(m, root, desc, level)) {
        case ARCH_DESC_KIND_LEAF:
            *odd = (struct mon_leaf){ipa, desc};
            if (!mon_leaf_agrees(desc, level, block.desc, ipa - block.ipa))
                return true;
            break;
        case ARCH_DESC_KIND_TABLE:
            if (mon_odd_leaf(m, root, arch_desc_table_pa(desc, root->tg, root->ds),
                             level + 1, ipa, block, odd))
                return true;
            break;
        case ARCH_DESC_KIND_INVALID:
            break;
        }
    }
    return false;
}
