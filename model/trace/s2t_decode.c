/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/s2t_decode.c - the raw bytes of a block to records. */
#include "model/trace/s2t_priv.h"

#include <stdlib.h>
#include <string.h>

/* Bytes to read from; at the end, or after bytes that make no number, only zeros come,
 * and bad is set. */
struct source {
    const uint8_t *at, *end;
    bool bad;
};

struct s2t_decoder {
    uint64_t unit_ns;
    uint32_t threads_n, shapes_n, flags_n, streams_n;
    const struct trace_thread *threads[S2T_IDS_MAX];
    struct trace_shape *shapes[S2T_IDS_MAX]; /* [1..shapes_n] */
    uint64_t flags[S2T_FLAGS_MAX];
    struct source fixed[S2T_FIXED_N];
    struct source streams[S2T_STREAMS_MAX];
    struct s2t_model model;
};

struct s2t_decoder *s2t_decoder_new(void)
{
    return calloc(1, sizeof(struct s2t_decoder));
}

void s2t_decoder_free(struct s2t_decoder *d)
{
    free(d);
}

static inline uint64_t get(struct source *s)
{
    uint64_t value = 0;

    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (s->at == s->end)
            break;

        const uint8_t byte = *s->at++;

        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
    s->bad = true;
    return 0;
}

static struct source get_bytes(struct source *s)
{
    const uint64_t n = get(s);
    struct source part = {s->at, s->at, false};

    if (n > (uint64_t)(s->end - s->at)) {
        s->bad = true;
        return part;
    }
    s->at += n;
    part.end = s->at;
    return part;
}

static bool damaged(struct trace_reader *r, const char *what)
{
    return trace_fail(r->err,
                      "the block at byte %llu has a bad %s; accepted: what "
                      "docs/trace-format.md describes",
                      (unsigned long long)r->err->offset, what);
}

static bool get_threads(struct s2t_decoder *d, struct trace_reader *r, struct source *s)
{
    const uint64_t n = get(s);

    if (n >= S2T_IDS_MAX)
        return damaged(r, "number of threads");
    d->threads_n = (uint32_t)n;
    for (uint32_t i = 0; i < d->threads_n; i++) {
        const uint64_t tid = get(s);
        const uint64_t tgid = get(s);
        const struct source task = get_bytes(s);
        const size_t len = (size_t)(task.end - task.at);

        if (s->bad || tid > UINT32_MAX || tgid > UINT32_MAX ||
            len >= TRACE_TASK_BYTES || (len > 0 && memchr(task.at, '\0', len) != NULL))
            return damaged(r, "thread");
        d->threads[i] = trace_thread_of(&r->tables, (uint32_t)tid, (uint32_t)tgid,
                                        (const char *)task.at, len, r->err);
        if (d->threads[i] == NULL)
            return false;
    }
    return true;
}

static bool get_shape(struct s2t_decoder *d, struct trace_reader *r, struct source *s,
                      uint32_t mark, uint32_t id)
{
    const struct source text = get_bytes(s);
    const struct source code = get_bytes(s);
    const size_t len = (size_t)(code.end - code.at);
    char with_end[2 * TRACE_SHAPE_BYTES + 1];
    struct trace_name *name;

    if (s->bad || text.at == text.end || len >= sizeof(with_end) ||
        memchr(text.at, '\0', (size_t)(text.end - text.at)) != NULL)
        return damaged(r, "form of an event");
    name = trace_name_of(&r->tables, (const char *)text.at,
                         (size_t)(text.end - text.at), r->err);
    if (name == NULL)
        return false;
    memcpy(with_end, code.at, len);
    with_end[len] = TRACE_CODE_END;
    d->shapes[id] = trace_shape_of_code(&r->tables, name, with_end, len + 1, r->err);
    if (d->shapes[id] == NULL)
        return false;
    return s2t_give_streams(&name->read, mark, d->shapes[id]->columns_n,
                            &d->streams_n) ||
           damaged(r, "number of streams");
}

static bool get_dictionary(struct s2t_decoder *d, struct trace_reader *r,
                           struct source *s)
{
    const uint32_t mark = ++r->tables.marks;
    uint64_t n;

    d->unit_ns = get(s);
    d->streams_n = 0;
    if (d->unit_ns != 1 && d->unit_ns != 1000)
        return damaged(r, "unit of time");
    if (!get_threads(d, r, s))
        return false;
    n = get(s);
    if (n >= S2T_IDS_MAX)
        return damaged(r, "number of forms");
    d->shapes_n = (uint32_t)n;
    for (uint32_t i = 1; i <= d->shapes_n; i++) {
        if (!get_shape(d, r, s, mark, i))
            return false;
    }
    n = get(s);
    if (n > S2T_FLAGS_MAX)
        return damaged(r, "number of flags");
    d->flags_n = (uint32_t)n;
    for (uint32_t i = 0; i < d->flags_n; i++)
        d->flags[i] = get(s);
    for (unsigned i = 0; i < S2T_FIXED_N; i++)
        d->fixed[i] = get_bytes(s);
    for (uint32_t i = 0; i < d->streams_n; i++)
        d->streams[i] = get_bytes(s);
    return (!s->bad && s->at == s->end) || damaged(r, "length");
}

