/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/print.c - results as a person reads them in a terminal. */
#include "model/cli/cli_priv.h"

#include <math.h>
#include <stdlib.h>

/* 7.04 ms, 312 ns, ...; "-" for NAN. */
static void time_text(double ns, char *out, size_t n)
{
    static const char *const units[] = {"ns", "us", "ms", "s"};
    int unit = 0;

    if (isnan(ns)) {
        snprintf(out, n, "-");
        return;
    }
    while (unit < 3 && fabs(ns) >= 1000) {
        ns /= 1000;
        unit++;
    }
    snprintf(out, n, "%.3g %s", ns, units[unit]);
}

static double median(const struct rec_results *r, size_t variant, const char *column)
{
    return rec_results_spread(r, variant, rec_column_find(column)).median;
}

/* A variant whose VM stopped in some seeds. */
static void print_stopped(const struct rec_results *r, size_t variant)
{
    const size_t column = rec_column_find("stopped_at_ns");
    double first = INFINITY;
    size_t stopped_n = 0;
    char text[32];

    for (size_t i = 0; i < r->seeds_n; i++) {
        struct rec_metrics m;

        rec_metrics(&r->runs[variant * r->seeds_n + i], &m);
        if (isnan(m.v[column]))
            continue;
        stopped_n++;
        first = m.v[column] < first ? m.v[column] : first;
    }
    if (stopped_n == 0)
        return;
    time_text(first, text, sizeof text);
    printf("%s: the VM stopped at %s, in %zu of %zu seeds: a TLB conflict abort, which "
           "KVM does not handle; the rest was counted until then\n",
           r->variants[variant], text, stopped_n, r->seeds_n);
}

static void print_variants(const struct rec_results *r)
{
    static const char *const counts[] = {"faults_window", "faults_nt", "exits"};
    static const char *const times[] = {"window_invalid_ns", "stall_max_ns",
                                        "request_p50_ns", "request_p999_ns",
                                        "request_p9999_ns"};

    printf("%-16s %7s %7s %7s %11s %11s %11s %11s %11s %10s\n", "variant", "window",
           "nT", "exits", "invalid for", "max stall", "p50", "p99.9", "p99.99",
           "violations");
    for (size_t v = 0; v < r->variants_n; v++) {
        printf("%-16s", r->variants[v]);
        for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
            printf(" %7.0f", median(r, v, counts[i]));
        for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
            char text[32];

            time_text(median(r, v, times[i]), text, sizeof text);
            printf(" %11s", text);
        }
        printf(" %10.0f\n", median(r, v, "violations"));
    }
    for (size_t v = 0; v < r->variants_n; v++)
        print_stopped(r, v);
    if (r->seeds_n < 6)
        printf("(%zu seeds: indicative only, 6 or more give intervals)\n", r->seeds_n);
}

void cli_print_results(const struct scn *s, const struct cli_results *results)
{
    const struct rec_results *all = &results->machine;

    const bool ordered = all->runs[0].attempts_n != 0;

    if (!ordered)
        print_variants(all);
    for (uint32_t i = 0; results->vms && i < s->vms_n; i++) {
        printf("\nvm %s:\n", s->vms[i].name);
        print_variants(&results->vms[i]);
    }
    if (ordered || all->runs[0].closed)
        cli_print_replay(s, all);
    if (s->quantum_ps)
        printf("NOT EXACT: PEs ran ahead of each other by a quantum of %.12g ns\n",
               (double)s->quantum_ps / 1000);
}
