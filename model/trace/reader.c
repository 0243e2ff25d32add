/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/reader.c - which format a recording has, and the counts of all. */
#include "model/trace/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *trace_format_name(enum trace_format format)
{
    static const char *const names[TRACE_FORMATS_N] = {
        [TRACE_FTRACE] = "ftrace",
        [TRACE_TRACE_CMD_REPORT] = "trace-cmd-report",
        [TRACE_PERF_SCRIPT] = "perf-script",
        [TRACE_LACKEY] = "lackey",
        [TRACE_DAT] = "trace.dat",
        [TRACE_S2T] = "s2t",
    };

    return names[format];
}

static void count_not_understood(struct trace_reader *r, const char *fields, size_t len)
{
    struct trace_name *name = r->record.shape->name;

    if (name->not_understood++ > 0)
        return;
    name->first_line = r->record.line;
    snprintf(name->example, sizeof(name->example), "%s", trace_quote(fields, len).text);
}

bool trace_reader_give(struct trace_reader *r, const char *fields, size_t len)
{
    const struct trace_record *record = &r->record;
    struct trace_origin *o = &r->origin;

    record->shape->name->count++;
    if (!record->shape->understood)
        count_not_understood(r, fields, len);
    if (o->records++ == 0)
        o->first_ns = o->last_ns = record->time_ns;
    if (record->time_ns < o->first_ns)
        o->first_ns = record->time_ns;
    if (record->time_ns > o->last_ns)
        o->last_ns = record->time_ns;
    return r->sink.record == NULL || r->sink.record(r->sink.ctx, record, r->err);
}

bool trace_reader_lost(struct trace_reader *r, uint16_t cpu, uint64_t events)
{
    struct trace_record mark = {.cpu = cpu, .values = {events}};

    r->origin.lost += events > 0 ? events : 1;
    r->origin.lost_in_marks += events > 0 ? events : 1;
    r->origin.lost_marks++;
    r->origin.lost_unknown += events == 0;
    mark.time_ns = r->record.time_ns;
    mark.line = r->origin.lines;
    return r->sink.record == NULL || r->sink.record(r->sink.ctx, &mark, r->err);
}

uint64_t trace_not_understood(const struct trace_reader *r)
{
    uint64_t n = 0;

    for (uint32_t i = 0; i < r->tables.names_n; i++)
        n += r->tables.name_list[i]->not_understood;
    return n;
}

static const struct magic {
    const char *bytes;
    size_t len;
    bool (*read)(struct trace_reader *r, struct trace_bytes *bytes);
    const char *refused; /* what it is, if there is no read */
} magics[] = {
    {"\x17\x08"
     "Dtracing",
     10, trace_read_dat, NULL},
    {"S2T\r\n\x1a\n", 7, trace_read_s2t, NULL},
    {"PERFILE2", 8, NULL,
     "a binary recording of perf (perf.data): give the output of perf script"},
    {"BZh", 3, NULL, "compressed by bzip2"},
    {"\x04\x22\x4d\x18", 4, NULL, "compressed by lz4"},
    {"PK\x03\x04", 4, NULL, "a zip archive"},
};

/* The first uncompressed bytes, which stay in place: the decoders give them again. */
static bool dispatch(struct trace_reader *r, struct trace_bytes *b)
{
    uint8_t first[16];
    size_t n = 0;
    size_t got_n = 1;

    while (n < sizeof(first) && got_n > 0) {
        if (!trace_bytes_read(b, first + n, sizeof(first) - n, &got_n, r->err))
            return false;
        n += got_n;
    }
    trace_bytes_unread(b, first, n);
    for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
        const struct magic *m = &magics[i];

        if (n < m->len || memcmp(first, m->bytes, m->len) != 0)
            continue;
        return m->read != NULL ? m->read(r, b)
                               : trace_fail(r->err, "the file is %s; accepted: %s",
                                            m->refused, TRACE_ACCEPTED);
    }
    return trace_read_text(r, b);
}

bool trace_read_stream(FILE *in, const char *name, const struct trace_sink *sink,
                       struct trace_reader *r, struct trace_error *err)
{
    struct trace_bytes *bytes = malloc(sizeof(*bytes));
    bool ok = false;

    memset(r, 0, sizeof(*r));
    trace_error_in(err, name);
    snprintf(r->origin.source, sizeof(r->origin.source), "%s", name);
    trace_tables_init(&r->tables);
    r->sink = *sink;
    r->err = err;
    if (bytes == NULL)
        return trace_fail(err, "no memory for an input buffer");
    if (trace_bytes_open(bytes, in, err)) {
        r->origin.packing = bytes->packing;
        ok = dispatch(r, bytes);
    }
    trace_bytes_close(bytes);
    free(bytes);
    if (ok) {
        err->line = 0;
        err->offset = 0;
    }
    return ok;
}

FILE *trace_open(const char *path, struct trace_error *err)
{
    FILE *in = fopen(path, "rb");

    if (in != NULL)
        return in;
    trace_error_in(err, path);
    trace_fail(err, "cannot be opened: %s", strerror(errno));
    return NULL;
}

bool trace_read_file(const char *path, const struct trace_sink *sink,
                     struct trace_reader *r, struct trace_error *err)
{
    FILE *in = trace_open(path, err);

    if (in == NULL) {
        memset(r, 0, sizeof(*r));
        return false;
    }

    const bool ok = trace_read_stream(in, path, sink, r, err);

    fclose(in);
    return ok;
}

void trace_reader_end(struct trace_reader *r)
{
    trace_tables_free(&r->tables);
}
