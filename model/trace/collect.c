/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/collect.c - a whole recording as one array of events. */
#include "model/trace/reader.h"

#include <stdlib.h>
#include <string.h>

#define EVENTS_FIRST_N 1024u

struct collect {
    struct trace *out;
    size_t room_n; /* of out->events */
};

static bool collect_record(void *ctx, const struct trace_record *r,
                           struct trace_error *err)
{
    struct collect *c = ctx;
    struct trace *out = c->out;

    if (r->shape == NULL)
        return true;
    if (out->events_n == c->room_n) {
        const size_t room_n = c->room_n > 0 ? 2 * c->room_n : EVENTS_FIRST_N;
        struct trace_event *more = realloc(out->events, room_n * sizeof(*more));

        if (more == NULL)
            return trace_fail(err, "no memory for %zu events", room_n);
        out->events = more;
        c->room_n = room_n;
    }
    if (!trace_record_event(r, &out->events[out->events_n], err))
        return false;
    out->counts[out->events[out->events_n].kind]++;
    out->events_n++;
    return true;
}

bool trace_import_stream(FILE *in, const char *name, struct trace *out,
                         struct trace_error *err)
{
    struct collect c = {out, 0};
    const struct trace_sink sink = {&c, collect_record};
    struct trace_reader *r = malloc(sizeof(*r));
    bool ok;

    memset(out, 0, sizeof(*out));
    if (r == NULL)
        return trace_fail(err, "no memory to read a recording");
    ok = trace_read_stream(in, name, &sink, r, err);
    out->lost_events = r->origin.lost;
    out->not_understood = trace_not_understood(r);
    trace_reader_end(r);
    free(r);
    if (!ok)
        trace_free(out);
    return ok;
}

bool trace_import_file(const char *path, struct trace *out, struct trace_error *err)
{
    FILE *in = trace_open(path, err);
    bool ok;

    memset(out, 0, sizeof(*out));
    if (in == NULL)
        return false;
    ok = trace_import_stream(in, path, out, err);
    fclose(in);
    return ok;
}

void trace_free(struct trace *t)
{
    free(t->events);
    memset(t, 0, sizeof(*t));
}
