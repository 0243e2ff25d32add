/* SPDX-License-Identifier: Apache-2.0 */
/* walker/translate.c - the regime, then stage 1, then stage 2 of its output. */
#include "walker/translate.h"

#include "walker/arch/bits.h"
#include "walker/plain_priv.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#define RWX (WALK_PERM_R | WALK_PERM_W | WALK_PERM_X)

static const struct walk_perms all_perms = {.el0 = RWX, .priv = RWX};

static bool is_at_s1(enum walk_how how)
{
    return how == WALK_AT_S1 || how == WALK_AT_S1_PAN;
}

/* AT S12E* executes as AT S1E* where EL0 is in the host, and that acts on EL2&0.
 * ArmARM: AT S12E0R and its siblings, ELIsInHost, AArch64.AT. */
static enum arch_regime regime_of(const struct arch_hcr *hcr, struct walk_query *q)
{
    if (q->how == WALK_AT_S12 && hcr->e2h && hcr->tge)
        q->how = WALK_AT_S1;
    if (q->how == WALK_AT_S12)
        return ARCH_REGIME_EL10;
    if (is_at_s1(q->how) && q->el == 1 && hcr->e2h && hcr->tge)
        q->el = 2;
    return arch_hcr_regime(hcr, q->el);
}

static bool has_s2(const struct walk *w)
{
    return w->result.regime == ARCH_REGIME_EL10 && w->ctx->s2_on;
}

static enum walk_next finish(struct walk *w)
{
    struct walk_result *r = &w->result;

    r->descs_n = w->nested.descs_n;
    r->perms = walk_perms_both(r->s1_perms, r->s2_perms);
    return WALK_DONE;
}

/* A walk that is about to read its first descriptor asks before. */
static enum walk_next hold(const struct walk *w, enum walk_next next)
{
    return w->query.ask && !w->query.s2_unasked && next == WALK_NEED_DESC ? WALK_ASK
                                                                          : next;
}

static enum walk_next ask(struct walk *w, const struct walk_ask *question)
{
    w->ask = *question;
    w->asking = true;
    return WALK_ASK;
}

static enum walk_next ask_final_s2(struct walk *w)
{
    const struct walk_query *q = &w->query;

    return ask(w, &(struct walk_ask){
                      .stage = 2,
                      .for_write = q->how == WALK_ACCESS && q->access == ARCH_WRITE,
                      .ia = w->result.ipa.v,
                  });
}

static enum walk_next ask_nested(struct walk *w)
{
    const struct walk_nested *n = &w->nested;

    if (n->stage == 1)
        return ask(
            w, &(struct walk_ask){.stage = 1, .ia = walk_s1_untagged(w->query.va).v});
    return ask(w, &(struct walk_ask){.stage = 2,
                                     .for_s1 = true,
                                     .for_write = n->s1_next == WALK_NEED_CAS,
                                     .ia = n->s1.desc_ipa.v});
}

static enum walk_next end_final_s2(struct walk *w)
{
    const struct walk_s2 *s2 = &w->nested.s2;
    struct walk_result *r = &w->result;

    r->pa = s2->oa;
    r->s2_leaf_shift = s2->leaf_shift;
    r->s2_perms = s2->perms;
    r->write_clean = r->write_clean || s2->clean;
    r->s2_nt = s2->nt;
    r->s2_group_shift = s2->group_shift;
    r->s2_contiguous = s2->contiguous;
    r->s2_device = s2->device;
    return finish(w);
}

static enum walk_next after_final_s2(struct walk *w, enum walk_next next)
{
    const struct walk_s2 *s2 = &w->nested.s2;

    switch (next) {
    case WALK_ASK:
        return ask_final_s2(w);
    case WALK_NEED_DESC:
    case WALK_NEED_CAS:
        w->desc_pa = s2->desc_pa;
        w->desc = s2->desc;
        w->desc_new = s2->desc_new;
        w->stage = 2;
        w->level = s2->level;
        w->for_s1 = false;
        w->nested.descs_n++;
        return next;
    case WALK_FAULT:
        w->fault = s2->fault;
        w->fault_ipa = w->result.ipa;
        return next;
    case WALK_DONE:
        break;
    }
    return end_final_s2(w);
}

/* Stage 1 gave result.ipa. */
static enum walk_next begin_final_s2(struct walk *w)
{
    const struct walk_query *q = &w->query;

    w->result.s2_perms = all_perms;
    w->result.s2_leaf_shift = WALK_LEAF_SHIFT_OFF;
    w->result.s2_group_shift = WALK_LEAF_SHIFT_OFF;
    if (!has_s2(w) || is_at_s1(q->how)) {
        w->result.pa = (struct arch_pa){w->result.ipa.v};
        return finish(w);
    }
    w->in_final_s2 = true;
    return after_final_s2(
        w, hold(w, walk_s2_begin_for(
                       &w->nested.s2, &w->ctx->s2, w->result.ipa, q->access, q->el,
                       q->how == WALK_ACCESS ? WALK_S2_ACCESS : WALK_S2_AT)));
}

