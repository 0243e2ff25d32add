/* SPDX-License-Identifier: Apache-2.0 */
/* walker/arch/desc.h - VMSAv8-64 stage 2 descriptors, bit by bit.
 *
 * ArmARM: D8.3 Translation table descriptor formats. */
#ifndef WALKER_ARCH_DESC_H
#define WALKER_ARCH_DESC_H

#include "walker/arch/addr.h"
#include "walker/arch/fault.h"
#include "walker/arch/granule.h"

#include <stdbool.h>
#include <stdint.h>

#define ARCH_DESC_VALID (UINT64_C(1) << 0)
#define ARCH_DESC_TABLE (UINT64_C(1) << 1) /* table below level 3, page at level 3 */
#define ARCH_DESC_S2AP_R (UINT64_C(1) << 6)
#define ARCH_DESC_S2AP_W (UINT64_C(1) << 7)
#define ARCH_DESC_SH_INNER (UINT64_C(3) << 8)
#define ARCH_DESC_AF (UINT64_C(1) << 10)
#define ARCH_DESC_NT (UINT64_C(1) << 16) /* block descriptors only, FEAT_BBM */
#define ARCH_DESC_DBM (UINT64_C(1) << 51)
#define ARCH_DESC_CONTIGUOUS (UINT64_C(1) << 52)
#define ARCH_DESC_S2_XN (UINT64_C(3) << 53)
#define ARCH_DESC_S2_MEMATTR_WB (UINT64_C(0xf) << 2) /* Normal Write-Back, FWB = 0 */

enum arch_desc_kind {
    ARCH_DESC_KIND_INVALID, /* also a reserved encoding at level 3 */
    ARCH_DESC_KIND_TABLE,
    ARCH_DESC_KIND_LEAF, /* block or page */
};

/* What desc is at level. A block at a level that has no blocks for tg (and ds, i.e.
 * FEAT_LPA2 in use) is ARCH_DESC_KIND_INVALID, as is one for a PA size below 52 bits
 * where the level needs 52 (64K level 1). pa_bits: implemented PA size. */
enum arch_desc_kind arch_desc_kind(uint64_t desc, int level, enum arch_tg tg, bool ds,
                                   unsigned pa_bits);

/* The next table's address of a table descriptor. 48-bit format; with tg 64K bits
 * [15:12] are OA[51:48]; with ds bits [9:8] are OA[51:50] and [49:48] are in place. */
struct arch_pa arch_desc_table_pa(uint64_t desc, enum arch_tg tg, bool ds);

/* The output address of a leaf at level, low bits zero. */
struct arch_pa arch_desc_leaf_pa(uint64_t desc, int level, enum arch_tg tg, bool ds);

/* True if S2AP and XN allow access (EL0 and EL1 alike; XN[1:0] without FEAT_XNX has
 * only bit 1). */
bool arch_desc_s2_allows(uint64_t desc, enum arch_access access);

/* The same with FEAT_XNX: XN[1:0] tells EL0 (el 0) from EL1 (el 1). */
bool arch_desc_s2_allows_xnx(uint64_t desc, enum arch_access access, unsigned el);

/* Builders, for software that writes tables; addresses below 2^48, aligned to what they
 * stand for. Attributes: attrs may hold any of the bits above except VALID and TABLE.
 */
uint64_t arch_desc_make_table(struct arch_pa table);
uint64_t arch_desc_make_leaf(struct arch_pa oa, int level, uint64_t attrs);

#endif
