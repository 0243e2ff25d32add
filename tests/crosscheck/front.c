/* SPDX-License-Identifier: Apache-2.0 */
/* tests/crosscheck/front.c - look up, else walk and fill. */
#include "tests/crosscheck/front.h"

#include "tests/crosscheck/cached_walk.h"

_Static_assert((int)TLB_R == (int)WALK_PERM_R && (int)TLB_W == (int)WALK_PERM_W &&
                   (int)TLB_X == (int)WALK_PERM_X,
               "masks of both are the same");

const struct walk_context *front_context(const struct world *w, const struct access *a)
{
    return a->flat ? &w->flat[a->vm] : &w->ctx[a->vm][a->asid];
}

static const struct walk_s1_regime *regime_of(const struct world *w,
                                              const struct access *a)
{
    const struct walk_context *ctx = front_context(w, a);

    return w->regime == ARCH_REGIME_EL10 ? &ctx->el10 : &ctx->host;
}

const struct walk_s1_cfg *front_half(const struct world *w, const struct access *a)
{
    return &regime_of(w, a)->half[a->query.va.v >> 55 & 1];
}

/* The address without what the access ignores. */
static uint64_t untagged(const struct world *w, const struct access *a)
{
    const uint64_t va = a->query.va.v;

    if (walk_s1_addr_top(&front_half(w, a)->tcr, a->query.access) == 63)
        return va;
    return (uint64_t)((int64_t)(va << 8) >> 8);
}

static struct tlb_tag tag_of(const struct world *w, const struct access *a,
                             uint16_t asid)
{
    return (struct tlb_tag){front_context(w, a)->vmid, asid, (uint8_t)w->regime};
}

static struct answer answer_of(const struct walk *walk, enum walk_next next)
{
    if (next == WALK_DONE)
        return (struct answer){.pa = walk->result.pa.v};
    return (struct answer){.fault = walk->fault, .syndrome = walk_syndrome(walk)};
}

struct answer front_without(struct world *w, const struct access *a, struct counts *n)
{
    struct walk walk;
    enum walk_next next = walk_begin(&walk, front_context(w, a), &a->query);

    while (next == WALK_NEED_DESC || next == WALK_NEED_CAS) {
        uint64_t *value = &w->words[world_word(w, &walk)].value[WITHOUT];

        n->plain_reads += next == WALK_NEED_DESC;
        if (next == WALK_NEED_CAS) /* there is nobody to lose it to */
            *value = walk.desc_new;
        next = walk_feed(&walk, next == WALK_NEED_CAS ? walk.desc : *value);
    }
    return answer_of(&walk, next);
}

static uint8_t smaller(unsigned a, unsigned b)
{
    return (uint8_t)(a < b ? a : b);
}

uint8_t front_s2_span(const struct walk_s2_cfg *s2, unsigned shift)
{
    return smaller(shift, arch_vtcr_oa_bits(&s2->vtcr, s2->pa_bits));
}

uint8_t front_s1_span(const struct world *w, const struct access *a, unsigned shift)
{
    return smaller(shift,
                   arch_tcr_oa_bits(&front_half(w, a)->tcr, w->cpu.features.pa_bits));
}

static uint8_t s2_span(const struct world *w, const struct access *a,
                       const struct walk_result *r)
{
    return front_s2_span(&front_context(w, a)->s2, r->s2_leaf_shift);
}

static struct tlb_entry combined_entry(const struct world *w, const struct access *a,
                                       const struct walk_result *r)
{
    return (struct tlb_entry){
        .ia = untagged(w, a),
        .oa = r->pa,
        .tag = tag_of(w, a, r->asid),
        .span_shift = smaller(front_s1_span(w, a, r->s1_leaf_shift),
                              w->s2_on ? s2_span(w, a, r) : 64),
        .tlbi_shift = r->s1_leaf_shift,
        .leaf_shift = r->s1_leaf_shift,
        .tg = (uint8_t)front_half(w, a)->tcr.tg,
        /* E0PD faults before a descriptor is read, so EL0 must never hit. */
        .perm_el0 = front_half(w, a)->tcr.e0pd ? 0 : r->perms.el0,
        .perm_priv = r->perms.priv,
        .kind = TLB_COMBINED,
        .ng = r->ng,
        .pan_denies = r->perms.pan_denies,
        .write_clean = r->write_clean,
    };
}