static enum walk_next end_s1(struct walk *w)
{
    const struct walk_s1 *s1 = &w->nested.s1;
    struct walk_result *r = &w->result;

    r->ipa = s1->oa;
    r->s1_leaf_shift = s1->leaf_shift;
    r->s1_perms = s1->perms;
    r->ng = s1->ng;
    r->write_clean = s1->clean;
    r->s1_write_clean = s1->clean;
    r->s1_nt = s1->nt;
    r->s1_group_shift = s1->group_shift;
    r->s1_contiguous = s1->contiguous;
    return begin_final_s2(w);
}

static enum walk_next after_s1(struct walk *w, enum walk_next next)
{
    const struct walk_nested *n = &w->nested;

    switch (next) {
    case WALK_NEED_DESC:
    case WALK_NEED_CAS:
        w->desc_pa = n->desc_pa;
        w->desc = n->desc;
        w->desc_new = n->desc_new;
        w->stage = n->stage;
        w->level = n->level;
        w->for_s1 = n->stage == 2;
        w->s1_desc_ipa = n->s1.desc_ipa;
        return next;
    case WALK_ASK:
        return ask_nested(w);
    case WALK_FAULT:
        w->fault = n->fault;
        w->fault_ipa = n->fault_ipa;
        return next;
    case WALK_DONE:
        break;
    }
    return end_s1(w);
}

/* ArmARM: AArch64.S1DisabledOutput. */
static enum walk_next s1_off(struct walk *w, const struct walk_s1_cfg *cfg)
{
    const unsigned top = walk_s1_addr_top(&cfg->tcr, w->query.access);

    memset(&w->nested, 0, offsetof(struct walk_nested, s1)); /* the rest is not read */
    if (arch_bits(w->query.va.v, top, cfg->cpu->features.pa_bits)) {
        w->fault = (struct arch_fault){.type = ARCH_FAULT_ADDRESS_SIZE, .stage = 1};
        return WALK_FAULT;
    }
    w->result.ipa = (struct arch_ipa){arch_bits(w->query.va.v, 55, 0)};
    w->result.s1_leaf_shift = WALK_LEAF_SHIFT_OFF;
    w->result.s1_group_shift = WALK_LEAF_SHIFT_OFF;
    w->result.s1_perms = all_perms;
    return begin_final_s2(w);
}

enum walk_next walk_begin(struct walk *w, const struct walk_context *ctx,
                          const struct walk_query *query)
{
    assert(query->el <= 2);
    memset(w, 0, offsetof(struct walk, nested)); /* which begins itself */
    w->ctx = ctx;
    w->query = *query;
    w->result.regime = regime_of(&ctx->hcr, &w->query);
    assert(w->query.el <= 1 || w->result.regime != ARCH_REGIME_EL10);

    const struct walk_s1_regime *regime =
        w->result.regime == ARCH_REGIME_EL10 ? &ctx->el10 : &ctx->host;
    const struct walk_s1_cfg *cfg = &regime->half[arch_bit(query->va.v, 55)];
    w->result.asid = regime->asid;
    w->result.vmid = ctx->vmid;
    if (!regime->on)
        return s1_off(w, cfg);
    return after_s1(
        w, walk_nested_begin(&w->nested, cfg, has_s2(w) ? &ctx->s2 : NULL, &w->query));
}

/* ---- plain descriptors, through all layers at once ---- */

/* The first descriptor of the stage 2 walk for that of stage 1, whose IPA is in range.
 * Once set up, such walks differ in nothing else. */
static enum walk_next begin_nested_s2(struct walk *w)
{
    struct walk_nested *n = &w->nested;

    if (n->s2.cfg == NULL)
        walk_s2_set_up(&n->s2, n->s2_cfg, n->s1.desc_ipa, ARCH_READ, 1,
                       WALK_S2_FETCH_DESC);
    assert(n->s2.purpose == WALK_S2_FETCH_DESC);
    n->s2.ipa = w->s1_desc_ipa = n->s1.desc_ipa;
    walk_s2_plain_start(&n->s2);
    n->in_s2 = true;
    n->stage = 2;
    if (n->asks_s2)
        return ask_nested(w);
    w->desc_pa = n->s2.desc_pa;
    w->level = n->s2.level;
    w->stage = 2;
    w->for_s1 = true;
    n->descs_n++;
    return WALK_NEED_DESC;
}

/* All of a table of stage 1 is in range of stage 2, or none. */
static bool is_table_of_s1(struct walk_nested *n, uint64_t desc)
{
    return n->s2_cfg != NULL && n->s2_cfg->plan.known &&
           !((desc & n->s1.cfg->plan.table_bits) >> n->s2_cfg->plan.input_bits) &&
           walk_s1_plain_table(&n->s1, desc);
}

/* Stage 1 waits for the descriptor whose address stage 2 gives by this one. False: the
 * general functions go on. */
