/* SPDX-License-Identifier: Apache-2.0 */
/* model/guest/random.h - seeded random numbers, one independent stream per purpose.
 *
 * A value depends on its stream and index alone, so that every variant of a scenario
 * sees the same arrivals and addresses whatever the timing. */
#ifndef MODEL_GUEST_RANDOM_H
#define MODEL_GUEST_RANDOM_H

#include <stdint.h>

/* Finalizer of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
 * generators, OOPSLA 2014). */
static inline uint64_t guest_mix64(uint64_t x)
{
    x ^= x >> 30;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    x ^= x >> 27;
    x *= UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* The stream of a seed, a vCPU and a purpose. */
static inline uint64_t guest_stream(uint64_t seed, uint32_t vcpu, uint32_t purpose)
{
    return guest_mix64(guest_mix64(seed + UINT64_C(0x9e3779b97f4a7c15)) ^
                       ((uint64_t)vcpu << 32 | purpose));
}

/* Value number index of a stream: uniform over 64 bits. */
static inline uint64_t guest_random(uint64_t stream, uint64_t index)
{
    return guest_mix64(stream + (index + 1) * UINT64_C(0x9e3779b97f4a7c15));
}

/* A random 64-bit value scaled to [0, n). */
static inline uint64_t guest_below(uint64_t random, uint64_t n)
{
    return (uint64_t)(((unsigned __int128)random * n) >> 64);
}

/* The last random value whose guest_below(random, n) is below k, which is 1 .. n. */
static inline uint64_t guest_last_below(uint64_t k, uint64_t n)
{
    return (uint64_t)((((unsigned __int128)k << 64) - 1) / n);
}

#endif
