/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/trace/trace_lines_test.c - what each line of a recording becomes. */
#include "tests/unit/trace/trace_fixture.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct trace import_good(const char *text)
{
    struct trace t;
    struct trace_error err;

    if (!fixture_import(text, strlen(text), &t, &err))
        fail_msg("line %u: %s\n  of: %s", err.line, err.text, text);
    return t;
}

/* The head of a line, to be followed by the event's name. */
#define HEAD " kvm_page_table_-381     [001] d....    73.001267: "

struct field_row {
    const char *line;
    struct trace_event want; /* kind and u */
};

static const struct field_row trace_point_rows[] = {
    {"kvm_entry: PC: 0x000000000040c2dc",
     {.kind = TRACE_KVM_ENTRY, .u.vcpu = {.pc = 0x40c2dc}}},
    {"kvm_exit: TRAP: HSR_EC: 0x0024 (DABT_LOW), PC: 0x0000000000400b78",
     {.kind = TRACE_KVM_EXIT, .u.vcpu = {.pc = 0x400b78, .ec = 0x24}}},
    {"kvm_exit: IRQ: HSR_EC: 0x0000 (UNKNOWN), PC: 0xffff87259e30",
     {.kind = TRACE_KVM_EXIT, .u.vcpu = {.pc = 0xffff87259e30}}},
    {"kvm_guest_fault: ipa 0xfff7e01000, hsr 0x93c48007, hxfar 0xc0001000, "
     "pc 0x00000000400b78",
     {.kind = TRACE_GUEST_FAULT,
      .u.guest_fault = {.ipa = 0xfff7e01000,
                        .esr = 0x93c48007,
                        .hxfar = 0xc0001000,
                        .pc = 0x400b78}}},
    /* %#llx prints a zero without 0x */
    {"kvm_guest_fault: ipa 0, hsr 0x82000084, hxfar 0x4065d0, pc 0x4065d0",
     {.kind = TRACE_GUEST_FAULT,
      .u.guest_fault = {.esr = 0x82000084, .hxfar = 0x4065d0, .pc = 0x4065d0}}},
    /* ISS2 is above bit 31; older kernels print no commas */
    {"kvm_guest_fault: ipa 0x8000000 hsr 0x192000045 hxfar 0x8000420 pc 0x40085978",
     {.kind = TRACE_GUEST_FAULT,
      .u.guest_fault = {.ipa = 0x8000000,
                        .esr = 0x192000045,
                        .hxfar = 0x8000420,
                        .pc = 0x40085978}}},
    {"kvm_userspace_exit: reason KVM_EXIT_MMIO (6)", {.kind = TRACE_USERSPACE_EXIT}},
    {"kvm_userspace_exit: reason restart (4)", {.kind = TRACE_USERSPACE_EXIT}},
    {"kvm_mmio: mmio write len 8 gpa 0x320000 val 0xffff87685040",
     {.kind = TRACE_MMIO, .u.mmio = {.gpa = 0x320000}}},
    {"kvm_mmio: mmio unsatisfied-read len 4 gpa 0x9000018 val 0x0",
     {.kind = TRACE_MMIO, .u.mmio = {.gpa = 0x9000018}}},
    {"kvm_unmap_hva_range: mmu notifier unmap range: 0x00ffff7ebf0000 -- "
     "0x00ffff7ec00000",
     {.kind = TRACE_UNMAP_HVA,
      .u.hva = {.start = 0xffff7ebf0000, .end = 0xffff7ec00000}}},
    /* Linux up to 5.9: narrow fields, and %#08lx of a zero as trace-cmd prints it */
    {"kvm_entry: PC: 0x4009a4", {.kind = TRACE_KVM_ENTRY, .u.vcpu = {.pc = 0x4009a4}}},
    {"kvm_guest_fault: ipa 0x1c010000, hsr 0x93800006, hxfar 00000000, pc 0x802c21c8",
     {.kind = TRACE_GUEST_FAULT,
      .u.guest_fault = {.ipa = 0x1c010000, .esr = 0x93800006, .pc = 0x802c21c8}}},
    {"kvm_unmap_hva_range: mmu notifier unmap range: 0x7ebf0000 -- 0x7ec00000",
     {.kind = TRACE_UNMAP_HVA, .u.hva = {.start = 0x7ebf0000, .end = 0x7ec00000}}},
    /* the register under its architectural name */
    {"kvm_guest_fault: ipa 0x1000, esr 0x93c48007, hxfar 0x2008, pc 0x400b78",
     {.kind = TRACE_GUEST_FAULT,
      .u.guest_fault =
          {.ipa = 0x1000, .esr = 0x93c48007, .hxfar = 0x2008, .pc = 0x400b78}}},
    {"kvm_exit: TRAP: ESR_EC: 0x0024 (DABT_LOW), PC: 0x0000000000400b78",
     {.kind = TRACE_KVM_EXIT, .u.vcpu = {.pc = 0x400b78, .ec = 0x24}}},
    /* a value that the kernel has no name for */
    {"kvm_exit: 0x7: HSR_EC: 0x003f (0x3f), PC: 0x0000000000400b78",
     {.kind = TRACE_KVM_EXIT, .u.vcpu = {.pc = 0x400b78, .ec = 0x3f}}},
    /* perf and the group of the event */
    {"kvm:kvm_entry: PC: 0x1", {.kind = TRACE_KVM_ENTRY, .u.vcpu = {.pc = 1}}},
    {"guest_access: S va 0x1ffefff8 size 8",
     {.kind = TRACE_GUEST_ACCESS,
      .u.access = {.va = 0x1ffefff8, .size = 8, .type = 'S'}}},
};

