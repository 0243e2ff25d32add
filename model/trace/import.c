/* SPDX-License-Identifier: Apache-2.0 */
#include "model/trace/import.h"

#include "model/trace/about.h"
#include "model/trace/export.h"
#include "model/trace/s2t.h"

#include <stdlib.h>
#include <string.h>

#define ABOUT_BYTES 8192

/* The .s2t is finished only after all of the source was good. */
static bool finish(struct s2t_writer *w, const struct trace_reader *r,
                   struct trace_error *err)
{
    char about[ABOUT_BYTES];

    return s2t_finish(w, about, about_print(&r->origin, about, sizeof(about)), err);
}

bool trace_to_s2t(const char *in, const char *out, struct trace_reader *r,
                  struct trace_error *err)
{
    struct s2t_writer *w = s2t_create(out, &r->tables, err);
    struct trace_sink sink = {w, s2t_write};

    if (w == NULL) {
        memset(r, 0, sizeof(*r));
        return false;
    }
    if (!trace_read_file(in, &sink, r, err)) {
        s2t_abandon(w);
        return false;
    }
    return finish(w, r, err);
}

bool trace_to_text(const char *in, FILE *out, struct trace_reader *r,
                   struct trace_error *err)
{
    struct trace_export e = {out, 0};
    struct trace_sink sink = {&e, NULL};

    if (!trace_read_file(in, &sink, r, err) || !trace_export_head(out, &r->origin, err))
        return false;
    e.digits = r->origin.digits;
    trace_reader_end(r);
    sink.record = trace_export_record;
    return trace_read_file(in, &sink, r, err);
}
