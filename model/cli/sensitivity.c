/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/sensitivity.c - the scenario again on platforms that differ in one number.
 *
 * A point is read like the scenario itself, with one more override: what does not fit
 * the platform or the scenario is refused by the same checks, and what follows from the
 * parameter follows. The capacity is measured anew, as for a scenario of that platform.
 */
#include "model/cli/cli_priv.h"
#include "model/cli/jobs.h"
#include "model/scenario/params.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a point needs beyond its record. */
struct trial {
    struct rec_point *point;
    struct scn scn;
    struct cli_run_info info;
    char label[160];
    struct rec_metrics *metrics; /* [variants_n][seeds_n] */
};

/* ---- the verdict ---- */

static bool has_sequence(const struct scn_variant *v, const char *prefix)
{
    return strncmp(hyp_sequence_name(v->hyp.sequence), prefix, strlen(prefix)) == 0;
}

/* The variant named bbm, else the first that breaks before it makes, else the first. */
static size_t find_baseline(const struct scn *s)
{
    for (size_t v = 0; v < s->variants_n; v++)
        if (strcmp(s->variants[v].name, "bbm") == 0)
            return v;
    for (size_t v = 0; v < s->variants_n; v++)
        if (has_sequence(&s->variants[v], "bbm"))
            return v;
    return 0;
}

/* The variants with nT; without any, all but the baseline. */
static void find_contenders(const struct scn *s, size_t baseline, bool *contends)
{
    bool any_nt = false;

    for (size_t v = 0; v < s->variants_n; v++) {
        contends[v] = v != baseline && has_sequence(&s->variants[v], "nt");
        any_nt = any_nt || contends[v];
    }
    for (size_t v = 0; !any_nt && v < s->variants_n; v++)
        contends[v] = v != baseline;
}

int cli_check_sensitivity(const struct scn *s)
{
    bool requests = false;

    for (uint32_t i = 0; i < s->vms_n; i++)
        requests = requests || s->vms[i].guest.kind == GUEST_REQUESTS;
    if (!requests)
        return cli_usage_error("run",
                               "--sensitivity: no guest of %s makes requests, so there "
                               "is no verdict; accepted: guest kind requests",
                               s->file);
    if (s->variants_n < 2)
        return cli_usage_error("run",
                               "--sensitivity: %s has one variant, so there is no "
                               "verdict; accepted: two variants or more",
                               s->file);
    return CLI_OK;
}

/* ---- points ---- */

static bool is_assumed(const struct scn *s, const struct scn_param *param)
{
    return scn_param_counts(&s->platform, param) &&
           strncmp(scn_param_source(s->platform_doc, param), "assumed", 7) == 0;
}

/* Why a parameter has no half and no double, or NULL. */
static const char *invariable(const struct scn *s, const struct scn_param *param)
{
    if (param->kind == SCN_PARAM_BOOL || param->kind == SCN_PARAM_WORD ||
        param->kind == SCN_PARAM_PAGES)
        return "is a choice and not a quantity";
    if (strncmp(param->name, "feat.", 5) == 0)
        return "is a feature and not a quantity";
    if (scn_param_get(&s->platform, param) == 0)
        return "is 0";
    return NULL;
}

static void put_text(struct rec_point *p, const struct scn *s,
                     const struct scn_param *param, uint64_t value)
{
    struct scn_platform copy = s->platform;
    char text[SCN_PARAM_TEXT_MAX];

    scn_param_set(&copy, param, value);
    scn_param_text(&copy, param, text);
    for (char *c = text; *c; c++)
        if (*c == ',')
            *c = ';';
    snprintf(p->value, sizeof p->value, "%s", text);
}

static size_t add_points(const struct scn *s, const struct scn_param *param,
                         struct rec_point *p)
{
    static const double factors[] = {0.5, 2};
    const char *why = invariable(s, param);
    uint64_t value = scn_param_get(&s->platform, param);

