/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/litmus.c - runs litmus tests and says which outcomes were seen. */
#include "model/cli/cli_priv.h"
#include "model/cli/jobs.h"

#include "model/guest/litmus.h"

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum format { TEXT, MARKDOWN, JSON };

static void print_help(void)
{
    puts(
        "usage: stage2sim litmus [--json | --markdown] SCENARIO ...\n\n"
        "Runs litmus tests (guests of kind litmus) with all delays of their sweeps and "
        "says\nwhether the outcome that each asks for was seen.\n"
        "      --json       one object with all outcomes per test\n"
        "      --markdown   the table of docs/litmus.md\n"
        "Exit code 0: no forbidden outcome was seen; 1: one was; 2: bad input.");
}

/* One test and what its run gave. */
struct result {
    const struct guest_litmus *test;
    struct rec_run run;
    uint64_t rounds_n, asked_n;
};

static bool is_forbidden(const struct result *r)
{
    return r->asked_n > 0 && strcmp(r->test->verdict, "forbidden") == 0;
}

static void count(struct result *r)
{
    r->rounds_n = r->asked_n = 0;
    for (size_t i = 0; i < r->run.outcomes_n; i++) {
        const struct rec_outcome *o = &r->run.outcomes[i];

        r->rounds_n += o->rounds_n;
        if (litmus_matches(r->test->asks, o->text))
            r->asked_n += o->rounds_n;
    }
}

/* ---- the three forms ---- */

static void print_text(const struct result *r)
{
    const struct guest_litmus *t = r->test;

    printf("%s: %s: %s: ", t->shape, t->asks, t->verdict);
    if (t->not_modelled) {
        printf("not modelled: %s\n", t->not_modelled);
        return;
    }
    if (r->asked_n)
        printf("seen in %llu of %llu rounds%s\n", (unsigned long long)r->asked_n,
               (unsigned long long)r->rounds_n, is_forbidden(r) ? ": WRONG" : "");
    else
        printf("not seen in %llu rounds\n", (unsigned long long)r->rounds_n);
    for (size_t i = 0; i < r->run.outcomes_n; i++) {
        const struct rec_outcome *o = &r->run.outcomes[i];

        printf("  %8llu  %s%s\n", (unsigned long long)o->rounds_n, o->text,
               litmus_matches(t->asks, o->text) ? "  <- asked" : "");
    }
}

static void print_markdown(const struct result *r)
{
    const struct guest_litmus *t = r->test;

    printf("| `%s` | `%s` | %s | ", t->shape, t->asks, t->verdict);
    if (t->not_modelled)
        printf("not modelled: %s", t->not_modelled);
    else if (r->asked_n)
        printf("seen");
    else
        printf("not seen in %llu rounds", (unsigned long long)r->rounds_n);
    printf(" | %s |\n", t->why);
}

static json_t *to_json(const struct result *r, const char *file)
{
    const struct guest_litmus *t = r->test;
    json_t *outcomes = json_object();

    for (size_t i = 0; i < r->run.outcomes_n; i++)
        json_object_set_new(outcomes, r->run.outcomes[i].text,
                            json_integer((json_int_t)r->run.outcomes[i].rounds_n));
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s?, s:I, s:I, s:o}", "scenario", file,
                     "shape", t->shape, "asks", t->asks, "verdict", t->verdict, "why",
                     t->why, "not_modelled", t->not_modelled, "rounds",
                     (json_int_t)r->rounds_n, "asked", (json_int_t)r->asked_n,
                     "outcomes", outcomes);
}

/* ---- a test ---- */

static int run_test(const struct scn *s, struct result *r)
{
    const struct cli_job job = {.machine = {.scenario = s, .seed = s->seed_first},
                                .out = &r->run};
    int status = CLI_OK;

    if (!r->test->not_modelled)
        status = cli_jobs(&job, 1, 1, NULL);
    count(r);
    return status;
}

static int do_file(const char *file, enum format format, json_t *list, bool *wrong)
{
    struct result r = {.run = {.error = NULL}};
    struct scn s;
    int status;

    if (!cli_load(file, NULL, &s, false))
        return CLI_INPUT;
    if (s.vms_n != 1 || s.vms[0].guest.kind != GUEST_LITMUS) {
        fprintf(stderr, "%s: error: not a litmus test: its guest is of another kind\n",
                file);
        scn_free(&s);
        return CLI_INPUT;
    }
    r.test = &s.vms[0].guest.litmus;
    status = run_test(&s, &r);
    if (status == CLI_OK && format == TEXT)
        print_text(&r);
    else if (status == CLI_OK && format == MARKDOWN)
        print_markdown(&r);
    else if (status == CLI_OK)
        json_array_append_new(list, to_json(&r, file));
    *wrong = *wrong || is_forbidden(&r);
    rec_free(&r.run);
    scn_free(&s);
    return status;
}

static int do_files(int n, char **files, enum format format)
{
    json_t *list = json_array();
    bool wrong = false;
    int status = CLI_OK;

    if (format == MARKDOWN)
        puts("| shape | asks for | verdict | the model | why |\n|---|---|---|---|---|");
    for (int i = 0; i < n && status == CLI_OK; i++)
        status = do_file(files[i], format, list, &wrong);
    if (status == CLI_OK && format == JSON) {
        json_dumpf(list, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    json_decref(list);
    return status == CLI_OK && wrong ? CLI_FAILED : status;
}

int cli_litmus(int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"markdown", no_argument, NULL, 'm'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    enum format format = TEXT;

    for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (c == 'h') {
            print_help();
            return CLI_OK;
        }
        if (c != 'j' && c != 'm')
            return CLI_INPUT;
        format = c == 'j' ? JSON : MARKDOWN;
    }
    if (optind == argc)
        return cli_usage_error("litmus", "no scenario is given");
    return do_files(argc - optind, argv + optind, format);
}
