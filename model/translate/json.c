/* SPDX-License-Identifier: Apache-2.0 */
/* model/translate/json.c - scanning JSON from left to right. */
#include "model/translate/json.h"

#include <string.h>

#define DEPTH_MAX 32 /* of values that are skipped */

/* The next character that is no white space, '\0' at the end; not consumed. */
static char peek(struct json *j)
{
    while (j->next < j->end && (*j->next == ' ' || *j->next == '\t' ||
                                *j->next == '\r' || *j->next == '\n'))
        j->next++;
    return j->next < j->end && !j->failed ? *j->next : '\0';
}

static bool take(struct json *j, char c)
{
    if (peek(j) != c || c == '\0') {
        j->failed = true;
        return false;
    }
    j->next++;
    return true;
}

/* After an opening bracket or a value: true if another member follows. */
static bool another(struct json *j, char closing)
{
    const char before = j->next[-1];
    const char c = peek(j);

    if (c == closing) {
        j->next++;
        return false;
    }
    if (before == '{' || before == '[')
        return !j->failed;
    return take(j, ',') && peek(j) != closing;
}

void json_open(struct json *j, char bracket)
{
    take(j, bracket);
}

bool json_key(struct json *j, struct json_text *key)
{
    if (j->failed || !another(j, '}'))
        return false;
    *key = json_string(j);
    return take(j, ':');
}

bool json_element(struct json *j)
{
    return !j->failed && another(j, ']');
}

struct json_text json_string(struct json *j)
{
    struct json_text text = {.at = "", .bytes = 0};

    if (!take(j, '"'))
        return text;
    const char *p = j->next;
    while (p < j->end && *p != '"')
        p += *p == '\\' ? 2 : 1;
    if (p >= j->end) {
        j->failed = true;
        return text;
    }
    text = (struct json_text){.at = j->next, .bytes = (size_t)(p - j->next)};
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

uint64_t json_hex(struct json *j)
{
    const struct json_text text = json_string(j);
    uint64_t value = 0;

    if (text.bytes < 3 || text.bytes > 18 || memcmp(text.at, "0x", 2) != 0) {
        j->failed = true;
        return 0;
    }
    for (size_t i = 2; i < text.bytes; i++) {
        const int digit = hex_digit(text.at[i]);
        if (digit < 0)
            j->failed = true;
        value = value << 4 | (unsigned)(digit & 0xf);
    }
    return value;
}

long json_int(struct json *j)
{
    const bool negative = peek(j) == '-';
    long value = 0;
    int digits_n = 0;

    if (negative)
        j->next++;
    for (; j->next < j->end && *j->next >= '0' && *j->next <= '9'; j->next++) {
        value = value * 10 + (*j->next - '0');
        if (++digits_n > 15)
            break;
    }
    if (digits_n == 0 || digits_n > 15)
        j->failed = true;
    return negative ? -value : value;
}

static bool take_word(struct json *j, const char *word)
{
    const size_t n = strlen(word);

    peek(j);
    if ((size_t)(j->end - j->next) < n || memcmp(j->next, word, n) != 0)
        return false;
    j->next += n;
    return true;
}

bool json_bool(struct json *j)
{
    if (take_word(j, "true"))
        return true;
    if (!take_word(j, "false"))
        j->failed = true;
    return false;
}

static void skip_scalar(struct json *j)
{
    const char c = peek(j);

    if (c == '"') {
        json_string(j);
    } else if (c == 't' || c == 'f') {
        json_bool(j);
    } else if (c == 'n') {
        if (!take_word(j, "null"))
            j->failed = true;
    } else {
        json_int(j);
    }
}

void json_skip(struct json *j)
{
    char closings[DEPTH_MAX];
    int depth = 0;
    struct json_text key;

    do {
        const char c = peek(j);
        if (c == '{' || c == '[') {
            if (depth == DEPTH_MAX) {
                j->failed = true;
                return;
            }
            closings[depth++] = c == '{' ? '}' : ']';
            j->next++;
        } else {
            skip_scalar(j);
        }
        while (depth > 0 && !j->failed &&
               !(closings[depth - 1] == '}' ? json_key(j, &key) : json_element(j)))
            depth--;
    } while (depth > 0 && !j->failed);
}

bool json_at_end(struct json *j)
{
    return peek(j) == '\0' && j->next == j->end && !j->failed;
}

bool json_text_is(struct json_text text, const char *s)
{
    return strlen(s) == text.bytes && memcmp(text.at, s, text.bytes) == 0;
}
