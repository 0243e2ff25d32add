/* SPDX-License-Identifier: Apache-2.0 */
/* model/mmu/learn.c - what the caches take of a walk: tables, stage 2, the result. */
#include "model/mmu/mmu_priv.h"

#include <assert.h>

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

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

__attribute__((noinline)) void mmu_learn_table(struct mmu_caches *m,
                                               const struct mmu_walk *w)
{
    struct tlb *const *tables = m->tables[w->walk.stage - 1];
    struct walk_table table;

    if (!walk_table_found(&w->walk, &table) || table.level < 1)
        return;

    struct tlb *t = tables[table.level - 1];

    if (t == NULL)
        return;

    struct tlb_entry e = table_entry(w, &table);
    const uint64_t base_mask = (UINT64_C(1) << e.span_shift) - 1;

    e.ia &= ~base_mask; /* the table's address belongs to the whole region */
    if (mmu_may_fill(m, w, &e))
        mmu_hold(m, t, &e);
}

/* Not inlined: most descriptors teach nothing. */
__attribute__((noinline)) static void learn_s2(struct mmu_caches *m,
                                               const struct mmu_walk *w)
{
    struct walk_s2_leaf leaf;

    if (!walk_s2_found(&w->walk, &leaf))
        return;
    leaf.nt = leaf.nt && m->nt_counts;
    if (leaf.nt && !m->nt_fragment)
        return;

    const uint8_t tg = tg_of(w, 2);
    const uint8_t span = leaf.nt          ? tg
                         : m->hold_groups ? leaf.group_shift
                                          : leaf.leaf_shift;

    if (span < m->s2_shift_min && w->met_n == 0)
        return; /* too small to be held */
    const struct tlb_entry e = {
        .ia = leaf.ipa.v,
        .oa = leaf.pa,
        .stamp = w->stamp_sub,
        .stamp_s2 = w->stamp_sub,
        .tag = w->who,
        .span_shift = span,
        .tlbi_shift = m->remove_groups ? leaf.group_shift : leaf.leaf_shift,
        .leaf_shift = leaf.leaf_shift,
        .tg = tg,
        .perm_el0 = leaf.perms.el0,
        .perm_priv = leaf.perms.priv,
        .kind = TLB_S2_ONLY,
        .write_clean = leaf.write_clean,
        .attrs = (leaf.nt ? MMU_LEAF_NT : 0) | (leaf.device ? MMU_S2_DEVICE : 0),
        .via = w->begin_ps,
    };

    if (!mmu_may_fill(m, w, &e))
        return;
    if (m->s2 != NULL)
        mmu_hold(m, m->s2, &e);
    if (m->l2_has_s2)
        mmu_hold(m, m->l2, &e);
}

/* Where the walk goes on, if it reads a descriptor now. */
static inline void learn_table_of(struct mmu_caches *m, const struct mmu_walk *w,
                                  enum walk_next next)
{
    if (next == WALK_NEED_DESC && m->has_tables[w->walk.stage - 1])
        mmu_learn_table(m, w);
}

/* A cached leaf of stage 2 may tell where the next table of stage 1 is. */
enum walk_next mmu_answer(struct mmu_caches *m, struct mmu_walk *w)
{
    const enum walk_next next = mmu_consult(m, w);

    learn_table_of(m, w, next);
    return next;
}

/* What no structure holds counts only if a TLBI would have kept it out. */
enum walk_next mmu_feed_other(struct mmu_caches *m, struct mmu_walk *w, uint64_t value)
{
    const enum walk_next next = walk_feed_other(&w->walk, value);

    if (walk_s2_has_ended(&w->walk)) {
        w->stamp_s2 = mmu_oldest(w->stamp_s2, w->stamp_sub);
        if (m->s2 != NULL || m->l2_has_s2 || w->met_n != 0)
            learn_s2(m, w);
    }
    learn_table_of(m, w, next);
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

