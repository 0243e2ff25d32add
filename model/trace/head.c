/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/head.c - task, thread, CPU, flags, time and event name of a line. */
#include "model/trace/lines.h"

#include <string.h>

#define NS_PER_S UINT64_C(1000000000)
/* The kernel, trace-cmd and perf right-align the task name in this many columns. */
#define TASK_COLUMNS 16u
#define LATENCY_COLUMNS 8u

static inline const char *skip_blanks(const char *at)
{
    while (*at == ' ' || *at == '\t')
        at++;
    return at;
}

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Decimal digits at at; NULL if there are none or they pass max. */
static inline const char *number(const char *at, uint64_t max, uint64_t *value)
{
    const char *first = at;
    uint64_t v = 0;

    for (; is_digit(*at); at++) {
        const unsigned digit = (unsigned)(*at - '0');

        if (v > (max - digit) / 10)
            return NULL;
        v = v * 10 + digit;
    }
    *value = v;
    return at > first ? at : NULL;
}

static const char *cpu_in_brackets(const char *at, struct trace_head *head)
{
    uint64_t cpu;

    if (*at != '[')
        return NULL;
    at = number(at + 1, UINT16_MAX, &cpu);
    if (at == NULL || *at != ']')
        return NULL;
    head->cpu = (uint16_t)cpu;
    return at + 1;
}

/* "SECONDS.FRACTION:", or "COUNT:" of a clock without seconds; returns what is behind
 * the colon. */
static const char *time_at(const char *at, struct trace_head *head)
{
    static const uint32_t scale[] = {1000000000, 100000000, 10000000, 1000000, 100000,
                                     10000,      1000,      100,      10,      1};
    uint64_t seconds;
    uint64_t fraction = 0;
    unsigned digits = 0;

    at = number(at, UINT64_MAX, &seconds);
    if (at == NULL)
        return NULL;
    head->digits = 0;
    head->time_ns = seconds;
    if (*at == '.') {
        const char *first = ++at;

        at = number(at, NS_PER_S - 1, &fraction);
        if (at == NULL || at - first > 9 ||
            seconds > (UINT64_MAX - fraction) / NS_PER_S)
            return NULL;
        digits = (unsigned)(at - first);
        fraction *= scale[digits];
        if (seconds > (UINT64_MAX - fraction) / NS_PER_S)
            return NULL;
        head->digits = digits;
        head->time_ns = seconds * NS_PER_S + fraction;
    }
    return *at == ':' ? at + 1 : NULL;
}

static void set_task(struct trace_head *head, const char *from, const char *end)
{
    from = skip_blanks(from);
    head->task = from;
    head->task_len = from < end ? (size_t)(end - from) : 0;
}

/* "-TID [CPU]" or, with the option record-tgid, "-TID (TGID) [CPU]"; returns what
 * follows, or NULL if dash is no such place. */
static const char *tid_and_cpu(const char *dash, struct trace_head *head)
{
    const char *at = dash + 1;
    uint64_t tid;
    uint64_t tgid = 0;

    if (*dash != '-')
        return NULL;
    at = number(at, UINT32_MAX, &tid);
    if (at == NULL || (*at != ' ' && *at != '\t'))
        return NULL;
    at = skip_blanks(at);
    if (*at == '(') {
        const char *close = strchr(at, ')');

        if (close == NULL)
            return NULL;
        /* "(-----)" where the kernel does not know it. */
        if (number(skip_blanks(at + 1), UINT32_MAX, &tgid) == NULL)
            tgid = 0;
        at = skip_blanks(close + 1);
    }
    head->tid = (uint32_t)tid;
    head->tgid = (uint32_t)tgid;
    return cpu_in_brackets(at, head);
}

/* The time and its colon; flags may stand before it. NULL if there is no time. */
static const char *flags_and_time(const char *at, struct trace_head *head)
{
    unsigned n = 0;

    head->flags = 0;
    at = skip_blanks(at);
    if (is_digit(*at)) {
        const char *end = time_at(at, head);

        if (end != NULL)
            return end;
    }
    for (; *at > ' ' && n < 8; n++)
        head->flags |= (uint64_t)(uint8_t)*at++ << 8 * n;
    if (*at != ' ' && *at != '\t')
        return NULL;
    return time_at(skip_blanks(at), head);
}

static bool no_time(const char *at, struct trace_error *err)
{
    at = skip_blanks(at);
    return trace_fail(err,
                      "no time behind '[CPU]': '%s'; accepted: flags or none, then "
                      "SECONDS.FRACTION with 1 to 9 digits of fraction, or a count, "
                      "then ':'",
                      trace_quote(at, strlen(at)).text);
}

static bool columns(const struct trace_line *line, struct trace_head *head,
                    const char **rest, struct trace_error *err)
{
    const char *dash = line->text + TASK_COLUMNS;
    const char *at = NULL;

    /* A task name may hold blanks and dashes, so its column decides; only where blanks
     * were lost does the first place that fits. */
    if (line->len > TASK_COLUMNS)
        at = tid_and_cpu(dash, head);
    if (at == NULL) {
        for (dash = strchr(line->text, '-'); dash != NULL;
             dash = strchr(dash + 1, '-')) {
            at = tid_and_cpu(dash, head);
            if (at != NULL)
                break;
        }
    }
    if (at == NULL)
        return false;
    set_task(head, line->text, dash);
    *rest = flags_and_time(at, head);
    return *rest != NULL || no_time(at, err);
}

