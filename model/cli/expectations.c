/* SPDX-License-Identifier: Apache-2.0 */
#include "model/cli/cli_priv.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static size_t variant_of(const struct rec_results *r, const char *name)
{
    size_t v = 0;

    while (v + 1 < r->variants_n && strcmp(r->variants[v], name) != 0)
        v++;
    return v;
}

static bool is_expected(const struct mon_violation *v, const struct scn_expect *e)
{
    return strcmp(mon_code_name(mon_rule_code(v->rule)), e->violation) == 0 &&
           (e->at == 0 || v->line == e->at);
}

static bool run_reports(const struct rec_run *run, const struct scn_expect *e)
{
    for (size_t i = 0; i < run->violations_n; i++) {
        if (is_expected(&run->violations[i], e))
            return true;
    }
    return false;
}

static int check_violation(const struct scn_expect *e, const struct rec_results *of)
{
    const struct rec_run *runs = &of->runs[variant_of(of, e->variant) * of->seeds_n];

    for (size_t seed = 0; seed < of->seeds_n; seed++) {
        if (run_reports(&runs[seed], e))
            continue;
        fprintf(stderr,
                "%s:%u:%u: expectation failed: variant %s, seed %" PRIu64
                ": no %s reported",
                e->pos.file, e->pos.line, e->pos.col, e->variant, of->seed_first + seed,
                e->violation);
        if (e->at)
            fprintf(stderr, " at line %u", e->at);
        fputc('\n', stderr);
        return CLI_FAILED;
    }
    return CLI_OK;
}

static int check_column(const struct scn_expect *e, const struct rec_results *of)
{
    const double got =
        rec_results_spread(of, variant_of(of, e->variant), rec_column_find(e->column))
            .median;

    if (got >= e->min && got <= e->max)
        return CLI_OK;
    fprintf(stderr, "%s:%u:%u: expectation failed: %s of variant %s is %g, expected ",
            e->pos.file, e->pos.line, e->pos.col, e->column, e->variant, got);
    if (isinf(e->min))
        fprintf(stderr, "at most %g\n", e->max);
    else if (isinf(e->max))
        fprintf(stderr, "at least %g\n", e->min);
    else
        fprintf(stderr, "%g to %g\n", e->min, e->max);
    return CLI_FAILED;
}

int cli_check_expectations(const struct scn *s, const struct cli_results *results)
{
    int status = CLI_OK;

    for (size_t i = 0; i < s->expects_n; i++) {
        const struct scn_expect *e = &s->expects[i];
        const struct rec_results *of =
            e->vm >= 0 && results->vms ? &results->vms[e->vm] : &results->machine;

        if ((e->column ? check_column(e, of) : check_violation(e, of)) != CLI_OK)
            status = CLI_FAILED;
    }
    return status;
}
