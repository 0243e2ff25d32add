/* SPDX-License-Identifier: Apache-2.0 */
/* model/monitor/monitor.c - the monitor itself, its PEs and roots, and accesses. */
#include "model/monitor/monitor_priv.h"

#include "walker/geometry.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct mon *mon_new(const struct mon_cfg *cfg)
{
    size_t cap = 0;
    struct mon *m = mon_grow(NULL, &cap, 1, sizeof *m);

    memset(m, 0, sizeof *m);
    m->cfg = *cfg;
    return m;
}

void mon_delete(struct mon *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->spaces_n; i++)
        free(m->spaces[i].by_pe);
    for (size_t i = 0; i < m->pes_n; i++)
        free(m->pes[i].open);
    free(m->spaces);
    free(m->owners);
    free(m->pes);
    free(m->entries);
    free(m->kept);
    mon_pages_free(&m->pages);
    mon_map_free(&m->entry_of);
    free(m);
}

/* ---- reports ---- */

static void keep(struct mon *m, const struct mon_violation *v)
{
    if (m->kept_n == m->cfg.keep_n)
        return;
    m->kept = mon_grow(m->kept, &m->kept_cap, m->kept_n + 1, sizeof *m->kept);
    m->kept[m->kept_n++] = *v;
}

void mon_report(struct mon *m, const struct mon_at *at, enum mon_rule rule,
                uint64_t ipa, uint64_t old, uint64_t desc)
{
    const struct mon_violation v = {
        .time_ps = at->time_ps,
        .pe = at->pe,
        .line = at->line,
        .rule = rule,
        .ipa = arch_ipa(ipa),
        .old = old,
        .desc = desc,
    };

    m->counts[mon_rule_code(rule)]++;
    keep(m, &v);
    if (m->cfg.tell)
        m->cfg.tell(m->cfg.tell_ctx, &v);
}

/* What lets go of a table is a change of its entry too. */
void mon_report_change(struct mon *m, const struct mon_at *at, struct mon_entry *e,
                       const struct mon_change *c, enum mon_rule rule, uint64_t desc)
{
    const uint32_t bit = UINT32_C(1) << rule;
    const bool both = e->detach.at == e->change.at;

    if (c->told & bit)
        return;
    if (c == &e->change || both)
        e->change.told |= bit;
    if (c == &e->detach || both)
        e->detach.told |= bit;
    mon_report(m, at, rule, e->ipa, e->old, desc);
}

const struct mon_violation *mon_violations(const struct mon *m, size_t *n)
{
    *n = m->kept_n;
    return m->kept;
}

uint64_t mon_count(const struct mon *m, enum mon_code code)
{
    return m->counts[code];
}

/* ---- PEs and roots ---- */

static void resize_flushes(struct mon_space *s, size_t from, size_t to)
{
    size_t cap = from;

    if (from == to)
        return;
    s->by_pe = mon_grow(s->by_pe, &cap, to, sizeof *s->by_pe);
    memset(s->by_pe + from, 0, (to - from) * sizeof *s->by_pe);
}

struct mon_pe *mon_pe_of(struct mon *m, uint32_t pe)
{
    const size_t old_n = m->pes_n;
    size_t cap = m->pes_n;

    if (pe < m->pes_n)
        return &m->pes[pe];
    m->pes = mon_grow(m->pes, &cap, (size_t)pe + 1, sizeof *m->pes);
    m->pes_n = (size_t)pe + 1;
    memset(m->pes + old_n, 0, (m->pes_n - old_n) * sizeof *m->pes);
    for (size_t i = 0; i < m->spaces_n; i++)
        resize_flushes(&m->spaces[i], old_n, m->pes_n);
    return &m->pes[pe];
}

bool mon_s2_root(const struct arch_vtcr *vtcr, unsigned pa_bits, bool ttst,
                 struct arch_pa baddr, uint16_t vmid, struct mon_root *out)
{
    struct walk_s2_geometry g;

    if (walk_s2_geometry_of(vtcr, pa_bits, ttst, &g) != ARCH_OK)
        return false;
    *out = (struct mon_root){
        .regime = ARCH_REGIME_EL10,
        .vmid = vmid,
        .tcr = arch_vtcr_encode(vtcr),
        .tg = vtcr->tg,
        .ds = arch_vtcr_lpa2(vtcr),
        .ha = vtcr->ha,
        .start_level = g.start_level,
        .start_entries = g.start_entries,
        .baddr = baddr,
    };
    return true;
}

/* The tables that entries name, down to the last. */
static void adopt(struct mon *m, const struct mon_root *root, struct arch_pa table,
                  int level, uint64_t entries_n)
{
    for (uint64_t i = 0; level < 3 && i < entries_n; i++) {
        const uint64_t entry = table.v + i * ARCH_DESC_BYTES;
        const uint64_t desc = mon_read(m, entry);
        struct arch_pa below;

        if (mon_kind(m, root, desc, level) != ARCH_DESC_KIND_TABLE)
            continue;
        below = arch_desc_table_pa(desc, root->tg, root->ds);
        if (!mon_is_table(m, below.v))
            mon_table_add(m, below, UINT64_C(1) << root->tg, root->tg);
        mon_link(m, entry, desc);
        adopt(m, root, below, level + 1, arch_table_entries(root->tg));
    }
}

