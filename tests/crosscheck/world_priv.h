/* SPDX-License-Identifier: Apache-2.0 */
/* tests/crosscheck/world_priv.h - what the two files of a world share. */
#ifndef TESTS_CROSSCHECK_WORLD_PRIV_H
#define TESTS_CROSSCHECK_WORLD_PRIV_H

#include "tests/crosscheck/world.h"

/* The address of one of few tables. Those of stage 2 are where stage 2 maps nothing. */
static inline uint64_t world_table(uint64_t random, unsigned stage)
{
    return (random >> 8 & 15) << 20 | (stage == 2 ? UINT64_C(1) << 35 : 0);
}

#endif
