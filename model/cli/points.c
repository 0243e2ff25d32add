/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/points.c - the points of a sweep file, and `stage2sim points`. */
#include "model/cli/points.h"
#include "model/cli/cli_priv.h"
#include "model/cli/point_id.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- diagnostics ---- */

/* True once for each text, and while there is room to remember it. */
static bool is_new(struct points_report *r, const char *text)
{
    for (size_t i = 0; i < r->seen_n; i++)
        if (strcmp(r->seen[i], text) == 0)
            return false;
    if (r->seen_n == sizeof r->seen / sizeof r->seen[0])
        return false;
    r->seen[r->seen_n] = strdup(text);
    if (!r->seen[r->seen_n])
        abort();
    r->seen_n++;
    return true;
}

static void put(const char *text, const char *where, json_t *list)
{
    size_t n = strlen(text);

    if (n > 0 && text[n - 1] == '\n')
        n--;
    if (list)
        json_array_append_new(
            list, json_sprintf("%.*s%s%s", (int)n, text, *where ? "\n" : "", where));
    else
        fprintf(stderr, "%.*s\n%s%s", (int)n, text, where, *where ? "\n" : "");
}

/* where: the line behind an error, "" for none. */
static void report(struct points_report *r, const struct scn_diags *d,
                   const char *where)
{
    for (size_t i = 0; i < d->n; i++)
        if (is_new(r, d->text[i]))
            put(d->text[i], where, r->errors);
    for (size_t i = 0; i < d->warnings_n; i++)
        if (is_new(r, d->warning[i]))
            put(d->warning[i], "", r->warnings);
}

void points_report_free(struct points_report *r)
{
    for (size_t i = 0; i < r->seen_n; i++)
        free(r->seen[i]);
    r->seen_n = 0;
}

/* ---- loading ---- */

/* The columns of sweep.csv that are no metric. */
static bool is_taken(const char *name)
{
    return strcmp(name, "point") == 0 || strcmp(name, "variant") == 0 ||
           strcmp(name, "seeds") == 0 || rec_column_find(name) != SIZE_MAX;
}

/* One error that needs to know the columns of the results. */
static void refuse(struct points_report *r, const struct scn_node *at, const char *what,
                   const char *why)
{
    char text[512];

    snprintf(text, sizeof text, "%s:%u:%u: error[C002]: %s '%s' %s", at->pos.file,
             at->pos.line, at->pos.col, what, at->text, why);
    put(text, "", r->errors);
}

static bool check_names(const struct scn_sweep *s, struct points_report *r)
{
    bool ok = true;

    for (size_t i = 0; i < s->axes_n; i++) {
        if (!is_taken(s->axes[i].name))
            continue;
        refuse(r, s->axes[i].at, "the name",
               "is another column of sweep.csv; any other name is accepted");
        ok = false;
    }
    for (const struct scn_node *n = s->columns; n; n = n->next) {
        if (rec_column_find(n->text) != SIZE_MAX)
            continue;
        refuse(r, n, "columns:",
               "is no column of summary.csv; docs/results-format.md lists them");
        ok = false;
    }
    return ok;
}

bool points_load(const char *file, struct scn_sweep *s, struct points_report *r)
{
    struct scn_diags diags;
    char platforms[4200];
    bool ok;

    snprintf(platforms, sizeof platforms, "%s/scenarios/platforms", cli_root());
    ok = scn_sweep_load(file, platforms, s, &diags);
    report(r, &diags, "");
    scn_diags_free(&diags);
    return ok && check_names(s, r);
}

char *points_text(const struct scn_sweep *s, const size_t *choice)
{
    char *text = NULL;
    size_t n;
    FILE *f = open_memstream(&text, &n);

    if (!f)
        abort();
    for (size_t a = 0; a < s->axes_n; a++)
        fprintf(f, "%s%s=%s", a ? " " : "", s->axes[a].name,
                s->axes[a].values[choice[a]].label);
    if (fclose(f) != 0)
        abort();
    return text;
}

/* Reads one point and hands it on. */
static bool visit(struct scn_sweep *s, const size_t *choice, struct points_report *r,
                  point_fn *fn, void *user)
{
    struct scn_diags diags;
    struct scn scenario;
    bool ok = scn_sweep_point(s, choice, &scenario, &diags) == SCN_OK;
    char *values = points_text(s, choice), *where = NULL;

    if (asprintf(&where, "      first at the point %s", values) < 0)
        abort();
    report(r, &diags, where);
    scn_diags_free(&diags);
    free(where);
    free(values);
    if (!ok)
        return false;
    ok = cli_load_rest(&scenario, r->errors) &&
         (!fn || fn(&(struct point){s, choice, &scenario}, user));
    scn_free(&scenario);
    return ok;
}