void mon_root_add(struct mon *m, const struct mon_root *root)
{
    const uint64_t bytes = (uint64_t)root->start_entries * ARCH_DESC_BYTES;
    size_t cap = m->spaces_n;
    struct mon_space *s;

    m->spaces = mon_grow(m->spaces, &cap, m->spaces_n + 1, sizeof *m->spaces);
    s = &m->spaces[m->spaces_n];
    *s = (struct mon_space){.root = *root};
    resize_flushes(s, 0, m->pes_n);
    if (!mon_is_table(m, root->baddr.v) || bytes > UINT64_C(1) << root->tg)
        mon_table_add(m, root->baddr, bytes, root->tg);
    mon_table_root(m, root->baddr, bytes, (uint32_t)m->spaces_n++);
    adopt(m, root, root->baddr, root->start_level, root->start_entries);
}

void mon_vtcr(struct mon *m, const struct mon_at *at, uint64_t vtcr)
{
    struct mon_pe *pe = mon_pe_of(m, at->pe);

    pe->vtcr = vtcr;
    pe->vtcr_known = true;
    pe->vtcr_reported = false;
}

static struct mon_owner *owner_of(struct mon *m, uint16_t vmid)
{
    if (!m->owners) {
        size_t cap = 0;

        m->owners = mon_grow(NULL, &cap, MON_VMIDS_N, sizeof *m->owners);
        memset(m->owners, 0, MON_VMIDS_N * sizeof *m->owners);
    }
    return &m->owners[vmid];
}

void mon_root_vmid(struct mon *m, const struct mon_at *at, struct arch_pa baddr,
                   uint16_t vmid)
{
    const uint32_t space = mon_table_space(m, baddr.v);
    struct mon_owner *owner = owner_of(m, vmid);

    if (space == MON_NO_INDEX)
        return;
    if (owner->at != 0 && owner->space != space && m->all_clean <= owner->at)
        mon_report(m, at, MON_RULE_VMID_REUSED, 0, vmid, vmid);
    m->spaces[space].root.vmid = vmid;
    *owner = (struct mon_owner){++m->clock, space};
}

void mon_leave(struct mon *m, const struct mon_at *at)
{
    struct mon_pe *pe = mon_pe_of(m, at->pe);

    m->clock++;
    if (pe->in_guest && m->owners)
        m->owners[pe->guest_vmid].at = m->clock;
    pe->in_guest = false;
}

void mon_resume(struct mon *m, const struct mon_at *at)
{
    mon_pe_of(m, at->pe)->in_guest = true;
}

void mon_enter(struct mon *m, const struct mon_at *at, struct arch_pa baddr,
               uint16_t vmid, uint64_t vtcr)
{
    const uint32_t space = mon_table_space(m, baddr.v);
    const struct mon_root *root;

    mon_vtcr(m, at, vtcr);
    if (space == MON_NO_INDEX)
        return;
    mon_leave(m, at);
    mon_pe_of(m, at->pe)->guest_vmid = vmid;
    root = &m->spaces[space].root;
    if (root->vmid != vmid)
        mon_report(m, at, MON_RULE_ENTER_VMID, 0, vmid, root->vmid);
    if (!mon_same_entries(vtcr, root->tcr))
        mon_report(m, at, MON_RULE_ENTER_VTCR, 0, vtcr, root->tcr);
}

/* ---- accesses ---- */

static uint32_t space_of(const struct mon *m, uint16_t vmid)
{
    for (uint32_t i = 0; i < m->spaces_n; i++) {
        if (m->spaces[i].root.regime == ARCH_REGIME_EL10 &&
            m->spaces[i].root.vmid == vmid)
            return i;
    }
    return MON_NO_INDEX;
}

/* The entry on the way to ipa that is being changed, or NULL; *last is the value of the
 * last one and *level its level. */
static struct mon_entry *changing(struct mon *m, uint32_t space, uint64_t ipa,
                                  uint64_t *last, int *level)
{
    struct mon_path path;

    mon_path_begin(m, space, ipa, &path);
    do {
        struct mon_entry *e = mon_entry_find(m, path.entry);

        *last = mon_read(m, path.entry);
        *level = path.level;
        if (e && !mon_is_clean(m, e, &e->change))
            return e;
    } while (mon_path_next(m, space, ipa, &path));
    return NULL;
}

void mon_use(struct mon *m, const struct mon_at *at, uint16_t vmid, struct arch_ipa ipa,
             uint64_t desc)
{
    const uint32_t space = space_of(m, vmid);
    uint64_t now;
    int level;

    if (space == MON_NO_INDEX || changing(m, space, ipa.v, &now, &level))
        return;
    if (!(now & ARCH_DESC_VALID) || mon_is_resize(now, desc, level) ||
        !mon_leaf_agrees(desc, level, now, 0))
        mon_report(m, at, MON_RULE_STALE, ipa.v, desc, now);
}

void mon_conflict(struct mon *m, const struct mon_at *at, uint16_t vmid,
                  struct arch_ipa ipa)
{
    const uint32_t space = space_of(m, vmid);
    uint64_t now = 0;
    int level = 3;
    const struct mon_entry *e =
        space == MON_NO_INDEX ? NULL : changing(m, space, ipa.v, &now, &level);
    const bool nt = e && (mon_has_nt(now, level) || mon_has_nt(e->old, level));

    if (e && (m->cfg.bbm_level == 2 || (m->cfg.bbm_level == 1 && nt)))
        return;
    mon_report(m, at, MON_RULE_CONFLICT, ipa.v, e ? e->old : 0, now);
}
