/* SPDX-License-Identifier: Apache-2.0 */
/* model/monitor/flush.c - what TLBIs and DSBs do for the entries that were changed.
 *
 * ArmARM: D8.16 TLB maintenance, R_DDMVT, R_NWYRD, R_RVJDB. Casemate's automaton of an
 * invalid, unclean entry says the same. */
#include "model/monitor/monitor_priv.h"

#define PAGE_MASK(tg) ((UINT64_C(1) << (tg)) - 1)

static const struct mon_flush *flush_of(const struct mon *m, const struct mon_entry *e,
                                        const struct mon_change *c)
{
    return &m->spaces[e->space].by_pe[c->pe];
}

static bool is_stage1(const struct mon *m, const struct mon_entry *e)
{
    return m->spaces[e->space].root.regime != ARCH_REGIME_EL10;
}

bool mon_is_clean(const struct mon *m, const struct mon_entry *e,
                  const struct mon_change *c)
{
    const struct mon_flush *f = flush_of(m, e, c);

    if (!c->at || c->at < f->full_clean)
        return true;
    if (!c->ipa_at)
        return false;
    return c->ipa_at < (is_stage1(m, e) ? m->pes[c->pe].dsb_ish_at : f->s1_clean);
}

/* The TLBI by address has covered all. */
static enum mon_rule missing_behind_ipa(const struct mon *m, const struct mon_entry *e,
                                        const struct mon_change *c)
{
    const struct mon_flush *f = flush_of(m, e, c);

    if (is_stage1(m, e))
        return MON_RULE_DSB_AFTER;
    if (f->s1_at > c->ipa_at)
        return c->ipa_at < f->s1_guard ? MON_RULE_DSB_AFTER : MON_RULE_DSB_BETWEEN;
    return f->s1_at > c->at ? MON_RULE_ORDER : MON_RULE_NO_S1_TLBI;
}

enum mon_rule mon_missing(const struct mon *m, const struct mon_entry *e,
                          const struct mon_change *c)
{
    const struct mon_flush *f = flush_of(m, e, c);
    const struct mon_pe *pe = &m->pes[c->pe];

    if (f->full_at > c->at)
        return c->at < f->full_guard ? MON_RULE_DSB_AFTER : MON_RULE_DSB_BEFORE;
    if (c->ipa_at)
        return missing_behind_ipa(m, e, c);
    if (c->unguarded)
        return MON_RULE_DSB_BEFORE;
    if (!is_stage1(m, e) && pe->tlbi_at > c->at &&
        pe->tlbi_vmid != m->spaces[e->space].root.vmid)
        return MON_RULE_VMID;
    if (c->partly)
        return MON_RULE_PART_TLBI;
    return f->local_at > c->at ? MON_RULE_LOCAL_TLBI : MON_RULE_NO_TLBI;
}

/* ---- by address ---- */

/* Addresses named, both ends included. */
struct span {
    uint64_t first, last;
};

static bool was_table(const struct mon *m, const struct mon_entry *e)
{
    return mon_kind(m, &m->spaces[e->space].root, e->old, e->level) ==
           ARCH_DESC_KIND_TABLE;
}

/* A leaf goes whole by any of its addresses, if the level hint fits. */
static void cover_leaf(struct mon *m, const struct mon_entry *e, struct mon_change *c,
                       const struct arch_tlbi *op)
{
    const enum arch_tg tg = m->spaces[e->space].root.tg;

    if (op->hint_shift && op->hint_shift != arch_level_shift(tg, e->level))
        c->partly = true;
    else
        c->ipa_at = m->clock;
}

/* Below a table each leaf has to be named, and the table itself by any address.
 * Approx: by TLBIs in ascending order. */
static void cover_table(struct mon *m, const struct mon_entry *e, struct mon_change *c,
                        const struct arch_tlbi *op, struct span s)
{
    const struct mon_root *root = &m->spaces[e->space].root;
    const uint64_t end = e->ipa + (UINT64_C(1) << arch_level_shift(root->tg, e->level));
    const struct arch_pa table = arch_desc_table_pa(e->old, root->tg, root->ds);

    c->partly = true;
    if (op->last_level || op->hint_shift)
        return;
    for (;;) {
        c->covered =
            mon_first_leaf(m, root, table, e->level + 1, e->ipa, c->covered, end);
        if (c->covered >= end)
            break;
        if (c->covered < s.first || c->covered > s.last)
            return;
        c->covered = s.last + 1;
    }
    c->ipa_at = m->clock;
}

static void cover(struct mon *m, uint32_t pe, const struct mon_entry *e,
                  struct mon_change *c, const struct arch_tlbi *op, struct span s)
{
    const enum arch_tg tg = m->spaces[e->space].root.tg;
    const uint64_t end = e->ipa + (UINT64_C(1) << arch_level_shift(tg, e->level));

    if (!c->at || c->pe != pe || c->ipa_at || s.last < e->ipa || s.first >= end)
        return;
    if (c->at >= m->pes[pe].dsb_at)
        c->unguarded = true;
    else if (op->range && op->tg != tg)
        c->partly = true;
    else if (was_table(m, e))
        cover_table(m, e, c, op, s);
    else
        cover_leaf(m, e, c, op);
}

static void cover_entry(struct mon *m, uint32_t pe, struct mon_entry *e,
                        const struct arch_tlbi *op, struct span s)
{
    cover(m, pe, e, &e->change, op, s);
    if (e->detach.at == e->change.at && e->detach.pe == e->change.pe)
        e->detach = e->change;
    else
        cover(m, pe, e, &e->detach, op, s);
}

