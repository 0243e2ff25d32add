/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/tables.c - the event names, threads and shapes that records point to. */
#include "model/trace/record.h"

#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 16384u
#define THREADS_MAX 65536u
#define SHAPE_BYTES_MAX ((size_t)8 << 20)

static uint32_t hash_of(const char *text, size_t len)
{
    uint32_t h = (uint32_t)len;

    for (size_t i = 0; i < len; i++)
        h = (h ^ (uint8_t)text[i]) * UINT32_C(0x9e3779b1);
    return (h ^ h >> 15) % TRACE_BUCKETS;
}

void trace_tables_init(struct trace_tables *t)
{
    memset(t, 0, sizeof(*t));
}

static void drop_threads_and_shapes(struct trace_tables *t)
{
    for (unsigned i = 0; i < TRACE_BUCKETS && t->threads_n > 0; i++) {
        for (struct trace_thread *thread = t->threads[i], *next; thread;
             thread = next) {
            next = thread->next;
            free(thread);
        }
        t->threads[i] = NULL;
    }
    t->threads_n = 0;
    for (uint32_t i = 0; i < t->names_n; i++) {
        struct trace_name *name = t->name_list[i];

        for (struct trace_shape *s = name->shapes, *next; s != NULL; s = next) {
            next = s->next;
            free(s);
        }
        name->shapes = NULL;
    }
    memset(t->shapes, 0, sizeof(t->shapes));
    t->shape_bytes = 0;
}

bool trace_tables_trim(struct trace_tables *t)
{
    if (t->threads_n < THREADS_MAX && t->shape_bytes < SHAPE_BYTES_MAX)
        return false;
    drop_threads_and_shapes(t);
    return true;
}

void trace_tables_free(struct trace_tables *t)
{
    drop_threads_and_shapes(t);
    for (uint32_t i = 0; i < t->names_n; i++)
        free(t->name_list[i]);
    free(t->name_list);
    trace_tables_init(t);
}

static struct trace_name *new_name(struct trace_tables *t, const char *text, size_t len,
                                   struct trace_error *err)
{
    struct trace_name *name = NULL;
    const char *colon;

    if (len >= TRACE_NAME_BYTES || t->names_n == NAMES_MAX) {
        trace_fail(err, "%s: '%s'; accepted: up to %u names of up to %u characters",
                   len >= TRACE_NAME_BYTES ? "a long event name"
                                           : "too many event names",
                   trace_quote(text, len).text, NAMES_MAX, TRACE_NAME_BYTES - 1);
        return NULL;
    }
    if (t->names_n == t->names_room) {
        const uint32_t room = t->names_room > 0 ? 2 * t->names_room : 64;
        struct trace_name **more = realloc(t->name_list, room * sizeof(*more));

        if (more != NULL) {
            t->name_list = more;
            t->names_room = room;
        }
    }
    if (t->names_n < t->names_room)
        name = calloc(1, sizeof(*name));
    if (name == NULL) {
        trace_fail(err, "no memory for an event name");
        return NULL;
    }
    memcpy(name->text, text, len);
    name->len = len;
    colon = memchr(name->text, ':', len);
    name->event = colon != NULL ? colon + 1 : name->text;
    name->index = t->names_n;
    t->name_list[t->names_n++] = name;
    trace_name_classify(name);
    return name;
}

struct trace_name *trace_name_of(struct trace_tables *t, const char *text, size_t len,
                                 struct trace_error *err)
{
    struct trace_name **bucket = &t->names[hash_of(text, len)];
    struct trace_name *name = *bucket;

    while (name != NULL && (name->len != len || memcmp(name->text, text, len) != 0))
        name = name->next;
    if (name != NULL)
        return name;
    name = new_name(t, text, len, err);
    if (name != NULL) {
        name->next = *bucket;
        *bucket = name;
    }
    return name;
}

struct trace_thread *trace_thread_of(struct trace_tables *t, uint32_t tid,
                                     uint32_t tgid, const char *task, size_t len,
                                     struct trace_error *err)
{
    struct trace_thread **bucket = &t->threads[tid % TRACE_BUCKETS];
    struct trace_thread *thread = *bucket;

    while (thread != NULL &&
           (thread->tid != tid || thread->tgid != tgid ||
            memcmp(thread->task, task, len) != 0 || thread->task[len] != '\0'))
        thread = thread->next;
    if (thread != NULL)
        return thread;
    thread = calloc(1, sizeof(*thread));
    if (thread == NULL) {
        trace_fail(err, "no memory for a thread");
        return NULL;
    }
    thread->tid = tid;
    thread->tgid = tgid;
    memcpy(thread->task, task, len);
    thread->next = *bucket;
    *bucket = thread;
    t->threads_n++;
    return thread;
}
