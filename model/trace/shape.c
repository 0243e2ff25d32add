/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/shape.c - the fields of a line as a shape and numbers, and back. */
#include "model/trace/record.h"

#include <stdlib.h>
#include <string.h>

#define TEN_TO_19 UINT64_C(10000000000000000000)
#define TRIES_MAX 8u /* recently used shapes to compare before the hash table */

#define WORD 0x80u  /* a letter or _ that is no hexadecimal digit */
#define BREAK 0x40u /* ends a number */

/* Digits have their value. */
static const uint8_t class_of[256] = {
    [0 ... '0' - 1] = BREAK,
    ['0'] = 0,
    ['1'] = 1,
    ['2'] = 2,
    ['3'] = 3,
    ['4'] = 4,
    ['5'] = 5,
    ['6'] = 6,
    ['7'] = 7,
    ['8'] = 8,
    ['9'] = 9,
    ['9' + 1 ... 'A' - 1] = BREAK,
    ['A' ... 'Z'] = WORD,
    ['Z' + 1 ... '_' - 1] = BREAK,
    ['_'] = WORD,
    ['_' + 1 ... 'a' - 1] = BREAK,
    ['a'] = 10,
    ['b'] = 11,
    ['c'] = 12,
    ['d'] = 13,
    ['e'] = 14,
    ['f'] = 15,
    ['g' ... 'z'] = WORD,
    ['z' + 1 ... 255] = BREAK,
};

static inline uint8_t class_at(const char *at)
{
    return class_of[(uint8_t)*at];
}

/* Reads a number of this code whose printed form it is; NULL if there is none. */
static inline const char *read_number(const char *at, unsigned code, unsigned digits,
                                      uint64_t *value)
{
    const unsigned base_max =
        code == TRACE_CODE_HEX || code == TRACE_CODE_BARE ? 15 : 9;
    const char *first = at;
    uint64_t v = 0;
    uint8_t c;

    if (code == TRACE_CODE_HEX) {
        if (at[0] != '0' || at[1] != 'x')
            return NULL;
        first = at += 2;
    } else if (code == TRACE_CODE_NEG) {
        if (*at != '-')
            return NULL;
        first = ++at;
    }
    if (base_max == 15) {
        for (; (c = class_at(at)) <= 15; at++)
            v = v << 4 | c;
        if (at - first > 16)
            return NULL;
    } else {
        for (; (c = class_at(at)) <= 9; at++)
            v = v * 10 + c;
        if (at - first > 20 || (at - first == 20 && (*first != '1' || v < TEN_TO_19)))
            return NULL;
    }
    if (c != BREAK || at == first)
        return NULL;

    const unsigned n = (unsigned)(at - first);

    if (digits == 1 ? (*first == '0' && n > 1) : (n != digits || *first != '0'))
        return NULL;
    if (code == TRACE_CODE_NEG) {
        if (v == 0 || v > INT64_MAX)
            return NULL;
        v = 0 - v;
    }
    *value = v;
    return at;
}

/* The values if fields have this shape. */
static inline bool fits(const struct trace_shape *s, const char *at, const char *end,
                        uint64_t *values)
{
    const struct trace_op *op = s->ops;

    for (;; op++) {
        if ((size_t)(end - at) < op->len || memcmp(at, op->text, op->len) != 0)
            return false;
        at += op->len;
        if (op->code == TRACE_CODE_END)
            return at == end;
        at = read_number(at, op->code, op->digits, values++);
        if (at == NULL)
            return false;
    }
}

/* A number at a place where one can begin: its code, 0 for none. */
static unsigned code_at(const char *at, unsigned *digits)
{
    const char *first = at;
    unsigned code = TRACE_CODE_DEC;
    size_t hex_n = 0;
    size_t n = 0;
    uint64_t value;

    if (at[0] == '0' && at[1] == 'x') {
        code = TRACE_CODE_HEX;
        first += 2;
    } else if (*at == '-') {
        code = TRACE_CODE_NEG;
        first++;
    }
    for (; class_at(first + n) <= 15; n++)
        hex_n += class_at(first + n) > 9;
    /* A word such as "deed" is no number. */
    if (code == TRACE_CODE_DEC && hex_n > 0)
        code = hex_n < n && n >= 4 ? TRACE_CODE_BARE : TRACE_CODE_END;
    *digits = n > 1 && *first == '0' ? (unsigned)n : 1;
    if (code == TRACE_CODE_END || read_number(at, code, *digits, &value) == NULL)
        return TRACE_CODE_END;
    return code;
}

