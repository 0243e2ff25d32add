/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/info_geometry_print.c - the rows as text, CSV and JSON. */
#include "model/cli/info_geometry.h"

#include <inttypes.h>

#define GIB (UINT64_C(1) << 30)

static uint64_t start_bytes(const struct geometry_row *row)
{
    return (uint64_t)row->option.geometry.start_entries * ARCH_DESC_BYTES;
}

/* Tables that map the first bytes of the space with pages, or all of a smaller one. */
static uint64_t table_bytes(const struct geometry_row *row, uint64_t bytes)
{
    const uint64_t space = UINT64_C(1) << row->ipa_bits;

    return walk_s2_table_bytes(row->tg, &row->option.geometry,
                               bytes < space ? bytes : space);
}

static int fake_levels(const struct geometry_row *row, unsigned va)
{
    return walk_fake_levels(walk_s1_levels(row->tg, row->va_bits[va]), row->levels);
}

static unsigned shift_of(uint64_t power)
{
    return (unsigned)__builtin_ctzll(power);
}

/* ---- text ---- */

static void text_header(const struct geometry_options *o)
{
    printf("PA size %u bits, %s FEAT_TTST, %s FEAT_LPA2; * is KVM's choice%s\n\n",
           o->impl.pa_bits, o->impl.ttst ? "with" : "without",
           o->impl.lpa2 ? "with" : "without",
           o->impl.lpa2 ? " on a host that uses the DS of the row" : "");
    printf("  %-7s %3s  %5s %6s  %2s %3s %3s %4s  %6s %5s %5s  %-7s  %-13s  %s\n",
           "granule", "IPA", "start", "levels", "DS", "SL2", "SL0", "T0SZ", "tables",
           "bytes", "align", "BADDR", "blocks", "fake levels by host VA bits");
}

static void blocks_text(const struct geometry_row *row, char *text, size_t bytes)
{
    size_t at = 0;

    snprintf(text, bytes, "none");
    for (unsigned shift = 0; shift < 60; shift++) {
        char size[INFO_SIZE_TEXT_MAX];

        if (row->option.block_shifts >> shift & 1)
            at += (size_t)snprintf(text + at, bytes - at, "%s%s", at ? " " : "",
                                   info_size_text(shift, size));
    }
}

static void text_row(const struct geometry_row *row, const struct geometry_options *o,
                     void *ctx)
{
    const struct walk_s2_geometry *g = &row->option.geometry;
    const struct arch_vtcr *vtcr = &row->option.vtcr;
    char blocks[64], bytes[INFO_SIZE_TEXT_MAX], align[INFO_SIZE_TEXT_MAX];

    (void)o, (void)ctx;
    blocks_text(row, blocks, sizeof blocks);
    printf("%c %-7s %3u  %5d %6u  %2d %3d %3u %4u  %6u %5s %5s  [47:%u]%s  %-13s ",
           row->option.kvm ? '*' : ' ', info_granule_name(row->tg), row->ipa_bits,
           g->start_level, row->levels, vtcr->ds, vtcr->sl2, vtcr->sl0, vtcr->t0sz,
           g->tables_n, info_size_text(shift_of(start_bytes(row)), bytes),
           info_size_text(g->align_shift, align), g->align_shift,
           g->align_shift < 10 ? " " : "", blocks);
    for (unsigned i = 0; i < row->vas_n; i++) {
        const int fake = fake_levels(row, i);

        if (fake == WALK_FAKE_UNSUPPORTED)
            printf(" %u:unsupported", row->va_bits[i]);
        else
            printf(" %u:%d", row->va_bits[i], fake);
    }
    putchar('\n');
}

/* ---- CSV ---- */

static void csv_header(void)
{
    puts("granule,ipa_bits,pa_bits,kvm,start_level,levels,ds,sl2,sl0,t0sz,vtcr_el2,"
         "tables,start_entries,start_bytes,align_bytes,vttbr_x,blocks_bytes,"
         "pa_bits_min,needs_ttst,tables_1_page_bytes,tables_1_gib_bytes,"
         "walk_reads,host_va_bits,host_levels,fake_levels,nested_reads");
}

