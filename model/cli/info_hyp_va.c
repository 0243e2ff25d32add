/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/info_hyp_va.c - the address layout of EL2 (docs/hyp-va.md). */
#include "model/cli/info_priv.h"
#include "model/guest/random.h"
#include "walker/hyp_va.h"

#include <getopt.h>
#include <inttypes.h>

#define TOPIC "info hyp-va"

enum given { IDMAP = 1, DRAM_START = 2, DRAM_END = 4, MEMSTART = 8, VA = 16 };

struct options {
    struct walk_hyp_va_cfg cfg;
    uint64_t va, dram_end;
    unsigned given; /* of enum given */
    bool vhe, json, help;
};

static void print_help(void)
{
    puts("usage: stage2sim info hyp-va --idmap PA --dram-start PA --dram-end PA\n"
         "           [--va-bits N] [--granule 4K|16K|64K] [--memstart PA]\n"
         "           [--seed N | --random VALUE] [--va KERNEL_VA] [--json]\n"
         "       stage2sim info hyp-va --vhe [--va KERNEL_VA] [--json]\n\n"
         "Where EL2 without VHE puts its view of the kernel's linear map.\n"
         "  --idmap PA       the code that turns the MMU of EL2 on\n"
         "  --dram-start PA  first byte of memory\n"
         "  --dram-end PA    first byte behind it\n"
         "  --va-bits N      VA_BITS of the kernel; default 48\n"
         "  --granule SIZE   default 4K\n"
         "  --memstart PA    where the linear map begins; default the start of memory\n"
         "                   rounded down to 1 GiB (512 MiB with 64K)\n"
         "  --seed N         random tag bits, as with CONFIG_RANDOMIZE_BASE\n"
         "  --random VALUE   the 64 random bits themselves\n"
         "  --va KERNEL_VA   translate this address of the linear map, too\n"
         "  --vhe            the kernel runs at EL2");
}

/* ---- the command line ---- */

static bool take_number(int c, struct options *o)
{
    uint64_t n;

    if (!info_read_count(TOPIC, c == 'b' ? "--va-bits" : "--seed", optarg,
                         c == 'b' ? 25 : 0, c == 'b' ? 52 : UINT64_MAX, &n))
        return false;
    if (c == 'b') {
        o->cfg.va_bits = (uint8_t)n;
    } else {
        o->cfg.random = guest_random(guest_stream(n, 0, 0), 0);
        o->cfg.randomize = true;
    }
    return true;
}

static bool take_address(int c, struct options *o)
{
    static const struct {
        int c;
        const char *option;
        unsigned given;
    } rows[] = {{'i', "--idmap", IDMAP},       {'s', "--dram-start", DRAM_START},
                {'e', "--dram-end", DRAM_END}, {'m', "--memstart", MEMSTART},
                {'r', "--random", 0},          {'a', "--va", VA}};
    uint64_t *const to[] = {&o->cfg.idmap.v,    &o->cfg.dram.v, &o->dram_end,
                            &o->cfg.memstart.v, &o->cfg.random, &o->va};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].c != c)
            continue;
        o->given |= rows[i].given;
        return info_read_address(TOPIC, rows[i].option, optarg, to[i]);
    }
    return false;
}

static bool take_option(int c, struct options *o)
{
    switch (c) {
    case 'g':
        return info_read_granule(TOPIC, optarg, &o->cfg.tg);
    case 'b':
    case 'd':
        return take_number(c, o);
    case 'r':
        o->cfg.randomize = true;
        return take_address(c, o);
    case 'v':
        return o->vhe = true;
    case 'j':
        return o->json = true;
    case 'h':
        return o->help = true;
    default:
        return take_address(c, o);
    }
}

