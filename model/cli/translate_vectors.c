/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/translate_vectors.c - all cases of a vectors file, or one of them. */
#include "model/cli/cli_priv.h"
#include "model/cli/translate_priv.h"
#include "model/translate/find.h"
#include "model/translate/vectors.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TEXT_BYTES 1024

static void print_failure(void *user, const struct vectors_failure *f)
{
    (void)user;
    printf("%s:%lu: %s: %s differs\n  expected  %s\n  got       %s\n", f->path, f->line,
           f->id, f->field, f->want, f->got);
}

/* Categories with failures. */
static void print_categories(const struct vectors_tally *t)
{
    for (unsigned i = 0; i < t->categories_n; i++) {
        const struct vectors_category *c = &t->categories[i];
        if (c->failed_n)
            printf("%s: %lu passed, %lu failed\n", c->name, c->passed_n, c->failed_n);
    }
}

/* error_number: errno of the failed open. */
static int report(const char *path, enum vectors_status status,
                  const struct vectors_place *place, int error_number)
{
    fputs(path, stderr);
    if (place->line)
        fprintf(stderr, ":%lu", place->line);
    if (place->column)
        fprintf(stderr, ":%lu", place->column);
    fprintf(stderr, ": error[V%03d]: %s", (int)status, vectors_status_text(status));
    if (status == VECTORS_ERR_OPEN)
        fprintf(stderr, ": %s", strerror(error_number));
    if (status == VECTORS_ERR_READ)
        fprintf(stderr, " beyond offset %ld: damaged, cut off or not .xz",
                place->offset);
    if (place->why)
        fprintf(stderr, ": %s", place->why);
    fputc('\n', stderr);
    return CLI_INPUT;
}

int translate_check_vectors(const char *path)
{
    struct vectors_tally tally;
    unsigned long line;

    errno = 0;
    const enum vectors_status status =
        vectors_check(path, print_failure, NULL, &tally, &line);
    if (status != VECTORS_OK && status != VECTORS_ERR_COUNT)
        return report(path, status, &tally.error, errno);
    print_categories(&tally);
    printf("%lu passed, %lu failed\n", tally.passed_n, tally.failed_n);
    fflush(stdout);
    if (status == VECTORS_ERR_COUNT) {
        const int bad_input = report(path, status, &tally.error, 0);
        return tally.failed_n ? CLI_FAILED : bad_input;
    }
    return tally.failed_n ? CLI_FAILED : CLI_OK;
}

/* As vectors_check() does it. */
static int compare(const char *path, const struct vectors_found *found,
                   const struct explanation *e)
{
    const struct vectors_case *c = &found->c;
    const char *field = e->result.regime != c->regime
                            ? "regime"
                            : vectors_answer_differs(&c->want, &e->answer);
    char text[TEXT_BYTES];

    if (!field)
        return CLI_OK;
    fflush(stdout);
    fprintf(stderr, "%s:%lu: expectation failed: %s differs\n  expected  %s\n", path,
            found->line, field, vectors_answer_text(&c->want, text, sizeof(text)));
    fprintf(stderr, "  got       %s\n",
            vectors_answer_text(&e->answer, text, sizeof(text)));
    return CLI_FAILED;
}

static int explain_found(const char *path, const struct vectors_found *found,
                         const char *id, translate_printer *print)
{
    const struct vectors_case *c = &found->c;
    char expected[TEXT_BYTES];
    const struct translate_head head = {
        .id = id,
        .expected = vectors_answer_text(&c->want, expected, sizeof(expected)),
    };
    struct explanation e;
    int status = CLI_BROKEN;

    if (explain(&e, &found->cpu, &c->regs, &c->query, &c->mem)) {
        print(&e, &head);
        status = compare(path, found, &e);
    }
    explain_free(&e);
    return status;
}

int translate_one_vector(const char *path, const char *id, translate_printer *print)
{
    struct vectors_found found;
    struct vectors_place place;
    int status;

    errno = 0;
    const enum vectors_status read = vectors_find(path, id, &found, &place);
    if (read != VECTORS_OK) {
        if (read == VECTORS_ERR_ID)
            place.why = id;
        status = report(path, read, &place, errno);
    } else {
        status = explain_found(path, &found, id, print);
    }
    vectors_found_free(&found);
    return status;
}
