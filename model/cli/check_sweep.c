/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/check_sweep.c - `stage2sim check` of a sweep. */
#include "model/cli/cli_priv.h"
#include "model/cli/points.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_N 5 /* points that are shown */

struct tally {
    uint64_t points_n, runs_n;
    double weight; /* runs, each times its vCPUs: what the cost grows with */
    char *first[FIRST_N];
};

/* The point in the middle of the axes, or the next one that the rules keep. */
struct sample {
    char *values;
    double weight;
    double cpu_s;
    int status; /* of cli_time_scenario(); CLI_INPUT: not run */
};

static double weight_of(const struct scn *s)
{
    double vcpus_n = 0;

    for (uint32_t i = 0; i < s->vms_n; i++)
        vcpus_n += s->vms[i].vcpus_n;
    return vcpus_n * (double)s->variants_n * s->seeds_n;
}

static bool count(const struct point *p, void *user)
{
    struct tally *t = user;

    if (t->points_n < FIRST_N)
        t->first[t->points_n] = points_text(p->sweep, p->choice);
    t->points_n++;
    t->runs_n += (uint64_t)p->scenario->variants_n * p->scenario->seeds_n;
    t->weight += weight_of(p->scenario);
    return true;
}

static uint64_t middle(const struct scn_sweep *s)
{
    uint64_t combination = 0;

    for (size_t a = 0; a < s->axes_n; a++)
        combination = combination * s->axes[a].values_n + (s->axes[a].values_n - 1) / 2;
    return combination;
}

static void time_one(struct scn_sweep *s, struct sample *out)
{
    uint64_t combination = middle(s);
    size_t choice[SCN_AXES_MAX];
    struct scn_diags diags;
    struct scn scenario;

    out->status = CLI_INPUT;
    while (!scn_sweep_choose(s, combination, choice))
        combination = (combination + 1) % s->combinations_n;
    if (scn_sweep_point(s, choice, &scenario, &diags) == SCN_OK) {
        out->values = points_text(s, choice);
        out->weight = weight_of(&scenario);
        out->status = cli_time_scenario(&scenario, &out->cpu_s);
        scn_free(&scenario);
    }
    scn_diags_free(&diags);
}

static double core_hours(const struct tally *t, const struct sample *one)
{
    return one->cpu_s / one->weight * t->weight / 3600;
}

static void print_text(const char *file, const struct scn_sweep *s,
                       const struct tally *t, const struct sample *one)
{
    printf("%s: valid: %" PRIu64 " points, %" PRIu64 " runs\naxes:", file, t->points_n,
           t->runs_n);
    for (size_t a = 0; a < s->axes_n; a++)
        printf("%s %s (%zu)", a ? "," : "", s->axes[a].name, s->axes[a].values_n);
    printf("\nfirst points:\n");
    for (size_t i = 0; i < FIRST_N && t->first[i]; i++)
        printf("  %s\n", t->first[i]);
    if (!one->values)
        return;
    if (one->status != CLI_OK)
        printf("no estimate: the point %s gave no result\n", one->values);
    else
        printf("estimate: %.3g core-hours; the point %s took %.3g s of CPU time\n",
               core_hours(t, one), one->values, one->cpu_s);
}

/* Takes the lists of r over. */
static void print_json(const char *file, bool ok, const struct tally *t,
                       const struct sample *one, struct points_report *r)
{
    json_t *first = json_array(), *hours = json_null();

    for (size_t i = 0; i < FIRST_N && t->first[i]; i++)
        json_array_append_new(first, json_string(t->first[i]));
    if (one->values && one->status == CLI_OK)
        hours = json_real(core_hours(t, one));
    json_t *doc =
        json_pack("{s:s, s:b, s:o, s:o, s:I, s:I, s:o, s:o}", "sweep", file, "valid",
                  ok, "errors", r->errors, "warnings", r->warnings, "points",
                  (json_int_t)t->points_n, "runs", (json_int_t)t->runs_n,
                  "first_points", first, "estimated_core_hours", hours);
    json_dumpf(doc, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(doc);
}

int cli_check_sweep(const char *file, const struct cli_check_options *o)
{
    struct points_report r = {.errors = o->json ? json_array() : NULL,
                              .warnings = o->json ? json_array() : NULL};
    struct tally t = {.points_n = 0};
    struct sample one = {.values = NULL};
    struct scn_sweep s;
    bool ok = points_load(file, &s, &r) && points_each(&s, &r, count, &t);

    if (ok && o->timed)
        time_one(&s, &one);
    if (o->json)
        print_json(file, ok, &t, &one, &r);
    else if (ok)
        print_text(file, &s, &t, &one);
    for (size_t i = 0; i < FIRST_N; i++)
        free(t.first[i]);
    free(one.values);
    scn_sweep_free(&s);
    points_report_free(&r);
    return ok ? CLI_OK : CLI_INPUT;
}
