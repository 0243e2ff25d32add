/* SPDX-License-Identifier: Apache-2.0 */
/* walker/arch/ttbr.h - TTBR0_ELx, TTBR1_ELx and VTTBR_EL2: base address and identity.
 */
#ifndef WALKER_ARCH_TTBR_H
#define WALKER_ARCH_TTBR_H

#include "walker/arch/bits.h"

/* The base as an address, not yet aligned to the start table; CnP and ASID or VMID are
 * left out. above_48: bits [5:2] are OA[51:48].
 * ArmARM: AArch64.S1TTBaseAddress, AArch64.S2TTBaseAddress. */
static inline uint64_t arch_ttbr_base(uint64_t ttbr, bool above_48)
{
    if (above_48)
        return arch_bits(ttbr, 5, 2) << 48 | arch_bits(ttbr, 47, 6) << 6;
    return arch_bits(ttbr, 47, 1) << 1;
}

/* ASID or VMID, bits [63:48]. */
static inline uint16_t arch_ttbr_id(uint64_t ttbr)
{
    return (uint16_t)arch_bits(ttbr, 63, 48);
}

#endif
