/* SPDX-License-Identifier: Apache-2.0 */
/* model/monitor/tables.c - which table hangs where.
 *
 * A table knows the entry that named it last; whether that entry still does is looked
 * up in memory when it matters, so nothing has to be walked when a subtree comes or
 * goes. */
#include "model/monitor/monitor_priv.h"

#include <assert.h>

#define PAGE_BYTES (UINT64_C(1) << MON_PAGE_SHIFT)

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

/* ---- the pages of tables ---- */

static unsigned granule_of(enum arch_tg tg)
{
    return tg == ARCH_TG_4K    ? MON_PAGE_4K
           : tg == ARCH_TG_16K ? MON_PAGE_16K
                               : MON_PAGE_64K;
}

/* Of a page that belongs to a table. */
static enum arch_tg tg_of(const struct mon_page *p)
{
    static const enum arch_tg tgs[] = {[MON_PAGE_4K] = ARCH_TG_4K,
                                       [MON_PAGE_16K] = ARCH_TG_16K,
                                       [MON_PAGE_64K] = ARCH_TG_64K};

    return tgs[p->granule];
}

static uint64_t base_of(uint64_t pa, enum arch_tg tg)
{
    return pa & ~((UINT64_C(1) << tg) - 1);
}

/* What is known of the table that pa lies in: its first page, or one of a start table,
 * which need not be aligned to the granule. NULL if pa lies in no table. */
static struct mon_page *table_of(const struct mon *m, uint64_t pa)
{
    struct mon_page *p;

    if (pa < m->tables_first || pa > m->tables_last)
        return NULL;
    p = mon_page_get(&m->pages, pa);
    if (!p || p->granule == MON_PAGE_NONE)
        return NULL;
    if (p->granule != MON_PAGE_4K && p->hangs != MON_HANGS_ON_ROOT)
        p = mon_page_get(&m->pages, base_of(pa, tg_of(p)));
    return p->granule == MON_PAGE_NONE ? NULL : p;
}

bool mon_is_table(const struct mon *m, uint64_t pa)
{
    return table_of(m, pa) != NULL;
}

uint32_t mon_table_space(const struct mon *m, uint64_t pa)
{
    const struct mon_page *t = table_of(m, pa);

    return t && t->hangs == MON_HANGS_ON_ROOT ? (uint32_t)t->hangs_on : MON_NO_INDEX;
}

uint64_t mon_table_parent(const struct mon *m, uint64_t pa)
{
    const struct mon_page *t = table_of(m, pa);

    return t && t->hangs == MON_HANGS_ON_ENTRY ? (uint64_t)t->hangs_on * ARCH_DESC_BYTES
                                               : UINT64_MAX;
}

void mon_table_add(struct mon *m, struct arch_pa pa, uint64_t bytes, enum arch_tg tg)
{
    if (m->tables_last == 0 || pa.v < m->tables_first)
        m->tables_first = pa.v;
    if (pa.v + bytes - 1 > m->tables_last)
        m->tables_last = pa.v + bytes - 1;
    for (uint64_t at = pa.v; at < pa.v + bytes; at += PAGE_BYTES) {
        struct mon_page *p = mon_page_make(&m->pages, at);

        p->granule = granule_of(tg);
        p->hangs = MON_HANGS_NOWHERE;
    }
}

void mon_table_root(struct mon *m, struct arch_pa pa, uint64_t bytes, uint32_t space)
{
    for (uint64_t at = pa.v; at < pa.v + bytes; at += PAGE_BYTES) {
        struct mon_page *p = mon_page_make(&m->pages, at);

        p->hangs = MON_HANGS_ON_ROOT;
        p->hangs_on = space;
    }
}

/* Entries of the page are void from now on. None ever has the last generation. */
static void remove_page(struct mon *m, struct mon_page *p)
{
    p->granule = MON_PAGE_NONE;
    p->hangs = MON_HANGS_NOWHERE;
    p->generation++;
    if (p->generation == MON_GENERATION_LAST) {
        mon_entries_purge(m);
        p->generation = 0;
    }
}

void mon_table_remove(struct mon *m, uint64_t pa)
{
    const struct mon_page *t = table_of(m, pa);
    const enum arch_tg tg = tg_of(t);
    const uint64_t first =
        t->hangs == MON_HANGS_ON_ROOT ? base_of(pa, ARCH_TG_4K) : base_of(pa, tg);
    const struct mon_page whole = *t;

    for (uint64_t at = first; at < first + (UINT64_C(1) << tg); at += PAGE_BYTES) {
        struct mon_page *p = mon_page_get(&m->pages, at);

        if (whole.hangs != MON_HANGS_ON_ROOT ||
            (p && p->hangs == whole.hangs && p->hangs_on == whole.hangs_on))
            remove_page(m, p);
    }
}

/* ---- which table hangs where ---- */

void mon_link(struct mon *m, uint64_t entry, uint64_t desc)
{
    const uint64_t table_bits = ARCH_DESC_VALID | ARCH_DESC_TABLE;
    const struct mon_page *from;
    struct mon_page *to;

    /* Most are pages, whose memory is far from the tables. */
    if ((desc & table_bits) != table_bits ||
        (desc & UINT64_C(0xfffffffff000)) < m->tables_first ||
        (desc & UINT64_C(0xffffffff0000)) > m->tables_last)
        return;
    from = table_of(m, entry);
    if (!from)
        return;
    to = table_of(m, arch_desc_table_pa(desc, tg_of(from), false).v);
    if (!to || to->hangs == MON_HANGS_ON_ROOT)
        return;
    to->hangs = MON_HANGS_ON_ENTRY;
    to->hangs_on = entry / ARCH_DESC_BYTES;
}

/* True if the entry names the table. */
static bool names(const struct mon *m, uint64_t entry, uint64_t table, enum arch_tg tg)
{
    const uint64_t table_bits = ARCH_DESC_VALID | ARCH_DESC_TABLE;
    const uint64_t desc = mon_read(m, entry);

    return (desc & table_bits) == table_bits &&
           arch_desc_table_pa(desc, tg, false).v == table;
}

static void locate_in_start_table(struct mon *m, uint32_t space, uint64_t entry,
                                  struct mon_place *out)
{
    const struct mon_root *root = &m->spaces[space].root;

    out->space = space;
    out->level = root->start_level;
    out->ipa = (entry - root->baddr.v) / ARCH_DESC_BYTES
               << arch_level_shift(root->tg, root->start_level);
    out->live = true;
    out->above = NULL;
}

bool mon_locate(struct mon *m, uint64_t entry, struct mon_place *out)
{
    const struct mon_page *t = table_of(m, entry);
    uint64_t parent, table;

    if (!t || t->hangs == MON_HANGS_NOWHERE)
        return false;
    if (t->hangs == MON_HANGS_ON_ROOT) {
        locate_in_start_table(m, (uint32_t)t->hangs_on, entry, out);
        return true;
    }
    parent = (uint64_t)t->hangs_on * ARCH_DESC_BYTES;
    if (!mon_locate(m, parent, out) || out->level == 3)
        return false;
    out->level++;
    table = base_of(entry, tg_of(t));
    out->ipa += (entry - table) / ARCH_DESC_BYTES
                << arch_level_shift(tg_of(t), out->level);
    if (out->live && !names(m, parent, table, tg_of(t))) {
        out->live = false;
        out->above = mon_entry_find(m, parent);
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
