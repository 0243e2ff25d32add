/* SPDX-License-Identifier: Apache-2.0 */
/* tests/crosscheck/front.c - look up, else walk and fill. */
#include "tests/crosscheck/front.h"

#include "walker/arch/desc.h"

_Static_assert((int)TLB_R == (int)WALK_PERM_R && (int)TLB_W == (int)WALK_PERM_W &&
                   (int)TLB_X == (int)WALK_PERM_X,
               "masks of both are the same");

static const struct walk_context *context_of(const struct world *w,
                                             const struct access *a)
{
    return a->flat ? &w->flat[a->vm] : &w->ctx[a->vm][a->asid];
}

static const struct walk_s1_regime *regime_of(const struct world *w,
                                              const struct access *a)
{
    const struct walk_context *ctx = context_of(w, a);

    return w->regime == ARCH_REGIME_EL10 ? &ctx->el10 : &ctx->host;
}

static const struct walk_s1_cfg *half_of(const struct world *w, const struct access *a)
{
    return &regime_of(w, a)->half[a->query.va.v >> 55 & 1];
}

/* The address without what the access ignores. */
static uint64_t untagged(const struct world *w, const struct access *a)
{
    const uint64_t va = a->query.va.v;

    if (walk_s1_addr_top(&half_of(w, a)->tcr, a->query.access) == 63)
        return va;
    return (uint64_t)((int64_t)(va << 8) >> 8);
}

static struct tlb_tag tag_of(const struct world *w, const struct access *a,
                             uint16_t asid)
{
    return (struct tlb_tag){context_of(w, a)->vmid, asid, (uint8_t)w->regime};
}

/* What the last walk read. */
struct trail {
    struct word_set words;
    uint64_t s1_desc; /* the last of stage 1; 0: none */
};

static enum walk_next run(struct world *w, struct walk *walk, const struct access *a,
                          enum side side, struct trail *trail)
{
    enum walk_next next = walk_begin(walk, context_of(w, a), &a->query);

    *trail = (struct trail){.s1_desc = 0};
    while (next == WALK_NEED_DESC || next == WALK_NEED_CAS) {
        const unsigned i = world_word(w, walk);
        uint64_t *value = &w->words[i].value[side];

        word_set_add(&trail->words, i);
        if (next == WALK_NEED_CAS) /* there is nobody to lose it to */
            *value = walk->desc_new;
        if (walk->stage == 1)
            trail->s1_desc = *value;
        next = walk_feed(walk, next == WALK_NEED_CAS ? walk->desc : *value);
    }
    return next;
}

static struct answer answer_of(const struct walk *walk, enum walk_next next)
{
    if (next == WALK_DONE)
        return (struct answer){.pa = walk->result.pa.v};
    return (struct answer){.fault = walk->fault, .syndrome = walk_syndrome(walk)};
}

struct answer front_without(struct world *w, const struct access *a)
{
    struct walk walk;
    struct trail trail;
    const enum walk_next next = run(w, &walk, a, WITHOUT, &trail);

    return answer_of(&walk, next);
}

static void fill(struct tlb *t, struct software *s, const struct tlb_entry *e,
                 const struct word_set *words, struct counts *n)
{
    if (!tlb_fill(t, e))
        return;
    software_note(s, e, words);
    n->fills++;
}

static uint8_t smaller(unsigned a, unsigned b)
{
    return (uint8_t)(a < b ? a : b);
}

/* A leaf may be larger than what its stage can put out. */
static uint8_t s2_part(const struct world *w, const struct access *a,
                       const struct walk_result *r)
{
    const struct walk_s2_cfg *s2 = &context_of(w, a)->s2;

    return smaller(r->s2_leaf_shift, arch_vtcr_oa_bits(&s2->vtcr, s2->pa_bits));
}

static uint8_t s1_part(const struct world *w, const struct access *a,
                       const struct walk_result *r)
{
    return smaller(r->s1_leaf_shift,
                   arch_tcr_oa_bits(&half_of(w, a)->tcr, w->cpu.features.pa_bits));
}

