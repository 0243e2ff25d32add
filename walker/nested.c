/* SPDX-License-Identifier: Apache-2.0 */
/* walker/nested.c - each stage 1 descriptor through stage 2. */
#include "walker/nested.h"

#include "walker/arch/bits.h"

#include <assert.h>

/* A walk that is about to read its first descriptor asks before. */
static enum walk_next hold(bool asks, enum walk_next next)
{
    return asks && next == WALK_NEED_DESC ? WALK_ASK : next;
}

static enum walk_next ask_s1(struct walk_nested *w, struct arch_pa pa)
{
    w->in_s2 = false;
    w->desc_pa = pa;
    w->desc = w->s1.desc;
    w->desc_new = w->s1.desc_new;
    w->stage = 1;
    w->level = w->s1.level;
    w->descs_n++;
    return w->s1_next;
}

/* Passes on what stage 2 needs, or with its result what stage 1 needs. */
static enum walk_next after_s2(struct walk_nested *w, enum walk_next next)
{
    switch (next) {
    case WALK_NEED_DESC:
    case WALK_NEED_CAS:
        w->desc_pa = w->s2.desc_pa;
        w->desc = w->s2.desc;
        w->desc_new = w->s2.desc_new;
        w->stage = 2;
        w->level = w->s2.level;
        w->descs_n++;
        return next;
    case WALK_ASK:
        w->stage = 2;
        return next;
    case WALK_DONE:
        return ask_s1(w, w->s2.oa);
    case WALK_FAULT:
        break;
    }
    w->fault = w->s2.fault;
    w->fault.s1ptw = true;
    w->fault_ipa = w->s1.desc_ipa;
    return WALK_FAULT;
}

static enum walk_next after_s1(struct walk_nested *w, enum walk_next next)
{
    enum walk_s2_purpose purpose = WALK_S2_FETCH_DESC;

    w->s1_next = next;
    switch (next) {
    case WALK_NEED_DESC:
        break;
    case WALK_NEED_CAS:
        purpose = WALK_S2_UPDATE_DESC;
        break;
    case WALK_ASK:
        w->stage = 1;
        return next;
    case WALK_FAULT:
        w->fault = w->s1.fault;
        return next;
    case WALK_DONE:
        return next;
    }
    if (!w->s2_cfg)
        return ask_s1(w, (struct arch_pa){w->s1.desc_ipa.v});
    w->in_s2 = true;
    return after_s2(
        w, hold(w->asks_s2, walk_s2_begin_for(&w->s2, w->s2_cfg, w->s1.desc_ipa,
                                              ARCH_READ, 1, purpose)));
}

enum walk_next walk_nested_begin(struct walk_nested *w, const struct walk_s1_cfg *s1,
                                 const struct walk_s2_cfg *s2,
                                 const struct walk_query *query)
{
    *w = (struct walk_nested){.s2_cfg = s2,
                              .asks_s1 = query->ask && !query->s1_unasked,
                              .asks_s2 = query->ask && !query->s2_unasked};
    return after_s1(w, hold(w->asks_s1, walk_s1_begin(&w->s1, s1, query)));
}

enum walk_next walk_nested_feed(struct walk_nested *w, uint64_t value)
{
    if (!w->in_s2) {
        w->s2_ended = false;
        return after_s1(w, walk_s1_feed(&w->s1, value));
    }
    const enum walk_next next = walk_s2_feed(&w->s2, value);
    w->s2_ended = next == WALK_DONE;
    return after_s2(w, next);
}

enum walk_next walk_nested_skip(struct walk_nested *w)
{
    w->s2_ended = false;
    return w->in_s2 ? after_s2(w, WALK_NEED_DESC) : after_s1(w, WALK_NEED_DESC);
}

enum walk_next walk_nested_use_table(struct walk_nested *w, const struct walk_table *t)
{
    w->s2_ended = false;
    if (w->in_s2)
        return after_s2(w, walk_s2_use_table(&w->s2, t));
    w->s1_next = walk_s1_use_table(&w->s1, t);
    if (!t->pa_valid)
        return after_s1(w, w->s1_next);
    return ask_s1(w, arch_pa(t->pa.v + (w->s1.desc_ipa.v - t->ipa.v)));
}

enum walk_next walk_nested_use_s1(struct walk_nested *w,
                                  const struct walk_s1_leaf *leaf)
{
    assert(!w->in_s2);
    w->s2_ended = false;
    return after_s1(w, walk_s1_use_leaf(&w->s1, leaf));
}

enum walk_next walk_nested_use_s2(struct walk_nested *w,
                                  const struct walk_s2_leaf *leaf)
{
    assert(w->in_s2);
    w->s2_ended = false;
    return after_s2(w, walk_s2_use_leaf(&w->s2, leaf));
}

bool walk_nested_table_found(const struct walk_nested *w, struct arch_pa desc_pa,
                             struct walk_table *out)
{
    if (w->stage == 2)
        return walk_s2_table_found(&w->s2, out);
    if (!walk_s1_table_found(&w->s1, out))
        return false;
    /* A table that is named by a descriptor has the size of the granule. */
    const unsigned table_shift = (unsigned)w->s1.cfg->tcr.tg;
    out->pa_valid = !w->s2_cfg || w->s2.leaf_shift >= table_shift;
    if (out->pa_valid)
        out->pa = arch_pa(desc_pa.v - arch_low_bits(desc_pa.v, table_shift));
    return true;
}
