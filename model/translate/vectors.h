/* SPDX-License-Identifier: Apache-2.0 */
/* model/translate/vectors.h - checks the walker against a file of translation vectors.
 *
 * JSON lines, plain or .xz: a header with the ID registers, then one case a line. What
 * is compared: pa, or fault, stage, level and s1ptw; the IPA of an s1ptw fault; the
 * descriptors afterwards; PAR_EL1 of AT instructions; target EL, FAR, HPFAR, WnR and of
 * ESR the EC, S1PTW and fault status code of real accesses. */
#ifndef MODEL_TRANSLATE_VECTORS_H
#define MODEL_TRANSLATE_VECTORS_H

#include "walker/arch/status.h"

#include <stdbool.h>

#define VECTORS_CATEGORIES_MAX 128
#define VECTORS_NAME_BYTES 40

struct vectors_category {
    char name[VECTORS_NAME_BYTES];
    unsigned long passed_n, failed_n;
};

/* What is wrong with a file. */
struct vectors_place {
    unsigned long line;   /* from 1; 0: the file as a whole */
    unsigned long column; /* in bytes, from 1; 0: the line as a whole */
    long offset;          /* of VECTORS_ERR_READ: bytes of the file that were read */
    const char *why;      /* a clause, or NULL where the status says all */
};

struct vectors_tally {
    struct vectors_place error; /* zero of VECTORS_OK */
    unsigned long passed_n, failed_n;
    struct vectors_category categories[VECTORS_CATEGORIES_MAX]; /* in order of use */
    unsigned categories_n; /* cases of further categories count in the sums only */
};

/* A case that disagrees; valid during the call. */
struct vectors_failure {
    const char *path;
    unsigned long line; /* from 1 */
    const char *id;
    const char *field; /* the first that differs */
    const char *want;
    const char *got;
};

enum vectors_status {
    VECTORS_OK = 0,
    VECTORS_ERR_OPEN,
    VECTORS_ERR_READ,   /* I/O, or not xz */
    VECTORS_ERR_HEADER, /* the first line is no header of this format */
    VECTORS_ERR_CASE,   /* a line is no case; those before it were checked */
    VECTORS_ERR_COUNT,  /* fewer or more cases than the header says; all were checked */
    VECTORS_ERR_ID,     /* no case has this id */
};

/**
 * vectors_check() - run all cases of path.
 * @on_failure: called for each case that disagrees; may be NULL.
 * @user:       handed to on_failure.
 * @tally:      overwritten.
 * @line:       on error the line concerned, 0 if none.
 */
ARCH_MUST_USE enum vectors_status vectors_check(
    const char *path,
    void (*on_failure)(void *user, const struct vectors_failure *failure), void *user,
    struct vectors_tally *tally, unsigned long *line);

/* A clause for "FILE:LINE: ..."; "" of VECTORS_OK. */
const char *vectors_status_text(enum vectors_status status);

#endif