    for (size_t i = 0; i < 2; i++)
        snprintf(p[i].parameter, sizeof p[i].parameter, "%s", param->name);
    if (why) {
        p->factor = NAN;
        snprintf(p->skipped, sizeof p->skipped, "%s", why);
        if (param->kind == SCN_PARAM_PAGES)
            return 1;
        put_text(p, s, param, value);
        return 1;
    }
    for (size_t i = 0; i < 2; i++) {
        p[i].factor = factors[i];
        put_text(&p[i], s, param, i == 0 ? value / 2 : value * 2);
    }
    if (value == 1)
        snprintf(p->skipped, sizeof p->skipped, "1 has no half");
    return 2;
}

/* The message of a diagnostic without place and source, fit for a cell. */
static void put_reason(struct rec_point *p, const char *diagnostic)
{
    const char *text = strstr(diagnostic, "]: ");

    text = text ? text + 3 : diagnostic;
    if (strncmp(text, "overrides.", 10) == 0) /* the cell beside it has the name */
        text += strcspn(text, " ") + 1;
    snprintf(p->skipped, sizeof p->skipped, "refused: %.*s", (int)strcspn(text, "\n"),
             text);
    for (char *c = p->skipped; *c; c++)
        if (*c == ',')
            *c = ';';
}

/* False if the point cannot be run, for a reason that it has now. sets: those of the
 * base. */
static bool load(struct trial *t, const struct scn *base, const struct cli_sets *sets)
{
    const size_t n = sets ? sets->n : 0;
    const char **args = calloc(n + 1, sizeof *args);
    struct scn_diags diags = {.n = 0};
    char override[200];
    bool ok;

    snprintf(override, sizeof override, "overrides.%s=%s", t->point->parameter,
             t->point->value);
    for (size_t i = 0; args && i < n; i++)
        args[i] = sets->args[i];
    if (args)
        args[n] = override;
    ok = args && cli_load_set(base->file, &(struct cli_sets){args, n + 1}, &t->scn,
                              &diags) == SCN_OK;
    free(args);
    if (ok)
        t->scn.seeds_n = base->seeds_n;
    else
        put_reason(t->point, diags.n ? diags.text[0] : "the scenario has changed");
    scn_diags_free(&diags);
    snprintf(t->label, sizeof t->label, "%s %s", t->point->parameter, t->point->value);
    return ok;
}

/* ---- runs ---- */

static void free_trial(struct trial *t)
{
    cli_free_info(&t->info);
    scn_free(&t->scn);
    free(t->metrics);
}

/* Leaves out the trials whose rate of requests cannot be found. */
static int find_intervals(struct trial *trials, size_t *n, unsigned parallel_n)
{
    struct cli_run_info *infos = calloc(*n + 1, sizeof *infos);
    size_t kept = 0;
    int status = infos ? CLI_OK : CLI_BROKEN;

    for (size_t i = 0; infos && i < *n; i++)
        if (!cli_init_info(&infos[i], &trials[i].scn))
            status = CLI_BROKEN;
    if (status == CLI_OK)
        status = cli_find_intervals(infos, *n, parallel_n);
    for (size_t i = 0; infos && i < *n; i++) {
        struct trial *t = &trials[i];

        t->info = infos[i];
        if (infos[i].unmeasurable) {
            snprintf(t->point->skipped, sizeof t->point->skipped, "%s",
                     cli_no_capacity);
            free_trial(t);
        } else {
            trials[kept++] = *t;
        }
    }
    if (infos)
        *n = kept;
    free(infos);
    return status;
}

static void add_jobs(struct trial *t, struct cli_job *jobs)
{
    const struct scn *s = &t->scn;

    for (size_t i = 0; i < s->variants_n * s->seeds_n; i++) {
        jobs[i] = (struct cli_job){.metrics = &t->metrics[i], .label = t->label};
        jobs[i].machine = (struct machine_job){
            .scenario = s,
            .variant = i / s->seeds_n,
            .seed = s->seed_first + i % s->seeds_n,
            .interval_ps = t->info.interval_ps,
            .measure_from_ps = s->measure_from_ps,
            .duration_ps = s->duration_ps,
        };
    }
}

