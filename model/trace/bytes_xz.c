/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/bytes_xz.c - .xz streams, by liblzma. */
#include "model/trace/bytes.h"

#include <inttypes.h>

/* A dictionary of xz -9 needs 65 MiB. */
#define XZ_MEMORY_BYTES (UINT64_C(96) << 20)

bool trace_xz_open(struct trace_bytes *b, struct trace_error *err)
{
    b->decoder.lz = (lzma_stream)LZMA_STREAM_INIT;
    return lzma_stream_decoder(&b->decoder.lz, XZ_MEMORY_BYTES, LZMA_CONCATENATED) ==
               LZMA_OK ||
           trace_fail(err, "no memory for the .xz decoder");
}

static bool failed(const struct trace_bytes *b, lzma_ret ret, struct trace_error *err)
{
    if (ret == LZMA_BUF_ERROR)
        return trace_bytes_cut_off(b, err);
    if (ret == LZMA_MEM_ERROR || ret == LZMA_MEMLIMIT_ERROR)
        return trace_fail(err,
                          "the .xz file needs more than %" PRIu64
                          " MiB to decompress; accepted: what xz -9 or less makes",
                          XZ_MEMORY_BYTES >> 20);
    return trace_bytes_damaged(b, err);
}

bool trace_xz_read(struct trace_bytes *b, void *dst, size_t room, size_t *got_n,
                   struct trace_error *err)
{
    lzma_stream *lz = &b->decoder.lz;

    lz->next_out = dst;
    lz->avail_out = room;
    while (!b->packed_end && lz->avail_out == room) {
        if (b->next == b->input_n && !b->in_end && !trace_bytes_refill(b, err))
            return false;
        lz->next_in = b->input + b->next;
        lz->avail_in = b->input_n - b->next;

        const lzma_ret ret = lzma_code(lz, b->in_end ? LZMA_FINISH : LZMA_RUN);

        b->next = b->input_n - lz->avail_in;
        if (ret == LZMA_STREAM_END)
            b->packed_end = true;
        else if (ret != LZMA_OK)
            return failed(b, ret, err);
    }
    *got_n = room - lz->avail_out;
    return true;
}
