/* SPDX-License-Identifier: Apache-2.0 */
/* model/record/metrics.h - the columns of seeds.csv and summary.csv, and their spread.
 *
 * docs/results-format.md gives the meaning, unit and formula of each column. */
#ifndef MODEL_RECORD_METRICS_H
#define MODEL_RECORD_METRICS_H

#include "model/record/run.h"

#define REC_COLUMNS_MAX 80

/* One value per column; NAN where the column does not apply. */
struct rec_metrics {
    double v[REC_COLUMNS_MAX];
};

size_t rec_columns_n(void);
const char *rec_column_name(size_t column);
/* The column of that name, or SIZE_MAX. */
size_t rec_column_find(const char *name);

void rec_metrics(const struct rec_run *r, struct rec_metrics *out);

/* Median with the distribution-free 95 % interval of the sign test. lo and hi are NAN
 * below 6 values; all three are NAN if any value is. */
struct rec_spread {
    double median, lo, hi;
};
struct rec_spread rec_spread(const double *values, size_t n);

#endif
