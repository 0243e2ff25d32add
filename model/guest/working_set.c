/* SPDX-License-Identifier: Apache-2.0 */
#include "model/guest/working_set.h"

#include "model/guest/random.h"

enum { STREAM_PICKS = 10 }; /* behind those of think.c */

void guest_use_init(struct guest_use *u, const struct guest_working_set *cfg,
                    uint64_t seed, uint32_t vcpu)
{
    *u = (struct guest_use){
        .requests = {.arrival = cfg->arrival, .accesses_n = cfg->accesses_n},
        .picks = guest_stream(seed, vcpu, STREAM_PICKS),
    };
    guest_arrivals_init(&u->arrivals, &u->requests, cfg->interval_ps, UINT64_MAX, seed,
                        vcpu);
    guest_use_next(u);
}

void guest_use_next(struct guest_use *u)
{
    if (!guest_arrivals_next(&u->arrivals, &u->arrival_ps))
        u->arrival_ps = UINT64_MAX;
}

uint64_t guest_use_random(struct guest_use *u)
{
    return guest_random(u->picks, u->picks_n++);
}
