/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/info_geometry.c - stage 2 geometries as a table (docs/geometry.md). */
#include "model/cli/info_geometry.h"
#include "model/cli/info_priv.h"

#include <getopt.h>
#include <inttypes.h>

#define TOPIC "info geometry"

static void print_help(void)
{
    puts(
        "usage: stage2sim info geometry [--granule 4K|16K|64K] [--ipa-bits N]\n"
        "           [--va-bits N] [--pa-bits N] [--ttst] [--lpa2] [--csv | --json]\n\n"
        "Every VTCR_EL2 geometry that the walker accepts; KVM's choice is marked.\n"
        "  --granule SIZE  one granule; default all\n"
        "  --ipa-bits N    one IPA size, 16 to 52; default all that are legal\n"
        "  --va-bits N     one VA size of the host, for fake levels and nested reads;\n"
        "                  default those of Linux\n"
        "  --pa-bits N     PA size of the implementation: 32 36 40 42 44 48 52;\n"
        "                  default 48\n"
        "  --ttst          the implementation has FEAT_TTST\n"
        "  --lpa2          it has FEAT_LPA2: formats with DS = 1 for 4K and 16K\n"
        "  --csv, --json   more columns (docs/geometry.md)\n"
        "A plot: python3 -m reports geometry -o DIR\n"
        "Exit code 0: at least one geometry, 2: none is legal, or bad arguments.");
}

/* ---- the command line ---- */

static bool read_pa_bits(const char *text, uint8_t *out)
{
    uint64_t bits;

    if (!info_read_count(TOPIC, "--pa-bits", text, 32, 52, &bits))
        return false;
    for (uint8_t ps = 0; ps <= 6; ps++) {
        if (arch_pa_bits(ps) == bits) {
            *out = (uint8_t)bits;
            return true;
        }
    }
    cli_usage_error(TOPIC,
                    "--pa-bits: no PARange says %s; accepted: 32, 36, 40, 42, "
                    "44, 48, 52",
                    text);
    return false;
}

static bool take_option(int c, struct geometry_options *o)
{
    switch (c) {
    case 'g':
        return info_read_granule(TOPIC, optarg, &o->tg);
    case 'i':
        if (!info_read_count(TOPIC, "--ipa-bits", optarg, 16, 52, &o->ipa_bits_first))
            return false;
        o->ipa_bits_last = o->ipa_bits_first;
        return true;
    case 'v':
        return info_read_count(TOPIC, "--va-bits", optarg, 25, 52, &o->va_bits);
    case 'p':
        return read_pa_bits(optarg, &o->impl.pa_bits);
    case 't':
        o->impl.ttst = true;
        return true;
    case 'l':
        o->impl.lpa2 = true;
        return true;
    case 'c':
        o->format = INFO_CSV;
        return true;
    case 'j':
        o->format = INFO_JSON;
        return true;
    case 'h':
        o->help = true;
        return true;
    default:
        return false;
    }
}

static bool check(const struct geometry_options *o)
{
    const unsigned bits = (unsigned)o->ipa_bits_first;

    if (bits == o->ipa_bits_last && bits > o->impl.pa_bits) {
        cli_usage_error(TOPIC,
                        "--ipa-bits: %u is above the PA size of %u bits, and VTCR_EL2 "
                        "cannot have it%s; accepted: up to %u, or a larger --pa-bits",
                        bits, o->impl.pa_bits,
                        bits == 40 ? " (KVM refuses its default of 40 bits there)" : "",
                        o->impl.pa_bits);
        return false;
    }
    return true;
}

static bool parse(int argc, char **argv, struct geometry_options *o)
{
    static const struct option options[] = {{"granule", required_argument, NULL, 'g'},
                                            {"ipa-bits", required_argument, NULL, 'i'},
                                            {"va-bits", required_argument, NULL, 'v'},
                                            {"pa-bits", required_argument, NULL, 'p'},
                                            {"ttst", no_argument, NULL, 't'},
                                            {"lpa2", no_argument, NULL, 'l'},
                                            {"csv", no_argument, NULL, 'c'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};

    for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (!take_option(c, o))
            return false;
    }
    if (optind != argc) {
        cli_usage_error(TOPIC, "no argument is accepted, '%s' was given", argv[optind]);
        return false;
    }
    return o->help || check(o);
}

/* ---- rows ---- */

/* Linux: CONFIG_ARM64_VA_BITS of each page size. */
static void take_va_sizes(struct geometry_row *row, uint64_t only)
{
    static const uint8_t linux_sizes[3][GEOMETRY_VA_SIZES_MAX] = {
        {39, 48, 52}, {36, 47, 48, 52}, {42, 48, 52}};
    const uint8_t *sizes = linux_sizes[arch_tg_index(row->tg)];

    row->vas_n = 0;
    if (only) {
        row->va_bits[row->vas_n++] = (unsigned)only;
        return;
    }
    while (row->vas_n < GEOMETRY_VA_SIZES_MAX && sizes[row->vas_n]) {
        row->va_bits[row->vas_n] = sizes[row->vas_n];
        row->vas_n++;
    }
}

size_t geometry_each(const struct geometry_options *o, geometry_visit *visit, void *ctx)
{
    static const enum arch_tg tgs[] = {ARCH_TG_4K, ARCH_TG_16K, ARCH_TG_64K};
    struct walk_s2_option found[WALK_S2_OPTIONS_MAX];
    size_t rows_n = 0;

    for (size_t t = 0; t < sizeof tgs / sizeof tgs[0]; t++) {
        if (o->tg && o->tg != tgs[t])
            continue;
        for (uint64_t bits = o->ipa_bits_first; bits <= o->ipa_bits_last; bits++) {
            const size_t n = walk_s2_options(tgs[t], (unsigned)bits, &o->impl, found);

            for (size_t i = 0; i < n; i++) {
                struct geometry_row row = {
                    .tg = tgs[t],
                    .ipa_bits = (unsigned)bits,
                    .levels = walk_levels(found[i].geometry.start_level),
                    .option = found[i]};

                take_va_sizes(&row, o->va_bits);
                visit(&row, o, ctx);
            }
            rows_n += n;
        }
    }
    return rows_n;
}

static void count_row(const struct geometry_row *row, const struct geometry_options *o,
                      void *ctx)
{
    (void)row, (void)o, (void)ctx;
}

int info_geometry(int argc, char **argv)
{
    struct geometry_options o = {
        .ipa_bits_first = 16, .ipa_bits_last = 52, .impl = {.pa_bits = 48}};

    if (!parse(argc, argv, &o))
        return CLI_INPUT;
    if (o.help) {
        print_help();
        return CLI_OK;
    }
    if (geometry_each(&o, count_row, NULL) == 0)
        return cli_usage_error(
            TOPIC,
            "no SL0 is legal for an IPA size of %" PRIu64
            " bits here; --ttst brings spaces of 16 to 24 bits, --pa-bits 52 with "
            "--lpa2 or --granule 64K those of 49 to 52",
            o.ipa_bits_first);
    geometry_print(&o);
    return CLI_OK;
}