static bool parse(int argc, char **argv, struct options *o)
{
    static const struct option options[] = {
        {"idmap", required_argument, NULL, 'i'},
        {"dram-start", required_argument, NULL, 's'},
        {"dram-end", required_argument, NULL, 'e'},
        {"memstart", required_argument, NULL, 'm'},
        {"random", required_argument, NULL, 'r'},
        {"va", required_argument, NULL, 'a'},
        {"granule", required_argument, NULL, 'g'},
        {"va-bits", required_argument, NULL, 'b'},
        {"seed", required_argument, NULL, 'd'},
        {"vhe", no_argument, NULL, 'v'},
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
    return true;
}

/* Completes o->cfg and computes the layout; an exit code. */
static int layout(struct options *o, struct walk_hyp_va *h)
{
    const unsigned needed = IDMAP | DRAM_START | DRAM_END;

    if ((o->given & needed) != needed)
        return cli_usage_error(TOPIC,
                               "--idmap, --dram-start and --dram-end are needed, "
                               "or --vhe");
    if (o->dram_end <= o->cfg.dram.v)
        return cli_usage_error(
            TOPIC, "--dram-end: 0x%" PRIx64 " is not above --dram-start", o->dram_end);
    o->cfg.dram_last = arch_pa(o->dram_end - 1);
    if (!(o->given & MEMSTART))
        o->cfg.memstart = walk_hyp_va_memstart(o->cfg.tg, o->cfg.dram);
    switch (walk_hyp_va_init(&o->cfg, h)) {
    case ARCH_OK:
        break;
    case ARCH_ERR_T0SZ:
        return cli_usage_error(
            TOPIC, "--idmap: no TCR_EL2 reaches 0x%" PRIx64 "; accepted: below 2^52",
            o->cfg.idmap.v);
    default:
        return cli_usage_error(TOPIC,
                               "--dram-start, --dram-end: memory must have a page, "
                               "begin at --memstart (0x%" PRIx64
                               ") or above and end less than 2^%u bytes behind it",
                               o->cfg.memstart.v, o->cfg.va_bits - 1u);
    }
    if (o->given & VA && (o->va < h->linear || o->va > h->linear_last))
        return cli_usage_error(TOPIC,
                               "--va: 0x%" PRIx64
                               " is not in the linear map; accepted: "
                               "0x%" PRIx64 " to 0x%" PRIx64,
                               o->va, h->linear, h->linear_last);
    return CLI_OK;
}

/* ---- with VHE ---- */

static int print_vhe(const struct options *o)
{
    if (o->json) {
        json_t *doc = json_pack("{s:b, s:i}", "vhe", 1, "instructions", 0);

        if (o->given & VA)
            json_object_set_new(doc, "hyp_va", info_hex(o->va));
        info_print_json(doc);
        return CLI_OK;
    }
    puts(
        "VHE: the kernel itself runs at EL2, in EL2&0 with its own tables. There is no "
        "HYP VA\nto convert to; the instructions that would do it are patched to NOP.");
    if (o->given & VA)
        printf("\nkernel VA 0x%" PRIx64 " -> the same\n", o->va);
    return CLI_OK;
}

/* ---- text ---- */

static void print_half(const struct options *o, const struct walk_hyp_va *h)
{
    const unsigned v = o->cfg.va_bits;

    printf("kernel       VA_BITS %u, %s pages: %u levels\n", v,
           info_granule_name(o->cfg.tg), h->kernel_levels);
    printf("linear map   0x%" PRIx64 " to 0x%" PRIx64 " is PA 0x%" PRIx64
           " to 0x%" PRIx64 "\n",
           h->linear, h->linear_last, o->cfg.dram.v, o->cfg.dram_last.v);
    printf("idmap        PA 0x%" PRIx64 ": ", o->cfg.idmap.v);
    if (h->idmap_outside)
        printf("outside the %u bits of the kernel. EL2 translates %u bits with %u "
               "levels,\n             %u more than the kernel; no half conflicts, bit "
               "%u of the PA decides all the same\n",
               v, h->el2_bits, h->el2_levels, h->el2_levels - h->kernel_levels, v - 1);
    else
        printf("bit %u is %d: in the %s half of 2^%u\n", v - 1, h->min == 0,
               h->min ? "bottom" : "top", v);
    printf("EL2          the %s half; T0SZ %u, %u levels\n", h->min ? "top" : "bottom",
           64u - h->el2_bits, h->el2_levels);
    printf("HYP_VA_MIN   0x%016" PRIx64 "\nHYP_VA_MAX   0x%016" PRIx64 "\n", h->min,
           h->max);
}

static void print_tag(const struct options *o, const struct walk_hyp_va *h)
{
    const unsigned v = o->cfg.va_bits;
    const unsigned free_n = v - 1u - h->tag_lsb;

    printf("va_mask      0x%016" PRIx64 ": bits [%u:0] of the kernel VA stay\n",
           h->va_mask, h->tag_lsb - 1u);
    printf("tag          0x%016" PRIx64 ": bit %u is the half", h->tag, v - 1);
    if (free_n == 0)
        printf(", no bit is free\n");
    else
        printf(", bits [%u:%u] are %s\n", v - 2, h->tag_lsb,
               o->cfg.randomize ? "random" : "free and 0");
    printf("HYP VA       (kernel VA & va_mask) | tag, %u instruction%s\n",
           h->instructions_n, h->instructions_n == 1 ? "" : "s");
    printf("memory at    0x%016" PRIx64 " to 0x%016" PRIx64 "\n", h->first, h->last);
    if (o->given & VA)
        printf("\nkernel VA 0x%" PRIx64 " -> HYP VA 0x%" PRIx64 " (PA 0x%" PRIx64 ")\n",
               o->va, walk_hyp_va_of(h, (struct arch_va){o->va}),
               o->va - h->linear + o->cfg.dram.v);
}

/* ---- JSON ---- */

static void print_json(const struct options *o, const struct walk_hyp_va *h)
{
    json_t *doc = json_pack(
        "{s:b, s:i, s:s, s:o, s:o, s:o, s:b, s:s, s:i, s:i, s:i}", "vhe", 0, "va_bits",
        (int)o->cfg.va_bits, "granule", info_granule_name(o->cfg.tg), "idmap",
        info_hex(o->cfg.idmap.v), "linear_first", info_hex(h->linear), "linear_last",
        info_hex(h->linear_last), "idmap_outside", (int)h->idmap_outside, "half",
        h->min ? "top" : "bottom", "kernel_levels", (int)h->kernel_levels, "el2_t0sz",
        64 - (int)h->el2_bits, "el2_levels", (int)h->el2_levels);

    json_object_update_new(
        doc, json_pack("{s:o, s:o, s:o, s:i, s:o, s:i, s:o, s:o}", "hyp_va_min",
                       info_hex(h->min), "hyp_va_max", info_hex(h->max), "va_mask",
                       info_hex(h->va_mask), "tag_lsb", (int)h->tag_lsb, "tag",
                       info_hex(h->tag), "instructions", (int)h->instructions_n,
                       "memory_first", info_hex(h->first), "memory_last",
                       info_hex(h->last)));
    if (o->given & VA)
        json_object_set_new(doc, "hyp_va",
                            info_hex(walk_hyp_va_of(h, (struct arch_va){o->va})));
    info_print_json(doc);
}

int info_hyp_va(int argc, char **argv)
{
    struct options o = {.cfg = {.tg = ARCH_TG_4K, .va_bits = 48}};
    struct walk_hyp_va h;
    int status;

    if (!parse(argc, argv, &o))
        return CLI_INPUT;
    if (o.help) {
        print_help();
        return CLI_OK;
    }
    if (o.vhe)
        return print_vhe(&o);
    status = layout(&o, &h);
    if (status != CLI_OK)
        return status;
    if (o.json) {
        print_json(&o, &h);
    } else {
        print_half(&o, &h);
        print_tag(&o, &h);
    }
    return CLI_OK;
}
