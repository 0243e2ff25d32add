/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/s2t_block.c - records to the raw bytes of a block: a dictionary, and a
 * stream of bytes for each kind of number, each against the one before. */
#include "model/trace/s2t_priv.h"

#include <stdlib.h>
#include <string.h>

struct s2t_block {
    struct trace_tables *tables;
    uint32_t mark; /* what has it is in the dictionary */
    uint32_t records, threads_n, shapes_n, flags_n, streams_n;
    uint64_t unit_ns;
    size_t raw_bytes; /* about */
    uint64_t flags[S2T_FLAGS_MAX];
    struct s2t_buffer threads, shapes; /* the dictionary */
    struct s2t_buffer fixed[S2T_FIXED_N];
    struct s2t_buffer streams[S2T_STREAMS_MAX];
    struct s2t_model model;
};

bool s2t_reserve(struct s2t_buffer *b, size_t more)
{
    size_t room = b->room > 0 ? b->room : 64;
    uint8_t *bytes;

    if (b->n + more <= b->room)
        return true;
    while (room < b->n + more)
        room *= 2;
    bytes = realloc(b->bytes, room);
    if (bytes == NULL)
        return false;
    b->bytes = bytes;
    b->room = room;
    return true;
}

static bool put(struct s2t_buffer *b, uint64_t value)
{
    if (b->n + 10 > b->room && !s2t_reserve(b, 10))
        return false;
    for (; value >= 0x80; value >>= 7)
        b->bytes[b->n++] = (uint8_t)(value | 0x80);
    b->bytes[b->n++] = (uint8_t)value;
    return true;
}

static bool put_bytes(struct s2t_buffer *b, const void *bytes, size_t n)
{
    if (!put(b, n) || !s2t_reserve(b, n))
        return false;
    if (n > 0)
        memcpy(b->bytes + b->n, bytes, n);
    b->n += n;
    return true;
}

static void begin(struct s2t_block *b)
{
    b->records = b->threads_n = b->shapes_n = b->flags_n = 0;
    b->threads.n = b->shapes.n = 0;
    for (unsigned i = 0; i < S2T_FIXED_N; i++)
        b->fixed[i].n = 0;
    for (uint32_t i = 0; i < b->streams_n; i++)
        b->streams[i].n = 0;
    b->streams_n = 0;
    b->raw_bytes = 0;
    b->unit_ns = 0;
    memset(&b->model, 0, sizeof(b->model));
}

struct s2t_block *s2t_block_new(struct trace_tables *tables)
{
    struct s2t_block *b = calloc(1, sizeof(*b));

    if (b != NULL) {
        b->tables = tables;
        begin(b);
    }
    return b;
}

void s2t_block_free(struct s2t_block *b)
{
    if (b == NULL)
        return;
    for (unsigned i = 0; i < S2T_FIXED_N; i++)
        free(b->fixed[i].bytes);
    for (uint32_t i = 0; i < S2T_STREAMS_MAX; i++)
        free(b->streams[i].bytes);
    free(b->threads.bytes);
    free(b->shapes.bytes);
    free(b);
}

uint32_t s2t_block_records(const struct s2t_block *b)
{
    return b->records;
}

static uint64_t unit_of(uint64_t time_ns)
{
    return time_ns % 1000 == 0 ? 1000 : 1;
}

bool s2t_block_full(const struct s2t_block *b, const struct trace_record *r)
{
    return b->records == S2T_RECORDS_MAX || b->raw_bytes >= S2T_RAW_BYTES ||
           b->threads_n == S2T_IDS_MAX - 1 || b->shapes_n == S2T_IDS_MAX - 1 ||
           b->flags_n == S2T_FLAGS_MAX ||
           b->streams_n > S2T_STREAMS_MAX - TRACE_VALUES_MAX ||
           (b->unit_ns > 1 && unit_of(r->time_ns) == 1);
}

/* Writers mark what they have put into a dictionary; threads are known to one writer
 * only. */
static bool thread_id(struct s2t_block *b, struct trace_thread *thread, uint32_t *id)
{
    const size_t task_len = strlen(thread->task);

    if (thread->mark != b->mark) {
        if (!put(&b->threads, thread->tid) || !put(&b->threads, thread->tgid) ||
            !put_bytes(&b->threads, thread->task, task_len))
            return false;
        b->raw_bytes += task_len + 8;
        thread->mark = b->mark;
        thread->mark_id = b->threads_n++;
    }
    *id = thread->mark_id;
    return true;
}