bool points_each(struct scn_sweep *s, struct points_report *r, point_fn *fn, void *user)
{
    size_t choice[SCN_AXES_MAX];
    bool ok = true;

    for (uint64_t i = 0; i < s->combinations_n && r->seen_n < SCN_DIAGS_MAX; i++)
        if (scn_sweep_choose(s, i, choice))
            ok = visit(s, choice, r, ok ? fn : NULL, user) && ok;
    return ok;
}

/* ---- stage2sim points ---- */

static void print_line(json_t *line)
{
    json_dumpf(line, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(line);
}

static void put_point(const struct point *p, const char *id, const struct scn_set *sets,
                      size_t sets_n)
{
    json_t *values = json_array(), *variants = json_array(), *list = json_array();

    for (size_t a = 0; a < p->sweep->axes_n; a++)
        json_array_append_new(
            values, json_string(p->sweep->axes[a].values[p->choice[a]].label));
    for (size_t v = 0; v < p->scenario->variants_n; v++)
        json_array_append_new(variants, json_string(p->scenario->variants[v].name));
    for (size_t i = 0; i < sets_n; i++)
        json_array_append_new(
            list, json_sprintf("%s=%s", sets[i].path->text, sets[i].value->text));
    print_line(json_pack("{s:s, s:o, s:o, s:o, s:i}", "id", id, "values", values, "set",
                         list, "variants", variants, "seeds",
                         (int)p->scenario->seeds_n));
}

static bool print_point(const struct point *p, void *user)
{
    struct scn_set *sets = calloc(scn_sweep_sets_max(p->sweep) + 1, sizeof *sets);
    const struct sha256 *common = user;
    char id[POINT_ID_MAX];
    size_t n;
    bool ok;

    if (!sets)
        abort();
    n = scn_sweep_sets(p->sweep, p->choice, sets);
    ok = point_id(common, p->scenario, sets, n, id);
    if (ok)
        put_point(p, id, sets, n);
    else
        fprintf(stderr, "stage2sim points: %s names a file that cannot be read\n",
                p->scenario->file);
    free(sets);
    return ok;
}

static json_t *axes_of(const struct scn_sweep *s)
{
    json_t *axes = json_array();

    for (size_t a = 0; a < s->axes_n; a++) {
        const struct scn_axis *axis = &s->axes[a];
        json_t *values = json_array();

        for (size_t i = 0; i < axis->values_n; i++)
            json_array_append_new(values, json_string(axis->values[i].label));
        json_array_append_new(
            axes, json_pack("{s:s, s:o}", "name", axis->name, "values", values));
    }
    return axes;
}

static json_t *drawn_of(const struct scn_sweep *s)
{
    json_t *names = json_array();

    for (const struct scn_node *n = s->columns; n; n = n->next)
        json_array_append_new(names, json_string(n->text));
    return names;
}

static json_t *columns(void)
{
    json_t *names = json_array();

    for (size_t i = 0; i < rec_columns_n(); i++)
        json_array_append_new(names, json_string(rec_column_name(i)));
    return names;
}

static int print_points(const char *file)
{
    struct points_report r = {.seen_n = 0};
    struct sha256 common;
    struct scn_sweep s;
    bool ok = points_load(file, &s, &r);

    if (ok && !point_id_begin(&common)) {
        fputs("stage2sim points: cannot read its own program file\n", stderr);
        ok = false;
    }
    if (ok) {
        print_line(json_pack("{s:i, s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "format",
                             SCN_FORMAT_VERSION, "version", STAGE2SIM_VERSION, "name",
                             s.name, "title", s.title, "scenario", s.base.file, "axes",
                             axes_of(&s), "draw", drawn_of(&s), "columns", columns()));
        ok = points_each(&s, &r, print_point, &common);
    }
    scn_sweep_free(&s);
    points_report_free(&r);
    return ok && fflush(stdout) == 0 ? CLI_OK : CLI_INPUT;
}

int cli_points(int argc, char **argv)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {0}};

    for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (c != 'h')
            return CLI_INPUT;
        puts("usage: stage2sim points SWEEP\n\n"
             "Writes one line of JSON about a sweep, then one per point: its id, which "
             "names\nits results by what they come from, the values on the axes, and "
             "the arguments of\n`run --set` that make it. ./sweep reads this.");
        return CLI_OK;
    }
    if (optind != argc - 1)
        return cli_usage_error("points", "one sweep file is needed");
    return print_points(argv[optind]);
}
