/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/trace/trace_info_test.c - vCPUs, VMs, classes, memslots, blocks, bursts.
 */
#define _POSIX_C_SOURCE 200809L /* fmemopen */
#include "tests/unit/trace/trace_fixture.h"

#include "model/trace/filter.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct trace_info info;
static struct trace_reader reader;

static void read_info(FILE *in)
{
    const struct trace_sink sink = {&info, info_record};
    struct trace_error err;

    assert_non_null(in);
    assert_true(info_init(&info));
    if (!trace_read_stream(in, FIXTURE_NAME, &sink, &reader, &err))
        fail_msg("line %u: %s", err.line, err.text);
    info_finish(&info);
    fclose(in);
}

static void read_text(const char *text)
{
    read_info(fmemopen((void *)(uintptr_t)text, strlen(text), "rb"));
}

static int end(void **state)
{
    (void)state;
    info_free(&info);
    trace_reader_end(&reader);
    return 0;
}

/* A line of a thread; what follows is its event. */
#define AT(tid, time) "            task-" tid " [000] ..... " time ": "
#define FAULT(ipa, hsr) "kvm_guest_fault: ipa " ipa ", hsr " hsr ", hxfar 0x0, pc 0x0\n"
#define READ_L3 "0x93c48007"
#define RET(n) "s2_map_ret: (f <- g) ret=" n "\n"
#define SLOT(slot, base, pages, change)                                                \
    "memslot_commit: (f) slot=" slot " base_gfn=" base " npages=" pages                \
    " old_flags=0x0 new_flags=0x0 change=" change "\n"

static void the_shipped_recording_has_its_vcpus_classes_and_shares(void **state)
{
    struct info_block top[3];

    (void)state;
    read_info(fopen(FIXTURE_SHIPPED, "rb"));
    assert_int_equal(info.vcpus_n, 4);
    assert_int_equal(info.vms_n, 1);
    assert_int_equal(info.faults, 829);
    assert_int_equal(info.attempts, 825);
    assert_int_equal(info.eagain, 761);
    assert_int_equal(info.classes[INFO_NEEDED] + info.classes[INFO_WINDOW] +
                         info.classes[INFO_RACE] + info.classes[INFO_RETRY] +
                         info.classes[INFO_MMIO],
                     829);
    assert_int_equal(info.classes[INFO_MMIO], 4);
    assert_int_equal(info.blocks_n, 65);
    assert_int_equal(info.slots_n, 1);
    assert_int_equal(info.slots[0].slot, 1);
    assert_int_equal(info.slots[0].faults, 825);
    assert_int_equal(info.slots[0].eagain, 761);
    assert_int_equal(info_top_blocks(&info, top, 3), 3);
    assert_true(top[0].faults >= top[1].faults && top[1].faults >= top[2].faults);
}

