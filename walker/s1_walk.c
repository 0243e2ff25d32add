/* SPDX-License-Identifier: Apache-2.0 */
/* walker/s1_walk.c - the stage 1 walk: one descriptor in, one decision out. */
#include "walker/s1_walk.h"

#include "walker/arch/bits.h"
#include "walker/arch/desc.h"
#include "walker/geometry.h"
#include "walker/plain_priv.h"

#include <assert.h>

#define HIERARCHICAL                                                                   \
    (ARCH_DESC_PXN_TABLE | ARCH_DESC_UXN_TABLE | ARCH_DESC_AP_TABLE_1 |                \
     ARCH_DESC_AP_TABLE_2)

static enum walk_next fault_at(struct walk_s1 *w, enum arch_fault_type type, int level)
{
    w->fault = (struct arch_fault){.type = type, .stage = 1, .level = (int8_t)level};
    w->oa = arch_ipa(0);
    return WALK_FAULT;
}

static unsigned pa_bits(const struct walk_s1 *w)
{
    return w->cfg->cpu->features.pa_bits;
}

/* ArmARM: AArch64.OAOutOfRange, against the effective IPS or PS. */
static bool oa_out_of_range(const struct walk_s1 *w, uint64_t oa)
{
    return oa >> arch_tcr_oa_bits(&w->cfg->tcr, pa_bits(w));
}

unsigned walk_s1_addr_top(const struct arch_tcr *tcr, enum arch_access access)
{
    return tcr->tbi && !(tcr->tbid && access == ARCH_EXECUTE) ? 55 : 63;
}

bool walk_s1_va_out_of_range(const struct walk_s1_cfg *cfg, struct arch_va va,
                             enum arch_access access, unsigned input_bits)
{
    const unsigned top = walk_s1_addr_top(&cfg->tcr, access);
    const uint64_t above = arch_bits(va.v, top, input_bits);
    const uint64_t ones = arch_bits(UINT64_MAX, top, input_bits);

    return above != (cfg->half == ARCH_VA_UPPER ? ones : 0);
}

static enum walk_next ask(struct walk_s1 *w, uint64_t table, int level, uint64_t index)
{
    w->level = (int8_t)level;
    w->desc_ipa = arch_ipa(table | index * ARCH_DESC_BYTES);
    return WALK_NEED_DESC;
}

/* Below the start table, where an index has the bits of one stride. */
static enum walk_next ask_below(struct walk_s1 *w, uint64_t table, int level)
{
    const enum arch_tg tg = w->cfg->tcr.tg;

    return ask(w, table, level,
               arch_low_bits(w->query.va.v >> arch_level_shift(tg, level),
                             arch_stride_bits(tg)));
}

/* The address is none of the half, or none of its addresses may be walked for. */
static bool is_refused(const struct walk_s1 *w, unsigned input_bits)
{
    const struct walk_s1_cfg *cfg = w->cfg;
    const struct walk_query *q = &w->query;

    return walk_s1_va_out_of_range(cfg, q->va, q->access, input_bits) ||
           (q->el == 0 && cfg->tcr.e0pd) || cfg->tcr.epd;
}

/* ArmARM: AArch64.S1Translate up to the first descriptor. */
static enum walk_next start(struct walk_s1 *w)
{
    const struct walk_s1_cfg *cfg = w->cfg;
    const struct walk_plan *p = &cfg->plan;
    const struct walk_query *q = &w->query;
    struct walk_s1_geometry g;

    w->swapping = false;
    w->tables = 0;
    w->fault = (struct arch_fault){.type = ARCH_FAULT_NONE};
    if (p->known && !is_refused(w, p->input_bits)) {
        w->level = w->from_level = p->start_level;
        w->desc_ipa =
            arch_ipa(walk_plan_start(p, arch_low_bits(q->va.v, p->input_bits)));
        return WALK_NEED_DESC;
    }
    if (walk_s1_geometry_of(&cfg->tcr, &cfg->cpu->features, &g) != ARCH_OK ||
        is_refused(w, g.input_bits))
        return fault_at(w, ARCH_FAULT_TRANSLATION, 0);

    const uint64_t base = cfg->base.v - arch_low_bits(cfg->base.v, g.align_shift);
    /* The start table reports level 0 whatever its own level. */
    if (oa_out_of_range(w, base))
        return fault_at(w, ARCH_FAULT_ADDRESS_SIZE, 0);
    w->from_level = g.start_level;
    return ask(w, base, g.start_level,
               arch_low_bits(q->va.v, g.input_bits) >>
                   arch_level_shift(cfg->tcr.tg, g.start_level));
}

