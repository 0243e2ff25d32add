/* SPDX-License-Identifier: Apache-2.0 */
#include "model/record/histogram.h"

uint64_t rec_bucket_edge_ps(uint32_t i)
{
    uint32_t shift = i >> REC_SUB_BITS;

    if (shift <= 1)
        return i; /* buckets of one value: below 512 */
    shift--;
    return (((i - ((uint64_t)shift << REC_SUB_BITS)) + 1) << shift) - 1;
}

void rec_histogram_merge(struct rec_histogram *into, const struct rec_histogram *from)
{
    for (uint32_t i = 0; i < REC_BUCKETS_N; i++)
        into->counts[i] += from->counts[i];
    into->n += from->n;
    if (from->max_ps > into->max_ps)
        into->max_ps = from->max_ps;
}

uint64_t rec_histogram_quantile_ps(const struct rec_histogram *h, uint32_t per_myriad)
{
    uint64_t below = 0;
    uint64_t want = (h->n * per_myriad + 9999) / 10000;

    for (uint32_t i = 0; i < REC_BUCKETS_N && h->n; i++) {
        below += h->counts[i];
        if (below >= want && below) {
            uint64_t edge = rec_bucket_edge_ps(i);

            return edge < h->max_ps ? edge : h->max_ps;
        }
    }
    return 0;
}
