/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/record/scratch_dir.h - a folder that goes away with its files. */
#ifndef TESTS_UNIT_RECORD_SCRATCH_DIR_H
#define TESTS_UNIT_RECORD_SCRATCH_DIR_H

#include <stdbool.h>
#include <stddef.h>

struct scratch_dir {
    char path[256];
};

/* A new empty folder under $TMPDIR or /tmp. */
bool scratch_dir_make(struct scratch_dir *dir);

/* Removes the folder and the files in it. */
void scratch_dir_remove(struct scratch_dir *dir);

/* Reads a file of the folder as text into out; false if it is not there or too long. */
bool scratch_dir_read(const struct scratch_dir *dir, const char *name, char *out,
                      size_t out_n);

/* The number of files in the folder. */
size_t scratch_dir_files(const struct scratch_dir *dir);

#endif
