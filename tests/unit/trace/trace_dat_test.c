/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/trace/trace_dat_test.c - trace.dat gives what trace-cmd report prints. */
#include "tests/unit/trace/trace_fixture.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define REPORT FIXTURE_DATA("kvm61-small.report.txt.xz")
#define DAT_6 FIXTURE_DATA("kvm61-small.v6.trace.dat.xz")
#define DAT_7 FIXTURE_DATA("kvm61-small.v7.trace.dat.zst")

static struct trace import_path(const char *path)
{
    struct trace t;
    struct trace_error err;

    if (!trace_import_file(path, &t, &err))
        fail_msg("%s: %s", err.file, err.text);
    return t;
}

static void both_versions_have_the_events_that_trace_cmd_reports(void **state)
{
    static const char *const files[] = {DAT_6, DAT_7};
    struct trace report = import_path(REPORT);

    (void)state;
    assert_int_equal(report.events_n, 529);
    for (size_t f = 0; f < 2; f++) {
        struct trace dat = import_path(files[f]);

        assert_int_equal(dat.events_n, report.events_n);
        for (size_t i = 0; i < dat.events_n; i++) {
            struct trace_event *a = &dat.events[i];
            struct trace_event *b = &report.events[i];

            /* trace-cmd rounds to microseconds. */
            if ((a->time_ns + 500) / 1000 * 1000 != b->time_ns)
                fail_msg("%s, record %zu: %" PRIu64 " ns", files[f], i, a->time_ns);
            a->time_ns = b->time_ns;
            a->offset = b->offset;
            a->line = b->line;
            if (memcmp(a, b, sizeof(*a)) != 0)
                fail_msg("%s, record %zu differs", files[f], i);
        }
        assert_int_equal(dat.not_understood, 0);
        trace_free(&dat);
    }
    trace_free(&report);
}

/* The text of all events but their times. */
static char *without_times(const char *path)
{
    size_t len;
    char *text = fixture_to_text(path, &len);
    char *to = text;

    for (char *line = text, *next; *line != '\0'; line = next) {
        char *cpu = strchr(line, ']');
        char *colon;

        next = strchr(line, '\n') + 1;
        if (*line == '#')
            continue;
        colon = strchr(cpu, ':');
        memmove(to, line, (size_t)(cpu - line));
        to += cpu - line;
        memmove(to, colon, (size_t)(next - colon));
        to += next - colon;
    }
    *to = '\0';
    return text;
}

static void the_text_of_a_trace_dat_is_that_of_the_report(void **state)
{
    char *report = without_times(REPORT);
    char *dat = without_times(DAT_6);

    (void)state;
    assert_string_equal(dat, report);
    free(report);
    free(dat);
}

static void a_trace_dat_tells_its_kernel_and_clock(void **state)
{
    const struct trace_sink none = {0};
    struct trace_reader *r = calloc(1, sizeof(*r));
    struct trace_error err;

    (void)state;
    assert_non_null(r);
    assert_true(trace_read_file(DAT_7, &none, r, &err));
    assert_int_equal(r->origin.format, TRACE_DAT);
    assert_int_equal(r->origin.packing, TRACE_ZST);
    assert_int_equal(r->origin.cpus_n, 4);
    assert_int_equal(r->origin.digits, 9);
    assert_string_equal(r->origin.kernel, "6.1.0-56-arm64");
    assert_string_equal(r->origin.clock, "mono");
    trace_reader_end(r);
    free(r);
}

static void a_cut_off_trace_dat_is_an_error(void **state)
{
    size_t xz_len;
    size_t len;
    unsigned char *xz = fixture_read(DAT_6, &xz_len);
    char *dat = fixture_unxz(xz, xz_len, &len);

    (void)state;
    for (size_t cut = 10; cut < len; cut += len / 12) {
        struct trace t;
        struct trace_error err;

        if (fixture_import(dat, cut, &t, &err))
            fail_msg("accepted %zu of %zu bytes", cut, len);
        if (strstr(err.text, "the trace.dat is damaged") == NULL)
            fail_msg("cut at %zu: %s", cut, err.text);
    }
    free(dat);
    free(xz);
}

/* The number of a format is changed, so that its events have none. */
static void a_bad_record_is_named_by_number_cpu_and_byte(void **state)
{
    static const char id[] = "ID: 61\n";
    size_t xz_len;
    size_t len;
    unsigned char *xz = fixture_read(DAT_6, &xz_len);
    char *dat = fixture_unxz(xz, xz_len, &len);
    struct trace t;
    struct trace_error err;
    size_t at = 0;

    (void)state;
    while (at + sizeof(id) <= len && memcmp(dat + at, id, sizeof(id) - 1) != 0)
        at++;
    assert_true(at + sizeof(id) <= len);
    dat[at + 4] = '9';
    if (fixture_import(dat, len, &t, &err))
        fail_msg("accepted");
    if (strstr(err.text,
               "damaged after 60 records: event number 61, for which the "
               "file has no format (in record 61, of CPU 1, at byte 57724)") == NULL)
        fail_msg("%s", err.text);
    free(dat);
    free(xz);
}

/* Whatever libtracecmd makes of them: events or an error, and this process goes on. */
static void a_damaged_trace_dat_ends_in_events_or_an_error(void **state)
{
    size_t xz_len;
    size_t len;
    unsigned char *xz = fixture_read(DAT_6, &xz_len);
    char *dat = fixture_unxz(xz, xz_len, &len);
    unsigned refused_n = 0;

    (void)state;
    for (size_t at = 10; at < len; at += 1009) {
        const char old = dat[at];
        struct trace t;
        struct trace_error err;

        dat[at] = (char)~old;
        if (fixture_import(dat, len, &t, &err))
            trace_free(&t);
        else
            refused_n += err.text[0] != '\0';
        dat[at] = old;
    }
    assert_true(refused_n > 0);
    free(dat);
    free(xz);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_versions_have_the_events_that_trace_cmd_reports),
        cmocka_unit_test(the_text_of_a_trace_dat_is_that_of_the_report),
        cmocka_unit_test(a_trace_dat_tells_its_kernel_and_clock),
        cmocka_unit_test(a_cut_off_trace_dat_is_an_error),
        cmocka_unit_test(a_bad_record_is_named_by_number_cpu_and_byte),
        cmocka_unit_test(a_damaged_trace_dat_ends_in_events_or_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
