/* SPDX-License-Identifier: Apache-2.0 */
/* tests/crosscheck/dice.h - the random numbers of one case. */
#ifndef TESTS_CROSSCHECK_DICE_H
#define TESTS_CROSSCHECK_DICE_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
    uint64_t state;
};

/* splitmix64 */
static inline uint64_t dice_next(struct dice *d)
{
    uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static inline unsigned dice_below(struct dice *d, unsigned n)
{
    return (unsigned)((dice_next(d) >> 32) * n >> 32);
}

/* True once in n times. */
static inline bool dice_one_in(struct dice *d, unsigned n)
{
    return dice_below(d, n) == 0;
}

#endif
