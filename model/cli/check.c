/* SPDX-License-Identifier: Apache-2.0 */
#include "model/cli/cli_priv.h"

#include <getopt.h>

static void print_help(void)
{
    puts("usage: stage2sim check [--json] SCENARIO\n\n"
         "Validates a scenario, its platform and its recording without running it.\n"
         "  --json   the verdict, all errors and all warnings as JSON on stdout\n"
         "Exit code 0: valid, with warnings or without, 2: not.");
}

static void print_valid(const char *file, const struct scn *s)
{
    uint32_t vcpus_n = 0;

    for (uint32_t i = 0; i < s->vms_n; i++)
        vcpus_n += s->vms[i].vcpus_n;
    printf("%s: valid: %zu variants, %u seeds, ", file, s->variants_n, s->seeds_n);
    if (s->vms_n > 1)
        printf("%u VMs, ", s->vms_n);
    printf("%u vCPUs on %u PEs\n", vcpus_n, s->pes_n);
}

int cli_check(int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {0}};
    bool json = false;
    struct scn s;

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
        return cli_usage_error("check", "one scenario file is needed");
    if (!cli_load(argv[optind], &s, json))
        return CLI_INPUT;
    if (!json)
        print_valid(argv[optind], &s);
    scn_free(&s);
    return CLI_OK;
}
