/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/record/fault_log_test.c - rows that left the memory while the run went on,
 * against those that a list of all faults gives. */
#define _GNU_SOURCE /* open_memstream, fork */
#include "model/record/results.h"
#include "model/record/row_text.h"
#include "tests/unit/record/scratch_dir.h"
#include "tests/unit/walker/rows.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { VMS_N = 3, VCPUS_N = 4, FAULTS_N = 20000 };

struct fixture {
    struct scratch_dir dir;
    struct rec_spool spool;
    struct rec_run vms[VMS_N];
    struct rec_fault *faults; /* [n], of all VMs; their vCPUs count through */
    size_t n;
};

static int fresh(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct rec_cfg cfg = {.vcpus_n = VCPUS_N, .bin_ps = UINT64_MAX / 2};

    if (!f || !scratch_dir_make(&f->dir) ||
        !rec_spool_open(&f->spool, f->dir.path, REC_CHUNK_BYTES))
        return -1;
    cfg.spool = &f->spool;
    for (unsigned i = 0; i < VMS_N; i++)
        rec_init(&f->vms[i], &cfg);
    rec_together(f->vms, VMS_N);
    f->faults = calloc(FAULTS_N, sizeof *f->faults);
    *state = f;
    return f->faults ? 0 : -1;
}

static int done(void **state)
{
    struct fixture *f = *state;

    for (unsigned i = 0; i < VMS_N; i++)
        rec_free(&f->vms[i]);
    rec_spool_close(&f->spool);
    scratch_dir_remove(&f->dir);
    free(f->faults);
    free(f);
    return 0;
}

/* Faults of all vCPUs by time of re-entry; one in two is a retry, but vCPU 1 takes all
 * its retries of one fault through the whole run. */
static void play(struct fixture *f)
{
    for (f->n = 0; f->n < FAULTS_N; f->n++) {
        const size_t i = f->n;
        const uint32_t vcpu = (uint32_t)(i * 2654435761u >> 7) % (VMS_N * VCPUS_N);
        struct rec_fault *x = &f->faults[i];

        *x = (struct rec_fault){
            .taken_ps = i * 1000 + i * 7919 % 1900,
            .reentry_ps = (i + 2) * 1000 + 7,
            .ipa = {UINT64_C(0x40000000) + i * 4096},
            .vcpu = vcpu,
            .access = (uint8_t)(i % 3),
            .type = (uint8_t)(1 + i % 5),
            .level = (int8_t)(i % 5 - 1),
            .cls =
                (uint8_t)(vcpu == 1 || i % 2 ? REC_FAULT_RETRY
                                             : 1 + i / 2 % (REC_FAULT_CLASSES_N - 1)),
            .eagain = i % 7 < 4,
            .s1ptw = i % 11 == 0,
            .stopped = i % 301 == 0,
        };
        struct rec_fault of_vm = *x;
        of_vm.vcpu = vcpu % VCPUS_N;
        rec_add_fault(&f->vms[vcpu / VCPUS_N], &of_vm);
    }
    for (unsigned i = 0; i < VMS_N; i++)
        rec_close(&f->vms[i]);
}

static const char *result(const struct rec_fault *x)
{
    if (x->stopped)
        return "stopped";
    if (x->type == ARCH_FAULT_TLB_CONFLICT)
        return "flushed";
    return x->eagain ? "eagain" : "mapped";
}

static void put_ns(FILE *out, uint64_t ps)
{
    char text[REC_NUMBER_MAX];

    fwrite(text, 1, rec_text_ns(text, ps), out);
}

/* The row that begins with fault i, of the vCPUs from first on. */
static void want_row(const struct fixture *f, size_t i, uint32_t first, FILE *out)
{
    const struct rec_fault *x = &f->faults[i], *last = x;
    uint64_t stall = x->reentry_ps - x->taken_ps, retries = 0;

    for (size_t k = i + 1; k < f->n; k++) {
        const struct rec_fault *y = &f->faults[k];

        if (y->vcpu != x->vcpu)
            continue;
        if (y->cls != REC_FAULT_RETRY)
            break;
        retries++;
        stall += y->reentry_ps - y->taken_ps;
        last = y;
    }
    fputs("v,1,", out);
    put_ns(out, x->taken_ps);
    fprintf(out, ",%" PRIu32 ",0x%" PRIx64 ",%c,%s,%d,%s,%s,", x->vcpu - first,
            x->ipa.v, "rwx"[x->access], arch_fault_name((enum arch_fault_type)x->type),
            x -> level, rec_fault_class_name((enum rec_fault_class)x->cls),
            result(last));
    put_ns(out, stall);
    fprintf(out, ",%d,%" PRIu64 ",", x->s1ptw, retries);
    put_ns(out, last->taken_ps);
    fputc('\n', out);
}

