/* SPDX-License-Identifier: Apache-2.0 */
/* walker/s2_walk.c - the stage 2 walk: one descriptor in, one decision out. */
#include "walker/s2_walk.h"

#include "walker/arch/bits.h"
#include "walker/geometry.h"
#include "walker/plain_priv.h"

#include <assert.h>

static enum walk_next fault_at(struct walk_s2 *w, enum arch_fault_type type, int level)
{
    w->fault = (struct arch_fault){.type = type, .stage = 2, .level = (int8_t)level};
    w->oa = arch_pa(0);
    return WALK_FAULT;
}

/* ArmARM: AArch64.OAOutOfRange, against the effective VTCR_EL2.PS. */
static bool oa_out_of_range(const struct walk_s2 *w, uint64_t oa)
{
    return oa >> arch_vtcr_oa_bits(&w->cfg->vtcr, w->cfg->pa_bits);
}

static enum walk_next ask(struct walk_s2 *w, uint64_t table, int level, uint64_t index)
{
    w->level = (int8_t)level;
    w->desc_pa = arch_pa(table | index * ARCH_DESC_BYTES);
    w->descs_n++;
    return WALK_NEED_DESC;
}

/* Below the start table, where an index has the bits of one stride. */
static enum walk_next ask_below(struct walk_s2 *w, uint64_t table, int level)
{
    const enum arch_tg tg = w->cfg->vtcr.tg;

    return ask(
        w, table, level,
        arch_low_bits(w->ipa.v >> arch_level_shift(tg, level), arch_stride_bits(tg)));
}

/* ArmARM: AArch64.S2Translate up to the first descriptor. */
static enum walk_next start(struct walk_s2 *w)
{
    const struct walk_s2_cfg *cfg = w->cfg;
    struct walk_s2_geometry g;

    if (cfg->plan.known && !(w->ipa.v >> cfg->plan.input_bits)) {
        walk_s2_plain_start(w);
        return WALK_NEED_DESC;
    }
    w->swapping = false;
    w->fault = (struct arch_fault){.type = ARCH_FAULT_NONE};
    if (walk_s2_geometry_of(&cfg->vtcr, cfg->pa_bits, cfg->ttst, &g) != ARCH_OK ||
        w->ipa.v >> g.input_bits)
        return fault_at(w, ARCH_FAULT_TRANSLATION, 0);

    const uint64_t base = cfg->baddr.v - arch_low_bits(cfg->baddr.v, g.align_shift);
    /* The start table reports level 0 whatever its own level. */
    if (oa_out_of_range(w, base))
        return fault_at(w, ARCH_FAULT_ADDRESS_SIZE, 0);
    w->from_level = g.start_level;
    return ask(w, base, g.start_level,
               w->ipa.v >> arch_level_shift(cfg->vtcr.tg, g.start_level));
}

void walk_s2_plan(struct walk_s2_cfg *cfg)
{
    const struct arch_vtcr *vtcr = &cfg->vtcr;
    const bool dirty_managed = vtcr->ha && vtcr->hd;
    struct walk_s2_geometry g;

    cfg->plan = (struct walk_plan){.known = false};
    if (walk_s2_geometry_of(vtcr, cfg->pa_bits, cfg->ttst, &g) != ARCH_OK)
        return;
    walk_plan_init(&cfg->plan,
                   &(struct walk_plan_in){
                       .tg = vtcr->tg,
                       .lpa2 = arch_vtcr_lpa2(vtcr),
                       .dirty_managed = dirty_managed,
                       .input_bits = g.input_bits,
                       .start_level = g.start_level,
                       .align_shift = g.align_shift,
                       .oa_bits = (uint8_t)arch_vtcr_oa_bits(vtcr, cfg->pa_bits),
                       .pa_bits = cfg->pa_bits,
                       .base = cfg->baddr.v,
                   });
    for (uint64_t bits = 0; bits < 16; bits++)
        cfg->plain_perms[bits] = walk_s2_perms((bits & 3) << 6 | bits >> 2 << 53,
                                               cfg->xnx ? WALK_S2_XNX : 0u);
}

enum walk_next walk_s2_begin_for(struct walk_s2 *w, const struct walk_s2_cfg *cfg,
                                 struct arch_ipa ipa, enum arch_access access,
                                 unsigned el, enum walk_s2_purpose purpose)
{
    assert(el <= 1);
    walk_s2_set_up(w, cfg, ipa, access, el, purpose);
    return start(w);
}

enum walk_next walk_s2_begin_el(struct walk_s2 *w, const struct walk_s2_cfg *cfg,
                                struct arch_ipa ipa, enum arch_access access,
                                unsigned el)
{
    return walk_s2_begin_for(w, cfg, ipa, access, el, WALK_S2_LOOK);
}

