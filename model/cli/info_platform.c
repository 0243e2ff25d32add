/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/info_platform.c - the parameters of one platform, each with its source. */
#include "model/cli/info_priv.h"
#include "model/scenario/params.h"

#include <getopt.h>
#include <string.h>
#include <unistd.h>

#define TOPIC "info platform"

static void print_help(void)
{
    puts("usage: stage2sim info platform [--json] NAME\n\n"
         "Every parameter of a platform with its value, unit and source.\n"
         "NAME is a platform of `stage2sim list`, or the path of a file that ends in "
         ".yaml.\n"
         "  --json   the same facts as JSON, values in the unit that stands beside "
         "them\n"
         "Sources that begin with `assumed` are marked; `default` is what holds where "
         "the\nfile says nothing.");
}

static bool is_assumed(const char *source)
{
    return strncmp(source, "assumed", strlen("assumed")) == 0;
}

static json_t *value_json(const struct scn_platform *p, const struct scn_param *param,
                          const char *text)
{
    const uint64_t u = scn_param_get(p, param);

    switch (param->kind) {
    case SCN_PARAM_TIME:
        return u % 1000 ? json_real((double)u / 1000)
                        : json_integer((json_int_t)(u / 1000));
    case SCN_PARAM_BOOL:
        return json_boolean(u != 0);
    case SCN_PARAM_WORD:
    case SCN_PARAM_PAGES:
        return json_string(text);
    default:
        return json_integer((json_int_t)u);
    }
}

static json_t *param_json(const struct scn_platform *p,
                          const struct scn_platform_doc *d,
                          const struct scn_param *param)
{
    const char *source = scn_param_source(d, param);
    char text[SCN_PARAM_TEXT_MAX];

    scn_param_text(p, param, text);
    return json_pack("{s:s, s:o, s:s, s:s, s:s, s:b, s:s}", "name", param->name,
                     "value", value_json(p, param, text), "unit", scn_param_unit(param),
                     "text", text, "source", source, "assumed", (int)is_assumed(source),
                     "what", param->what);
}

static void print_json(const struct scn_platform *p, const struct scn_platform_doc *d)
{
    json_t *list = json_array();

    for (size_t i = 0; i < scn_params_n; i++) {
        if (scn_param_counts(p, &scn_params[i]))
            json_array_append_new(list, param_json(p, d, &scn_params[i]));
    }
    info_print_json(json_pack("{s:s, s:s, s:o}", "name", p->name, "title", d->title,
                              "parameters", list));
}

/* Column widths: the longest of what stands in them. */
static void widths(const struct scn_platform *p, int *name, int *text)
{
    char buf[SCN_PARAM_TEXT_MAX];

    *name = *text = 0;
    for (size_t i = 0; i < scn_params_n; i++) {
        if (!scn_param_counts(p, &scn_params[i]))
            continue;
        scn_param_text(p, &scn_params[i], buf);
        if ((int)strlen(scn_params[i].name) > *name)
            *name = (int)strlen(scn_params[i].name);
        if ((int)strlen(buf) > *text)
            *text = (int)strlen(buf);
    }
}

static void print_text(const struct scn_platform *p, const struct scn_platform_doc *d)
{
    unsigned params_n = 0, assumed_n = 0;
    char buf[SCN_PARAM_TEXT_MAX];
    int name_width, text_width;

    printf("%s: %s\n\n", p->name, d->title);
    widths(p, &name_width, &text_width);
    for (size_t i = 0; i < scn_params_n; i++) {
        const struct scn_param *param = &scn_params[i];
        const char *source = scn_param_source(d, param);

        if (!scn_param_counts(p, param))
            continue;
        scn_param_text(p, param, buf);
        printf("%c %-*s  %-*s  %s\n", is_assumed(source) ? '?' : ' ', name_width,
               param->name, text_width, buf, source);
        params_n++;
        assumed_n += is_assumed(source);
    }
    printf("\n%u parameters, %u of them assumed (?)\n", params_n, assumed_n);
}

static bool ends_in_yaml(const char *name)
{
    const size_t n = strlen(name);

    return n > 5 && strcmp(name + n - 5, ".yaml") == 0;
}

static int print_platform(const char *name, bool json)
{
    struct scn_diags diags = {.n = 0};
    struct scn_platform_doc *doc;
    struct scn_platform p;
    char path[4300], known[1024];
    int status = CLI_INPUT;

    if (ends_in_yaml(name))
        snprintf(path, sizeof path, "%s", name);
    else
        snprintf(path, sizeof path, "%s/scenarios/platforms/%s.yaml", cli_root(), name);
    if (!ends_in_yaml(name) && access(path, R_OK) != 0) {
        cli_platform_names(known, sizeof known);
        return cli_usage_error(TOPIC,
                               "'%s' is not a platform; accepted: %s, or a path ending "
                               "in .yaml",
                               name, known);
    }
    if (scn_platform_load(path, &p, &doc, &diags) == SCN_OK) {
        (json ? print_json : print_text)(&p, doc);
        scn_platform_free(&p, doc);
        status = CLI_OK;
    }
    for (size_t i = 0; i < diags.n; i++)
        fputs(diags.text[i], stderr);
    scn_diags_free(&diags);
    return status;
}

int info_platform(int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {0}};
    bool json = false;

    for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (c == 'h') {
            print_help();
            return CLI_OK;
        }
        if (c != 'j')
            return CLI_INPUT;
        json = true;
    }
    if (optind != argc - 1)
        return cli_usage_error(TOPIC, "one platform is needed; `stage2sim list` names "
                                      "those that come with stage2sim");
    return print_platform(argv[optind], json);
}