    if (m->nt_counts && (r->s1_nt || r->s2_nt))
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
        .span_shift = (uint8_t)(m->nt_counts && r->s1_nt ? tg_of(w, 1) : span),
        .tlbi_shift = m->remove_groups ? r->s1_group_shift : r->s1_leaf_shift,
        .leaf_shift = r->s1_leaf_shift,
        .tg = tg_of(w, 1),
        .perm_el0 = r->s1_perms.el0,
        .perm_priv = r->s1_perms.priv,
        .kind = TLB_S1_ONLY,
        .ng = r->ng,
        .pan_denies = r->s1_perms.pan_denies,
        .write_clean = r->s1_write_clean,
        .attrs = r->s1_nt ? MMU_LEAF_NT : 0,
        .via = w->stamp_leaf,
    };

    if (r->s1_leaf_shift != WALK_LEAF_SHIFT_OFF && mmu_may_fill(m, w, &e))
        mmu_hold(m, m->l2, &e);
}

static void fill(struct mmu_caches *m, const struct mmu_walk *w, bool speculative)
{
    const struct walk_result *r = &w->walk.result;

    if (m->nt_counts && (r->s1_nt || r->s2_nt) && !m->nt_fragment)
        return;

    const struct tlb_entry e = combined_entry(m, w);

    if (!mmu_may_fill(m, w, &e))
        return;
    if (m->l2_has_s1)
        fill_s1_only(m, w);
    else if (m->l2 != NULL)
        mmu_hold(m, m->l2, &e);
    if (!speculative)
        mmu_fill_l1(m, &e, w->va, w->access);
}

/* ---- a block with nT over entries of its pages ---- */

struct block {
    uint64_t pa, last;
    int8_t s2_level;
    uint8_t leaf_shift;
    uint16_t vmid;
    bool met;
};

static void compare(const struct tlb_entry *e, void *ctx)
{
    struct block *b = ctx;
    const bool other_leaf = e->kind == TLB_S2_ONLY ? e->leaf_shift != b->leaf_shift
                                                   : e->s2_level != b->s2_level;

    b->met |= !e->table && e->kind != TLB_S1_ONLY &&
              e->tag.regime == ARCH_REGIME_EL10 && e->tag.vmid == b->vmid &&
              e->oa.v >= b->pa && e->oa.v <= b->last && other_leaf;
}

/* The block and what is held of the memory that it maps come from leaves of two sizes.
 * ArmARM: R_MRRPW: a block with nT may give a conflict as long as that is so. */
static bool meets_pages(const struct mmu_caches *m, const struct mmu_walk *w)
{
    const struct walk_result *r = &w->walk.result;
    const uint64_t inside = (UINT64_C(1) << r->s2_leaf_shift) - 1;
    struct block b = {
        .pa = r->pa.v & ~inside,
        .last = r->pa.v | inside,
        .s2_level =
            (int8_t)arch_level_of_shift((enum arch_tg)tg_of(w, 2), r->s2_leaf_shift),
        .leaf_shift = r->s2_leaf_shift,
        .vmid = w->who.vmid,
    };
    struct tlb *all[MMU_STRUCTURES_MAX];
    const unsigned n = mmu_structures(m, all);

    for (unsigned i = 0; i < n && !b.met; i++)
        tlb_for_each(all[i], compare, &b);
    return b.met;
}

enum walk_next mmu_fill(struct mmu_caches *m, struct mmu_walk *w, bool speculative)
{
    const struct walk_result *r = &w->walk.result;

    if (m->nt_counts && m->nt_conflicts && r->s2_nt && !speculative &&
        meets_pages(m, w)) {
        m->n.nt_conflicts++;
        if (m->conflict == TLB_CONFLICT_ABORT)
            return walk_conflict(&w->walk);
        if (m->met != NULL)
            m->met(m->met_ctx, w->va);
    }
    fill(m, w, speculative);
    return WALK_DONE;
}