static bool shape_id(struct s2t_block *b, struct trace_shape *shape, uint32_t *id)
{
    struct trace_name *name = shape->name;

    if (shape->mark != b->mark) {
        if (!s2t_give_streams(&name->written, b->mark, shape->columns_n,
                              &b->streams_n) ||
            !put_bytes(&b->shapes, name->text, name->len) ||
            !put_bytes(&b->shapes, shape->code, shape->code_len - 1))
            return false;
        b->raw_bytes += name->len + shape->code_len + 4;
        shape->mark = b->mark;
        shape->mark_id = ++b->shapes_n;
    }
    *id = shape->mark_id;
    return true;
}

static uint32_t flags_id(struct s2t_block *b, uint64_t flags)
{
    uint32_t i = 0;

    while (i < b->flags_n && b->flags[i] != flags)
        i++;
    if (i == b->flags_n)
        b->flags[b->flags_n++] = flags;
    return i;
}

static bool add_lost(struct s2t_block *b, const struct trace_record *r)
{
    return put(&b->fixed[S2T_SHAPE], 1) && put(&b->fixed[S2T_LOST], r->cpu) &&
           put(&b->fixed[S2T_LOST], r->values[0]);
}

static bool add_values(struct s2t_block *b, const struct trace_record *r,
                       uint32_t thread)
{
    const uint16_t *streams = r->shape->name->written.id;

    for (unsigned i = 0; i < r->shape->columns_n; i++) {
        uint64_t *previous = s2t_previous(&b->model, thread, streams[i]);
        struct s2t_buffer *stream = &b->streams[streams[i]];
        const size_t before = stream->n;

        if (!put(stream, s2t_zigzag(r->values[i] - *previous)))
            return false;
        *previous = r->values[i];
        b->raw_bytes += stream->n - before;
    }
    return true;
}

static bool add_event(struct s2t_block *b, const struct trace_record *r)
{
    struct s2t_model *m = &b->model;
    uint32_t thread;
    uint32_t shape;
    uint16_t *next;

    /* The records point to entries of the tables that the writer was created with. */
    if (!thread_id(b, (struct trace_thread *)(uintptr_t)r->thread, &thread) ||
        !shape_id(b, (struct trace_shape *)(uintptr_t)r->shape, &shape))
        return false;
    next = s2t_next(m, thread);
    if (!put(&b->fixed[S2T_SHAPE], *next == shape ? 0 : shape + 1) ||
        !put(&b->fixed[S2T_THREAD], thread == m->thread ? 0 : thread + 1) ||
        !put(&b->fixed[S2T_CPU], (uint64_t)r->cpu ^ m->cpu[thread]) ||
        !put(&b->fixed[S2T_FLAGS], flags_id(b, r->flags)) || !add_values(b, r, thread))
        return false;
    *next = (uint16_t)shape;
    m->shape[thread] = (uint16_t)shape;
    m->cpu[thread] = r->cpu;
    m->thread = thread;
    return true;
}

bool s2t_block_add(struct s2t_block *b, const struct trace_record *r)
{
    struct s2t_model *m = &b->model;

    if (b->records == 0) {
        b->mark = ++b->tables->marks;
        b->unit_ns = unit_of(r->time_ns);
    }

    const uint64_t time = r->time_ns / b->unit_ns;

    if (r->shape == NULL ? !add_lost(b, r) : !add_event(b, r))
        return false;
    if (!put(&b->fixed[S2T_TIME], s2t_zigzag(time - m->time)) ||
        !put(&b->fixed[S2T_LINE], s2t_zigzag(r->line - m->line - 1)))
        return false;
    m->time = time;
    m->line = r->line;
    b->raw_bytes += 8;
    b->records++;
    return true;
}

static bool take_streams(struct s2t_buffer *raw, const struct s2t_buffer *streams,
                         uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (!put_bytes(raw, streams[i].bytes, streams[i].n))
            return false;
    }
    return true;
}

static bool append(struct s2t_buffer *raw, const struct s2t_buffer *part)
{
    if (part->n == 0)
        return true;
    if (!s2t_reserve(raw, part->n))
        return false;
    memcpy(raw->bytes + raw->n, part->bytes, part->n);
    raw->n += part->n;
    return true;
}

bool s2t_block_take(struct s2t_block *b, struct s2t_buffer *raw)
{
    raw->n = 0;
    if (!put(raw, b->unit_ns) || !put(raw, b->threads_n) || !append(raw, &b->threads) ||
        !put(raw, b->shapes_n) || !append(raw, &b->shapes) || !put(raw, b->flags_n))
        return false;
    for (uint32_t i = 0; i < b->flags_n; i++) {
        if (!put(raw, b->flags[i]))
            return false;
    }
    if (!take_streams(raw, b->fixed, S2T_FIXED_N) ||
        !take_streams(raw, b->streams, b->streams_n))
        return false;
    begin(b);
    return true;
}
