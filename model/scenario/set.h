/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/set.h - parameters of a scenario given from outside, by path. */
#ifndef MODEL_SCENARIO_SET_H
#define MODEL_SCENARIO_SET_H

#include "model/scenario/yaml.h"

/* One parameter and its value, as text. A diagnostic about either names the place of
 * its node: a line of a sweep file, or a column of the command line. */
struct scn_set {
    const struct scn_node *path;  /* scalar: as diagnostics name a parameter, such as
                                   * "vms[0].vcpus" or "overrides.tlb.l2.entries" */
    const struct scn_node *value; /* scalar: what would stand behind the key; a text
                                   * that begins with [ or { is a list or map */
};

/**
 * scn_set_apply() - put values into the tree of a scenario before it is read.
 * @doc:  of the scenario, or a copy (scn_doc_copy()).
 * @sets: [sets_n], applied in this order; their documents must outlive @doc.
 *
 * Maps on the way to a parameter that are absent are made. False, after diagnostics,
 * if a path leads nowhere; a key or value that no scenario accepts is found when the
 * tree is read.
 */
ARCH_MUST_USE bool scn_set_apply(struct scn_doc *doc, const struct scn_set *sets,
                                 size_t sets_n, struct scn_diags *diags);

/* A parameter set on the command line: "path=value". */
struct scn_set_arg {
    struct scn_doc doc; /* file "--set", text the argument */
    struct scn_node path, value;
};

/* False, after a diagnostic, if arg is not "path=value". End with
 * scn_set_arg_free() in either case; out must not move while it is used. */
ARCH_MUST_USE bool scn_set_arg_parse(const char *arg, struct scn_set_arg *out,
                                     struct scn_diags *diags);
void scn_set_arg_free(struct scn_set_arg *a);

/* scn_load() of a scenario with parameters set. */
ARCH_MUST_USE enum scn_status scn_load_set(const char *file, const char *platform_dir,
                                           const struct scn_set *sets, size_t sets_n,
                                           struct scn *out, struct scn_diags *diags);

#endif
