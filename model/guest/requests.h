/* SPDX-License-Identifier: Apache-2.0 */
/* model/guest/requests.h - the open-loop request stream of one vCPU. */
#ifndef MODEL_GUEST_REQUESTS_H
#define MODEL_GUEST_REQUESTS_H

#include "model/guest/access.h"
#include "model/guest/cfg.h"
#include "walker/arch/status.h"

#include <stdbool.h>
#include <stdint.h>

struct guest_arrivals {
    const struct guest_requests *cfg;
    uint64_t interval_ps, end_ps;
    uint64_t times, places;    /* random streams */
    uint64_t requests_n;       /* handed out so far */
    uint64_t last_ps;          /* arrival of the last one */
    uint64_t hot_last;         /* places of random values up to it are hot */
    uint64_t hot_words, words; /* of 8 bytes, to choose from */
    struct guest_kinds kinds;
};

/**
 * guest_arrivals_init() - the stream of one vCPU.
 * @interval_ps: mean time between arrivals; at least 1.
 * @end_ps:      requests arrive during [0, end).
 *
 * GUEST_ARRIVAL_FIXED: every interval, from a random phase. GUEST_ARRIVAL_POISSON:
 * exponential gaps.
 */
void guest_arrivals_init(struct guest_arrivals *a, const struct guest_requests *cfg,
                         uint64_t interval_ps, uint64_t end_ps, uint64_t seed,
                         uint32_t vcpu);

/* The intended arrival of the next request; false when the stream has ended. */
ARCH_MUST_USE bool guest_arrivals_next(struct guest_arrivals *a, uint64_t *arrival_ps);

/* n accesses of the request handed out last, from number first on (0..accesses_n - 1);
 * those behind its last one are of the next request. Addresses are aligned to 8 bytes.
 */
void guest_request_accesses(const struct guest_arrivals *a, uint32_t first, uint32_t n,
                            struct guest_access out[]);

#endif