static bool decode_lost(struct s2t_decoder *d, struct trace_reader *r)
{
    const uint64_t cpu = get(&d->fixed[S2T_LOST]);
    const uint64_t events = get(&d->fixed[S2T_LOST]);

    if (cpu > UINT16_MAX || d->fixed[S2T_LOST].bad)
        return damaged(r, "lost mark");
    return trace_reader_lost(r, (uint16_t)cpu, events);
}

/* The thread of the next event: 0 is the one of the event before. */
static bool decode_thread(struct s2t_decoder *d, struct trace_reader *r)
{
    const uint64_t thread = get(&d->fixed[S2T_THREAD]);

    if (thread > 0)
        d->model.thread = (uint32_t)(thread - 1);
    if (thread > d->threads_n || d->model.thread >= d->threads_n)
        return damaged(r, "thread of a record");
    r->record.thread = d->threads[d->model.thread];
    return true;
}

static bool decode_event(struct s2t_decoder *d, struct trace_reader *r, uint64_t code)
{
    struct s2t_model *m = &d->model;
    struct trace_record *record = &r->record;
    uint32_t thread;
    uint16_t *next;
    uint64_t flags;
    uint64_t cpu;
    bool bad = false;

    if (!decode_thread(d, r))
        return false;
    thread = m->thread;
    next = s2t_next(m, thread);

    const uint64_t shape = code == 0 ? *next : code - 1;

    if (shape == 0 || shape > d->shapes_n)
        return damaged(r, "form of a record");
    *next = m->shape[thread] = (uint16_t)shape;
    record->shape = d->shapes[shape];
    cpu = get(&d->fixed[S2T_CPU]) ^ m->cpu[thread];
    flags = get(&d->fixed[S2T_FLAGS]);
    if (cpu > UINT16_MAX || flags >= d->flags_n)
        return damaged(r, "CPU or flags of a record");
    record->cpu = m->cpu[thread] = (uint16_t)cpu;
    record->flags = d->flags[flags];
    for (unsigned i = 0; i < record->shape->columns_n; i++) {
        const uint16_t stream = record->shape->name->read.id[i];
        uint64_t *previous = s2t_previous(m, thread, stream);

        *previous += s2t_unzigzag(get(&d->streams[stream]));
        record->values[i] = *previous;
        bad |= d->streams[stream].bad;
    }
    return !bad || damaged(r, "number of a record");
}

static bool decode_record(struct s2t_decoder *d, struct trace_reader *r)
{
    struct s2t_model *m = &d->model;
    const uint64_t code = get(&d->fixed[S2T_SHAPE]);
    const bool lost = code == 1;

    m->time += s2t_unzigzag(get(&d->fixed[S2T_TIME]));
    m->line += s2t_unzigzag(get(&d->fixed[S2T_LINE])) + 1;
    if (d->fixed[S2T_SHAPE].bad || d->fixed[S2T_TIME].bad || d->fixed[S2T_LINE].bad)
        return damaged(r, "number of records");
    r->record.time_ns = m->time * d->unit_ns;
    r->record.line = m->line;
    r->origin.lines = m->line;
    r->err->line = m->line < UINT32_MAX ? (uint32_t)m->line : UINT32_MAX;
    if (lost)
        return decode_lost(d, r);
    if (!decode_event(d, r, code))
        return false;
    if (r->record.shape->understood)
        return trace_reader_give(r, "", 0);

    char fields[TRACE_SHAPE_BYTES];
    const size_t len =
        trace_shape_print(r->record.shape, r->record.values, fields, sizeof(fields));

    return trace_reader_give(r, fields, len);
}

static bool all_used(const struct s2t_decoder *d)
{
    bool used = true;

    for (unsigned i = 0; i < S2T_FIXED_N; i++)
        used = used && d->fixed[i].at == d->fixed[i].end;
    for (uint32_t i = 0; i < d->streams_n; i++)
        used = used && d->streams[i].at == d->streams[i].end;
    return used;
}

bool s2t_decode(struct s2t_decoder *d, struct trace_reader *r, const uint8_t *raw,
                size_t raw_n, uint32_t records)
{
    if (raw_n == 0) /* raw may be NULL then */
        return damaged(r, "length");

    struct source s = {raw, raw + raw_n, false};

    memset(&d->model, 0, sizeof(d->model));
    (void)trace_tables_trim(&r->tables);
    if (!get_dictionary(d, r, &s))
        return false;
    for (uint32_t i = 0; i < records; i++) {
        if (!decode_record(d, r))
            return false;
    }
    return all_used(d) || damaged(r, "number of records");
}
