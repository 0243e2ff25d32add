/* SPDX-License-Identifier: Apache-2.0 */
/* walker/cpu.h - one implementation: its features and its choices. */
#ifndef WALKER_CPU_H
#define WALKER_CPU_H

#include "walker/arch/features.h"
#include "walker/s2_walk.h"

/* Choices are IMPLEMENTATION DEFINED or CONSTRAINED UNPREDICTABLE; all 0 is valid. */
struct walk_cpu {
    struct arch_features features;
    enum walk_nt_response nt_response;
    bool contiguous_faults;      /* see struct walk_s2_cfg; of both stages */
    bool af_on_permission_fault; /* see struct walk_s2_cfg; of both stages */
    enum arch_tg tg_choice;      /* for reserved and absent granules; 0: 4K */
};

#endif
