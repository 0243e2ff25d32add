/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/units.c - numbers with units. */
#include "model/scenario/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef unsigned __int128 scn_u128;

#define DIGITS_MAX 15 /* of the whole part; with 9 of the fraction 128 bits suffice */
#define FRACTION_MAX 9
#define KIB UINT64_C(1024)

struct unit {
    const char *name;
    uint64_t base; /* base units in one of these; 0: a cycle */
};

struct quantity {
    const char *names;
    struct unit units[10]; /* ascending within one spelling; ended by a NULL name */
};

static const struct quantity quantities[] = {
    [SCN_Q_TIME] = {"ps, ns, us, ms, s or cycles",
                    {{"ps", 1},
                     {"ns", 1000},
                     {"us", 1000000},
                     {"ms", 1000000000},
                     {"s", UINT64_C(1000000000000)},
                     {"cycles", 0}}},
    [SCN_Q_SIZE] = {"B, KiB, MiB, GiB or TiB, or K, M, G, T for the same",
                    {{"B", 1},
                     {"KiB", KIB},
                     {"MiB", KIB *KIB},
                     {"GiB", KIB *KIB *KIB},
                     {"TiB", KIB *KIB *KIB *KIB},
                     {"K", KIB},
                     {"M", KIB *KIB},
                     {"G", KIB *KIB *KIB},
                     {"T", KIB *KIB *KIB *KIB}}},
    [SCN_Q_PERCENT] = {"%", {{"%", 10000}}},
    [SCN_Q_FREQ] = {"kHz, MHz or GHz", {{"kHz", 1}, {"MHz", 1000}, {"GHz", 1000000}}},
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A decimal number as digits / scale; rest: what follows it. */
struct decimal {
    scn_u128 digits;
    uint64_t scale;
    const char *rest;
};

static enum scn_unit_status parse_decimal(const char *text, struct decimal *d)
{
    const char *p = text;
    unsigned whole_n = 0, fraction_n = 0;
    *d = (struct decimal){.scale = 1};
    for (; is_digit(*p); p++) {
        if (++whole_n > DIGITS_MAX)
            return SCN_UNIT_TOO_LARGE;
        d->digits = d->digits * 10 + (unsigned)(*p - '0');
    }
    if (whole_n == 0)
        return SCN_UNIT_NUMBER;
    if (*p == '.') {
        for (p++; is_digit(*p); p++) {
            if (++fraction_n > FRACTION_MAX)
                return SCN_UNIT_TOO_FINE;
            d->digits = d->digits * 10 + (unsigned)(*p - '0');
            d->scale *= 10;
        }
        if (fraction_n == 0)
            return SCN_UNIT_NUMBER;
    }
    d->rest = p;
    return SCN_UNIT_OK;
}

static const struct unit *find_unit(enum scn_quantity q, const char *name)
{
    for (const struct unit *u = quantities[q].units; u->name; u++)
        if (strcmp(u->name, name) == 0)
            return u;
    return NULL;
}

enum scn_unit_status scn_parse_quantity(const char *text, enum scn_quantity q,
                                        uint64_t clock_khz, uint64_t *out)
{
    struct decimal d;
    enum scn_unit_status status = parse_decimal(text, &d);
    if (status != SCN_UNIT_OK)
        return status;
    if (*d.rest == '\0')
        return SCN_UNIT_MISSING;
    const struct unit *u = find_unit(q, d.rest + (*d.rest == ' '));
    if (!u)
        return SCN_UNIT_UNKNOWN;
    scn_u128 value;
    if (u->base != 0) {
        value = d.digits * u->base;
        if (value % d.scale != 0)
            return SCN_UNIT_TOO_FINE;
        value /= d.scale;
    } else { /* 1e9 ps per 1/kHz, rounded to the nearest */
        scn_u128 den = (scn_u128)d.scale * clock_khz;
        value = (d.digits * 1000000000u + den / 2) / den;
    }
    if (value > UINT64_MAX)
        return SCN_UNIT_TOO_LARGE;
    *out = (uint64_t)value;
    return SCN_UNIT_OK;
}

enum scn_unit_status scn_parse_count(const char *text, uint64_t *out)
{
    uint64_t value = 0;
    const char *p = text;
    for (; is_digit(*p); p++) {
        uint64_t digit = (uint64_t)(*p - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return SCN_UNIT_TOO_LARGE;
        value = value * 10 + digit;
    }
    if (p == text || *p != '\0')
        return SCN_UNIT_NUMBER;
    *out = value;
    return SCN_UNIT_OK;
}

enum scn_unit_status scn_parse_address(const char *text, uint64_t *out)
{
    if (strncmp(text, "0x", 2) != 0)
        return scn_parse_count(text, out);
    const char *digits = text + 2;
    size_t n = strspn(digits, "0123456789abcdefABCDEF");
    if (n == 0 || digits[n] != '\0')
        return SCN_UNIT_NUMBER;
    if (n > 16)
        return SCN_UNIT_TOO_LARGE;
    *out = strtoull(digits, NULL, 16);
    return SCN_UNIT_OK;
}

enum scn_unit_status scn_parse_number(const char *text, double *out)
{
    char *end;
    if (text[strspn(text, "+-.0123456789eE")] != '\0')
        return SCN_UNIT_NUMBER;
    double value = strtod(text, &end);
    if (end == text || *end != '\0')
        return SCN_UNIT_NUMBER;
    if (!isfinite(value))
        return SCN_UNIT_TOO_LARGE;
    *out = value;
    return SCN_UNIT_OK;
}

const char *scn_unit_names(enum scn_quantity q)
{
    return quantities[q].names;
}

void scn_format_quantity(enum scn_quantity q, uint64_t value,
                         char buf[SCN_QUANTITY_TEXT_MAX])
{
    const struct unit *best = &quantities[q].units[0];
    if (q == SCN_Q_PERCENT) {
        snprintf(buf, SCN_QUANTITY_TEXT_MAX, "%g%%", (double)value / 10000.0);
        return;
    }
    for (const struct unit *u = best; u->name; u++)
        if (u->base > best->base && value != 0 && value % u->base == 0)
            best = u;
    snprintf(buf, SCN_QUANTITY_TEXT_MAX, "%" PRIu64 "%s", value / best->base,
             best->name);
}

void scn_format_page(unsigned shift, char buf[SCN_QUANTITY_TEXT_MAX])
{
    static const char letters[] = "BKMGTPE";
    snprintf(buf, SCN_QUANTITY_TEXT_MAX, "%u%c", 1u << (shift % 10),
             letters[shift / 10]);
}
