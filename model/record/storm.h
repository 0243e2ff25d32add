/* SPDX-License-Identifier: Apache-2.0 */
/* model/record/storm.h - the time that vCPUs spend in faults while blocks are made,
 * summed up as the run goes on. */
#ifndef MODEL_RECORD_STORM_H
#define MODEL_RECORD_STORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From trap to re-entry of a fault. */
struct rec_stall {
    uint64_t taken_ps, reentry_ps;
    bool storm; /* of an episode, or a retry of one */
};

/* Blocks are made from the first store of the first coalescing to the end of the last.
 * Which one is the last is not known before the run ends. */
struct rec_storm {
    size_t coalesces_n;
    size_t open_n;     /* of those: not done */
    uint64_t begin_ps; /* first store of the first, if there is one */
    uint64_t end_ps;   /* latest end of those that are done */
    struct {
        uint64_t storm_ps, all_ps;
    } inside,  /* of [begin_ps, end_ps), or since begin_ps while some are open */
        after; /* since end_ps: inside if another coalescing begins */
};

void rec_storm_begin(struct rec_storm *s, uint64_t first_store_ps);
void rec_storm_done(struct rec_storm *s, uint64_t now_ps);

/* Every coalescing that begins or is done by x->reentry_ps has been reported. */
void rec_storm_add(struct rec_storm *s, const struct rec_stall *x);

#endif
