/* SPDX-License-Identifier: Apache-2.0 */
/* model/guest/access.h - one memory access of a vCPU. */
#ifndef MODEL_GUEST_ACCESS_H
#define MODEL_GUEST_ACCESS_H

#include "walker/arch/addr.h"
#include "walker/arch/fault.h"

struct guest_access {
    struct arch_ipa ipa;
    enum arch_access access;
};

/* A write for the first writes values of random, a fetch for the next fetches. The kind
 * cannot be foretold: no branches. */
static inline enum arch_access guest_kind_of(uint64_t random, uint32_t writes,
                                             uint32_t fetches)
{
    const unsigned writes_it = random < writes;
    const unsigned fetches_it = random < (uint64_t)writes + fetches;

    return (enum arch_access)(fetches_it * ARCH_EXECUTE -
                              writes_it * (ARCH_EXECUTE - ARCH_WRITE));
}

#endif
