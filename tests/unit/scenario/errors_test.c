/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/scenario/errors_test.c - each mistake has its code, line and column. */
#include "model/scenario/codes.h"
#include "tests/unit/scenario/mistakes.h"
#include "tests/unit/scenario/scratch.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* "/path/test.yaml:7:12: error[S021]: " of a diagnostic. */
static void parse_head(const char *text, const char *file, unsigned *line,
                       unsigned *col, unsigned *code)
{
    size_t len = strlen(file);
    *line = *col = *code = 0;
    if (strncmp(text, file, len) != 0 ||
        sscanf(text + len, ":%u:%u: error[S%u]: ", line, col, code) != 3)
        fail_msg("not a diagnostic of %s: %s", file, text);
}

/* Says what is wrong and returns 1 unless the row holds. */
static int check_error(const struct mistake *row, const char *load, const char *file)
{
    struct scn s;
    struct scn_diags d;
    unsigned line = 0, col = 0, code = 0;
    int bad;
    if (scn_load(load, PLATFORM_DIR, &s, &d) == SCN_OK) {
        scn_free(&s);
        bad = row->code != 0;
    } else {
        parse_head(d.text[0], file, &line, &col, &code);
        bad = code != row->code || line != row->line || col != row->col || d.n != 1;
    }
    if (bad)
        print_error("'%s': got %zu errors, S%03u at %u:%u, want S%03d at %u:%u\n%s",
                    row->to, d.n, code, line, col, (int)row->code, row->line, row->col,
                    d.n ? d.text[0] : "");
    scn_diags_free(&d);
    return bad;
}

static const struct mistakes *const sets[] = {
    &mistakes_general,  &mistakes_guest,   &mistakes_tlb,    &mistakes_events,
    &mistakes_groups,   &mistakes_preempt, &mistakes_stages, &mistakes_vms,
    &mistakes_granules, &mistakes_litmus};

static void each_mistake_gives_its_code_at_its_place(void **state)
{
    (void)state;
    scratch_write("trace.txt", "# tracer: nop\n");
    char *path = strdup(scratch_path("test.yaml"));
    int bad = 0;
    for (size_t k = 0; k < sizeof(sets) / sizeof(sets[0]); k++) {
        for (size_t i = 0; i < sets[k]->n; i++) {
            const struct mistake *row = &sets[k]->rows[i];
            char *text = scratch_replace(row->base, row->from, row->to);
            scratch_write("test.yaml", text);
            bad += check_error(row, path, path);
            free(text);
        }
    }
    free(path);
    assert_int_equal(bad, 0);
}

static void a_mistake_in_a_platform_file_is_shown_there(void **state)
{
    (void)state;
    char *shipped = scratch_read(PLATFORM_DIR "/neoverse-v2-like.yaml");
    char *scenario = scratch_replace(mistake_idle, "neoverse-v2-like", "platform.yaml");
    char *load = strdup(scratch_path("test.yaml"));
    char *path = strdup(scratch_path("platform.yaml"));
    int bad = 0;
    scratch_write("test.yaml", scenario);
    for (size_t i = 0; i < mistakes_platform.n; i++) {
        const struct mistake *row = &mistakes_platform.rows[i];
        char *text = scratch_replace(shipped, row->from, row->to);
        scratch_write("platform.yaml", text);
        bad += check_error(row, load, path);
        free(text);
    }
    free(shipped);
    free(scenario);
    free(load);
    free(path);
    assert_int_equal(bad, 0);
}

static void a_file_that_is_not_there_is_named(void **state)
{
    struct scn s;
    struct scn_diags d;
    (void)state;
    assert_int_equal(scn_load("/no/such.yaml", PLATFORM_DIR, &s, &d), SCN_INVALID);
    assert_int_equal(d.n, 1);
    assert_string_equal(
        d.text[0],
        "/no/such.yaml: error[S001]: cannot be read: No such file or directory\n");
    scn_diags_free(&d);
}

