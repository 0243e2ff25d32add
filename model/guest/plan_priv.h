/* SPDX-License-Identifier: Apache-2.0 */
/* model/guest/plan_priv.h - what each kind of guest in stages provides. */
#ifndef MODEL_GUEST_PLAN_PRIV_H
#define MODEL_GUEST_PLAN_PRIV_H

#include "model/guest/plan.h"

struct guest_plan_kind {
    /* Sets all but cfg and vcpus_n. */
    void (*init)(struct guest_stage_plan *plan);
    struct guest_stage (*stage)(const struct guest_stage_plan *plan, uint32_t stage);
    /* Sets pass_n; plan, stage, vcpu and the random streams are set. */
    void (*begin)(struct guest_stage_state *s, uint64_t seed);
    /* Access number done_n. */
    struct guest_access (*access)(struct guest_stage_state *s);
};

extern const struct guest_plan_kind guest_plan_page_table, guest_plan_dirty_log,
    guest_plan_stages;

#endif
