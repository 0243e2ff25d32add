/* SPDX-License-Identifier: Apache-2.0 */
/* model/translate/vectors.c - a file of vectors, case by case. */
#include "model/translate/vectors.h"

#include "model/translate/answer.h"
#include "model/translate/case.h"
#include "model/translate/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_BYTES 1024

struct checker {
    struct lines lines;
    const char *path;
    void (*on_failure)(void *user, const struct vectors_failure *failure);
    void *user;
    struct vectors_tally *tally;
    struct walk_cpu cpu;
    struct vectors_error error;
    struct vectors_case c;
    struct vectors_answer got;
};

static struct vectors_category *category_of(struct vectors_tally *t,
                                            struct jread_text name)
{
    for (unsigned i = t->categories_n; i-- > 0;) {
        if (jread_text_is(name, t->categories[i].name))
            return &t->categories[i];
    }
    if (t->categories_n == VECTORS_CATEGORIES_MAX || name.bytes >= VECTORS_NAME_BYTES)
        return NULL;
    struct vectors_category *added = &t->categories[t->categories_n++];
    memcpy(added->name, name.at, name.bytes);
    return added;
}

static void count(struct checker *k, bool passed)
{
    struct vectors_category *category = category_of(k->tally, k->c.cat);

    k->tally->passed_n += passed;
    k->tally->failed_n += !passed;
    if (category) {
        category->passed_n += passed;
        category->failed_n += !passed;
    }
}

static void report(struct checker *k, const char *field)
{
    char id[64], want[TEXT_BYTES], got[TEXT_BYTES];

    if (!k->on_failure)
        return;
    snprintf(id, sizeof(id), "%.*s", (int)k->c.id.bytes, k->c.id.at);
    k->on_failure(k->user,
                  &(struct vectors_failure){
                      .path = k->path,
                      .line = k->lines.line_n,
                      .id = id,
                      .field = field,
                      .want = vectors_answer_text(&k->c.want, want, TEXT_BYTES),
                      .got = vectors_answer_text(&k->got, got, TEXT_BYTES),
                  });
}

static void check_case(struct checker *k)
{
    struct walk_context ctx;
    enum arch_regime regime;
    const char *field;

    walk_context_init(&ctx, &k->cpu, &k->c.regs);
    if (!vectors_answer_compute(&ctx, &k->c.query, &k->c.mem, &k->got, &regime))
        field = "steps";
    else if (regime != k->c.regime)
        field = "regime";
    else
        field = vectors_answer_differs(&k->c.want, &k->got);
    count(k, !field);
    if (field)
        report(k, field);
}

static enum vectors_status check_lines(struct checker *k)
{
    const char *line;
    size_t line_bytes;
    unsigned long cases_n;
    unsigned long read_n = 0;
    enum lines_next next = lines_next(&k->lines, &line, &line_bytes);

    if (next == LINES_ERROR)
        return VECTORS_ERR_READ;
    if (next == LINES_END ||
        !vectors_header_read(line, line_bytes, &k->cpu, &cases_n, &k->error))
        return VECTORS_ERR_HEADER;
    while ((next = lines_next(&k->lines, &line, &line_bytes)) == LINES_LINE) {
        if (!vectors_case_read(line, line_bytes, &k->c, &k->error))
            return VECTORS_ERR_CASE;
        check_case(k);
        read_n++;
    }
    if (next == LINES_ERROR)
        return VECTORS_ERR_READ;
    return cases_n == VECTORS_ANY_N || read_n == cases_n ? VECTORS_OK
                                                         : VECTORS_ERR_COUNT;
}

static void note_error(struct checker *k, enum vectors_status status)
{
    k->tally->error = (struct vectors_place){
        .line = k->lines.line_n,
        .column = k->error.column,
        .offset = status == VECTORS_ERR_READ ? lines_offset(&k->lines) : 0,
        .why = k->error.why,
    };
}

enum vectors_status vectors_check(
    const char *path,
    void (*on_failure)(void *user, const struct vectors_failure *failure), void *user,
    struct vectors_tally *tally, unsigned long *line)
{
    struct checker *k = calloc(1, sizeof(*k));
    enum vectors_status status = VECTORS_ERR_READ;

    memset(tally, 0, sizeof(*tally));
    *line = 0;
    if (!k)
        return status;
    k->path = path;
    k->on_failure = on_failure;
    k->user = user;
    k->tally = tally;
    if (!lines_open(&k->lines, path)) {
        status = VECTORS_ERR_OPEN;
        goto out;
    }
    status = check_lines(k);
    if (status != VECTORS_OK)
        note_error(k, status);
    *line = tally->error.line;
    lines_close(&k->lines);
    vectors_case_free(&k->c);
    free(k->got.after.at);
out:
    free(k);
    return status;
}

const char *vectors_status_text(enum vectors_status status)
{
    switch (status) {
    case VECTORS_OK:
        return "";
    case VECTORS_ERR_OPEN:
        return "cannot be opened";
    case VECTORS_ERR_READ:
        return "cannot be read";
    case VECTORS_ERR_HEADER:
        return "no header of a vectors file";
    case VECTORS_ERR_CASE:
        return "no translation case";
    case VECTORS_ERR_COUNT:
        return "not as many cases as the header says";
    case VECTORS_ERR_ID:
        return "no case has this id";
    }
    return "";
}