static inline bool feed_leaf_for_s1(struct walk *w, uint64_t desc)
{
    struct walk_nested *n = &w->nested;

    if (!walk_s2_plain_leaf(&n->s2, desc))
        return false;
    n->in_s2 = false;
    n->s2_ended = true;
    w->desc_pa = n->s2.oa;
    w->level = n->s1.level;
    w->stage = n->stage = 1;
    w->for_s1 = false;
    n->descs_n++;
    return true;
}

/* Not inlined: the frames of these would be those of all descriptors. */
__attribute__((noinline)) static enum walk_next feed_any(struct walk *w, uint64_t value)
{
    if (!w->in_final_s2)
        return after_s1(w, walk_nested_feed(&w->nested, value));
    const enum walk_next next = walk_s2_feed(&w->nested.s2, value);
    w->nested.s2_ended = next == WALK_DONE;
    return after_final_s2(w, next);
}

__attribute__((noinline)) static enum walk_next feed_s1(struct walk *w, uint64_t value)
{
    struct walk_nested *n = &w->nested;

    if (is_table_of_s1(n, value)) {
        n->s2_ended = false;
        return begin_nested_s2(w);
    }
    if (!walk_s1_plain_leaf(&n->s1, value))
        return feed_any(w, value);
    n->s1_next = WALK_DONE;
    n->s2_ended = false;
    return end_s1(w);
}

static inline enum walk_next feed_final(struct walk *w, uint64_t value)
{
    if (!w->nested.s2.swapping && walk_s2_plain_leaf(&w->nested.s2, value)) {
        w->nested.s2_ended = true;
        return end_final_s2(w);
    }
    return feed_any(w, value);
}

enum walk_next walk_feed(struct walk *w, uint64_t value)
{
    return walk_feed_table(w, value) ? WALK_NEED_DESC : walk_feed_other(w, value);
}

enum walk_next walk_feed_other(struct walk *w, uint64_t value)
{
    const struct walk_nested *n = &w->nested;

    assert(!w->asking);
    if (w->in_final_s2)
        return feed_final(w, value);
    if (n->s1_next != WALK_NEED_DESC || n->s2.swapping)
        return feed_any(w, value);
    if (!n->in_s2)
        return feed_s1(w, value);
    return feed_leaf_for_s1(w, value) ? WALK_NEED_DESC : feed_any(w, value);
}

static void answered(struct walk *w, unsigned stage)
{
    assert(w->asking && w->ask.stage == stage);
    (void)stage;
    w->asking = false;
}

enum walk_next walk_skip(struct walk *w)
{
    answered(w, w->ask.stage);
    if (w->in_final_s2)
        return after_final_s2(w, WALK_NEED_DESC);
    return after_s1(w, walk_nested_skip(&w->nested));
}

enum walk_next walk_use_table(struct walk *w, const struct walk_table *t)
{
    answered(w, w->ask.stage);
    if (w->in_final_s2)
        return after_final_s2(w, walk_s2_use_table(&w->nested.s2, t));
    return after_s1(w, walk_nested_use_table(&w->nested, t));
}

enum walk_next walk_use_s1(struct walk *w, const struct walk_s1_leaf *leaf)
{
    answered(w, 1);
    return after_s1(w, walk_nested_use_s1(&w->nested, leaf));
}

enum walk_next walk_use_s2(struct walk *w, const struct walk_s2_leaf *leaf)
{
    answered(w, 2);
    if (w->in_final_s2)
        return after_final_s2(w, walk_s2_use_leaf(&w->nested.s2, leaf));
    return after_s1(w, walk_nested_use_s2(&w->nested, leaf));
}

enum walk_next walk_conflict(struct walk *w)
{
    const bool of_ask = w->asking;

    w->asking = false;
    w->fault = (struct arch_fault){
        .type = ARCH_FAULT_TLB_CONFLICT,
        .stage = of_ask ? w->ask.stage : 2,
        .s1ptw = of_ask && w->ask.for_s1,
    };
    w->fault_ipa = of_ask && w->ask.stage == 2 ? arch_ipa(w->ask.ia) : w->result.ipa;
    return WALK_FAULT;
}

bool walk_table_found(const struct walk *w, struct walk_table *out)
{
    return w->in_final_s2 ? walk_s2_table_found(&w->nested.s2, out)
                          : walk_nested_table_found(&w->nested, w->desc_pa, out);
}

bool walk_s2_found(const struct walk *w, struct walk_s2_leaf *out)
{
    const bool ended = walk_s2_has_ended(w);

    if (ended)
        *out = walk_s2_leaf_found(&w->nested.s2);
    return ended;
}

uint64_t walk_par(const struct walk *w, enum walk_next next)
{
    return next == WALK_DONE ? arch_par_success(w->result.pa)
                             : arch_par_fault(&w->fault);
}

struct arch_syndrome walk_syndrome(const struct walk *w)
{
    return arch_abort_syndrome(&(struct arch_abort){
        .fault = w->fault,
        .va = w->query.va,
        .ipa = w->fault_ipa,
        .access = w->query.access,
        .el = w->query.el,
        .tge = w->ctx->hcr.tge,
        .at = w->query.how != WALK_ACCESS,
    });
}