enum walk_next walk_s2_begin(struct walk_s2 *w, const struct walk_s2_cfg *cfg,
                             struct arch_ipa ipa, enum arch_access access)
{
    return walk_s2_begin_el(w, cfg, ipa, access, 1);
}

static enum walk_next feed_table(struct walk_s2 *w, uint64_t desc)
{
    const struct arch_vtcr *vtcr = &w->cfg->vtcr;
    const uint64_t table = arch_desc_implemented_oa(
        arch_desc_table_pa(desc, vtcr->tg, arch_vtcr_lpa2(vtcr)).v, vtcr->tg,
        w->cfg->pa_bits);

    if (oa_out_of_range(w, table))
        return fault_at(w, ARCH_FAULT_ADDRESS_SIZE, w->level);
    return ask_below(w, table, w->level + 1);
}

/* ArmARM: AArch64.BlocknTFaults. */
static bool nt_faults(const struct walk_s2_cfg *cfg)
{
    return (cfg->bbm_level == 1 || cfg->bbm_level == 2) &&
           cfg->nt_response == WALK_NT_FAULT;
}

/* ArmARM: AArch64.ContiguousBitFaults. */
static bool contiguous_faults(const struct walk_s2 *w)
{
    const struct arch_vtcr *vtcr = &w->cfg->vtcr;

    return w->contiguous && w->cfg->contiguous_faults &&
           w->leaf_shift + arch_contiguous_shift(w->level, vtcr->tg) > 64u - vtcr->t0sz;
}

/* ArmARM: AArch64.S2CheckPermissions. */
static bool allowed(const struct walk_s2 *w)
{
    switch (w->purpose) {
    case WALK_S2_LOOK:
    case WALK_S2_ACCESS:
    case WALK_S2_AT:
        return walk_perms_allow(w->perms, w->access, w->el, false);
    case WALK_S2_FETCH_DESC:
    case WALK_S2_UPDATE_DESC:
        break;
    }
    if (w->cfg->ptw && w->device)
        return false;
    return (w->perms.priv & WALK_PERM_R) &&
           (w->purpose == WALK_S2_FETCH_DESC || (w->perms.priv & WALK_PERM_W));
}

static bool dirty_managed(const struct walk_s2 *w)
{
    return w->cfg->vtcr.ha && w->cfg->vtcr.hd;
}

/* True if this walk's purpose leaves the memory written. */
static bool writes(const struct walk_s2 *w)
{
    return w->purpose == WALK_S2_UPDATE_DESC ||
           (w->purpose == WALK_S2_ACCESS && w->access == ARCH_WRITE);
}

static bool sets_dirty(const struct walk_s2 *w)
{
    return dirty_managed(w) && (w->desc & ARCH_DESC_DBM) && writes(w);
}

static enum walk_next finish(struct walk_s2 *w)
{
    w->clean =
        dirty_managed(w) && (w->desc & ARCH_DESC_DBM) && !(w->desc & ARCH_DESC_S2AP_W);
    return w->fault.type == ARCH_FAULT_NONE ? WALK_DONE : WALK_FAULT;
}

/* ArmARM: the update in AArch64.S2Translate, AArch64.SettingAccessFlagPermitted,
 * AArch64.SettingDirtyStatePermitted. */
static enum walk_next update(struct walk_s2 *w)
{
    const bool faulted = w->fault.type != ARCH_FAULT_NONE;

    w->desc_new = w->desc;
    if (w->cfg->vtcr.ha && (!faulted || w->cfg->af_on_permission_fault))
        w->desc_new |= ARCH_DESC_AF;
    if (!faulted && sets_dirty(w))
        w->desc_new |= ARCH_DESC_S2AP_W;
    if (w->desc_new == w->desc || w->purpose == WALK_S2_LOOK)
        return finish(w);
    w->swapping = true;
    return WALK_NEED_CAS;
}

static void decode_leaf(struct walk_s2 *w)
{
    const struct arch_vtcr *vtcr = &w->cfg->vtcr;
    const unsigned shift = arch_level_shift(vtcr->tg, w->level);
    const uint64_t leaf = arch_desc_implemented_oa(
        arch_desc_leaf_pa(w->desc, w->level, vtcr->tg, arch_vtcr_lpa2(vtcr)).v,
        vtcr->tg, w->cfg->pa_bits);

    w->oa = arch_pa(leaf | arch_low_bits(w->ipa.v, shift));
    w->leaf_shift = (uint8_t)shift;
    w->nt = w->level < 3 && (w->desc & ARCH_DESC_NT);
    w->group_shift = (uint8_t)shift;
    if (w->desc & ARCH_DESC_CONTIGUOUS)
        w->group_shift += (uint8_t)arch_contiguous_shift(w->level, vtcr->tg);
    w->contiguous = w->group_shift != shift;
    w->device = arch_desc_s2_is_device(w->desc, w->cfg->fwb);
    w->perms = walk_s2_perms(w->desc, (dirty_managed(w) ? WALK_S2_DIRTY_MANAGED : 0u) |
                                          (w->cfg->xnx ? WALK_S2_XNX : 0u));
}

