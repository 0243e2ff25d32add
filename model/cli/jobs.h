/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/jobs.h - simulations in processes of their own, some at a time. */
#ifndef MODEL_CLI_JOBS_H
#define MODEL_CLI_JOBS_H

#include "model/cli/cli.h"
#include "model/machine/machine.h"
#include "model/record/metrics.h"

/* One simulation. */
struct cli_job {
    struct machine_job machine;
    struct rec_run *out; /* overwritten; end with rec_free(). NULL: metrics is wanted */
    struct rec_run *vms; /* [vms_n] the same, of each VM; NULL if there is one, or out
                            is */
    struct rec_metrics *metrics;
    const char *label; /* of its platform, for messages; or NULL */
};

/* Runs jobs, parallel_n at a time, in child processes; reports progress on stderr if
 * label is not NULL. Returns CLI_OK, or CLI_BROKEN with a message printed. */
int cli_jobs(const struct cli_job *jobs, size_t jobs_n, unsigned parallel_n,
             const char *label);

#endif
