/* SPDX-License-Identifier: Apache-2.0 */
/* model/hyp/bbm_rule.h - which store to a live stage 2 entry needs break-before-make.
 */
#ifndef MODEL_HYP_BBM_RULE_H
#define MODEL_HYP_BBM_RULE_H

#include <stdbool.h>
#include <stdint.h>

/* True if an implementation of FEAT_BBM level bbm_level (0..2) allows the entry of
 * level (-1..3) to change from old to desc without a break in between.
 * ArmARM: R_WHZWS, R_KFLJB, R_PVTFW, R_KHRBC. Which attributes may differ: only
 * permissions and software bits, and at level 2 the Contiguous bit; an output address
 * may not. */
bool hyp_store_is_legal(uint64_t old, uint64_t desc, int level, unsigned bbm_level);

#endif
