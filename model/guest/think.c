/* SPDX-License-Identifier: Apache-2.0 */
#include "model/guest/think.h"

#include "model/guest/random.h"

#include <math.h>

/* Behind those of a request stream (requests.c). */
enum { STREAM_TIMES = 8, STREAM_PHASES };

#define PPM UINT64_C(1000000)

void guest_think_init(struct guest_think_times *t, const struct guest_think *cfg,
                      uint64_t seed, uint32_t vcpu)
{
    *t = (struct guest_think_times){
        .cfg = cfg,
        .times = guest_stream(seed, vcpu, STREAM_TIMES),
        .phases = guest_stream(seed, vcpu, STREAM_PHASES),
    };
}

static uint64_t exponential_ps(uint64_t random, uint64_t mean_ps)
{
    const double u = ((double)(random >> 11) + 0.5) * 0x1p-53; /* inside (0, 1) */

    return (uint64_t)(-log(u) * (double)mean_ps);
}

uint64_t guest_think_ps(const struct guest_think_times *t, uint64_t index)
{
    const uint64_t random = guest_random(t->times, index);
    const uint64_t half_ps = t->cfg->time_ps / PPM * t->cfg->spread_ppm +
                             t->cfg->time_ps % PPM * t->cfg->spread_ppm / PPM;

    switch (t->cfg->model) {
    case GUEST_THINK_UNIFORM:
        return t->cfg->time_ps - half_ps + guest_below(random, 2 * half_ps + 1);
    case GUEST_THINK_EXPONENTIAL:
        return exponential_ps(random, t->cfg->time_ps);
    default:
        return t->cfg->time_ps;
    }
}

uint64_t guest_think_phase_ps(const struct guest_think_times *t, uint64_t segment)
{
    return guest_below(guest_random(t->phases, segment), t->cfg->phase_ps);
}
