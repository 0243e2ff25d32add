/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/sweep.h - a sweep: one scenario with parameters varied along axes.
 *
 * docs/sweeps.md describes the file. A point is one choice of a value on every axis;
 * points are counted with the last axis fastest, those that rules leave out too. */
#ifndef MODEL_SCENARIO_SWEEP_H
#define MODEL_SCENARIO_SWEEP_H

#include "model/scenario/set.h"

#define SCN_AXES_MAX 16
#define SCN_AXIS_VALUES_MAX 10000
#define SCN_POINTS_MAX 1000000 /* of all combinations */

/* A value of an axis: what it is called, and what it sets. */
struct scn_axis_value {
    const char *label;
    const struct scn_node *at;
    struct scn_set *sets; /* [sets_n] */
    size_t sets_n;
};

struct scn_axis {
    const struct scn_node *at;
    const char *name;
    struct scn_axis_value *values; /* [values_n], at least one */
    size_t values_n;
    struct scn_node *made; /* the texts of a range, a list; or NULL */
};

/* A rule of `only` or `skip`: matches a point whose values it has on every axis. */
struct scn_rule {
    bool *has[SCN_AXES_MAX]; /* [axis][value]; NULL: any value */
};

struct scn_sweep {
    struct scn_doc doc;  /* of the sweep file: owns all texts */
    struct scn_doc base; /* of the scenario */
    struct scn_doc platform;
    char *platform_dir;
    const char *name, *title;
    const struct scn_node *columns; /* scalars, siblings: what a report draws */
    struct scn_set *sets;           /* [sets_n]: `set` and `seeds`, for all points */
    size_t sets_n;
    struct scn_node *made;
    struct scn_axis axes[SCN_AXES_MAX];
    size_t axes_n;
    struct scn_rule *only, *skip;
    size_t only_n, skip_n;
    uint64_t combinations_n;
};

/* A file that can be read and has the key `sweep` is meant as a sweep. */
bool scn_is_sweep(const char *file);

/* Reads a sweep file and its scenario's nodes; false after diagnostics. End with
 * scn_sweep_free() in either case. */
ARCH_MUST_USE bool scn_sweep_load(const char *file, const char *platform_dir,
                                  struct scn_sweep *out, struct scn_diags *diags);
void scn_sweep_free(struct scn_sweep *s);

/* The values of a combination, by index: choice[axes_n]. Returns false if a rule leaves
 * it out. */
bool scn_sweep_choose(const struct scn_sweep *s, uint64_t combination, size_t *choice);

/* What a point sets, in this order. Returns how many were written to out
 * [scn_sweep_sets_max()]. */
size_t scn_sweep_sets_max(const struct scn_sweep *s);
size_t scn_sweep_sets(const struct scn_sweep *s, const size_t *choice,
                      struct scn_set *out);

/* The scenario of a point, as scn_load() gives it. */
ARCH_MUST_USE enum scn_status scn_sweep_point(struct scn_sweep *s, const size_t *choice,
                                              struct scn *out, struct scn_diags *diags);

#endif
