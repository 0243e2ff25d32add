/* SPDX-License-Identifier: Apache-2.0 */
#include "model/guest/permutation.h"

#include "model/guest/random.h"

#include <assert.h>

#define ROUNDS 4u

void guest_permutation_init(struct guest_permutation *p, uint64_t n, uint64_t key)
{
    assert(n >= 1 && n <= UINT64_C(1) << 62);
    *p = (struct guest_permutation){.n = n, .key = key};
    while (UINT64_C(1) << (2 * p->half_bits) < n)
        p->half_bits++;
}

static uint64_t apply(const struct guest_permutation *p, uint64_t value)
{
    const uint64_t mask = (UINT64_C(1) << p->half_bits) - 1;
    uint64_t left = value >> p->half_bits, right = value & mask;

    for (unsigned round = 0; round < ROUNDS; round++) {
        const uint64_t mixed = guest_random(p->key, right * ROUNDS + round);
        const uint64_t old_left = left;

        left = right;
        right = old_left ^ (mixed & mask);
    }
    return left << p->half_bits | right;
}

uint64_t guest_permute(const struct guest_permutation *p, uint64_t i)
{
    assert(i < p->n);
    do
        i = apply(p, i);
    while (i >= p->n);
    return i;
}
