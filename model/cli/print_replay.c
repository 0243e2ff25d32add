/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/print_replay.c - a replay in a terminal: recorded beside simulated, and
 * what its mode can tell. */
#include "model/cli/cli_priv.h"
#include "model/scenario/params.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What each mode can tell and what it cannot. */
static const char *const what_it_tells[] = {
    [GUEST_REPLAY_ORDERED] =
        "Ordered replay: the order of all attempts is the recorded one. It tells "
        "whether the model's fault path ends them as KVM did. It times nothing, so "
        "it gives no verdict between variants.",
    [GUEST_REPLAY_CLOSED_LOOP] =
        "Closed-loop replay: which vCPU comes first follows from the simulation and "
        "from assumed think times. It tells what the recorded accesses cost here, and "
        "how often they collide. Accesses that hit are not in a fault trace: the cost "
        "of a longer window is a lower bound, so there is no verdict between "
        "sequences; mode closed-loop+working-set gives one.",
    [GUEST_REPLAY_WORKING_SET] =
        "Closed-loop replay with a working set: requests to the pages in use meet the "
        "windows, too. Their latency gives a verdict between variants, as far as "
        "their assumed rate and the think times hold.",
};

static void print_cell(double v)
{
    if (isnan(v))
        printf(" %10s", "-");
    else
        printf(" %10.6g", v);
}

/* ---- ordered ---- */

static void print_ordered(const struct rec_results *r, size_t variant)
{
    const struct rec_run *run = &r->runs[variant * r->seeds_n];
    size_t max = rec_replay_counts_max(run);
    struct rec_replay_count *counts = calloc(max, sizeof *counts);
    size_t n = counts ? rec_replay_counts(run, counts, max) : 0;

    printf("\nordered replay, variant %s:\n%-26s %10s %10s\n", r->variants[variant], "",
           "recorded", "simulated");
    for (size_t i = 0; i < n; i++) {
        printf("%-26s", counts[i].quantity);
        print_cell(counts[i].recorded);
        print_cell(counts[i].simulated);
        putchar('\n');
    }
    free(counts);
    for (size_t i = 0; i < run->attempts_n; i++) {
        const struct rec_attempt *a = &run->attempts[i];

        if (!rec_attempt_agrees(a))
            printf("line %u, vCPU %u, ipa 0x%llx: recorded %s, simulated %s%s\n",
                   a->line, a->vcpu, (unsigned long long)a->ipa.v,
                   rec_how_name(a->want_how), rec_how_name(a->got_how),
                   a->got_type == ARCH_FAULT_NONE ? ", no fault met" : "");
    }
}

/* ---- closed loop ---- */

static void print_spread(const struct rec_closed_row *row, size_t seeds_n)
{
    char text[32];

    print_cell(row->simulated.median);
    snprintf(text, sizeof text, "[%.6g, %.6g]", row->simulated.lo, row->simulated.hi);
    printf(" %20s", isnan(row->simulated.lo) ? "-" : text);
    if (isnan(row->count.recorded) || isnan(row->simulated.median))
        printf(" %12s", "-");
    else
        printf(" %5zu of %zu", row->equal_n, seeds_n);
    putchar('\n');
}

static void print_closed(const struct rec_results *r, size_t variant)
{
    const size_t max = rec_closed_counts_max(&r->runs[0]);
    struct rec_closed_row *rows = calloc(max, sizeof *rows);
    const size_t n = rows ? rec_closed_summary(r, variant, rows, max) : 0;

    printf("\nclosed-loop replay, variant %s, %zu seeds:\n%-26s %10s %10s %20s %12s\n",
           r->variants[variant], r->seeds_n, "", "recorded", "simulated",
           "95 % interval", "equal seeds");
    for (size_t i = 0; i < n; i++) {
        if (rec_closed_row_is_silent(&rows[i]))
            continue;
        printf("%-26s", rows[i].count.quantity);
        print_cell(rows[i].count.recorded);
        print_spread(&rows[i], r->seeds_n);
    }
    free(rows);
}

/* ---- both ---- */

/* Features that the scenario changes: the recorded machine did not have them. */
static void print_hypothetical(const struct scn *s)
{
    for (size_t i = 0; i < scn_params_n; i++) {
        char value[SCN_PARAM_TEXT_MAX];

        if (strncmp(scn_params[i].name, "feat.", 5) != 0 ||
            strcmp(s->platform_doc->sources[i], "scenario") != 0)
            continue;
        scn_param_text(&s->platform, &scn_params[i], value);
        printf("hypothetical platform: %s is %s by the scenario, not as %s has it\n",
               scn_params[i].name, value, s->platform.name);
    }
}

void cli_print_replay(const struct scn *s, const struct rec_results *r)
{
    for (size_t v = 0; v < r->variants_n; v++) {
        if (r->runs[0].closed)
            print_closed(r, v);
        else
            print_ordered(r, v);
    }
    putchar('\n');
    print_hypothetical(s);
    puts(what_it_tells[s->vms[0].guest.replay.mode]);
}
