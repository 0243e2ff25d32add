/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/text.c - recordings that are text: events, lost marks and comments. */
#include "model/trace/lines.h"
#include "model/trace/reader.h"

#include <stdlib.h>
#include <string.h>

#define RECENT 256u

struct text {
    struct trace_reader *r;
    struct trace_lines lines;
    enum trace_head_form form;
    bool lackey;
    struct trace_lackey accesses;
    struct trace_thread *recent[RECENT]; /* by thread */
};

static bool starts_with(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* The value behind "KEY :" or "KEY:" in a comment, up to a blank. */
static bool comment_value(const char *text, const char *key, char *value, size_t room)
{
    const char *at = strstr(text, key);
    size_t len;

    if (at == NULL)
        return false;
    at += strlen(key);
    at += strspn(at, " :");
    len = strcspn(at, " ");
    snprintf(value, room, "%.*s", (int)(len < room ? len : room - 1), at);
    return true;
}

/* "# entries-in-buffer/entries-written: A/B   #P:4" */
static bool entries(struct trace_reader *r, const char *at)
{
    uint64_t held;
    uint64_t written;

    at += strspn(at, " ");

    const size_t held_len = strcspn(at, "/ ");
    const char *second = at + held_len + (at[held_len] == '/');
    const char *cpus = strstr(at, "#P:");

    if (!trace_decimal(at, held_len, &held) ||
        !trace_decimal(second, strcspn(second, " "), &written) || held > written)
        return trace_fail(
            r->err,
            "entries-in-buffer/entries-written: '%s'; accepted: A/B with A <= B",
            trace_quote(at, strlen(at)).text);
    r->origin.lost += written - held;
    if (cpus != NULL)
        (void)trace_decimal(cpus + 3, strspn(cpus + 3, "0123456789"),
                            &r->origin.cpus_n);
    return true;
}

static bool comment(struct trace_reader *r, const struct trace_line *line)
{
    static const char key[] = "entries-in-buffer/entries-written:";
    const char *at = strstr(line->text, key);
    char value[64];

    if (at != NULL)
        return entries(r, at + strlen(key));
    if (strstr(line->text, " latency trace v") != NULL)
        comment_value(line->text, " on ", r->origin.kernel, sizeof(r->origin.kernel));
    if (starts_with(line->text, "# os release"))
        comment_value(line->text, "os release", r->origin.kernel,
                      sizeof(r->origin.kernel));
    if (starts_with(line->text, "# trace_clock:"))
        comment_value(line->text, "trace_clock:", r->origin.clock,
                      sizeof(r->origin.clock));
    if (starts_with(line->text, "# nrcpus online") &&
        comment_value(line->text, "nrcpus online", value, sizeof(value)))
        (void)trace_decimal(value, strlen(value), &r->origin.cpus_n);
    return true;
}

/* "[LOST k EVENTS]" of tracefs, "[k EVENTS DROPPED]" of trace-cmd; without k where the
 * recorder does not know how many. */
static bool lost_number(const char *mark, uint64_t *lost)
{
    const char *number = mark + strcspn(mark, "0123456789");
    const size_t len = strspn(number, "0123456789");
    const bool tracefs = starts_with(mark, " [LOST ");

    *lost = 0;
    if (strcmp(mark, " [LOST EVENTS]") == 0 || strcmp(mark, " [EVENTS DROPPED]") == 0)
        return true;
    if (!tracefs && !starts_with(mark, " ["))
        return false;
    return number == mark + (tracefs ? 7 : 2) && trace_decimal(number, len, lost) &&
           strcmp(number + len, tracefs ? " EVENTS]" : " EVENTS DROPPED]") == 0;
}

static bool lost_mark(struct trace_reader *r, const struct trace_line *line)
{
    const char *cpu = line->text + strlen("CPU:");
    const size_t cpu_len = strspn(cpu, "0123456789");
    uint64_t number;
    uint64_t lost;

    if (!trace_decimal(cpu, cpu_len, &number) || number > UINT16_MAX ||
        !lost_number(cpu + cpu_len, &lost))
        return trace_fail(r->err,
                          "'%s'; accepted: 'CPU:N [LOST N EVENTS]' or 'CPU:N [N EVENTS "
                          "DROPPED]'",
                          trace_quote(line->text, line->len).text);
    return trace_reader_lost(r, (uint16_t)number, lost);
}

/* perf script --show-lost-events: "... PERF_RECORD_LOST lost N". */
static bool perf_lost(struct trace_reader *r, const char *mark)
{
    const char *number = strstr(mark, " lost ");
    uint64_t lost;

    if (number == NULL)
        return trace_fail(r->err, "'%s'; accepted: 'PERF_RECORD_LOST lost N'",
                          trace_quote(mark, strlen(mark)).text);
    number += strlen(" lost ");
    if (!trace_decimal(number, strspn(number, "0123456789"), &lost))
        return trace_fail(r->err, "'%s'; accepted: 'PERF_RECORD_LOST lost N'",
                          trace_quote(mark, strlen(mark)).text);
    return trace_reader_lost(r, 0, lost);
}

static bool set_thread(struct text *t, const struct trace_head *h)
{
    struct trace_thread **recent = &t->recent[h->tid % RECENT];
    struct trace_thread *thread = *recent;

    if (h->task_len >= TRACE_TASK_BYTES)
        return trace_fail(t->r->err,
                          "a task name of %zu characters; accepted: up to %d",
                          h->task_len, TRACE_TASK_BYTES - 1);
    if (thread != NULL && thread->tid == h->tid && thread->tgid == h->tgid &&
        memcmp(thread->task, h->task, h->task_len) == 0 &&
        thread->task[h->task_len] == '\0') {
        t->r->record.thread = thread;
        return true;
    }
    *recent = trace_thread_of(&t->r->tables, h->tid, h->tgid, h->task, h->task_len,
                              t->r->err);
    t->r->record.thread = *recent;
    return *recent != NULL;
}

static void note_format(struct trace_reader *r, enum trace_head_form form)
{
    if (form == TRACE_HEAD_PERF)
        r->origin.format = TRACE_PERF_SCRIPT;
}

static bool event(struct text *t, const struct trace_line *line)
{
    struct trace_reader *r = t->r;
    const enum trace_head_form before = t->form;
    struct trace_head h;
    struct trace_name *name;
    size_t len;

    if (!trace_parse_head(line, &t->form, &h, r->err) || !set_thread(t, &h))
        return false;
    if (t->form != before)
        note_format(r, t->form);
    r->record.line = line->number;
    r->record.offset = line->offset;
    r->record.time_ns = h.time_ns;
    r->record.flags = h.flags;
    r->record.cpu = h.cpu;
    if (h.digits > r->origin.digits)
        r->origin.digits = h.digits;
    name = trace_name_of(&r->tables, h.name, h.name_len, r->err);
    if (name == NULL)
        return false;
    len = (size_t)(line->text + line->len - h.fields);
    r->record.shape =
        trace_shape_of(&r->tables, name, h.fields, len, r->record.values, r->err);
    return r->record.shape != NULL && trace_reader_give(r, h.fields, len);
}

static bool ends_with(const struct trace_line *line, const char *with)
{
    const size_t len = strlen(with);

    return line->len >= len && memcmp(line->text + line->len - len, with, len) == 0;
}

/* A task can have a name that looks like the address of a frame. */
static bool is_event(const struct text *t, const struct trace_line *line)
{
    enum trace_head_form form = t->form;
    struct trace_error ignored = {0};
    struct trace_head h;

    return trace_parse_head(line, &form, &h, &ignored);
}

/* Lines that belong to the event before them: frames of a stack, what tracefs prints
 * above them, and blank lines. */
static bool is_continuation(const struct text *t, const struct trace_line *line)
{
    const char *at = line->text + strspn(line->text, " \t");
    const size_t hex_n = strspn(at, "0123456789abcdef");

    if (*at == '\0' || starts_with(at, "=> ") || ends_with(line, ": <stack trace>") ||
        ends_with(line, ": <user stack trace>"))
        return true;
    return at > line->text && hex_n >= 8 && at[hex_n] == ' ' &&
           strchr(at, '(') != NULL && !is_event(t, line);
}

/* What trace-cmd report prints before the events. */
static bool is_report_head(const char *text)
{
    static const char *const heads[] = {"cpus=", "version = "};
    const char *at = text;

    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        if (starts_with(text, heads[i])) {
            at += strlen(heads[i]);
            return *at != '\0' && at[strspn(at, "0123456789")] == '\0';
        }
    }
    return starts_with(text, "CPU ") &&
           strcmp(text + 4 + strspn(text + 4, "0123456789"), " is empty") == 0;
}

