/* SPDX-License-Identifier: Apache-2.0 */
/* tests/crosscheck/cached_walk.c - between walk and caches: questions and fills. */
#include "tests/crosscheck/cached_walk.h"

static const struct word_set *words_of(const struct cached_walk *c,
                                       const struct tlb_entry *e)
{
    return &software_find(c->software, e->stamp)->words;
}

static struct tlb_tag tag_of(const struct cached_walk *c)
{
    const struct walk_result *r = &c->walk.result;

    return (struct tlb_tag){r->vmid, r->asid, (uint8_t)r->regime};
}

static void fill(struct cached_walk *c, enum role role, const struct tlb_entry *e,
                 const struct word_set *words)
{
    c->counts->cache_fills += caches_fill(c->caches, role, c->software, e, words);
}

/* A table of stage 1 is of one ASID, whatever its leaves will say. */
static void fill_table(struct cached_walk *c, const struct walk_table *t,
                       const struct word_set *words)
{
    const bool s1 = c->walk.stage == 1;
    const struct walk_context *ctx = c->walk.ctx;
    const struct tlb_entry e = {
        .ia = t->ia,
        .oa = {s1 && !t->pa_valid ? t->ipa.v : t->pa.v},
        .via = t->ipa.v,
        .attrs = t->attrs,
        .tag = tag_of(c),
        .span_shift = t->region_shift,
        .tlbi_shift = t->region_shift,
        .tg = (uint8_t)(s1 ? front_half(c->world, c->access)->tcr.tg : ctx->s2.vtcr.tg),
        .table_level = t->level,
        .kind = !s1           ? TLB_S2_ONLY
                : t->pa_valid ? TLB_COMBINED
                              : TLB_S1_ONLY,
        .table = true,
        .ng = s1 && c->walk.result.regime != ARCH_REGIME_EL2,
    };

    fill(c, s1 ? ROLE_S1_TABLES : ROLE_S2_TABLES, &e, words);
}

static void fill_s2(struct cached_walk *c, const struct walk_s2_leaf *leaf)
{
    const struct walk_s2_cfg *cfg = &c->walk.ctx->s2;
    const struct tlb_entry e = {
        .ia = leaf->ipa.v,
        .oa = leaf->pa,
        .attrs = (leaf->nt ? ATTR_NT : 0) | (leaf->device ? ATTR_DEVICE : 0),
        .tag = tag_of(c),
        .span_shift = front_s2_span(cfg, leaf->leaf_shift),
        .tlbi_shift = leaf->leaf_shift,
        .leaf_shift = leaf->leaf_shift,
        .tg = (uint8_t)cfg->vtcr.tg,
        .perm_el0 = leaf->perms.el0,
        .perm_priv = leaf->perms.priv,
        .kind = TLB_S2_ONLY,
        .write_clean = leaf->write_clean,
    };

    fill(c, ROLE_S2_LEAVES, &e, &c->s2_words);
}

/* Of EL1&0 with both stages on; elsewhere stage 1 is the whole translation. */
static void fill_s1(struct cached_walk *c)
{
    const struct walk_result *r = &c->walk.result;
    const struct tlb_entry e = {
        .ia = walk_s1_untagged(c->walk.query.va).v,
        .oa = {r->ipa.v},
        .attrs = r->s1_nt ? ATTR_NT : 0,
        .tag = tag_of(c),
        .span_shift = front_s1_span(c->world, c->access, r->s1_leaf_shift),
        .tlbi_shift = r->s1_leaf_shift,
        .leaf_shift = r->s1_leaf_shift,
        .tg = (uint8_t)front_half(c->world, c->access)->tcr.tg,
        .perm_el0 = r->s1_perms.el0,
        .perm_priv = r->s1_perms.priv,
        .kind = TLB_S1_ONLY,
        .ng = r->ng,
        .pan_denies = r->s1_perms.pan_denies,
        .write_clean = r->s1_write_clean,
    };

    if (c->world->s2_on && !c->access->flat && front_may_hold(c->world, c->access, r))
        fill(c, ROLE_S1_LEAVES, &e, &c->s1_words);
}

/* Before the descriptor at desc_pa is added: what its table follows from. */
static void learn_table(struct cached_walk *c)
{
    const bool s1 = c->walk.stage == 1;
    struct word_set words = s1 ? c->s1_words : c->s2_words;
    struct walk_table t;

    if (!walk_table_found(&c->walk, &t))
        return;
    if (s1 && t.pa_valid)
        word_set_merge(&words, &c->s2_words);
    fill_table(c, &t, &words);
}

static uint64_t serve(struct cached_walk *c, enum walk_next next)
{
    struct world *w = c->world;
    const unsigned i = world_word(w, &c->walk);
    uint64_t *value = &w->words[i].value[WITH_TLB];

    if (next == WALK_NEED_DESC)
        learn_table(c);
    if (c->walk.stage == 1)
        word_set_merge(&c->s1_words, &c->s2_words);
    word_set_add(c->walk.stage == 1 ? &c->s1_words : &c->s2_words, i);
    if (next == WALK_NEED_DESC) {
        c->counts->reads++;
        return *value;
    }
    *value = c->walk.desc_new; /* there is nobody to lose it to */
    return c->walk.desc;
}

