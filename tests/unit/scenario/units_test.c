/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/scenario/units_test.c - numbers with units. */
#include "model/scenario/units.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct row {
    const char *text;
    enum scn_unit_status status;
    uint64_t want; /* with SCN_UNIT_OK */
    const char *rule;
};

static void check(const struct row *row, enum scn_unit_status status, uint64_t got)
{
    if (status != row->status || (status == SCN_UNIT_OK && got != row->want))
        fail_msg("'%s' (%s): got status %d value %" PRIu64 ", want %d %" PRIu64,
                 row->text, row->rule, status, got, row->status, row->want);
}

static void check_quantity(const struct row *rows, size_t n, enum scn_quantity q,
                           uint64_t clock_khz)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t got = 0;
        enum scn_unit_status status =
            scn_parse_quantity(rows[i].text, q, clock_khz, &got);
        check(&rows[i], status, got);
    }
}

#define ROWS(rows) rows, sizeof(rows) / sizeof((rows)[0])

static void times_are_picoseconds_and_need_a_unit(void **state)
{
    static const struct row rows[] = {
        {"1ps", SCN_UNIT_OK, 1, "base unit"},
        {"1ns", SCN_UNIT_OK, 1000, "unit"},
        {"1us", SCN_UNIT_OK, 1000000, "unit"},
        {"1ms", SCN_UNIT_OK, 1000000000, "unit"},
        {"1s", SCN_UNIT_OK, 1000000000000, "unit"},
        {"0ns", SCN_UNIT_OK, 0, "zero has a unit too"},
        {"0", SCN_UNIT_MISSING, 0, "zero has a unit too"},
        {"300", SCN_UNIT_MISSING, 0, "no default unit"},
        {"300 ns", SCN_UNIT_OK, 300000, "one space"},
        {"300  ns", SCN_UNIT_UNKNOWN, 0, "one space only"},
        {"300ns ", SCN_UNIT_UNKNOWN, 0, "nothing follows"},
        {"300 parsec", SCN_UNIT_UNKNOWN, 0, "not a unit"},
        {"1MiB", SCN_UNIT_UNKNOWN, 0, "unit of another quantity"},
        {"1NS", SCN_UNIT_UNKNOWN, 0, "case counts"},
        {"7.75ns", SCN_UNIT_OK, 7750, "fraction"},
        {"0.001ns", SCN_UNIT_OK, 1, "the finest fraction"},
        {"0.0005ns", SCN_UNIT_TOO_FINE, 0, "finer than a ps"},
        {"1.0000000001s", SCN_UNIT_TOO_FINE, 0, "ten digits of fraction"},
        {"1.000000001s", SCN_UNIT_OK, 1000000001000, "nine digits of fraction"},
        {"1.ns", SCN_UNIT_NUMBER, 0, "a fraction has digits"},
        {".5ns", SCN_UNIT_NUMBER, 0, "a number begins with a digit"},
        {"-1ns", SCN_UNIT_NUMBER, 0, "no sign"},
        {"ns", SCN_UNIT_NUMBER, 0, "unit alone"},
        {"", SCN_UNIT_NUMBER, 0, "empty"},
        {"18446744s", SCN_UNIT_OK, UINT64_C(18446744000000000000), "largest second"},
        {"18446745s", SCN_UNIT_TOO_LARGE, 0, "one second more"},
        {"999999999999999ps", SCN_UNIT_OK, 999999999999999, "15 digits"},
        {"1000000000000000ps", SCN_UNIT_TOO_LARGE, 0, "16 digits"},
    };
    (void)state;
    check_quantity(ROWS(rows), SCN_Q_TIME, 1000000);
}

static void cycles_round_to_the_nearest_picosecond(void **state)
{
    static const struct row at_2800_mhz[] = {
        {"1cycles", SCN_UNIT_OK, 357, "357.14 ps"},
        {"6 cycles", SCN_UNIT_OK, 2143, "2142.86 ps"},
        {"14 cycles", SCN_UNIT_OK, 5000, "exact"},
    };
    static const struct row at_2_ghz[] = {
        {"1 cycles", SCN_UNIT_OK, 500, "exact"},
        {"0.001 cycles", SCN_UNIT_OK, 1, "half a ps rounds up"},
        {"0.000999 cycles", SCN_UNIT_OK, 0, "less than half rounds down"},
    };
    (void)state;
    check_quantity(ROWS(at_2800_mhz), SCN_Q_TIME, 2800000);
    check_quantity(ROWS(at_2_ghz), SCN_Q_TIME, 2000000);
}

static void sizes_are_powers_of_1024(void **state)
{
    static const struct row rows[] = {
        {"64B", SCN_UNIT_OK, 64, "bytes"},
        {"4KiB", SCN_UNIT_OK, 4096, "KiB"},
        {"4K", SCN_UNIT_OK, 4096, "short form"},
        {"2M", SCN_UNIT_OK, 2097152, "short form"},
        {"512M", SCN_UNIT_OK, 536870912, "short form"},
        {"1G", SCN_UNIT_OK, 1073741824, "short form"},
        {"20GiB", SCN_UNIT_OK, UINT64_C(21474836480), "GiB"},
        {"1.5MiB", SCN_UNIT_OK, 1572864, "fraction"},
        {"0.3B", SCN_UNIT_TOO_FINE, 0, "whole bytes"},
        {"4096", SCN_UNIT_MISSING, 0, "no default unit"},
        {"1kB", SCN_UNIT_UNKNOWN, 0, "no powers of 1000"},
        {"16777215TiB", SCN_UNIT_OK, UINT64_C(16777215) << 40, "largest TiB"},
        {"16777216TiB", SCN_UNIT_TOO_LARGE, 0, "one more"},
    };
    (void)state;
    check_quantity(ROWS(rows), SCN_Q_SIZE, 1);
}

