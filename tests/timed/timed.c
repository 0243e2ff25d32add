/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/timed/timed.h"

#include "model/cli/jobs.h"

#include <stdio.h>
#include <string.h>

void timed_load(const char *name, struct scn *s)
{
    struct scn_diags diags = {.n = 0};
    char path[1024];

    snprintf(path, sizeof path, "%s/tests/timed/scenarios/%s", STAGE2SIM_SOURCE_DIR,
             name);
    if (scn_load(path, STAGE2SIM_SOURCE_DIR "/scenarios/platforms", s, &diags) ==
        SCN_OK)
        return;
    for (size_t i = 0; i < diags.n; i++)
        print_error("%s\n", diags.text[i]);
    scn_diags_free(&diags);
    fail_msg("%s is not a valid scenario", name);
}

size_t timed_variant(const struct scn *s, const char *name)
{
    for (size_t i = 0; i < s->variants_n; i++) {
        if (strcmp(s->variants[i].name, name) == 0)
            return i;
    }
    fail_msg("no variant %s", name);
    return 0;
}

void timed_run(const struct scn *s, const char *variant, struct rec_run *out)
{
    const struct cli_job job = {
        .machine = {.scenario = s,
                    .variant = timed_variant(s, variant),
                    .seed = s->seed_first,
                    .interval_ps = s->vm.guest.requests.interval_ps,
                    .measure_from_ps = s->measure_from_ps,
                    .duration_ps = s->duration_ps},
        .out = out,
    };

    assert_int_equal(cli_jobs(&job, 1, 1, NULL), CLI_OK);
}
