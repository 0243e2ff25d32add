/* SPDX-License-Identifier: Apache-2.0 */
/* walker/arch/sctlr.c - fields of SCTLR_EL1 and SCTLR_EL2. */
#include "walker/arch/sctlr.h"

#include "walker/arch/bits.h"

struct arch_sctlr arch_sctlr_decode(uint64_t sctlr_elx)
{
    return (struct arch_sctlr){
        .m = arch_bit(sctlr_elx, 0),
        .wxn = arch_bit(sctlr_elx, 19),
        .epan = arch_bit(sctlr_elx, 57),
    };
}