static void want_rows(const struct fixture *f, uint32_t first, uint32_t n, FILE *out)
{
    bool seen[VMS_N * VCPUS_N] = {false};

    for (size_t i = 0; i < f->n; i++) {
        const struct rec_fault *x = &f->faults[i];

        if (x->vcpu - first >= n)
            continue;
        if (x->cls != REC_FAULT_RETRY || !seen[x->vcpu])
            want_row(f, i, first, out);
        seen[x->vcpu] = true;
    }
}

static void check_rows(const struct fixture *f, const struct rec_run *r, uint32_t first)
{
    char *got = NULL, *want = NULL;
    size_t got_n, want_n;
    FILE *a = open_memstream(&got, &got_n), *b = open_memstream(&want, &want_n);

    assert_true(a && b);
    assert_true(rec_fault_rows(r, &f->spool, "v,1,", a));
    want_rows(f, first, r->cfg.vcpus_n, b);
    fclose(a);
    fclose(b);
    assert_true(want_n > 150000);
    assert_int_equal(got_n, want_n);
    assert_memory_equal(got, want, got_n);
    free(got);
    free(want);
}

static void the_rows_are_those_of_a_list_of_all_faults(void **state)
{
    struct fixture *f = *state;
    struct rec_run *all = malloc(sizeof *all);

    assert_non_null(all);
    play(f);
    for (unsigned i = 0; i < VMS_N; i++)
        check_rows(f, &f->vms[i], i * VCPUS_N);
    rec_merge(all, f->vms, VMS_N);
    check_rows(f, all, 0);
    rec_free(all);
    free(all);
}

/* The vCPU of VM vm that is the i-th to re-enter: the first or the last one begins. */
static uint32_t vcpu_of(uint32_t vm, uint32_t i)
{
    return vm % 2 ? i : VCPUS_N - 1 - i;
}

/* Three moments, at each of which all vCPUs re-enter, the VMs in turn. */
static void rows_of_one_moment_stand_vm_by_vm_as_each_vm_recorded_them(void **state)
{
    struct fixture *f = *state;
    struct rec_run *all = malloc(sizeof *all);
    char *got = NULL, *want = NULL;
    size_t got_n, want_n;
    FILE *a = open_memstream(&got, &got_n), *b = open_memstream(&want, &want_n);

    assert_true(all && a && b);
    for (uint32_t i = 0; i < 3 * VCPUS_N * VMS_N; i++) {
        const uint64_t t = 1 + i / (VCPUS_N * VMS_N);
        const uint32_t vm = i % VMS_N, vcpu = vcpu_of(vm, i / VMS_N % VCPUS_N);

        rec_add_fault(&f->vms[vm],
                      &(struct rec_fault){.taken_ps = t * 1000 - 7 * vm - vcpu,
                                          .reentry_ps = t * 1000,
                                          .vcpu = vcpu,
                                          .type = ARCH_FAULT_TRANSLATION,
                                          .cls = REC_FAULT_NEEDED});
    }
    for (uint32_t i = 0; i < VMS_N; i++)
        rec_close(&f->vms[i]);
    rec_merge(all, f->vms, VMS_N);
    assert_true(rec_fault_rows(all, &f->spool, "", a));
    for (uint32_t i = 0; i < 3 * VCPUS_N * VMS_N; i++) {
        const uint64_t t = 1 + i / (VCPUS_N * VMS_N);
        const uint32_t vm = i / VCPUS_N % VMS_N, vcpu = vcpu_of(vm, i % VCPUS_N);

        put_ns(b, t * 1000 - 7 * vm - vcpu);
        fprintf(b, ",%" PRIu32 ",0x0,r,translation,0,needed,mapped,",
                vm * VCPUS_N + vcpu);
        put_ns(b, 7 * vm + vcpu);
        fputs(",0,0,", b);
        put_ns(b, t * 1000 - 7 * vm - vcpu);
        fputc('\n', b);
    }
    fclose(a);
    fclose(b);
    assert_string_equal(got, want);
    free(got);
    free(want);
    rec_free(all);
    free(all);
}

