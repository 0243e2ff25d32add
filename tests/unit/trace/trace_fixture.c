/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/trace/trace_fixture.c - texts in memory as recordings, and their files. */
#define _POSIX_C_SOURCE 200809L /* fmemopen, mkdtemp */
#include "tests/unit/trace/trace_fixture.h"

#include "model/trace/import.h"

#include <lzma.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define PATHS_MAX 16

static char folder[64];
static char paths[PATHS_MAX][128];

bool fixture_import(const void *bytes, size_t len, struct trace *out,
                    struct trace_error *err)
{
    /* A stream that is only read does not write to its buffer. */
    FILE *in = fmemopen((void *)(uintptr_t)bytes, len, "rb");

    if (in == NULL)
        abort();

    const bool ok = trace_import_stream(in, FIXTURE_NAME, out, err);

    fclose(in);
    return ok;
}

struct trace fixture_import_text(const char *text)
{
    struct trace t;
    struct trace_error err;

    if (!fixture_import(text, strlen(text), &t, &err))
        fail_msg("line %u: %s\n  of: %s", err.line, err.text, text);
    return t;
}

unsigned char *fixture_read(const char *path, size_t *len)
{
    const size_t room = (size_t)64 << 20;
    FILE *in = fopen(path, "rb");
    unsigned char *bytes = NULL;

    if (in == NULL)
        return NULL;
    bytes = malloc(room);
    if (bytes == NULL)
        abort();
    *len = fread(bytes, 1, room, in);
    fclose(in);
    return bytes;
}

unsigned char *fixture_xz(const void *bytes, size_t len, size_t *xz_len)
{
    const size_t room = lzma_stream_buffer_bound(len);
    unsigned char *xz = malloc(room);

    *xz_len = 0;
    if (xz == NULL || lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, NULL, bytes, len, xz,
                                              xz_len, room) != LZMA_OK)
        abort();
    return xz;
}

char *fixture_unxz(const void *xz, size_t xz_len, size_t *len)
{
    const size_t room = (size_t)64 << 20;
    uint64_t memory = UINT64_MAX;
    size_t at = 0;
    unsigned char *text = malloc(room);

    *len = 0;
    if (text == NULL || lzma_stream_buffer_decode(&memory, 0, NULL, xz, &at, xz_len,
                                                  text, len, room) != LZMA_OK)
        abort();
    return (char *)text;
}

const char *fixture_path(const char *name)
{
    char *path = NULL;

    if (folder[0] == '\0') {
        strcpy(folder, "/tmp/stage2sim-trace-XXXXXX");
        if (mkdtemp(folder) == NULL)
            abort();
    }
    for (int i = 0; path == NULL; i++) {
        assert_true(i < PATHS_MAX);
        if (paths[i][0] == '\0')
            snprintf(paths[i], sizeof(paths[i]), "%s/%s", folder, name);
        if (strcmp(strrchr(paths[i], '/') + 1, name) == 0)
            path = paths[i];
    }
    return path;
}

void fixture_clean(void)
{
    for (int i = 0; i < PATHS_MAX && paths[i][0] != '\0'; i++)
        unlink(paths[i]);
    if (folder[0] != '\0')
        rmdir(folder);
    folder[0] = '\0';
    memset(paths, 0, sizeof(paths));
}

void fixture_write(const char *path, const void *bytes, size_t len)
{
    FILE *out = fopen(path, "wb");

    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, len, out), len);
    assert_int_equal(fclose(out), 0);
}

void fixture_to_s2t(const char *path, const char *out)
{
    const struct trace_choice all = {-1, -1};
    struct trace_reader *r = calloc(1, sizeof(*r));
    struct trace_error err;
    uint64_t kept = 0;

    assert_non_null(r);
    if (!trace_to_s2t(path, out, &all, &kept, r, &err))
        fail_msg("%s:%u: %s", err.file, err.line, err.text);
    assert_int_equal(kept, r->origin.records);
    trace_reader_end(r);
    free(r);
}

char *fixture_to_text(const char *path, size_t *len)
{
    const struct trace_choice all = {-1, -1};
    struct trace_reader *r = calloc(1, sizeof(*r));
    struct trace_error err;
    char *text = NULL;
    FILE *out = open_memstream(&text, len);
    uint64_t kept;

    assert_non_null(r);
    assert_non_null(out);
    if (!trace_to_text(path, out, &all, &kept, r, &err))
        fail_msg("%s:%u: %s", err.file, err.line, err.text);
    assert_int_equal(fclose(out), 0);
    trace_reader_end(r);
    free(r);
    return text;
}
