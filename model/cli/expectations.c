/* SPDX-License-Identifier: Apache-2.0 */
#include "model/cli/cli_priv.h"

#include <math.h>
#include <string.h>

static size_t variant_of(const struct rec_results *r, const char *name)
{
    size_t v = 0;

    while (v + 1 < r->variants_n && strcmp(r->variants[v], name) != 0)
        v++;
    return v;
}

int cli_check_expectations(const struct scn *s, const struct cli_results *results)
{
    int status = CLI_OK;

    for (size_t i = 0; i < s->expects_n; i++) {
        const struct scn_expect *e = &s->expects[i];
        const struct rec_results *of =
            e->vm >= 0 && results->vms ? &results->vms[e->vm] : &results->machine;
        double got = rec_results_spread(of, variant_of(of, e->variant),
                                        rec_column_find(e->column))
                         .median;

        if (got >= e->min && got <= e->max)
            continue;
        fprintf(stderr,
                "%s:%u:%u: expectation failed: %s of variant %s is %g, expected ",
                e->pos.file, e->pos.line, e->pos.col, e->column, e->variant, got);
        if (isinf(e->min))
            fprintf(stderr, "at most %g\n", e->max);
        else if (isinf(e->max))
            fprintf(stderr, "at least %g\n", e->min);
        else
            fprintf(stderr, "%g to %g\n", e->min, e->max);
        status = CLI_FAILED;
    }
    return status;
}
