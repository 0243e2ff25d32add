/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/translate.c - the command translate (docs/translate.md). */
#include "model/cli/cli_priv.h"
#include "model/cli/translate_priv.h"

#include <getopt.h>
#include <stdio.h>

struct options {
    const char *file, *vectors, *id;
    bool json, brief, help;
};

static void print_help(void)
{
    puts("usage: stage2sim translate [--brief | --json] FILE.yaml\n"
         "       stage2sim translate --vectors FILE\n"
         "       stage2sim translate [--brief | --json] --vectors FILE --case ID\n\n"
         "Translates one address and tells each step: registers and descriptors come "
         "from\nFILE.yaml (docs/translate.md) or from a case of a vectors file.\n"
         "  --brief         one line for each descriptor, without its fields\n"
         "  --json          the same facts as JSON\n"
         "  --vectors FILE  checks every case of FILE, JSON lines, plain or .xz; the "
         "last\n                  line is 'N passed, M failed'\n"
         "  --case ID       tells the walk of that case\n"
         "Exit code 0: done, 1: an expectation or a case failed, 2: bad input.");
}

static int parse(int argc, char **argv, struct options *o)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"brief", no_argument, NULL, 'b'},
                                            {"vectors", required_argument, NULL, 'v'},
                                            {"case", required_argument, NULL, 'c'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};

    for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        switch (c) {
        case 'j':
            o->json = true;
            break;
        case 'b':
            o->brief = true;
            break;
        case 'v':
            o->vectors = optarg;
            break;
        case 'c':
            o->id = optarg;
            break;
        case 'h':
            o->help = true;
            return CLI_OK;
        default:
            return CLI_INPUT;
        }
    }
    if (o->json && o->brief)
        return cli_usage_error("translate", "of --json and --brief give one");
    if (o->id && !o->vectors)
        return cli_usage_error("translate", "--case needs --vectors FILE");
    if (o->vectors && !o->id && (o->json || o->brief))
        return cli_usage_error("translate", "--json and --brief need --case here");
    if (optind != argc - (o->vectors ? 0 : 1))
        return cli_usage_error("translate", o->vectors
                                                ? "--vectors stands instead of a file"
                                                : "one file is needed, or --vectors");
    o->file = argv[optind];
    return CLI_OK;
}

static void print_full(const struct explanation *e, const struct translate_head *head)
{
    translate_print(e, head, TRANSLATE_FULL);
}

static void print_brief(const struct explanation *e, const struct translate_head *head)
{
    translate_print(e, head, TRANSLATE_BRIEF);
}

static int translate_input(const struct translate_input *in, translate_printer *print)
{
    struct explanation e;
    int status = CLI_BROKEN;

    if (explain(&e, &in->cpu, &in->regs, &in->query, &in->mem)) {
        print(&e, &(struct translate_head){.title = in->title});
        fflush(stdout);
        status = translate_meets(&in->expect, &e) ? CLI_OK : CLI_FAILED;
    }
    explain_free(&e);
    return status;
}

static int translate_file(const char *file, translate_printer *print)
{
    struct scn_diags diags = {.n = 0};
    struct translate_input in;
    int status = CLI_INPUT;

    if (translate_input_load(&in, file, &diags))
        status = translate_input(&in, print);
    for (size_t i = 0; i < diags.n; i++)
        fputs(diags.text[i], stderr);
    scn_diags_free(&diags);
    translate_input_free(&in);
    return status;
}

int cli_translate(int argc, char **argv)
{
    struct options o = {.file = NULL};
    int status = parse(argc, argv, &o);

    if (o.help)
        print_help();
    if (status != CLI_OK || o.help)
        return status;
    translate_printer *const print = o.json    ? translate_print_json
                                     : o.brief ? print_brief
                                               : print_full;
    if (o.vectors && o.id)
        return translate_one_vector(o.vectors, o.id, print);
    return o.vectors ? translate_check_vectors(o.vectors)
                     : translate_file(o.file, print);
}
