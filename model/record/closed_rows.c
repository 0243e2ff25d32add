/* SPDX-License-Identifier: Apache-2.0 */
/* model/record/closed_rows.c - a closed-loop replay over its seeds, and its files. */
#include "model/record/metrics.h"
#include "model/record/results_priv.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

/* All seeds of a run see the same phases, so their lists have the same rows. */
size_t rec_closed_summary(const struct rec_results *r, size_t variant,
                          struct rec_closed_row *out, size_t max)
{
    const struct rec_run *runs = &r->runs[variant * r->seeds_n];
    struct rec_replay_count *counts = calloc(max * r->seeds_n, sizeof *counts);
    double *values = calloc(r->seeds_n, sizeof *values);
    size_t n = 0;

    for (size_t s = 0; counts && values && s < r->seeds_n; s++)
        n = rec_closed_counts(&runs[s], &counts[s * max], max);
    for (size_t i = 0; i < n; i++) {
        out[i] = (struct rec_closed_row){.count = counts[i]};
        for (size_t s = 0; s < r->seeds_n; s++) {
            values[s] = counts[s * max + i].simulated;
            out[i].equal_n += values[s] == counts[i].recorded;
        }
        out[i].simulated = rec_spread(values, r->seeds_n);
    }
    free(counts);
    free(values);
    return n;
}

bool rec_closed_row_is_silent(const struct rec_closed_row *row)
{
    const struct rec_spread *s = &row->simulated;

    return (isnan(row->count.recorded) || row->count.recorded == 0) &&
           (isnan(s->median) || (s->median == 0 && !(s->hi > 0)));
}

static void put_row(FILE *f, const char *variant, const struct rec_closed_row *row)
{
    fprintf(f, "%s,%s,", variant, row->count.quantity);
    rec_put_number(f, row->count.recorded);
    fputc(',', f);
    rec_put_number(f, row->simulated.median);
    fputc(',', f);
    rec_put_number(f, row->simulated.lo);
    fputc(',', f);
    rec_put_number(f, row->simulated.hi);
    fputc(',', f);
    if (!isnan(row->count.recorded) && !isnan(row->simulated.median))
        fprintf(f, "%zu", row->equal_n);
    fputc('\n', f);
}

void rec_write_closed_loop(const struct rec_results *r, FILE *f)
{
    const size_t max = rec_closed_counts_max(&r->runs[0]);
    struct rec_closed_row *rows = calloc(max, sizeof *rows);

    fputs("variant,quantity,recorded,simulated,simulated_lo,simulated_hi,seeds_equal\n",
          f);
    for (size_t v = 0; rows && v < r->variants_n; v++) {
        const size_t n = rec_closed_summary(r, v, rows, max);

        for (size_t i = 0; i < n; i++) {
            if (!rec_closed_row_is_silent(&rows[i]))
                put_row(f, r->variants[v], &rows[i]);
        }
    }
    free(rows);
}

static void put_pair(FILE *f, bool has, uint32_t recorded, uint32_t simulated)
{
    fputc(',', f);
    if (has)
        fprintf(f, "%" PRIu32, recorded);
    fprintf(f, ",%" PRIu32, simulated);
}

static void block_rows(const char *variant, uint64_t seed, const struct rec_run *run,
                       FILE *f)
{
    const struct rec_recorded *w = &run->recorded;
    const struct rec_closed *k = run->closed;

    for (size_t i = 0; i < k->blocks_n; i++) {
        const struct rec_closed_deeds *a = &k->blocks[i].side[REC_RECORDED],
                                      *b = &k->blocks[i].side[REC_SIMULATED];

        fprintf(f, "%s,%" PRIu64 ",0x%" PRIx64, variant, seed,
                k->ipa.v + i * k->block_bytes);
        put_pair(f, w->has_breaks, a->breaks, b->breaks);
        put_pair(f, w->has_makes, a->makes, b->makes);
        put_pair(f, w->has_frees, a->frees, b->frees);
        put_pair(f, w->has_relaxations, a->relaxations, b->relaxations);
        fputc('\n', f);
    }
}

void rec_write_closed_loop_blocks(const struct rec_results *r, FILE *f)
{
    fputs("variant,seed,block,recorded_breaks,simulated_breaks,recorded_makes,"
          "simulated_makes,recorded_frees,simulated_frees,recorded_relaxations,"
          "simulated_relaxations\n",
          f);
    for (size_t v = 0; v < r->variants_n; v++) {
        for (size_t s = 0; s < r->seeds_n; s++)
            block_rows(r->variants[v], r->seed_first + s, &r->runs[v * r->seeds_n + s],
                       f);
    }
}
