/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/trace_info.c - the command trace-info (docs/recording.md). */
#include "model/cli/cli_priv.h"
#include "model/cli/trace_info_priv.h"

#include <getopt.h>
#include <stdlib.h>

static void print_help(void)
{
    puts(
        "usage: stage2sim trace-info [--json] FILE\n\n"
        "Tells what a recording of KVM events holds: vCPUs, faults by class, type and\n"
        "level, by memslot and block, the share of EAGAIN, storms, lost events. FILE "
        "is\n"
        "a .s2t or anything that stage2sim import accepts.\n"
        "  --json   the same as JSON; docs/recording.md has the keys\n"
        "Exit code 0: done, 2: bad input.");
}

static int print_info(const char *file, bool json)
{
    struct trace_info *info = malloc(sizeof(*info));
    struct trace_reader *r = calloc(1, sizeof(*r));
    const struct trace_sink sink = {info, info_record};
    struct trace_error err;
    int code = CLI_BROKEN;

    if (info != NULL && r != NULL && info_init(info)) {
        if (trace_read_file(file, &sink, r, &err)) {
            info_finish(info);
            (json ? trace_info_print_json : trace_info_print)(file, r, info);
            cli_trace_warnings(r);
            code = CLI_OK;
        } else {
            code = cli_trace_error(&err);
        }
        trace_reader_end(r);
        info_free(info);
    }
    free(info);
    free(r);
    return code;
}

int cli_trace_info(int argc, char **argv)
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
        return cli_usage_error("trace-info", "one recording is needed");
    return print_info(argv[optind], json);
}
