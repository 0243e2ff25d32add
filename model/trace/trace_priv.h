/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/trace_priv.h - the parts of the importer, in the order in which a byte
 * passes through them: bytes, lines, line head, fields. */
#ifndef MODEL_TRACE_TRACE_PRIV_H
#define MODEL_TRACE_TRACE_PRIV_H

#include "model/trace/trace.h"

#include <lzma.h>

#define TRACE_INPUT_BYTES 65536u
/* Longest line with its newline; the kernel's own limit is one trace_seq of 8 KiB. */
#define TRACE_LINE_BYTES 16384u

/* error.c */

/* Foreign text made fit to print: escaped, and cut after some 60 characters. */
struct trace_quoted {
    char text[80];
};
struct trace_quoted trace_quote(const char *text, size_t len);

/* Writes err->text; always false, so that a parser can return it. */
__attribute__((format(printf, 2, 3))) bool trace_fail(struct trace_error *err,
                                                      const char *format, ...);

/* bytes.c: a plain or .xz stream as uncompressed bytes. */

struct trace_bytes {
    FILE *in;
    bool in_end; /* nothing follows what is in input[] */
    bool xz;
    bool xz_end;
    lzma_stream lz; /* next_in and avail_in serve the plain format too */
    uint64_t in_n;  /* bytes read from in */
    uint8_t input[TRACE_INPUT_BYTES];
};

/* End with trace_bytes_close(), also after a failure. */
ARCH_MUST_USE bool trace_bytes_open(struct trace_bytes *b, FILE *in,
                                    struct trace_error *err);

/* Up to room bytes into dst; *got_n == 0: the end. */
ARCH_MUST_USE bool trace_bytes_read(struct trace_bytes *b, void *dst, size_t room,
                                    size_t *got_n, struct trace_error *err);
void trace_bytes_close(struct trace_bytes *b);

/* lines.c: those bytes as lines. */

struct trace_line {
    const char *text; /* without newline, NUL at the end and nowhere else */
    size_t len;
    uint32_t number; /* from 1 */
    uint64_t offset; /* in the uncompressed text */
};

struct trace_lines {
    struct trace_bytes bytes;
    uint32_t number; /* lines given so far */
    uint64_t offset; /* of buffer[begin] */
    size_t begin, end;
    char buffer[TRACE_LINE_BYTES];
};

enum trace_next { TRACE_NEXT_LINE, TRACE_NEXT_END, TRACE_NEXT_FAILED };

/* The next line; its text holds until the next call. Sets err->line and err->offset to
 * the line that it gives or fails in. */
enum trace_next trace_lines_next(struct trace_lines *l, struct trace_line *line,
                                 struct trace_error *err);

/* number.c: decimal, or hexadecimal after 0x; the whole of [text, text + len). */

bool trace_u64(const char *text, size_t len, uint64_t *value);
bool trace_u32(const char *text, size_t len, uint32_t *value);
/* Hexadecimal is the two's complement in 32 or in 64 bits. */
bool trace_s32(const char *text, size_t len, int32_t *value);
/* "SECONDS.FRACTION", 1 to 9 digits of fraction, as nanoseconds. */
bool trace_time_ns(const char *text, size_t len, uint64_t *ns);

/* head.c: what all event lines have in common. */

struct trace_head {
    uint32_t tid;
    uint16_t cpu;
    uint64_t time_ns;
    const char *name; /* [name_len], into the line */
    size_t name_len;
    const char *fields; /* the rest of the line, leading blanks skipped */
};

ARCH_MUST_USE bool trace_parse_head(const struct trace_line *line,
                                    struct trace_head *head, struct trace_error *err);

/* fields.c: what is different for each event. */

/* TRACE_OTHER if no kind has this name. */
enum trace_kind trace_kind_of(const char *name, size_t len);

/* Fills event->u for event->kind, which is all zero before. */
ARCH_MUST_USE bool trace_parse_fields(const char *fields, struct trace_event *event,
                                      struct trace_error *err);

#endif
