/* SPDX-License-Identifier: Apache-2.0 */
/* model/translate/json.h - a pull reader of one JSON text in memory, without copies.
 *
 * A DOM costs 11 of the 20 microseconds that a vector may take; this reader costs about
 * one. Any error sticks in failed: check it once at the end. */
#ifndef MODEL_TRANSLATE_JSON_H
#define MODEL_TRANSLATE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json {
    const char *next, *end;
    bool failed;
};

/* A part of the text; escapes in it are left as they are. */
struct json_text {
    const char *at;
    size_t bytes;
};

static inline struct json json_of(const char *text, size_t bytes)
{
    return (struct json){.next = text, .end = text + bytes};
}

/* Iteration:  for (json_open(j, '{'); json_key(j, &key);) { read or skip its value }
 *             for (json_open(j, '['); json_element(j);) { read or skip it }  */
void json_open(struct json *j, char bracket);
bool json_key(struct json *j, struct json_text *key);
bool json_element(struct json *j);

struct json_text json_string(struct json *j);
uint64_t json_hex(struct json *j); /* "0x1a2b" */
long json_int(struct json *j);
bool json_bool(struct json *j);
void json_skip(struct json *j);

/* True if nothing but white space is left. */
bool json_at_end(struct json *j);

bool json_text_is(struct json_text text, const char *s);

#endif
