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
    };
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
    const struct guest_requests *c = a->cfg;
    const uint64_t hot_words = c->hot_bytes / 8, words = c->region_bytes / 8;
    uint64_t index = (a->requests_n * c->accesses_n + first) * 3;

    for (uint32_t i = 0; i < n; i++, index += 3) {
        const bool hot = guest_below(guest_random(a->places, index), PPM) < c->hot_ppm;
        const uint64_t kind = guest_below(guest_random(a->places, index + 1), PPM);
        const uint64_t word =
            guest_below(guest_random(a->places, index + 2), hot ? hot_words : words);

        out[i].ipa.v = c->region_ipa.v + word * 8;
        out[i].access = guest_kind_of(kind, c->write_ppm, c->fetch_ppm);
    }
}
