/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/trace/trace_fixture.c - texts in memory as recordings, and their files. */
#define _POSIX_C_SOURCE 200809L /* fmemopen */
#include "tests/unit/trace/trace_fixture.h"

#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>

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
