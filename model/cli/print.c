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

static void print_cell(double v)
{
    if (isnan(v))
        printf(" %10s", "-");
    else
        printf(" %10.6g", v);
}

static void print_replay(const struct rec_results *r, size_t variant)
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

void cli_print_results(const struct scn *s, const struct cli_results *results)
{
    const struct rec_results *all = &results->machine;

    if (all->runs[0].attempts_n == 0)
        print_variants(all);
    for (uint32_t i = 0; results->vms && i < s->vms_n; i++) {
        printf("\nvm %s:\n", s->vms[i].name);
        print_variants(&results->vms[i]);
    }
    for (size_t v = 0; all->runs[0].attempts_n && v < all->variants_n; v++)
        print_replay(all, v);
    if (s->quantum_ps)
        printf("NOT EXACT: PEs ran ahead of each other by a quantum of %.12g ns\n",
               (double)s->quantum_ps / 1000);
}