void walk_s1_plan(struct walk_s1_cfg *cfg)
{
    const struct arch_tcr *tcr = &cfg->tcr;
    const struct arch_features *f = &cfg->cpu->features;
    struct walk_s1_geometry g;

    cfg->plan = (struct walk_plan){.known = false};
    if (walk_s1_geometry_of(tcr, f, &g) != ARCH_OK)
        return;
    walk_plan_init(&cfg->plan,
                   &(struct walk_plan_in){
                       .tg = tcr->tg,
                       .lpa2 = arch_tcr_lpa2(tcr),
                       .dirty_managed = tcr->ha && tcr->hd,
                       .input_bits = g.input_bits,
                       .start_level = g.start_level,
                       .align_shift = g.align_shift,
                       .oa_bits = (uint8_t)arch_tcr_oa_bits(tcr, f->pa_bits),
                       .pa_bits = f->pa_bits,
                       .base = cfg->base.v,
                   });
}

enum walk_next walk_s1_begin(struct walk_s1 *w, const struct walk_s1_cfg *cfg,
                             const struct walk_query *query)
{
    *w = (struct walk_s1){.cfg = cfg, .query = *query};
    return start(w);
}

/* Bits [62:59] of the tables above add up unless HPD says otherwise. */
static enum walk_next feed_table(struct walk_s1 *w)
{
    const struct arch_tcr *tcr = &w->cfg->tcr;
    const uint64_t table = arch_desc_implemented_oa(
        arch_desc_table_pa(w->desc, tcr->tg, arch_tcr_lpa2(tcr)).v, tcr->tg,
        pa_bits(w));

    if (!tcr->hpd)
        w->tables |= w->desc;
    if (oa_out_of_range(w, table))
        return fault_at(w, ARCH_FAULT_ADDRESS_SIZE, w->level);
    return ask_below(w, table, w->level + 1);
}

/* ArmARM: AArch64.BlocknTFaults. */
static bool nt_faults(const struct walk_s1 *w)
{
    const struct walk_cpu *cpu = w->cfg->cpu;

    return w->nt && (cpu->features.bbm_level == 1 || cpu->features.bbm_level == 2) &&
           cpu->nt_response == WALK_NT_FAULT;
}

/* ArmARM: AArch64.ContiguousBitFaults. */
static bool contiguous_faults(const struct walk_s1 *w)
{
    const struct arch_tcr *tcr = &w->cfg->tcr;

    return w->contiguous && w->cfg->cpu->contiguous_faults &&
           w->leaf_shift + arch_contiguous_shift(w->level, tcr->tg) > 64u - tcr->txsz;
}

static bool dirty_managed(const struct walk_s1 *w)
{
    return w->cfg->tcr.ha && w->cfg->tcr.hd;
}

static enum walk_next finish(struct walk_s1 *w)
{
    w->clean =
        dirty_managed(w) && (w->desc & ARCH_DESC_DBM) && (w->desc & ARCH_DESC_S1_AP_2);
    return w->fault.type == ARCH_FAULT_NONE ? WALK_DONE : WALK_FAULT;
}

/* AT never sets the dirty state. */
static bool writes(const struct walk_s1 *w)
{
    return w->query.access == ARCH_WRITE && w->query.how == WALK_ACCESS;
}

/* ArmARM: the update in AArch64.S1Translate, AArch64.SettingAccessFlagPermitted,
 * AArch64.SettingDirtyStatePermitted. */
static enum walk_next update(struct walk_s1 *w)
{
    const bool faulted = w->fault.type != ARCH_FAULT_NONE;

    w->desc_new = w->desc;
    if (w->cfg->tcr.ha && (!faulted || w->cfg->cpu->af_on_permission_fault))
        w->desc_new |= ARCH_DESC_AF;
    if (!faulted && dirty_managed(w) && (w->desc & ARCH_DESC_DBM) && writes(w))
        w->desc_new &= ~ARCH_DESC_S1_AP_2;
    if (w->desc_new == w->desc)
        return finish(w);
    w->swapping = true;
    return WALK_NEED_CAS;
}

static void decode_leaf(struct walk_s1 *w)
{
    const struct walk_s1_cfg *cfg = w->cfg;
    const unsigned shift = arch_level_shift(cfg->tcr.tg, w->level);
    const struct arch_pa leaf =
        arch_desc_leaf_pa(w->desc, w->level, cfg->tcr.tg, arch_tcr_lpa2(&cfg->tcr));

    w->oa = arch_ipa(arch_desc_implemented_oa(leaf.v, cfg->tcr.tg, pa_bits(w)) |
                     arch_low_bits(w->query.va.v, shift));
    w->leaf_shift = (uint8_t)shift;
    w->nt = w->level < 3 && (w->desc & ARCH_DESC_NT);
    w->ng = cfg->has_el0 && (w->desc & ARCH_DESC_S1_NG);
    w->group_shift = (uint8_t)shift;
    if (w->desc & ARCH_DESC_CONTIGUOUS)
        w->group_shift += (uint8_t)arch_contiguous_shift(w->level, cfg->tcr.tg);
    w->contiguous = w->group_shift != shift;
    w->perms = walk_s1_perms(w->desc, &(struct walk_s1_perms_in){
                                          .tables = w->tables,
                                          .has_el0 = cfg->has_el0,
                                          .wxn = cfg->wxn,
                                          .epan = cfg->epan,
                                          .dirty_managed = dirty_managed(w),
                                      });
}

