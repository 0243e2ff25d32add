/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/capacity.c - how often requests arrive, where the scenario gives that as a
 * share of what a vCPU can serve. */
#include "model/cli/cli_priv.h"
#include "model/cli/jobs.h"

#include <stdlib.h>

/* Closed loop that measures the capacity; the second half of this time counts, when the
 * caches are warm. */
#define CAPACITY_PS UINT64_C(20000000000) /* 20 ms */

const char cli_no_capacity[] =
    "no request began between 10 and 20 ms of a closed loop: the capacity cannot be "
    "measured";

/* One measurement: the state before the change, with the first seed. No event happens
 * and nothing is coalesced. */
struct probe {
    struct scn_variant before;
    struct scn alone;
    struct rec_run run;
};

static void prepare(const struct scn *s, struct probe *p, struct cli_job *job)
{
    p->before = s->variants[0];
    p->before.hyp.sequence = HYP_SEQ_KEEP;
    p->alone = *s;
    p->alone.variants = &p->before;
    p->alone.variants_n = 1;
    *job = (struct cli_job){.machine = {.scenario = &p->alone,
                                        .seed = s->seed_first,
                                        .measure_from_ps = CAPACITY_PS / 2,
                                        .duration_ps = CAPACITY_PS},
                            .out = &p->run};
}

static double mean_rate_per_s(const struct rec_run *run, uint32_t vcpus_n)
{
    double sum = 0;

    for (uint32_t i = 0; i < vcpus_n; i++) {
        const struct rec_vcpu *v = &run->vcpus[i];

        if (v->closed_n)
            sum += (double)v->closed_n / ((double)v->closed_ps * 1e-12);
    }
    return sum / vcpus_n;
}

static bool needs_capacity(const struct cli_run_info *info)
{
    const struct guest_cfg *g = &info->scenario->vm.guest;

    return g->kind == GUEST_REQUESTS && g->requests.load_ppm != 0;
}

static void take_capacity(struct cli_run_info *info, const struct probe *p)
{
    const struct scn *s = info->scenario;
    double load_ppm = (double)s->vm.guest.requests.load_ppm;

    info->capacity_per_s = mean_rate_per_s(&p->run, s->vm.vcpus_n);
    info->unmeasurable = info->capacity_per_s <= 0;
    if (!info->unmeasurable)
        info->interval_ps = (uint64_t)(1e12 / (info->capacity_per_s * load_ppm * 1e-6));
}

int cli_find_intervals(struct cli_run_info *infos, size_t infos_n, unsigned parallel_n)
{
    struct probe *probes = calloc(infos_n, sizeof *probes);
    struct cli_job *jobs = calloc(infos_n, sizeof *jobs);
    int status = probes && jobs ? CLI_OK : CLI_BROKEN;
    size_t jobs_n = 0;

    for (size_t i = 0; status == CLI_OK && i < infos_n; i++) {
        if (needs_capacity(&infos[i]))
            prepare(infos[i].scenario, &probes[i], &jobs[jobs_n++]);
        else if (infos[i].scenario->vm.guest.kind == GUEST_REQUESTS)
            infos[i].interval_ps = infos[i].scenario->vm.guest.requests.interval_ps;
    }
    if (jobs_n > 0)
        status = cli_jobs(jobs, jobs_n, parallel_n, NULL);
    for (size_t i = 0; probes && i < infos_n; i++) {
        if (status == CLI_OK && needs_capacity(&infos[i]))
            take_capacity(&infos[i], &probes[i]);
        rec_free(&probes[i].run);
    }
    free(jobs);
    free(probes);
    return status;
}
