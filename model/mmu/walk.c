/* SPDX-License-Identifier: Apache-2.0 */
/* model/mmu/walk.c - a walk that asks the caches, and the TLBIs that it meets. */
#include "model/mmu/mmu_priv.h"

static unsigned larger(unsigned a, unsigned b)
{
    return a > b ? a : b;
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

bool mmu_may_fill(struct mmu_caches *m, const struct mmu_walk *w,
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
        .nt = (e->attrs & MMU_LEAF_NT) != 0,
        .device = (e->attrs & MMU_S2_DEVICE) != 0,
    };

    w->stamp_s2 = mmu_oldest(w->stamp_s2, e->stamp);
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
        .nt = (e->attrs & MMU_LEAF_NT) != 0,
        .ng = e->ng,
    };

    w->stamp = mmu_oldest(w->stamp, e->stamp);
    w->stamp_leaf = mmu_oldest(w->stamp_leaf, e->via);
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
        w->stamp_sub = mmu_oldest(w->stamp_sub, e->stamp);
        w->stamp_s2 = mmu_oldest(w->stamp_s2, e->stamp);
    } else {
        w->stamp = mmu_oldest(w->stamp, e->stamp);
        w->stamp_s2 = mmu_oldest(w->stamp_s2, e->stamp_s2);
    }
    return walk_use_table(&w->walk, &table);
}

enum walk_next mmu_consult(struct mmu_caches *m, struct mmu_walk *w)
{
    const struct tlb_entry *e = NULL;

    if (w->walk.ask.stage == 2) {
        w->stamp_sub = w->begin_ps;
        e = find_s2_leaf(m, w);
        if (e == &tlb_conflict_abort)
            return walk_conflict(&w->walk);
        if (e != NULL) {
            m->n.s2_leaf_hits++;
            return use_s2_leaf(w, e);
        }
    } else {
        e = find_s1_leaf(m, w);
        if (e == &tlb_conflict_abort)
            return walk_conflict(&w->walk);
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
