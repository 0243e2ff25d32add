/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/import.c - the command import (docs/recording.md). */
#include "model/trace/import.h"
#include "model/cli/cli_priv.h"

#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct options {
    const char *in, *out;
    bool json, text, help;
    struct trace_choice choice;
};

static void print_help(void)
{
    puts("usage: stage2sim import [--json] IN -o OUT.s2t\n"
         "       stage2sim import --text IN [-o OUT.txt]\n\n"
         "Turns a recording of KVM events into a binary trace (docs/trace-format.md).\n"
         "IN is told by content: the text of tracefs 'trace', of trace-cmd report, of\n"
         "perf script or of Valgrind lackey, trace.dat or .s2t; plain, .gz, .xz or "
         ".zst.\n"
         "  -o FILE   appears whole or not at all\n"
         "  --vm N    only the events of VM N, as stage2sim trace-info numbers them\n"
         "  --slot N  only the faults in memslot N and what was done for them\n"
         "  --text    writes the events as tracefs prints them, without -o to stdout\n"
         "  --json    what was read, as JSON on stdout\n"
         "Exit code 0: done, 2: bad input.");
}

static bool number(const char *option, const char *text, int64_t *value)
{
    char *end;
    const unsigned long n = strtoul(text, &end, 10);

    *value = (int64_t)n;
    if (*text >= '0' && *text <= '9' && *end == '\0' && n <= INT32_MAX)
        return true;
    cli_usage_error("import", "%s '%s'; accepted: a number from 0", option, text);
    return false;
}

static int parse(int argc, char **argv, struct options *o)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"text", no_argument, NULL, 't'},
                                            {"output", required_argument, NULL, 'o'},
                                            {"vm", required_argument, NULL, 'v'},
                                            {"slot", required_argument, NULL, 's'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};

    for (int c; (c = getopt_long(argc, argv, "ho:", options, NULL)) != -1;) {
        switch (c) {
        case 'j':
            o->json = true;
            break;
        case 't':
            o->text = true;
            break;
        case 'o':
            o->out = optarg;
            break;
        case 'v':
            if (!number("--vm", optarg, &o->choice.vm))
                return CLI_INPUT;
            break;
        case 's':
            if (!number("--slot", optarg, &o->choice.slot))
                return CLI_INPUT;
            break;
        case 'h':
            o->help = true;
            return CLI_OK;
        default:
            return CLI_INPUT;
        }
    }
    if (optind != argc - 1)
        return cli_usage_error("import", "one recording is needed");
    if (o->out == NULL && !o->text)
        return cli_usage_error("import", "-o OUT.s2t is needed");
    o->in = argv[optind];
    return CLI_OK;
}

int cli_trace_error(const struct trace_error *err)
{
    fprintf(stderr, "%s:", err->file);
    if (err->line > 0)
        fprintf(stderr, "%" PRIu32 ":", err->line);
    fprintf(stderr, " error: %s\n", err->text);
    return CLI_INPUT;
}

void cli_trace_warnings(const struct trace_reader *r)
{
    const struct trace_origin *o = &r->origin;

    if (o->lost > 0)
        fprintf(stderr,
                "warning: %s%" PRIu64 " events were lost while recording: no count of "
                "this trace is complete\n",
                o->lost_unknown > 0 ? "at least " : "", o->lost);
    for (uint32_t i = 0; i < r->tables.names_n; i++) {
        const struct trace_name *name = r->tables.name_list[i];

        if (name->not_understood > 0)
            fprintf(stderr,
                    "warning: %s: %" PRIu64 " of %" PRIu64
                    " events not understood, the first in line %" PRIu64 ": '%s'\n",
                    name->text, name->not_understood, name->count, name->first_line,
                    name->example);
    }
}

static bool to_text(const struct options *o, uint64_t *kept, struct trace_reader *r,
                    struct trace_error *err)
{
    FILE *out = o->out != NULL ? fopen(o->out, "w") : stdout;
    bool ok;

    if (out == NULL) {
        memset(r, 0, sizeof(*r));
        trace_error_in(err, o->out);
        return trace_fail(err, "cannot be written");
    }
    ok = trace_to_text(o->in, out, &o->choice, kept, r, err);
    if (o->out != NULL && fclose(out) != 0 && ok)
        ok = trace_fail(err, "the text cannot be written");
    if (!ok && o->out != NULL)
        remove(o->out);
    return ok;
}

static void print_result(const struct options *o, uint64_t kept,
                         const struct trace_reader *r)
{
    if (o->json) {
        json_t *all =
            json_pack("{s:s, s:s, s:I, s:I, s:I}", "file", o->out != NULL ? o->out : "",
                      "format", trace_format_name(r->origin.format), "records",
                      (json_int_t)kept, "lost", (json_int_t)r->origin.lost,
                      "not_understood", (json_int_t)trace_not_understood(r));

        json_dumpf(all, stdout, JSON_INDENT(2));
        putchar('\n');
        json_decref(all);
    } else if (o->out != NULL) {
        printf("%s: %" PRIu64 " events of %s\n", o->out, kept,
               trace_format_name(r->origin.format));
    }
}

int cli_import(int argc, char **argv)
{
    struct trace_reader *r = calloc(1, sizeof(*r));
    struct trace_error err;
    struct options o = {.choice = {-1, -1}};
    uint64_t kept = 0;
    int code = parse(argc, argv, &o);

    if (code == CLI_OK && o.help) {
        print_help();
    } else if (code == CLI_OK && r != NULL) {
        if (o.text ? to_text(&o, &kept, r, &err)
                   : trace_to_s2t(o.in, o.out, &o.choice, &kept, r, &err)) {
            print_result(&o, kept, r);
            cli_trace_warnings(r);
        } else {
            code = cli_trace_error(&err);
        }
        trace_reader_end(r);
    }
    free(r);
    return code;
}
