/* SPDX-License-Identifier: Apache-2.0 */
#include "model/record/sensitivity.h"
#include "model/record/results_priv.h"

#include <math.h>
#include <stdlib.h>

struct rec_tail rec_tail(const struct rec_metrics *values, size_t seeds_n)
{
    const size_t column = rec_column_find(REC_VERDICT_COLUMN);
    const size_t violations = rec_column_find("violations");
    const size_t stopped = rec_column_find("stopped_at_ns");
    double *of_seeds = calloc(seeds_n, sizeof *of_seeds);
    struct rec_tail tail = {.spread = {NAN, NAN, NAN}};

    for (size_t i = 0; of_seeds && i < seeds_n; i++) {
        of_seeds[i] = values[i].v[column];
        tail.broken =
            tail.broken || values[i].v[violations] > 0 || !isnan(values[i].v[stopped]);
    }
    if (of_seeds)
        tail.spread = rec_spread(of_seeds, seeds_n);
    free(of_seeds);
    return tail;
}

enum rec_verdict rec_verdict(const struct rec_tail *baseline,
                             const struct rec_tail *other)
{
    const struct rec_spread *a = &baseline->spread, *b = &other->spread;

    if (baseline->broken || other->broken)
        return REC_VERDICT_BROKEN;
    if (isnan(a->median) || isnan(b->median))
        return REC_VERDICT_NONE;
    if (isnan(a->lo) ? a->median == b->median : a->lo <= b->hi && b->lo <= a->hi)
        return REC_VERDICT_UNCLEAR;
    return b->median < a->median ? REC_VERDICT_LOWER : REC_VERDICT_HIGHER;
}

const char *rec_verdict_name(enum rec_verdict v)
{
    static const char *const names[] = {[REC_VERDICT_NONE] = "none",
                                        [REC_VERDICT_BROKEN] = "broken",
                                        [REC_VERDICT_UNCLEAR] = "unclear",
                                        [REC_VERDICT_LOWER] = "lower",
                                        [REC_VERDICT_HIGHER] = "higher"};

    return names[v];
}

enum rec_verdict rec_base_verdict(const struct rec_sensitivity *s, size_t variant)
{
    return rec_verdict(&s->base[s->baseline], &s->base[variant]);
}

enum rec_verdict rec_point_verdict(const struct rec_sensitivity *s, size_t point,
                                   size_t variant)
{
    const struct rec_tail *tail = s->points[point].tail;

    return rec_verdict(&tail[s->baseline], &tail[variant]);
}

bool rec_point_flips(const struct rec_sensitivity *s, size_t point, size_t variant)
{
    return s->points[point].tail && s->contends[variant] &&
           rec_point_verdict(s, point, variant) != rec_base_verdict(s, variant);
}

static void put_tail(FILE *f, const struct rec_tail *t)
{
    rec_put_number(f, t->spread.median);
    fputc(',', f);
    rec_put_number(f, t->spread.lo);
    fputc(',', f);
    rec_put_number(f, t->spread.hi);
}

static const char *verdict_cell(const struct rec_sensitivity *s, size_t variant,
                                enum rec_verdict v)
{
    if (variant == s->baseline)
        return "baseline";
    return s->contends[variant] ? rec_verdict_name(v) : "";
}

static void put_point(const struct rec_results *r, size_t point, FILE *f)
{
    const struct rec_sensitivity *s = r->sensitivity;
    const struct rec_point *p = &s->points[point];

    for (size_t v = 0; v < (p->tail ? s->variants_n : 1); v++) {
        fprintf(f, "%s,", p->parameter);
        rec_put_number(f, p->factor);
        fprintf(f, ",%s,", p->value);
        if (!p->tail) {
            fprintf(f, ",,,,,,%s\n", p->skipped);
            continue;
        }
        fprintf(f, "%s,", r->variants[v]);
        put_tail(f, &p->tail[v]);
        fprintf(f, ",%s,%d,\n", verdict_cell(s, v, rec_point_verdict(s, point, v)),
                rec_point_flips(s, point, v));
    }
}

void rec_write_sensitivity(const struct rec_results *r, FILE *f)
{
    const struct rec_sensitivity *s = r->sensitivity;

    fprintf(f,
            "parameter,factor,value,variant,%s,%s_lo,%s_hi,verdict,flipped,skipped\n",
            REC_VERDICT_COLUMN, REC_VERDICT_COLUMN, REC_VERDICT_COLUMN);
    for (size_t v = 0; v < s->variants_n; v++) {
        fprintf(f, "base,1,,%s,", r->variants[v]);
        put_tail(f, &s->base[v]);
        fprintf(f, ",%s,0,\n", verdict_cell(s, v, rec_base_verdict(s, v)));
    }
    for (size_t i = 0; i < s->points_n; i++)
        put_point(r, i, f);
}

void rec_sensitivity_free(struct rec_sensitivity *s)
{
    for (size_t i = 0; i < s->points_n; i++)
        free(s->points[i].tail);
    free(s->points);
    free(s->base);
    free(s->contends);
}
