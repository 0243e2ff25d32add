/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/trace/trace_memory_test.c - memory does not grow with the recording. */
#define _GNU_SOURCE /* fopencookie */
#include "tests/unit/trace/trace_fixture.h"

#include "model/trace/info.h"
#include "model/trace/s2t.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#define GROWTH_KIB_MAX (16 * 1024)
#if defined(__SANITIZE_ADDRESS__)
#define LINES_N 100000u
#else
#define LINES_N 1500000u /* 200 MB */
#endif

/* Lines that repeat little: threads, tasks, forms and blocks come and go. */
struct endless {
    uint64_t line, lines_n;
    char text[256];
    size_t at, len;
};

static void next_line(struct endless *e)
{
    const uint64_t n = e->line++;
    const unsigned tid = 100 + (unsigned)(n / 1000 % 100000);

    e->at = 0;
    e->len =
        (size_t)snprintf(e->text, sizeof(e->text),
                         " task%-11u-%-7u [%03u] d.... %" PRIu64 ".%06u: ", tid, tid,
                         (unsigned)(n % 64), n / 1000, (unsigned)(n % 1000) * 1000);
    e->len += n % 8 == 0 ? (size_t)snprintf(e->text + e->len, sizeof(e->text) - e->len,
                                            "mark: word%x_%" PRIx64 " _%" PRIx64 "\n",
                                            tid, n, n * n)
                         : (size_t)snprintf(e->text + e->len, sizeof(e->text) - e->len,
                                            "kvm_set_spte_hva: gfn %#" PRIx64
                                            " of %#016" PRIx64 "\n",
                                            n * 4096, n * UINT64_C(0x9e3779b97f4a7c15));
}

static ssize_t read_endless(void *cookie, char *to, size_t room)
{
    struct endless *e = cookie;
    size_t n = 0;

    while (n < room && (e->at < e->len || e->line < e->lines_n)) {
        size_t part;

        if (e->at == e->len)
            next_line(e);
        part = e->len - e->at < room - n ? e->len - e->at : room - n;
        memcpy(to + n, e->text + e->at, part);
        e->at += part;
        n += part;
    }
    return (ssize_t)n;
}

static long peak_kib(void)
{
    struct rusage usage;

    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

static void import_lines(uint64_t lines_n)
{
    struct endless e = {.lines_n = lines_n};
    FILE *in = fopencookie(&e, "r", (cookie_io_functions_t){.read = read_endless});
    struct trace_reader *r = calloc(1, sizeof(*r));
    struct trace_error err;
    struct s2t_writer *w = s2t_create(fixture_path("endless.s2t"), &r->tables, &err);
    const struct trace_sink sink = {w, s2t_write};

    assert_non_null(in);
    assert_non_null(w);
    if (!trace_read_stream(in, "endless", &sink, r, &err))
        fail_msg("line %u: %s", err.line, err.text);
    assert_int_equal(r->origin.records, lines_n);
    assert_true(s2t_finish(w, "", 0, &err));
    trace_reader_end(r);
    free(r);
    fclose(in);
}

static void an_import_of_ten_times_the_lines_takes_the_same_memory(void **state)
{
    long before;
    long growth;

    (void)state;
#ifdef __SANITIZE_ADDRESS__
    skip(); /* it keeps what is freed for a while */
#endif
    import_lines(LINES_N / 10);
    before = peak_kib();
    import_lines(LINES_N);
    growth = peak_kib() - before;
    if (growth > GROWTH_KIB_MAX)
        fail_msg("grew by %ld KiB", growth);
    assert_true(peak_kib() < 100 * 1024 || LINES_N < 1000000);
}

static int clean(void **state)
{
    (void)state;
    fixture_clean();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_import_of_ten_times_the_lines_takes_the_same_memory),
    };

    return cmocka_run_group_tests(tests, NULL, clean);
}
