/* SPDX-License-Identifier: Apache-2.0 */
/* walker/arch/addr.h - one type per address space: none can be taken for another. */
#ifndef WALKER_ARCH_ADDR_H
#define WALKER_ARCH_ADDR_H

#include <stdint.h>

struct arch_va {
    uint64_t v;
};
struct arch_ipa {
    uint64_t v;
};
struct arch_pa {
    uint64_t v;
};

#ifndef __cplusplus /* where arch_pa{v} does it */
static inline struct arch_va arch_va(uint64_t v)
{
    return (struct arch_va){v};
}
static inline struct arch_ipa arch_ipa(uint64_t v)
{
    return (struct arch_ipa){v};
}
static inline struct arch_pa arch_pa(uint64_t v)
{
    return (struct arch_pa){v};
}
#endif

#endif
