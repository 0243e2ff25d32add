/* SPDX-License-Identifier: Apache-2.0 */
#include "model/guest/requests.h"

#include "model/guest/random.h"

#include <assert.h>
#include <math.h>

enum { STREAM_TIMES, STREAM_PLACES };

#define PPM UINT64_C(1000000)

void guest_arrivals_init(struct guest_arrivals *a, const struct guest_requests *cfg,
                         uint64_t interval_ps, uint64_t end_ps, uint64_t seed,
                         uint32_t vcpu)
{
    assert(interval_ps > 0);
    *a = (struct guest_arrivals){
        .cfg = cfg,
        .interval_ps = interval_ps,
        .end_ps = end_ps,
        .times = guest_stream(seed, vcpu, STREAM_TIMES),
        .places = guest_stream(seed, vcpu, STREAM_PLACES),
        .words = cfg->region_bytes / 8,
        .kinds = guest_kinds_of(cfg->write_ppm, cfg->fetch_ppm),
    };
    /* None is hot: those of the first value are then no other ones. */
    a->hot_words = (cfg->hot_ppm ? cfg->hot_bytes : cfg->region_bytes) / 8;
    a->hot_last = cfg->hot_ppm ? guest_last_below(cfg->hot_ppm, PPM) : 0;
}

/* Exponentially distributed with the given mean, at least 1 ps. */
static uint64_t exponential_ps(uint64_t random, uint64_t mean_ps)
{
    double u = ((double)(random >> 11) + 0.5) * 0x1p-53; /* inside (0, 1) */
    double gap = -log(u) * (double)mean_ps;

    return gap < 1 ? 1 : (uint64_t)gap;
}

static uint64_t gap_ps(const struct guest_arrivals *a)
{
    uint64_t random = guest_random(a->times, a->requests_n);

    if (a->cfg->arrival == GUEST_ARRIVAL_POISSON)
        return exponential_ps(random, a->interval_ps);
    return a->requests_n ? a->interval_ps : guest_below(random, a->interval_ps);
}

bool guest_arrivals_next(struct guest_arrivals *a, uint64_t *arrival_ps)
{
    uint64_t next = a->last_ps + gap_ps(a);

    if (next >= a->end_ps)
        return false;
    a->last_ps = next;
    a->requests_n++;
    *arrival_ps = next;
    return true;
}

void guest_request_accesses(const struct guest_arrivals *a, uint32_t first, uint32_t n,
                            struct guest_access out[])
{
    const uint64_t base = a->cfg->region_ipa.v, hot_last = a->hot_last;
    const uint64_t hot_words = a->hot_words, words = a->words;
    const struct guest_kinds kinds = a->kinds;
    const struct guest_access *const end = out + n;
    uint64_t index = (a->requests_n * a->cfg->accesses_n + first) * 3;

    for (; out != end; out++, index += 3) {
        const bool hot = guest_random(a->places, index) <= hot_last;
        const uint64_t kind = guest_random(a->places, index + 1);
        const uint64_t place = guest_random(a->places, index + 2);

        out->ipa.v = base + guest_below(place, hot ? hot_words : words) * 8;
        out->access = guest_kind_of(&kinds, kind);
    }
}