static struct walk_table table_of(const struct tlb_entry *e)
{
    return (struct walk_table){
        .level = e->table_level,
        .ipa = {e->via},
        .pa = e->oa,
        .pa_valid = e->kind == TLB_COMBINED,
        .attrs = e->attrs,
    };
}

static struct walk_perms perms_of(const struct tlb_entry *e)
{
    return (struct walk_perms){e->perm_el0, e->perm_priv, e->pan_denies};
}

static enum walk_next use_s1_leaf(struct cached_walk *c, const struct tlb_entry *e)
{
    const struct walk_s1_leaf leaf = {
        .ipa = {e->oa.v + (c->walk.ask.ia - e->ia)},
        .leaf_shift = e->leaf_shift,
        .group_shift = e->leaf_shift,
        .perms = perms_of(e),
        .write_clean = e->write_clean,
        .nt = e->attrs & ATTR_NT,
        .ng = e->ng,
    };

    c->s1_words = *words_of(c, e);
    const enum walk_next next = walk_use_s1(&c->walk, &leaf);
    if (next == WALK_ASK && c->walk.ask.for_s1) { /* it walks, to set the dirty state */
        c->s1_words = (struct word_set){{0}};
        c->counts->cache_cleans++;
    }
    return next;
}

static enum walk_next use_s2_leaf(struct cached_walk *c, const struct tlb_entry *e)
{
    const struct walk_s2_leaf leaf = {
        .ipa = {e->ia},
        .pa = e->oa,
        .leaf_shift = e->leaf_shift,
        .group_shift = e->leaf_shift,
        .perms = perms_of(e),
        .write_clean = e->write_clean,
        .nt = e->attrs & ATTR_NT,
        .device = e->attrs & ATTR_DEVICE,
    };

    c->s2_words = *words_of(c, e);
    const enum walk_next next = walk_use_s2(&c->walk, &leaf);
    if (next == WALK_NEED_DESC && c->walk.stage == 2) {
        c->s2_words = (struct word_set){{0}};
        c->counts->cache_cleans++;
    }
    return next;
}

/* Tables with a PA and those behind stage 2: the one that is asked for first wins. */
static const struct tlb_entry *look_up_s1_table(struct cached_walk *c,
                                                const struct tlb_tag *who)
{
    const bool pa_first = dice_one_in(&c->world->dice, 2);
    const struct tlb_entry *e =
        caches_look_up(c->caches, ROLE_S1_TABLES, c->software, who,
                       pa_first ? TLB_COMBINED : TLB_S1_ONLY, true, c->walk.ask.ia);

    return e ? e
             : caches_look_up(c->caches, ROLE_S1_TABLES, c->software, who,
                              pa_first ? TLB_S1_ONLY : TLB_COMBINED, true,
                              c->walk.ask.ia);
}

static enum walk_next ask_s1(struct cached_walk *c)
{
    const struct tlb_tag who = tag_of(c);
    const struct tlb_entry *e =
        caches_look_up(c->caches, ROLE_S1_LEAVES, c->software, &who, TLB_S1_ONLY, false,
                       c->walk.ask.ia);

    if (e) {
        c->counts->s1_leaf_hits++;
        return use_s1_leaf(c, e);
    }
    e = look_up_s1_table(c, &who);
    if (!e)
        return walk_skip(&c->walk);
    c->counts->s1_table_hits += e->kind == TLB_COMBINED;
    c->counts->s1_ipa_hits += e->kind == TLB_S1_ONLY;
    c->s1_words = *words_of(c, e);
    const struct walk_table t = table_of(e);
    return walk_use_table(&c->walk, &t);
}

static enum walk_next ask_s2(struct cached_walk *c)
{
    const struct tlb_tag who = tag_of(c);
    const struct tlb_entry *e =
        caches_look_up(c->caches, ROLE_S2_LEAVES, c->software, &who, TLB_S2_ONLY, false,
                       c->walk.ask.ia);

    c->s2_words = (struct word_set){{0}};
    if (e) {
        c->counts->s2_leaf_hits++;
        return use_s2_leaf(c, e);
    }
    e = caches_look_up(c->caches, ROLE_S2_TABLES, c->software, &who, TLB_S2_ONLY, true,
                       c->walk.ask.ia);
    if (!e)
        return walk_skip(&c->walk);
    c->counts->s2_table_hits++;
    c->s2_words = *words_of(c, e);
    const struct walk_table t = table_of(e);
    return walk_use_table(&c->walk, &t);
}

enum walk_next cached_walk(struct cached_walk *c)
{
    struct walk_query q = c->access->query;
    struct walk_s2_leaf leaf;

    q.ask = true;
    c->s1_words = c->s2_words = (struct word_set){{0}};
    enum walk_next next = walk_begin(&c->walk, front_context(c->world, c->access), &q);
    while (next != WALK_DONE && next != WALK_FAULT) {
        if (next == WALK_ASK) {
            next = c->walk.ask.stage == 1 ? ask_s1(c) : ask_s2(c);
            continue;
        }
        const uint64_t value = serve(c, next);
        next = walk_feed(&c->walk, value);
        if (walk_s2_found(&c->walk, &leaf))
            fill_s2(c, &leaf);
    }
    if (next == WALK_DONE)
        fill_s1(c);
    return next;
}
