/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/bytes.h - a plain, .xz, .gz or .zst stream as uncompressed bytes. */
#ifndef MODEL_TRACE_BYTES_H
#define MODEL_TRACE_BYTES_H

#include "model/trace/trace.h"

#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#define TRACE_INPUT_BYTES (256u << 10)

/* What an import accepts, for messages. */
#define TRACE_ACCEPTED                                                                 \
    "the text of tracefs 'trace', of trace-cmd report, of perf script or of Valgrind " \
    "lackey, trace.dat, .s2t; each plain, .gz, .xz or .zst"

enum trace_packing { TRACE_PLAIN, TRACE_XZ, TRACE_GZ, TRACE_ZST };

union trace_decoder {
    lzma_stream lz;
    z_stream gz;
    ZSTD_DStream *zst;
};

struct trace_bytes {
    FILE *in;
    bool in_end; /* nothing follows what is in input[] */
    enum trace_packing packing;
    bool packed_end; /* no compressed data follow */
    bool frame_end;  /* .zst: between frames */
    union trace_decoder decoder;
    uint64_t in_n; /* bytes read from in */
    size_t next;   /* of input[], the first that is not used yet */
    size_t input_n;
    uint8_t unread[16];
    size_t unread_n;
    uint8_t input[TRACE_INPUT_BYTES];
};

const char *trace_packing_name(enum trace_packing packing);

/* Bytes of the file that are used up. */
static inline uint64_t trace_bytes_at(const struct trace_bytes *b)
{
    return b->in_n - (b->input_n - b->next);
}

/* End with trace_bytes_close(), also after a failure. */
ARCH_MUST_USE bool trace_bytes_open(struct trace_bytes *b, FILE *in,
                                    struct trace_error *err);

/* Up to room bytes into dst; *got_n == 0: the end. */
ARCH_MUST_USE bool trace_bytes_read(struct trace_bytes *b, void *dst, size_t room,
                                    size_t *got_n, struct trace_error *err);
void trace_bytes_close(struct trace_bytes *b);

/* Gives up to 16 bytes back: the next read begins with them. */
void trace_bytes_unread(struct trace_bytes *b, const uint8_t *bytes, size_t n);

/* For the decoders below. */

bool trace_bytes_refill(struct trace_bytes *b, struct trace_error *err);
/* Always false. */
bool trace_bytes_cut_off(const struct trace_bytes *b, struct trace_error *err);
bool trace_bytes_damaged(const struct trace_bytes *b, struct trace_error *err);

/* bytes_xz.c, bytes_gz.c, bytes_zst.c: joined streams are one, as their tools have it.
 */

bool trace_xz_open(struct trace_bytes *b, struct trace_error *err);
bool trace_xz_read(struct trace_bytes *b, void *dst, size_t room, size_t *got_n,
                   struct trace_error *err);
bool trace_gz_open(struct trace_bytes *b, struct trace_error *err);
bool trace_gz_read(struct trace_bytes *b, void *dst, size_t room, size_t *got_n,
                   struct trace_error *err);
bool trace_zst_open(struct trace_bytes *b, struct trace_error *err);
bool trace_zst_read(struct trace_bytes *b, void *dst, size_t room, size_t *got_n,
                    struct trace_error *err);

/* error.c: */

/* Foreign text made fit to print: escaped, and cut after some 60 characters. */
struct trace_quoted {
    char text[80];
};
struct trace_quoted trace_quote(const char *text, size_t len);

/* Begins an error on a file, of whose name it keeps the end. */
void trace_error_in(struct trace_error *err, const char *path);

/* Writes err->text; always false, so that a parser can return it. */
__attribute__((format(printf, 2, 3))) bool trace_fail(struct trace_error *err,
                                                      const char *format, ...);

#endif