static void csv_geometry(const struct geometry_row *row,
                         const struct geometry_options *o)
{
    const struct walk_s2_geometry *g = &row->option.geometry;
    const struct arch_vtcr *vtcr = &row->option.vtcr;
    bool first = true;

    printf("%s,%u,%u,%d,%d,%u,%d,%d,%u,%u,0x%" PRIx64 ",%u,%u,%" PRIu64 ",%u,%u,",
           info_granule_name(row->tg), row->ipa_bits, o->impl.pa_bits, row->option.kvm,
           g->start_level, row->levels, vtcr->ds, vtcr->sl2, vtcr->sl0, vtcr->t0sz,
           arch_vtcr_encode(vtcr), g->tables_n, g->start_entries, start_bytes(row),
           1u << g->align_shift, g->align_shift);
    for (unsigned shift = 0; shift < 60; shift++) {
        if (row->option.block_shifts >> shift & 1) {
            printf("%s%" PRIu64, first ? "" : " ", UINT64_C(1) << shift);
            first = false;
        }
    }
    printf(",%u,%d,%" PRIu64 ",%" PRIu64 ",%u", row->option.pa_bits_min,
           row->option.needs_ttst, table_bytes(row, 1), table_bytes(row, GIB),
           row->levels);
}

static void csv_row(const struct geometry_row *row, const struct geometry_options *o,
                    void *ctx)
{
    (void)ctx;
    for (unsigned i = 0; i < row->vas_n; i++) {
        const unsigned levels = walk_s1_levels(row->tg, row->va_bits[i]);
        const int fake = fake_levels(row, i);

        csv_geometry(row, o);
        printf(",%u,%u,", row->va_bits[i], levels);
        if (fake == WALK_FAKE_UNSUPPORTED)
            printf("unsupported");
        else
            printf("%d", fake);
        printf(",%u\n", walk_nested_reads(levels, row->levels));
    }
}

/* ---- JSON ---- */

static json_t *blocks_json(const struct geometry_row *row)
{
    json_t *list = json_array();

    for (unsigned shift = 0; shift < 60; shift++) {
        if (row->option.block_shifts >> shift & 1)
            json_array_append_new(list, json_integer((json_int_t)1 << shift));
    }
    return list;
}

static json_t *hosts_json(const struct geometry_row *row)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < row->vas_n; i++) {
        const unsigned levels = walk_s1_levels(row->tg, row->va_bits[i]);
        const int fake = fake_levels(row, i);

        json_array_append_new(
            list,
            json_pack("{s:i, s:i, s:o, s:i}", "host_va_bits", (int)row->va_bits[i],
                      "host_levels", (int)levels, "fake_levels",
                      fake == WALK_FAKE_UNSUPPORTED ? json_string("unsupported")
                                                    : json_integer(fake),
                      "nested_reads", (int)walk_nested_reads(levels, row->levels)));
    }
    return list;
}

static void json_row(const struct geometry_row *row, const struct geometry_options *o,
                     void *ctx)
{
    const struct walk_s2_geometry *g = &row->option.geometry;
    const struct arch_vtcr *vtcr = &row->option.vtcr;
    json_t *doc =
        json_pack("{s:s, s:i, s:i, s:b, s:i, s:i, s:b, s:i, s:i, s:i, s:o}", "granule",
                  info_granule_name(row->tg), "ipa_bits", (int)row->ipa_bits, "pa_bits",
                  (int)o->impl.pa_bits, "kvm", (int)row->option.kvm, "start_level",
                  g->start_level, "levels", (int)row->levels, "ds", (int)vtcr->ds,
                  "sl2", (int)vtcr->sl2, "sl0", (int)vtcr->sl0, "t0sz", (int)vtcr->t0sz,
                  "vtcr_el2", info_hex(arch_vtcr_encode(vtcr)));

    json_object_update_new(
        doc,
        json_pack("{s:i, s:i, s:I, s:i, s:i, s:o, s:i, s:b, s:I, s:I, s:i, s:o}",
                  "tables", (int)g->tables_n, "start_entries", (int)g->start_entries,
                  "start_bytes", (json_int_t)start_bytes(row), "align_bytes",
                  1 << g->align_shift, "vttbr_x", (int)g->align_shift, "blocks_bytes",
                  blocks_json(row), "pa_bits_min", (int)row->option.pa_bits_min,
                  "needs_ttst", (int)row->option.needs_ttst, "tables_1_page_bytes",
                  (json_int_t)table_bytes(row, 1), "tables_1_gib_bytes",
                  (json_int_t)table_bytes(row, GIB), "walk_reads", (int)row->levels,
                  "hosts", hosts_json(row)));
    json_array_append_new(ctx, doc);
}

void geometry_print(const struct geometry_options *o)
{
    json_t *list;

    switch (o->format) {
    case INFO_CSV:
        csv_header();
        geometry_each(o, csv_row, NULL);
        break;
    case INFO_JSON:
        list = json_array();
        geometry_each(o, json_row, list);
        info_print_json(json_pack("{s:i, s:b, s:b, s:o}", "pa_bits",
                                  (int)o->impl.pa_bits, "ttst", (int)o->impl.ttst,
                                  "lpa2", (int)o->impl.lpa2, "geometries", list));
        break;
    case INFO_TEXT:
        text_header(o);
        geometry_each(o, text_row, NULL);
        break;
    }
}
