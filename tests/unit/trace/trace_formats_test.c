/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/trace/trace_formats_test.c - the same event as every tool prints it. */
#define _POSIX_C_SOURCE 200809L /* fmemopen */
#include "tests/unit/trace/trace_fixture.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include <cmocka.h>

#define FAULT                                                                          \
    "kvm_guest_fault: ipa 0xffffc01000, hsr 0x93c48007, hxfar 0xc0001000, "            \
    "pc 0x00000000400b78"

struct seen {
    struct trace_event event;
    uint32_t tgid;
    char task[TRACE_TASK_BYTES];
    unsigned events_n;
};

static bool see(void *ctx, const struct trace_record *r, struct trace_error *err)
{
    struct seen *s = ctx;

    if (r->shape == NULL)
        return true;
    s->events_n++;
    s->tgid = r->thread->tgid;
    strcpy(s->task, r->thread->task);
    return trace_record_event(r, &s->event, err);
}

/* What is told of the only event of a text. */
static struct seen read_one(const char *text, struct trace_origin *origin)
{
    FILE *in = fmemopen((void *)(uintptr_t)text, strlen(text), "rb");
    struct trace_reader *r = calloc(1, sizeof(*r));
    struct seen seen = {.events_n = 0};
    const struct trace_sink sink = {&seen, see};
    struct trace_error err;

    assert_non_null(in);
    assert_non_null(r);
    if (!trace_read_stream(in, FIXTURE_NAME, &sink, r, &err))
        fail_msg("%s\n of: %s", err.text, text);
    *origin = r->origin;
    trace_reader_end(r);
    free(r);
    fclose(in);
    return seen;
}

