/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/bytes_zst.c - .zst frames, by libzstd. */
#include "model/trace/bytes.h"

#include <zstd_errors.h>

#define WINDOW_LOG_MAX 26 /* 64 MiB, enough for zstd -19 */

bool trace_zst_open(struct trace_bytes *b, struct trace_error *err)
{
    b->decoder.zst = ZSTD_createDStream();
    if (b->decoder.zst == NULL ||
        ZSTD_isError(ZSTD_DCtx_setParameter(b->decoder.zst, ZSTD_d_windowLogMax,
                                            WINDOW_LOG_MAX)))
        return trace_fail(err, "no memory for the .zst decoder");
    return true;
}

static bool failed(const struct trace_bytes *b, size_t ret, struct trace_error *err)
{
    if (ZSTD_getErrorCode(ret) == ZSTD_error_frameParameter_windowTooLarge)
        return trace_fail(err,
                          "the .zst file needs a window of more than 64 MiB; accepted: "
                          "what zstd -19 or less makes, without --long above 26");
    return trace_bytes_damaged(b, err);
}

bool trace_zst_read(struct trace_bytes *b, void *dst, size_t room, size_t *got_n,
                    struct trace_error *err)
{
    ZSTD_outBuffer out = {dst, room, 0};

    while (!b->packed_end && out.pos == 0) {
        if (b->next == b->input_n && !b->in_end && !trace_bytes_refill(b, err))
            return false;

        ZSTD_inBuffer in = {b->input, b->input_n, b->next};
        const bool at_end = in.pos == in.size;
        const size_t ret = ZSTD_decompressStream(b->decoder.zst, &out, &in);

        b->next = in.pos;
        if (ZSTD_isError(ret))
            return failed(b, ret, err);
        /* ret is what the frame still needs; 0 between frames. A new call with nothing
         * to read asks for the header of the next frame. */
        if (at_end && out.pos == 0) {
            if (!b->frame_end)
                return trace_bytes_cut_off(b, err);
            b->packed_end = true;
        }
        if (!at_end)
            b->frame_end = ret == 0;
    }
    *got_n = out.pos;
    return true;
}
