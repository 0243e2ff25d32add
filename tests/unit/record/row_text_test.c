/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/record/row_text_test.c - numbers in result files, against printf. */
#include "model/record/row_text.h"
#include "tests/unit/walker/rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What the documentation promises: three decimals, below 1 six, no zeros at the end. */
static void print_ns(char *out, size_t n, uint64_t ps)
{
    const double v = (double)ps / 1000;
    size_t end = (size_t)snprintf(out, n, v < 1 ? "%.6f" : "%.3f", v);

    while (out[end - 1] == '0')
        end--;
    end -= out[end - 1] == '.';
    out[end] = '\0';
}

static void check_ns(uint64_t ps)
{
    char got[REC_NUMBER_MAX + 1], want[REC_NUMBER_MAX];

    print_ns(want, sizeof want, ps);
    got[rec_text_ns(got, ps)] = '\0';
    if (strcmp(got, want) != 0)
        fail_msg("%" PRIu64 " ps: %s, want %s", ps, got, want);
}

static void a_time_is_the_same_text_as_its_double_in_ns(void **state)
{
    static const uint64_t edges[] = {0,    1,    9,    10,   99,    100,    500,    999,
                                     1000, 1001, 1010, 1100, 10000, 999999, 1000000};

    (void)state;
    for (size_t i = 0; i < ROWS_N(edges); i++)
        check_ns(edges[i]);
    for (unsigned shift = 4; shift < 64; shift++) {
        for (uint64_t i = 0; i < 4000; i++)
            check_ns((UINT64_C(1) << shift) - 2000 + i);
    }
}

static void counts_and_addresses_are_as_printf_has_them(void **state)
{
    (void)state;
    for (unsigned shift = 0; shift < 64; shift++) {
        for (int off = -1; off <= 1; off++) {
            const uint64_t v = (UINT64_C(1) << shift) + (uint64_t)off;
            char got[REC_NUMBER_MAX + 1], want[64];

            snprintf(want, sizeof want, "%" PRIu64 "0x%" PRIx64, v, v);
            size_t n = rec_text_count(got, v);
            n += rec_text_hex(got + n, v);
            got[n] = '\0';
            if (strcmp(got, want) != 0)
                fail_msg("%s, want %s", got, want);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_is_the_same_text_as_its_double_in_ns),
        cmocka_unit_test(counts_and_addresses_are_as_printf_has_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
