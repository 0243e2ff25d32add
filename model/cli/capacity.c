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

bool cli_init_info(struct cli_run_info *info, const struct scn *s)
{
    *info = (struct cli_run_info){
        .scenario = s,
        .capacity_per_s = calloc(s->vms_n, sizeof *info->capacity_per_s),
        .interval_ps = calloc(s->vms_n, sizeof *info->interval_ps),
    };
    return info->capacity_per_s && info->interval_ps;
}

void cli_free_info(struct cli_run_info *info)
{
    free(info->capacity_per_s);
    free(info->interval_ps);
}

/* One measurement: all VMs run in closed loops, in the state before the change, with
 * the first seed. No event happens and nothing is coalesced. */
struct probe {
    struct cli_run_info *info;
    struct scn_variant before;
    struct scn alone;
    struct rec_run run, *vms; /* vms: [vms_n] */
};

static bool has_load(const struct scn_vm *vm)
{
    return vm->guest.kind == GUEST_REQUESTS && vm->guest.requests.load_ppm != 0;
}

static bool needs_capacity(const struct scn *s)
{
    for (uint32_t i = 0; i < s->vms_n; i++)
        if (has_load(&s->vms[i]))
            return true;
    return false;
}

static bool prepare(struct cli_run_info *info, struct probe *p, struct cli_job *job)
{
    const struct scn *s = info->scenario;

    p->info = info;
    p->before = s->variants[0];
    p->before.hyp.sequence = HYP_SEQ_KEEP;
    p->alone = *s;
    p->alone.variants = &p->before;
    p->alone.variants_n = 1;
    p->vms = calloc(s->vms_n, sizeof *p->vms);
    *job = (struct cli_job){.machine = {.scenario = &p->alone,
                                        .seed = s->seed_first,
                                        .measure_from_ps = CAPACITY_PS / 2,
                                        .duration_ps = CAPACITY_PS},
                            .out = &p->run,
                            .vms = p->vms};
    return p->vms != NULL;
}

static double mean_rate_per_s(const struct rec_run *run)
{
    double sum = 0;

    for (uint32_t i = 0; i < run->cfg.vcpus_n; i++) {
        const struct rec_vcpu *v = &run->vcpus[i];

        if (v->closed_n)
            sum += (double)v->closed_n / ((double)v->closed_ps * 1e-12);
    }
    return sum / run->cfg.vcpus_n;
}

/* Requests per second that one vCPU of each VM serves. */
static void take_capacity(const struct probe *p)
{
    const struct scn *s = p->info->scenario;

    for (uint32_t i = 0; i < s->vms_n; i++)
        if (has_load(&s->vms[i]))
            p->info->capacity_per_s[i] =
                mean_rate_per_s(s->vms_n > 1 ? &p->vms[i] : &p->run);
}

static void free_probe(struct probe *p)
{
    for (uint32_t i = 0; p->vms && i < p->alone.vms_n; i++)
        rec_free(&p->vms[i]);
    free(p->vms);
    rec_free(&p->run);
}

/* The interval of one VM's requests, from its capacity if it is given as a load. */
static void set_interval(struct cli_run_info *info, uint32_t vm)
{
    const struct scn_vm *cfg = &info->scenario->vms[vm];
    const struct guest_requests *r = &cfg->guest.requests;
    const double per_s = info->capacity_per_s[vm];

    if (cfg->guest.kind == GUEST_REQUESTS)
        info->interval_ps[vm] = r->interval_ps;
    if (!has_load(cfg))
        return;
    if (per_s > 0)
        info->interval_ps[vm] = (uint64_t)(1e12 / (per_s * (double)r->load_ppm * 1e-6));
    else
        info->unmeasurable = cfg->name;
}

int cli_find_intervals(struct cli_run_info *infos, size_t infos_n, unsigned parallel_n)
{
    struct probe *probes = calloc(infos_n + 1, sizeof *probes);
    struct cli_job *jobs = calloc(infos_n + 1, sizeof *jobs);
    int status = probes && jobs ? CLI_OK : CLI_BROKEN;
    size_t n = 0;

    for (size_t i = 0; status == CLI_OK && i < infos_n; i++) {
        if (!needs_capacity(infos[i].scenario))
            continue;
        if (!prepare(&infos[i], &probes[n], &jobs[n]))
            status = CLI_BROKEN;
        n++;
    }
    if (status == CLI_OK)
        status = cli_jobs(jobs, n, parallel_n, NULL);
    for (size_t i = 0; i < n; i++) {
        if (status == CLI_OK)
            take_capacity(&probes[i]);
        free_probe(&probes[i]);
    }
    for (size_t i = 0; status == CLI_OK && i < infos_n; i++)
        for (uint32_t vm = 0; vm < infos[i].scenario->vms_n; vm++)
            set_interval(&infos[i], vm);
    free(jobs);
    free(probes);
    return status;
}
