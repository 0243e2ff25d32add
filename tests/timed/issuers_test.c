/* SPDX-License-Identifier: Apache-2.0 */
/* Published behaviour of broadcast TLBIs: latency against the number of issuers, and a
 * server's time per flushed range. */
#include "tests/timed/timed.h"

#include <math.h>

#define POINTS 8

static double mean_request_ns(const struct rec_run *r)
{
    double sum = 0;

    for (uint32_t i = 0; i < REC_BUCKETS_N; i++)
        sum += (double)r->request.counts[i] * (double)rec_bucket_edge_ps(i);
    return sum / (double)r->request.n / 1000;
}

struct line {
    double slope, offset, r2;
};

/* Least squares. */
static struct line fit(const double *x, const double *y, size_t n)
{
    double mx = 0, my = 0, xx = 0, xy = 0, yy = 0;

    for (size_t i = 0; i < n; i++) {
        mx += x[i] / (double)n;
        my += y[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        xx += (x[i] - mx) * (x[i] - mx);
        xy += (x[i] - mx) * (y[i] - my);
        yy += (y[i] - my) * (y[i] - my);
    }
    return (struct line){xy / xx, my - xy / xx * mx, xy * xy / (xx * yy)};
}

static double latency_ns(struct scn *s, uint32_t issuers)
{
    struct rec_run r;

    s->vms[0].guest.flush.issuers_n = issuers;
    s->vms[0].guest.flush.calls_n = 20;
    timed_run(s, "keep", &r);
    assert_int_equal(r.request.n, 20 * issuers);
    assert_int_equal(r.n.violations[MON_STALE_USE], 0);

    const double ns = mean_request_ns(&r);

    rec_free(&r);
    return ns;
}

/* Published: the latency of a broadcast TLBI grows almost linearly with the number of
 * CPUs that issue one (Message-ID 20200223192520.20808-4). */
static void the_latency_of_a_flush_is_linear_in_its_issuers(void **state)
{
    static const uint32_t issuers[POINTS] = {1, 2, 4, 8, 16, 32, 64, 128};
    double x[POINTS], y[POINTS];
    struct scn s;
    (void)state;

    timed_load_path("scenarios/storms/tlbi-issuers.yaml", &s);
    for (size_t i = 0; i < POINTS; i++) {
        x[i] = issuers[i];
        y[i] = latency_ns(&s, issuers[i]);
        print_message("%u issuers: %.0f ns\n", issuers[i], y[i]);
        if (i > 0)
            assert_true(y[i] > y[i - 1]);
    }

    const struct line l = fit(x, y, POINTS);

    print_message("%.0f ns + %.1f ns per issuer, R^2 %.5f\n", l.offset, l.slope, l.r2);
    assert_true(l.r2 >= 0.98);
    assert_true(l.slope > 0);
    scn_free(&s);
}

/* shared/validation/tlbi_range.csv, column server_classic_ns: ns per call of
 * __flush_tlb_range() (Message-ID 504c7588-97e5-e014-fca0-c5511ae0d256@huawei.com).
 * From 512 pages on Linux flushes the whole ASID. */
static void a_server_without_range_tlbis_takes_the_published_time(void **state)
{
    static const struct {
        uint64_t pages, ns;
    } rows[] = {{1, 1457},   {2, 1911},   {4, 2827},    {8, 4716},     {16, 8427},
                {32, 15938}, {64, 30890}, {128, 60802}, {256, 120826}, {512, 1508}};
    struct scn s;
    (void)state;

    timed_load_path("scenarios/validation/tlbi-range-server-016.yaml", &s);
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct rec_run r;

        s.vms[0].guest.flush.pages_n = rows[i].pages;
        timed_run(&s, "keep", &r);

        const double ns = (double)rec_histogram_quantile_ps(&r.request, 5000) / 1000;
        const double off = fabs(ns - (double)rows[i].ns) / (double)rows[i].ns;

        print_message("%llu pages: %.0f ns, published %llu\n",
                      (unsigned long long)rows[i].pages, ns,
                      (unsigned long long)rows[i].ns);
        if (off > 0.1)
            fail_msg("row %zu: %.1f %% off", i, off * 100);
        check_row(i, r.n.tlbis,
                  s.vms[0].guest.flush.calls_n *
                      (rows[i].pages < 512 ? rows[i].pages : 1));
        rec_free(&r);
    }
    scn_free(&s);
}

