/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/monitor.c - stage2sim monitor: a verdict on a log of table updates. */
#include "model/cli/cli_priv.h"
#include "model/monitor/judge.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct monitor_options {
    const char *file;
    unsigned bbm_level;
    bool json;
};

static void print_help(void)
{
    puts("usage: stage2sim monitor [OPTION ...] LOG\n\n"
         "Judges a log of table updates and TLB maintenance, as stage2sim run "
         "--log-updates\n"
         "and the casemate checker write it: each violation with its line, code and "
         "rule.\n"
         "      --bbm-level N   FEAT_BBM level of the platform, 0 to 3 (default: 0; 3 "
         "is "
         "FEAT_BBML3)\n"
         "      --json          the verdict and all violations as JSON on stdout\n"
         "Exit code 0: judged, good or bad, 2: not such a log.");
}

/* CLI_OK and o->file set, or the exit code of a call that ends here. */
static int parse(int argc, char **argv, struct monitor_options *o)
{
    static const struct option options[] = {{"bbm-level", required_argument, NULL, 'b'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};

    for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        switch (c) {
        case 'b':
            if (optarg[0] < '0' || optarg[0] > '3' || optarg[1])
                return cli_usage_error("monitor", "--bbm-level %s: 0 to 3", optarg);
            o->bbm_level = (unsigned)(optarg[0] - '0');
            break;
        case 'j':
            o->json = true;
            break;
        case 'h':
            print_help();
            return CLI_OK;
        default:
            return CLI_INPUT;
        }
    }
    if (optind != argc - 1)
        return cli_usage_error("monitor", "one log is needed");
    o->file = argv[optind];
    return CLI_OK;
}

/* What is found is kept until the whole log was read: a log that ends in an error has
 * no verdict. */
struct found {
    json_t *list;
    bool out_of_memory;
};

static void tell(void *ctx, const struct mon_violation *v)
{
    struct found *found = ctx;
    char ipa[24], old[24], desc[24];
    json_t *item;

    snprintf(ipa, sizeof ipa, "0x%" PRIx64, v->ipa.v);
    snprintf(old, sizeof old, "0x%" PRIx64, v->old);
    snprintf(desc, sizeof desc, "0x%" PRIx64, v->desc);
    item = json_pack("{s:I, s:s, s:I, s:s, s:s, s:s, s:s}", "line", (json_int_t)v->line,
                     "code", mon_code_name(mon_rule_code(v->rule)), "tid",
                     (json_int_t)v->pe, "ipa", ipa, "old", old, "new", desc, "rule",
                     mon_rule_text(v->rule));
    if (!item || json_array_append_new(found->list, item) != 0)
        found->out_of_memory = true;
}

static const char *text_of(const json_t *item, const char *key)
{
    return json_string_value(json_object_get(item, key));
}

static void print_text(const struct monitor_options *o, const struct mon_verdict *v,
                       const json_t *list)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        printf("%s:%" JSON_INTEGER_FORMAT ": %s: thread %" JSON_INTEGER_FORMAT
               ", IPA %s, %s to %s: %s\n",
               o->file, json_integer_value(json_object_get(item, "line")),
               text_of(item, "code"), json_integer_value(json_object_get(item, "tid")),
               text_of(item, "ipa"), text_of(item, "old"), text_of(item, "new"),
               text_of(item, "rule"));
    }
    if (v->violations_n)
        printf("%s: bad: %" PRIu64 " violation%s in %" PRIu64 " records\n", o->file,
               v->violations_n, v->violations_n == 1 ? "" : "s", v->records_n);
    else
        printf("%s: good: %" PRIu64 " records\n", o->file, v->records_n);
}

static int print_json(const struct monitor_options *o, const struct mon_verdict *v,
                      json_t *list)
{
    json_t *root = json_pack("{s:s, s:s, s:I, s:I, s:O}", "log", o->file, "verdict",
                             v->violations_n ? "bad" : "good", "bbm_level",
                             (json_int_t)o->bbm_level, "records",
                             (json_int_t)v->records_n, "violations", list);
    const int status =
        root && json_dumpf(root, stdout, JSON_INDENT(2)) == 0 ? CLI_OK : CLI_BROKEN;

    putchar('\n');
    json_decref(root);
    return status;
}

static int judge(FILE *in, const struct monitor_options *o, struct found *found)
{
    const struct mon_judge_cfg cfg = {
        .bbm_level = o->bbm_level, .tell = tell, .ctx = found};
    struct mon_verdict verdict;
    struct mon_input_error err;

    if (!mon_judge(in, &cfg, &verdict, &err)) {
        fprintf(stderr, "%s:%u:%u: error: %s\n", o->file, err.line, err.col, err.text);
        return CLI_INPUT;
    }
    if (found->out_of_memory) {
        fputs("stage2sim: out of memory\n", stderr);
        return CLI_BROKEN;
    }
    if (o->json)
        return print_json(o, &verdict, found->list);
    print_text(o, &verdict, found->list);
    return CLI_OK;
}

int cli_monitor(int argc, char **argv)
{
    struct monitor_options o = {.file = NULL};
    struct found found = {.list = NULL};
    int status = parse(argc, argv, &o);
    FILE *in;

    if (status != CLI_OK || !o.file)
        return status;
    in = fopen(o.file, "r");
    if (!in) {
        fprintf(stderr, "stage2sim monitor: cannot read %s: %s\n", o.file,
                strerror(errno));
        return CLI_INPUT;
    }
    found.list = json_array();
    status = found.list ? judge(in, &o, &found) : CLI_BROKEN;
    json_decref(found.list);
    fclose(in);
    return status;
}
