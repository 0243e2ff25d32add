/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/import.c - a whole recording: comments, lost marks and the event array.
 */
#include "model/trace/trace_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS_FIRST_N 1024u
#define LOST_MARK "CPU:"

struct import {
    struct trace *out;
    size_t room_n; /* of out->events */
    struct trace_error *err;
};

static struct trace_event *new_event(struct import *im)
{
    struct trace *out = im->out;

    if (out->events_n == im->room_n) {
        const size_t room_n = im->room_n > 0 ? 2 * im->room_n : EVENTS_FIRST_N;
        struct trace_event *more = realloc(out->events, room_n * sizeof(*more));

        if (more == NULL) {
            trace_fail(im->err, "no memory for %zu events", room_n);
            return NULL;
        }
        out->events = more;
        im->room_n = room_n;
    }

    struct trace_event *event = &out->events[out->events_n];

    memset(event, 0, sizeof(*event));
    return event;
}

static bool import_event(struct import *im, const struct trace_line *line)
{
    struct trace_event *event = new_event(im);
    struct trace_head head;

    if (event == NULL || !trace_parse_head(line, &head, im->err))
        return false;
    event->time_ns = head.time_ns;
    event->offset = line->offset;
    event->line = line->number;
    event->tid = head.tid;
    event->cpu = head.cpu;
    event->kind = (uint8_t)trace_kind_of(head.name, head.name_len);
    if (!trace_parse_fields(head.fields, event, im->err))
        return false;
    im->out->counts[event->kind]++;
    im->out->events_n++;
    return true;
}

/* "# entries-in-buffer/entries-written: A/B   #P:4"; any other comment is skipped. */
static bool import_comment(struct import *im, const struct trace_line *line)
{
    static const char key[] = "entries-in-buffer/entries-written:";
    const char *at = strstr(line->text, key);
    uint64_t held;
    uint64_t written;

    if (at == NULL)
        return true;
    at += sizeof(key) - 1;
    at += strspn(at, " ");

    const size_t held_len = strcspn(at, "/ ");
    const char *second = at + held_len + (at[held_len] == '/');

    if (!trace_u64(at, held_len, &held) ||
        !trace_u64(second, strcspn(second, " "), &written) || held > written)
        return trace_fail(im->err, "%s '%s'; accepted: A/B with A <= B", key,
                          trace_quote(at, strlen(at)).text);
    im->out->lost_events += written - held;
    return true;
}

/* " [LOST k EVENTS]", or " [LOST EVENTS]" where the kernel does not know how many. */
static bool lost_number(const char *mark, uint64_t *lost)
{
    static const char before[] = " [LOST ";
    const char *number = mark + strlen(before);

    *lost = 1;
    if (strcmp(mark, " [LOST EVENTS]") == 0)
        return true;
    if (strncmp(mark, before, strlen(before)) != 0)
        return false;

    const size_t len = strspn(number, "0123456789");

    return trace_u64(number, len, lost) && strcmp(number + len, " EVENTS]") == 0;
}

static bool import_lost_mark(struct import *im, const struct trace_line *line)
{
    const char *cpu = line->text + strlen(LOST_MARK);
    const size_t cpu_len = strspn(cpu, "0123456789");
    uint64_t lost;

    if (cpu_len == 0 || !lost_number(cpu + cpu_len, &lost))
        return trace_fail(im->err, "'%s'; accepted: 'CPU:N [LOST N EVENTS]'",
                          trace_quote(line->text, line->len).text);
    im->out->lost_events += lost;
    return true;
}

static bool import_line(struct import *im, const struct trace_line *line)
{
    if (line->text[0] == '#')
        return import_comment(im, line);
    if (strncmp(line->text, LOST_MARK, strlen(LOST_MARK)) == 0)
        return import_lost_mark(im, line);
    return import_event(im, line);
}

static bool import_lines(struct import *im, struct trace_lines *lines)
{
    for (;;) {
        struct trace_line line;

        switch (trace_lines_next(lines, &line, im->err)) {
        case TRACE_NEXT_LINE:
            if (!import_line(im, &line))
                return false;
            break;
        case TRACE_NEXT_END:
            return true;
        case TRACE_NEXT_FAILED:
            return false;
        }
    }
}

bool trace_import_stream(FILE *in, const char *name, struct trace *out,
                         struct trace_error *err)
{
    struct import im = {out, 0, err};
    struct trace_lines *lines = calloc(1, sizeof(*lines));
    bool ok = false;

    memset(out, 0, sizeof(*out));
    memset(err, 0, sizeof(*err));
    snprintf(err->file, sizeof(err->file), "%s", name);
    if (lines == NULL)
        return trace_fail(err, "no memory for a line buffer");
    if (trace_bytes_open(&lines->bytes, in, err))
        ok = import_lines(&im, lines);
    trace_bytes_close(&lines->bytes);
    free(lines);
    if (!ok)
        trace_free(out);
    return ok;
}

bool trace_import_file(const char *path, struct trace *out, struct trace_error *err)
{
    FILE *in = fopen(path, "rb");

    if (in == NULL) {
        memset(out, 0, sizeof(*out));
        memset(err, 0, sizeof(*err));
        snprintf(err->file, sizeof(err->file), "%s", path);
        return trace_fail(err, "cannot be opened: %s", strerror(errno));
    }

    const bool ok = trace_import_stream(in, path, out, err);

    fclose(in);
    return ok;
}

void trace_free(struct trace *t)
{
    free(t->events);
    memset(t, 0, sizeof(*t));
}
