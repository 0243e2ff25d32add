/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/scratch.h - temporary files without a name. */
#ifndef MODEL_CLI_SCRATCH_H
#define MODEL_CLI_SCRATCH_H

#include <stdio.h>

/* TMPDIR, or the folder that the C library uses. */
const char *cli_scratch_dir(void);

/* An empty file of that folder, to write and read; gone when it is closed. NULL with a
 * message printed. */
FILE *cli_scratch_open(void);

#endif
