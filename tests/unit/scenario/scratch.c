/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/scenario/scratch.c - scenario files that exist for one test only. */
#include "tests/unit/scenario/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define FILES_MAX 8

static char folder[256];
static char *written[FILES_MAX];

void scratch_make(void)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof(folder), "%s/stage2sim-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(folder));
}

void scratch_remove(void)
{
    for (int i = 0; i < FILES_MAX && written[i]; i++) {
        unlink(scratch_path(written[i]));
        free(written[i]);
        written[i] = NULL;
    }
    assert_int_equal(rmdir(folder), 0);
}

const char *scratch_path(const char *name)
{
    static char path[400];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

void scratch_write(const char *name, const char *text)
{
    int i = 0;
    while (i < FILES_MAX && written[i] && strcmp(written[i], name) != 0)
        i++;
    assert_in_range(i, 0, FILES_MAX - 1);
    if (!written[i])
        written[i] = strdup(name);
    FILE *f = fopen(scratch_path(name), "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
}

char *scratch_read(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("%s cannot be read", path);
    char *text = calloc(1 << 20, 1);
    size_t len = fread(text, 1, (1 << 20) - 1, f);
    assert_in_range(len, 1, (1 << 20) - 2);
    fclose(f);
    return text;
}

char *scratch_replace(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    if (!at || strstr(at + 1, from))
        fail_msg("'%s' stands not exactly once in the text", from);
    char *out = calloc(strlen(text) + strlen(to) + 1, 1);
    memcpy(out, text, (size_t)(at - text));
    strcat(out, to);
    strcat(out, at + strlen(from));
    return out;
}

int scratch_setup(void **state)
{
    (void)state;
    scratch_make();
    return 0;
}

int scratch_teardown(void **state)
{
    (void)state;
    scratch_remove();
    return 0;
}

void scratch_load(const char *base, const char *from, const char *to, struct scn *s)
{
    struct scn_diags d;
    char *text = scratch_replace(base, from, to);
    scratch_write("test.yaml", text);
    free(text);
    if (scn_load(scratch_path("test.yaml"), PLATFORM_DIR, s, &d) != SCN_OK)
        fail_msg("%s", d.text[0]);
    scn_diags_free(&d);
}

void scratch_check_json(const struct scn *s, const char *part)
{
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);
    assert_non_null(f);
    scn_write_json(s, f, 0);
    fclose(f);
    if (!strstr(text, part))
        fail_msg("the JSON lacks %s:\n%s", part, strstr(text, "\"vms\""));
    free(text);
}