static void a_fault_has_the_class_that_its_events_tell(void **state)
{
    static const struct {
        const char *events; /* of one vCPU */
        enum info_class classes[2];
    } rows[] = {
        {AT("9", "1.0") FAULT("0x1000", READ_L3) AT("9", "1.1") RET("0"),
         {INFO_NEEDED, INFO_CLASSES_N}},
        {AT("9", "1.0") FAULT("0x1000", READ_L3) AT("9", "1.1") RET("-11"),
         {INFO_RACE, INFO_CLASSES_N}},
        {AT("9", "1.0") FAULT("0x1000", READ_L3)
             AT("9", "1.1") "s2_break: (f) ipa=0x0 level=2 old=0x400\n" AT("9", "1.2")
                 RET("-11"),
         {INFO_WINDOW, INFO_CLASSES_N}},
        /* again after EAGAIN: same page and access, then another page */
        {AT("9", "1.0") FAULT("0x1000", READ_L3) AT("9", "1.1") RET("-11")
             AT("9", "1.2") FAULT("0x1000", READ_L3) AT("9", "1.3") RET("0"),
         {INFO_RACE, INFO_RETRY}},
        {AT("9", "1.0") FAULT("0x1000", READ_L3) AT("9", "1.1") RET("-11")
             AT("9", "1.2") FAULT("0x2000", READ_L3) AT("9", "1.3") RET("0"),
         {INFO_RACE, INFO_NEEDED}},
        /* the other access: WnR is set */
        {AT("9", "1.0") FAULT("0x1000", READ_L3) AT("9", "1.1") RET("-11")
             AT("9", "1.2") FAULT("0x1000", "0x93c48047") AT("9", "1.3") RET("0"),
         {INFO_RACE, INFO_NEEDED}},
        {AT("9", "1.0") FAULT("0x1000", READ_L3)
             AT("9", "1.1") "kvm_mmio: mmio write len 8 gpa 0x1000 val 0x0\n",
         {INFO_MMIO, INFO_CLASSES_N}},
        {AT("9", "1.0") FAULT("0x1000", READ_L3) AT("9", "1.1") RET("-12"),
         {INFO_FAILED, INFO_CLASSES_N}},
        /* KVM events alone */
        {AT("9", "1.0") FAULT("0x1000", READ_L3) AT("9", "1.1") "kvm_entry: PC: 0x0\n",
         {INFO_UNKNOWN, INFO_CLASSES_N}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t want[INFO_CLASSES_N + 1] = {0};

        want[rows[i].classes[0]]++;
        want[rows[i].classes[1]]++;
        read_text(rows[i].events);
        if (memcmp(info.classes, want, sizeof(info.classes)) != 0)
            fail_msg("row %zu: %s", i, rows[i].events);
        end(NULL);
    }
}

static void type_level_and_access_come_from_the_syndrome(void **state)
{
    static const struct {
        const char *hsr;
        enum info_type type;
        int level;
        enum info_access access;
    } rows[] = {
        {"0x93c48007", INFO_TRANSLATION, 3, INFO_READ},
        {"0x93c48046", INFO_TRANSLATION, 2, INFO_WRITE},
        {"0x82000005", INFO_TRANSLATION, 1, INFO_EXECUTE},
        {"0x82000084", INFO_TRANSLATION, 0, INFO_TABLE_WALK},
        {"0x9200000b", INFO_ACCESS_FLAG, 3, INFO_READ},
        {"0x9200004e", INFO_PERMISSION, 2, INFO_WRITE},
        {"0x92000001", INFO_ADDRESS_SIZE, 1, INFO_READ},
        {"0x9200002b", INFO_TRANSLATION, -1, INFO_READ},
        {"0x92000021", INFO_OTHER_TYPE, -1, INFO_READ}, /* alignment */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[200];

        snprintf(text, sizeof(text), AT("9", "1.0") FAULT("0x1000", "%s"), rows[i].hsr);
        read_text(text);
        if (info.levels[rows[i].type][rows[i].level + 1] != 1 ||
            info.accesses[rows[i].access] != 1)
            fail_msg("%s", rows[i].hsr);
        end(NULL);
    }
}

static void vcpus_are_grouped_into_vms_by_what_was_recorded(void **state)
{
    static const struct {
        const char *text;
        unsigned vms_n;
        const char *vm_of_each; /* in the order of the text's threads */
    } rows[] = {
        /* nothing tells them apart */
        {AT("11", "1.0") "kvm_entry: PC: 0x0\n" AT("12", "1.1") "kvm_entry: PC: 0x0\n",
         1, "00"},
        /* two threads are vCPU 0 */
        {AT("11", "1.0") "vcpu_run: (f) vcpu=0\n" AT("21", "1.1") "vcpu_run: (f) "
                                                                  "vcpu=0\n",
         2, "01"},
        /* in any order of time; thread numbers next to each other belong together */
        {AT("22", "1.0") "vcpu_run: (f) vcpu=1\n" AT(
             "11", "1.1") "vcpu_run: (f) vcpu=0\n" AT("12",
                                                      "1.2") "vcpu_run: (f) "
                                                             "vcpu=1\n" AT("21",
                                                                           "1.3") "vcpu"
                                                                                  "_run"
                                                                                  ": "
                                                                                  "(f) "
                                                                                  "vcpu"
                                                                                  "=0"
                                                                                  "\n",
         2, "0110"},
        /* vCPU 1 of the first VM never ran */
        {AT("11", "1.0") "vcpu_run: (f) vcpu=0\n" AT(
             "21", "1.1") "vcpu_run: (f) vcpu=0\n" AT("22",
                                                      "1.2") "vcpu_run: (f) vcpu=1\n",
         2, "011"},
        /* the numbers of QEMU's task names */
        {"       CPU 0/KVM-11    [000] 1.0: kvm_entry: PC: 0x0\n"
         "       CPU 1/KVM-12    [000] 1.1: kvm_entry: PC: 0x0\n"
         "       CPU 0/KVM-13    [000] 1.2: kvm_entry: PC: 0x0\n",
         2, "001"},
        /* the process */
        {"            task-11    (     10) [000] 1.0: kvm_entry: PC: 0x0\n"
         "            task-12    (     20) [000] 1.1: kvm_entry: PC: 0x0\n"
         "            task-13    (     10) [000] 1.2: kvm_entry: PC: 0x0\n",
         2, "010"},
        /* another program */
        {"       CPU 0/KVM-11    [000] 1.0: kvm_entry: PC: 0x0\n"
         "       fc_vcpu 1-12    [000] 1.1: kvm_entry: PC: 0x0\n",
         2, "01"},
        /* the kernel address of the tables */
        {AT("11", "1.0") "tlbi_vmid: (f) mmu=0xffff0001\n" AT(
             "11", "1.1") "kvm_entry: PC: 0x0\n" AT("12", "1.2") "tlbi_vmid: (f) "
                                                                 "mmu=0xffff0002\n" AT(
                                                                     "12", "1.3") "kvm_"
                                                                                  "entr"
                                                                                  "y: "
                                                                                  "PC: "
                                                                                  "0x0"
                                                                                  "\n",
         2, "01"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        read_text(rows[i].text);
        if (info.vms_n != rows[i].vms_n || info.threads_n != strlen(rows[i].vm_of_each))
            fail_msg("row %zu: %u VMs", i, info.vms_n);
        for (size_t t = 0; t < info.threads_n; t++) {
            if (info.threads[t].vm != rows[i].vm_of_each[t] - '0')
                fail_msg("row %zu, thread %zu: VM %d", i, t, info.threads[t].vm);
        }
        end(NULL);
    }
}

static void a_memslot_has_the_faults_of_its_vm_while_it_lives(void **state)
{
    (void)state;
    /* Two VMs have a slot 1 at one address; the first deletes its own. */
    read_text(
        AT("10", "1.0") SLOT("1", "0x100", "16", "0") AT("20", "1.1")
            SLOT("1", "0x100", "16", "0") AT("11", "1.2") "vcpu_run: (f) vcpu=0\n" AT(
                "21", "1.3") "vcpu_run: (f) vcpu=0\n" AT("11", "1.4")
                FAULT("0x100000", READ_L3) AT("21", "1.5") FAULT("0x10f000", READ_L3)
                    AT("21", "1.6") FAULT("0x110000", READ_L3)
                        AT("10", "1.7") "memslot_flush_shadow: (f) "
                                        "base_gfn=0x100 npages=16\n" AT("11", "1.8")
                                            FAULT("0x100000", READ_L3));
    assert_int_equal(info.slots_n, 2);
    assert_int_equal(info.threads[info.slots[0].owner].vm, 0);
    assert_int_equal(info.threads[info.slots[1].owner].vm, 1);
    assert_int_equal(info.slots[0].faults, 1);
    assert_int_equal(info.slots[1].faults, 1);
    assert_int_equal(info.no_slot_faults, 2);
    assert_false(info.slots[0].live);
    assert_true(info.slots[1].live);
}

static void a_burst_is_where_the_rate_is_far_above_the_mean(void **state)
{
    static char text[200000];
    struct info_storm bursts[4];
    size_t n = 0;

    (void)state;
    for (unsigned ms = 0; ms < 1000; ms++) {
        const unsigned faults = ms == 500 || ms == 501 ? 100 : ms % 10 == 0;

        for (unsigned f = 0; f < faults; f++)
            n += (size_t)snprintf(text + n, sizeof(text) - n,
                                  "            task-%u [000] ..... 7.%03u%03u: "
                                  "kvm_guest_fault: ipa 0x1000, hsr 0x93c48007, hxfar "
                                  "0x0, pc 0x0\n",
                                  10 + f % 3, ms, f);
    }
    read_text(text);
    assert_int_equal(info_storms(&info, &reader.origin, bursts, 4), 1);
    assert_int_equal(bursts[0].begin_ns, UINT64_C(7500000000));
    assert_int_equal(bursts[0].end_ns, UINT64_C(7502000000));
    assert_int_equal(bursts[0].faults, 200);
    assert_int_equal(bursts[0].vcpus_n, 3);
    assert_true(bursts[0].peak_per_s == 100000.0);
}

struct kept {
    unsigned events_n;
    uint64_t last_line;
};

static bool keep(void *ctx, const struct trace_record *r, struct trace_error *err)
{
    struct kept *kept = ctx;

    (void)err;
    kept->events_n += r->shape != NULL;
    kept->last_line = r->line;
    return true;
}

static const char two_vms[] = AT("10", "1.0") SLOT("1", "0x100", "16", "0") AT("20",
                                                                               "1.1")
    SLOT("2", "0x200", "16", "0") AT("11", "1.2") "vcpu_run: (f) vcpu=0\n" AT(
        "21", "1.3") "vcpu_run: (f) vcpu=0\n" AT("11", "1.4") FAULT("0x100000", READ_L3)
        AT("11", "1.5") "s2_map: (f) ipa=0x100000 size=0x1000 pa=0x0 prot=0x6\n" AT(
            "11", "1.6") RET("0") AT("11", "1.7") FAULT("0x900000", READ_L3)
            AT("11", "1.8") "s2_map: (f) ipa=0x900000 size=0x1000 pa=0x0 "
                            "prot=0x6\n" AT("11", "1.9") RET("0")
                                AT("3", "2.0") "s2_free_table_rcu: (f)\n";

static void a_choice_keeps_one_vm_or_one_memslot(void **state)
{
    static const struct {
        struct trace_choice choice;
        unsigned events_n;
    } rows[] = {
        {{-1, -1}, 11}, {{0, -1}, 9}, /* all but the two of VM 1 */
        {{1, -1}, 3},                 /* its two, and the one of no VM */
        {{-1, 1}, 7}, /* not slot 2, not the fault at 0x900000 with its call and return
                       */
        {{0, 1}, 6},
    };

    (void)state;
    read_text(two_vms);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        FILE *in = fmemopen((void *)(uintptr_t)two_vms, strlen(two_vms), "rb");
        struct trace_reader *r = calloc(1, sizeof(*r));
        struct kept kept = {0};
        struct trace_filter f;
        const struct trace_sink sink = {&f, filter_record};
        struct trace_error err;

        assert_non_null(r);
        assert_true(filter_init(&f, &rows[i].choice, &info,
                                (struct trace_sink){&kept, keep}, &err));
        assert_true(trace_read_stream(in, FIXTURE_NAME, &sink, r, &err));
        if (kept.events_n != rows[i].events_n)
            fail_msg("row %zu: %u events", i, kept.events_n);
        filter_end(&f);
        trace_reader_end(r);
        free(r);
        fclose(in);
    }
}

static void a_vm_or_memslot_that_is_not_there_is_an_error(void **state)
{
    const struct trace_choice no_vm = {2, -1};
    const struct trace_choice no_slot = {-1, 9};
    const struct trace_choice slot_of_another = {0, 2};
    const struct trace_sink none = {0};
    struct trace_filter f;
    struct trace_error err;

    (void)state;
    read_text(two_vms);
    assert_false(filter_init(&f, &no_vm, &info, none, &err));
    assert_non_null(strstr(err.text, "no VM 2; accepted: 0 to 1"));
    assert_false(filter_init(&f, &no_slot, &info, none, &err));
    assert_non_null(strstr(err.text, "no memslot_commit of slot 9"));
    assert_false(filter_init(&f, &slot_of_another, &info, none, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(
            the_shipped_recording_has_its_vcpus_classes_and_shares, end),
        cmocka_unit_test(a_fault_has_the_class_that_its_events_tell),
        cmocka_unit_test(type_level_and_access_come_from_the_syndrome),
        cmocka_unit_test(vcpus_are_grouped_into_vms_by_what_was_recorded),
        cmocka_unit_test_teardown(a_memslot_has_the_faults_of_its_vm_while_it_lives,
                                  end),
        cmocka_unit_test_teardown(a_burst_is_where_the_rate_is_far_above_the_mean, end),
        cmocka_unit_test_teardown(a_choice_keeps_one_vm_or_one_memslot, end),
        cmocka_unit_test_teardown(a_vm_or_memslot_that_is_not_there_is_an_error, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
