/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/info_geometry.h - the rows of info geometry, and who writes them. */
#ifndef MODEL_CLI_INFO_GEOMETRY_H
#define MODEL_CLI_INFO_GEOMETRY_H

#include "model/cli/info_priv.h"
#include "walker/s2_options.h"

#define GEOMETRY_VA_SIZES_MAX 4

struct geometry_options {
    enum arch_tg tg;  /* 0: all */
    uint64_t va_bits; /* 0: those of Linux */
    uint64_t ipa_bits_first, ipa_bits_last;
    struct walk_s2_impl impl;
    enum info_format format;
    bool help;
};

/* One geometry of one IPA space. */
struct geometry_row {
    enum arch_tg tg;
    unsigned ipa_bits, levels;
    struct walk_s2_option option;
    unsigned va_bits[GEOMETRY_VA_SIZES_MAX], vas_n;
};

typedef void print_row(const struct geometry_row *row, const struct geometry_options *o,
                       void *ctx);

typedef void geometry_visit(const struct geometry_row *row,
                            const struct geometry_options *o, void *ctx);

/* Calls visit for each row; returns how many there are. */
size_t geometry_each(const struct geometry_options *o, geometry_visit *visit,
                     void *ctx);

/* The table on stdout. */
void geometry_print(const struct geometry_options *o);

#endif
