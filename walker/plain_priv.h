/* SPDX-License-Identifier: Apache-2.0 */
/* walker/plain_priv.h - plain descriptors (walker/plan.h), for the walks of one stage
 * and for translate.c, which walks through all layers at once where it can.
 *
 * Each function does what the general one would, or returns false and changes nothing.
 * A walk that waits for a compare-and-swap must not ask. */
#ifndef WALKER_PLAIN_PRIV_H
#define WALKER_PLAIN_PRIV_H

#include "walker/s1_walk.h"
#include "walker/s2_walk.h"

static inline unsigned walk_s2_perms_index(uint64_t leaf)
{
    return (unsigned)(leaf >> 6 & 3) | (unsigned)(leaf >> 53 & 3) << 2;
}

/* A walk of stage 2 before its start. ArmARM: AArch64.S2CheckPermissions. */
static inline void walk_s2_set_up(struct walk_s2 *w, const struct walk_s2_cfg *cfg,
                                  struct arch_ipa ipa, enum arch_access access,
                                  unsigned el, enum walk_s2_purpose purpose)
{
    static const uint8_t needed[] = {[ARCH_READ] = WALK_PERM_R,
                                     [ARCH_WRITE] = WALK_PERM_W,
                                     [ARCH_EXECUTE] = WALK_PERM_X};
    const bool for_s1 = purpose == WALK_S2_FETCH_DESC || purpose == WALK_S2_UPDATE_DESC;

    *w = (struct walk_s2){
        .cfg = cfg,
        .ipa = ipa,
        .access = access,
        .purpose = purpose,
        .el = (uint8_t)el,
        .needed = purpose == WALK_S2_UPDATE_DESC ? WALK_PERM_R | WALK_PERM_W
                  : for_s1                       ? WALK_PERM_R
                                                 : needed[access],
        .of_el0 = !for_s1 && el == 0,
    };
}

/* The first descriptor is asked for, of an IPA that is in range of a known plan. */
static inline void walk_s2_plain_start(struct walk_s2 *w)
{
    const struct walk_plan *p = &w->cfg->plan;

    w->swapping = false;
    w->fault = (struct arch_fault){.type = ARCH_FAULT_NONE};
    w->level = w->from_level = p->start_level;
    w->desc_pa = arch_pa(walk_plan_start(p, w->ipa.v));
    w->descs_n++;
}

/* The walk has ended, with success. */
static inline bool walk_s2_plain_leaf(struct walk_s2 *w, uint64_t desc)
{
    const struct walk_s2_cfg *cfg = w->cfg;
    const struct walk_perms perms = cfg->plain_perms[walk_s2_perms_index(desc)];
    const bool device = arch_desc_s2_is_device(desc, cfg->fwb);

    if (!walk_plan_is_leaf(&cfg->plan, desc, w->level) || (device && cfg->ptw) ||
        (w->needed & ~(w->of_el0 ? perms.el0 : perms.priv)) != 0)
        return false;
    w->desc = desc;
    w->oa = arch_pa(walk_plan_oa(&cfg->plan, desc, w->ipa.v, w->level));
    w->leaf_shift = w->group_shift = cfg->plan.shifts[w->level + 1];
    w->perms = perms;
    w->device = device;
    w->nt = w->contiguous = w->clean = false;
    return true;
}

/* The next one is asked for. */
static inline bool walk_s1_plain_table(struct walk_s1 *w, uint64_t desc)
{
    const struct walk_plan *p = &w->cfg->plan;

    if (!walk_plan_is_table(p, desc, w->level))
        return false;
    w->desc = desc;
    if (!w->cfg->tcr.hpd)
        w->tables |= desc;
    w->level++;
    w->desc_ipa =
        arch_ipa((desc & p->table_bits) + walk_plan_offset(p, w->query.va.v, w->level));
    return true;
}

#endif
