/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/record/transfer_test.c - a run survives the pipe, or is refused whole. */
#define _POSIX_C_SOURCE 200809L /* fmemopen, open_memstream */
#include "model/record/run.h"
#include "tests/unit/walker/rows.h"

#include <stdlib.h>
#include <string.h>

static void fill(struct rec_run *r)
{
    const struct rec_cfg cfg = {.vcpus_n = 2,
                                .duration_ps = 100 * REC_SLOT_PS,
                                .measure_from_ps = 7,
                                .slo_ps = 8,
                                .bin_ps = REC_SLOT_PS,
                                .event_ps = 9,
                                .keep_faults = true};

    rec_init(r, &cfg);
    r->fault_lists = calloc(1, sizeof *r->fault_lists);
    r->fault_lists_n = r->fault_lists_cap = 1;
    r->fault_lists[0] = (struct rec_fault_list){.chunks = calloc(2, sizeof(uint64_t)),
                                                .chunks_n = 2,
                                                .chunks_cap = 2,
                                                .rows_n = REC_CHUNK_ROWS + 1,
                                                .vcpu_first = 3};
    r->fault_lists[0].chunks[1] = 17;
    rec_add_access(r, 10, 3 * REC_SLOT_PS);
    rec_add_request(r, 10, 5000);
    rec_add_fault(r, &(struct rec_fault){.taken_ps = 5,
                                         .reentry_ps = 2005,
                                         .ipa = {0x1000},
                                         .vcpu = 1,
                                         .cls = REC_FAULT_WINDOW});
    rec_change_begin(r, &(struct rec_change){.ipa = {0x2000}, .bytes = 4096});
    rec_change_done(r, 0, 77);
    rec_add_attempt(r,
                    &(struct rec_attempt){.line = 12, .vcpu = 1, .got_eagain = true});
    rec_add_violation(
        r, &(struct mon_violation){.time_ps = 9, .line = 4, .rule = MON_RULE_VMID});
    rec_vcpu_end(r, 1, 123);
    r->recorded.makes = 64;
    rec_fail(r, "an access was lost");
    rec_fail(r, "a second message");
}

static void save(const struct rec_run *r, char **bytes, size_t *n)
{
    FILE *f = open_memstream(bytes, n);

    assert_non_null(f);
    rec_save(r, f);
    assert_int_equal(fclose(f), 0);
}

static bool load(struct rec_run *r, char *bytes, size_t n)
{
    FILE *f = fmemopen(bytes, n, "rb");
    bool ok;

    assert_non_null(f);
    ok = rec_load(r, f);
    fclose(f);
    return ok;
}

#define SAME(a, b, what, n)                                                            \
    assert_memory_equal((a)->what, (b)->what, (n) * sizeof *(a)->what)

static void a_saved_run_is_loaded_as_it_was(void **state)
{
    struct rec_run *a = malloc(sizeof *a), *b = malloc(sizeof *b);
    char *bytes = NULL;
    size_t n = 0;

    (void)state;
    assert_true(a && b);
    fill(a);
    save(a, &bytes, &n);
    assert_true(load(b, bytes, n));

    assert_memory_equal(&a->cfg, &b->cfg, sizeof a->cfg);
    assert_memory_equal(&a->n, &b->n, sizeof a->n);
    assert_memory_equal(&a->request, &b->request, sizeof a->request);
    assert_memory_equal(&a->access, &b->access, sizeof a->access);
    assert_memory_equal(&a->recorded, &b->recorded, sizeof a->recorded);
    assert_int_equal(b->end_ps, a->end_ps);
    assert_int_equal(rec_coalesce_end_ps(b), 77);
    assert_int_equal(b->slots_n, 4);
    assert_int_equal(b->bins_n, a->bins_n);
    assert_int_equal(b->faults_n, 1);
    assert_int_equal(b->changes_n, 1);
    assert_int_equal(b->attempts_n, 1);
    SAME(a, b, vcpus, 2);
    SAME(a, b, bins, a->bins_n);
    SAME(a, b, slots, a->slots_n);
    SAME(a, b, faults, 1);
    assert_int_equal(b->fault_lists_n, 1);
    assert_int_equal(b->fault_lists[0].rows_n, REC_CHUNK_ROWS + 1);
    assert_int_equal(b->fault_lists[0].vcpu_first, 3);
    assert_ptr_not_equal(a->fault_lists[0].chunks, b->fault_lists[0].chunks);
    SAME(&a->fault_lists[0], &b->fault_lists[0], chunks, 2);
    SAME(a, b, changes, 1);
    SAME(a, b, attempts, 1);
    assert_int_equal(b->violations_n, 1);
    assert_ptr_not_equal(a->violations, b->violations);
    SAME(a, b, violations, 1);
    assert_string_equal(b->error, "an access was lost");
    assert_ptr_not_equal(a->error, b->error);

    rec_free(a);
    rec_free(b);
    free(a);
    free(b);
    free(bytes);
}

static void a_loaded_run_can_grow(void **state)
{
    struct rec_run *r = malloc(sizeof *r);
    char *bytes = NULL;
    size_t n = 0;

    (void)state;
    assert_non_null(r);
    fill(r);
    save(r, &bytes, &n);
    rec_free(r);
    assert_true(load(r, bytes, n));
    for (int i = 0; i < 100; i++)
        rec_add_attempt(r, &(struct rec_attempt){.line = (uint32_t)i});
    r->cfg.duration_ps = 201 * REC_SLOT_PS;
    rec_add_access(r, 0, 200 * REC_SLOT_PS);
    assert_int_equal(r->attempts_n, 101);
    assert_int_equal(r->attempts[0].line, 12);
    assert_int_equal(r->attempts[100].line, 99);
    assert_int_equal(r->slots[3], 1);
    assert_int_equal(r->slots[100], 0);
    assert_int_equal(r->slots[200], 1);
    rec_free(r);
    free(r);
    free(bytes);
}

static void an_empty_run_passes_too(void **state)
{
    struct rec_run *a = malloc(sizeof *a), *b = malloc(sizeof *b);
    char *bytes = NULL;
    size_t n = 0;

    (void)state;
    assert_true(a && b);
    rec_init(a, &(struct rec_cfg){.bin_ps = 1});
    save(a, &bytes, &n);
    assert_true(load(b, bytes, n));
    assert_int_equal(b->bins_n, 0);
    assert_null(b->error);
    rec_free(a);
    rec_free(b);
    free(a);
    free(b);
    free(bytes);
}

/* A child that was killed leaves the beginning of its record in the pipe. */
static void a_stream_that_ends_early_is_refused(void **state)
{
    struct rec_run *r = malloc(sizeof *r);
    char *bytes = NULL;
    size_t n = 0;

    (void)state;
    assert_non_null(r);
    fill(r);
    save(r, &bytes, &n);
    rec_free(r);
    /* Each length of the arrays behind the fixed part, and some inside of it. */
    for (size_t cut = n - 1; cut > sizeof *r; cut--) {
        check_row(cut, "cut", load(r, bytes, cut), false);
        rec_free(r);
    }
    for (size_t cut = sizeof *r; cut > 1; cut /= 2) {
        check_row(cut, "cut inside the fixed part", load(r, bytes, cut), false);
        rec_free(r);
    }
    free(r);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_saved_run_is_loaded_as_it_was),
        cmocka_unit_test(a_loaded_run_can_grow),
        cmocka_unit_test(an_empty_run_passes_too),
        cmocka_unit_test(a_stream_that_ends_early_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
