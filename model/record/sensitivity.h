/* SPDX-License-Identifier: Apache-2.0 */
/* model/record/sensitivity.h - verdicts of a scenario while its platform varies.
 *
 * docs/results-format.md gives the meaning of each column of sensitivity.csv. */
#ifndef MODEL_RECORD_SENSITIVITY_H
#define MODEL_RECORD_SENSITIVITY_H

#include "model/record/metrics.h"

/* The column that verdicts compare. */
#define REC_VERDICT_COLUMN "request_p999_ns"

/* A variant against the baseline. */
enum rec_verdict {
    REC_VERDICT_NONE,    /* a run of one of them has measured no request */
    REC_VERDICT_BROKEN,  /* one of them broke an architecture rule or stopped the VM */
    REC_VERDICT_UNCLEAR, /* the intervals overlap */
    REC_VERDICT_LOWER,   /* its tail is shorter */
    REC_VERDICT_HIGHER,
};

/* What a verdict needs to know of one variant. */
struct rec_tail {
    struct rec_spread spread; /* of REC_VERDICT_COLUMN */
    bool broken;              /* in any seed */
};

/* values: [seeds_n], of the variant's runs. */
struct rec_tail rec_tail(const struct rec_metrics *values, size_t seeds_n);

/* Without intervals, below 6 seeds, the medians alone decide: that is indicative. */
enum rec_verdict rec_verdict(const struct rec_tail *baseline,
                             const struct rec_tail *other);
const char *rec_verdict_name(enum rec_verdict v);

/* A platform that differs in one parameter. */
struct rec_point {
    char parameter[64];
    double factor;         /* NAN: the parameter cannot be varied */
    char value[96];        /* as a platform file would give it */
    char skipped[160];     /* why it was not run; "" if it was */
    struct rec_tail *tail; /* [variants_n]; NULL if it was not run */
};

struct rec_sensitivity {
    size_t variants_n;
    size_t baseline;          /* variant that the others are compared with */
    bool *contends;           /* [variants_n] those of which the verdict speaks */
    struct rec_tail *base;    /* [variants_n] of the platform as it is */
    struct rec_point *points; /* [points_n] */
    size_t points_n;
};

/* Of a point that was run. */
enum rec_verdict rec_point_verdict(const struct rec_sensitivity *s, size_t point,
                                   size_t variant);
enum rec_verdict rec_base_verdict(const struct rec_sensitivity *s, size_t variant);
/* False for a point that was not run and for variants that do not contend. */
bool rec_point_flips(const struct rec_sensitivity *s, size_t point, size_t variant);

void rec_sensitivity_free(struct rec_sensitivity *s);

#endif
