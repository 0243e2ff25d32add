/* SPDX-License-Identifier: Apache-2.0 */
#include "model/cli/cli_priv.h"

#include <dirent.h>
#include <getopt.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Folders of scenarios/ that hold scenarios to run. */
static const char *const folders[] = {"storms", "validation", "good"};

static int is_yaml(const struct dirent *e)
{
    size_t n = strlen(e->d_name);

    return n > 5 && strcmp(e->d_name + n - 5, ".yaml") == 0;
}

/* The names in root/scenarios/folder, with prefix before and suffix cut or kept. */
static json_t *yaml_files(const char *folder, const char *prefix, bool keep_suffix)
{
    json_t *list = json_array();
    struct dirent **entries;
    char path[4300];
    int n;

    snprintf(path, sizeof path, "%s/scenarios/%s", cli_root(), folder);
    n = scandir(path, &entries, is_yaml, alphasort);
    for (int i = 0; i < n; i++) {
        size_t length = strlen(entries[i]->d_name) - (keep_suffix ? 0 : 5);

        json_array_append_new(
            list, json_sprintf("%s%.*s", prefix, (int)length, entries[i]->d_name));
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
    return list;
}

static json_t *sequences(void)
{
    json_t *list = json_array();

    for (int i = 0; i < HYP_SEQUENCES_N; i++)
        json_array_append_new(list, json_string(hyp_sequence_name(i)));
    return list;
}

static json_t *paths(void)
{
    json_t *list = json_array();

    for (int i = 0; i < HYP_PATHS_N; i++)
        json_array_append_new(list, json_string(hyp_path_name(i)));
    return list;
}

static json_t *scenarios(void)
{
    json_t *list = json_array();

    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        char prefix[64];
        json_t *more;

        snprintf(prefix, sizeof prefix, "scenarios/%s/", folders[i]);
        more = yaml_files(folders[i], prefix, true);
        json_array_extend(list, more);
        json_decref(more);
    }
    return list;
}

void cli_platform_names(char *text, size_t bytes)
{
    json_t *list = yaml_files("platforms", "", false), *name;
    size_t i, at = 0;

    *text = '\0';
    json_array_foreach(list, i, name)
    {
        if (at < bytes)
            at += (size_t)snprintf(text + at, bytes - at, "%s%s", i ? ", " : "",
                                   json_string_value(name));
    }
    json_decref(list);
}

static void print_text(json_t *all)
{
    const char *kind;
    json_t *list, *name;
    size_t i;

    json_object_foreach(all, kind, list)
    {
        printf("%s:\n", kind);
        json_array_foreach(list, i, name) printf("  %s\n", json_string_value(name));
    }
}

int cli_list(int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {0}};
    bool as_json = false;
    json_t *all;

    for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (c == 'h') {
            puts("usage: stage2sim list [--json]\n\nPlatforms, sequences, fault paths "
                 "and the scenarios and sweeps that come with stage2sim.");
            return CLI_OK;
        }
        if (c != 'j')
            return CLI_INPUT;
        as_json = true;
    }
    if (optind != argc)
        return cli_usage_error("list", "no argument is accepted, '%s' was given",
                               argv[optind]);
    all = json_pack("{s:o, s:o, s:o, s:o, s:o}", "platforms",
                    yaml_files("platforms", "", false), "sequences", sequences(),
                    "paths", paths(), "scenarios", scenarios(), "sweeps",
                    yaml_files("sweeps", "scenarios/sweeps/", true));
    if (as_json) {
        json_dumpf(all, stdout, JSON_INDENT(2));
        putchar('\n');
    } else {
        print_text(all);
    }
    json_decref(all);
    return CLI_OK;
}