static struct tlb_entry s2_entry(const struct world *w, const struct access *a,
                                 const struct walk_result *r)
{
    return (struct tlb_entry){
        .ia = r->ipa.v,
        .oa = r->pa,
        .tag = tag_of(w, a, 0),
        .span_shift = s2_span(w, a, r),
        .tlbi_shift = r->s2_leaf_shift,
        .leaf_shift = r->s2_leaf_shift,
        .tg = (uint8_t)front_context(w, a)->s2.vtcr.tg,
        .perm_el0 = r->s2_perms.el0,
        .perm_priv = r->s2_perms.priv,
        .attrs = (r->s2_nt ? ATTR_NT : 0) | (r->s2_device ? ATTR_DEVICE : 0),
        .kind = TLB_S2_ONLY,
        .write_clean = r->write_clean,
    };
}

bool front_may_hold(const struct world *w, const struct access *a,
                    const struct walk_result *r)
{
    const bool is_private = w->is_private[a->query.va.v >> 55 & 1];

    return !is_private || w->asids_n == 1 || r->ng;
}

static void fill_both(struct cached_walk *c)
{
    struct world *w = c->world;
    const struct access *a = c->access;
    const struct walk_result *r = &c->walk.result;

    if (!a->flat && front_may_hold(w, a, r)) {
        const struct tlb_entry e = combined_entry(w, a, r);
        struct word_set words = c->s1_words;

        word_set_merge(&words, &c->s2_words);
        c->counts->fills += caches_fill(c->caches, ROLE_TLB, c->software, &e, &words);
    }
    if (w->s2_on) {
        const struct tlb_entry e = s2_entry(w, a, r);

        c->counts->fills +=
            caches_fill(c->caches, ROLE_TLB, c->software, &e, &c->s2_words);
        if (dice_one_in(&w->dice, 4))
            w->ipa[dice_below(&w->dice, IPAS_N)] = r->ipa.v & ~UINT64_C(0xfff);
    }
}

/* PSTATE.PAN exists with FEAT_PAN and says nothing while stage 1 is off. */
static bool allows(const struct world *w, const struct tlb_entry *e,
                   const struct walk_query *q)
{
    const struct walk_perms perms = {e->perm_el0, e->perm_priv, e->pan_denies};

    return walk_perms_allow(perms, q->access, q->el, q->pan && w->cpu.features.pan);
}

static const struct tlb_entry *look_up(struct world *w, struct caches *c,
                                       struct software *s, const struct access *a)
{
    const struct tlb_tag who = tag_of(w, a, regime_of(w, a)->asid);

    return caches_look_up(c, ROLE_TLB, s, &who, a->flat ? TLB_S2_ONLY : TLB_COMBINED,
                          false, untagged(w, a));
}

static void count_hit(struct counts *n, const struct tlb_entry *e)
{
    n->hits++;
    n->s2_only_hits += e->kind == TLB_S2_ONLY;
    n->global_hits += e->kind == TLB_COMBINED && !e->ng;
    n->fragment_hits += e->size_shift < e->span_shift;
}

struct answer front_with_tlb(struct world *w, struct caches *c, struct software *s,
                             const struct access *a, struct counts *n)
{
    const struct tlb_entry *e = look_up(w, c, s, a);
    const bool allowed = e && allows(w, e, &a->query);
    struct cached_walk walk = {
        .world = w, .caches = c, .software = s, .access = a, .counts = n};

    n->accesses++;
    if (allowed && !(a->query.access == ARCH_WRITE && e->write_clean)) {
        count_hit(n, e);
        return (struct answer){.pa = e->oa.v + (untagged(w, a) - e->ia)};
    }
    n->denied += e && !allowed;
    n->cleans += allowed;

    const bool denied = e && !allowed;
    const enum walk_next next = cached_walk(&walk);
    struct answer answer = answer_of(&walk.walk, next);

    answer.denied = denied;
    n->faults += next == WALK_FAULT;
    n->s1ptw_faults += next == WALK_FAULT && walk.walk.fault.s1ptw;
    if (next == WALK_DONE)
        fill_both(&walk);
    return answer;
}