static void a_diagnostic_shows_the_line_a_caret_and_a_hint(void **state)
{
    struct scn s;
    struct scn_diags d;
    char want[600];
    (void)state;
    char *text = scratch_replace(mistake_requests, "backing: 2M}", "bakcing: 2M}");
    scratch_write("test.yaml", text);
    free(text);
    const char *path = scratch_path("test.yaml");
    assert_int_equal(scn_load(path, PLATFORM_DIR, &s, &d), SCN_INVALID);
    snprintf(want, sizeof(want),
             "%s:12:39: error[S004]: vms[0].memory[0].bakcing is an unknown key\n"
             "      - {ipa: 0x40000000, size: 4MiB, bakcing: 2M}\n"
             "                                      ^~~~~~~ did you mean 'backing'? "
             "accepted: ipa, size, pa, map, backing, access, pages, "
             "zeroed\n",
             path);
    assert_string_equal(d.text[0], want);
    scn_diags_free(&d);
}

static void tabs_and_wide_letters_do_not_move_the_caret(void **state)
{
    struct scn s;
    struct scn_diags d;
    (void)state;
    scratch_write("test.yaml",
                  "{stage2sim: 1, title: \"\xc3\xa4\xc3\xb6\",\tname: X}\n");
    assert_int_equal(scn_load(scratch_path("test.yaml"), PLATFORM_DIR, &s, &d),
                     SCN_INVALID);
    const char *source = strchr(d.text[0], '\n') + 1;
    assert_string_equal(source,
                        "{stage2sim: 1, title: \"\xc3\xa4\xc3\xb6\",\tname: X}\n"
                        "                           \t      "
                        "^ accepted: 1 to 63 of a-z, 0-9 and -\n");
    scn_diags_free(&d);
}

static void no_more_than_20_diagnostics_are_kept(void **state)
{
    struct scn s;
    struct scn_diags d;
    char text[2000] = "stage2sim: 1\n";
    (void)state;
    for (int i = 0; i < 30; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "key-%d: 1\n", i);
    scratch_write("test.yaml", text);
    assert_int_equal(scn_load(scratch_path("test.yaml"), PLATFORM_DIR, &s, &d),
                     SCN_INVALID);
    assert_int_equal(d.n, SCN_DIAGS_MAX);
    scn_diags_free(&d);
    assert_int_equal(d.n, 0);
}

static bool has_row_in(const struct mistakes *set, unsigned code)
{
    for (size_t i = 0; i < set->n; i++)
        if (set->rows[i].code == code)
            return true;
    return false;
}

static bool has_row(unsigned code)
{
    if (code == SCN_E_FILE) /* a_file_that_is_not_there_is_named */
        return true;
    for (size_t k = 0; k < sizeof(sets) / sizeof(sets[0]); k++)
        if (has_row_in(sets[k], code))
            return true;
    return has_row_in(&mistakes_platform, code) || has_row_in(&mistakes_sweep, code);
}

static void every_code_is_tested_and_documented(void **state)
{
    (void)state;
    char *docs = scratch_read(STAGE2SIM_SOURCE_DIR "/docs/scenario-format.md");
    for (size_t i = 0; i < scn_code_docs_n; i++) {
        char cell[200];
        snprintf(cell, sizeof(cell), "| S%03u | %s |", scn_code_docs[i].code,
                 scn_code_docs[i].meaning);
        if (!has_row(scn_code_docs[i].code))
            fail_msg("no row for %s", cell);
        if (!strstr(docs, cell))
            fail_msg("docs/scenario-format.md lacks %s", cell);
    }
    free(docs);
}

/* The keys that the hint of an unknown key lists all stand in the documentation. */
static void check_keys_documented(const char *diag, const char *docs)
{
    char key[64], cell[80];
    const char *at = strstr(diag, "accepted: ");
    assert_non_null(at);
    for (at += strlen("accepted: "); *at && *at != '\n';) {
        size_t len = strcspn(at, ",\n");
        snprintf(key, sizeof(key), "%.*s", (int)len, at);
        snprintf(cell, sizeof(cell), "`%s`", key);
        if (!strstr(docs, cell))
            fail_msg("docs/scenario-format.md lacks %s", cell);
        at += len;
        at += strspn(at, ", ");
    }
}

