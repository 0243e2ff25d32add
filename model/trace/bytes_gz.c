/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/bytes_gz.c - .gz members, by zlib. */
#include "model/trace/bytes.h"

#define GZIP_ONLY (15 + 16) /* windowBits of inflateInit2() */

bool trace_gz_open(struct trace_bytes *b, struct trace_error *err)
{
    return inflateInit2(&b->decoder.gz, GZIP_ONLY) == Z_OK ||
           trace_fail(err, "no memory for the .gz decoder");
}

/* A member has ended: is there another one? */
static bool next_member(struct trace_bytes *b, struct trace_error *err)
{
    if (b->next == b->input_n && !b->in_end && !trace_bytes_refill(b, err))
        return false;
    if (b->next == b->input_n) {
        b->packed_end = true;
        return true;
    }
    return inflateReset(&b->decoder.gz) == Z_OK || trace_bytes_damaged(b, err);
}

bool trace_gz_read(struct trace_bytes *b, void *dst, size_t room, size_t *got_n,
                   struct trace_error *err)
{
    z_stream *gz = &b->decoder.gz;

    gz->next_out = dst;
    gz->avail_out = (uInt)room;
    while (!b->packed_end && gz->avail_out == room) {
        if (b->next == b->input_n && !b->in_end && !trace_bytes_refill(b, err))
            return false;
        if (b->next == b->input_n)
            return trace_bytes_cut_off(b, err);
        gz->next_in = b->input + b->next;
        gz->avail_in = (uInt)(b->input_n - b->next);

        const int ret = inflate(gz, Z_NO_FLUSH);

        b->next = b->input_n - gz->avail_in;
        if (ret == Z_STREAM_END ? !next_member(b, err) : ret != Z_OK)
            return ret == Z_STREAM_END ? false : trace_bytes_damaged(b, err);
    }
    *got_n = room - gz->avail_out;
    return true;
}
