/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/export.c - records as the text that tracefs prints. */
#include "model/trace/export.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define NS_PER_S UINT64_C(1000000000)

static bool cannot_write(struct trace_error *err)
{
    return trace_fail(err, "the text cannot be written: %s", strerror(errno));
}

static int print_time(char *text, size_t room, const struct trace_export *e,
                      uint64_t time_ns)
{
    uint64_t fraction = time_ns % NS_PER_S;

    if (e->digits == 0)
        return snprintf(text, room, "%12" PRIu64, time_ns);
    for (unsigned i = e->digits; i < 9; i++)
        fraction /= 10;
    return snprintf(text, room, "%5" PRIu64 ".%0*" PRIu64, time_ns / NS_PER_S,
                    (int)e->digits, fraction);
}

static size_t print_flags(char *text, uint64_t flags)
{
    size_t n = 0;

    for (; flags != 0; flags >>= 8)
        text[n++] = (char)flags;
    if (n > 0)
        text[n++] = ' ';
    text[n] = '\0';
    return n;
}

static bool export_event(struct trace_export *e, const struct trace_record *r,
                         struct trace_error *err)
{
    char fields[TRACE_LINE_TEXT];
    char tgid[24] = "";
    char flags[16];
    char time[40];

    trace_shape_print(r->shape, r->values, fields, sizeof(fields));
    print_flags(flags, r->flags);
    print_time(time, sizeof(time), e, r->time_ns);
    if (r->thread->tgid != 0)
        snprintf(tgid, sizeof(tgid), "(%7" PRIu32 ") ", r->thread->tgid);
    if (fprintf(e->out, "%16s-%-7" PRIu32 " %s[%03u] %s%s: %s: %s\n", r->thread->task,
                r->thread->tid, tgid, r->cpu, flags, time, r->shape->name->text,
                fields) < 0)
        return cannot_write(err);
    return true;
}

bool trace_export_record(void *ctx, const struct trace_record *r,
                         struct trace_error *err)
{
    struct trace_export *e = ctx;
    int n;

    if (r->shape != NULL)
        return export_event(e, r, err);
    n = r->values[0] > 0 ? fprintf(e->out, "CPU:%u [LOST %" PRIu64 " EVENTS]\n", r->cpu,
                                   r->values[0])
                         : fprintf(e->out, "CPU:%u [LOST EVENTS]\n", r->cpu);
    return n >= 0 || cannot_write(err);
}

bool trace_export_head(FILE *out, const struct trace_origin *o, struct trace_error *err)
{
    if (fprintf(out,
                "# tracer: nop\n#\n# entries-in-buffer/entries-written: %" PRIu64
                "/%" PRIu64 "   #P:%" PRIu64 "\n#\n",
                o->records, o->records + (o->lost - o->lost_in_marks), o->cpus_n) < 0)
        return cannot_write(err);
    if (o->clock[0] != '\0' && fprintf(out, "# trace_clock: %s\n", o->clock) < 0)
        return cannot_write(err);
    if (o->kernel[0] != '\0' && fprintf(out, "# os release : %s\n", o->kernel) < 0)
        return cannot_write(err);
    return true;
}
