/* SPDX-License-Identifier: Apache-2.0 */
/* model/monitor/store.c - stores to table entries, and what they must not do. */
#include "model/monitor/monitor_priv.h"

static bool is_table(const struct mon *m, uint32_t space, uint64_t desc, int level)
{
    return mon_kind(m, &m->spaces[space].root, desc, level) == ARCH_DESC_KIND_TABLE;
}

/* ArmARM: I_WZCBG: what gives an Access flag fault is never cached. */
static bool may_be_cached(const struct mon *m, const struct mon_place *p, uint64_t desc)
{
    return (desc & ARCH_DESC_VALID) &&
           (is_table(m, p->space, desc, p->level) || (desc & ARCH_DESC_AF) ||
            m->spaces[p->space].root.ha);
}

/* From now on TLBs may hold what the entry was. */
static void begin_change(struct mon *m, const struct mon_at *at, uint64_t pa,
                         const struct mon_place *p, uint64_t old)
{
    const bool cached = may_be_cached(m, p, old);
    struct mon_entry *e = mon_entry_find(m, pa);

    if (!cached && (!e || mon_is_clean(m, e, &e->change)))
        return;
    e = mon_entry_at(m, pa, p);
    if (cached)
        e->old = old;
    e->change = (struct mon_change){.at = m->clock, .covered = e->ipa, .pe = at->pe};
    if (is_table(m, p->space, old, p->level)) {
        const struct mon_root *root = &m->spaces[p->space].root;

        e->child = arch_desc_table_pa(old, root->tg, root->ds).v;
        e->detach = e->change;
    }
    mon_open(m, mon_pe_of(m, at->pe), pa);
}

/* At level 1 nT keeps the sizes apart: what was there before nT was set, or the table
 * that nT replaced, must be out of the TLBs before the other takes over.
 * ArmARM: R_MRRPW. */
static void check_nt_over(struct mon *m, const struct mon_at *at, uint64_t pa,
                          const struct mon_place *p, uint64_t old, uint64_t desc)
{
    struct mon_entry *e = mon_entry_find(m, pa);
    const bool plain = !mon_has_nt(desc, p->level);

    if (m->cfg.bbm_level == 1 && mon_has_nt(old, p->level) && plain && e &&
        !mon_is_clean(m, e, &e->change))
        mon_report_change(m, at, e, &e->change, mon_missing(m, e, &e->change), desc);
}

/* The leaves of the table, old or new, must map what the block does. */
static void check_attrs(struct mon *m, const struct mon_at *at,
                        const struct mon_place *p, uint64_t old, uint64_t desc)
{
    const struct mon_root *root = &m->spaces[p->space].root;
    const bool was_table = is_table(m, p->space, old, p->level);
    const uint64_t table = was_table ? old : desc;
    const struct mon_leaf block = {p->ipa, was_table ? desc : old};
    struct mon_leaf odd;

    if (!mon_odd_leaf(m, root, arch_desc_table_pa(table, root->tg, root->ds),
                      p->level + 1, p->ipa, block, &odd))
        return;
    if (was_table)
        mon_report(m, at, MON_RULE_ATTRS, odd.ipa, odd.desc, block.desc);
    else
        mon_report(m, at, MON_RULE_ATTRS, odd.ipa, block.desc, odd.desc);
}

static void change_live(struct mon *m, const struct mon_at *at, uint64_t pa,
                        const struct mon_place *p, uint64_t old, uint64_t desc)
{
    const bool resize = mon_is_resize(old, desc, p->level);
    const bool nt = mon_has_nt(old, p->level) != mon_has_nt(desc, p->level);
    const bool aged = (old & ARCH_DESC_AF) && !(desc & ARCH_DESC_AF);
    enum mon_rule rule = MON_RULE_NONE;

    if (may_be_cached(m, p, old))
        rule = mon_change_rule(old, desc, p->level, m->cfg.bbm_level);
    if (rule != MON_RULE_NONE)
        mon_report(m, at, rule, p->ipa, old, desc);
    else if (resize)
        check_attrs(m, at, p, old, desc);
    if (rule == MON_RULE_NONE)
        check_nt_over(m, at, pa, p, old, desc);
    if (rule != MON_RULE_NONE || resize || nt || aged)
        begin_change(m, at, pa, p, old);
}

/* An invalid entry becomes valid: unless it might have changed at once, what it was
 * must be out of the TLBs. */
static void make(struct mon *m, const struct mon_at *at, struct mon_entry *e,
                 uint64_t desc)
{
    if (!e || mon_is_clean(m, e, &e->change) ||
        mon_change_rule(e->old, desc, e->level, m->cfg.bbm_level) == MON_RULE_NONE)
        return;
    mon_report_change(m, at, e, &e->change, mon_missing(m, e, &e->change), desc);
    e->change.at = 0;
}

void mon_store(struct mon *m, const struct mon_at *at, struct arch_pa pa, uint64_t old,
               uint64_t desc)
{
    const bool broke = old & ARCH_DESC_VALID;
    struct mon_place p;
    struct mon_entry *e;

    m->clock++;
    if (old == desc || mon_is_harmless(old, desc))
        return;
    mon_link(m, pa.v, desc);
    e = mon_entry_find(m, pa.v);
    if (!broke && !e && !(desc & ARCH_DESC_NT))
        return;
    if (!mon_locate(m, pa.v, &p) || !p.live)
        return;
    if (!broke && m->cfg.bbm_level == 0 && mon_has_nt(desc, p.level))
        mon_report(m, at, MON_RULE_NT, p.ipa, old, desc);
    if (!broke)
        make(m, at, e, desc);
    else if (desc & ARCH_DESC_VALID)
        change_live(m, at, pa.v, &p, old, desc);
    else
        begin_change(m, at, pa.v, &p, old);
}

void mon_hw_update(struct mon *m, const struct mon_at *at, struct arch_pa pa,
                   uint64_t old, uint64_t desc)
{
    struct mon_place p;

    if (mon_locate(m, pa.v, &p) && !p.live && p.above &&
        (mon_read(m, p.above->pa) & ARCH_DESC_VALID))
        mon_report(m, at, MON_RULE_HW_UPDATE, p.ipa, old, desc);
}

/* ---- tables ---- */

void mon_table_alloc(struct mon *m, struct arch_pa table, enum arch_tg tg)
{
    if (!mon_is_table(m, table.v))
        mon_table_add(m, table, UINT64_C(1) << tg, tg);
}

/* The first entry of the table tells what has become of it. */
void mon_table_free(struct mon *m, const struct mon_at *at, struct arch_pa table)
{
    struct mon_place p;
    enum mon_rule rule;

    m->clock++;
    if (!mon_is_table(m, table.v))
        return;
    if (mon_locate(m, table.v, &p)) {
        struct mon_entry *e = p.above;

        if (p.live) {
            const uint64_t parent =
                mon_table_parent(m, table.v); /* UINT64_MAX: a root */
            const uint64_t desc = parent == UINT64_MAX ? 0 : mon_read(m, parent);

            mon_report(m, at, MON_RULE_FREED_LINKED, p.ipa, desc, desc);
        } else if (e && !mon_is_clean(m, e, &e->detach)) {
            rule = mon_missing(m, e, &e->detach);
            if (rule == MON_RULE_DSB_AFTER)
                rule = MON_RULE_FREED_EARLY;
            mon_report_change(m, at, e, &e->detach, rule, mon_read(m, e->pa));
        }
    }
    mon_table_remove(m, table.v);
}
