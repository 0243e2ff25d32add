/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/lines.h - the lines of a text and what the lines of events begin with. */
#ifndef MODEL_TRACE_LINES_H
#define MODEL_TRACE_LINES_H

#include "model/trace/record.h"

/* Longest line with its newline; the kernel's own limit is one trace_seq of 8 KiB. */
#define TRACE_LINE_BYTES 16384u
#define TRACE_BUFFER_BYTES (256u << 10)

struct trace_line {
    const char *text; /* without newline, NUL at the end and nowhere else */
    size_t len;
    uint64_t number; /* from 1 */
    uint64_t offset; /* in the uncompressed text */
};

struct trace_lines {
    struct trace_bytes *bytes;
    uint64_t number; /* lines given so far */
    uint64_t offset; /* of buffer[begin] */
    size_t begin, end;
    char buffer[TRACE_BUFFER_BYTES];
};

enum trace_next { TRACE_NEXT_LINE, TRACE_NEXT_END, TRACE_NEXT_FAILED };

/* The next line; its text holds until the next call. Sets err->line and err->offset to
 * the line that it gives or fails in. */
enum trace_next trace_lines_next(struct trace_lines *l, struct trace_line *line,
                                 struct trace_error *err);

/* Reads the first bytes, if none are there: *text has *len bytes, not lines yet. */
bool trace_lines_peek(struct trace_lines *l, const char **text, size_t *len,
                      struct trace_error *err);

/* number.c: the whole of [text, text + len). */

bool trace_decimal(const char *text, size_t len, uint64_t *value);

/* head.c */

enum trace_head_form {
    TRACE_HEAD_COLUMNS, /* TASK-TID [CPU] FLAGS TIME: EVENT: tracefs, trace-cmd report
                         */
    TRACE_HEAD_LATENCY, /* TASK-TID CPUFLAGS TIMEus: EVENT: of option latency-format */
    TRACE_HEAD_PERF,    /* TASK TID [CPU] TIME: EVENT: perf script */
    TRACE_HEADS_N,
};

struct trace_head {
    const char *task; /* [task_len] */
    size_t task_len;
    uint32_t tid, tgid;
    uint16_t cpu;
    uint64_t flags; /* as in trace_record */
    uint64_t time_ns;
    unsigned digits;  /* of the fraction of the second */
    const char *name; /* [name_len], into the line */
    size_t name_len;
    const char *fields; /* the rest of the line, leading blanks skipped */
};

/* form: tried first; set to the form that fits. */
ARCH_MUST_USE bool trace_parse_head(const struct trace_line *line,
                                    enum trace_head_form *form, struct trace_head *head,
                                    struct trace_error *err);

#endif
