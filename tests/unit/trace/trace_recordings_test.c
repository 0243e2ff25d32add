/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/trace/trace_recordings_test.c - whole recordings of the real kernel. */
#include "tests/unit/trace/trace_fixture.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct count {
    enum trace_kind kind;
    uint64_t n;
};

static struct trace import_path(const char *path)
{
    struct trace t;
    struct trace_error err;

    if (!trace_import_file(path, &t, &err))
        fail_msg("%s:%u: %s", err.file, err.line, err.text);
    return t;
}

/* All events but those of counts[] must be absent; the sum is events_n. */
static void check_counts(const struct trace *t, const struct count *counts,
                         size_t counts_n)
{
    uint64_t want[TRACE_KINDS_N] = {0};
    uint64_t sum = 0;

    for (size_t i = 0; i < counts_n; i++) {
        want[counts[i].kind] = counts[i].n;
        sum += counts[i].n;
    }
    for (unsigned kind = 0; kind < TRACE_KINDS_N; kind++) {
        if (t->counts[kind] != want[kind])
            fail_msg("%s: %" PRIu64 ", want %" PRIu64,
                     trace_kind_name((enum trace_kind)kind), t->counts[kind],
                     want[kind]);
    }
    assert_int_equal(t->events_n, sum);
    assert_int_equal(t->lost_events, 0);
}

static void the_shipped_recording_has_its_counts(void **state)
{
    static const struct count counts[] = {
        {TRACE_GUEST_FAULT, 829},
        {TRACE_S2_MAP, 825},
        {TRACE_S2_MAP_RET, 825},
        {TRACE_S2_BREAK, 761},
        {TRACE_S2_MAKE, 64},
        {TRACE_TLBI_VMID, 64},
        {TRACE_S2_FREE_TABLE, 64},
        {TRACE_S2_FREE_TABLE_RCU, 64},
        {TRACE_KVM_ENTRY, 843},
        {TRACE_KVM_EXIT, 843},
        {TRACE_TLBI_VMID_IPA, 150},
        {TRACE_VCPU_RUN, 12},
        {TRACE_USERSPACE_EXIT, 12},
        {TRACE_UNMAP_HVA, 14},
        {TRACE_MMIO, 4},
        {TRACE_MEMSLOT_COMMIT, 3},
        {TRACE_MEMSLOT_FLUSH, 2},
        {TRACE_S2_UNMAP, 2},
        {TRACE_S2_UNMAP_RET, 2},
    };
    struct trace t = import_path(FIXTURE_SHIPPED);

    (void)state;
    check_counts(&t, counts, sizeof(counts) / sizeof(counts[0]));
    trace_free(&t);
}

static void the_shipped_recording_keeps_its_order_and_its_fields(void **state)
{
    struct trace t = import_path(FIXTURE_SHIPPED);
    const struct trace_event *first = &t.events[0];
    const struct trace_event *last = &t.events[t.events_n - 1];

    (void)state;
    assert_int_equal(first->kind, TRACE_MEMSLOT_COMMIT);
    assert_int_equal(first->line, 13);
    assert_int_equal(first->tid, 377);
    assert_int_equal(first->cpu, 3);
    assert_int_equal(first->time_ns, UINT64_C(73000276000));
    assert_int_equal(first->u.memslot.base_gfn, 0xfff7e00);
    assert_int_equal(last->line, 5395);
    for (size_t i = 1; i < t.events_n; i++) {
        assert_int_equal(t.events[i].line, t.events[i - 1].line + 1);
        assert_true(t.events[i].offset > t.events[i - 1].offset);
    }
    trace_free(&t);
}

/* What each attempt of the shipped recording came to, as far as its lines tell. */
static void the_shipped_recording_has_64_maps_done_and_690_locked_entries(void **state)
{
    struct trace t = import_path(FIXTURE_SHIPPED);
    unsigned done_n = 0;
    unsigned again_n = 0;
    unsigned locked_n = 0;

    (void)state;
    for (size_t i = 0; i < t.events_n; i++) {
        const struct trace_event *e = &t.events[i];

        done_n += e->kind == TRACE_S2_MAP_RET && e->u.ret.ret == 0;
        again_n += e->kind == TRACE_S2_MAP_RET && e->u.ret.ret == -11;
        locked_n += e->kind == TRACE_S2_BREAK && e->u.entry.desc == 0x400;
    }
    assert_int_equal(done_n, 64);
    assert_int_equal(again_n, 761);
    assert_int_equal(locked_n, 690);
    trace_free(&t);
}