static bool may_begin(const char *fields, const char *at)
{
    const uint8_t before = at == fields ? BREAK : class_at(at - 1);

    if (before != BREAK)
        return false;
    if (*at != '-')
        return class_at(at) <= 15;
    return class_at(at + 1) <= 9 && (at == fields || strchr(" =(:,[", at[-1]) != NULL);
}

/* Writes the code of fields, room for 2 * len + 1, and the values. */
static size_t encode(const char *fields, size_t len, char *code, uint64_t *values)
{
    const char *at = fields;
    const char *end = fields + len;
    unsigned values_n = 0;
    size_t n = 0;

    /* The place of a probe has numbers that mean nothing alone. */
    if (*at == '(') {
        const char *close = memchr(at, ')', len);
        const char *stop = close != NULL ? close + 1 : at;

        for (; at < stop; at++) {
            if ((uint8_t)*at <= TRACE_CODE_ESCAPE)
                code[n++] = TRACE_CODE_ESCAPE;
            code[n++] = *at;
        }
    }
    while (at < end) {
        unsigned digits;
        const unsigned c = values_n < TRACE_VALUES_MAX && may_begin(fields, at)
                               ? code_at(at, &digits)
                               : TRACE_CODE_END;

        if (c != TRACE_CODE_END) {
            at = read_number(at, c, digits, &values[values_n++]);
            code[n++] = (char)c;
            code[n++] = (char)digits;
            continue;
        }
        if ((uint8_t)*at <= TRACE_CODE_ESCAPE)
            code[n++] = TRACE_CODE_ESCAPE;
        code[n++] = *at++;
    }
    code[n++] = TRACE_CODE_END;
    return n;
}

/* Fills ops and plain from the code; false if it is no code. */
static bool compile(struct trace_shape *s)
{
    const char *at = s->code;
    const char *end = at + s->code_len - 1;
    struct trace_op *op = s->ops;
    char *plain = s->plain;

    op->text = plain;
    for (; at < end; at++) {
        const uint8_t c = (uint8_t)*at;

        if (c >= TRACE_CODE_DEC && c <= TRACE_CODE_BARE) {
            const uint8_t digits = (uint8_t)at[1];

            if (++at == end || digits == 0 || digits > 19 ||
                s->columns_n == TRACE_VALUES_MAX)
                return false;
            op->len = (uint32_t)(plain - op->text);
            op->code = c;
            op->digits = digits;
            (++op)->text = plain;
            s->columns_n++;
            continue;
        }
        if (c == TRACE_CODE_END || (c == TRACE_CODE_ESCAPE && ++at == end) || *at == 0)
            return false;
        *plain++ = *at;
    }
    op->len = (uint32_t)(plain - op->text);
    op->code = TRACE_CODE_END;
    *plain = '\0';
    return *end == TRACE_CODE_END;
}

static unsigned numbers_in(const char *code, size_t len)
{
    unsigned n = 0;

    for (size_t i = 0; i < len; i++)
        n += code[i] >= TRACE_CODE_DEC && code[i] <= TRACE_CODE_BARE;
    return n;
}

static struct trace_shape *new_shape(struct trace_tables *t, struct trace_name *name,
                                     const char *code, size_t len, uint32_t hash,
                                     struct trace_error *err)
{
    const size_t ops_bytes = (numbers_in(code, len) + 1) * sizeof(struct trace_op);
    const size_t bytes = sizeof(struct trace_shape) + ops_bytes + 2 * len;
    struct trace_shape *s = calloc(1, bytes);

