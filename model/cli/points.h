/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/points.h - the points of a sweep file, each read and checked. */
#ifndef MODEL_CLI_POINTS_H
#define MODEL_CLI_POINTS_H

#include "model/scenario/sweep.h"

#include <jansson.h>

/* What points_each() gives for a point. */
struct point {
    const struct scn_sweep *sweep;
    const size_t *choice; /* value on each axis */
    const struct scn *scenario;
};

typedef bool point_fn(const struct point *p, void *user);

/* Where diagnostics go: stderr, or two lists. Each text is reported once. */
struct points_report {
    json_t *errors, *warnings; /* both NULL: stderr */
    char *seen[2 * SCN_DIAGS_MAX];
    size_t seen_n;
};

/* Reads a sweep file and its scenario; reports what is wrong. End with
 * scn_sweep_free() in either case. */
bool points_load(const char *file, struct scn_sweep *s, struct points_report *r);

/* Calls fn, unless it is NULL, for every point in order. Returns false if a point is
 * not a valid scenario, after reporting, or if fn did. */
bool points_each(struct scn_sweep *s, struct points_report *r, point_fn *fn,
                 void *user);

void points_report_free(struct points_report *r);

/* "vcpus=4 block=2M" */
char *points_text(const struct scn_sweep *s, const size_t *choice);

#endif
