/* SPDX-License-Identifier: Apache-2.0 */
/* walker/s2_walk.c - the stage 2 walk: one descriptor in, one decision out. */
#include "walker/s2_walk.h"

#include "walker/geometry.h"

#include <assert.h>

static uint64_t low_bits(uint64_t value, unsigned n)
{
    return value & ((UINT64_C(1) << n) - 1);
}

static enum walk_next fault_at(struct walk_s2 *w, enum arch_fault_type type, int level)
{
    w->fault = (struct arch_fault){.type = type, .stage = 2, .level = (int8_t)level};
    return WALK_FAULT;
}

/* ArmARM: AArch64.OAOutOfRange, against the effective VTCR_EL2.PS. */
static bool oa_out_of_range(const struct walk_s2 *w, uint64_t oa)
{
    return oa >> arch_vtcr_oa_bits(&w->cfg->vtcr, w->cfg->pa_bits);
}

/* Descriptor bits [15:12] of 64K are address bits only with FEAT_LPA. */
static uint64_t implemented_oa(const struct walk_s2_cfg *cfg, struct arch_pa oa)
{
    if (cfg->vtcr.tg == ARCH_TG_64K && cfg->pa_bits < 52)
        return low_bits(oa.v, 48);
    return oa.v;
}

static enum walk_next ask(struct walk_s2 *w, uint64_t table, int level, uint64_t index)
{
    w->level = (int8_t)level;
    w->desc_pa = arch_pa(table | index * ARCH_DESC_BYTES);
    w->descs_n++;
    return WALK_NEED_DESC;
}

enum walk_next walk_s2_begin_el(struct walk_s2 *w, const struct walk_s2_cfg *cfg,
                                struct arch_ipa ipa, enum arch_access access,
                                unsigned el)
{
    struct walk_s2_geometry g;

    assert(el <= 1);
    *w = (struct walk_s2){.cfg = cfg, .ipa = ipa, .access = access, .el = (uint8_t)el};
    if (walk_s2_geometry_of(&cfg->vtcr, cfg->pa_bits, cfg->ttst, &g) != ARCH_OK ||
        ipa.v >> g.input_bits)
        return fault_at(w, ARCH_FAULT_TRANSLATION, 0);

    const uint64_t base = cfg->baddr.v - low_bits(cfg->baddr.v, g.align_shift);
    /* The start table reports level 0 whatever its own level. */
    if (oa_out_of_range(w, base))
        return fault_at(w, ARCH_FAULT_ADDRESS_SIZE, 0);
    return ask(w, base, g.start_level,
               ipa.v >> arch_level_shift(cfg->vtcr.tg, g.start_level));
}

enum walk_next walk_s2_begin(struct walk_s2 *w, const struct walk_s2_cfg *cfg,
                             struct arch_ipa ipa, enum arch_access access)
{
    return walk_s2_begin_el(w, cfg, ipa, access, 1);
}

static enum walk_next feed_table(struct walk_s2 *w, uint64_t desc)
{
    const struct arch_vtcr *vtcr = &w->cfg->vtcr;
    const uint64_t table = implemented_oa(
        w->cfg, arch_desc_table_pa(desc, vtcr->tg, arch_vtcr_lpa2(vtcr)));
    const int next = w->level + 1;

    if (oa_out_of_range(w, table))
        return fault_at(w, ARCH_FAULT_ADDRESS_SIZE, w->level);
    return ask(w, table, next,
               low_bits(w->ipa.v >> arch_level_shift(vtcr->tg, next),
                        arch_stride_bits(vtcr->tg)));
}

/* ArmARM: AArch64.BlocknTFaults. */
static bool nt_faults(const struct walk_s2_cfg *cfg)
{
    return (cfg->bbm_level == 1 || cfg->bbm_level == 2) &&
           cfg->nt_response == WALK_NT_FAULT;
}

/* ArmARM: AArch64.S2CheckPermissions. With HA and HD, DBM makes the leaf writable
 * (AArch64.S2ApplyOutputPerms). */
static bool allowed(const struct walk_s2 *w, uint64_t desc)
{
    const struct arch_vtcr *vtcr = &w->cfg->vtcr;

    if (vtcr->ha && vtcr->hd && (desc & ARCH_DESC_DBM))
        desc |= ARCH_DESC_S2AP_W;
    return w->cfg->xnx ? arch_desc_s2_allows_xnx(desc, w->access, w->el)
                       : arch_desc_s2_allows(desc, w->access);
}

static enum walk_next feed_leaf(struct walk_s2 *w, uint64_t desc)
{
    const struct arch_vtcr *vtcr = &w->cfg->vtcr;
    const unsigned shift = arch_level_shift(vtcr->tg, w->level);
    const uint64_t leaf = implemented_oa(
        w->cfg, arch_desc_leaf_pa(desc, w->level, vtcr->tg, arch_vtcr_lpa2(vtcr)));
    const uint64_t oa = leaf | low_bits(w->ipa.v, shift);
    const bool nt = w->level < 3 && (desc & ARCH_DESC_NT);

    if (nt && nt_faults(w->cfg)) {
        fault_at(w, ARCH_FAULT_TRANSLATION, w->level);
        w->fault.nt = true;
        return WALK_FAULT;
    }
    if (oa_out_of_range(w, oa))
        return fault_at(w, ARCH_FAULT_ADDRESS_SIZE, w->level);
    if (!(desc & ARCH_DESC_AF) && !vtcr->ha)
        return fault_at(w, ARCH_FAULT_ACCESS_FLAG, w->level);
    if (!allowed(w, desc))
        return fault_at(w, ARCH_FAULT_PERMISSION, w->level);

    w->oa = arch_pa(oa);
    w->leaf_shift = (uint8_t)shift;
    w->nt = nt;
    return WALK_DONE;
}

enum walk_next walk_s2_feed(struct walk_s2 *w, uint64_t desc)
{
    const struct arch_vtcr *vtcr = &w->cfg->vtcr;

    w->desc = desc;
    switch (arch_desc_kind(desc, w->level, vtcr->tg, arch_vtcr_lpa2(vtcr),
                           w->cfg->pa_bits)) {
    case ARCH_DESC_KIND_TABLE:
        return feed_table(w, desc);
    case ARCH_DESC_KIND_LEAF:
        return feed_leaf(w, desc);
    case ARCH_DESC_KIND_INVALID:
        break;
    }
    return fault_at(w, ARCH_FAULT_TRANSLATION, w->level);
}
