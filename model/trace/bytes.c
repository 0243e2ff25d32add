/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/bytes.c - a plain or compressed stream, told apart by its first bytes. */
#include "model/trace/bytes.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const struct magic {
    const char *bytes;
    size_t len;
    enum trace_packing packing;
} magics[] = {
    {"\xfd"
     "7zXZ\0",
     6, TRACE_XZ},
    {"\x1f\x8b", 2, TRACE_GZ},
    {"\x28\xb5\x2f\xfd", 4, TRACE_ZST},
};

const char *trace_packing_name(enum trace_packing packing)
{
    static const char *const names[] = {"none", "xz", "gzip", "zstd"};

    return names[packing];
}

bool trace_bytes_refill(struct trace_bytes *b, struct trace_error *err)
{
    b->next = 0;
    b->input_n = fread(b->input, 1, sizeof(b->input), b->in);
    b->in_n += b->input_n;
    if (b->input_n == sizeof(b->input))
        return true;
    b->in_end = true;
    if (ferror(b->in))
        return trace_fail(err, "reading failed after byte %" PRIu64 ": %s", b->in_n,
                          strerror(errno));
    return true;
}

bool trace_bytes_cut_off(const struct trace_bytes *b, struct trace_error *err)
{
    return trace_fail(err,
                      "the %s file is cut off: it ends at byte %" PRIu64
                      " inside the compressed data; accepted: a complete file",
                      trace_packing_name(b->packing), b->in_n);
}

bool trace_bytes_damaged(const struct trace_bytes *b, struct trace_error *err)
{
    return trace_fail(err,
                      "the %s data are damaged at or before byte %" PRIu64
                      " of the file; accepted: a complete file",
                      trace_packing_name(b->packing), trace_bytes_at(b));
}

static enum trace_packing packing_of(const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
        if (n >= magics[i].len && memcmp(bytes, magics[i].bytes, magics[i].len) == 0)
            return magics[i].packing;
    }
    return TRACE_PLAIN;
}

bool trace_bytes_open(struct trace_bytes *b, FILE *in, struct trace_error *err)
{
    b->in = in;
    b->in_end = false;
    b->packing = TRACE_PLAIN;
    b->packed_end = false;
    b->frame_end = false;
    b->decoder = (union trace_decoder){0};
    b->in_n = 0;
    b->unread_n = 0;
    if (!trace_bytes_refill(b, err))
        return false;
    if (b->in_n == 0)
        return trace_fail(err, "the file is empty; accepted: " TRACE_ACCEPTED);
    b->packing = packing_of(b->input, b->input_n);
    switch (b->packing) {
    case TRACE_XZ:
        return trace_xz_open(b, err);
    case TRACE_GZ:
        return trace_gz_open(b, err);
    case TRACE_ZST:
        return trace_zst_open(b, err);
    default:
        return true;
    }
}

static bool read_plain(struct trace_bytes *b, void *dst, size_t room, size_t *got_n,
                       struct trace_error *err)
{
    size_t n = b->input_n - b->next;

    if (n > 0) {
        n = n < room ? n : room;
        memcpy(dst, b->input + b->next, n);
        b->next += n;
        *got_n = n;
        return true;
    }
    *got_n = b->in_end ? 0 : fread(dst, 1, room, b->in);
    b->in_n += *got_n;
    b->in_end = *got_n < room;
    if (ferror(b->in))
        return trace_fail(err, "reading failed after byte %" PRIu64 ": %s", b->in_n,
                          strerror(errno));
    return true;
}

bool trace_bytes_read(struct trace_bytes *b, void *dst, size_t room, size_t *got_n,
                      struct trace_error *err)
{
    if (b->unread_n > 0) {
        *got_n = b->unread_n < room ? b->unread_n : room;
        memcpy(dst, b->unread, *got_n);
        memmove(b->unread, b->unread + *got_n, b->unread_n - *got_n);
        b->unread_n -= *got_n;
        return true;
    }
    switch (b->packing) {
    case TRACE_XZ:
        return trace_xz_read(b, dst, room, got_n, err);
    case TRACE_GZ:
        return trace_gz_read(b, dst, room, got_n, err);
    case TRACE_ZST:
        return trace_zst_read(b, dst, room, got_n, err);
    default:
        return read_plain(b, dst, room, got_n, err);
    }
}

void trace_bytes_unread(struct trace_bytes *b, const uint8_t *bytes, size_t n)
{
    assert(n <= sizeof(b->unread) && b->unread_n == 0);
    memcpy(b->unread, bytes, n);
    b->unread_n = n;
}

void trace_bytes_close(struct trace_bytes *b)
{
    switch (b->packing) {
    case TRACE_XZ:
        lzma_end(&b->decoder.lz);
        break;
    case TRACE_GZ:
        inflateEnd(&b->decoder.gz);
        break;
    case TRACE_ZST:
        ZSTD_freeDStream(b->decoder.zst);
        break;
    default:
        break;
    }
}
