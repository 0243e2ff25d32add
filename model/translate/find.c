/* SPDX-License-Identifier: Apache-2.0 */
/* model/translate/find.c - from a file and an id to a case that outlives the file. */
#include "model/translate/find.h"

#include "model/translate/lines.h"

#include <stdlib.h>
#include <string.h>

/* Reads the case again from a copy of its line. */
static enum vectors_status keep(struct vectors_found *found, const char *line,
                                size_t line_bytes, struct vectors_error *error)
{
    found->text = malloc(line_bytes);
    if (!found->text)
        return VECTORS_ERR_READ;
    memcpy(found->text, line, line_bytes);
    return vectors_case_read(found->text, line_bytes, &found->c, error)
               ? VECTORS_OK
               : VECTORS_ERR_CASE;
}

static enum vectors_status look_through(struct lines *lines, const char *id,
                                        struct vectors_found *found,
                                        struct vectors_error *error)
{
    const char *line;
    size_t line_bytes;
    unsigned long cases_n;
    enum lines_next next = lines_next(lines, &line, &line_bytes);

    if (next == LINES_ERROR)
        return VECTORS_ERR_READ;
    if (next == LINES_END ||
        !vectors_header_read(line, line_bytes, &found->cpu, &cases_n, error))
        return VECTORS_ERR_HEADER;
    while ((next = lines_next(lines, &line, &line_bytes)) == LINES_LINE) {
        if (!vectors_case_read(line, line_bytes, &found->c, error))
            return VECTORS_ERR_CASE;
        found->line = lines->line_n;
        if (jread_text_is(found->c.id, id))
            return keep(found, line, line_bytes, error);
    }
    return next == LINES_ERROR ? VECTORS_ERR_READ : VECTORS_ERR_ID;
}

enum vectors_status vectors_find(const char *path, const char *id,
                                 struct vectors_found *found,
                                 struct vectors_place *place)
{
    struct lines *lines = malloc(sizeof(*lines));
    struct vectors_error error = {0};
    enum vectors_status status = VECTORS_ERR_OPEN;

    *found = (struct vectors_found){.text = NULL};
    *place = (struct vectors_place){.why = NULL};
    if (!lines || !lines_open(lines, path)) {
        free(lines);
        return status;
    }
    status = look_through(lines, id, found, &error);
    if (status != VECTORS_ERR_ID)
        *place = (struct vectors_place){
            .line = lines->line_n,
            .column = error.column,
            .offset = status == VECTORS_ERR_READ ? lines_offset(lines) : 0,
            .why = error.why,
        };
    lines_close(lines);
    free(lines);
    return status;
}

void vectors_found_free(struct vectors_found *found)
{
    vectors_case_free(&found->c);
    free(found->text);
    found->text = NULL;
}