static void percentages_are_parts_per_million(void **state)
{
    static const struct row rows[] = {
        {"60%", SCN_UNIT_OK, 600000, "percent"},
        {"0.0001%", SCN_UNIT_OK, 1, "one ppm"},
        {"0.00001%", SCN_UNIT_TOO_FINE, 0, "below one ppm"},
        {"0.6", SCN_UNIT_MISSING, 0, "a share is written in percent"},
    };
    (void)state;
    check_quantity(ROWS(rows), SCN_Q_PERCENT, 1);
}

static void frequencies_are_kilohertz(void **state)
{
    static const struct row rows[] = {
        {"2.8GHz", SCN_UNIT_OK, 2800000, "GHz"},
        {"100MHz", SCN_UNIT_OK, 100000, "MHz"},
        {"1kHz", SCN_UNIT_OK, 1, "kHz"},
        {"3Ghz", SCN_UNIT_UNKNOWN, 0, "case counts"},
    };
    (void)state;
    check_quantity(ROWS(rows), SCN_Q_FREQ, 1);
}

static void counts_and_addresses_are_whole_numbers(void **state)
{
    static const struct row counts[] = {
        {"0", SCN_UNIT_OK, 0, "smallest"},
        {"18446744073709551615", SCN_UNIT_OK, UINT64_MAX, "largest"},
        {"18446744073709551616", SCN_UNIT_TOO_LARGE, 0, "one more"},
        {"0x10", SCN_UNIT_NUMBER, 0, "counts are decimal"},
        {"4K", SCN_UNIT_NUMBER, 0, "no unit"},
        {"+4", SCN_UNIT_NUMBER, 0, "no sign"},
        {"", SCN_UNIT_NUMBER, 0, "empty"},
    };
    static const struct row addresses[] = {
        {"0x40000000", SCN_UNIT_OK, 0x40000000, "hexadecimal"},
        {"0xFFFFffffFFFFffff", SCN_UNIT_OK, UINT64_MAX, "16 digits"},
        {"0x00000000000000000", SCN_UNIT_TOO_LARGE, 0, "17 digits"},
        {"4096", SCN_UNIT_OK, 4096, "decimal"},
        {"0x", SCN_UNIT_NUMBER, 0, "digits follow 0x"},
        {"0x4g", SCN_UNIT_NUMBER, 0, "hexadecimal digits"},
        {"40000000h", SCN_UNIT_NUMBER, 0, "no suffix"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        uint64_t got = 0;
        enum scn_unit_status status = scn_parse_count(counts[i].text, &got);
        check(&counts[i], status, got);
    }
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        uint64_t got = 0;
        enum scn_unit_status status = scn_parse_address(addresses[i].text, &got);
        check(&addresses[i], status, got);
    }
}

static void numbers_are_finite(void **state)
{
    static const struct {
        const char *text;
        enum scn_unit_status status;
        double want;
    } rows[] = {
        {"-1.5", SCN_UNIT_OK, -1.5},      {"1e3", SCN_UNIT_OK, 1000},
        {"1e999", SCN_UNIT_TOO_LARGE, 0}, {"nan", SCN_UNIT_NUMBER, 0},
        {"inf", SCN_UNIT_NUMBER, 0},      {"1x", SCN_UNIT_NUMBER, 0},
        {"0x10", SCN_UNIT_NUMBER, 0},     {"", SCN_UNIT_NUMBER, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double got = 0;
        enum scn_unit_status status = scn_parse_number(rows[i].text, &got);
        if (status != rows[i].status ||
            (status == SCN_UNIT_OK && memcmp(&got, &rows[i].want, sizeof(got)) != 0))
            fail_msg("'%s': got status %d value %g", rows[i].text, status, got);
    }
}

static void a_printed_value_reads_back_as_itself(void **state)
{
    static const struct {
        enum scn_quantity q;
        uint64_t value;
        const char *text;
    } rows[] = {
        {SCN_Q_TIME, 0, "0ps"},         {SCN_Q_TIME, 1500000, "1500ns"},
        {SCN_Q_TIME, 357, "357ps"},     {SCN_Q_TIME, UINT64_C(2000000000000), "2s"},
        {SCN_Q_SIZE, 1536, "1536B"},    {SCN_Q_SIZE, 2097152, "2MiB"},
        {SCN_Q_PERCENT, 600000, "60%"}, {SCN_Q_FREQ, 2800000, "2800MHz"},
        {SCN_Q_FREQ, 3000000, "3GHz"},  {SCN_Q_PERCENT, 1, "0.0001%"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[SCN_QUANTITY_TEXT_MAX];
        uint64_t back = ~rows[i].value;
        scn_format_quantity(rows[i].q, rows[i].value, text);
        assert_string_equal(text, rows[i].text);
        assert_int_equal(scn_parse_quantity(text, rows[i].q, 1, &back), SCN_UNIT_OK);
        assert_int_equal(back, rows[i].value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_picoseconds_and_need_a_unit),
        cmocka_unit_test(cycles_round_to_the_nearest_picosecond),
        cmocka_unit_test(sizes_are_powers_of_1024),
        cmocka_unit_test(percentages_are_parts_per_million),
        cmocka_unit_test(frequencies_are_kilohertz),
        cmocka_unit_test(counts_and_addresses_are_whole_numbers),
        cmocka_unit_test(numbers_are_finite),
        cmocka_unit_test(a_printed_value_reads_back_as_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
