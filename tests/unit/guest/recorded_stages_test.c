/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/guest/recorded_stages_test.c - the kernel's tests as recorded, against the
 * accesses that the model says they do. */
#include "model/guest/plan.h"
#include "model/trace/trace.h"
#include "tests/unit/walker/rows.h"

#include <stdlib.h>
#include <unistd.h>

#define M UINT64_C(0x100000)
#define SHARED(name) STAGE2SIM_SHARED_DIR "/traces/" name

enum { VCPUS_N = 4, STAGES_MAX = 8, TIDS_N = 4096, SLOT = 1, CREATED = 0, DELETED = 1 };

struct follower {
    struct guest_stage_plan plan;
    uint32_t stage;        /* that the vCPUs are in */
    uint32_t actions_seen; /* of the host, before the next stage */
    bool during_seen, over;
    uint32_t vcpu_of[TIDS_N];
    struct guest_stage_state at[VCPUS_N];
    struct guest_access now[VCPUS_N]; /* the access that faulted last */
    char *page_seen;                  /* [page of the slot], faults of this stage */
    uint64_t faults_n[STAGES_MAX], pages_n[STAGES_MAX]; /* distinct over all vCPUs */
};

static uint64_t slot_pages_n(const struct follower *f)
{
    return f->plan.region_bytes >> 12;
}

static void enter_stage(struct follower *f, uint32_t stage)
{
    f->stage = stage;
    f->actions_seen = 0;
    for (uint32_t vcpu = 0; vcpu < VCPUS_N; vcpu++) {
        guest_stage_begin(&f->at[vcpu], &f->plan, stage, vcpu, 1);
        f->now[vcpu] = (struct guest_access){.ipa = {0}};
    }
    for (uint64_t i = 0; i < slot_pages_n(f); i++)
        f->page_seen[i] = 0;
}

/* The host's next action must be the one that the plan has next. */
static void follow_action(struct follower *f, const struct trace_event *e,
                          enum guest_host_action action)
{
    const struct guest_stage stage = guest_plan_stage(&f->plan, f->stage);
    struct guest_stage next;

    if (stage.host.during.n && !f->during_seen) {
        check_row(e->line, "an action meanwhile", action, stage.host.during.list[0]);
        f->during_seen = true;
        return;
    }
    check_row(e->line, "a stage follows", f->stage + 1 < f->plan.stages_n, true);
    next = guest_plan_stage(&f->plan, f->stage + 1);
    check_row(e->line, "an action follows", f->actions_seen < next.host.before.n, true);
    check_row(e->line, "this action", action, next.host.before.list[f->actions_seen]);
    if (++f->actions_seen == next.host.before.n)
        enter_stage(f, f->stage + 1);
}

static void follow_slot(struct follower *f, const struct trace_event *e)
{
    if (e->u.memslot.change == DELETED) {
        f->over = true;
        return;
    }
    if (e->u.memslot.slot != SLOT)
        return;
    check_row(e->line, "the slot", e->u.memslot.base_gfn << 12, f->plan.region_ipa.v);
    check_row(e->line, "the slot", e->u.memslot.npages, slot_pages_n(f));
    if (e->u.memslot.change != CREATED)
        follow_action(f, e,
                      e->u.memslot.new_flags ? GUEST_HOST_LOG_ON : GUEST_HOST_LOG_OFF);
}

/* Get and clear print the same line: the plan says which one it is. */
static void follow_sync(struct follower *f, const struct trace_event *e)
{
    follow_action(f, e, f->actions_seen ? GUEST_HOST_LOG_CLEAR : GUEST_HOST_LOG_GET);
}

/* The fault must be the access of its vCPU that faulted last, or a later one. */
static void follow_fault(struct follower *f, const struct trace_event *e)
{
    const uint64_t ipa = e->u.guest_fault.ipa;
    const uint64_t page = (ipa - f->plan.region_ipa.v) >> 12;
    const uint32_t vcpu = f->vcpu_of[e->tid];
    const enum arch_access access =
        e->u.guest_fault.esr >> 6 & 1 ? ARCH_WRITE : ARCH_READ;
    unsigned passes_left = guest_plan_stage(&f->plan, f->stage).host.during.n ? 10 : 0;

    if (ipa < f->plan.region_ipa.v || page >= slot_pages_n(f))
        return;
    while (f->now[vcpu].ipa.v != ipa || f->now[vcpu].access != access) {
        if (guest_stage_next(&f->at[vcpu], &f->now[vcpu]))
            continue;
        check_row(e->line, "the model accesses it now or later", passes_left > 0, true);
        passes_left--;
        guest_stage_again(&f->at[vcpu]);
    }
    f->faults_n[f->stage]++;
    f->pages_n[f->stage] += !f->page_seen[page];
    f->page_seen[page] = 1;
}