static void check_row_documented(const struct mistake *row, const char *docs)
{
    struct scn s;
    struct scn_diags d;
    if (row->code != SCN_E_UNKNOWN_KEY)
        return;
    char *text = scratch_replace(row->base, row->from, row->to);
    scratch_write("test.yaml", text);
    assert_int_equal(scn_load(scratch_path("test.yaml"), PLATFORM_DIR, &s, &d),
                     SCN_INVALID);
    check_keys_documented(d.text[0], docs);
    scn_diags_free(&d);
    free(text);
}

static void every_key_is_documented(void **state)
{
    (void)state;
    char *docs = scratch_read(STAGE2SIM_SOURCE_DIR "/docs/scenario-format.md");
    for (size_t k = 0; k < sizeof(sets) / sizeof(sets[0]); k++)
        for (size_t i = 0; i < sets[k]->n; i++)
            check_row_documented(&sets[k]->rows[i], docs);
    free(docs);
}

static void a_long_list_is_read_and_a_map_of_endless_keys_refused(void **state)
{
    enum { STEPS = 40000, KEYS = 1025 };
    struct scn s;
    struct scn_diags d;
    unsigned line, col, code;
    char *text = calloc(4 << 20, 1), *at = text;
    (void)state;
    at +=
        sprintf(at, "%.*s", (int)(strstr(mistake_steps, "        - {") - mistake_steps),
                mistake_steps);
    for (int i = 0; i < STEPS; i++)
        at += sprintf(at, "        - {access: r, ipa: 0x40000008}\n");
    sprintf(at, "%s", strstr(mistake_steps, "variants:"));
    scratch_write("test.yaml", text);
    assert_int_equal(scn_load(scratch_path("test.yaml"), PLATFORM_DIR, &s, &d), SCN_OK);
    assert_int_equal(s.vms[0].guest.steps_n, STEPS);
    scn_free(&s);
    at = text;
    for (int i = 0; i < KEYS; i++)
        at += sprintf(at, "k%d: 1\n", i);
    scratch_write("test.yaml", text);
    free(text);
    assert_int_equal(scn_load(scratch_path("test.yaml"), PLATFORM_DIR, &s, &d),
                     SCN_INVALID);
    parse_head(d.text[0], scratch_path("test.yaml"), &line, &col, &code);
    assert_int_equal(code, SCN_E_YAML_FEATURE);
    assert_int_equal(line, KEYS);
    scn_diags_free(&d);
}

static int is_yaml(const struct dirent *e)
{
    return strstr(e->d_name, ".yaml") != NULL;
}

static void shipped_invalid_scenarios_fail_as_their_first_line_says(void **state)
{
    struct dirent **files;
    int bad = 0;
    int n =
        scandir(STAGE2SIM_SOURCE_DIR "/scenarios/invalid", &files, is_yaml, alphasort);
    (void)state;
    assert_in_range(n, 12, 1000);
    for (int i = 0; i < n; i++) {
        char path[600];
        unsigned code, line, col;
        snprintf(path, sizeof(path), "%s/scenarios/invalid/%s", STAGE2SIM_SOURCE_DIR,
                 files[i]->d_name);
        char *text = scratch_read(path);
        if (sscanf(text, "# expect-error: S%u %u:%u\n", &code, &line, &col) != 3)
            fail_msg("%s: no expect-error in the first line", path);
        const struct mistake row = {NULL, NULL, path, (enum scn_code)code, line, col};
        bad += check_error(&row, path, path);
        free(text);
        free(files[i]);
    }
    free(files);
    assert_int_equal(bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mistake_gives_its_code_at_its_place),
        cmocka_unit_test(a_mistake_in_a_platform_file_is_shown_there),
        cmocka_unit_test(a_file_that_is_not_there_is_named),
        cmocka_unit_test(a_diagnostic_shows_the_line_a_caret_and_a_hint),
        cmocka_unit_test(tabs_and_wide_letters_do_not_move_the_caret),
        cmocka_unit_test(no_more_than_20_diagnostics_are_kept),
        cmocka_unit_test(a_long_list_is_read_and_a_map_of_endless_keys_refused),
        cmocka_unit_test(every_code_is_tested_and_documented),
        cmocka_unit_test(every_key_is_documented),
        cmocka_unit_test(shipped_invalid_scenarios_fail_as_their_first_line_says),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