static const struct count whole_2m[] = {
    {TRACE_GUEST_FAULT, 37703},
    {TRACE_KVM_ENTRY, 38199},
    {TRACE_KVM_EXIT, 38199},
    {TRACE_S2_MAP, 37573},
    {TRACE_S2_MAP_RET, 37573},
    {TRACE_S2_RELAX_PERMS, 114},
    {TRACE_S2_RELAX_PERMS_RET, 114},
    {TRACE_S2_BREAK, 7863},
    {TRACE_S2_MAKE, 195},
    {TRACE_S2_FREE_TABLE, 64},
    {TRACE_S2_FREE_TABLE_RCU, 64},
    {TRACE_TLBI_VMID, 65},
    {TRACE_TLBI_VMID_IPA, 214},
    {TRACE_TLBI_VMID_IPA_NSH, 114},
    {TRACE_VCPU_RUN, 48},
    {TRACE_USERSPACE_EXIT, 48},
    {TRACE_UNMAP_HVA, 22},
    {TRACE_MMIO, 16},
    {TRACE_MEMSLOT_COMMIT, 6},
    {TRACE_MEMSLOT_FLUSH, 2},
    {TRACE_FLUSH_REMOTE_MEMSLOT, 1},
    {TRACE_S2_WRPROTECT, 1},
    {TRACE_S2_WRPROTECT_RET, 1},
    {TRACE_S2_UNMAP, 6},
    {TRACE_S2_UNMAP_RET, 6},
};

static const struct count dirty_log[] = {
    {TRACE_GUEST_FAULT, 32923},
    {TRACE_KVM_ENTRY, 33084},
    {TRACE_KVM_EXIT, 33084},
    {TRACE_S2_MAP, 16506},
    {TRACE_S2_MAP_RET, 16506},
    {TRACE_S2_RELAX_PERMS, 16384},
    {TRACE_S2_RELAX_PERMS_RET, 16384},
    {TRACE_S2_BREAK, 64},
    {TRACE_S2_MAKE, 99},
    {TRACE_S2_FREE_TABLE, 32},
    {TRACE_S2_FREE_TABLE_RCU, 32},
    {TRACE_TLBI_VMID, 35},
    {TRACE_TLBI_VMID_IPA, 124},
    {TRACE_TLBI_VMID_IPA_NSH, 16384},
    {TRACE_VCPU_RUN, 99},
    {TRACE_USERSPACE_EXIT, 99},
    {TRACE_UNMAP_HVA, 23},
    {TRACE_MMIO, 33},
    {TRACE_MEMSLOT_COMMIT, 6},
    {TRACE_MEMSLOT_FLUSH, 2},
    {TRACE_S2_WRPROTECT, 768},
    {TRACE_S2_WRPROTECT_RET, 768},
    {TRACE_S2_UNMAP, 6},
    {TRACE_S2_UNMAP_RET, 6},
    {TRACE_DIRTY_LOG_SYNC, 6},
    {TRACE_DIRTY_LOG_MASKED, 768},
};

static void check_shared(const char *path, const struct count *counts, size_t counts_n)
{
    if (access(path, R_OK) != 0) {
        print_message("left out: %s is not here\n", path);
        skip();
    }

    struct trace t = import_path(path);

    check_counts(&t, counts, counts_n);
    trace_free(&t);
}

#define SHARED(name) STAGE2SIM_SHARED_DIR "/traces/" name

static void the_whole_2m_recording_has_its_counts(void **state)
{
    (void)state;
    check_shared(SHARED("kvm612-pagetable-2m-4vcpu.txt.xz"), whole_2m,
                 sizeof(whole_2m) / sizeof(whole_2m[0]));
}

static void the_dirty_log_recording_has_its_counts(void **state)
{
    (void)state;
    check_shared(SHARED("kvm612-dirtylog-2m-4vcpu.txt.xz"), dirty_log,
                 sizeof(dirty_log) / sizeof(dirty_log[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shipped_recording_has_its_counts),
        cmocka_unit_test(the_shipped_recording_keeps_its_order_and_its_fields),
        cmocka_unit_test(the_shipped_recording_has_64_maps_done_and_690_locked_entries),
        cmocka_unit_test(the_whole_2m_recording_has_its_counts),
        cmocka_unit_test(the_dirty_log_recording_has_its_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
