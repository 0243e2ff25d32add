/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/load.c - a scenario with all its inputs checked. */
#include "model/cli/cli_priv.h"

#include "model/guest/replay.h"
#include "model/scenario/set.h"
#include "model/trace/trace.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* text may end in a newline or not. */
static void report(const char *text, json_t *list)
{
    size_t n = strlen(text);

    if (n > 0 && text[n - 1] == '\n')
        n--;
    if (list)
        json_array_append_new(list, json_stringn(text, n));
    else
        fprintf(stderr, "%.*s\n", (int)n, text);
}

enum scn_status cli_load_set(const char *file, const struct cli_sets *sets,
                             struct scn *s, struct scn_diags *diags)
{
    char platforms[CLI_PLATFORMS_MAX];
    size_t n = sets ? sets->n : 0;
    struct scn_set_arg *args = calloc(n + 1, sizeof *args);
    struct scn_set *list = calloc(n + 1, sizeof *list);
    enum scn_status status = SCN_INVALID;
    bool ok = args && list;

    *diags = (struct scn_diags){.n = 0};
    for (size_t i = 0; ok && i < n; i++) {
        ok = scn_set_arg_parse(sets->args[i], &args[i], diags);
        list[i] = (struct scn_set){&args[i].path, &args[i].value};
    }
    cli_platforms_dir(platforms);
    if (ok)
        status = scn_load_set(file, platforms, list, n, s, diags);
    for (size_t i = 0; args && i < n; i++)
        scn_set_arg_free(&args[i]);
    free(args);
    free(list);
    return status;
}

static bool memory_holds(const struct scn_vm *vm, struct arch_ipa ipa)
{
    for (size_t i = 0; i < vm->memory_n; i++) {
        if (ipa.v - vm->memory[i].ipa.v < vm->memory[i].bytes)
            return true;
    }
    return false;
}

static bool memory_holds_all(const struct scn *s, const struct replay *r,
                             struct replay_error *err)
{
    for (size_t i = 0; i < r->attempts_n; i++) {
        if (memory_holds(&s->vms[0], r->attempts[i].ipa))
            continue;
        err->line = r->attempts[i].line;
        snprintf(err->text, sizeof err->text,
                 "ipa 0x%llx of the slot (0x%llx, %llu bytes) lies in no memory of the "
                 "scenario",
                 (unsigned long long)r->attempts[i].ipa.v, (unsigned long long)r->ipa.v,
                 (unsigned long long)r->bytes);
        return false;
    }
    return true;
}

static bool replay_is_readable(const struct scn *s, json_t *list)
{
    const struct guest_cfg *g = &s->vms[0].guest;
    struct replay_error replay_err;
    const struct replay_cfg cfg = {.slot = g->trace_slot,
                                   .vcpus_n = s->vms[0].vcpus_n,
                                   .ipa = s->vms[0].memory[0].ipa,
                                   .bytes = s->vms[0].memory[0].bytes};
    struct trace_error err;
    struct trace t;
    struct replay r;
    char text[1024];
    bool ok;

    if (!trace_import_file(g->trace_path, &t, &err)) {
        snprintf(text, sizeof text, "%s:%u: error[T001]: %s (offset %llu)", err.file,
                 err.line, err.text, (unsigned long long)err.offset);
        report(text, list);
        return false;
    }
    ok = replay_init(&r, &t, &cfg, &replay_err);
    trace_free(&t);
    if (ok) {
        ok = memory_holds_all(s, &r, &replay_err);
        replay_free(&r);
    }
    if (ok)
        return true;
    snprintf(text, sizeof text, "%s:%u: error[T002]: %s", g->trace_path,
             replay_err.line, replay_err.text);
    report(text, list);
    return false;
}

static bool columns_exist(const struct scn *s, json_t *list)
{
    bool ok = true;

    for (size_t i = 0; i < s->expects_n; i++) {
        const struct scn_expect *e = &s->expects[i];
        char text[512];

        if (!e->column || rec_column_find(e->column) != SIZE_MAX)
            continue;
        snprintf(text, sizeof text,
                 "%s:%u:%u: error[C001]: expect: no column '%s' in summary.csv; "
                 "docs/results-format.md lists them",
                 e->pos.file, e->pos.line, e->pos.col, e->column);
        report(text, list);
        ok = false;
    }
    return ok;
}

/* Takes both lists over. */
static void print_json(const char *file, bool ok, json_t *errors, json_t *warnings)
{
    json_t *doc = json_pack("{s:s, s:b, s:o, s:o}", "scenario", file, "valid", ok,
                            "errors", errors, "warnings", warnings);

    json_dumpf(doc, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(doc);
}

void cli_platforms_dir(char dir[CLI_PLATFORMS_MAX])
{
    snprintf(dir, CLI_PLATFORMS_MAX, "%s/scenarios/platforms", cli_root());
}

bool cli_load_rest(const struct scn *s, struct json_t *list)
{
    return columns_exist(s, list) &&
           (s->vms[0].guest.kind != GUEST_REPLAY || replay_is_readable(s, list));
}

bool cli_load(const char *file, const struct cli_sets *sets, struct scn *s, bool json)
{
    struct scn_diags diags = {.n = 0};
    json_t *errors = json ? json_array() : NULL;
    json_t *warnings = json ? json_array() : NULL;
    bool ok;

    ok = cli_load_set(file, sets, s, &diags) == SCN_OK;
    for (size_t i = 0; i < diags.n; i++)
        report(diags.text[i], errors);
    for (size_t i = 0; i < diags.warnings_n; i++)
        report(diags.warning[i], warnings);
    scn_diags_free(&diags);
    if (ok) {
        ok = cli_load_rest(s, errors);
        if (!ok)
            scn_free(s);
    }
    if (json)
        print_json(file, ok, errors, warnings);
    return ok;
}
