/* SPDX-License-Identifier: Apache-2.0 */
/* model/guest/plan.h - closed-loop guests in stages with barriers between.
 *
 * One stage: the host does host.before while no vCPU runs; then every vCPU begins its
 * accesses and the host host.during; the stage is over, and the next one begins, when
 * all accesses of all vCPUs have completed and the host is done. A stage without
 * accesses is one of the host alone.
 *
 * Approx: a vCPU runs each stage once. The semaphore of kvm_page_table_test lets one
 * vCPU take the turn of another, which then leaves the stage out; and only the
 * accesses to the test memory are there, not those to code, stack and arguments. */
#ifndef MODEL_GUEST_PLAN_H
#define MODEL_GUEST_PLAN_H

#include "model/guest/access.h"
#include "model/guest/cfg.h"
#include "model/guest/stream.h"
#include "walker/arch/status.h"

#include <stdbool.h>
#include <stdint.h>

/* The list of stages, which guest_plan_stage() computes one by one. */
struct guest_stage_plan {
    const struct guest_cfg *cfg;
    uint32_t vcpus_n;
    uint32_t stages_n;
    struct arch_ipa region_ipa; /* the slot of the host's actions; holds all accesses */
    uint64_t region_bytes;
    bool manual_protect; /* KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2 with INITIALLY_SET: log on
                          * and log get write-protect nothing, log clear does. Else log
                          * on does all of the slot, and log get what was dirty */
};

struct guest_stage {
    const char *name;   /* static: the kernel test's word, or "stage" */
    uint32_t iteration; /* of "dirty", from 1; else 0 */
    struct guest_host_work host;
    uint64_t think_ps; /* before each access */
    bool dependent;    /* an access needs the data of the one before */
};

/**
 * guest_plan_init() - the stages of a guest.
 * @cfg: of kind GUEST_PAGE_TABLE_TEST, GUEST_DIRTY_LOG_TEST or GUEST_STAGES (with at
 *       least one stage); must outlive the plan.
 */
void guest_plan_init(struct guest_stage_plan *plan, const struct guest_cfg *cfg,
                     uint32_t vcpus_n);

/* Stage number stage (from 0, below stages_n). */
struct guest_stage guest_plan_stage(const struct guest_stage_plan *plan,
                                    uint32_t stage);

/* The accesses of one vCPU in one stage. */
struct guest_stage_state {
    const struct guest_stage_plan *plan;
    uint32_t stage, vcpu;
    uint64_t pass_n;                  /* accesses of one pass */
    uint64_t done_n;                  /* accesses handed out, of all passes */
    uint64_t end_n;                   /* where the pass ends */
    uint64_t places, kinds;           /* random streams */
    struct guest_stream_state stream; /* GUEST_STAGES */
};

/* Begins the first pass. Which accesses follow depends on these arguments alone. */
void guest_stage_begin(struct guest_stage_state *s, const struct guest_stage_plan *plan,
                       uint32_t stage, uint32_t vcpu, uint64_t seed);

/* The next access; false at the end of the pass. */
ARCH_MUST_USE bool guest_stage_next(struct guest_stage_state *s,
                                    struct guest_access *out);

/* Begins another pass, with new random numbers: at the end of a pass with accesses,
 * while the host still does what the stage has in host.during. */
void guest_stage_again(struct guest_stage_state *s);

#endif