static const struct field_row probe_rows[] = {
    {"vcpu_run: (kvm_arch_vcpu_ioctl_run+0x0/0x860) vcpu=3",
     {.kind = TRACE_VCPU_RUN, .u.vcpu_run = {.vcpu = 3}}},
    {"memslot_commit: (kvm_arch_commit_memory_region+0x0/0x258) slot=1 "
     "base_gfn=0xfff7e00 npages=32768 old_flags=0x1 new_flags=0x0 change=3",
     {.kind = TRACE_MEMSLOT_COMMIT,
      .u.memslot = {.base_gfn = 0xfff7e00,
                    .npages = 32768,
                    .slot = 1,
                    .old_flags = 1,
                    .change = 3}}},
    /* a deletion has no new slot: what is printed for it means nothing */
    {"memslot_commit: (kvm_arch_commit_memory_region+0x0/0x258) slot=-20480 "
     "base_gfn=0x7 npages=-3 old_flags=0x1 new_flags=0x0 change=1",
     {.kind = TRACE_MEMSLOT_COMMIT,
      .u.memslot = {.slot = UINT32_MAX, .old_flags = 1, .change = 1}}},
    {"memslot_flush_shadow: (kvm_arch_flush_shadow_memslot+0x0/0xa8) "
     "base_gfn=0xfff7e00 npages=32768",
     {.kind = TRACE_MEMSLOT_FLUSH,
      .u.memslot = {.base_gfn = 0xfff7e00, .npages = 32768}}},
    {"flush_remote_memslot: (kvm_flush_remote_tlbs_memslot+0x0/0x98) "
     "base_gfn=0xfff7e00 npages=32768",
     {.kind = TRACE_FLUSH_REMOTE_MEMSLOT,
      .u.memslot = {.base_gfn = 0xfff7e00, .npages = 32768}}},
    {"dirty_log_sync: (kvm_arch_sync_dirty_log+0x0/0x18) base_gfn=0xfffbe00 "
     "npages=16384",
     {.kind = TRACE_DIRTY_LOG_SYNC,
      .u.memslot = {.base_gfn = 0xfffbe00, .npages = 16384}}},
    {"dirty_log_masked: (kvm_arch_mmu_enable_log_dirty_pt_masked+0x0/0xc8) "
     "base_gfn=0xfffbe00 gfn_offset=0x40 mask=0xffffffffffffffff",
     {.kind = TRACE_DIRTY_LOG_MASKED,
      .u.dirty_masked = {.base_gfn = 0xfffbe00,
                         .gfn_offset = 0x40,
                         .mask = UINT64_MAX}}},
    {"s2_map: (kvm_pgtable_stage2_map+0x0/0x140) ipa=0xfff7e00000 size=0x200000 "
     "pa=0x1b8400000 prot=0x6",
     {.kind = TRACE_S2_MAP,
      .u.s2_map =
          {.ipa = 0xfff7e00000, .size = 0x200000, .pa = 0x1b8400000, .prot = 6}}},
    /* KVM_PGTABLE_PROT_SW0 is bit 55 */
    {"s2_map: (f) ipa=0x1000 size=0x1000 pa=0x2000 prot=0x80000000000006",
     {.kind = TRACE_S2_MAP,
      .u.s2_map = {.ipa = 0x1000, .size = 0x1000, .pa = 0x2000, .prot = 6}}},
    {"s2_map_ret: (kvm_handle_guest_abort+0xbb8/0xe68 <- kvm_pgtable_stage2_map) "
     "ret=-11",
     {.kind = TRACE_S2_MAP_RET, .u.ret = {.ret = -11}}},
    /* a probe without a type prints the register */
    {"s2_map_ret: (ffffb32ee268c070 <- ffffb32ee265f8c0) ret=0xfffffff5",
     {.kind = TRACE_S2_MAP_RET, .u.ret = {.ret = -11}}},
    {"s2_map_ret: (ffffb32ee268c070 <- ffffb32ee265f8c0) ret=0xfffffffffffffff5",
     {.kind = TRACE_S2_MAP_RET, .u.ret = {.ret = -11}}},
    {"s2_relax_perms: (kvm_pgtable_stage2_relax_perms+0x0/0x158) ipa=0xfff8000000 "
     "prot=0x6",
     {.kind = TRACE_S2_RELAX_PERMS, .u.relax = {.ipa = 0xfff8000000, .prot = 6}}},
    {"s2_relax_perms_ret: (a+0x460/0xe68 <- b) ret=0",
     {.kind = TRACE_S2_RELAX_PERMS_RET}},
    {"s2_break: (stage2_try_break_pte+0x0/0x160) ipa=0xfff7e00000 level=2 "
     "old=0x1529ea003",
     {.kind = TRACE_S2_BREAK,
      .u.entry = {.ipa = 0xfff7e00000, .desc = 0x1529ea003, .level = 2}}},
    {"s2_make: (stage2_make_pte+0x0/0x70) ipa=0xfff7e00000 level=2 "
     "new=0x400001b84007fd",
     {.kind = TRACE_S2_MAKE,
      .u.entry = {.ipa = 0xfff7e00000, .desc = 0x400001b84007fd, .level = 2}}},
    /* fields are told by name, not by place; a probe may have more of them */
    {"s2_make: (stage2_make_pte+0x0/0x70) new=0x3  level=-1 ptep=0xffff ipa=0x1000",
     {.kind = TRACE_S2_MAKE, .u.entry = {.ipa = 0x1000, .desc = 3, .level = -1}}},
    {"s2_make: (stage2_make_pte+0x0/0x70) ip=7 ipa=0x1000 ipas=8 level=3 new=0x3",
     {.kind = TRACE_S2_MAKE, .u.entry = {.ipa = 0x1000, .desc = 3, .level = 3}}},
    /* a recorder that prints no place */
    {"s2_make: ipa=0x1000 level=3 new=0x3",
     {.kind = TRACE_S2_MAKE, .u.entry = {.ipa = 0x1000, .desc = 3, .level = 3}}},
    {"s2_free_table: (stage2_free_unlinked_table+0x0/0x58)",
     {.kind = TRACE_S2_FREE_TABLE}},
    {"s2_free_table_rcu: (stage2_free_unlinked_table_rcu_cb+0x0/0x58)",
     {.kind = TRACE_S2_FREE_TABLE_RCU}},
    {"s2_unmap: (kvm_pgtable_stage2_unmap+0x0/0xc8) ipa=0x0 size=0x320000",
     {.kind = TRACE_S2_UNMAP, .u.range = {.size = 0x320000}}},
    {"s2_unmap_ret: (stage2_apply_range+0xf0/0x130 <- kvm_pgtable_stage2_unmap) ret=0",
     {.kind = TRACE_S2_UNMAP_RET}},
    {"s2_wrprotect: (kvm_pgtable_stage2_wrprotect+0x0/0x90) ipa=0xfff7e00000 "
     "size=0x8000000",
     {.kind = TRACE_S2_WRPROTECT, .u.range = {.ipa = 0xfff7e00000, .size = 0x8000000}}},
    {"s2_wrprotect_ret: (a+0xf0/0x130 <- b) ret=0", {.kind = TRACE_S2_WRPROTECT_RET}},
    {"tlbi_vmid: (__kvm_tlb_flush_vmid+0x0/0x98) mmu=0xffff8000801659c8",
     {.kind = TRACE_TLBI_VMID, .u.tlbi_vmid = {.mmu = 0xffff8000801659c8}}},
    {"tlbi_vmid_ipa: (__kvm_tlb_flush_vmid_ipa+0x0/0xd0) ipa=0x2000 level=3",
     {.kind = TRACE_TLBI_VMID_IPA, .u.tlbi = {.ipa = 0x2000, .level = 3}}},
    {"tlbi_vmid_ipa_nsh: (__kvm_tlb_flush_vmid_ipa_nsh+0x0/0xc0) ipa=0xfff8000000 "
     "level=2",
     {.kind = TRACE_TLBI_VMID_IPA_NSH, .u.tlbi = {.ipa = 0xfff8000000, .level = 2}}},
    /* other events, with whatever behind the colon */
    {"kvm_set_spte_hva: mmu notifier set pte hva: 0x00ffff84874000",
     {.kind = TRACE_OTHER}},
    {"s2_map_retry:", {.kind = TRACE_OTHER}},
    {"s2_ma: x", {.kind = TRACE_OTHER}},
};

