/* SPDX-License-Identifier: Apache-2.0 */
/* walker/arch/hcr.c - fields of HCR_EL2 and the regime they choose. */
#include "walker/arch/hcr.h"

#include "walker/arch/bits.h"

#include <assert.h>

struct arch_hcr arch_hcr_decode(uint64_t hcr_el2)
{
    const bool tge = arch_bit(hcr_el2, 27);
    const bool e2h = arch_bit(hcr_el2, 34);
    const bool in_host = e2h && tge;

    return (struct arch_hcr){
        .vm = arch_bit(hcr_el2, 0) && !in_host,
        .ptw = arch_bit(hcr_el2, 2) && !tge,
        .dc = arch_bit(hcr_el2, 12) && !in_host,
        .tge = tge,
        .e2h = e2h,
        .fwb = arch_bit(hcr_el2, 46),
    };
}

enum arch_regime arch_hcr_regime(const struct arch_hcr *hcr, unsigned el)
{
    assert(el <= 2);
    if (el == 2)
        return hcr->e2h ? ARCH_REGIME_EL20 : ARCH_REGIME_EL2;
    return el == 0 && hcr->e2h && hcr->tge ? ARCH_REGIME_EL20 : ARCH_REGIME_EL10;
}
