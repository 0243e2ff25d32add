/* SPDX-License-Identifier: Apache-2.0 */
/* model/guest/stream.h - the closed-loop accesses of one vCPU by address pattern.
 *
 * A slot is one multiple of stride_bytes in the region. Access i depends on the seed,
 * the vCPU and i alone, and no pattern keeps a table. */
#ifndef MODEL_GUEST_STREAM_H
#define MODEL_GUEST_STREAM_H

#include "model/guest/access.h"
#include "model/guest/cfg.h"
#include "model/guest/permutation.h"
#include "model/guest/zipf.h"
#include "walker/arch/status.h"

#include <stdbool.h>
#include <stdint.h>

struct guest_stream_state {
    const struct guest_stream *cfg;
    bool dependent;   /* an address is the data of the access before: GUEST_CHASE */
    uint64_t slots_n; /* of the region */
    uint64_t done_n;  /* accesses handed out so far */
    uint64_t places, kinds; /* random streams */
    struct guest_kinds by_kind;
    struct guest_zipf zipf;
    struct guest_permutation cycle; /* GUEST_CHASE: access i goes to where i mod
                                     * slots_n goes, so every round visits each slot
                                     * exactly once, in the same order */
};

/**
 * guest_stream_init() - the accesses of one vCPU.
 * @cfg: must outlive s; region_bytes is a multiple of stride_bytes, at least one.
 *
 * GUEST_SEQUENTIAL starts at the first slot. The k-th slot of GUEST_ZIPF has
 * probability ~ 1/k^zipf: the popular ones lie at the start of the region.
 */
void guest_stream_init(struct guest_stream_state *s, const struct guest_stream *cfg,
                       uint64_t seed, uint32_t vcpu);

/* Access number i, from 0; the patterns go on behind accesses_n. */
struct guest_access guest_stream_at(const struct guest_stream_state *s, uint64_t i);

/* The next access; false after accesses_n of them. */
ARCH_MUST_USE bool guest_stream_next(struct guest_stream_state *s,
                                     struct guest_access *out);

#endif
