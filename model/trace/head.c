/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/head.c - "TASK-TID [CPU] FLAGS SECONDS.FRACTION: EVENT: FIELDS". */
#include "model/trace/trace_priv.h"

#include <string.h>

#define FORM "TASK-TID [CPU] FLAGS SECONDS.FRACTION: EVENT: FIELDS"
/* The kernel right-aligns the task name in this many columns. */
#define TASK_COLUMNS 16u

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t");
}

static size_t token_len(const char *at)
{
    return strcspn(at, " \t");
}

/* "-TID [CPU]" or, with the option record-tgid, "-TID (TGID) [CPU]"; returns what
 * follows, or NULL if dash is no such place. */
static const char *tid_and_cpu(const char *dash, struct trace_head *head)
{
    const char *at = dash + 1;
    const size_t tid_len = strspn(at, "0123456789");
    uint32_t cpu;

    if (*dash != '-' || !trace_u32(at, tid_len, &head->tid) ||
        (at[tid_len] != ' ' && at[tid_len] != '\t'))
        return NULL;
    at = skip_blanks(at + tid_len);
    if (*at == '(') {
        at += strcspn(at, ")");
        at = skip_blanks(*at == ')' ? at + 1 : at);
    }
    if (*at != '[')
        return NULL;

    const size_t cpu_len = strspn(at + 1, "0123456789");

    if (!trace_u32(at + 1, cpu_len, &cpu) || cpu > UINT16_MAX || at[1 + cpu_len] != ']')
        return NULL;
    head->cpu = (uint16_t)cpu;
    return at + cpu_len + 2;
}

/* A task name may hold blanks and dashes, so its column decides; only where blanks
 * were lost does the first place that fits. */
static const char *after_task(const struct trace_line *line, struct trace_head *head)
{
    const char *rest = NULL;

    if (line->len > TASK_COLUMNS)
        rest = tid_and_cpu(line->text + TASK_COLUMNS, head);
    for (const char *dash = strchr(line->text, '-'); rest == NULL && dash != NULL;
         dash = strchr(dash + 1, '-'))
        rest = tid_and_cpu(dash, head);
    return rest;
}

/* The time and its colon; flags may stand before it. NULL if there is no time. */
static const char *flags_and_time(const char *at, struct trace_head *head)
{
    for (int tokens_n = 0; tokens_n < 2; tokens_n++) {
        at = skip_blanks(at);

        const size_t len = token_len(at);

        if (len > 1 && at[len - 1] == ':' && trace_time_ns(at, len - 1, &head->time_ns))
            return at + len;
        at += len;
    }
    return NULL;
}

static size_t name_len(const char *name)
{
    size_t len = 0;

    while ((name[len] >= 'a' && name[len] <= 'z') ||
           (name[len] >= 'A' && name[len] <= 'Z') ||
           (name[len] >= '0' && name[len] <= '9') || name[len] == '_' ||
           name[len] == '.')
        len++;
    return len;
}

bool trace_parse_head(const struct trace_line *line, struct trace_head *head,
                      struct trace_error *err)
{
    const char *at = after_task(line, head);

    if (at == NULL)
        return trace_fail(err,
                          "neither a comment nor an event: '%s'; accepted: '# ...', "
                          "'CPU:N [LOST N EVENTS]' or '" FORM "'",
                          trace_quote(line->text, line->len).text);

    const char *time = flags_and_time(at, head);

    if (time == NULL) {
        at = skip_blanks(at);
        return trace_fail(err,
                          "no time behind '[CPU]': '%s'; accepted: flags or none, then "
                          "SECONDS.FRACTION with 1 to 9 digits of fraction, then ':'",
                          trace_quote(at, strlen(at)).text);
    }
    head->name = skip_blanks(time);
    head->name_len = name_len(head->name);
    at = head->name + head->name_len;
    if (head->name_len == 0 || at[0] != ':' ||
        (at[1] != '\0' && at[1] != ' ' && at[1] != '\t'))
        return trace_fail(
            err, "no event name behind the time: '%s'; accepted: 'EVENT: FIELDS'",
            trace_quote(head->name, strlen(head->name)).text);
    head->fields = skip_blanks(at + 1);
    return true;
}
