/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/sweep_priv.h - what the readers of a sweep file share. */
#ifndef MODEL_SCENARIO_SWEEP_PRIV_H
#define MODEL_SCENARIO_SWEEP_PRIV_H

#include "model/scenario/scn_priv.h"
#include "model/scenario/sweep.h"

/* Fills in axis from its map; false after diagnostics. */
bool scn_read_axis(const struct scn_reader *r, const struct scn_node *map,
                   struct scn_axis *axis);
void scn_axis_free(struct scn_axis *axis);

/* The values of `range` or `log` as a list of scalars at map; NULL after diagnostics.
 */
struct scn_node *scn_read_range(const struct scn_reader *r, const struct scn_node *map);
struct scn_node *scn_read_log(const struct scn_reader *r, const struct scn_node *map);

/* The keys of a map as paths, with their values; free() *sets in either case. */
bool scn_read_sets(const struct scn_reader *r, const struct scn_node *map,
                   struct scn_set **sets, size_t *sets_n);

/* Rules of a list, for the axes of s. */
bool scn_read_rules(const struct scn_reader *r, const struct scn_node *list,
                    const struct scn_sweep *s, struct scn_rule **rules, size_t *n);

#endif
