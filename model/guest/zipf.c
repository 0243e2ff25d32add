/* SPDX-License-Identifier: Apache-2.0 */
#include "model/guest/zipf.h"

#include "model/guest/random.h"

#include <assert.h>
#include <math.h>

/* The integral of x^-exponent from 1 to x. expm1 keeps its digits where the exponent is
 * close to 1. */
static double area(const struct guest_zipf *z, double x)
{
    double slope = 1 - z->exponent;

    return slope == 0 ? log(x) : expm1(slope * log(x)) / slope;
}

/* Above exponent 1 the area up to infinity is finite: at its end, log1p(-1) gives
 * infinity. slope * y is no less, since x * (1 / x) never rounds up. */
static double area_inverse(const struct guest_zipf *z, double y)
{
    double slope = 1 - z->exponent;

    return slope == 0 ? exp(y) : exp(log1p(slope * y) / slope);
}

static double weight(const struct guest_zipf *z, double rank)
{
    return pow(rank, -z->exponent);
}

void guest_zipf_init(struct guest_zipf *z, uint64_t n, double exponent)
{
    assert(n >= 1 && exponent >= 0);
    *z = (struct guest_zipf){.n = n, .exponent = exponent};
    z->from = area(z, 1.5) - 1; /* rank 1 gets exactly its weight of 1 */
    z->to = area(z, (double)n + 0.5);
    z->sure = 2 - area_inverse(z, area(z, 2.5) - weight(z, 2));
}

static uint64_t nearest_rank(const struct guest_zipf *z, double x)
{
    if (x < 1.5)
        return 1;
    if (x >= (double)z->n)
        return z->n;
    return (uint64_t)(x + 0.5);
}

/* The area between rank - 1/2 and rank + 1/2 is at least the weight (the hat is
 * convex); only its upper end, as wide as the weight, is accepted. */
uint64_t guest_zipf_rank(const struct guest_zipf *z, uint64_t stream, uint64_t index)
{
    const uint64_t tries = guest_random(stream, index);

    for (uint64_t i = 0;; i++) {
        double u = (double)(guest_random(tries, i) >> 11) * 0x1p-53;
        double y = z->to + u * (z->from - z->to);
        double x = area_inverse(z, y);
        uint64_t rank = nearest_rank(z, x);
        double k = (double)rank;

        if (k - x <= z->sure || y >= area(z, k + 0.5) - weight(z, k))
            return rank;
    }
}
