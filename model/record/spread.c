/* SPDX-License-Identifier: Apache-2.0 */
/* model/record/spread.c - median and its distribution-free interval. */
#include "model/record/metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The largest k with 2 * P(Binomial(n, 1/2) < k) <= 5 %: the k-th smallest and k-th
 * largest of n values bound the median with at least 95 %. 0 if there is no such k. */
static size_t sign_test_rank(size_t n)
{
    double term = pow(0.5, (double)n); /* P(X = i) */
    double below = 0;
    size_t k = 0;

    while (k < n && 2 * (below + term) <= 0.05) {
        below += term;
        term *= (double)(n - k) / (double)(k + 1);
        k++;
    }
    return k;
}

struct rec_spread rec_spread(const double *values, size_t n)
{
    struct rec_spread s = {NAN, NAN, NAN};
    double *sorted;
    size_t k;

    for (size_t i = 0; i < n; i++) {
        if (isnan(values[i]))
            return s;
    }
    sorted = n ? malloc(n * sizeof *sorted) : NULL;
    if (!sorted)
        return s;
    memcpy(sorted, values, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, ascending);
    s.median = n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
    k = sign_test_rank(n);
    if (k > 0) {
        s.lo = sorted[k - 1];
        s.hi = sorted[n - k];
    }
    free(sorted);
    return s;
}
