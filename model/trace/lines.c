/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/lines.c - bytes to lines, through one buffer of fixed size. */
#include "model/trace/lines.h"

#include <string.h>

/* Moves the unfinished line to the front and reads behind it; *got_n == 0: the end. */
static bool read_more(struct trace_lines *l, size_t *got_n, struct trace_error *err)
{
    memmove(l->buffer, l->buffer + l->begin, l->end - l->begin);
    l->end -= l->begin;
    l->begin = 0;
    if (!trace_bytes_read(l->bytes, l->buffer + l->end, sizeof(l->buffer) - l->end,
                          got_n, err))
        return false;
    l->end += *got_n;
    return true;
}

static enum trace_next too_long(struct trace_error *err)
{
    trace_fail(err, "a line of more than %u bytes; accepted: lines of text",
               TRACE_LINE_BYTES - 1);
    return TRACE_NEXT_FAILED;
}

static enum trace_next give(struct trace_lines *l, char *newline,
                            struct trace_line *line, struct trace_error *err)
{
    char *text = l->buffer + l->begin;
    size_t len = (size_t)(newline - text);

    if (len >= TRACE_LINE_BYTES)
        return too_long(err);
    *line = (struct trace_line){text, len, ++l->number, l->offset};
    l->begin += len + 1;
    l->offset += len + 1;
    *newline = '\0';
    if (len > 0 && text[len - 1] == '\r')
        text[--line->len] = '\0';

    const char *nul = memchr(text, '\0', line->len);

    if (nul != NULL) {
        trace_fail(err, "a zero byte in column %zu; accepted: lines of text",
                   (size_t)(nul - text) + 1);
        return TRACE_NEXT_FAILED;
    }
    return TRACE_NEXT_LINE;
}

enum trace_next trace_lines_next(struct trace_lines *l, struct trace_line *line,
                                 struct trace_error *err)
{
    size_t seen_n = 0;

    err->line = l->number < UINT32_MAX ? (uint32_t)l->number + 1 : UINT32_MAX;
    err->offset = l->offset;
    for (;;) {
        char *from = l->buffer + l->begin + seen_n;
        char *newline = memchr(from, '\n', l->end - l->begin - seen_n);
        size_t got_n = 0;

        if (newline != NULL)
            return give(l, newline, line, err);
        seen_n = l->end - l->begin;
        if (seen_n >= TRACE_LINE_BYTES)
            return too_long(err);
        if (!read_more(l, &got_n, err))
            return TRACE_NEXT_FAILED;
        if (got_n == 0)
            break;
    }
    if (seen_n == 0)
        return TRACE_NEXT_END;
    trace_fail(err,
               "the text ends inside a line: '%s'; accepted: a newline after each line",
               trace_quote(l->buffer, seen_n).text);
    return TRACE_NEXT_FAILED;
}

bool trace_lines_peek(struct trace_lines *l, const char **text, size_t *len,
                      struct trace_error *err)
{
    size_t got_n = 1;

    while (l->end - l->begin < TRACE_LINE_BYTES && got_n > 0) {
        if (!read_more(l, &got_n, err))
            return false;
    }
    *text = l->buffer + l->begin;
    *len = l->end - l->begin;
    return true;
}
