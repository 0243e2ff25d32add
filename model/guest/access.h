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

/* The kinds of accesses, by a random value each: the first ones up to a last value, the
 * second up to another, the others read. */
struct guest_kinds {
    uint64_t first_last, second_last;
    enum arch_access first, second;
};

/* Writes and fetches have these shares in a million. */
struct guest_kinds guest_kinds_of(uint32_t write_ppm, uint32_t fetch_ppm);

/* It cannot be foretold: no branches. */
static inline enum arch_access guest_kind_of(const struct guest_kinds *k,
                                             uint64_t random)
{
    const unsigned not_first = random > k->first_last, reads = random > k->second_last;
    const unsigned behind_first = k->second - k->first;

    return (enum arch_access)(k->first + (-not_first & behind_first) -
                              (-reads & (unsigned)k->second));
}

#endif
