/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/trace/trace_xz_test.c - .xz recordings: whole, joined, cut off, damaged.
 */
#include "tests/unit/trace/trace_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LINE " kvm_page_table_-381     [001] d....    73.001267: kvm_entry: PC: 0x1\n"

/* The shipped recording as text. */
static char *shipped_text(size_t *len)
{
    size_t xz_len = 0;
    unsigned char *xz = fixture_read(FIXTURE_SHIPPED, &xz_len);

    assert_non_null(xz);

    char *text = fixture_unxz(xz, xz_len, len);

    free(xz);
    return text;
}

static void import_ok(const void *bytes, size_t len, struct trace *t)
{
    struct trace_error err;

    if (!fixture_import(bytes, len, t, &err))
        fail_msg("line %u: %s", err.line, err.text);
}

static void xz_and_plain_text_give_the_same_events(void **state)
{
    size_t len = 0;
    size_t xz_len = 0;
    char *text = shipped_text(&len);
    unsigned char *xz = fixture_xz(text, len, &xz_len);
    struct trace plain;
    struct trace packed;

    (void)state;
    import_ok(text, len, &plain);
    import_ok(xz, xz_len, &packed);
    assert_int_equal(plain.events_n, packed.events_n);
    for (size_t i = 0; i < plain.events_n; i++)
        assert_memory_equal(&plain.events[i], &packed.events[i],
                            sizeof(plain.events[i]));
    trace_free(&plain);
    trace_free(&packed);
    free(xz);
    free(text);
}

static void joined_xz_streams_are_one_recording(void **state)
{
    size_t xz_len = 0;
    unsigned char *xz = fixture_xz(LINE, strlen(LINE), &xz_len);
    unsigned char *two = malloc(2 * xz_len);
    struct trace t;

    (void)state;
    assert_non_null(two);
    memcpy(two, xz, xz_len);
    memcpy(two + xz_len, xz, xz_len);
    import_ok(two, 2 * xz_len, &t);
    assert_int_equal(t.events_n, 2);
    assert_int_equal(t.events[1].line, 2);
    assert_int_equal(t.events[1].offset, strlen(LINE));
    trace_free(&t);
    free(two);
    free(xz);
}

static void a_cut_off_xz_is_an_error_that_names_the_offset(void **state)
{
    static const size_t magic_len = 6;
    size_t len = 0;
    size_t xz_len = 0;
    char *text = shipped_text(&len);
    unsigned char *xz = fixture_xz(text, 4000, &xz_len);

    (void)state;
    for (size_t cut = magic_len; cut < xz_len; cut++) {
        struct trace t;
        struct trace_error err;
        char want[80];

        snprintf(want, sizeof(want), "cut off: it ends at byte %zu ", cut);
        if (fixture_import(xz, cut, &t, &err))
            fail_msg("accepted %zu of %zu bytes", cut, xz_len);
        if (strstr(err.text, want) == NULL)
            fail_msg("cut at %zu: %s", cut, err.text);
    }
    free(xz);
    free(text);
}

static void lines_before_the_cut_tell_how_far_the_text_goes(void **state)
{
    size_t xz_len = 0;
    unsigned char *xz = fixture_read(FIXTURE_SHIPPED, &xz_len);
    struct trace t;
    struct trace_error err;

    (void)state;
    assert_non_null(xz);
    assert_false(fixture_import(xz, xz_len / 2, &t, &err));
    assert_non_null(strstr(err.text, "cut off: it ends at byte 9410 "));
    assert_in_range(err.line, 1000, 5394);
    assert_in_range(err.offset, 100000, 700000);
    free(xz);
}

static void every_damaged_bit_of_an_xz_is_an_error(void **state)
{
    size_t xz_len = 0;
    unsigned char *xz = fixture_xz(LINE LINE LINE, 3 * strlen(LINE), &xz_len);

    (void)state;
    for (size_t bit = 0; bit < 8 * xz_len; bit++) {
        struct trace t;
        struct trace_error err;

        xz[bit / 8] ^= (unsigned char)(1u << bit % 8);
        if (fixture_import(xz, xz_len, &t, &err))
            fail_msg("accepted with bit %zu of byte %zu flipped", bit % 8, bit / 8);
        assert_true(err.text[0] != '\0');
        xz[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    free(xz);
}

static void garbage_behind_an_xz_is_an_error(void **state)
{
    size_t xz_len = 0;
    unsigned char *xz = fixture_xz(LINE, strlen(LINE), &xz_len);
    static const char garbage[] = "and something else";
    unsigned char *longer = malloc(xz_len + sizeof(garbage));
    struct trace t;
    struct trace_error err;

    (void)state;
    assert_non_null(longer);
    memcpy(longer, xz, xz_len);
    memcpy(longer + xz_len, garbage, sizeof(garbage));
    assert_false(fixture_import(longer, xz_len + sizeof(garbage), &t, &err));
    assert_non_null(strstr(err.text, "damaged"));
    free(longer);
    free(xz);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(xz_and_plain_text_give_the_same_events),
        cmocka_unit_test(joined_xz_streams_are_one_recording),
        cmocka_unit_test(a_cut_off_xz_is_an_error_that_names_the_offset),
        cmocka_unit_test(lines_before_the_cut_tell_how_far_the_text_goes),
        cmocka_unit_test(every_damaged_bit_of_an_xz_is_an_error),
        cmocka_unit_test(garbage_behind_an_xz_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
