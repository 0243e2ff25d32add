/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/scenario/scratch.h - scenario files that exist for one test only. */
#ifndef TESTS_UNIT_SCENARIO_SCRATCH_H
#define TESTS_UNIT_SCENARIO_SCRATCH_H

#include "model/scenario/scn.h"

#define PLATFORM_DIR STAGE2SIM_SOURCE_DIR "/scenarios/platforms"

/* A folder of its own under TMPDIR (or /tmp), removed by scratch_remove(). */
void scratch_make(void);
void scratch_remove(void);

/* The same as fixtures of a group of tests; state is not used. */
int scratch_setup(void **state);
int scratch_teardown(void **state);

/* The path of a file in the folder; the text stays until the next call. */
const char *scratch_path(const char *name);
void scratch_write(const char *name, const char *text);

/* The whole of a file, NUL at the end; free() it. */
char *scratch_read(const char *path);

/* text with its one occurrence of `from` replaced; free() it. */
char *scratch_replace(const char *text, const char *from, const char *to);

/* Loads base with that replacement, which must be valid; end with scn_free(). */
void scratch_load(const char *base, const char *from, const char *to, struct scn *s);

/* Fails unless scn_write_json() of s contains part. */
void scratch_check_json(const struct scn *s, const char *part);

#endif
