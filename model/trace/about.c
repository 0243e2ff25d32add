/* SPDX-License-Identifier: Apache-2.0 */
#include "model/trace/about.h"

#include "model/trace/lines.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *key;
    size_t offset;
} numbers[] = {
    {"digits", 0},
    {"cpus", offsetof(struct trace_origin, cpus_n)},
    {"bytes", offsetof(struct trace_origin, bytes)},
    {"lines", offsetof(struct trace_origin, lines)},
    {"continuation-lines", offsetof(struct trace_origin, continuation_lines)},
    {"records", offsetof(struct trace_origin, records)},
    {"lost", offsetof(struct trace_origin, lost)},
    {"lost-in-marks", offsetof(struct trace_origin, lost_in_marks)},
    {"lost-marks", offsetof(struct trace_origin, lost_marks)},
    {"lost-unknown", offsetof(struct trace_origin, lost_unknown)},
};

#define ABOUT_BYTES 2048
#define NUMBERS_N (sizeof(numbers) / sizeof(numbers[0]))

static const struct {
    const char *key;
    size_t offset, room;
} texts[] = {
    {"source", offsetof(struct trace_origin, source),
     sizeof(((struct trace_origin *)0)->source)},
    {"kernel", offsetof(struct trace_origin, kernel),
     sizeof(((struct trace_origin *)0)->kernel)},
    {"clock", offsetof(struct trace_origin, clock),
     sizeof(((struct trace_origin *)0)->clock)},
};

#define TEXTS_N (sizeof(texts) / sizeof(texts[0]))

static uint64_t number_of(const struct trace_origin *o, size_t i)
{
    uint64_t value = o->digits;

    if (i > 0)
        memcpy(&value, (const char *)o + numbers[i].offset, sizeof(value));
    return value;
}

/* A newline in a file name would begin another line. */
static int print_text(char *text, size_t room, const char *key, const char *value)
{
    int n = snprintf(text, room, "%s %s\n", key, value);

    for (char *at = text; (at = strchr(at, '\n')) != NULL && at[1] != '\0'; at++)
        *at = '?';
    return n;
}

size_t about_print(const struct trace_origin *o, char *text, size_t room)
{
    size_t n =
        (size_t)snprintf(text, room, "format %s\npacking %s\n",
                         trace_format_name(o->format), trace_packing_name(o->packing));

    for (size_t i = 0; i < TEXTS_N; i++)
        n += (size_t)print_text(text + n, room - n, texts[i].key,
                                (const char *)o + texts[i].offset);
    for (size_t i = 0; i < NUMBERS_N; i++)
        n += (size_t)snprintf(text + n, room - n, "%s %" PRIu64 "\n", numbers[i].key,
                              number_of(o, i));
    return n;
}

#define LINE_BYTES (TRACE_TASK_BYTES + 96)

static size_t print_info(const struct trace_info *info, char *text, size_t room)
{
    size_t n = 0;

    for (size_t i = 0; i < info->threads_n; i++) {
        const struct info_thread *t = &info->threads[i];

        if (t->is_vcpu)
            n += (size_t)snprintf(text + n, room - n, "vcpu %d %d %" PRIu32 " %s\n",
                                  t->vm, t->vcpu, t->tid, t->task);
    }
    for (size_t i = 0; i < info->slots_n; i++) {
        const struct info_slot *s = &info->slots[i];

        n += (size_t)snprintf(
            text + n, room - n, "memslot %d %" PRIu32 " %#" PRIx64 " %" PRIu64 "\n",
            info->threads[s->owner].vm, s->slot, s->base_gfn, s->npages);
    }
    return n;
}

char *about_print_all(const struct trace_origin *o, const struct trace_info *info,
                      size_t *len)
{
    const size_t room = ABOUT_BYTES + (info->threads_n + info->slots_n) * LINE_BYTES;
    char *text = malloc(room);

    if (text == NULL)
        return NULL;
    *len = about_print(o, text, room);
    *len += print_info(info, text + *len, room - *len);
    return text;
}

static bool parse_name(struct trace_origin *o, const char *key, const char *value)
{
    for (int f = 0; strcmp(key, "format") == 0 && f < TRACE_FORMATS_N; f++) {
        if (strcmp(trace_format_name((enum trace_format)f), value) == 0) {
            o->format = (enum trace_format)f;
            return true;
        }
    }
    for (int p = 0; strcmp(key, "packing") == 0 && p <= TRACE_ZST; p++) {
        if (strcmp(trace_packing_name((enum trace_packing)p), value) == 0) {
            o->packing = (enum trace_packing)p;
            return true;
        }
    }
    return strcmp(key, "format") != 0 && strcmp(key, "packing") != 0;
}

static bool parse_line(struct trace_origin *o, char *line, unsigned *seen)
{
    char *value = strchr(line, ' ');
    uint64_t number;

    if (value == NULL)
        return false;
    *value++ = '\0';
    for (size_t i = 0; i < TEXTS_N; i++) {
        if (strcmp(line, texts[i].key) == 0)
            snprintf((char *)o + texts[i].offset, texts[i].room, "%s", value);
    }
    for (size_t i = 0; i < NUMBERS_N; i++) {
        if (strcmp(line, numbers[i].key) != 0)
            continue;
        if (!trace_decimal(value, strlen(value), &number))
            return false;
        *seen |= 1u << i;
        if (i == 0)
            o->digits = number < 9 ? (unsigned)number : 9;
        else
            memcpy((char *)o + numbers[i].offset, &number, sizeof(number));
    }
    return parse_name(o, line, value);
}

bool about_parse(struct trace_origin *o, const char *text, size_t len)
{
    const char *end = text + len;
    unsigned seen = 0;

    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        char line[1024];

        if (newline == NULL || newline - text >= (ptrdiff_t)sizeof(line))
            return false;
        memcpy(line, text, (size_t)(newline - text));
        line[newline - text] = '\0';
        if (!parse_line(o, line, &seen))
            return false;
        text = newline + 1;
    }
    return seen == (1u << NUMBERS_N) - 1;
}
