/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/scenario/sweep_test.c - which points a sweep has, and what they set. */
#include "model/scenario/sweep.h"
#include "tests/unit/scenario/mistakes.h"
#include "tests/unit/scenario/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The first diagnostic of the file or of one of its points; NULL: there is none. */
static char *first_error(const char *path)
{
    struct scn_sweep s;
    struct scn_diags d;
    size_t choice[SCN_AXES_MAX];
    char *text = NULL;
    bool ok = scn_sweep_load(path, PLATFORM_DIR, &s, &d);
    if (!ok)
        text = strdup(d.text[0]);
    scn_diags_free(&d);
    for (uint64_t i = 0; ok && !text && i < s.combinations_n; i++) {
        struct scn scn;
        if (!scn_sweep_choose(&s, i, choice))
            continue;
        if (scn_sweep_point(&s, choice, &scn, &d) == SCN_OK)
            scn_free(&scn);
        else
            text = strdup(d.text[0]);
        scn_diags_free(&d);
    }
    scn_sweep_free(&s);
    return text;
}

static void each_mistake_of_a_sweep_gives_its_code_at_its_place(void **state)
{
    char *path;
    int bad = 0;
    (void)state;
    scratch_write("base.yaml", mistake_requests);
    path = strdup(scratch_path("test.yaml"));
    for (size_t i = 0; i < mistakes_sweep.n; i++) {
        const struct mistake *row = &mistakes_sweep.rows[i];
        char *text = scratch_replace(row->base, row->from, row->to), *got;
        unsigned line = 0, col = 0, code = 0;
        scratch_write("test.yaml", text);
        free(text);
        got = first_error(path);
        if (got &&
            (strncmp(got, path, strlen(path)) != 0 ||
             sscanf(got + strlen(path), ":%u:%u: error[S%u]", &line, &col, &code) != 3))
            code = 999;
        if (code != row->code || line != row->line || col != row->col) {
            print_error("'%s': got S%03u at %u:%u, want S%03d at %u:%u\n%s\n", row->to,
                        code, line, col, (int)row->code, row->line, row->col,
                        got ? got : "");
            bad++;
        }
        free(got);
    }
    free(path);
    assert_int_equal(bad, 0);
}

static void load(const char *text, struct scn_sweep *s)
{
    struct scn_diags d;
    scratch_write("base.yaml", mistake_requests);
    scratch_write("test.yaml", text);
    bool ok = scn_sweep_load(scratch_path("test.yaml"), PLATFORM_DIR, s, &d);
    if (!ok)
        fail_msg("%s", d.text[0]);
    scn_diags_free(&d);
}

static void ranges_have_the_values_that_they_name(void **state)
{
    static const struct {
        const char *axis, *want;
    } rows[] = {
        {"values: [8, 4, 6]", "8 4 6 "}, /* in the order of the file */
        {"range: {from: 1, to: 4, step: 1}", "1 2 3 4 "},
        {"range: {from: 0.5us, to: 2us, step: 0.5us}", "0.5us 1us 1.5us 2us "},
        {"range: {from: 10%, to: 35%, step: 10%}", "10% 20% 30% "}, /* not beyond to */
        {"range: {from: 0.1, to: 0.3, step: 0.1}", "0.1 0.2 0.3 "}, /* no 0.300...4 */
        {"log: {from: 1, to: 128, factor: 2}", "1 2 4 8 16 32 64 128 "},
        {"log: {from: 1, to: 100, count: 3}", "1 10 100 "},
        {"log: {from: 1, to: 8, count: 7}", "1 2 3 4 6 8 "}, /* whole, each once */
        {"log: {from: 1us, to: 10us, count: 3}", "1us 3us 10us "},
        {"log: {from: 1.0us, to: 10us, count: 3}", "1us 3.16us 10us "},
        {"log: {from: 1000, to: 10000, count: 3}", "1000 3160 10000 "}, /* 3 digits */
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[400], got[400] = "";
        struct scn_sweep s;
        snprintf(text, sizeof(text),
                 "sweep: 1\nname: t\nscenario: base.yaml\naxes:\n  - name: a\n"
                 "    path: pes\n    %s\n",
                 rows[i].axis);
        load(text, &s);
        for (size_t k = 0; k < s.axes[0].values_n; k++)
            snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s ",
                     s.axes[0].values[k].label);
        scn_sweep_free(&s);
        if (strcmp(got, rows[i].want) != 0)
            fail_msg("%s: got %s, want %s", rows[i].axis, got, rows[i].want);
    }
}

static void rules_keep_points_and_leave_others_out(void **state)
{
    struct scn_sweep s;
    size_t choice[SCN_AXES_MAX], kept = 0;
    (void)state;
    load(mistake_sweep, &s);
    assert_int_equal(s.combinations_n, 36);
    for (uint64_t i = 0; i < s.combinations_n; i++) {
        const size_t vcpus = i / 18, hop = i / 6 % 3, think = i / 2 % 3, lock = i % 2;
        bool only = lock == 0 || vcpus == 1;
        bool skip = hop <= 1 && think <= 1;
        assert_int_equal(scn_sweep_choose(&s, i, choice), only && !skip);
        assert_int_equal(choice[0], vcpus);
        assert_int_equal(choice[3], lock);
        kept += only && !skip;
    }
    assert_int_equal(kept, 15);
    scn_sweep_free(&s);
}