static void check_fields(const struct field_row *rows, size_t rows_n)
{
    for (size_t i = 0; i < rows_n; i++) {
        char text[400];

        snprintf(text, sizeof(text), HEAD "%s\n", rows[i].line);

        struct trace t = import_good(text);

        if (t.events_n != 1 || t.counts[rows[i].want.kind] != 1 ||
            t.events[0].kind != rows[i].want.kind)
            fail_msg("row %zu: kind %u, want %u: %s", i, t.events[0].kind,
                     rows[i].want.kind, rows[i].line);
        if (memcmp(&t.events[0].u, &rows[i].want.u, sizeof(rows[i].want.u)) != 0)
            fail_msg("row %zu: fields differ: %s", i, rows[i].line);
        trace_free(&t);
    }
}

static void trace_points_give_their_fields(void **state)
{
    (void)state;
    check_fields(trace_point_rows,
                 sizeof(trace_point_rows) / sizeof(*trace_point_rows));
}

static void probes_give_their_fields_in_any_order(void **state)
{
    (void)state;
    check_fields(probe_rows, sizeof(probe_rows) / sizeof(*probe_rows));
}

static void every_kind_has_a_row_and_its_linux_name(void **state)
{
    bool seen[TRACE_KINDS_N] = {false};

    (void)state;
    for (size_t i = 0; i < sizeof(trace_point_rows) / sizeof(*trace_point_rows); i++)
        seen[trace_point_rows[i].want.kind] = true;
    for (size_t i = 0; i < sizeof(probe_rows) / sizeof(*probe_rows); i++)
        seen[probe_rows[i].want.kind] = true;
    for (unsigned kind = 0; kind < TRACE_KINDS_N; kind++) {
        if (!seen[kind])
            fail_msg("kind %s has no row", trace_kind_name((enum trace_kind)kind));
    }
    assert_string_equal(trace_kind_name(TRACE_GUEST_FAULT), "kvm_guest_fault");
    assert_string_equal(trace_kind_name(TRACE_OTHER), "other");
}