    if (s == NULL) {
        trace_fail(err, "no memory for a form of %s", name->event);
        return NULL;
    }
    s->name = name;
    s->ops = (struct trace_op *)(s + 1);
    s->code = (char *)s->ops + ops_bytes;
    s->code_len = len;
    s->plain = s->code + len;
    memcpy(s->code, code, len);
    if (!compile(s)) {
        trace_fail(err, "a form of %s is damaged", name->event);
    } else if (trace_shape_bind(s, err)) {
        s->next = name->shapes;
        name->shapes = s;
        s->hash = hash;
        s->bucket_next = t->shapes[hash % TRACE_BUCKETS];
        t->shapes[hash % TRACE_BUCKETS] = s;
        t->shape_bytes += bytes;
        return s;
    }
    free(s);
    return NULL;
}

static void to_front(struct trace_name *name, struct trace_shape *before,
                     struct trace_shape *s)
{
    if (before == NULL)
        return;
    before->next = s->next;
    s->next = name->shapes;
    name->shapes = s;
}

static uint32_t hash_of(const struct trace_name *name, const char *code, size_t len)
{
    uint32_t h = name->index;

    for (size_t i = 0; i < len; i++)
        h = (h ^ (uint8_t)code[i]) * UINT32_C(0x9e3779b1);
    return h ^ h >> 15;
}

struct trace_shape *trace_shape_of_code(struct trace_tables *t, struct trace_name *name,
                                        const char *code, size_t len,
                                        struct trace_error *err)
{
    const uint32_t hash = hash_of(name, code, len);

    for (struct trace_shape *s = t->shapes[hash % TRACE_BUCKETS]; s != NULL;
         s = s->bucket_next) {
        if (s->hash == hash && s->name == name && s->code_len == len &&
            memcmp(s->code, code, len) == 0)
            return s;
    }
    return new_shape(t, name, code, len, hash, err);
}

struct trace_shape *trace_shape_of(struct trace_tables *t, struct trace_name *name,
                                   const char *fields, size_t len, uint64_t *values,
                                   struct trace_error *err)
{
    struct trace_shape *before = NULL;
    unsigned tries = 0;
    char code[2 * TRACE_SHAPE_BYTES + 1];

    for (struct trace_shape *s = name->shapes; s != NULL; before = s, s = s->next) {
        if (fits(s, fields, fields + len, values)) {
            to_front(name, before, s);
            return s;
        }
        if (++tries == TRIES_MAX)
            break;
    }
    if (len > TRACE_SHAPE_BYTES) {
        trace_fail(err, "%s: %zu bytes of fields; accepted: up to %d", name->event, len,
                   TRACE_SHAPE_BYTES);
        return NULL;
    }
    memset(values, 0, TRACE_VALUES_MAX * sizeof(*values));
    return trace_shape_of_code(t, name, code, encode(fields, len, code, values), err);
}

static char *put_number(char *at, const struct trace_op *op, uint64_t value)
{
    static const char hex[] = "0123456789abcdef";
    const unsigned base =
        op->code == TRACE_CODE_HEX || op->code == TRACE_CODE_BARE ? 16 : 10;
    char digits[24];
    unsigned n = 0;

    if (op->code == TRACE_CODE_HEX) {
        *at++ = '0';
        *at++ = 'x';
    } else if (op->code == TRACE_CODE_NEG) {
        *at++ = '-';
        value = 0 - value;
    }
    for (; value > 0 || n == 0; value /= base)
        digits[n++] = hex[value % base];
    while (n < op->digits)
        digits[n++] = '0';
    while (n > 0)
        *at++ = digits[--n];
    return at;
}

size_t trace_shape_print(const struct trace_shape *shape, const uint64_t *values,
                         char *text, size_t room)
{
    const struct trace_op *op = shape->ops;
    char *at = text;

    for (;; op++) {
        if (room - (size_t)(at - text) < op->len + 32)
            break;
        memcpy(at, op->text, op->len);
        at += op->len;
        if (op->code == TRACE_CODE_END)
            break;
        at = put_number(at, op, *values++);
    }
    *at = '\0';
    return (size_t)(at - text);
}
