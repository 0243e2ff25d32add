/* SPDX-License-Identifier: Apache-2.0 */
/* model/monitor/change.h - which change of a live entry needs break-before-make.
 */
#ifndef MODEL_MONITOR_CHANGE_H
#define MODEL_MONITOR_CHANGE_H

#include "model/monitor/rule.h"

#include <stdbool.h>

/* The rule that forbids an entry of level (-1..3) to change from old to desc at once
 * with FEAT_BBM level bbm_level (0..3, 3 is FEAT_BBML3), or MON_RULE_NONE. Permissions,
 * Access flag, DBM and software bits are free; of a block also nT, which level 0 does
 * not have. What the leaves below a table map is not looked at.
 * ArmARM: R_WHZWS, R_KFLJB, R_PVTFW, R_KHRBC.
 * Approx: an output address may not differ, even if both leaves are read-only and the
 * memory contents are the same. */
enum mon_rule mon_change_rule(uint64_t old, uint64_t desc, int level,
                              unsigned bbm_level);

/* True if no more than permissions, DBM and software bits of a valid descriptor change,
 * or the Access flag is set: no TLB holds anything that must go first. */
bool mon_is_harmless(uint64_t old, uint64_t desc);

/* True if one is a table and the other a leaf. */
bool mon_is_resize(uint64_t old, uint64_t desc, int level);

/* True if desc is a valid block with nT = 1. */
bool mon_has_nt(uint64_t desc, int level);

/* True if leaf, whose first address lies offset behind that of block, maps the same
 * memory as the block does, with the same attributes but permissions. */
bool mon_leaf_agrees(uint64_t leaf, int leaf_level, uint64_t block, uint64_t offset);

#endif
