/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/trace/trace_errors_test.c - bad recordings: where, what, what instead. */
#include "tests/unit/trace/trace_fixture.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEAD " kvm_page_table_-381     [001] d....    73.001267: "
#define GOOD HEAD "kvm_entry: PC: 0x1\n"

/* Each row's line stands third, behind these. */
#define BEFORE "# tracer: nop\n" GOOD

struct bad_row {
    const char *line;
    const char *found; /* both must be in the error text */
    const char *accepted;
};

static const struct bad_row no_event_rows[] = {
    {"cpus=x", "'cpus=x'", "'# ...'"},
    {" -> ksys_write", "' -> ksys_write'", "TASK-TID [CPU]"},
    {" task-x     [001] d....    73.001267: e: x", "' task-x ", "TASK-TID [CPU]"},
    {" task-1     [65536] d....    73.001267: e: x", "[65536]", "TASK-TID [CPU]"},
    {" task-4294967296 [0] d....    73.001267: e: x", "4294967296", "TASK-TID"},
    {" task-1     (12     d....    73.001267: e: x", "' task-1", "TASK-TID [CPU]"},
    {" task-1     [001", "' task-1     [001'", "TASK-TID [CPU]"},
    /* behind a thread of that number with a name of usual length */
    {" a name much too long for a task, of which the kernel keeps 15 characters-381 "
     "[001] d.... 73.001267: e: x",
     "a task name of 72 characters", "up to 63"},
    {"\x1b[31m\xff", "'\\x1b[31m\\xff'", "TASK-TID [CPU]"},
};

static const struct bad_row time_rows[] = {
    {" task-1     [001] d....    73.: e: x", "'d....    73.: ", "1 to 9 digits"},
    {" task-1     [001] d....    .001: e: x", "'d....    .001: ", "SECONDS"},
    {" task-1     [001] d....    7.0000000000: e: x", "7.0000000000", "1 to 9 digits"},
    {" task-1     [001] d....    18446744073.709551616: e: x", "709551616", "SECONDS"},
    {" task-1     [001] d....    99999999999.0: e: x", "99999999999.0", "SECONDS"},
    {" task-1     [001] d....    7.1 e: x", "'d....    7.1 e: x'", "then ':'"},
    {" task-1     [001]", "''", "SECONDS.FRACTION"},
    {" task-1     [001] d....    7.1:", "''", "'EVENT: FIELDS'"},
    {" task-1     [001] d....    7.1: do_idle <-x", "'do_idle <-x'", "'EVENT: FIELDS'"},
    {" task-1     [001] d....    7.1: kvm:e:f: x", "'kvm:e:f: x'", "'EVENT: FIELDS'"},
};

static const struct bad_row field_rows[] = {
    {HEAD "kvm_entry: PC: ", "'PC' is ''", "decimal or 0x"},
    {HEAD "kvm_entry: PC: 0x", "'PC' is '0x'", "decimal or 0x"},
    {HEAD "kvm_entry: PC: 1f", "'PC' is '1f'", "decimal or 0x"},
    {HEAD "kvm_entry: PC: 0x10000000000000000", "0x10000000000000000", "64 bits"},
    {HEAD "kvm_entry: PC: 18446744073709551616", "18446744073709551616", "64 bits"},
    {HEAD "kvm_guest_fault: ipa 0x1, hsr 0x2, hxfar 0x3", "ends early",
     "'ipa #, ?sr #, hxfar #, pc #'"},
    {HEAD "kvm_guest_fault: ipa 0xg, hsr 0x2, hxfar 0x3, pc 0x4", "'ipa' is '0xg'",
     "decimal or 0x"},
    {HEAD "kvm_guest_fault: ipa 0x1, hsr 0x2, hxfar 0x3, pc 0x4x", "'pc' is '0x4x'",
     "decimal or 0x"},
    {HEAD "kvm_mmio: mmio write len 8 gpa 0x320000", "kvm_mmio: the line ends early",
     "'mmio @ len # gpa # val #'"},
    {HEAD "s2_map: (f", "ends early", "'(PLACE) key=#"},
    {HEAD "s2_map: (f) ipa=0x1 size=0x2 pa=0x3 prot=0x4 ipa=0x1", "'ipa' twice",
     "once"},
    {HEAD "vcpu_run: (f) vcpu=0x100000000", "'vcpu' is '0x1000", "32 bits"},
    {HEAD "s2_map_ret: (f) ret=-2147483649", "'ret' is '-2147483649'",
     "32 bits, signed"},
    {HEAD "s2_map_ret: (f) ret=2147483648", "'ret' is '2147483648'", "32 bits, signed"},
    {HEAD "s2_map_ret: (f) ret=0x100000000", "'ret' is '0x1", "32 bits, signed"},
    {HEAD "s2_map_ret: (f) ret=-", "'ret' is '-'", "32 bits, signed"},
    {HEAD "tlbi_vmid: (f) mmu=x", "'mmu' is 'x'", "64 bits"},
};

static const struct bad_row loss_rows[] = {
    {"# entries-in-buffer/entries-written: 6/5   #P:4", "'6/5   #P:4'", "A <= B"},
    {"# entries-in-buffer/entries-written: 5", "'5'", "A/B"},
    {"# entries-in-buffer/entries-written:", "''", "A/B"},
    {"# entries-in-buffer/entries-written: 5/x", "'5/x'", "A/B"},
    {"CPU:2 [LOST", "'CPU:2 [LOST'", "'CPU:N [LOST N EVENTS]'"},
    {"CPU: [LOST 3 EVENTS]", "'CPU: [LOST 3", "'CPU:N [LOST N EVENTS]'"},
    {"CPU:", "'CPU:'", "'CPU:N [LOST N EVENTS]'"},
    {"CPU:2 [LOST -3 EVENTS]", "-3", "'CPU:N [LOST N EVENTS]'"},
};

