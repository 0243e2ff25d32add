/* SPDX-License-Identifier: Apache-2.0 */
/* model/record/replay_closed.h - what a closed-loop replay has done, beside what was
 * recorded. */
#ifndef MODEL_RECORD_REPLAY_CLOSED_H
#define MODEL_RECORD_REPLAY_CLOSED_H

#include "walker/arch/addr.h"
#include "walker/arch/fault.h"
#include "walker/arch/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Phases of the slot, each of which begins with a switch of dirty logging; later ones
 * are counted with the last. */
#define REC_CLOSED_PHASES 16
#define REC_CLOSED_TYPES (ARCH_FAULT_TLB_CONFLICT + 1)
#define REC_CLOSED_LEVELS 4

/* Attempts: faults of the recorded accesses, retries included. */
struct rec_closed_tally {
    uint64_t attempts, eagain;
    uint64_t by_fault[REC_CLOSED_TYPES][REC_CLOSED_LEVELS];
};

enum rec_closed_side { REC_RECORDED, REC_SIMULATED, REC_SIDES_N };

struct rec_closed_vcpu {
    uint64_t attempts[REC_SIDES_N][REC_CLOSED_PHASES];
};

/* What was done to the tables by the handlers of faults. */
struct rec_closed_deeds {
    uint32_t breaks, makes, frees, relaxations;
};

struct rec_closed_block {
    struct rec_closed_deeds side[REC_SIDES_N];
};

struct rec_closed {
    bool working_set;
    uint32_t vcpus_n, phases_n;
    uint64_t accesses;          /* recorded, each with its retries as one */
    uint64_t accesses_that_hit; /* in the model, at the first try */
    struct arch_ipa ipa;        /* of the first block */
    uint64_t block_bytes;
    uint64_t makes_above[REC_SIDES_N]; /* of entries above the blocks */
    struct rec_closed_tally working_set_faults;
    struct rec_closed_tally phases[REC_SIDES_N][REC_CLOSED_PHASES];
    struct rec_closed_vcpu *vcpus;   /* [vcpus_n] */
    struct rec_closed_block *blocks; /* [blocks_n] */
    size_t blocks_n;
};

/* All counts 0. Aborts if the host has no memory. */
struct rec_closed *rec_closed_new(uint32_t vcpus_n, size_t blocks_n);
void rec_closed_free(struct rec_closed *c); /* or NULL */

/* One attempt, in any phase. */
void rec_closed_attempt(struct rec_closed *c, enum rec_closed_side side, uint32_t phase,
                        uint32_t vcpu, const struct arch_fault *fault, bool eagain);
void rec_closed_working_set(struct rec_closed *c, bool eagain);

/* Through a pipe; NULL is a value. rec_closed_load gives false if the stream ends
 * early. */
void rec_closed_save(const struct rec_closed *c, FILE *f);
ARCH_MUST_USE bool rec_closed_load(struct rec_closed **c, FILE *f);

#endif
