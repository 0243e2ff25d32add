/* SPDX-License-Identifier: Apache-2.0 */
/* model/record/histogram.h - log-linear histogram of picosecond values.
 *
 * 256 buckets per power of two: a bucket's upper edge is at most 0.4 % above any value
 * in it. Values below 512 ps are exact. */
#ifndef MODEL_RECORD_HISTOGRAM_H
#define MODEL_RECORD_HISTOGRAM_H

#include <stdint.h>

#define REC_SUB_BITS 8
#define REC_BUCKETS_N ((64 - REC_SUB_BITS + 1) << REC_SUB_BITS)

struct rec_histogram {
    uint64_t counts[REC_BUCKETS_N];
    uint64_t n, max_ps;
};

static inline uint32_t rec_bucket_of(uint64_t value_ps)
{
    if (value_ps >> REC_SUB_BITS == 0)
        return (uint32_t)value_ps;
    const uint32_t shift = 63u - (uint32_t)__builtin_clzll(value_ps) - REC_SUB_BITS;
    return (shift << REC_SUB_BITS) + (uint32_t)(value_ps >> shift);
}

/* The value n times, n >= 1. */
static inline void rec_histogram_add_n(struct rec_histogram *h, uint64_t value_ps,
                                       uint64_t n)
{
    h->counts[rec_bucket_of(value_ps)] += n;
    h->n += n;
    h->max_ps = value_ps > h->max_ps ? value_ps : h->max_ps;
}

static inline void rec_histogram_add(struct rec_histogram *h, uint64_t value_ps)
{
    rec_histogram_add_n(h, value_ps, 1);
}

void rec_histogram_merge(struct rec_histogram *into, const struct rec_histogram *from);

/* Largest value that falls into bucket i. */
uint64_t rec_bucket_edge_ps(uint32_t i);

/* The smallest bucket edge such that at least per_myriad / 10,000 of the values lie at
 * or below it; never above the maximum. 0 if the histogram is empty. */
uint64_t rec_histogram_quantile_ps(const struct rec_histogram *h, uint32_t per_myriad);

#endif
