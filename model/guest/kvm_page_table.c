/* SPDX-License-Identifier: Apache-2.0 */
/* model/guest/kvm_page_table.c - the stages of the kernel's kvm_page_table_test. */
#include "model/guest/plan_priv.h"

#include <assert.h>

/* enum test_stage */
enum { BEFORE_MAPPINGS, CREATE_MAPPINGS, UPDATE_MAPPINGS, ADJUST_MAPPINGS, STAGES_N };

static const struct guest_page_table_test *cfg_of(const struct guest_stage_plan *plan)
{
    return &plan->cfg->page_table_test;
}

static void plan_init(struct guest_stage_plan *plan)
{
    const struct guest_page_table_test *c = cfg_of(plan);

    assert(c->page_bytes > 0 && c->region_bytes > 0);
    assert(c->region_bytes % c->block_bytes == 0);
    assert(c->block_bytes == c->page_bytes ||
           c->block_bytes % (2 * c->page_bytes) == 0);
    plan->stages_n = STAGES_N;
    plan->region_ipa = c->region_ipa;
    plan->region_bytes = c->region_bytes;
}

/* run_test() */
static struct guest_stage plan_stage(const struct guest_stage_plan *plan,
                                     uint32_t stage)
{
    static const struct guest_stage stages[STAGES_N] = {
        [BEFORE_MAPPINGS] = {.name = "KVM_BEFORE_MAPPINGS"},
        [CREATE_MAPPINGS] = {.name = "KVM_CREATE_MAPPINGS"},
        [UPDATE_MAPPINGS] = {.name = "KVM_UPDATE_MAPPINGS",
                             .host.before = {.list = {GUEST_HOST_LOG_ON}, .n = 1}},
        [ADJUST_MAPPINGS] = {.name = "KVM_ADJUST_MAPPINGS",
                             .host.before = {.list = {GUEST_HOST_LOG_OFF}, .n = 1}},
    };
    struct guest_stage s = stages[stage];

    s.think_ps = cfg_of(plan)->think_ps;
    return s;
}

/* Per block of UPDATE_MAPPINGS: one write, then the pages of the second half: none in
 * anonymous memory, whose blocks are pages. Approx: the test takes shmem, which has
 * small pages too, for large ones and goes on by half a page. */
static uint64_t update_accesses_n(const struct guest_page_table_test *c)
{
    return 1 + c->block_bytes / c->page_bytes / 2;
}

static void stage_begin(struct guest_stage_state *s, uint64_t seed)
{
    const struct guest_page_table_test *c = cfg_of(s->plan);

    (void)seed;
    switch (s->stage) {
    case CREATE_MAPPINGS:
        s->pass_n = c->region_bytes / c->block_bytes;
        break;
    case UPDATE_MAPPINGS:
        s->pass_n = c->region_bytes / c->block_bytes * update_accesses_n(c);
        break;
    case ADJUST_MAPPINGS:
        s->pass_n = c->region_bytes / c->page_bytes;
        break;
    default: /* BEFORE_MAPPINGS: the vCPUs start and do nothing */
        break;
    }
}

/* guest_code() */
static struct guest_access stage_access(struct guest_stage_state *s)
{
    const struct guest_page_table_test *c = cfg_of(s->plan);
    const uint64_t i = s->done_n;
    uint64_t offset, n, k;
    bool write;

    switch (s->stage) {
    case CREATE_MAPPINGS:
        offset = i * c->block_bytes;
        write = s->vcpu % 2 == 0;
        break;
    case UPDATE_MAPPINGS:
        n = update_accesses_n(c);
        k = i % n;
        write = k == 0;
        offset = i / n * c->block_bytes;
        if (k > 0)
            offset += c->block_bytes / 2 + (k - 1) * c->page_bytes;
        break;
    default:
        assert(s->stage == ADJUST_MAPPINGS);
        offset = i * c->page_bytes;
        write = false;
        break;
    }
    return (struct guest_access){.ipa = {c->region_ipa.v + offset},
                                 .access = write ? ARCH_WRITE : ARCH_READ};
}

const struct guest_plan_kind guest_plan_page_table = {
    .init = plan_init,
    .stage = plan_stage,
    .begin = stage_begin,
    .access = stage_access,
};
