/* SPDX-License-Identifier: Apache-2.0 */
/* model/guest/stages.c - streams one after the other as stages. */
#include "model/guest/plan_priv.h"
#include "model/guest/random.h"

#include <assert.h>

static const struct guest_stages *cfg_of(const struct guest_stage_plan *plan)
{
    return &plan->cfg->stages;
}

static void plan_init(struct guest_stage_plan *plan)
{
    const struct guest_stages *c = cfg_of(plan);
    uint64_t from = UINT64_MAX, to = 0;

    assert(c->stages_n > 0 && c->stages_n <= UINT32_MAX);
    for (size_t i = 0; i < c->stages_n; i++) {
        const uint64_t start = c->streams[i].region_ipa.v;
        const uint64_t end = start + c->streams[i].region_bytes;

        from = start < from ? start : from;
        to = end > to ? end : to;
    }
    plan->stages_n = (uint32_t)c->stages_n;
    plan->region_ipa.v = from;
    plan->region_bytes = to - from;
    plan->manual_protect = c->manual_protect;
}

static struct guest_stage plan_stage(const struct guest_stage_plan *plan,
                                     uint32_t stage)
{
    const struct guest_stages *c = cfg_of(plan);

    return (struct guest_stage){
        .name = "stage",
        .host = c->host ? c->host[stage] : (struct guest_host_work){.before.n = 0},
        .think_ps = c->streams[stage].think_ps,
        .dependent = c->streams[stage].pattern == GUEST_CHASE,
    };
}

static void stage_begin(struct guest_stage_state *s, uint64_t seed)
{
    const struct guest_stream *stream = &cfg_of(s->plan)->streams[s->stage];

    guest_stream_init(&s->stream, stream, guest_random(seed, s->stage), s->vcpu);
    s->pass_n = stream->accesses_n;
}

static struct guest_access stage_access(struct guest_stage_state *s)
{
    return guest_stream_at(&s->stream, s->done_n);
}

const struct guest_plan_kind guest_plan_stages = {
    .init = plan_init,
    .stage = plan_stage,
    .begin = stage_begin,
    .access = stage_access,
};