static bool other_line(struct text *t, const struct trace_line *line, bool *done)
{
    struct trace_reader *r = t->r;
    const char *lost;

    *done = true;
    if (line->text[0] == '#')
        return comment(r, line);
    if (starts_with(line->text, "CPU:"))
        return lost_mark(r, line);
    lost = strstr(line->text, "PERF_RECORD_LOST");
    if (lost != NULL)
        return perf_lost(r, lost);
    if (is_continuation(t, line)) {
        r->origin.continuation_lines++;
        return true;
    }
    if (is_report_head(line->text)) {
        r->origin.format = TRACE_TRACE_CMD_REPORT;
        if (starts_with(line->text, "cpus="))
            (void)trace_decimal(line->text + 5, line->len - 5, &r->origin.cpus_n);
        return true;
    }
    *done = false;
    return true;
}

/* An event has its colon behind a digit: other lines are few and need not be fast. */
static bool text_line(struct text *t, const struct trace_line *line)
{
    bool done = false;

    if (t->lackey)
        return trace_lackey_line(t->r, &t->accesses, line->text, line->len);
    if (line->len <= 16 || line->text[16] != '-' || line->text[0] != ' ' ||
        line->text[line->len - 1] == '>') {
        if (!other_line(t, line, &done))
            return false;
        if (done)
            return true;
    }
    return event(t, line);
}

static bool all_lines(struct text *t)
{
    struct trace_reader *r = t->r;

    for (;;) {
        struct trace_line line;

        switch (trace_lines_next(&t->lines, &line, r->err)) {
        case TRACE_NEXT_LINE:
            r->origin.lines = line.number;
            if (trace_tables_trim(&r->tables)) {
                memset(t->recent, 0, sizeof(t->recent));
                memset(&t->accesses, 0, sizeof(t->accesses));
            }
            if (!text_line(t, &line))
                return false;
            break;
        case TRACE_NEXT_END:
            r->origin.bytes = t->lines.offset;
            return true;
        case TRACE_NEXT_FAILED:
            return false;
        }
    }
}

bool trace_read_text(struct trace_reader *r, struct trace_bytes *bytes)
{
    struct text *t = calloc(1, sizeof(*t));
    const char *first;
    size_t len;
    bool ok = false;

    if (t == NULL)
        return trace_fail(r->err, "no memory for a line buffer");
    t->r = r;
    t->lines.bytes = bytes;
    r->origin.format = TRACE_FTRACE;
    if (trace_lines_peek(&t->lines, &first, &len, r->err)) {
        t->lackey = trace_is_lackey(first, len);
        if (t->lackey)
            r->origin.format = TRACE_LACKEY;
        r->record.line = 0;
        ok = all_lines(t);
    }
    free(t);
    return ok;
}
