/* SPDX-License-Identifier: Apache-2.0 */
/* model/guest/working_set.h - requests of one vCPU beside a closed-loop replay: when
 * they arrive, and the random numbers that choose their pages.
 *
 * Both depend on the seed alone, so all variants see the same ones. */
#ifndef MODEL_GUEST_WORKING_SET_H
#define MODEL_GUEST_WORKING_SET_H

#include "model/guest/requests.h"

struct guest_use {
    struct guest_requests requests;
    struct guest_arrivals arrivals; /* points into requests */
    uint64_t arrival_ps;            /* of the next request */
    uint64_t picks, picks_n;        /* random stream, numbers taken */
};

/* Overwrites @u, which must not move afterwards. */
void guest_use_init(struct guest_use *u, const struct guest_working_set *cfg,
                    uint64_t seed, uint32_t vcpu);

/* arrival_ps becomes that of the request behind. */
void guest_use_next(struct guest_use *u);

/* 64 random bits. */
uint64_t guest_use_random(struct guest_use *u);

#endif
