/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/record/merge_test.c - the records of two VMs as one of their machine. */
#include "model/record/metrics.h"
#include "tests/unit/walker/rows.h"

#include <stdlib.h>

enum { A, B, PARTS_N };

/* Of 2 and 3 vCPUs; B's first fault and change come before A's. */
static struct rec_run *two_parts(void)
{
    struct rec_run *parts = calloc(PARTS_N, sizeof *parts);

    assert_non_null(parts);
    for (unsigned i = 0; i < PARTS_N; i++) {
        const struct rec_cfg cfg = {.vcpus_n = i == A ? 2 : 3,
                                    .duration_ps = 100 * REC_SLOT_PS,
                                    .bin_ps = REC_SLOT_PS,
                                    .event_ps = REC_NEVER};

        rec_init(&parts[i], &cfg);
    }
    rec_together(parts, PARTS_N);
    for (unsigned i = 0; i < PARTS_N; i++) {
        const uint64_t t = i == A ? 1000 : 500;

        rec_add_access(&parts[i], 10, i == A ? 20 : 2 * REC_SLOT_PS + 1);
        rec_add_request(&parts[i], 10, i == A ? 5000 : 7000);
        rec_add_fault(&parts[i], &(struct rec_fault){.taken_ps = t,
                                                     .reentry_ps = t + 100,
                                                     .ipa = {0x1000},
                                                     .vcpu = 1,
                                                     .cls = REC_FAULT_WINDOW});
        rec_change_begin(&parts[i], &(struct rec_change){.kind = REC_COALESCE,
                                                         .first_store_ps = t,
                                                         .vcpu = i == A ? 1 : -1});
        rec_change_done(&parts[i], 0, t + 50);
        rec_vcpu_end(&parts[i], 1, t + 200);
        rec_add_violation(
            &parts[i], &(struct mon_violation){.time_ps = t, .rule = MON_RULE_STALE});
        parts[i].n.dvm_messages = 3 + i;
    }
    return parts;
}

static void check_sums(const struct rec_run *all)
{
    assert_int_equal(all->cfg.vcpus_n, 5);
    assert_int_equal(all->n.accesses, 2);
    assert_int_equal(all->n.requests, 2);
    assert_int_equal(all->n.by_class[REC_FAULT_WINDOW], 2);
    assert_int_equal(all->n.dvm_messages, 7);
    assert_int_equal(rec_violations(&all->n), 2);
    assert_int_equal(all->bins_n, 3);
    assert_int_equal(all->bins[0].accesses, 1);
    assert_int_equal(all->bins[2].accesses, 1);
    assert_int_equal(all->bins[0].faults, 2);
    assert_int_equal(all->bins[0].latency_max_ps, 6990);
    assert_int_equal(all->slots_n, 3);
    assert_int_equal(all->slots[0] + all->slots[2], 2);
    assert_int_equal(all->end_ps, 2 * REC_SLOT_PS + 1);
    assert_int_equal(rec_coalesce_end_ps(all), 1050);
}

static void the_record_of_a_machine_is_the_sum_of_its_vms_in_the_order_of_time(
    void **state)
{
    struct rec_run *parts = two_parts(), *all = malloc(sizeof *all);

    (void)state;
    assert_non_null(all);
    rec_merge(all, parts, PARTS_N);
    check_sums(all);
    assert_int_equal(all->violations_n, 2);
    assert_int_equal(all->violations[0].time_ps, 500);
    assert_int_equal(all->changes_n, 2);
    assert_int_equal(all->changes[0].vcpu, -1); /* a host thread has no number */
    assert_int_equal(all->changes[1].vcpu, 1);
    assert_int_equal(all->vcpus[1].end_ps, 1200);
    assert_int_equal(all->vcpus[3].end_ps, 700);
    assert_int_equal(all->vcpus[3].stall_ps, 100);
    assert_int_equal(all->vcpus[2].stall_ps, 0);
    assert_null(all->error);
    for (unsigned i = 0; i < PARTS_N; i++)
        rec_free(&parts[i]);
    rec_free(all);
    free(parts);
    free(all);
}

/* Blocks are made from 500 (by B) to 1050 (by A): of the fault of A 50 ps lie inside,
 * of that of B all 100. */
static void the_storm_of_a_machine_is_that_of_the_faults_of_all_its_vms(void **state)
{
    struct rec_run *parts = two_parts(), *all = malloc(sizeof *all);
    const size_t column = rec_column_find("storm_share");
    struct rec_metrics m;

    (void)state;
    assert_non_null(all);
    rec_add_fault(&parts[A], &(struct rec_fault){.taken_ps = 1020,
                                                 .reentry_ps = 1040,
                                                 .vcpu = 1,
                                                 .cls = REC_FAULT_WINDOW});
    rec_merge(all, parts, PARTS_N);
    rec_metrics(all, &m);
    assert_float_equal(m.v[column], 170. / (5 * 550), 1e-12);
    rec_metrics(&parts[A], &m); /* from 1000 to 1050, 2 vCPUs */
    assert_float_equal(m.v[column], 0.7, 1e-12);
    for (unsigned i = 0; i < PARTS_N; i++)
        rec_free(&parts[i]);
    rec_free(all);
    free(parts);
    free(all);
}

static void a_coalesce_that_one_vm_has_not_ended_has_no_end(void **state)
{
    struct rec_run *parts = two_parts(), *all = malloc(sizeof *all);

    (void)state;
    assert_non_null(all);
    rec_change_begin(&parts[B], &(struct rec_change){.kind = REC_COALESCE});
    rec_fail(&parts[B], "broken");
    rec_merge(all, parts, PARTS_N);
    assert_true(rec_coalesce_end_ps(all) == REC_NEVER);
    assert_string_equal(all->error, "broken");
    for (unsigned i = 0; i < PARTS_N; i++)
        rec_free(&parts[i]);
    rec_free(all);
    free(parts);
    free(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            the_record_of_a_machine_is_the_sum_of_its_vms_in_the_order_of_time),
        cmocka_unit_test(the_storm_of_a_machine_is_that_of_the_faults_of_all_its_vms),
        cmocka_unit_test(a_coalesce_that_one_vm_has_not_ended_has_no_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
