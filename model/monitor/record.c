/* SPDX-License-Identifier: Apache-2.0 */
#include "model/monitor/record.h"

#include <stdarg.h>
#include <string.h>

void mon_input_fail(struct mon_input_error *err, uint32_t line, uint32_t col,
                    const char *format, ...)
{
    va_list args;

    err->line = line;
    err->col = col;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
}

void mon_source_init(struct mon_source *s, FILE *in)
{
    s->in = in;
    s->line = s->col = 1;
    s->ahead = getc(in);
}

static void advance(struct mon_source *s)
{
    if (s->ahead == '\n') {
        s->line++;
        s->col = 1;
    } else {
        s->col++;
    }
    s->ahead = getc(s->in);
}

static bool is_space(int c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_space(struct mon_source *s)
{
    while (is_space(s->ahead))
        advance(s);
}

/* "'x'", "the end", or its number. */
static const char *shown(int c)
{
    static char text[16];

    if (c == EOF)
        return "the end of the file";
    snprintf(text, sizeof text, c >= 0x21 && c < 0x7f ? "'%c'" : "byte 0x%02x", c);
    return text;
}

static bool fail_at(const struct mon_source *s, struct mon_input_error *err,
                    const char *expected)
{
    mon_input_fail(err, s->line, s->col, "found %s, expected %s", shown(s->ahead),
                   expected);
    return false;
}

static bool take(struct mon_source *s, int c, struct mon_input_error *err)
{
    const char name[] = {'\'', (char)c, '\'', '\0'};

    skip_space(s);
    if (s->ahead != c)
        return fail_at(s, err, name);
    advance(s);
    return true;
}

static bool too_long(const struct mon_source *s, struct mon_input_error *err, size_t n)
{
    mon_input_fail(err, s->line, s->col, "a word of %zu characters or more", n);
    return false;
}

/* A string in quotes, or what reaches to a blank or a bracket. */
static bool read_word(struct mon_source *s, char *out, size_t max, const char *expected,
                      struct mon_input_error *err)
{
    const bool quoted = s->ahead == '"';
    size_t n = 0;

    if (quoted)
        advance(s);
    for (;; advance(s)) {
        const int c = s->ahead;

        if (quoted ? c == '"' : c == EOF || is_space(c) || c == '(' || c == ')')
            break;
        if (c == EOF || (unsigned)c < 0x20 || c >= 0x7f)
            return fail_at(s, err, quoted ? "'\"'" : expected);
        if (n + 1 == max)
            return too_long(s, err, max);
        out[n++] = (char)c;
    }
    out[n] = '\0';
    if (quoted)
        advance(s);
    else if (n == 0)
        return fail_at(s, err, expected);
    return true;
}

static bool read_field(struct mon_source *s, struct mon_field *f,
                       struct mon_input_error *err)
{
    const bool keyed = s->ahead == '(';

    f->key[0] = '\0';
    if (keyed) {
        advance(s);
        skip_space(s);
        if (!read_word(s, f->key, sizeof f->key, "the name of a field", err))
            return false;
        skip_space(s);
    }
    f->line = s->line;
    f->col = s->col;
    return read_word(s, f->value, sizeof f->value, "a value", err) &&
           (!keyed || take(s, ')', err));
}

static bool read_fields(struct mon_source *s, struct mon_record *r,
                        struct mon_input_error *err)
{
    r->n = 0;
    for (;;) {
        skip_space(s);
        if (s->ahead == ')')
            return true;
        if (s->ahead == EOF)
            return fail_at(s, err, "')'");
        if (r->n == MON_FIELDS_MAX)
            return fail_at(s, err, "')': no record has so many fields");
        if (!read_field(s, &r->fields[r->n], err))
            return false;
        r->n++;
    }
}

enum mon_read mon_record_read(struct mon_source *s, struct mon_record *out,
                              struct mon_input_error *err)
{
    skip_space(s);
    if (s->ahead == EOF || s->ahead == '!')
        return MON_READ_END;
    out->line = s->line;
    out->col = s->col;
    if (s->ahead != '(') {
        (void)fail_at(s, err, "'(', or '!' before the verdict of a checker");
        return MON_READ_ERROR;
    }
    advance(s);
    skip_space(s);
    if (!read_word(s, out->kind, sizeof out->kind, "the kind of a record", err) ||
        !read_fields(s, out, err) || !take(s, ')', err))
        return MON_READ_ERROR;
    return MON_READ_RECORD;
}
