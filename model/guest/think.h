/* SPDX-License-Identifier: Apache-2.0 */
/* model/guest/think.h - what a vCPU of a closed-loop replay computes between accesses.
 *
 * Recorded gaps contain the cost of recording, and perhaps an emulator, so none of them
 * is used. The time between the end of one recorded access and the beginning of the
 * next is drawn from a model that knows nothing of the recording. */
#ifndef MODEL_GUEST_THINK_H
#define MODEL_GUEST_THINK_H

#include "model/guest/cfg.h"

#include <stdint.h>

struct guest_think_times {
    const struct guest_think *cfg;
    uint64_t times, phases; /* random streams */
};

void guest_think_init(struct guest_think_times *t, const struct guest_think *cfg,
                      uint64_t seed, uint32_t vcpu);

/* Before the vCPU's access number index. */
uint64_t guest_think_ps(const struct guest_think_times *t, uint64_t index);

/* From the moment at which the host lets the vCPUs go on to when this one does: in
 * [0, phase). */
uint64_t guest_think_phase_ps(const struct guest_think_times *t, uint64_t segment);

#endif