static enum walk_next feed_leaf(struct walk_s2 *w)
{
    decode_leaf(w);
    if (contiguous_faults(w))
        return fault_at(w, ARCH_FAULT_TRANSLATION, w->level);
    if (w->nt && nt_faults(w->cfg)) {
        fault_at(w, ARCH_FAULT_TRANSLATION, w->level);
        w->fault.nt = true;
        return WALK_FAULT;
    }
    if (oa_out_of_range(w, w->oa.v))
        return fault_at(w, ARCH_FAULT_ADDRESS_SIZE, w->level);
    if (!(w->desc & ARCH_DESC_AF) && !w->cfg->vtcr.ha)
        return fault_at(w, ARCH_FAULT_ACCESS_FLAG, w->level);
    if (!allowed(w))
        fault_at(w, ARCH_FAULT_PERMISSION, w->level);
    return update(w);
}

static enum walk_next feed_swapped(struct walk_s2 *w, uint64_t found)
{
    if (found != w->desc)
        return start(w);
    w->swapping = false;
    w->desc = w->desc_new;
    return finish(w);
}

enum walk_next walk_s2_feed(struct walk_s2 *w, uint64_t value)
{
    const struct arch_vtcr *vtcr = &w->cfg->vtcr;

    if (w->swapping)
        return feed_swapped(w, value);
    if (walk_s2_feed_table(w, value))
        return WALK_NEED_DESC;
    if (walk_s2_plain_leaf(w, value))
        return WALK_DONE;
    w->desc = value;
    switch (arch_desc_kind(value, w->level, vtcr->tg, arch_vtcr_lpa2(vtcr),
                           w->cfg->pa_bits)) {
    case ARCH_DESC_KIND_TABLE:
        return feed_table(w, value);
    case ARCH_DESC_KIND_LEAF:
        return feed_leaf(w);
    case ARCH_DESC_KIND_INVALID:
        break;
    }
    return fault_at(w, ARCH_FAULT_TRANSLATION, w->level);
}

enum walk_next walk_s2_use_table(struct walk_s2 *w, const struct walk_table *t)
{
    assert(t->level >= 0 && t->level <= 3);
    w->from_level = t->level;
    w->descs_n--; /* the one in the start table */
    return ask_below(w, t->pa.v, t->level);
}

enum walk_next walk_s2_use_leaf(struct walk_s2 *w, const struct walk_s2_leaf *leaf)
{
    const int level = arch_level_of_shift(w->cfg->vtcr.tg, leaf->leaf_shift);
    const uint64_t oa = leaf->pa.v + (w->ipa.v - leaf->ipa.v);

    w->perms = leaf->perms;
    w->device = leaf->device;
    if (leaf->write_clean && allowed(w) && writes(w))
        return WALK_NEED_DESC;
    w->descs_n--; /* the one in the start table */
    if (oa_out_of_range(w, oa))
        return fault_at(w, ARCH_FAULT_ADDRESS_SIZE, level);
    if (!allowed(w))
        return fault_at(w, ARCH_FAULT_PERMISSION, level);
    w->oa = arch_pa(oa);
    w->leaf_shift = leaf->leaf_shift;
    w->group_shift = leaf->group_shift;
    w->contiguous = leaf->group_shift != leaf->leaf_shift;
    w->nt = leaf->nt;
    w->clean = leaf->write_clean;
    return WALK_DONE;
}

bool walk_s2_table_found(const struct walk_s2 *w, struct walk_table *out)
{
    const enum arch_tg tg = w->cfg->vtcr.tg;

    if (w->swapping || w->level <= w->from_level)
        return false;
    *out = (struct walk_table){
        .ia = w->ipa.v,
        .pa = {w->desc_pa.v - arch_low_bits(w->desc_pa.v, (unsigned)tg)},
        .level = w->level,
        .region_shift = (uint8_t)arch_level_shift(tg, w->level - 1),
    };
    return true;
}

struct walk_s2_leaf walk_s2_leaf_found(const struct walk_s2 *w)
{
    return (struct walk_s2_leaf){
        .ipa = w->ipa,
        .pa = w->oa,
        .perms = w->perms,
        .leaf_shift = w->leaf_shift,
        .group_shift = w->group_shift,
        .write_clean = w->clean,
        .nt = w->nt,
        .device = w->device,
    };
}
