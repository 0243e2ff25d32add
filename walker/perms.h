/* SPDX-License-Identifier: Apache-2.0 */
/* walker/perms.h - from descriptor bits to what each exception level may do. */
#ifndef WALKER_PERMS_H
#define WALKER_PERMS_H

#include "walker/arch/fault.h"

#include <stdbool.h>
#include <stdint.h>

enum walk_perm { WALK_PERM_R = 1, WALK_PERM_W = 2, WALK_PERM_X = 4 };

/* Masks of enum walk_perm. */
struct walk_perms {
    uint8_t el0;
    uint8_t priv;    /* EL1, or EL2 in its own regimes */
    bool pan_denies; /* with PSTATE.PAN = 1 privileged data accesses fault */
};

/* What a stage 1 leaf's permissions depend on besides its descriptor. */
struct walk_s1_perms_in {
    uint64_t tables; /* OR of the table descriptors above, 0 while HPD is set */
    bool has_el0;    /* EL1&0 and EL2&0 */
    bool wxn;
    bool epan;
    bool dirty_managed; /* HA and HD: a leaf with DBM is writable whatever AP[2] says */
};

/* ArmARM: AArch64.S1DirectBasePermissions, AArch64.S1ApplyOutputPerms,
 * AArch64.S1ApplyTablePerms, AArch64.S1ComputePermissions (WXN). */
struct walk_perms walk_s1_perms(uint64_t leaf, const struct walk_s1_perms_in *in);

/* dirty_managed: HA and HD of VTCR_EL2. xnx: FEAT_XNX.
 * ArmARM: AArch64.S2DirectBasePermissions, AArch64.S2ApplyOutputPerms. */
enum walk_s2_perms_flags { WALK_S2_DIRTY_MANAGED = 1, WALK_S2_XNX = 2 };
struct walk_perms walk_s2_perms(uint64_t leaf, unsigned flags);

/* True if code at el (0..2) may do access; pan: PSTATE.PAN is 1 and counts for this
 * access, as it does for loads, stores and AT S1E1RP and WP.
 * ArmARM: AArch64.S1CheckPermissions, AArch64.S2CheckPermissions. */
bool walk_perms_allow(struct walk_perms perms, enum arch_access access, unsigned el,
                      bool pan);

/* What both stages allow. */
struct walk_perms walk_perms_both(struct walk_perms s1, struct walk_perms s2);

#endif