/* ---- the rest of the machine ---- */

#define CHASE_PAGES 8
#define CHASE_ROUNDS 200

/* A pointer chase over 8 pages in an L1 TLB of 8, all reads 10: it is always in the
 * middle of an access. interval 0: nobody disturbs it. */
static void chase(uint64_t interval_ps, enum arch_tlbi_op op, enum scn_dvm_scope scope,
                  struct rec_run *r)
{
    struct scn s;

    timed_load("stream.yaml", &s);
    timed_flat_memory(&s, 10 * NS);
    s.platform.l1d = timed_tlb(8, 8, 1 * NS);
    s.platform.dvm.scope = scope;
    s.vms[0].guest.stream = (struct guest_stream){
        .pattern = GUEST_CHASE,
        .region_ipa = {UINT64_C(0x40000000)},
        .region_bytes = CHASE_PAGES * UINT64_C(0x1000),
        .stride_bytes = 0x1000,
        .accesses_n = CHASE_PAGES * CHASE_ROUNDS,
    };
    s.background = (struct scn_background){.interval_ps = interval_ps, .op = op};
    timed_run(&s, "keep", r);
    scn_free(&s);
}

/* Each takes the 7 of a lost look-up, and removes nothing: it names another VMID. Those
 * of every VMID make the 8 pages walk again, 34 each more than a hit. The last one may
 * come too late for any access. */
static void background_tlbis_cost_their_service_and_nothing_else(void **state)
{
    static const struct {
        enum arch_tlbi_op op;
        enum scn_dvm_scope scope;
        uint64_t each_ns;
        uint64_t heard; /* by each of the two PEs */
    } rows[] = {
        {ARCH_TLBI_VMALLS12, SCN_DVM_DOMAIN, 7, 1},
        {ARCH_TLBI_VA, SCN_DVM_DOMAIN, 7, 1},
        {ARCH_TLBI_VMALLS12, SCN_DVM_VM, 0, 0},
        {ARCH_TLBI_ALL, SCN_DVM_VM, 7 + CHASE_PAGES * 34, 1},
    };
    struct rec_run alone;
    (void)state;

    chase(0, ARCH_TLBI_ALL, SCN_DVM_DOMAIN, &alone);
    assert_int_equal(alone.n.walks, CHASE_PAGES);
    assert_int_equal(alone.n.dvm_messages, 0);
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct rec_run r;

        chase(1500 * NS, rows[i].op, rows[i].scope, &r);

        const uint64_t more_ps = r.end_ps - alone.end_ps;
        const uint64_t times = r.end_ps / (1500 * NS);

        if (rows[i].each_ns == 0) {
            check_row(i, more_ps, 0);
        } else {
            check_row(i, more_ps % (rows[i].each_ns * NS), 0);
            assert_in_range(more_ps / (rows[i].each_ns * NS), times - 1, times + 1);
        }
        check_row(i, r.n.dvm_messages % 4, 0);
        assert_in_range(r.n.dvm_messages / 4, rows[i].heard * (times - 1),
                        rows[i].heard * (times + 1));
        rec_free(&r);
    }
    rec_free(&alone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_latency_of_a_flush_is_linear_in_its_issuers),
        cmocka_unit_test(a_server_without_range_tlbis_takes_the_published_time),
        cmocka_unit_test(background_tlbis_cost_their_service_and_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
