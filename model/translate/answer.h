/* SPDX-License-Identifier: Apache-2.0 */
/* model/translate/answer.h - the answer of a vector, expected or computed. */
#ifndef MODEL_TRANSLATE_ANSWER_H
#define MODEL_TRANSLATE_ANSWER_H

#include "walker/translate.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Descriptors by physical address; an address that is not listed holds 0. */
struct vectors_words {
    struct vectors_word {
        uint64_t pa, value;
    } * at;
    size_t n, capacity;
};

bool vectors_words_add(struct vectors_words *words, uint64_t pa, uint64_t value);

struct vectors_answer {
    struct arch_fault fault; /* ARCH_FAULT_NONE: pa is the answer */
    uint64_t pa;
    uint64_t ipa;               /* with s1ptw: of the stage 1 descriptor */
    struct vectors_words after; /* descriptors that changed, in any order */

    bool has_par; /* AT instructions */
    uint64_t par; /* the bits that count */

    bool has_abort;             /* real accesses that fault */
    struct arch_syndrome abort; /* of esr EC, S1PTW and FSC alone */
    bool has_wnr, wnr;
};

/* Walks ctx and query over mem, which the walk's updates change; got is overwritten but
 * for the capacity of got->after. False: the walk did not end within its bound. */
bool vectors_answer_compute(const struct walk_context *ctx,
                            const struct walk_query *query, struct vectors_words *mem,
                            struct vectors_answer *got, enum arch_regime *regime);

/* Sees each step of a walk: after next was asked for, with what the memory held then;
 * after the last step with next = WALK_DONE or WALK_FAULT and value = 0. */
struct vectors_observer {
    void (*on_step)(void *user, const struct walk *w, enum walk_next next,
                    uint64_t value);
    void *user;
};

/* The same under the eyes of observer. */
bool vectors_answer_observe(const struct walk_context *ctx,
                            const struct walk_query *query, struct vectors_words *mem,
                            const struct vectors_observer *observer,
                            struct vectors_answer *got, enum arch_regime *regime);

/* Clears of got's and want's raw registers what does not count, and puts want's fault
 * status code in where the format says that raw values have another level. */
void vectors_answer_normalise(struct vectors_answer *answer);

/* NULL if both agree, else the name of the first field that differs. */
const char *vectors_answer_differs(const struct vectors_answer *want,
                                   const struct vectors_answer *got);

/* One line, truncated to text_bytes; returns text. */
const char *vectors_answer_text(const struct vectors_answer *a, char *text,
                                size_t text_bytes);

#endif
