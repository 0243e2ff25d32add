/* SPDX-License-Identifier: Apache-2.0 */
/* walker/perms.c - permissions of leaves, by stage and combined. */
#include "walker/perms.h"

#include "walker/arch/desc.h"

static uint8_t mask(bool r, bool w, bool x)
{
    return (uint8_t)((r ? WALK_PERM_R : 0) | (w ? WALK_PERM_W : 0) |
                     (x ? WALK_PERM_X : 0));
}

static bool s1_writable(uint64_t leaf, const struct walk_s1_perms_in *in)
{
    const bool read_only =
        (leaf & ARCH_DESC_S1_AP_2) && !(in->dirty_managed && (leaf & ARCH_DESC_DBM));

    return !read_only && !(in->tables & ARCH_DESC_AP_TABLE_2);
}

/* ArmARM: AArch64.S1ComputePermissions: WXN takes X from what may be written. */
static uint8_t without_wxn(uint8_t perms, bool wxn)
{
    return wxn && (perms & WALK_PERM_W) ? perms & (uint8_t)~WALK_PERM_X : perms;
}

static struct walk_perms s1_perms_el2(uint64_t leaf, const struct walk_s1_perms_in *in)
{
    const bool xn = (leaf & ARCH_DESC_S1_UXN) || (in->tables & ARCH_DESC_UXN_TABLE);

    return (struct walk_perms){
        .priv = without_wxn(mask(true, s1_writable(leaf, in), !xn), in->wxn)};
}

struct walk_perms walk_s1_perms(uint64_t leaf, const struct walk_s1_perms_in *in)
{
    if (!in->has_el0)
        return s1_perms_el2(leaf, in);

    const bool w = s1_writable(leaf, in);
    const bool ur = (leaf & ARCH_DESC_S1_AP_1) && !(in->tables & ARCH_DESC_AP_TABLE_1);
    const bool uw = ur && w;
    const bool ux = !(leaf & ARCH_DESC_S1_UXN) && !(in->tables & ARCH_DESC_UXN_TABLE);
    /* What EL0 can write is never executed at EL1 or EL2. */
    const bool px =
        !(leaf & ARCH_DESC_S1_PXN) && !(in->tables & ARCH_DESC_PXN_TABLE) && !uw;

    return (struct walk_perms){
        .el0 = without_wxn(mask(ur, uw, ux), in->wxn),
        .priv = without_wxn(mask(true, w, px), in->wxn),
        .pan_denies = ur || (in->epan && ux),
    };
}

struct walk_perms walk_s2_perms(uint64_t leaf, unsigned flags)
{
    const bool r = leaf & ARCH_DESC_S2AP_R;
    const bool w = (leaf & ARCH_DESC_S2AP_W) ||
                   ((flags & WALK_S2_DIRTY_MANAGED) && (leaf & ARCH_DESC_DBM));
    const bool xnx = flags & WALK_S2_XNX;

    return (struct walk_perms){
        .el0 = mask(r, w, arch_desc_s2_executable(leaf, xnx, 0)),
        .priv = mask(r, w, arch_desc_s2_executable(leaf, xnx, 1)),
    };
}

bool walk_perms_allow(struct walk_perms perms, enum arch_access access, unsigned el,
                      bool pan)
{
    static const uint8_t needed[] = {[ARCH_READ] = WALK_PERM_R,
                                     [ARCH_WRITE] = WALK_PERM_W,
                                     [ARCH_EXECUTE] = WALK_PERM_X};

    if (el == 0)
        return perms.el0 & needed[access];
    if (access != ARCH_EXECUTE && pan && perms.pan_denies)
        return false;
    return perms.priv & needed[access];
}

struct walk_perms walk_perms_both(struct walk_perms s1, struct walk_perms s2)
{
    return (struct walk_perms){
        .el0 = s1.el0 & s2.el0,
        .priv = s1.priv & s2.priv,
        .pan_denies = s1.pan_denies || s2.pan_denies,
    };
}
