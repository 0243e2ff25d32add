/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/reader.h - any recording, told by content, as a stream of records. */
#ifndef MODEL_TRACE_READER_H
#define MODEL_TRACE_READER_H

#include "model/trace/record.h"

enum trace_format {
    TRACE_FTRACE,           /* text of tracefs 'trace' */
    TRACE_TRACE_CMD_REPORT, /* text */
    TRACE_PERF_SCRIPT,      /* text */
    TRACE_LACKEY,           /* text of Valgrind */
    TRACE_DAT,              /* trace.dat of trace-cmd, versions 6 and 7 */
    TRACE_S2T,              /* docs/trace-format.md */
    TRACE_FORMATS_N,
};

/* What a recording says about itself. A .s2t keeps the values of its source. */
struct trace_origin {
    enum trace_format format;
    enum trace_packing packing;
    bool stored;      /* read from a .s2t, whose source has the other members */
    char source[256]; /* name of the file */
    char kernel[64];  /* empty: not recorded */
    char clock[32];   /* empty: not recorded */
    unsigned digits;  /* of a second's fraction; 0: the clock counts without unit */
    uint64_t cpus_n;  /* 0: not recorded */
    uint64_t bytes;   /* of text */
    uint64_t lines;   /* of text, or records */
    uint64_t continuation_lines; /* stack frames and blank lines, which are no events */
    uint64_t records;            /* lost marks are none */
    uint64_t first_ns, last_ns;  /* least and greatest time of a record */
    uint64_t lost;               /* events: by the header and by the marks */
    uint64_t lost_in_marks;      /* of those, by the marks */
    uint64_t lost_marks;
    uint64_t lost_unknown; /* marks that give no number: each counts 1 in lost */
};

struct trace_reader {
    struct trace_tables tables;
    struct trace_origin origin;
    struct trace_sink sink;
    struct trace_error *err;
    struct trace_record record; /* the one that the sink gets */
};

const char *trace_format_name(enum trace_format format);

/**
 * trace_read_stream() - hand all records of a recording to a sink, in order.
 * @in:   read from where it stands to its end; left open.
 * @name: stands for the path in errors and in origin.source.
 * @sink: record() may be NULL.
 * @r:    overwritten; its origin and the counts of its names are complete on success.
 *        End with trace_reader_end(), also after a failure.
 *
 * Memory does not grow with the recording.
 */
ARCH_MUST_USE bool trace_read_stream(FILE *in, const char *name,
                                     const struct trace_sink *sink,
                                     struct trace_reader *r, struct trace_error *err);
ARCH_MUST_USE bool trace_read_file(const char *path, const struct trace_sink *sink,
                                   struct trace_reader *r, struct trace_error *err);
/* NULL after an error. */
FILE *trace_open(const char *path, struct trace_error *err);
void trace_reader_end(struct trace_reader *r);

/* Events that were not understood, of all names. */
uint64_t trace_not_understood(const struct trace_reader *r);

/* For the formats. */

/* Counts r->record, which has a shape, and gives it to the sink. */
bool trace_reader_give(struct trace_reader *r, const char *fields, size_t len);
/* A lost mark; events 0: unknown. */
bool trace_reader_lost(struct trace_reader *r, uint16_t cpu, uint64_t events);

bool trace_read_text(struct trace_reader *r, struct trace_bytes *bytes);
bool trace_read_s2t(struct trace_reader *r, struct trace_bytes *bytes);
bool trace_read_dat(struct trace_reader *r, struct trace_bytes *bytes);

/* A line of Valgrind lackey; r->record is reused from line to line. */
struct trace_lackey {
    const struct trace_thread *thread;
    struct trace_shape *shapes[4]; /* of I, L, S, M */
};
bool trace_is_lackey(const char *text, size_t len);
bool trace_lackey_line(struct trace_reader *r, struct trace_lackey *lackey,
                       const char *text, size_t len);

#endif