static void every_form_of_a_line_gives_the_same_event(void **state)
{
    static const struct {
        const char *text;
        enum trace_format format;
        const char *task;
        uint32_t tgid;
        uint64_t time_ns;
    } rows[] = {
        /* tracefs: with header, without; options irq-info and record-tgid; nanoseconds;
         * clocks that count without unit */
        {"# tracer: nop\n#\n kvm_page_table_-427     [002] .....    13.721287: " FAULT
         "\n",
         TRACE_FTRACE, "kvm_page_table_", 0, 13721287000},
        {" kvm_page_table_-427     [002]    13.721287: " FAULT "\n", TRACE_FTRACE,
         "kvm_page_table_", 0, 13721287000},
        {"       CPU 0/KVM-427     (    420) [002] d..2.    13.721287: " FAULT "\n",
         TRACE_FTRACE, "CPU 0/KVM", 420, 13721287000},
        {"     a-1 [3] b-x-427     [002] .....    13.721287654: " FAULT "\n",
         TRACE_FTRACE, "a-1 [3] b-x", 0, 13721287654},
        {" kvm_page_table_-427     [002] .....  1234567890123: " FAULT "\n",
         TRACE_FTRACE, "kvm_page_table_", 0, 1234567890123},
        /* tracefs with option latency-format */
        {"# nop latency trace v1.1.5 on 6.12.1-arm64\n"
         "kvm_page-427       2d..2. 13721287us+: " FAULT "\n",
         TRACE_FTRACE, "kvm_page", 0, 13721287000},
        {" CPU 0/K-427       2.....    87us : " FAULT "\n", TRACE_FTRACE, "CPU 0/K", 0,
         87000},
        /* trace-cmd report */
        {"cpus=4\n kvm_page_table_-427   [002]    13.721287: kvm_guest_fault:      "
         "ipa 0xffffc01000, hsr 0x93c48007, hxfar 0xc0001000, pc 0x00000000400b78\n",
         TRACE_TRACE_CMD_REPORT, "kvm_page_table_", 0, 13721287000},
        {"version = 6\nCPU 1 is empty\ncpus=2\n       CPU 0/KVM-427   [002] d..2    "
         "13.721287: " FAULT "\n",
         TRACE_TRACE_CMD_REPORT, "CPU 0/KVM", 0, 13721287000},
        /* perf script: plain, -F +pid, a name with blanks, a period, a call graph */
        {"kvm_page_table_   427 [002]    13.721287: kvm:" FAULT "\n", TRACE_PERF_SCRIPT,
         "kvm_page_table_", 0, 13721287000},
        {"       CPU 0/KVM   420/427   [002]    13.721287:     kvm:" FAULT "\n",
         TRACE_PERF_SCRIPT, "CPU 0/KVM", 420, 13721287000},
        {"      a-1 [7] b 2   427 [002]    13.721287654:          1 kvm:" FAULT "\n",
         TRACE_PERF_SCRIPT, "a-1 [7] b 2", 0, 13721287654},
        {"CPU 0/KVM   427 [002]    13.721287: kvm:" FAULT "\n"
         "\tffff800010012345 kvm_handle_guest_abort+0x45 ([kernel.kallsyms])\n"
         "\tffff800010012346 handle_exit+0x46 ([kernel.kallsyms])\n\n",
         TRACE_PERF_SCRIPT, "CPU 0/KVM", 0, 13721287000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct trace_origin o;
        const struct seen s = read_one(rows[i].text, &o);
        const struct trace_event *e = &s.event;

        if (s.events_n != 1 || e->kind != TRACE_GUEST_FAULT || e->tid != 427 ||
            e->cpu != 2 || e->u.guest_fault.ipa != 0xffffc01000 ||
            e->u.guest_fault.esr != 0x93c48007 || e->u.guest_fault.pc != 0x400b78)
            fail_msg("row %zu: kind %u tid %u cpu %u: %s", i, e->kind, e->tid, e->cpu,
                     rows[i].text);
        if (o.format != rows[i].format || e->time_ns != rows[i].time_ns ||
            s.tgid != rows[i].tgid || strcmp(s.task, rows[i].task) != 0)
            fail_msg("row %zu: %s, '%s', tgid %u, %" PRIu64 " ns: %s", i,
                     trace_format_name(o.format), s.task, s.tgid, e->time_ns,
                     rows[i].text);
    }
}

static void a_header_tells_kernel_and_cpus(void **state)
{
    struct trace_origin o;

    (void)state;
    read_one("# nop latency trace v1.1.5 on 6.12.1-arm64\n", &o);
    assert_string_equal(o.kernel, "6.12.1-arm64");
    read_one("# os release : 6.1.0-56-arm64\n# nrcpus online : 64\n", &o);
    assert_string_equal(o.kernel, "6.1.0-56-arm64");
    assert_int_equal(o.cpus_n, 64);
    read_one("# entries-in-buffer/entries-written: 0/0   #P:80\n", &o);
    assert_int_equal(o.cpus_n, 80);
}

static void frames_and_blank_lines_are_counted_and_are_no_events(void **state)
{
    struct trace_origin o;
    const struct seen s =
        read_one("            bash-1977    [000] ...   2.0: e: x\n => "
                 "ksys_write\n\n",
                 &o);

    (void)state;
    assert_int_equal(s.events_n, 1);
    assert_int_equal(o.continuation_lines, 2);
}

static void tracefs_marks_above_a_stack_are_no_events(void **state)
{
    struct trace_origin o;
    const struct seen s = read_one(
        "            bash-1977    [000] .....     2.0: e: x\n"
        "            bash-1977    [000] .....     2.0: <stack trace>\n => ksys_write\n"
        "            bash-1977    [000] .....     2.0: <user stack trace>\n =>  <1>\n",
        &o);

    (void)state;
    assert_int_equal(s.events_n, 1);
    assert_int_equal(o.continuation_lines, 4);
}

static void a_task_that_looks_like_an_address_hides_no_event(void **state)
{
    struct trace_origin o;
    const struct seen s = read_one(
        "        cafebabe   427 [002]    13.7: kvm:kvm_exit: TRAP: HSR_EC: "
        "0x0024 (DABT_LOW), PC: 0x400b78\n"
        "        cafebabe   427 [002]    13.8: kvmx:s2_map_ret: (a <- b) ret=0\n"
        "        cafebabe   427 [002]    13.9: kvm:" FAULT "\n",
        &o);

    (void)state;
    assert_int_equal(s.events_n, 3);
    assert_int_equal(o.continuation_lines, 0);
}

static void lackey_accesses_are_a_guest_address_stream(void **state)
{
    static const struct {
        uint64_t va;
        uint32_t size;
        char type;
    } want[] = {
        {0x4222cac, 3, 'I'},
        {0x1ffefff968, 8, 'L'},
        {0x1ffefff970, 16, 'S'},
        {0x421c7cc, 4, 'M'},
    };
    struct trace t = fixture_import_text(
        "==4711== Lackey, an example Valgrind tool\n==4711== \nI  04222cac,3\n L "
        "1ffefff968,8\n S 1ffefff970,16\n M 0421c7cc,4\n==4711== \n");

    (void)state;
    assert_int_equal(t.events_n, 4);
    assert_int_equal(t.not_understood, 0);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(t.events[i].kind, TRACE_GUEST_ACCESS);
        assert_int_equal(t.events[i].tid, 4711);
        assert_int_equal(t.events[i].line, i + 3);
        assert_int_equal(t.events[i].u.access.va, want[i].va);
        assert_int_equal(t.events[i].u.access.size, want[i].size);
        assert_int_equal(t.events[i].u.access.type, want[i].type);
    }
    trace_free(&t);
}

