/* SPDX-License-Identifier: Apache-2.0 */
/* tests/conformance/vectors_s2_test.c - the stage 2 walker against recorded answers of
 * QEMU.
 *
 * usage: vectors_s2_test [FILE]; without FILE the public set of the shared folder, and
 * exit code 77 (skipped) where that is absent. */
#include "tests/conformance/jsonl.h"
#include "tests/conformance/s2_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PUBLIC_VECTORS STAGE2SIM_SHARED_DIR "/vectors/translation-public.jsonl.xz"
#define EXIT_SKIPPED 77

struct category {
    const char *name;
    unsigned read_n, run_n, passed_n;
};

struct tally {
    struct category categories[5];
    unsigned long lines_n; /* after the header, of any category */
    unsigned long left_out_lpa2_n;
    unsigned long left_out_mem_after_n;
    bool malformed;
};

static struct category *category_of(struct tally *t, const json_t *line)
{
    const char *cat = json_string_value(json_object_get(line, "cat"));

    for (size_t i = 0; cat && i < sizeof(t->categories) / sizeof(*t->categories); i++) {
        if (strcmp(cat, t->categories[i].name) == 0)
            return &t->categories[i];
    }
    return NULL;
}

static void judge(struct tally *t, struct category *category, const struct s2_case *c)
{
    category->read_n++;
    if (c->cfg.vtcr.ds) {
        t->left_out_lpa2_n++;
        return;
    }
    if (c->writes_descs) {
        t->left_out_mem_after_n++;
        return;
    }
    category->run_n++;
    const struct s2_answer got = s2_case_run(c);
    if (s2_answer_equal(&got, &c->want)) {
        category->passed_n++;
        return;
    }
    char want_text[96], got_text[96];
    printf("FAILED %s: want %s, got %s\n", c->id,
           s2_answer_text(&c->want, want_text, sizeof(want_text)),
           s2_answer_text(&got, got_text, sizeof(got_text)));
}

static void judge_lines(struct tally *t, struct jsonl *f, const struct s2_cpu *cpu)
{
    json_t *line;

    while ((line = jsonl_next(f, &t->malformed))) {
        struct category *category = category_of(t, line);
        struct s2_case c;

        t->lines_n++;
        if (category && s2_case_from_json(line, cpu, &c)) {
            judge(t, category, &c);
        } else if (category) {
            printf("%s:%lu: not a stage 2 vector\n", f->path, f->line_n);
            t->malformed = true;
        }
        json_decref(line);
    }
}

static void judge_file(struct tally *t, struct jsonl *f)
{
    struct s2_cpu cpu;
    json_t *header = jsonl_next(f, &t->malformed);

    if (!header || !s2_cpu_from_header(header, &cpu)) {
        printf("%s: no header line\n", f->path);
        t->malformed = true;
    } else {
        judge_lines(t, f, &cpu);
        const json_int_t cases_n = json_integer_value(json_object_get(header, "cases"));
        if (cases_n != (json_int_t)t->lines_n) {
            printf("%s: header says %lld cases, read %lu\n", f->path,
                   (long long)cases_n, t->lines_n);
            t->malformed = true;
        }
    }
    json_decref(header);
}

static bool report(const struct tally *t)
{
    unsigned run_n = 0, passed_n = 0;

    for (size_t i = 0; i < sizeof(t->categories) / sizeof(*t->categories); i++) {
        const struct category *c = &t->categories[i];
        printf("%-12s %4u read, %4u ran, %4u passed\n", c->name, c->read_n, c->run_n,
               c->passed_n);
        run_n += c->run_n;
        passed_n += c->passed_n;
    }
    printf("ran %u, passed %u, failed %u; left out %lu: %lu with DS = 1 (FEAT_LPA2), "
           "%lu in which hardware writes a descriptor (mem_after)\n",
           run_n, passed_n, run_n - passed_n,
           t->left_out_lpa2_n + t->left_out_mem_after_n, t->left_out_lpa2_n,
           t->left_out_mem_after_n);
    return run_n > 0 && passed_n == run_n && !t->malformed;
}

int main(int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : PUBLIC_VECTORS;
    struct tally t = {
        .categories = {{.name = "s2_basic"},
                       {.name = "s2_config"},
                       {.name = "s2_sweep"},
                       {.name = "s2_addrsize"},
                       {.name = "s2_desc"}},
    };
    struct jsonl f;

    if (!jsonl_open(&f, path)) {
        printf("%s: cannot be opened%s\n", path, argc > 1 ? "" : ": skipped");
        return argc > 1 ? EXIT_FAILURE : EXIT_SKIPPED;
    }
    judge_file(&t, &f);
    jsonl_close(&f);
    return report(&t) ? EXIT_SUCCESS : EXIT_FAILURE;
}