static struct tlb_entry combined_entry(const struct world *w, const struct access *a,
                                       const struct walk_result *r)
{
    return (struct tlb_entry){
        .ia = untagged(w, a),
        .oa = r->pa,
        .tag = tag_of(w, a, r->asid),
        .span_shift = smaller(s1_part(w, a, r), w->s2_on ? s2_part(w, a, r) : 64),
        .tlbi_shift = r->s1_leaf_shift,
        .leaf_shift = r->s1_leaf_shift,
        .tg = (uint8_t)half_of(w, a)->tcr.tg,
        /* E0PD faults before a descriptor is read, so EL0 must never hit. */
        .perm_el0 = half_of(w, a)->tcr.e0pd ? 0 : r->perms.el0,
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
        .span_shift = s2_part(w, a, r),
        .tlbi_shift = r->s2_leaf_shift,
        .leaf_shift = r->s2_leaf_shift,
        .tg = (uint8_t)context_of(w, a)->s2.vtcr.tg,
        .perm_el0 = r->s2_perms.el0,
        .perm_priv = r->s2_perms.priv,
        .kind = TLB_S2_ONLY,
        .write_clean = r->write_clean,
    };
}

/* A global entry of tables that are one ASID's own would be an error of software, whose
 * outcome is not defined: such are left out. */
static bool may_hold(const struct world *w, const struct access *a, uint64_t s1_desc)
{
    const bool is_private = w->is_private[a->query.va.v >> 55 & 1];

    return !is_private || w->asids_n == 1 || (s1_desc & ARCH_DESC_S1_NG);
}

static void fill_both(struct world *w, struct tlb *t, struct software *s,
                      const struct access *a, const struct walk_result *r,
                      const struct trail *trail, struct counts *n)
{
    if (!a->flat && may_hold(w, a, trail->s1_desc)) {
        const struct tlb_entry e = combined_entry(w, a, r);

        fill(t, s, &e, &trail->words, n);
    }
    if (w->s2_on) {
        const struct tlb_entry e = s2_entry(w, a, r);

        fill(t, s, &e, &trail->words, n);
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

static const struct tlb_entry *look_up(struct world *w, struct tlb *t,
                                       const struct access *a)
{
    const struct tlb_tag who = tag_of(w, a, regime_of(w, a)->asid);

    return tlb_lookup(t, &who, a->flat ? TLB_S2_ONLY : TLB_COMBINED, false,
                      untagged(w, a));
}

static void count_hit(struct counts *n, const struct tlb_entry *e)
{
    n->hits++;
    n->s2_only_hits += e->kind == TLB_S2_ONLY;
    n->global_hits += e->kind == TLB_COMBINED && !e->ng;
    n->fragment_hits += e->size_shift < e->span_shift;
}

struct answer front_with_tlb(struct world *w, struct tlb *t, struct software *s,
                             const struct access *a, struct counts *n)
{
    const struct tlb_entry *e = look_up(w, t, a);
    const bool allowed = e && allows(w, e, &a->query);
    struct trail trail;
    struct walk walk;

    n->accesses++;
    if (allowed && !(a->query.access == ARCH_WRITE && e->write_clean)) {
        count_hit(n, e);
        return (struct answer){.pa = e->oa.v + (untagged(w, a) - e->ia)};
    }
    n->denied += e && !allowed;
    n->cleans += allowed;

    const bool denied = e && !allowed;
    const enum walk_next next = run(w, &walk, a, WITH_TLB, &trail);
    struct answer answer = answer_of(&walk, next);

    answer.denied = denied;
    n->faults += next == WALK_FAULT;
    n->s1ptw_faults += next == WALK_FAULT && walk.fault.s1ptw;
    if (next == WALK_DONE)
        fill_both(w, t, s, a, &walk.result, &trail, n);
    return answer;
}
