/* SPDX-License-Identifier: Apache-2.0 */
/* walker/arch/desc.h - VMSAv8-64 descriptors of both stages, bit by bit.
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

/* Stage 1 alone. In a regime without EL0 AP[1] is RES1 and bit 54 is XN. */
#define ARCH_DESC_S1_AP_1 (UINT64_C(1) << 6) /* EL0 has access too */
#define ARCH_DESC_S1_AP_2 (UINT64_C(1) << 7) /* read-only */
#define ARCH_DESC_S1_NG (UINT64_C(1) << 11)
#define ARCH_DESC_S1_PXN (UINT64_C(1) << 53)
#define ARCH_DESC_S1_UXN (UINT64_C(1) << 54)

/* Hierarchical permissions in stage 1 table descriptors. */
#define ARCH_DESC_PXN_TABLE (UINT64_C(1) << 59)
#define ARCH_DESC_UXN_TABLE (UINT64_C(1) << 60)
#define ARCH_DESC_AP_TABLE_1 (UINT64_C(1) << 61) /* no EL0 access below */
#define ARCH_DESC_AP_TABLE_2 (UINT64_C(1) << 62) /* no writes below */

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

/* oa as an implementation of pa_bits decodes it: bits [15:12] of a 64K descriptor are
 * address bits with FEAT_LPA only, that is pa_bits 52. */
uint64_t arch_desc_implemented_oa(uint64_t oa, enum arch_tg tg, unsigned pa_bits);

/* log2 of the descriptors in a contiguous group of leaves at level; 0 where level has
 * no contiguous bit. ArmARM: ContiguousSize, AArch64.ContiguousBit. */
unsigned arch_contiguous_shift(int level, enum arch_tg tg);

/* True if a stage 2 leaf is Device memory. fwb: HCR_EL2.FWB changes the encoding.
 * ArmARM: S2DecodeMemAttrs, AArch64.S2ApplyFWBMemAttrs. */
static inline bool arch_desc_s2_is_device(uint64_t desc, bool fwb)
{
    return (desc >> 4 & (fwb ? 1 : 3)) == 0;
}

/* True if S2AP and XN allow access (EL0 and EL1 alike; XN[1:0] without FEAT_XNX has
 * only bit 1). */
bool arch_desc_s2_allows(uint64_t desc, enum arch_access access);

/* The same with FEAT_XNX: XN[1:0] tells EL0 (el 0) from EL1 (el 1). */
bool arch_desc_s2_allows_xnx(uint64_t desc, enum arch_access access, unsigned el);

/* True if the XN field lets el (0 or 1) execute. Without FEAT_XNX (xnx) XN[0] is RES0.
 * ArmARM: AArch64.S2DirectBasePermissions. */
bool arch_desc_s2_executable(uint64_t desc, bool xnx, unsigned el);

/* Builders, for software that writes tables; addresses below 2^48, aligned to what they
 * stand for. Attributes: attrs may hold any of the bits above except VALID and TABLE.
 */
uint64_t arch_desc_make_table(struct arch_pa table);
uint64_t arch_desc_make_leaf(struct arch_pa oa, int level, uint64_t attrs);

#endif