static size_t gzip(const void *bytes, size_t len, void *out, size_t room)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)bytes,
                  .avail_in = (uInt)len,
                  .next_out = out,
                  .avail_out = (uInt)room};

    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(deflateEnd(&z), Z_OK);
    return room - z.avail_out;
}

static size_t zstandard(const void *bytes, size_t len, void *out, size_t room)
{
    ZSTD_CCtx *z = ZSTD_createCCtx();
    size_t n;

    ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1);
    n = ZSTD_compress2(z, out, room, bytes, len);
    assert_false(ZSTD_isError(n));
    ZSTD_freeCCtx(z);
    return n;
}

typedef size_t packer(const void *bytes, size_t len, void *out, size_t room);

/* Whole, twice in a row, cut off anywhere, damaged in any byte that is checked. */
static void check_packer(packer *pack, const char *name)
{
    static const char text[] = " kvm_page_table_-427   [002]    13.721287: " FAULT "\n";
    unsigned char packed[2000];
    struct trace t;
    struct trace_error err;
    const size_t n = pack(text, strlen(text), packed, sizeof(packed));

    memcpy(packed + n, packed, n);
    assert_true(fixture_import(packed, n, &t, &err));
    assert_int_equal(t.events_n, 1);
    trace_free(&t);
    assert_true(fixture_import(packed, 2 * n, &t, &err));
    assert_int_equal(t.events_n, 2);
    trace_free(&t);
    for (size_t cut = 4; cut < n; cut++) {
        char want[80];

        snprintf(want, sizeof(want), "the %s file is cut off: it ends at byte %zu ",
                 name, cut);
        if (fixture_import(packed, cut, &t, &err) || strstr(err.text, want) == NULL)
            fail_msg("%s, cut at %zu: %s", name, cut, err.text);
    }
    packed[n / 2] ^= 0x10;
    if (fixture_import(packed, n, &t, &err))
        fail_msg("%s: accepted with a damaged byte", name);
}

static void gz_and_zst_are_read_whole_joined_and_refused_when_cut(void **state)
{
    (void)state;
    check_packer(gzip, "gzip");
    check_packer(zstandard, "zstd");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_of_a_line_gives_the_same_event),
        cmocka_unit_test(a_header_tells_kernel_and_cpus),
        cmocka_unit_test(frames_and_blank_lines_are_counted_and_are_no_events),
        cmocka_unit_test(tracefs_marks_above_a_stack_are_no_events),
        cmocka_unit_test(a_task_that_looks_like_an_address_hides_no_event),
        cmocka_unit_test(lackey_accesses_are_a_guest_address_stream),
        cmocka_unit_test(gz_and_zst_are_read_whole_joined_and_refused_when_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
