/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/trace/trace_fixture.h - texts in memory as recordings, and their files. */
#ifndef TESTS_UNIT_TRACE_TRACE_FIXTURE_H
#define TESTS_UNIT_TRACE_TRACE_FIXTURE_H

#include "model/trace/trace.h"

#include <stddef.h>

#define FIXTURE_NAME "recording.txt"
#define FIXTURE_SHIPPED                                                                \
    STAGE2SIM_SOURCE_DIR "/scenarios/traces/kvm612-pagetable-2m-4vcpu-adjust.txt.xz"

/* trace_import_stream() of len bytes under the name FIXTURE_NAME. */
bool fixture_import(const void *bytes, size_t len, struct trace *out,
                    struct trace_error *err);

/* A file as it lies there; NULL if it cannot be read. The caller frees it. */
unsigned char *fixture_read(const char *path, size_t *len);

/* The .xz stream of a text, and the text of one. The caller frees it. */
unsigned char *fixture_xz(const void *bytes, size_t len, size_t *xz_len);
char *fixture_unxz(const void *xz, size_t xz_len, size_t *len);

#endif
