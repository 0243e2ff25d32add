/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/trace/trace_fixture.h - texts in memory as recordings, and their files. */
#ifndef TESTS_UNIT_TRACE_TRACE_FIXTURE_H
#define TESTS_UNIT_TRACE_TRACE_FIXTURE_H

#include "model/trace/reader.h"

#include <stddef.h>

#define FIXTURE_NAME "recording.txt"
#define FIXTURE_SHIPPED                                                                \
    STAGE2SIM_SOURCE_DIR "/scenarios/traces/kvm612-pagetable-2m-4vcpu-adjust.txt.xz"
#define FIXTURE_DATA(name) STAGE2SIM_SOURCE_DIR "/tests/unit/trace/data/" name

/* trace_import_stream() of len bytes under the name FIXTURE_NAME. */
bool fixture_import(const void *bytes, size_t len, struct trace *out,
                    struct trace_error *err);

/* A text that must be good, else the test fails. */
struct trace fixture_import_text(const char *text);

/* A file as it lies there; NULL if it cannot be read. The caller frees it. */
unsigned char *fixture_read(const char *path, size_t *len);

/* The .xz stream of a text, and the text of one. The caller frees it. */
unsigned char *fixture_xz(const void *bytes, size_t len, size_t *xz_len);
char *fixture_unxz(const void *xz, size_t xz_len, size_t *len);

/* Path of a file in a folder of this process, which fixture_clean() removes with the
 * files that were named. */
const char *fixture_path(const char *name);
void fixture_clean(void);
void fixture_write(const char *path, const void *bytes, size_t len);

/* The file at path as a .s2t at out; the test fails if that fails. */
void fixture_to_s2t(const char *path, const char *out);

/* The file at path as exported text. The caller frees it. */
char *fixture_to_text(const char *path, size_t *len);

#endif