static void tlbi_by_address(struct mon *m, uint32_t pe, uint32_t space,
                            const struct arch_tlbi *op)
{
    const struct span s = {op->first, op->last | PAGE_MASK(m->spaces[space].root.tg)};
    struct mon_pe *p = &m->pes[pe];
    struct mon_entry *e;
    struct mon_path path;

    if (op->range) {
        mon_open_prune(m, p);
        for (size_t i = 0; i < p->open_n; i++) {
            e = mon_entry_find(m, p->open[i]);
            if (e->space == space)
                cover_entry(m, pe, e, op, s);
        }
        return;
    }
    mon_path_begin(m, space, op->first, &path);
    do {
        e = mon_entry_find(m, path.entry);
        if (e)
            cover_entry(m, pe, e, op, s);
    } while (mon_path_next(m, space, op->first, &path));
}

/* ---- instructions ---- */

bool mon_same_entries(uint64_t a, uint64_t b)
{
    const struct arch_vtcr x = arch_vtcr_decode(a), y = arch_vtcr_decode(b);

    return x.t0sz == y.t0sz && x.sl0 == y.sl0 && x.tg == y.tg && x.vs == y.vs &&
           x.ds == y.ds && x.sl2 == y.sl2;
}

static bool is_for(const struct mon_root *root, const struct arch_tlbi *op)
{
    return root->regime == op->regime &&
           (root->regime != ARCH_REGIME_EL10 || op->op == ARCH_TLBI_ALL ||
            root->vmid == op->vmid);
}

/* A VM that waits for a VMID since the last roll-over has its old one, which may be
 * that of another VM by now: one whose VTCR_EL2 is in force will do. */
static void check_vtcr(struct mon *m, const struct mon_at *at,
                       const struct arch_tlbi *op)
{
    struct mon_pe *pe = &m->pes[at->pe];
    const struct mon_root *other = NULL;

    if (op->regime != ARCH_REGIME_EL10 || op->op == ARCH_TLBI_ALL || !pe->vtcr_known ||
        pe->vtcr_reported)
        return;
    for (size_t i = 0; i < m->spaces_n; i++) {
        const struct mon_root *root = &m->spaces[i].root;

        if (!is_for(root, op))
            continue;
        if (mon_same_entries(pe->vtcr, root->tcr))
            return;
        other = root;
    }
    if (!other)
        return;
    pe->vtcr_reported = true;
    mon_report(m, at, MON_RULE_VTCR, op->first, pe->vtcr, other->tcr);
}

static void full(struct mon *m, const struct mon_pe *pe, struct mon_flush *f)
{
    f->full_at = m->clock;
    f->full_guard = pe->dsb_at;
    f->full_open = true;
}

static void tlbi_in(struct mon *m, const struct mon_at *at, uint32_t space,
                    const struct arch_tlbi *op)
{
    const struct mon_root *root = &m->spaces[space].root;
    const bool stage1 = root->regime != ARCH_REGIME_EL10;
    struct mon_flush *f = &m->spaces[space].by_pe[at->pe];
    const struct mon_pe *pe = &m->pes[at->pe];

    if (op->domain == ARCH_NSH) {
        f->local_at = m->clock;
    } else if (op->op == ARCH_TLBI_ALL || op->op == ARCH_TLBI_VMALLS12 ||
               (op->op == ARCH_TLBI_VMALL && stage1)) {
        full(m, pe, f);
    } else if (op->op == ARCH_TLBI_VMALL) {
        f->s1_at = m->clock;
        f->s1_guard = pe->dsb_ish_at;
        f->s1_open = true;
    } else if (op->op == ARCH_TLBI_IPAS2 ||
               (stage1 && (op->op == ARCH_TLBI_VA || op->op == ARCH_TLBI_VAA))) {
        tlbi_by_address(m, at->pe, space, op);
    }
}

void mon_tlbi(struct mon *m, const struct mon_at *at, const struct arch_tlbi *op)
{
    struct mon_pe *pe = mon_pe_of(m, at->pe);

    m->clock++;
    if (op->regime == ARCH_REGIME_EL10 && op->op != ARCH_TLBI_ALL) {
        pe->tlbi_at = m->clock;
        pe->tlbi_vmid = op->vmid;
    } else if (op->regime == ARCH_REGIME_EL10 && op->domain != ARCH_NSH) {
        pe->all_at = m->clock;
    }
    check_vtcr(m, at, op);
    for (uint32_t i = 0; i < m->spaces_n; i++) {
        if (is_for(&m->spaces[i].root, op))
            tlbi_in(m, at, i, op);
    }
}

static void complete(struct mon_flush *f)
{
    if (f->full_open && f->full_clean < f->full_guard)
        f->full_clean = f->full_guard;
    if (f->s1_open && f->s1_clean < f->s1_guard)
        f->s1_clean = f->s1_guard;
    f->full_open = f->s1_open = false;
}

void mon_dsb(struct mon *m, const struct mon_at *at, enum arch_dsb kind)
{
    struct mon_pe *pe = mon_pe_of(m, at->pe);

    m->clock++;
    if (kind == ARCH_DSB_NSH)
        return;
    pe->dsb_at = m->clock;
    if (kind == ARCH_DSB_ISHST)
        return;
    pe->dsb_ish_at = m->clock;
    if (pe->all_at > m->all_clean)
        m->all_clean = pe->all_at;
    for (size_t i = 0; i < m->spaces_n; i++)
        complete(&m->spaces[i].by_pe[at->pe]);
}
