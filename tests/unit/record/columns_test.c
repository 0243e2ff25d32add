/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/record/columns_test.c - docs/results-format.md has the columns of the
 * code.
 */
#include "model/record/metrics.h"
#include "tests/unit/walker/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DOC STAGE2SIM_SOURCE_DIR "/docs/results-format.md"
#define HEADING "## summary.csv and seeds.csv"

struct names {
    char text[REC_COLUMNS_MAX][64];
    size_t n;
};

/* Adds the names of a list such as "a, b, c" that ends before end. */
static void add_names(struct names *names, const char *at, const char *end)
{
    while (at < end) {
        const size_t len = strcspn(at, ", `");

        assert_in_range(names->n, 0, REC_COLUMNS_MAX - 1);
        assert_in_range(len, 1, sizeof names->text[0] - 1);
        memcpy(names->text[names->n], at, len);
        names->text[names->n++][len] = '\0';
        at += len;
        at += strspn(at, ", ");
    }
}

/* Adds the `names` in backquotes between at and end, at most max spans. */
static void add_spans(struct names *names, const char *at, const char *end, int max)
{
    for (int i = 0; i < max; i++) {
        const char *open = memchr(at, '`', (size_t)(end - at));
        const char *close =
            open ? memchr(open + 1, '`', (size_t)(end - open - 1)) : NULL;

        if (!close)
            return;
        add_names(names, open + 1, close);
        at = close + 1;
    }
}

/* A table row: names stand in the first cell; where that abbreviates with "...", the
 * first list of the meaning has them all. */
static void add_row(struct names *names, const char *line)
{
    const char *cell_end = strchr(line + 1, '|');
    const char *dots = strstr(line, "...");

    assert_non_null(cell_end);
    if (dots && dots < cell_end)
        add_spans(names, cell_end, line + strlen(line), 1);
    else
        add_spans(names, line, cell_end, REC_COLUMNS_MAX);
}

static void read_doc(struct names *names)
{
    char line[4096];
    int inside = 0;
    FILE *f = fopen(DOC, "r");

    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        if (strncmp(line, "## ", 3) == 0)
            inside = strncmp(line, HEADING, strlen(HEADING)) == 0;
        else if (inside && strncmp(line, "| `", 3) == 0)
            add_row(names, line);
    }
    fclose(f);
}

static void the_document_lists_the_columns_in_their_order(void **state)
{
    static struct names doc;

    (void)state;
    read_doc(&doc);
    for (size_t i = 0; i < doc.n && i < rec_columns_n(); i++) {
        if (strcmp(doc.text[i], rec_column_name(i)) != 0)
            fail_msg("column %zu is %s, but %s is documented", i, rec_column_name(i),
                     doc.text[i]);
    }
    assert_int_equal(doc.n, rec_columns_n());
}

static void a_column_is_found_by_its_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < rec_columns_n(); i++)
        check_row(i, rec_column_name(i), rec_column_find(rec_column_name(i)), i);
    assert_int_equal(rec_column_find("request_p999"), SIZE_MAX);
    assert_int_equal(rec_column_find(""), SIZE_MAX);
    assert_in_range(rec_columns_n(), 1, REC_COLUMNS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_document_lists_the_columns_in_their_order),
        cmocka_unit_test(a_column_is_found_by_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
