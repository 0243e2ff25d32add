/* SPDX-License-Identifier: Apache-2.0 */
/* model/translate/find.h - one case of a vectors file. */
#ifndef MODEL_TRANSLATE_FIND_H
#define MODEL_TRANSLATE_FIND_H

#include "model/translate/case.h"
#include "model/translate/vectors.h"

struct vectors_found {
    struct walk_cpu cpu; /* of the file's header */
    struct vectors_case c;
    unsigned long line; /* of the case, from 1 */
    char *text;         /* of that line; c points into it */
};

/* Looks for the case called id. End with vectors_found_free() in either case; place is
 * written on errors only. */
ARCH_MUST_USE enum vectors_status vectors_find(const char *path, const char *id,
                                               struct vectors_found *found,
                                               struct vectors_place *place);
void vectors_found_free(struct vectors_found *found);

#endif
