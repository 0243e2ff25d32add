/* SPDX-License-Identifier: Apache-2.0 */
/* model/guest/zipf.h - ranks with probability proportional to 1 / rank^exponent.
 *
 * Rejection-inversion (Hoermann, Derflinger: Rejection-inversion to generate variates
 * from monotone discrete distributions, ACM TOMACS 6(3), 1996): constant memory, and
 * hardly ever a second try (the area under the hat is at most 1.02 times the sum of the
 * weights). */
#ifndef MODEL_GUEST_ZIPF_H
#define MODEL_GUEST_ZIPF_H

#include <stdint.h>

struct guest_zipf {
    uint64_t n;
    double exponent;
    double from, to; /* of the area under the hat, at rank 1 and at rank n + 1/2 */
    double sure;     /* a rank at most so far above x needs no look at its area */
};

/* Ranks 1 .. n; exponent at least 0: 0 is uniform. */
void guest_zipf_init(struct guest_zipf *z, uint64_t n, double exponent);

/* Value number index of a random stream as a rank. */
uint64_t guest_zipf_rank(const struct guest_zipf *z, uint64_t stream, uint64_t index);

#endif
