/* SPDX-License-Identifier: Apache-2.0 */
/* model/translate/case.h - one translation vector: what is asked and what is expected.
 */
#ifndef MODEL_TRANSLATE_CASE_H
#define MODEL_TRANSLATE_CASE_H

#include "model/translate/answer.h"
#include "model/translate/json.h"
#include "walker/translate.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vectors_case {
    struct json_text id, cat; /* point into the line */
    enum arch_regime regime;
    struct walk_regs regs;
    struct vectors_words mem;
    struct walk_query query;
    struct vectors_answer want;
};

/* Reads a case line; false if it is not one. The words of c are reused from call to
 * call: start with c zeroed, end with vectors_case_free(). */
bool vectors_case_read(const char *line, size_t line_bytes, struct vectors_case *c);

void vectors_case_free(struct vectors_case *c);

/* Reads the header line: the implementation and the number of cases. The choices of cpu
 * are those that the format states. */
bool vectors_header_read(const char *line, size_t line_bytes, struct walk_cpu *cpu,
                         unsigned long *cases_n);

#endif