/* 40,000 faults of one chain, then 100,000 of their own. */
static void memory_does_not_grow_with_the_faults(void **state)
{
    struct fixture *f = *state;
    struct rec_run *r = &f->vms[0];
    struct rec_fault x = {.cls = REC_FAULT_NEEDED, .vcpu = 2};

    rec_add_fault(r, &x);
    x.cls = REC_FAULT_RETRY;
    for (int i = 0; i < 40000; i++)
        rec_add_fault(r, &x);
    assert_int_equal(*f->spool.taken, 0);
    x.cls = REC_FAULT_NEEDED;
    for (int i = 1; i < 100000; i++)
        rec_add_fault(r, &x);
    assert_int_equal(*f->spool.taken, 100000 / REC_CHUNK_ROWS);
    assert_null(r->faults);
    rec_close(r);
    assert_int_equal(r->fault_lists[0].rows_n, 100000);
    assert_int_equal(r->fault_lists[0].chunks_n, 100000 / REC_CHUNK_ROWS + 1);
}

/* Two processes fill one spool at the same time. */
static void each_process_takes_chunks_of_its_own(void **state)
{
    enum { CHUNKS_N = 200 };
    struct fixture *f = *state;
    char block[REC_CHUNK_BYTES];
    int status;

    for (int i = 0; i < 2; i++) {
        if (fork())
            continue;
        memset(block, 'a' + i, sizeof block);
        for (int k = 0; k < CHUNKS_N; k++) {
            if (!rec_spool_write(&f->spool, rec_spool_take(&f->spool), 0, block,
                                 sizeof block))
                _exit(1);
        }
        _exit(0);
    }
    for (int i = 0; i < 2; i++) {
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
    unsigned n[2] = {0, 0};
    for (uint64_t k = 0; k < 2 * CHUNKS_N; k++) {
        assert_true(rec_spool_read(&f->spool, k, 0, block, sizeof block));
        for (size_t i = 1; i < sizeof block; i++)
            assert_int_equal(block[i], block[0]);
        n[block[0] - 'a']++;
    }
    assert_int_equal(n[0], CHUNKS_N);
    assert_int_equal(n[1], CHUNKS_N);
}

static void a_spool_has_no_name_in_its_folder(void **state)
{
    struct fixture *f = *state;

    play(f);
    assert_int_equal(scratch_dir_files(&f->dir), 0);
}

static void a_folder_that_is_not_there_has_no_spool(void **state)
{
    struct rec_spool s;

    (void)state;
    assert_false(rec_spool_open(&s, "/nothing/here", REC_CHUNK_BYTES));
    assert_int_equal(errno, ENOENT);
}

static void a_full_disk_is_the_error_of_the_run(void **state)
{
    struct fixture *f = *state;
    const int full = open("/dev/full", O_RDWR);

    if (full < 0)
        skip();
    assert_true(dup2(full, f->spool.fd) >= 0);
    close(full);
    rec_add_fault(&f->vms[0], &(struct rec_fault){.taken_ps = 1});
    assert_null(f->vms[0].error);
    rec_close(&f->vms[0]);
    assert_non_null(strstr(f->vms[0].error, "No space left on device"));
    for (unsigned i = 0; i < REC_CHUNK_ROWS; i++) {
        assert_null(f->vms[1].error);
        rec_add_fault(&f->vms[1],
                      &(struct rec_fault){.taken_ps = i, .cls = REC_FAULT_NEEDED});
    }
    assert_non_null(strstr(f->vms[1].error, "No space left on device"));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, fresh, done)
    const struct CMUnitTest tests[] = {
        CASE(the_rows_are_those_of_a_list_of_all_faults),
        CASE(rows_of_one_moment_stand_vm_by_vm_as_each_vm_recorded_them),
        CASE(memory_does_not_grow_with_the_faults),
        CASE(each_process_takes_chunks_of_its_own),
        CASE(a_spool_has_no_name_in_its_folder),
        CASE(a_folder_that_is_not_there_has_no_spool),
        CASE(a_full_disk_is_the_error_of_the_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