/* "-TID CPUFLAGS TIMEus+: ", trace_print_lat_context() of Linux. */
static const char *latency_rest(const char *dash, struct trace_head *head)
{
    const char *at;
    uint64_t value;
    unsigned n = 0;

    if (*dash != '-' || (at = number(dash + 1, UINT32_MAX, &value)) == NULL ||
        *at != ' ')
        return NULL;
    head->tid = (uint32_t)value;
    at = number(skip_blanks(at), UINT16_MAX, &value);
    if (at == NULL)
        return NULL;
    head->cpu = (uint16_t)value;
    head->flags = 0;
    for (; *at > ' ' && n < 8; n++)
        head->flags |= (uint64_t)(uint8_t)*at++ << 8 * n;
    if (*at != ' ')
        return NULL;
    at = number(skip_blanks(at), UINT64_MAX / 1000, &head->time_ns);
    if (at == NULL || at[0] != 'u' || at[1] != 's')
        return NULL;
    at += 2;
    at += *at != ':' && *at != '\0';
    head->time_ns *= 1000;
    head->digits = 6;
    return *at == ':' ? at + 1 : NULL;
}

static bool latency(const struct trace_line *line, struct trace_head *head,
                    const char **rest, struct trace_error *err)
{
    (void)err;
    head->tgid = 0;
    if (line->len <= LATENCY_COLUMNS)
        return false;
    *rest = latency_rest(line->text + LATENCY_COLUMNS, head);
    set_task(head, line->text, line->text + LATENCY_COLUMNS);
    for (const char *dash = strchr(line->text, '-'); *rest == NULL && dash != NULL;
         dash = strchr(dash + 1, '-')) {
        *rest = latency_rest(dash, head);
        set_task(head, line->text, dash);
    }
    return *rest != NULL;
}

/* "TID [CPU] TIME:" or "PID/TID [CPU] TIME:". */
static const char *perf_rest(const char *at, struct trace_head *head)
{
    uint64_t value;

    at = number(skip_blanks(at), UINT32_MAX, &value);
    if (at == NULL)
        return NULL;
    head->tgid = 0;
    head->tid = (uint32_t)value;
    if (*at == '/') {
        head->tgid = (uint32_t)value;
        at = number(at + 1, UINT32_MAX, &value);
        if (at == NULL)
            return NULL;
        head->tid = (uint32_t)value;
    }
    if (*at != ' ' || (at = cpu_in_brackets(skip_blanks(at), head)) == NULL)
        return NULL;
    head->flags = 0;
    return flags_and_time(at, head);
}

static bool perf(const struct trace_line *line, struct trace_head *head,
                 const char **rest, struct trace_error *err)
{
    const char *space = line->text + TASK_COLUMNS;
    const char *from = skip_blanks(line->text);
    const char *value;
    uint64_t period;

    (void)err;
    *rest = NULL;
    if (line->len > TASK_COLUMNS && *space == ' ')
        *rest = perf_rest(space, head);
    if (*rest == NULL) {
        for (space = strchr(from, ' '); space != NULL; space = strchr(space + 1, ' ')) {
            *rest = perf_rest(space, head);
            if (*rest != NULL)
                break;
        }
    }
    if (*rest == NULL)
        return false;
    while (space > from && space[-1] == ' ')
        space--;
    set_task(head, from, space);
    /* perf record -c prints the period before the event. */
    value = number(skip_blanks(*rest), UINT64_MAX, &period);
    if (value != NULL && *value == ' ')
        *rest = value;
    return true;
}

static size_t name_len(const char *name)
{
    size_t len = 0;

    while ((name[len] >= 'a' && name[len] <= 'z') || is_digit(name[len]) ||
           name[len] == '_' || (name[len] >= 'A' && name[len] <= 'Z') ||
           name[len] == '.' || name[len] == '-')
        len++;
    return len;
}

/* "EVENT: FIELDS" or "SYSTEM:EVENT: FIELDS". */
static bool name_and_fields(const char *at, struct trace_head *head,
                            struct trace_error *err)
{
    size_t len;

    head->name = skip_blanks(at);
    len = name_len(head->name);
    at = head->name + len;
    if (len > 0 && at[0] == ':' && name_len(at + 1) > 0) {
        len += 1 + name_len(at + 1);
        at = head->name + len;
    }
    head->name_len = len;
    if (len == 0 || at[0] != ':' || (at[1] != '\0' && at[1] != ' ' && at[1] != '\t'))
        return trace_fail(
            err, "no event name behind the time: '%s'; accepted: 'EVENT: FIELDS'",
            trace_quote(head->name, strlen(head->name)).text);
    head->fields = skip_blanks(at + 1);
    return true;
}

typedef bool head_parser(const struct trace_line *line, struct trace_head *head,
                         const char **rest, struct trace_error *err);

bool trace_parse_head(const struct trace_line *line, enum trace_head_form *form,
                      struct trace_head *head, struct trace_error *err)
{
    static head_parser *const parsers[TRACE_HEADS_N] = {columns, latency, perf};
    const char *rest = NULL;

    err->text[0] = '\0';
    if (parsers[*form](line, head, &rest, err))
        return name_and_fields(rest, head, err);
    for (unsigned other = 0; other < TRACE_HEADS_N; other++) {
        if (other != *form && parsers[other](line, head, &rest, err)) {
            *form = (enum trace_head_form)other;
            return name_and_fields(rest, head, err);
        }
    }
    if (err->text[0] != '\0')
        return false;
    return trace_fail(err,
                      "neither a comment nor an event: '%s'; accepted: '# ...', "
                      "'CPU:N [LOST N EVENTS]', 'TASK-TID [CPU] FLAGS TIME: EVENT: "
                      "FIELDS' or 'TASK TID [CPU] TIME: EVENT: FIELDS'",
                      trace_quote(line->text, line->len).text);
}
