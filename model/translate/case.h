/* SPDX-License-Identifier: Apache-2.0 */
/* model/translate/case.h - one translation vector: what is asked and what is expected.
 */
#ifndef MODEL_TRANSLATE_CASE_H
#define MODEL_TRANSLATE_CASE_H

#include "model/translate/answer.h"
#include "model/translate/jread.h"
#include "walker/translate.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vectors_case {
    struct jread_text id, cat; /* point into the line */
    enum arch_regime regime;
    struct walk_regs regs;
    struct vectors_words mem;
    struct walk_query query;
    struct vectors_answer want;
};

/* What a line holds that it may not hold. */
struct vectors_error {
    unsigned long column; /* in bytes, from 1 */
    const char *why;      /* a clause */
};

/* Reads a case line; false, with *error, if it is not one. The words of c are reused
 * from call to call: start with c zeroed, end with vectors_case_free(). */
bool vectors_case_read(const char *line, size_t line_bytes, struct vectors_case *c,
                       struct vectors_error *error);

void vectors_case_free(struct vectors_case *c);

#define VECTORS_ANY_N ULONG_MAX /* the header does not say how many cases follow */

/* Reads the header line: the implementation and the number of cases, or VECTORS_ANY_N.
 * The choices of cpu are those that the format states. */
bool vectors_header_read(const char *line, size_t line_bytes, struct walk_cpu *cpu,
                         unsigned long *cases_n, struct vectors_error *error);

#endif
