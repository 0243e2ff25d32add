/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/lackey.c - guest address streams of valgrind --tool=lackey
 * --trace-mem=yes: "I  04222cac,3", " L 1ffefff968,8", " S ...", " M ...". */
#include "model/trace/lines.h"
#include "model/trace/reader.h"

#include <string.h>

static const char types[] = "ILSM";

static int type_of(const char *text, size_t len)
{
    if (len < 6 || text[2] != ' ')
        return -1;
    if (text[0] == 'I' && text[1] == ' ')
        return 0;
    if (text[0] != ' ' || text[1] == '\0' || text[1] == 'I')
        return -1;

    const char *type = strchr(types, text[1]);

    return type != NULL ? (int)(type - types) : -1;
}

/* "ADDRESS,SIZE" behind the type. */
static const char *access_at(const char *at, uint64_t *va, uint64_t *size)
{
    const char *first = at;

    *va = 0;
    for (;; at++) {
        const char c = *at;

        if (c >= '0' && c <= '9')
            *va = *va << 4 | (uint64_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            *va = *va << 4 | (uint64_t)(c - 'a' + 10);
        else
            break;
    }
    if (at == first || at - first > 16 || *at != ',')
        return NULL;
    first = ++at;
    at += strspn(at, "0123456789");
    if (!trace_decimal(first, (size_t)(at - first), size) || *size == 0 ||
        *size > UINT32_MAX)
        return NULL;
    return *at == '\0' ? at : NULL;
}

/* "==PID== text" */
static bool is_message(const char *text)
{
    const size_t n = strspn(text + 2, "0123456789");

    return strncmp(text, "==", 2) == 0 && n > 0 && strncmp(text + 2 + n, "==", 2) == 0;
}

bool trace_is_lackey(const char *text, size_t len)
{
    char line[64];
    const char *end = memchr(text, '\n', len);
    const size_t n = end != NULL ? (size_t)(end - text) : len;
    uint64_t va;
    uint64_t size;

    memcpy(line, text, n < sizeof(line) ? n : sizeof(line) - 1);
    line[n < sizeof(line) ? n : sizeof(line) - 1] = '\0';
    return is_message(line) ||
           (type_of(line, n) >= 0 && access_at(line + 3, &va, &size) != NULL);
}

/* All the accesses are of one thread: lackey does not tell them apart. */
static bool set_thread(struct trace_reader *r, struct trace_lackey *lackey,
                       uint32_t pid)
{
    lackey->thread = trace_thread_of(&r->tables, pid, 0, "lackey", 6, r->err);
    return lackey->thread != NULL;
}

static struct trace_shape *shape_of(struct trace_reader *r, struct trace_lackey *lackey,
                                    int type)
{
    char fields[] = "I va 0x1 size 1";
    uint64_t values[TRACE_VALUES_MAX];
    struct trace_name *name;

    if (lackey->shapes[type] != NULL)
        return lackey->shapes[type];
    name =
        trace_name_of(&r->tables, TRACE_ACCESS_NAME, strlen(TRACE_ACCESS_NAME), r->err);
    fields[0] = types[type];
    if (name != NULL)
        lackey->shapes[type] =
            trace_shape_of(&r->tables, name, fields, strlen(fields), values, r->err);
    return lackey->shapes[type];
}

static bool message(struct trace_reader *r, struct trace_lackey *lackey,
                    const char *text)
{
    uint64_t pid = 0;

    r->origin.continuation_lines++;
    if (lackey->thread != NULL)
        return true;
    (void)trace_decimal(text + 2, strspn(text + 2, "0123456789"), &pid);
    return set_thread(r, lackey, (uint32_t)pid);
}

bool trace_lackey_line(struct trace_reader *r, struct trace_lackey *lackey,
                       const char *text, size_t len)
{
    const int type = type_of(text, len);

    if (type < 0 && (is_message(text) || len == 0))
        return message(r, lackey, len == 0 ? "==0" : text);
    if (type < 0 ||
        access_at(text + 3, &r->record.values[0], &r->record.values[1]) == NULL)
        return trace_fail(r->err,
                          "'%s' is no line of lackey; accepted: 'I  ADDRESS,SIZE', ' L "
                          "ADDRESS,SIZE', ' S ...', ' M ...' and '==PID== ...'",
                          trace_quote(text, len).text);
    if (lackey->thread == NULL && !set_thread(r, lackey, 0))
        return false;
    r->record.line = r->origin.lines;
    r->record.thread = lackey->thread;
    r->record.shape = shape_of(r, lackey, type);
    return r->record.shape != NULL && trace_reader_give(r, "", 0);
}