static void a_point_is_the_scenario_with_its_values(void **state)
{
    static const size_t choice[] = {1, 2, 0, 1};
    struct scn_sweep s;
    struct scn_diags d;
    struct scn scn;
    (void)state;
    load(mistake_sweep, &s);
    assert_int_equal(scn_sweep_point(&s, choice, &scn, &d), SCN_OK);
    assert_int_equal(scn.seeds_n, 3);
    assert_int_equal(scn.seed_first, 7);
    assert_int_equal(scn.slo_ps, 10000000);
    assert_int_equal(scn.vms[0].vcpus_n, 2);
    assert_int_equal(scn.platform.dvm.hop_ps, 30000);
    assert_int_equal(scn.vms[0].guest.requests.think_ps, 1000);
    assert_int_equal(scn.variants[0].hyp.lock, HYP_LOCK_SHARED);
    scn_free(&scn);
    scn_diags_free(&d);
    scn_sweep_free(&s);
}

static void what_is_set_equals_what_stands_in_the_file(void **state)
{
    static const struct {
        const char *from, *to, *set;
    } rows[] = {
        {"count: 2", "count: 5", "seeds.count=5"},
        {"run: {", "run: {slo: 3us, ", "run.slo=3us"}, /* a key that was absent */
        {"lock: exclusive", "lock: shared", "hypervisor.lock=shared"},
        {"teardown_leaf: 10ns", "teardown_leaf: 11ns",
         "overrides.hyp.teardown_leaf=11ns"},
        {"block: 2M", "block: 2MiB", "events[0].coalesce.block=2M"},
        {"sequence: nt", "sequence: keep", "variants[1].sequence=keep"},
        {"[{first: 0, last: 7}]", "[{first: 1, last: 2}]",
         "vms[0].memory[1].pages=[{first: 1, last: 2}]"},
        {"run: {", "title: A title\nrun: {", "title=A title"},
        {"run: {", "background: {interval: 5us}\nrun: {",
         "background.interval=5us"}, /* a map that was absent */
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *texts[2] = {NULL, NULL};
        char *edited = scratch_replace(mistake_requests, rows[i].from, rows[i].to);
        scratch_write("edited.yaml", edited);
        scratch_write("base.yaml", mistake_requests);
        free(edited);
        for (int k = 0; k < 2; k++) {
            struct scn_set_arg arg;
            struct scn_diags d = {.n = 0};
            struct scn s;
            size_t n;
            assert_true(scn_set_arg_parse(rows[i].set, &arg, &d));
            const struct scn_set set = {&arg.path, &arg.value};
            const char *file = scratch_path(k ? "base.yaml" : "edited.yaml");
            if (scn_load_set(file, PLATFORM_DIR, &set, k, &s, &d) != SCN_OK)
                fail_msg("%s", d.text[0]);
            FILE *f = open_memstream(&texts[k], &n);
            scn_write_json(&s, f, 0);
            fclose(f);
            scn_free(&s);
            scn_diags_free(&d);
            scn_set_arg_free(&arg);
        }
        if (strcmp(texts[0], texts[1]) != 0)
            fail_msg("%s differs from the edited file", rows[i].set);
        free(texts[0]);
        free(texts[1]);
    }
}

static void a_mistake_in_set_names_its_column(void **state)
{
    static const struct {
        const char *arg;
        unsigned col;
        enum scn_code code;
    } rows[] = {
        {"pes", 1, SCN_E_PATH},           {"=3", 1, SCN_E_PATH},
        {"pes=x", 5, SCN_E_NUMBER},       {"pes=", 5, SCN_E_TYPE},
        {"pess=3", 1, SCN_E_UNKNOWN_KEY}, {"vms[7].vcpus=1", 1, SCN_E_PATH},
    };
    (void)state;
    scratch_write("base.yaml", mistake_requests);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scn_set_arg arg;
        struct scn_diags d = {.n = 0};
        struct scn s;
        unsigned col = 0, code = 0;
        if (scn_set_arg_parse(rows[i].arg, &arg, &d)) {
            const struct scn_set set = {&arg.path, &arg.value};
            assert_int_equal(
                scn_load_set(scratch_path("base.yaml"), PLATFORM_DIR, &set, 1, &s, &d),
                SCN_INVALID);
        }
        assert_int_equal(sscanf(d.text[0], "--set:1:%u: error[S%u]", &col, &code), 2);
        assert_int_equal(col, rows[i].col);
        assert_int_equal(code, rows[i].code);
        scn_diags_free(&d);
        scn_set_arg_free(&arg);
    }
}

static void a_sweep_is_told_by_its_key(void **state)
{
    (void)state;
    scratch_write("base.yaml", mistake_requests);
    scratch_write("test.yaml", mistake_sweep);
    assert_true(scn_is_sweep(scratch_path("test.yaml")));
    assert_false(scn_is_sweep(scratch_path("base.yaml")));
    assert_false(scn_is_sweep("/no/such.yaml"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mistake_of_a_sweep_gives_its_code_at_its_place),
        cmocka_unit_test(ranges_have_the_values_that_they_name),
        cmocka_unit_test(rules_keep_points_and_leave_others_out),
        cmocka_unit_test(a_point_is_the_scenario_with_its_values),
        cmocka_unit_test(what_is_set_equals_what_stands_in_the_file),
        cmocka_unit_test(a_mistake_in_set_names_its_column),
        cmocka_unit_test(a_sweep_is_told_by_its_key),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
