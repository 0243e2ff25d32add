/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/point_id.h - results named by what they come from. */
#ifndef MODEL_CLI_POINT_ID_H
#define MODEL_CLI_POINT_ID_H

#include "model/cli/sha256.h"
#include "model/scenario/set.h"

#include <stdbool.h>

#define POINT_ID_MAX 33 /* 32 hexadecimal digits */

/* The part that all points of a process have in common: version, and the program
 * itself, since a program built from changed sources may keep its version. False if
 * the program cannot be read. */
bool point_id_begin(struct sha256 *common);

/* The id of a scenario that sets have made: of everything that its results depend on.
 * False if a file that it names cannot be read. */
bool point_id(const struct sha256 *common, const struct scn *s,
              const struct scn_set *sets, size_t sets_n, char id[POINT_ID_MAX]);

#endif
