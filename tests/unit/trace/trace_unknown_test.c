/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/trace/trace_unknown_test.c - what is not understood is counted. */
#define _POSIX_C_SOURCE 200809L /* fmemopen */
#include "tests/unit/trace/trace_fixture.h"

#include "model/trace/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEAD " kvm_page_table_-381     [001] d....    73.001267: "

struct row {
    const char *line;
    enum trace_kind kind;
    uint64_t not_understood;
};

static const struct row rows[] = {
    /* KVM events of a later kernel: the name is unknown */
    {"kvm_new_event: gfn 0x1 level 2", TRACE_OTHER, 1},
    {"kvm:s2_magic: gfn 0x1", TRACE_OTHER, 1},
    {"kvmx:my_probe: (f+0x0/0x8) x=1", TRACE_OTHER, 1},
    /* the form is unknown: nothing of it is used */
    {"kvm_guest_fault: gfn 0x1, esr 0x2", TRACE_OTHER, 1},
    {"kvm_entry: 0x1", TRACE_OTHER, 1},
    {"kvm_exit: HSR_EC: 0x24, PC: 0x1", TRACE_OTHER, 1},
    {"kvm_unmap_hva_range: mmu notifier unmap range: 0x1 - 0x2", TRACE_OTHER, 1},
    {"kvm_userspace_exit: reason (6)", TRACE_OTHER, 1},
    {"s2_map: (f) ipa=0x1 size=0x2 pa=0x3", TRACE_OTHER, 1},
    {"s2_map: (f) ipa=0x1 size=0x2 pa=0x3 prot", TRACE_OTHER, 1},
    {"s2_map: (f) ipa=0x1 size=0x2 pa=0x3 =0x4", TRACE_OTHER, 1},
    /* only the end is unknown: the event counts, and is shown */
    {"kvm_entry: PC: 0x1 0x2", TRACE_KVM_ENTRY, 1},
    {"kvm_guest_fault: ipa 0x1, hsr 0x2, hxfar 0x3, pc 0x4, vcpu 5", TRACE_GUEST_FAULT,
     1},
    /* KVM events that say nothing on stage 2, and those of other groups */
    {"kvm_timer_update_irq: VCPU: 1, IRQ 27, level 0", TRACE_OTHER, 0},
    {"kvm_wfx_arm64: guest executed wfi at: 0x1", TRACE_OTHER, 0},
    {"trap_reg: handle_sys_reg reg: 3, is_write: true, write_value: 0", TRACE_OTHER, 0},
    {"sched_switch: prev_comm=a b prev_pid=1", TRACE_OTHER, 0},
    {"sched:sched_wakeup: comm=x", TRACE_OTHER, 0},
};

static void unknown_kvm_events_are_counted_and_others_are_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[300];
        struct trace t;
        struct trace_error err;

        snprintf(text, sizeof(text), HEAD "%s\n", rows[i].line);
        if (!fixture_import(text, strlen(text), &t, &err))
            fail_msg("refused: %s: %s", rows[i].line, err.text);
        if (t.not_understood != rows[i].not_understood || t.events_n != 1 ||
            t.events[0].kind != rows[i].kind)
            fail_msg("%s: kind %s, %d not understood", rows[i].line,
                     trace_kind_name((enum trace_kind)t.events[0].kind),
                     (int)t.not_understood);
        trace_free(&t);
    }
}

/* What the reader of text tells of the name of its first event. */
static struct trace_name first_name(char *text)
{
    FILE *in = fmemopen(text, strlen(text), "rb");
    struct trace_reader *r = calloc(1, sizeof(*r));
    const struct trace_sink sink = {0};
    struct trace_error err;
    struct trace_name name;

    assert_non_null(in);
    assert_non_null(r);
    assert_true(trace_read_stream(in, FIXTURE_NAME, &sink, r, &err));
    name = *r->tables.name_list[0];
    trace_reader_end(r);
    free(r);
    fclose(in);
    return name;
}

static void the_count_has_a_name_a_line_and_an_example(void **state)
{
    char text[] = HEAD "kvm_entry: PC: 0x1\n" HEAD "kvm_entry: at 0x2\n" HEAD
                       "kvm_entry: at 0x3\n";
    const struct trace_name name = first_name(text);

    (void)state;
    assert_string_equal(name.text, "kvm_entry");
    assert_int_equal(name.count, 3);
    assert_int_equal(name.not_understood, 2);
    assert_int_equal(name.first_line, 2);
    assert_string_equal(name.example, "at 0x2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_kvm_events_are_counted_and_others_are_not),
        cmocka_unit_test(the_count_has_a_name_a_line_and_an_example),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