static void take_tails(struct trial *t)
{
    const struct scn *s = &t->scn;

    t->point->tail = calloc(s->variants_n, sizeof *t->point->tail);
    for (size_t v = 0; t->point->tail && v < s->variants_n; v++)
        t->point->tail[v] = rec_tail(&t->metrics[v * s->seeds_n], s->seeds_n);
}

static int run_jobs(struct trial *trials, size_t n, unsigned parallel_n,
                    const char *label)
{
    const size_t runs_n = n ? trials[0].scn.variants_n * trials[0].scn.seeds_n : 0;
    struct cli_job *jobs = calloc(n * runs_n + 1, sizeof *jobs);
    int status = jobs ? CLI_OK : CLI_BROKEN;

    for (size_t i = 0; jobs && i < n; i++) {
        trials[i].metrics = calloc(runs_n, sizeof *trials[i].metrics);
        if (trials[i].metrics)
            add_jobs(&trials[i], &jobs[i * runs_n]);
        else
            status = CLI_BROKEN;
    }
    if (status == CLI_OK)
        status = cli_jobs(jobs, n * runs_n, parallel_n, label);
    for (size_t i = 0; status == CLI_OK && i < n; i++)
        take_tails(&trials[i]);
    free(jobs);
    return status;
}

static int run_trials(struct rec_sensitivity *out, const struct cli_run_info *base,
                      unsigned parallel_n, const char *label)
{
    struct trial *trials = calloc(out->points_n + 1, sizeof *trials);
    int status = trials ? CLI_OK : CLI_BROKEN;
    size_t n = 0;

    for (size_t i = 0; trials && i < out->points_n; i++) {
        if (*out->points[i].skipped)
            continue;
        trials[n] = (struct trial){.point = &out->points[i]};
        n += load(&trials[n], base->scenario, base->sets);
    }
    if (status == CLI_OK)
        status = find_intervals(trials, &n, parallel_n);
    if (status == CLI_OK)
        status = run_jobs(trials, n, parallel_n, label);
    for (size_t i = 0; i < n; i++)
        free_trial(&trials[i]);
    free(trials);
    return status;
}

static bool prepare(const struct rec_results *base, const struct scn *s,
                    struct rec_sensitivity *out)
{
    struct rec_metrics *values = calloc(s->seeds_n, sizeof *values);
    bool ok;

    out->variants_n = s->variants_n;
    out->contends = calloc(s->variants_n, sizeof *out->contends);
    out->base = calloc(s->variants_n, sizeof *out->base);
    out->points = calloc(2 * scn_params_n, sizeof *out->points);
    ok = values && out->contends && out->base && out->points;
    if (ok) {
        out->baseline = find_baseline(s);
        find_contenders(s, out->baseline, out->contends);
        for (size_t v = 0; v < s->variants_n; v++) {
            for (size_t i = 0; i < s->seeds_n; i++)
                rec_metrics(&base->runs[v * s->seeds_n + i], &values[i]);
            out->base[v] = rec_tail(values, s->seeds_n);
        }
    }
    free(values);
    return ok;
}

int cli_sensitivity(const struct cli_run_info *info, const struct rec_results *base,
                    unsigned parallel_n, bool quiet, struct rec_sensitivity *out)
{
    const struct scn *s = info->scenario;

    *out = (struct rec_sensitivity){.base = NULL};
    if (!prepare(base, s, out))
        return CLI_BROKEN;
    for (size_t i = 0; i < scn_params_n; i++)
        if (is_assumed(s, &scn_params[i]))
            out->points_n += add_points(s, &scn_params[i], &out->points[out->points_n]);
    return run_trials(out, info, parallel_n, quiet ? NULL : "sensitivity");
}