/* ArmARM: accdesc.pan of CreateAccDescGPR and CreateAccDescAT. */
static bool pan_counts(const struct walk_s1 *w)
{
    return w->query.pan && w->cfg->has_el0 && w->cfg->cpu->features.pan &&
           (w->query.how == WALK_ACCESS || w->query.how == WALK_AT_S1_PAN);
}

static bool allowed(const struct walk_s1 *w)
{
    return walk_perms_allow(w->perms, w->query.access, w->query.el, pan_counts(w));
}

static enum walk_next feed_leaf(struct walk_s1 *w)
{
    decode_leaf(w);
    if (contiguous_faults(w))
        return fault_at(w, ARCH_FAULT_TRANSLATION, w->level);
    if (nt_faults(w)) {
        fault_at(w, ARCH_FAULT_TRANSLATION, w->level);
        w->fault.nt = true;
        return WALK_FAULT;
    }
    if (oa_out_of_range(w, w->oa.v))
        return fault_at(w, ARCH_FAULT_ADDRESS_SIZE, w->level);
    if (!(w->desc & ARCH_DESC_AF) && !w->cfg->tcr.ha)
        return fault_at(w, ARCH_FAULT_ACCESS_FLAG, w->level);
    if (!allowed(w))
        fault_at(w, ARCH_FAULT_PERMISSION, w->level);
    return update(w);
}

static enum walk_next feed_swapped(struct walk_s1 *w, uint64_t found)
{
    if (found != w->desc)
        return start(w);
    w->swapping = false;
    w->desc = w->desc_new;
    return finish(w);
}

enum walk_next walk_s1_feed(struct walk_s1 *w, uint64_t value)
{
    const struct arch_tcr *tcr = &w->cfg->tcr;

    if (w->swapping)
        return feed_swapped(w, value);
    if (walk_s1_plain_table(w, value))
        return WALK_NEED_DESC;
    w->desc = value;
    switch (arch_desc_kind(value, w->level, tcr->tg, arch_tcr_lpa2(tcr), pa_bits(w))) {
    case ARCH_DESC_KIND_TABLE:
        return feed_table(w);
    case ARCH_DESC_KIND_LEAF:
        return feed_leaf(w);
    case ARCH_DESC_KIND_INVALID:
        break;
    }
    return fault_at(w, ARCH_FAULT_TRANSLATION, w->level);
}

enum walk_next walk_s1_use_table(struct walk_s1 *w, const struct walk_table *t)
{
    assert(t->level >= 0 && t->level <= 3);
    w->from_level = t->level;
    w->tables = t->attrs;
    return ask_below(w, t->ipa.v, t->level);
}

enum walk_next walk_s1_use_leaf(struct walk_s1 *w, const struct walk_s1_leaf *leaf)
{
    const int level = arch_level_of_shift(w->cfg->tcr.tg, leaf->leaf_shift);

    w->perms = leaf->perms;
    if (oa_out_of_range(w, leaf->ipa.v))
        return fault_at(w, ARCH_FAULT_ADDRESS_SIZE, level);
    if (!allowed(w))
        return fault_at(w, ARCH_FAULT_PERMISSION, level);
    if (leaf->write_clean && writes(w))
        return WALK_NEED_DESC;
    w->oa = leaf->ipa;
    w->leaf_shift = leaf->leaf_shift;
    w->group_shift = leaf->group_shift;
    w->contiguous = leaf->group_shift != leaf->leaf_shift;
    w->nt = leaf->nt;
    w->ng = leaf->ng;
    w->clean = leaf->write_clean;
    return WALK_DONE;
}

bool walk_s1_table_found(const struct walk_s1 *w, struct walk_table *out)
{
    const enum arch_tg tg = w->cfg->tcr.tg;

    if (w->swapping || w->level <= w->from_level)
        return false;
    *out = (struct walk_table){
        .ia = walk_s1_untagged(w->query.va).v,
        .ipa = {w->desc_ipa.v - arch_low_bits(w->desc_ipa.v, (unsigned)tg)},
        .attrs = w->tables & HIERARCHICAL,
        .level = w->level,
        .region_shift = (uint8_t)arch_level_shift(tg, w->level - 1),
    };
    return true;
}

struct arch_va walk_s1_untagged(struct arch_va va)
{
    return arch_va((uint64_t)((int64_t)(va.v << 8) >> 8));
}
