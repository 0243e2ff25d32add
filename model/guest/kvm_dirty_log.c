/* SPDX-License-Identifier: Apache-2.0 */
/* model/guest/kvm_dirty_log.c - the stages of the kernel's dirty_log_perf_test.
 *
 * Stage 0 populates, stages 1 .. iterations_n dirty, the one after disables. */
#include "model/guest/plan_priv.h"
#include "model/guest/random.h"

#include <assert.h>

#define POPULATE 0u
#define PPM UINT64_C(1000000)

static const struct guest_dirty_log_test *cfg_of(const struct guest_stage_plan *plan)
{
    return &plan->cfg->dirty_log_test;
}

static uint32_t disable_stage(const struct guest_stage_plan *plan)
{
    return cfg_of(plan)->iterations_n + 1;
}

static void plan_init(struct guest_stage_plan *plan)
{
    const struct guest_dirty_log_test *c = cfg_of(plan);

    assert(c->page_bytes > 0 && c->vcpu_bytes > 0 && c->iterations_n > 0);
    assert(c->vcpu_bytes % c->page_bytes == 0);
    plan->stages_n = c->iterations_n + 2;
    plan->region_ipa = c->region_ipa;
    plan->region_bytes = plan->vcpus_n * c->vcpu_bytes;
    plan->manual_protect = c->manual_protect;
}

static void add(struct guest_host_actions *a, enum guest_host_action action)
{
    assert(a->n < GUEST_HOST_ACTIONS_MAX);
    a->list[a->n++] = action;
}

/* run_test() */
static struct guest_stage plan_stage(const struct guest_stage_plan *plan,
                                     uint32_t stage)
{
    const struct guest_dirty_log_test *c = cfg_of(plan);
    struct guest_stage s = {.name = "dirty", .think_ps = c->think_ps};

    if (stage == POPULATE) {
        s.name = "populate";
        return s;
    }
    if (stage == 1) {
        add(&s.host.before, GUEST_HOST_LOG_ON);
    } else {
        add(&s.host.before, GUEST_HOST_LOG_GET);
        if (c->manual_protect)
            add(&s.host.before, GUEST_HOST_LOG_CLEAR);
    }
    if (stage != disable_stage(plan)) {
        s.iteration = stage;
        return s;
    }
    s.name = "disable";
    add(c->run_while_disabling ? &s.host.during : &s.host.before, GUEST_HOST_LOG_OFF);
    return s;
}

/* perf_test_setup_vcpus(), memstress_setup_vcpus() */
static uint64_t pages_n(const struct guest_stage_plan *plan)
{
    const struct guest_dirty_log_test *c = cfg_of(plan);

    return (c->overlap ? plan->region_bytes : c->vcpu_bytes) / c->page_bytes;
}

static void stage_begin(struct guest_stage_state *s, uint64_t seed)
{
    (void)seed;
    if (s->stage == disable_stage(s->plan) && !cfg_of(s->plan)->run_while_disabling)
        return;
    s->pass_n = pages_n(s->plan);
}

/* perf_test_guest_code(), memstress_guest_code(). Approx: other random numbers. */
static struct guest_access stage_access(struct guest_stage_state *s)
{
    const struct guest_dirty_log_test *c = cfg_of(s->plan);
    const uint64_t draw = s->stage * s->pass_n + s->done_n; /* of all stages */
    uint64_t page = s->done_n % s->pass_n;
    uint64_t ipa = c->region_ipa.v;
    bool write;

    if (c->random && s->stage != POPULATE)
        page = guest_below(guest_random(s->places, draw), s->pass_n);
    if (c->write_every)
        write = page % c->write_every == 0;
    else if (s->stage == POPULATE)
        write = true;
    else
        write = guest_below(guest_random(s->kinds, draw), PPM) < c->write_ppm;
    if (!c->overlap)
        ipa += s->vcpu * c->vcpu_bytes;
    return (struct guest_access){.ipa = {ipa + page * c->page_bytes},
                                 .access = write ? ARCH_WRITE : ARCH_READ};
}

const struct guest_plan_kind guest_plan_dirty_log = {
    .init = plan_init,
    .stage = plan_stage,
    .begin = stage_begin,
    .access = stage_access,
};
