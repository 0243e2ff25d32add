/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/sizes.c - the sizes that one entry of a VM's stage 2 tables, or one
 * contiguous group of them, can map. */
#include "model/scenario/scn_priv.h"
#include "walker/arch/desc.h"

#define FIRST_BLOCK_LEVEL 1
#define NO_DS false
#define PA_BITS 48u /* no 52-bit descriptors: see model/hyp/stage2_priv.h */

void scn_set_sizes(struct scn_vm *vm, int start_level)
{
    const enum arch_tg tg = vm->vtcr.tg;
    int level = start_level > FIRST_BLOCK_LEVEL ? start_level : FIRST_BLOCK_LEVEL;
    vm->leaf_sizes = UINT64_C(1) << tg;
    vm->group_sizes = UINT64_C(1) << (tg + arch_contiguous_shift(3, tg));
    for (; level < 3; level++) {
        const unsigned shift = arch_level_shift(tg, level);
        const unsigned group = arch_contiguous_shift(level, tg);
        if (arch_desc_kind(ARCH_DESC_VALID, level, tg, NO_DS, PA_BITS) !=
            ARCH_DESC_KIND_LEAF)
            continue;
        vm->leaf_sizes |= UINT64_C(1) << shift;
        if (group)
            vm->group_sizes |= UINT64_C(1) << (shift + group);
    }
}

bool scn_is_group(const struct scn_vm *vm, unsigned shift)
{
    return vm->group_sizes >> shift & 1;
}