static void expect_error(const char *line, size_t len, const struct bad_row *row)
{
    const size_t offset = strlen(BEFORE);
    char text[1024] = BEFORE;
    struct trace t;
    struct trace_error err;

    memcpy(text + offset, line, len);
    memcpy(text + offset + len, "\n" GOOD, sizeof("\n" GOOD));

    const size_t text_len = offset + len + strlen("\n" GOOD);

    if (fixture_import(text, text_len, &t, &err))
        fail_msg("accepted: %s", line);
    assert_null(t.events);
    assert_int_equal(t.events_n, 0);
    assert_string_equal(err.file, FIXTURE_NAME);
    assert_int_equal(err.line, 3);
    assert_int_equal(err.offset, offset);
    if (strstr(err.text, row->found) == NULL || strstr(err.text, row->accepted) == NULL)
        fail_msg("for: %s\ngot: %s\nwant: %s ... %s", line, err.text, row->found,
                 row->accepted);
}

static void expect_errors(const struct bad_row *rows, size_t rows_n)
{
    for (size_t i = 0; i < rows_n; i++)
        expect_error(rows[i].line, strlen(rows[i].line), &rows[i]);
}

#define EXPECT_ERRORS(rows) expect_errors(rows, sizeof(rows) / sizeof((rows)[0]))

static void a_line_that_is_no_event_names_line_and_form(void **state)
{
    (void)state;
    EXPECT_ERRORS(no_event_rows);
}

static void a_bad_time_or_event_name_is_an_error(void **state)
{
    (void)state;
    EXPECT_ERRORS(time_rows);
}

static void a_bad_or_missing_field_is_an_error_that_names_it(void **state)
{
    (void)state;
    EXPECT_ERRORS(field_rows);
}

static void a_bad_header_or_lost_mark_is_an_error(void **state)
{
    (void)state;
    EXPECT_ERRORS(loss_rows);
}

static void a_zero_byte_names_its_column(void **state)
{
    const struct bad_row row = {NULL, "a zero byte in column 3", "lines of text"};

    (void)state;
    expect_error("ab\0cd", 5, &row);
}

static void expect_file_error(const void *bytes, size_t len, uint32_t line,
                              uint64_t offset, const char *found)
{
    struct trace t;
    struct trace_error err;

    if (fixture_import(bytes, len, &t, &err))
        fail_msg("accepted; want: %s", found);
    if (strstr(err.text, found) == NULL)
        fail_msg("got: %s\nwant: %s", err.text, found);
    assert_int_equal(err.line, line);
    assert_int_equal(err.offset, offset);
}

static void a_text_that_ends_inside_a_line_is_an_error(void **state)
{
    static const char text[] = GOOD HEAD "s2_map_ret: (f) ret=-1"; /* of -11 */

    (void)state;
    expect_file_error(text, strlen(text), 2, strlen(GOOD), "ends inside a line");
}

static void a_line_without_end_is_an_error_and_not_a_growing_buffer(void **state)
{
    const size_t len = (size_t)1 << 20;
    char *text = malloc(len);

    (void)state;
    assert_non_null(text);
    memset(text, '-', len);
    memcpy(text, GOOD, strlen(GOOD));
    expect_file_error(text, len, 2, strlen(GOOD), "a line of more than 16383 bytes");
    free(text);
}

static void other_formats_are_told_by_content_and_named(void **state)
{
    (void)state;
    expect_file_error("\x17\x08"
                      "Dtracing6",
                      11, 0, 0, "trace.dat");
    expect_file_error("PERFILE2....", 12, 0, 0, "perf.data");
    expect_file_error("\x1f\x8b\x08", 3, 0, 0, "the gzip file is cut off");
    expect_file_error("\x28\xb5\x2f\xfd", 4, 0, 0, "the zstd file is cut off");
    expect_file_error("\x04\x22\x4d\x18", 4, 0, 0, "lz4");
    expect_file_error("PK\x03\x04", 4, 0, 0, "a zip archive");
    expect_file_error("BZh9", 4, 0, 0, "bzip2");
}

static void a_file_that_cannot_be_read_is_an_error_without_line(void **state)
{
    static const struct {
        const char *path;
        const char *found;
    } rows[] = {
        {STAGE2SIM_SOURCE_DIR "/no/such/file", "cannot be opened: No such file"},
        {STAGE2SIM_SOURCE_DIR, "reading failed after byte 0: Is a directory"},
        {"/dev/null", "the file is empty"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct trace t;
        struct trace_error err;

        assert_false(trace_import_file(rows[i].path, &t, &err));
        assert_string_equal(err.file, rows[i].path);
        assert_int_equal(err.line, 0);
        if (strstr(err.text, rows[i].found) == NULL)
            fail_msg("got: %s\nwant: %s", err.text, rows[i].found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_that_is_no_event_names_line_and_form),
        cmocka_unit_test(a_bad_time_or_event_name_is_an_error),
        cmocka_unit_test(a_bad_or_missing_field_is_an_error_that_names_it),
        cmocka_unit_test(a_bad_header_or_lost_mark_is_an_error),
        cmocka_unit_test(a_zero_byte_names_its_column),
        cmocka_unit_test(a_text_that_ends_inside_a_line_is_an_error),
        cmocka_unit_test(a_line_without_end_is_an_error_and_not_a_growing_buffer),
        cmocka_unit_test(other_formats_are_told_by_content_and_named),
        cmocka_unit_test(a_file_that_cannot_be_read_is_an_error_without_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