/* From the first stage on, in which the recording begins. */
static void follow(struct follower *f, const char *path, const struct guest_cfg *cfg,
                   uint32_t first)
{
    struct trace t;
    struct trace_error err;

    if (access(path, R_OK) != 0) {
        print_message("left out: %s is not here\n", path);
        skip();
    }
    if (!trace_import_file(path, &t, &err))
        fail_msg("%s:%u: %s", err.file, err.line, err.text);
    *f = (struct follower){.stage = 0};
    guest_plan_init(&f->plan, cfg, VCPUS_N);
    f->page_seen = malloc(slot_pages_n(f));
    assert_non_null(f->page_seen);
    enter_stage(f, first);
    for (size_t i = 0; i < t.events_n && !f->over; i++) {
        const struct trace_event *e = &t.events[i];

        assert_true(e->tid < TIDS_N);
        if (e->kind == TRACE_VCPU_RUN)
            f->vcpu_of[e->tid] = e->u.vcpu_run.vcpu;
        else if (e->kind == TRACE_MEMSLOT_COMMIT)
            follow_slot(f, e);
        else if (e->kind == TRACE_DIRTY_LOG_SYNC)
            follow_sync(f, e);
        else if (e->kind == TRACE_GUEST_FAULT)
            follow_fault(f, e);
    }
    assert_int_equal(f->stage, f->plan.stages_n - 1);
    free(f->page_seen);
    trace_free(&t);
}

/* The distinct pages that the plan accesses in a stage. */
static uint64_t planned_pages_n(const struct follower *f, uint32_t stage)
{
    char *seen = calloc(slot_pages_n(f), 1);
    uint64_t n = 0;

    assert_non_null(seen);
    for (uint32_t vcpu = 0; vcpu < VCPUS_N; vcpu++) {
        struct guest_stage_state s;
        struct guest_access a;

        guest_stage_begin(&s, &f->plan, stage, vcpu, 1);
        while (guest_stage_next(&s, &a)) {
            const uint64_t page = (a.ipa.v - f->plan.region_ipa.v) >> 12;

            n += !seen[page];
            seen[page] = 1;
        }
    }
    free(seen);
    return n;
}

static struct guest_cfg page_table_test(uint64_t ipa, uint64_t bytes)
{
    return (struct guest_cfg){.kind = GUEST_PAGE_TABLE_TEST,
                              .page_table_test = {.region_ipa = {ipa},
                                                  .region_bytes = bytes,
                                                  .block_bytes = 2 * M,
                                                  .page_bytes = 4096}};
}

static void the_page_table_test_faults_where_the_model_accesses(void **state)
{
    /* all_pages_n: 0 where some of the pages need no fault. */
    static const uint64_t faults_n[] = {0, 305, 36462, 825};
    static const uint64_t all_pages_n[] = {0, 64, 16448, 0};
    const struct guest_cfg cfg = page_table_test(0xfff7e00000, 128 * M);
    struct follower f;

    (void)state;
    /* The vCPUs access nothing in the stage before. */
    follow(&f, SHARED("kvm612-pagetable-2m-4vcpu.txt.xz"), &cfg, 1);
    assert_int_equal(f.plan.stages_n, ROWS_N(faults_n));
    for (uint32_t k = 0; k < f.plan.stages_n; k++) {
        check_row(k, "faults", f.faults_n[k], faults_n[k]);
        if (all_pages_n[k] == 0)
            continue;
        check_row(k, "pages that fault", f.pages_n[k], all_pages_n[k]);
        check_row(k, "and no others", planned_pages_n(&f, k), all_pages_n[k]);
    }
}

static void the_shipped_adjust_faults_where_the_model_accesses(void **state)
{
    const struct guest_cfg cfg = page_table_test(0xfff7e00000, 128 * M);
    struct follower f;

    (void)state;
    follow(&f,
           STAGE2SIM_SOURCE_DIR
           "/scenarios/traces/kvm612-pagetable-2m-4vcpu-adjust.txt.xz",
           &cfg, 2);
    assert_int_equal(f.faults_n[3], 825);
    assert_int_equal(planned_pages_n(&f, 3), 32768);
}

static void the_dirty_log_test_faults_where_the_model_accesses(void **state)
{
    static const uint64_t faults_n[] = {33, 0, 16384, 16384, 32};
    const struct guest_cfg cfg = {.kind = GUEST_DIRTY_LOG_TEST,
                                  .dirty_log_test = {.region_ipa = {0xfffbe00000},
                                                     .vcpu_bytes = 16 * M,
                                                     .page_bytes = 4096,
                                                     .iterations_n = 3,
                                                     .write_ppm = 1000000,
                                                     .manual_protect = true,
                                                     .run_while_disabling = true}};
    struct follower f;

    (void)state;
    follow(&f, SHARED("kvm612-dirtylog-2m-4vcpu.txt.xz"), &cfg, 0);
    assert_int_equal(f.plan.stages_n, ROWS_N(faults_n));
    assert_true(f.during_seen);
    for (uint32_t k = 0; k < f.plan.stages_n; k++) {
        check_row(k, "faults", f.faults_n[k], faults_n[k]);
        check_row(k, "every page is written", planned_pages_n(&f, k), 16384);
        if (faults_n[k] == 16384)
            check_row(k, "and takes its fault", f.pages_n[k], 16384);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_table_test_faults_where_the_model_accesses),
        cmocka_unit_test(the_shipped_adjust_faults_where_the_model_accesses),
        cmocka_unit_test(the_dirty_log_test_faults_where_the_model_accesses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
