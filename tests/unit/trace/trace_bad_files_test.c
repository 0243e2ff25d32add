/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/trace/trace_bad_files_test.c - bad files of every format, each with the
 * message that its user reads. */
#include "tests/unit/trace/trace_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct bad_file {
    const char *what;
    const char *bytes;
    size_t len;
    const char *message; /* line, then the text up to '; accepted' */
};

#define FILE_OF(text) text, sizeof(text) - 1
#define GOOD " kvm_page_table_-381     [001] d....    73.001267: kvm_entry: PC: 0x1\n"
#define PERF "CPU 0/KVM  4242 [003]   66.846217: "

static const struct bad_file files[] = {
    {"nothing", "", 0, "0: the file is empty"},
    {"a shell script", FILE_OF("#!/bin/sh\necho hello\n"),
     "2: neither a comment nor an event: 'echo hello'"},
    {"a JSON file", FILE_OF("{\"traceEvents\": []}\n"),
     "1: neither a comment nor an event: '{\"traceEvents\": []}'"},
    {"an ELF file",
     FILE_OF("\x7f"
             "ELF\x02\x01\x01\0\0\0\n"),
     "1: a zero byte in column 8"},
    {"perf.data", FILE_OF("PERFILE2h\0\0\0\0\0\0\0"),
     "0: the file is a binary recording of perf (perf.data): give the output of perf "
     "script"},
    {"a function trace",
     FILE_OF(GOOD " bash-1977  [000] .....  17284.993652: sys_close "
                  "<-system_call_fastpath\n"),
     "2: no event name behind the time: 'sys_close <-system_call_fastpath'"},
    {"a fault without its last field",
     FILE_OF(
         " kvm_page_table_-381     [001] d....    73.1: kvm_guest_fault: ipa 0x1000, "
         "hsr 0x93c48007, hxfar 0x2000\n"),
     "1: kvm_guest_fault: the line ends early"},
    {"an address with a letter too much",
     FILE_OF(
         " kvm_page_table_-381     [001] d....    73.1: kvm_guest_fault: ipa 0x10g0, "
         "hsr 0x93c48007, hxfar 0x2000, pc 0x1\n"),
     "1: kvm_guest_fault: field 'ipa' is '0x10g0'"},
    {"a return value of more than 32 bits",
     FILE_OF(" kvm_page_table_-381     [001] d....    73.1: s2_map_ret: (f <- g) "
             "ret=99999999999\n"),
     "1: s2_map_ret: field 'ret' is '99999999999'"},
    {"a probe whose place does not close",
     FILE_OF(" kvm_page_table_-381     [001] d....    73.1: s2_map: (f ipa=0x1\n"),
     "1: s2_map: the line ends early"},
    {"a file whose copying stopped", FILE_OF(GOOD " kvm_page_table_-381     [001] d.."),
     "2: the text ends inside a line: ' kvm_page_table_-381     [001] d..'"},
    {"a header that counts backwards",
     FILE_OF("# entries-in-buffer/entries-written: 9/3   #P:4\n"),
     "1: entries-in-buffer/entries-written: '9/3   #P:4'"},
    {"a lost mark without its end", FILE_OF(GOOD "CPU:1 [LOST 3 EVENT\n"),
     "2: 'CPU:1 [LOST 3 EVENT'"},
    {"perf without time", FILE_OF("CPU 0/KVM  4242 [003] kvm:kvm_entry: PC: 0x1\n"),
     "1: neither a comment nor an event: 'CPU 0/KVM  4242 [003] kvm:kvm_entry: PC: "
     "0x1'"},
    {"perf with a lost record of no number", FILE_OF(PERF "PERF_RECORD_LOST\n"),
     "1: 'PERF_RECORD_LOST'"},
    {"lackey with an unknown letter", FILE_OF("I  04222cac,3\n X 04222cac,3\n"),
     "2: ' X 04222cac,3'"},
    {"lackey with an access of no bytes", FILE_OF("I  04222cac,3\n L 04222cac,0\n"),
     "2: ' L 04222cac,0'"},
    {"lackey with an address of 17 digits",
     FILE_OF("I  04222cac,3\n S 1234567890abcdef0,4"
             "\n"),
     "2: ' S 1234567890abcdef0,4'"},
    {"gzip cut off", FILE_OF("\x1f\x8b\x08\0\0\0\0\0"),
     "0: the gzip file is cut off: it ends at byte 8 inside the compressed data"},
    {"gzip of something damaged",
     FILE_OF("\x1f\x8b\x08\0\0\0\0\0\0\x03\xff\xff\xff\xff"),
     "0: the gzip data are damaged at or before byte "},
    {"zstd with a bad frame",
     FILE_OF("\x28\xb5\x2f\xfd\xff\xff\xff\xff\xff\xff\xff\xff"
             "\xff\xff\xff\xff"),
     "0: the zst"},
    {"a .s2t of a later version", FILE_OF("S2T\r\n\x1a\n\x07"),
     "0: byte 7: the .s2t has version 7"},
    {"a .s2t that a text transfer has changed", FILE_OF("S2T\n\x1a\n\x01"),
     "1: neither a comment nor an event: 'S2T'"},
    {"a .s2t without chunks", FILE_OF("S2T\r\n\x1a\n\x01"),
     "0: the .s2t is cut off: it ends at byte 8 and has no TAIL chunk"},
    {"trace.dat without its rest",
     FILE_OF("\x17\x08"
             "Dtracing6\0\0\x08"),
     "0: the trace.dat is damaged after 0 records"},
};

static void every_bad_file_has_its_message(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        const struct bad_file *f = &files[i];
        const char *path = fixture_path("bad");
        struct trace t;
        struct trace_error err;
        char message[600];

        fixture_write(path, f->bytes, f->len);
        if (trace_import_file(path, &t, &err))
            fail_msg("accepted: %s", f->what);
        assert_null(t.events);
        assert_string_equal(err.file, path);
        snprintf(message, sizeof(message), "%u: %s", err.line, err.text);
        if (strncmp(message, f->message, strlen(f->message)) != 0 ||
            strstr(message, "; accepted: ") == NULL)
            fail_msg("%s:\n got %s\nwant %s", f->what, message, f->message);
    }
    assert_true(sizeof(files) / sizeof(files[0]) >= 20);
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
        cmocka_unit_test(every_bad_file_has_its_message),
    };

    return cmocka_run_group_tests(tests, NULL, clean);
}
