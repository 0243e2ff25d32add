/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/sensitivity_print.c - which parameters flip the verdict, in a terminal. */
#include "model/cli/cli_priv.h"

#include <string.h>

static size_t count_run(const struct rec_sensitivity *s)
{
    size_t n = 0;

    for (size_t i = 0; i < s->points_n; i++)
        n += s->points[i].tail != NULL;
    return n;
}

static void print_flip(const struct rec_results *r, size_t point, size_t variant)
{
    const struct rec_sensitivity *s = r->sensitivity;
    const struct rec_point *p = &s->points[point];

    printf("  %s x %g = %s: %s against %s: %s becomes %s\n", p->parameter, p->factor,
           p->value, r->variants[variant], r->variants[s->baseline],
           rec_verdict_name(rec_base_verdict(s, variant)),
           rec_verdict_name(rec_point_verdict(s, point, variant)));
}

static size_t print_flips(const struct rec_results *r)
{
    const struct rec_sensitivity *s = r->sensitivity;
    size_t flips_n = 0;

    for (size_t i = 0; i < s->points_n; i++)
        for (size_t v = 0; v < s->variants_n; v++)
            if (rec_point_flips(s, i, v)) {
                if (flips_n++ == 0)
                    puts("assumed parameters that flip the verdict:");
                print_flip(r, i, v);
            }
    return flips_n;
}

/* The points of a parameter that was refused follow each other. */
static void print_skipped(const struct rec_sensitivity *s)
{
    for (size_t i = 0; i < s->points_n; i++) {
        const struct rec_point *p = &s->points[i];

        if (*p->skipped && p->factor == p->factor)
            printf("  not run: %s x %g = %s: %s\n", p->parameter, p->factor, p->value,
                   p->skipped);
    }
}

void cli_print_sensitivity(const struct rec_results *results)
{
    const struct rec_sensitivity *s = results->sensitivity;

    printf(
        "\nsensitivity: each assumed parameter halved and doubled, %zu platforms%s\n",
        count_run(s), results->seeds_n < 6 ? " (indicative: medians compared)" : "");
    if (print_flips(results) == 0)
        puts("no assumed parameter flips the verdict");
    print_skipped(s);
}
