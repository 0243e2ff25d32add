/* SPDX-License-Identifier: Apache-2.0 */
#include "model/guest/plan.h"

#include "model/guest/plan_priv.h"
#include "model/guest/random.h"

#include <assert.h>
#include <stddef.h>

enum { PLAN_PLACES, PLAN_KINDS };

static const struct guest_plan_kind *kind_of(const struct guest_stage_plan *plan)
{
    switch (plan->cfg->kind) {
    case GUEST_PAGE_TABLE_TEST:
        return &guest_plan_page_table;
    case GUEST_DIRTY_LOG_TEST:
        return &guest_plan_dirty_log;
    case GUEST_STAGES:
        return &guest_plan_stages;
    default:
        assert(!"a guest in stages");
        return NULL;
    }
}

void guest_plan_init(struct guest_stage_plan *plan, const struct guest_cfg *cfg,
                     uint32_t vcpus_n)
{
    assert(vcpus_n > 0);
    *plan = (struct guest_stage_plan){.cfg = cfg, .vcpus_n = vcpus_n};
    kind_of(plan)->init(plan);
}

struct guest_stage guest_plan_stage(const struct guest_stage_plan *plan, uint32_t stage)
{
    assert(stage < plan->stages_n);
    return kind_of(plan)->stage(plan, stage);
}

void guest_stage_begin(struct guest_stage_state *s, const struct guest_stage_plan *plan,
                       uint32_t stage, uint32_t vcpu, uint64_t seed)
{
    assert(stage < plan->stages_n && vcpu < plan->vcpus_n);
    *s = (struct guest_stage_state){
        .plan = plan,
        .stage = stage,
        .vcpu = vcpu,
        .places = guest_stream(seed, vcpu, PLAN_PLACES),
        .kinds = guest_stream(seed, vcpu, PLAN_KINDS),
    };
    kind_of(plan)->begin(s, seed);
    s->end_n = s->pass_n;
}

bool guest_stage_next(struct guest_stage_state *s, struct guest_access *out)
{
    if (s->done_n == s->end_n)
        return false;
    *out = kind_of(s->plan)->access(s);
    s->done_n++;
    return true;
}

void guest_stage_again(struct guest_stage_state *s)
{
    assert(s->done_n == s->end_n);
    s->end_n += s->pass_n;
}