static void the_head_gives_task_cpu_and_time(void **state)
{
    static const struct {
        const char *line;
        uint32_t tid;
        uint16_t cpu;
        uint64_t time_ns;
    } rows[] = {
        {" kvm_page_table_-427     [002] .....    13.721287: e: x", 427, 2,
         13721287000},
        {"          <idle>-0       [002] d.s..    13.767278: e: x", 0, 2, 13767278000},
        /* dashes and blanks in the name; the column of the name decides */
        {"    rcu_sched-17-9       [000] .....     0.000001: e: x", 9, 0, 1000},
        {"       CPU 0/KVM-4242    [003] .....  1.5: e: x", 4242, 3, 1500000000},
        {"     a-1 [7] b-2-55      [003] .....  1.500000: e: x", 55, 3, 1500000000},
        /* the leading blanks were lost */
        {"rcu_sched-17-9 [000] ..... 0.000001: e: x", 9, 0, 1000},
        /* a CPU number of four digits, a thread id of seven */
        {" kvm_page_table_-4194304 [1023] .....    1.000000: e: x", 4194304, 1023,
         1000000000},
        /* options: record-tgid, no irq-info */
        {"            bash-1977    (   1977) [000] .....   2.000003: e: x", 1977, 0,
         2000003000},
        {"            bash-1977    (-------) [000] .....   2.000003: e: x", 1977, 0,
         2000003000},
        {"            bash-1977    [000]   2.000003: e: x", 1977, 0, 2000003000},
        /* nanoseconds; 0.1 has no binary fraction */
        {"            bash-1977    [000] .....   2.000000003: e: x", 1977, 0,
         2000000003},
        {"            bash-1977    [000] .....   9007199.100000: e: x", 1977, 0,
         9007199100000000},
        {"            bash-1977    [000] .....   18446744073.709551615: e: x", 1977, 0,
         UINT64_MAX},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[400];

        snprintf(text, sizeof(text), "%s\n", rows[i].line);

        struct trace t = import_good(text);
        const struct trace_event *e = t.events;

        if (e->tid != rows[i].tid || e->cpu != rows[i].cpu ||
            e->time_ns != rows[i].time_ns)
            fail_msg("row %zu: got tid %u cpu %u %" PRIu64 " ns: %s", i, e->tid, e->cpu,
                     e->time_ns, rows[i].line);
        trace_free(&t);
    }
}

