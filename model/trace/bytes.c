/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/bytes.c - a plain or .xz stream, told apart by its first bytes. */
#include "model/trace/trace_priv.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* A dictionary of xz -9 needs 65 MiB. */
#define XZ_MEMORY_BYTES (UINT64_C(256) << 20)
#define ACCEPTED "; accepted: the text of tracefs 'trace', plain or as .xz"

struct magic {
    const char *bytes;
    size_t len;
    const char *what; /* NULL: .xz */
};

static const struct magic magics[] = {
    {"\xfd"
     "7zXZ\0",
     6, NULL},
    {"\x17\x08"
     "Dtracing",
     10, "a binary recording of trace-cmd (trace.dat)"},
    {"PERFILE2", 8, "a binary recording of perf (perf.data)"},
    {"\x1f\x8b", 2, "compressed by gzip"},
    {"\x28\xb5\x2f\xfd", 4, "compressed by zstd"},
    {"BZh", 3, "compressed by bzip2"},
};

static bool refill(struct trace_bytes *b, struct trace_error *err)
{
    const size_t n = fread(b->input, 1, sizeof(b->input), b->in);

    b->lz.next_in = b->input;
    b->lz.avail_in = n;
    b->in_n += n;
    if (n == sizeof(b->input))
        return true;
    b->in_end = true;
    if (ferror(b->in))
        return trace_fail(err, "reading failed after byte %" PRIu64 ": %s", b->in_n,
                          strerror(errno));
    return true;
}

static bool open_xz(struct trace_bytes *b, struct trace_error *err)
{
    const lzma_ret ret =
        lzma_stream_decoder(&b->lz, XZ_MEMORY_BYTES, LZMA_CONCATENATED);

    b->xz = true;
    return ret == LZMA_OK || trace_fail(err, "no memory for the .xz decoder");
}

bool trace_bytes_open(struct trace_bytes *b, FILE *in, struct trace_error *err)
{
    b->in = in;
    b->in_end = false;
    b->xz = false;
    b->xz_end = false;
    b->lz = (lzma_stream)LZMA_STREAM_INIT;
    b->in_n = 0;
    if (!refill(b, err))
        return false;
    if (b->in_n == 0)
        return trace_fail(err, "the file is empty" ACCEPTED);
    for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
        const struct magic *m = &magics[i];

        if (b->in_n < m->len || memcmp(b->input, m->bytes, m->len) != 0)
            continue;
        return m->what == NULL ? open_xz(b, err)
                               : trace_fail(err, "the file is %s" ACCEPTED, m->what);
    }
    return true;
}

static bool xz_failed(const struct trace_bytes *b, lzma_ret ret,
                      struct trace_error *err)
{
    const uint64_t at = b->in_n - b->lz.avail_in;

    switch (ret) {
    case LZMA_BUF_ERROR:
        return trace_fail(err,
                          "the .xz file is cut off: it ends at byte %" PRIu64
                          " inside the compressed data; accepted: a complete .xz file",
                          at);
    case LZMA_MEM_ERROR:
    case LZMA_MEMLIMIT_ERROR:
        return trace_fail(err,
                          "the .xz file needs more than %" PRIu64
                          " MiB to decompress; accepted: what xz -9 or less makes",
                          XZ_MEMORY_BYTES >> 20);
    default:
        return trace_fail(err,
                          "the .xz data are damaged at or before byte %" PRIu64
                          " of the file; accepted: a complete .xz file",
                          at);
    }
}

static bool read_xz(struct trace_bytes *b, void *dst, size_t room, size_t *got_n,
                    struct trace_error *err)
{
    b->lz.next_out = dst;
    b->lz.avail_out = room;
    while (!b->xz_end && b->lz.avail_out == room) {
        if (b->lz.avail_in == 0 && !b->in_end && !refill(b, err))
            return false;

        const lzma_ret ret = lzma_code(&b->lz, b->in_end ? LZMA_FINISH : LZMA_RUN);

        if (ret == LZMA_STREAM_END)
            b->xz_end = true;
        else if (ret != LZMA_OK)
            return xz_failed(b, ret, err);
    }
    *got_n = room - b->lz.avail_out;
    return true;
}

bool trace_bytes_read(struct trace_bytes *b, void *dst, size_t room, size_t *got_n,
                      struct trace_error *err)
{
    if (b->xz)
        return read_xz(b, dst, room, got_n, err);
    if (b->lz.avail_in == 0 && !b->in_end && !refill(b, err))
        return false;

    const size_t n = b->lz.avail_in < room ? b->lz.avail_in : room;

    memcpy(dst, b->lz.next_in, n);
    b->lz.next_in += n;
    b->lz.avail_in -= n;
    *got_n = n;
    return true;
}

void trace_bytes_close(struct trace_bytes *b)
{
    lzma_end(&b->lz);
}
