/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/units.h - numbers with units, as they stand in a scenario file.
 *
 * A value is a decimal number, an optional space and a unit. It is kept as an integer
 * of the base unit: ps, bytes, parts per million, kHz. */
#ifndef MODEL_SCENARIO_UNITS_H
#define MODEL_SCENARIO_UNITS_H

#include "walker/arch/status.h"

#include <stddef.h>
#include <stdint.h>

enum scn_unit_status {
    SCN_UNIT_OK = 0,
    SCN_UNIT_NUMBER,    /* does not begin with a decimal number */
    SCN_UNIT_MISSING,   /* a number alone */
    SCN_UNIT_UNKNOWN,   /* a number and something that is not a unit of this quantity */
    SCN_UNIT_TOO_FINE,  /* not a whole number of base units, e.g. 0.5ps */
    SCN_UNIT_TOO_LARGE, /* more than 15 digits, or the result needs more than 64 bits */
};

enum scn_quantity {
    SCN_Q_TIME,    /* ps ns us ms s cycles; base ps; cycles round to the nearest ps */
    SCN_Q_SIZE,    /* B KiB MiB GiB TiB K M G T, all powers of 1024; base bytes */
    SCN_Q_PERCENT, /* %; base parts per million */
    SCN_Q_FREQ,    /* kHz MHz GHz; base kHz */
};

/* clock_khz: for cycles; not 0. */
ARCH_MUST_USE enum scn_unit_status scn_parse_quantity(const char *text,
                                                      enum scn_quantity q,
                                                      uint64_t clock_khz,
                                                      uint64_t *out);

/* A decimal integer without sign, unit or separators, of at most 64 bits. */
ARCH_MUST_USE enum scn_unit_status scn_parse_count(const char *text, uint64_t *out);

/* 0x and up to 16 hexadecimal digits, or a count. */
ARCH_MUST_USE enum scn_unit_status scn_parse_address(const char *text, uint64_t *out);

/* A finite decimal number, sign and exponent allowed. */
ARCH_MUST_USE enum scn_unit_status scn_parse_number(const char *text, double *out);

/* "ps, ns, us, ..." */
const char *scn_unit_names(enum scn_quantity q);

#define SCN_QUANTITY_TEXT_MAX 32

/* The value with the largest unit that leaves no fraction, e.g. "1500ns". */
void scn_format_quantity(enum scn_quantity q, uint64_t value,
                         char buf[SCN_QUANTITY_TEXT_MAX]);

/* The short form of a page size: 12 gives "4K", 30 gives "1G". */
void scn_format_page(unsigned shift, char buf[SCN_QUANTITY_TEXT_MAX]);

#endif
