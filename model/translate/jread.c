/* SPDX-License-Identifier: Apache-2.0 */
/* model/translate/jread.c - scanning JSON from left to right. */
#include "model/translate/jread.h"

#include <string.h>

#define DEPTH_MAX 32 /* of values that are skipped */

/* The next character that is no white space, '\0' at the end; not consumed. After a
 * failure nothing moves any more. */
static char peek(struct jread *j)
{
    if (j->failed)
        return '\0';
    while (j->next < j->end && (*j->next == ' ' || *j->next == '\t' ||
                                *j->next == '\r' || *j->next == '\n'))
        j->next++;
    j->token = j->next;
    return j->next < j->end ? *j->next : '\0';
}

static const char *lacks(char c)
{
    switch (c) {
    case '"':
        return "not a string";
    case '{':
        return "not an object";
    case '[':
        return "not an array";
    case ':':
        return "not the ':' after a key";
    default:
        return "neither ',' nor the end of an object or array";
    }
}

static bool take(struct jread *j, char c)
{
    if (peek(j) != c || c == '\0') {
        jread_fail(j, lacks(c));
        return false;
    }
    j->next++;
    return true;
}

/* After an opening bracket or a value: true if another member follows. */
static bool another(struct jread *j, char closing)
{
    const char before = j->next[-1];
    const char c = peek(j);

    if (c == closing) {
        j->next++;
        return false;
    }
    if (before == '{' || before == '[')
        return !j->failed;
    if (!take(j, ','))
        return false;
    if (peek(j) == closing)
        jread_fail(j, "a ',' without a value before it");
    return !j->failed;
}

void jread_open(struct jread *j, char bracket)
{
    take(j, bracket);
}

bool jread_key(struct jread *j, struct jread_text *key)
{
    if (j->failed || !another(j, '}'))
        return false;
    *key = jread_string(j);
    return take(j, ':');
}

bool jread_element(struct jread *j)
{
    return !j->failed && another(j, ']');
}

struct jread_text jread_string(struct jread *j)
{
    struct jread_text text = {.at = "", .bytes = 0};

    if (!take(j, '"'))
        return text;
    const char *p = j->next;
    while (p < j->end && *p != '"')
        p += *p == '\\' ? 2 : 1;
    if (p >= j->end) {
        jread_fail(j, "a string that does not end");
        return text;
    }
    text = (struct jread_text){.at = j->next, .bytes = (size_t)(p - j->next)};
    j->next = p + 1;
    return text;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

uint64_t jread_hex(struct jread *j)
{
    const struct jread_text text = jread_string(j);
    uint64_t value = 0;

    if (text.bytes < 3 || text.bytes > 18 || memcmp(text.at, "0x", 2) != 0) {
        jread_fail(j, "not a hexadecimal string of 64 bits");
        return 0;
    }
    for (size_t i = 2; i < text.bytes; i++) {
        const int digit = hex_digit(text.at[i]);
        if (digit < 0)
            jread_fail(j, "not a hexadecimal string of 64 bits");
        value = value << 4 | (unsigned)(digit & 0xf);
    }
    return value;
}

long jread_int(struct jread *j)
{
    const bool negative = peek(j) == '-';
    long value = 0;
    int digits_n = 0;

    if (j->failed)
        return 0;
    if (negative)
        j->next++;
    for (; j->next < j->end && *j->next >= '0' && *j->next <= '9'; j->next++) {
        value = value * 10 + (*j->next - '0');
        if (++digits_n > 15)
            break;
    }
    if (digits_n == 0 || digits_n > 15)
        jread_fail(j, "not an integer");
    return negative ? -value : value;
}

static bool take_word(struct jread *j, const char *word)
{
    const size_t n = strlen(word);

    peek(j);
    if (j->failed || (size_t)(j->end - j->next) < n || memcmp(j->next, word, n) != 0)
        return false;
    j->next += n;
    return true;
}

bool jread_bool(struct jread *j)
{
    if (take_word(j, "true"))
        return true;
    if (!take_word(j, "false"))
        jread_fail(j, "neither true nor false");
    return false;
}

static void skip_number(struct jread *j)
{
    const char *begin = j->next;

    while (j->next < j->end && *j->next && strchr("+-.0123456789eE", *j->next))
        j->next++;
    if (j->next == begin)
        jread_fail(j, "not a value");
}

static void skip_scalar(struct jread *j)
{
    const char c = peek(j);

    if (c == '"') {
        jread_string(j);
    } else if (c == 't' || c == 'f') {
        jread_bool(j);
    } else if (c == 'n') {
        if (!take_word(j, "null"))
            jread_fail(j, "not a value");
    } else {
        skip_number(j);
    }
}

void jread_skip(struct jread *j)
{
    char closings[DEPTH_MAX];
    int depth = 0;
    struct jread_text key;

    do {
        const char c = peek(j);
        if (c == '{' || c == '[') {
            if (depth == DEPTH_MAX) {
                jread_fail(j, "nested too deeply");
                return;
            }
            closings[depth++] = c == '{' ? '}' : ']';
            j->next++;
        } else {
            skip_scalar(j);
        }
        while (depth > 0 && !j->failed &&
               !(closings[depth - 1] == '}' ? jread_key(j, &key) : jread_element(j)))
            depth--;
    } while (depth > 0 && !j->failed);
}

bool jread_at_end(struct jread *j)
{
    if (peek(j) != '\0' || j->next != j->end)
        jread_fail(j, "more text after the value");
    return !j->failed;
}

bool jread_text_is(struct jread_text text, const char *s)
{
    return strlen(s) == text.bytes && memcmp(text.at, s, text.bytes) == 0;
}