static void an_event_keeps_its_line_and_byte_offset(void **state)
{
    static const char first[] = "# tracer: nop\n#\n";
    static const char second[] = HEAD "kvm_entry: PC: 0x1\r\n";
    static const char third[] = HEAD "kvm_entry: PC: 0x2\n";
    char text[400];

    (void)state;
    snprintf(text, sizeof(text), "%s%s%s", first, second, third);

    struct trace t = import_good(text);

    assert_int_equal(t.events_n, 2);
    assert_int_equal(t.events[0].line, 3);
    assert_int_equal(t.events[0].offset, strlen(first));
    assert_int_equal(t.events[0].u.vcpu.pc, 1);
    assert_int_equal(t.events[1].line, 4);
    assert_int_equal(t.events[1].offset, strlen(first) + strlen(second));
    assert_int_equal(t.events[1].u.vcpu.pc, 2);
    trace_free(&t);
}

static void lost_events_are_those_of_the_header_and_of_the_marks(void **state)
{
    static const struct {
        const char *text;
        uint64_t lost;
    } rows[] = {
        {"# entries-in-buffer/entries-written: 5383/5383   #P:4\n", 0},
        {"# entries-in-buffer/entries-written: 5383/6000   #P:4\n", 617},
        {"# entries-in-buffer/entries-written: 0/18446744073709551615\n", UINT64_MAX},
        {"CPU:2 [LOST 143 EVENTS]\n", 143},
        {"CPU:2 [LOST EVENTS]\n", 1},        /* the kernel does not know how many */
        {"CPU:2 [17 EVENTS DROPPED]\n", 17}, /* trace-cmd report */
        {"CPU:2 [EVENTS DROPPED]\n", 1},
        {" qemu 4242 [003] 66.846217: PERF_RECORD_LOST lost 12\n", 12},
        {"# entries-in-buffer/entries-written: 1/2   #P:4\n"
         "CPU:0 [LOST 3 EVENTS]\nCPU:11 [LOST 5 EVENTS]\n",
         9},
        {"##### CPU 2 buffer started ####\n", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct trace t = import_good(rows[i].text);

        if (t.lost_events != rows[i].lost || t.events_n != 0)
            fail_msg("row %zu: %" PRIu64 " lost, want %" PRIu64, i, t.lost_events,
                     rows[i].lost);
        trace_free(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trace_points_give_their_fields),
        cmocka_unit_test(probes_give_their_fields_in_any_order),
        cmocka_unit_test(every_kind_has_a_row_and_its_linux_name),
        cmocka_unit_test(the_head_gives_task_cpu_and_time),
        cmocka_unit_test(an_event_keeps_its_line_and_byte_offset),
        cmocka_unit_test(lost_events_are_those_of_the_header_and_of_the_marks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
