/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/error.c - error texts, safe whatever the input holds. */
#include "model/trace/bytes.h"

#include <stdarg.h>
#include <string.h>

#define QUOTE_CHARS 60u

struct trace_quoted trace_quote(const char *text, size_t len)
{
    static const char hex[] = "0123456789abcdef";
    struct trace_quoted q;
    size_t n = 0;
    size_t i = 0;

    for (; i < len && n < QUOTE_CHARS; i++) {
        const unsigned char c = (unsigned char)text[i];

        if (c >= 0x20 && c < 0x7f) {
            q.text[n++] = (char)c;
        } else {
            q.text[n++] = '\\';
            q.text[n++] = 'x';
            q.text[n++] = hex[c >> 4];
            q.text[n++] = hex[c & 15];
        }
    }
    strcpy(&q.text[n], i < len ? "..." : "");
    return q;
}

void trace_error_in(struct trace_error *err, const char *path)
{
    const size_t len = strlen(path);
    const size_t n = len < sizeof(err->file) ? len : sizeof(err->file) - 1;

    memset(err, 0, sizeof(*err));
    memcpy(err->file, path + len - n, n);
}

bool trace_fail(struct trace_error *err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(err->text, sizeof(err->text), format, args);
    va_end(args);
    return false;
}
