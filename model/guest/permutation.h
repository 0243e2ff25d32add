/* SPDX-License-Identifier: Apache-2.0 */
/* model/guest/permutation.h - a random permutation of 0 .. n - 1 without a table.
 *
 * A balanced Feistel network is a bijection of 0 .. 4^half_bits - 1 whatever its round
 * function. Applied again and again until the value is below n, it is one of 0 .. n - 1
 * (cycle walking: Black, Rogaway, Ciphers with arbitrary finite domains, CT-RSA 2002).
 * 4^half_bits is below 4 n, so this takes fewer than 4 applications on average. */
#ifndef MODEL_GUEST_PERMUTATION_H
#define MODEL_GUEST_PERMUTATION_H

#include <stdint.h>

struct guest_permutation {
    uint64_t n, key;
    unsigned half_bits;
};

/* n: 1 .. 2^62. key: a random stream. */
void guest_permutation_init(struct guest_permutation *p, uint64_t n, uint64_t key);

/* Where i (below n) goes. */
uint64_t guest_permute(const struct guest_permutation *p, uint64_t i);

#endif
