/* SPDX-License-Identifier: Apache-2.0 */
#include "model/trace/import.h"

#include "model/trace/about.h"
#include "model/trace/export.h"
#include "model/trace/s2t.h"

#include <stdlib.h>
#include <string.h>

/* The last sink of an import: counts what it gets. */
struct counted {
    struct trace_sink to;
    struct trace_info *info; /* NULL: not asked for */
    uint64_t records;
};

static bool count_record(void *ctx, const struct trace_record *r,
                         struct trace_error *err)
{
    struct counted *c = ctx;

    c->records += r->shape != NULL;
    if (c->info != NULL && !info_record(c->info, r, err))
        return false;
    return c->to.record(c->to.ctx, r, err);
}

static bool chooses_all(const struct trace_choice *choice)
{
    return choice->vm < 0 && choice->slot < 0;
}

/* Reads in for its VMs and memslots. */
static bool look(const char *in, struct trace_info *info, struct trace_reader *r,
                 struct trace_error *err)
{
    const struct trace_sink sink = {info, info_record};

    if (!trace_read_file(in, &sink, r, err))
        return false;
    info_finish(info);
    return true;
}

static bool read_chosen(const char *in, const struct trace_choice *choice,
                        const struct trace_info *info, struct counted *c,
                        struct trace_reader *r, struct trace_error *err)
{
    const struct trace_sink counting = {c, count_record};
    struct trace_filter f;
    const struct trace_sink filtering = {&f, filter_record};
    bool ok;

    if (chooses_all(choice))
        return trace_read_file(in, &counting, r, err);
    ok = filter_init(&f, choice, info, counting, err) &&
         trace_read_file(in, &filtering, r, err);
    filter_end(&f);
    return ok;
}

/* in to c, of which the caller knows the rest. */
static bool pass_on(const char *in, const struct trace_choice *choice,
                    struct counted *c, struct trace_reader *r, struct trace_error *err)
{
    struct trace_info *info;
    bool ok;

    if (chooses_all(choice))
        return read_chosen(in, choice, NULL, c, r, err);
    info = malloc(sizeof(*info));
    if (info == NULL || !info_init(info)) {
        free(info);
        memset(r, 0, sizeof(*r));
        return trace_fail(err, "no memory to choose events");
    }
    ok = look(in, info, r, err);
    if (ok) {
        trace_reader_end(r);
        ok = read_chosen(in, choice, info, c, r, err);
    }
    info_free(info);
    free(info);
    return ok;
}

/* Ends the .s2t, which gets its name only after all of the source was good. */
static bool finish(struct s2t_writer *w, const struct counted *c,
                   const struct trace_reader *r, struct trace_error *err)
{
    struct trace_origin o = r->origin;
    char *about;
    size_t len;
    bool ok;

    o.records = c->records;
    info_finish(c->info);
    about = about_print_all(&o, c->info, &len);
    if (about == NULL) {
        s2t_abandon(w);
        return trace_fail(err, "no memory to end a .s2t");
    }
    ok = s2t_finish(w, about, len, err);
    free(about);
    return ok;
}

static bool to_s2t(const char *in, const char *out, const struct trace_choice *choice,
                   struct counted *c, struct trace_reader *r, struct trace_error *err)
{
    struct s2t_writer *w = s2t_create(out, &r->tables, err);

    memset(r, 0, sizeof(*r));
    if (w == NULL)
        return false;
    c->to = (struct trace_sink){w, s2t_write};
    if (!pass_on(in, choice, c, r, err)) {
        s2t_abandon(w);
        return false;
    }
    return finish(w, c, r, err);
}

bool trace_to_s2t(const char *in, const char *out, const struct trace_choice *choice,
                  uint64_t *kept, struct trace_reader *r, struct trace_error *err)
{
    struct trace_info *info = malloc(sizeof(*info));
    struct counted c = {.info = info};
    bool ok;

    if (info == NULL || !info_init(info)) {
        free(info);
        memset(r, 0, sizeof(*r));
        return trace_fail(err, "no memory to import a recording");
    }
    ok = to_s2t(in, out, choice, &c, r, err);
    *kept = c.records;
    info_free(info);
    free(info);
    return ok;
}

bool trace_to_text(const char *in, FILE *out, const struct trace_choice *choice,
                   uint64_t *kept, struct trace_reader *r, struct trace_error *err)
{
    struct trace_export e = {out, 0};
    struct counted c = {.to = {&e, trace_export_record}};
    const struct trace_sink none = {0};

    if (!trace_read_file(in, &none, r, err) || !trace_export_head(out, &r->origin, err))
        return false;
    e.digits = r->origin.digits;
    trace_reader_end(r);
    if (!pass_on(in, choice, &c, r, err))
        return false;
    *kept = c.records;
    return true;
}
