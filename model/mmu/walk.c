/* SPDX-License-Identifier: Apache-2.0 */
/* model/mmu/walk.c - a walk that asks the caches, and the caches that learn from it. */
#include "model/mmu/caches.h"

#include <assert.h>

/* struct tlb_entry.attrs of a translation of one stage */
#define S2_DEVICE UINT64_C(1)
#define LEAF_NT UINT64_C(2)

static uint64_t oldest(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static unsigned larger(unsigned a, unsigned b)
{
    return a > b ? a : b;
}

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

enum walk_next mmu_walk_begin(struct mmu_walk *w, const struct walk_context *ctx,
                              const struct walk_query *query, uint64_t now_ps)
{
    struct walk_query asking = *query;

    asking.ask = true;
    w->va = mmu_canonical(query->va);
    w->access = query->access;
    w->stamp = w->stamp_s2 = w->stamp_sub = w->stamp_leaf = w->begin_ps = now_ps;
    w->met_n = 0;

    const enum walk_next next = walk_begin(&w->walk, ctx, &asking);
    const struct walk_result *r = &w->walk.result;

    w->who = (struct tlb_tag){
        .vmid = r->regime == ARCH_REGIME_EL10 ? ctx->vmid : 0,
        .asid = r->asid,
        .regime = (uint8_t)r->regime,
    };
    return next;
}

/* True if op can cover anything that a walk with those tags finds. */
static bool concerns(const struct arch_tlbi *op, const struct tlb_tag *who)
{
    if (op->regime != who->regime &&
        (op->op != ARCH_TLBI_ALL || op->regime == ARCH_REGIME_EL10 ||
         who->regime == ARCH_REGIME_EL10))
        return false;
    return op->op == ARCH_TLBI_ALL || who->regime != ARCH_REGIME_EL10 ||
           op->vmid == who->vmid;
}

/* Makes met cover what op covers as well. */
static void widen(struct arch_tlbi *met, const struct arch_tlbi *op)
{
    if (met->op != op->op || met->asid != op->asid) {
        met->op = ARCH_TLBI_ALL;
        met->last_level = false;
    }
    met->first = met->first < op->first ? met->first : op->first;
    met->last = met->last > op->last ? met->last : op->last;
    met->last_level = met->last_level && op->last_level;
    met->range = false;
    met->hint_shift = 0;
}

void mmu_walk_meets(struct mmu_walk *w, const struct arch_tlbi *op)
{
    struct arch_tlbi *same = &w->met[MMU_MET_MAX - 1];

    if (!concerns(op, &w->who))
        return;
    if (w->met_n < MMU_MET_MAX) {
        w->met[w->met_n++] = *op;
        return;
    }
    for (unsigned i = 0; i < MMU_MET_MAX; i++) {
        if (w->met[i].op == op->op && w->met[i].asid == op->asid)
            same = &w->met[i];
    }
    widen(same, op);
}

/* No TLBI that came while it was found covers any part of what one entry may hold. */
static bool may_fill(struct mmu_caches *m, const struct mmu_walk *w,
                     const struct tlb_entry *found)
{
    struct tlb_entry widest = *found;

    widest.size_shift = found->span_shift;
    for (unsigned i = 0; i < w->met_n; i++) {
        if (tlb_op_covers(&w->met[i], &widest)) {
            m->n.unfilled++;
            return false;
        }
    }
    return true;
}

/* ---- answers ---- */

static const struct tlb_entry *find_s2_leaf(struct mmu_caches *m,
                                            const struct mmu_walk *w)
{
    const uint64_t ipa = w->walk.ask.ia;
    const struct tlb_entry *e = NULL;

    if (m->s2 != NULL)
        e = tlb_lookup(m->s2, &w->who, TLB_S2_ONLY, false, ipa);
    if (e == NULL && m->l2_has_s2)
        e = tlb_lookup(m->l2, &w->who, TLB_S2_ONLY, false, ipa);
    /* An entry that lacks the dirty state is no answer to a write. */
    return e != NULL && e->write_clean && w->walk.ask.for_write ? NULL : e;
}

static enum walk_next use_s2_leaf(struct mmu_walk *w, const struct tlb_entry *e)
{
    const struct walk_s2_leaf leaf = {
        .ipa = arch_ipa(e->ia),
        .pa = e->oa,
        .leaf_shift = e->leaf_shift,
        .group_shift = (uint8_t)larger(mmu_span_of(e), e->leaf_shift),
        .perms = {.el0 = e->perm_el0, .priv = e->perm_priv},
        .write_clean = e->write_clean,
        .nt = (e->attrs & LEAF_NT) != 0,
        .device = (e->attrs & S2_DEVICE) != 0,
    };

    w->stamp_s2 = oldest(w->stamp_s2, e->stamp);
    return walk_use_s2(&w->walk, &leaf);
}

/* NULL, too, for an entry that lacks the dirty state and is asked for a write. */
static const struct tlb_entry *find_s1_leaf(struct mmu_caches *m,
                                            const struct mmu_walk *w)
{
    const struct tlb_entry *e = NULL;

    if (m->l2_has_s1)
        e = tlb_lookup(m->l2, &w->who, TLB_S1_ONLY, false, w->walk.ask.ia);
    return e != NULL && e->write_clean && w->access == ARCH_WRITE ? NULL : e;
}

static enum walk_next use_s1_leaf(struct mmu_walk *w, const struct tlb_entry *e)
{
    const struct walk_s1_leaf leaf = {
        .ipa = arch_ipa(e->oa.v + (w->walk.ask.ia - e->ia)),
        .leaf_shift = e->leaf_shift,
        .group_shift = (uint8_t)larger(mmu_span_of(e), e->leaf_shift),
        .perms = {.el0 = e->perm_el0,
                  .priv = e->perm_priv,
                  .pan_denies = e->pan_denies},
        .write_clean = e->write_clean,
        .nt = (e->attrs & LEAF_NT) != 0,
        .ng = e->ng,
    };

    w->stamp = oldest(w->stamp, e->stamp);
    w->stamp_leaf = oldest(w->stamp_leaf, e->via);
    return walk_use_s1(&w->walk, &leaf);
}

/* The table nearest to the leaf that a walk cache knows. */
static const struct tlb_entry *find_table(struct mmu_caches *m,
                                          const struct mmu_walk *w)
{
    const struct walk_ask *ask = &w->walk.ask;

    for (int level = 2; level >= 0; level--) {
        struct tlb *t = m->tables[ask->stage - 1][level];
        const struct tlb_entry *e = NULL;

        if (t == NULL)
            continue;
        if (ask->stage == 2) {
            e = tlb_lookup(t, &w->who, TLB_S2_ONLY, true, ask->ia);
        } else {
            e = tlb_lookup(t, &w->who, TLB_COMBINED, true, ask->ia);
            if (e == NULL)
                e = tlb_lookup(t, &w->who, TLB_S1_ONLY, true, ask->ia);
        }
        if (e != NULL)
            return e;
    }
    return NULL;
}

static enum walk_next use_table(struct mmu_walk *w, const struct tlb_entry *e)
{
    const struct walk_table table = {
        .level = e->table_level,
        .region_shift = e->span_shift,
        .ipa = arch_ipa(e->via),
        .pa = e->oa,
        .pa_valid = e->kind != TLB_S1_ONLY,
        .attrs = e->attrs,
    };

    if (w->walk.ask.stage == 2) {
        w->stamp_sub = oldest(w->stamp_sub, e->stamp);
        w->stamp_s2 = oldest(w->stamp_s2, e->stamp);
    } else {
        w->stamp = oldest(w->stamp, e->stamp);
        w->stamp_s2 = oldest(w->stamp_s2, e->stamp_s2);
    }
    return walk_use_table(&w->walk, &table);
}

bool mmu_can_answer(const struct mmu_caches *m, const struct mmu_walk *w)
{
    const unsigned stage = w->walk.ask.stage;
    struct tlb *const *tables = m->tables[stage - 1];

    return tables[0] != NULL || tables[1] != NULL || tables[2] != NULL ||
           (stage == 2 ? m->s2 != NULL || m->l2_has_s2 : m->l2_has_s1);
}

static enum walk_next answer(struct mmu_caches *m, struct mmu_walk *w)
{
    const struct tlb_entry *e = NULL;

    if (w->walk.ask.stage == 2) {
        w->stamp_sub = w->begin_ps;
        e = find_s2_leaf(m, w);
        if (e != NULL) {
            m->n.s2_leaf_hits++;
            return use_s2_leaf(w, e);
        }
    } else {
        e = find_s1_leaf(m, w);
        if (e != NULL) {
            m->n.s1_leaf_hits++;
            return use_s1_leaf(w, e);
        }
    }
    e = find_table(m, w);
    if (e == NULL)
        return walk_skip(&w->walk);
    if (w->walk.ask.stage == 2)
        m->n.s2_table_hits++;
    else
        m->n.s1_table_hits++;
    return use_table(w, e);
}

/* ---- what the caches learn ---- */

static uint8_t tg_of(const struct mmu_walk *w, unsigned stage)
{
    const struct walk_context *ctx = w->walk.ctx;
    const struct walk_s1_regime *s1 =
        w->who.regime == ARCH_REGIME_EL10 ? &ctx->el10 : &ctx->host;

    return (uint8_t)(stage == 2 ? ctx->s2.vtcr.tg : s1->half[w->va >> 63].tcr.tg);
}

static struct tlb_entry table_entry(const struct mmu_walk *w,
                                    const struct walk_table *table)
{
    const unsigned stage = w->walk.stage;
    struct tlb_entry e = {
        .ia = table->ia,
        .oa = table->pa,
        .tag = w->who,
        .span_shift = table->region_shift,
        .tlbi_shift = table->region_shift,
        .tg = tg_of(w, stage),
        .table_level = table->level,
        .kind = TLB_S2_ONLY,
        .table = true,
        .attrs = table->attrs,
        .via = table->ipa.v,
        .stamp = w->stamp_sub,
        .stamp_s2 = w->stamp_sub,
    };

    if (stage == 1) {
        e.kind = table->pa_valid ? TLB_COMBINED : TLB_S1_ONLY;
        e.ng = true; /* a table descriptor cannot be global */
        e.stamp = w->stamp;
        e.stamp_s2 = w->stamp_s2;
    }
    return e;
}

static void learn_table(struct mmu_caches *m, const struct mmu_walk *w)
{
    struct walk_table table;

    if (!walk_table_found(&w->walk, &table) || table.level < 1)
        return;

    struct tlb *t = m->tables[w->walk.stage - 1][table.level - 1];
    struct tlb_entry e = table_entry(w, &table);
    const uint64_t base_mask = (UINT64_C(1) << e.span_shift) - 1;

    e.ia &= ~base_mask; /* the table's address belongs to the whole region */
    if (t != NULL && may_fill(m, w, &e))
        mmu_hold(m, t, &e);
}

static void learn_s2(struct mmu_caches *m, struct mmu_walk *w)
{
    struct walk_s2_leaf leaf;

    if (!walk_s2_found(&w->walk, &leaf))
        return;
    w->stamp_s2 = oldest(w->stamp_s2, w->stamp_sub);
    if (leaf.nt && !m->nt_fragment)
        return;

    const uint8_t tg = tg_of(w, 2);
    const struct tlb_entry e = {
        .ia = leaf.ipa.v,
        .oa = leaf.pa,
        .stamp = w->stamp_sub,
        .stamp_s2 = w->stamp_sub,
        .tag = w->who,
        .span_shift = leaf.nt          ? tg
                      : m->hold_groups ? leaf.group_shift
                                       : leaf.leaf_shift,
        .tlbi_shift = m->remove_groups ? leaf.group_shift : leaf.leaf_shift,
        .leaf_shift = leaf.leaf_shift,
        .tg = tg,
        .perm_el0 = leaf.perms.el0,
        .perm_priv = leaf.perms.priv,
        .kind = TLB_S2_ONLY,
        .write_clean = leaf.write_clean,
        .attrs = (leaf.nt ? LEAF_NT : 0) | (leaf.device ? S2_DEVICE : 0),
        .via = w->begin_ps,
    };

    if (!may_fill(m, w, &e))
        return;
    if (m->s2 != NULL)
        mmu_hold(m, m->s2, &e);
    if (m->l2_has_s2)
        mmu_hold(m, m->l2, &e);
}

/* A cached leaf of stage 2 may tell where the next table of stage 1 is. */
enum walk_next mmu_answer(struct mmu_caches *m, struct mmu_walk *w)
{
    const enum walk_next next = answer(m, w);

    if (next == WALK_NEED_DESC)
        learn_table(m, w);
    return next;
}

enum walk_next mmu_feed(struct mmu_caches *m, struct mmu_walk *w, uint64_t value)
{
    const enum walk_next next = walk_feed(&w->walk, value);

    learn_s2(m, w);
    if (next == WALK_NEED_DESC)
        learn_table(m, w);
    return next;
}

/* ---- the result ---- */

static struct tlb_entry combined_entry(const struct mmu_caches *m,
                                       const struct mmu_walk *w)
{
    const struct walk_result *r = &w->walk.result;
    const bool s1_on = r->s1_leaf_shift != WALK_LEAF_SHIFT_OFF;
    const bool s2_on = r->s2_leaf_shift != WALK_LEAF_SHIFT_OFF;
    const unsigned s1_span = m->hold_groups ? r->s1_group_shift : r->s1_leaf_shift;
    const unsigned s2_span = m->hold_groups ? r->s2_group_shift : r->s2_leaf_shift;
    unsigned span = smaller(s1_span, s2_span);

    if (r->s1_nt || r->s2_nt)
        span = smaller(span, tg_of(w, r->s2_nt ? 2 : 1));
    assert(span < WALK_LEAF_SHIFT_OFF); /* a guest is never without both stages */
    return (struct tlb_entry){
        .ia = w->va,
        .oa = r->pa,
        .stamp = w->stamp,
        .stamp_s2 = w->stamp_s2,
        .tag = w->who,
        .size_shift = (uint8_t)span,
        .span_shift = (uint8_t)span,
        .tlbi_shift = (uint8_t)(!s1_on             ? span
                                : m->remove_groups ? r->s1_group_shift
                                                   : r->s1_leaf_shift),
        .leaf_shift = s1_on ? r->s1_leaf_shift : 0,
        .tg = s1_on ? tg_of(w, 1) : 0,
        .s2_level = (int8_t)(s2_on ? arch_level_of_shift((enum arch_tg)tg_of(w, 2),
                                                         r->s2_leaf_shift)
                                   : 0),
        .perm_el0 = r->perms.el0,
        .perm_priv = r->perms.priv,
        .kind = TLB_COMBINED,
        .ng = r->ng,
        .pan_denies = r->perms.pan_denies,
        .write_clean = r->write_clean,
        .via = w->stamp_leaf,
    };
}

/* What a TLB keeps of stage 1 alone. */
static void fill_s1_only(struct mmu_caches *m, const struct mmu_walk *w)
{
    const struct walk_result *r = &w->walk.result;
    const unsigned span = m->hold_groups ? r->s1_group_shift : r->s1_leaf_shift;
    const struct tlb_entry e = {
        .ia = w->va,
        .oa = {r->ipa.v},
        .stamp = w->stamp,
        .stamp_s2 = UINT64_MAX, /* nothing of stage 2 */
        .tag = w->who,
        .span_shift = (uint8_t)(r->s1_nt ? tg_of(w, 1) : span),
        .tlbi_shift = m->remove_groups ? r->s1_group_shift : r->s1_leaf_shift,
        .leaf_shift = r->s1_leaf_shift,
        .tg = tg_of(w, 1),
        .perm_el0 = r->s1_perms.el0,
        .perm_priv = r->s1_perms.priv,
        .kind = TLB_S1_ONLY,
        .ng = r->ng,
        .pan_denies = r->s1_perms.pan_denies,
        .write_clean = r->s1_write_clean,
        .attrs = r->s1_nt ? LEAF_NT : 0,
        .via = w->stamp_leaf,
    };

    if (r->s1_leaf_shift != WALK_LEAF_SHIFT_OFF && may_fill(m, w, &e))
        mmu_hold(m, m->l2, &e);
}

void mmu_fill(struct mmu_caches *m, const struct mmu_walk *w, bool speculative)
{
    const struct walk_result *r = &w->walk.result;

    if ((r->s1_nt || r->s2_nt) && !m->nt_fragment)
        return;

    const struct tlb_entry e = combined_entry(m, w);

    if (!may_fill(m, w, &e))
        return;
    if (m->l2_has_s1)
        fill_s1_only(m, w);
    else if (m->l2 != NULL)
        mmu_hold(m, m->l2, &e);
    if (!speculative)
        mmu_fill_l1(m, &e, w->va, w->access);
}
