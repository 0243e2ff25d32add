/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/info.c - the command info: facts that need no run. */
#include "model/cli/info_priv.h"
#include "model/scenario/units.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *help;
    int (*run)(int argc, char **argv);
} topics[] = {
    {"geometry", "every legal stage 2 geometry, and KVM's choice", info_geometry},
    {"hyp-va", "where EL2 puts its view of the kernel's memory", info_hyp_va},
    {"platform", "the parameters of a platform with their sources", info_platform},
};

#define TOPICS_N (sizeof topics / sizeof topics[0])

bool info_read_count(const char *topic, const char *option, const char *text,
                     uint64_t min, uint64_t max, uint64_t *out)
{
    if (scn_parse_count(text, out) == SCN_UNIT_OK && *out >= min && *out <= max)
        return true;
    cli_usage_error(topic,
                    "%s: '%s' is not accepted; accepted: %" PRIu64 " to %" PRIu64,
                    option, text, min, max);
    return false;
}

bool info_read_address(const char *topic, const char *option, const char *text,
                       uint64_t *out)
{
    if (scn_parse_address(text, out) == SCN_UNIT_OK)
        return true;
    cli_usage_error(topic,
                    "%s: '%s' is not an address; accepted: 0x and up to 16 hexadecimal "
                    "digits, or a decimal number",
                    option, text);
    return false;
}

bool info_read_granule(const char *topic, const char *text, enum arch_tg *out)
{
    static const enum arch_tg all[] = {ARCH_TG_4K, ARCH_TG_16K, ARCH_TG_64K};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (strcmp(text, info_granule_name(all[i])) == 0) {
            *out = all[i];
            return true;
        }
    }
    cli_usage_error(topic, "--granule: '%s' is not accepted; accepted: 4K, 16K, 64K",
                    text);
    return false;
}

const char *info_granule_name(enum arch_tg tg)
{
    return tg == ARCH_TG_4K ? "4K" : tg == ARCH_TG_16K ? "16K" : "64K";
}

const char *info_size_text(unsigned shift, char text[INFO_SIZE_TEXT_MAX])
{
    snprintf(text, INFO_SIZE_TEXT_MAX, "%u%c", 1u << shift % 10, "BKMGTP"[shift / 10]);
    return text;
}

json_t *info_hex(uint64_t u)
{
    return json_sprintf("0x%" PRIx64, u);
}

void info_print_json(json_t *doc)
{
    if (json_dumpf(doc, stdout, JSON_INDENT(2)) != 0)
        abort();
    putchar('\n');
    json_decref(doc);
}

static void print_help(void)
{
    puts("usage: stage2sim info TOPIC [ARG ...]\n");
    for (size_t i = 0; i < TOPICS_N; i++)
        printf("  %-10s %s\n", topics[i].name, topics[i].help);
    puts("\nstage2sim info TOPIC --help tells more.");
}

int cli_info(int argc, char **argv)
{
    if (argc < 2)
        return cli_usage_error("info", "a topic is needed; accepted: geometry, hyp-va, "
                                       "platform");
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help();
        return CLI_OK;
    }
    for (size_t i = 0; i < TOPICS_N; i++) {
        if (strcmp(argv[1], topics[i].name) == 0)
            return topics[i].run(argc - 1, argv + 1);
    }
    return cli_usage_error(
        "info", "no topic '%s'; accepted: geometry, hyp-va, platform", argv[1]);
}
