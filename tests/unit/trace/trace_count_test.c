/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/trace/trace_count_test.c - property: every line of a text is counted. */
#define _POSIX_C_SOURCE 200809L /* fmemopen */
#include "tests/unit/trace/trace_fixture.h"

#include "model/trace/reader.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEAD " kvm_page_table_-381     [001] d....    73.001267: "
#define SEEDS 60
#define LINES_MAX 120
#define TEXT_MAX (LINES_MAX * 160)

enum what { EVENT, UNKNOWN, OTHER, LOST, FRAME, COMMENT, WHATS_N };

/* Events: KVM events whose fields are used, or that say nothing on stage 2. */
static const struct {
    enum what what;
    const char *line;
} lines[] = {
    {EVENT, HEAD "kvm_guest_fault: ipa 0x1, hsr 0x2, hxfar 0x3, pc 0x4"},
    {EVENT, HEAD "kvm_guest_fault: ipa 0x1, esr 0x2, hxfar 0x3, pc 0x4"},
    {EVENT, HEAD "kvm_entry: PC: 0x1"},
    {EVENT, HEAD "kvm_exit: TRAP: HSR_EC: 0x0024 (DABT_LOW), PC: 0x1"},
    {EVENT, HEAD "s2_map_ret: (f <- g) ret=-11"},
    {EVENT, HEAD "kvm:kvm_entry: PC: 0x1"},
    {EVENT, HEAD "kvm_timer_update_irq: VCPU: 1, IRQ 27, level 0"},
    {UNKNOWN, HEAD "kvm_guest_fault: gfn 0x1"},
    {UNKNOWN, HEAD "kvm_entry: PC: 0x1 0x2"},
    {UNKNOWN, HEAD "kvm_new_event: gfn 0x1 level 2"},
    {UNKNOWN, HEAD "kvmx:my_probe: (f+0x0/0x8) x=1"},
    {UNKNOWN, HEAD "s2_map: (f) ipa=0x1 size=0x2 pa=0x3"},
    {OTHER, HEAD "sched_switch: prev_comm=a b prev_pid=1"},
    {OTHER, HEAD "sched:sched_wakeup: comm=x"},
    {LOST, "CPU:1 [LOST 3 EVENTS]"},
    {LOST, "CPU:2 [5 EVENTS DROPPED]"},
    {LOST, "CPU:1 [LOST EVENTS]"},
    {FRAME, " => some_function"},
    {FRAME, ""},
    {COMMENT, "# a comment"},
};

/* A text of random lines; counts what it put there. */
static size_t write_text(char *text, uint64_t *seed, uint64_t *n)
{
    const size_t lines_n = *seed % LINES_MAX + 1;
    size_t len = (size_t)sprintf(text, HEAD "kvm_entry: PC: 0x1\n");

    memset(n, 0, WHATS_N * sizeof(*n));
    n[EVENT] = 1;
    for (size_t i = 0; i < lines_n; i++) {
        size_t row;

        *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        row = (size_t)(*seed >> 33) % (sizeof(lines) / sizeof(lines[0]));
        n[lines[row].what]++;
        len += (size_t)sprintf(text + len, "%s\n", lines[row].line);
    }
    return len;
}

static uint64_t records_of(const struct trace_reader *r, enum trace_name_use use)
{
    uint64_t n = 0;

    for (uint32_t i = 0; i < r->tables.names_n; i++) {
        if (r->tables.name_list[i]->use == use)
            n += r->tables.name_list[i]->count;
    }
    return n;
}

static void check(uint64_t seed, const char *what, uint64_t got, uint64_t want)
{
    if (got != want)
        fail_msg("seed %" PRIu64 ": %s: %" PRIu64 ", want %" PRIu64, seed, what, got,
                 want);
}

/* lines = understood + not understood + other events + lost marks + frames + comments
 */
static void check_text(uint64_t first, char *text, size_t len, const uint64_t *n)
{
    FILE *in = fmemopen(text, len, "rb");
    struct trace_reader *r = calloc(1, sizeof(*r));
    const struct trace_sink sink = {0};
    struct trace_error err;
    uint64_t all = 0;

    assert_non_null(in);
    assert_non_null(r);
    if (!trace_read_stream(in, FIXTURE_NAME, &sink, r, &err))
        fail_msg("seed %" PRIu64 ": %s", first, err.text);
    for (int w = 0; w < WHATS_N; w++)
        all += n[w];
    check(first, "lines", r->origin.lines, all);
    check(first, "not understood", trace_not_understood(r), n[UNKNOWN]);
    check(first, "other events", records_of(r, TRACE_NAME_OTHER), n[OTHER]);
    check(first, "records", r->origin.records, n[EVENT] + n[UNKNOWN] + n[OTHER]);
    check(first, "lost marks", r->origin.lost_marks, n[LOST]);
    check(first, "frames", r->origin.continuation_lines, n[FRAME]);
    trace_reader_end(r);
    free(r);
    fclose(in);
}

static void every_line_of_a_text_is_counted_once(void **state)
{
    char *text = malloc(TEXT_MAX);

    (void)state;
    assert_non_null(text);
    for (uint64_t first = 1; first <= SEEDS; first++) {
        uint64_t seed = first * UINT64_C(0x9e3779b97f4a7c15), n[WHATS_N];
        const size_t len = write_text(text, &seed, n);

        check_text(first, text, len, n);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_of_a_text_is_counted_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
