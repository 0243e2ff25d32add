/* SPDX-License-Identifier: Apache-2.0 */
/* walker/arch/bits.h - fields of a 64-bit word. */
#ifndef WALKER_ARCH_BITS_H
#define WALKER_ARCH_BITS_H

#include <stdbool.h>
#include <stdint.h>

/* value[msb:lsb]; 63 >= msb >= lsb. */
static inline uint64_t arch_bits(uint64_t value, unsigned msb, unsigned lsb)
{
    return (value >> lsb) & (UINT64_MAX >> (63u - (msb - lsb)));
}

static inline bool arch_bit(uint64_t value, unsigned n)
{
    return value >> n & 1;
}

/* value[n-1:0]; n is 0..63. */
static inline uint64_t arch_low_bits(uint64_t value, unsigned n)
{
    return value & ((UINT64_C(1) << n) - 1);
}

#endif
