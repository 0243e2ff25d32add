/* SPDX-License-Identifier: Apache-2.0 */
/* model/translate/jread.h - a pull reader of one JSON text in memory, without copies.
 *
 * A DOM costs 11 of the 20 microseconds that a vector may take; this reader costs about
 * one. Any error sticks in failed: check it once at the end. Then token and why tell
 * what was wrong with the text. */
#ifndef MODEL_TRANSLATE_JREAD_H
#define MODEL_TRANSLATE_JREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jread {
    const char *next, *end;
    bool failed;
    const char *token; /* where the last value, key or bracket begins */
    const char *why;   /* after a failure: a clause, e.g. "not a string" */
};

/* A part of the text; escapes in it are left as they are. */
struct jread_text {
    const char *at;
    size_t bytes;
};

static inline struct jread jread_of(const char *text, size_t bytes)
{
    return (struct jread){.next = text, .end = text + bytes, .token = text};
}

/* The token does not stand for what is needed; the first reason is kept. */
static inline void jread_fail(struct jread *j, const char *why)
{
    if (!j->failed)
        j->why = why;
    j->failed = true;
}

/* The same of a key, after jread_key(). */
static inline void jread_fail_key(struct jread *j, struct jread_text key,
                                  const char *why)
{
    if (!j->failed)
        j->token = key.at - 1;
    jread_fail(j, why);
}

/* Iteration:  for (jread_open(j, '{'); jread_key(j, &key);) { read or skip its value }
 *             for (jread_open(j, '['); jread_element(j);) { read or skip it }  */
void jread_open(struct jread *j, char bracket);
bool jread_key(struct jread *j, struct jread_text *key);
bool jread_element(struct jread *j);

struct jread_text jread_string(struct jread *j);
uint64_t jread_hex(struct jread *j); /* "0x1a2b" */
long jread_int(struct jread *j);
bool jread_bool(struct jread *j);
void jread_skip(struct jread *j);

/* True if nothing but white space is left. */
bool jread_at_end(struct jread *j);

bool jread_text_is(struct jread_text text, const char *s);

#endif
