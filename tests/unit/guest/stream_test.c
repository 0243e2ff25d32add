/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/guest/stream_test.c - which addresses a closed loop accesses. */
#include "model/guest/stream.h"
#include "tests/unit/walker/rows.h"

#include <math.h>
#include <stdlib.h>

#define REGION UINT64_C(0x40000000)
#define STRIDE UINT64_C(0x1040) /* no power of two */

static struct guest_stream stream_of(enum guest_pattern pattern, uint64_t slots_n,
                                     uint64_t accesses_n)
{
    return (struct guest_stream){.pattern = pattern,
                                 .region_ipa = {REGION},
                                 .region_bytes = slots_n * STRIDE,
                                 .stride_bytes = STRIDE,
                                 .accesses_n = accesses_n,
                                 .zipf_milli = 990};
}

/* The slot of the next access, which there must be, inside the region. */
static uint64_t next_slot(struct guest_stream_state *s)
{
    struct guest_access x;
    uint64_t at;

    assert_true(guest_stream_next(s, &x));
    at = x.ipa.v - REGION;
    assert_int_equal(at % STRIDE, 0);
    assert_true(x.ipa.v >= REGION && at < s->cfg->region_bytes);
    return at / STRIDE;
}

static void a_stream_has_as_many_accesses_as_configured(void **state)
{
    static const uint64_t rows[] = {0, 1, 7, 1000};

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++)
        for (enum guest_pattern p = GUEST_SEQUENTIAL; p <= GUEST_CHASE; p++) {
            const struct guest_stream cfg = stream_of(p, 5, rows[i]);
            struct guest_stream_state s;
            struct guest_access x;
            uint64_t n = 0;

            guest_stream_init(&s, &cfg, 1, 0);
            while (guest_stream_next(&s, &x))
                n++;
            check_row(i, "accesses", n, rows[i]);
            check_row(i, "and stays ended", guest_stream_next(&s, &x), false);
            check_row(i, "only a chase waits for its data", s.dependent,
                      p == GUEST_CHASE);
        }
}

static void sequential_goes_round_the_region_from_its_start(void **state)
{
    static const uint64_t rows[] = {1, 2, 3, 512, 1000};

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct guest_stream cfg =
            stream_of(GUEST_SEQUENTIAL, rows[i], 3 * rows[i] + 1);
        struct guest_stream_state s;

        guest_stream_init(&s, &cfg, 9, 3);
        for (uint64_t k = 0; k < cfg.accesses_n; k++)
            check_row(i, "slot", next_slot(&s), k % rows[i]);
    }
}

static void chase_rounds(size_t row, uint64_t slots_n, uint64_t seed)
{
    const struct guest_stream cfg = stream_of(GUEST_CHASE, slots_n, 3 * slots_n);
    uint64_t *first = malloc(slots_n * sizeof *first);
    char *seen = calloc(slots_n, 1);
    struct guest_stream_state s;

    assert_true(first && seen);
    guest_stream_init(&s, &cfg, seed, 0);
    for (uint64_t k = 0; k < slots_n; k++) {
        first[k] = next_slot(&s);
        check_row(row, "not seen in this round", seen[first[k]], 0);
        seen[first[k]] = 1;
    }
    for (uint64_t k = 0; k < 2 * slots_n; k++)
        check_row(row, "the next rounds are the same", next_slot(&s),
                  first[k % slots_n]);
    free(first);
    free(seen);
}

static void chase_visits_every_slot_exactly_once_per_round(void **state)
{
    static const uint64_t large[] = {1023, 1024, 1025, 4096, 4097, 65537, 1000003};

    (void)state;
    for (uint64_t n = 1; n <= 300; n++)
        for (uint64_t seed = 0; seed < 3; seed++)
            chase_rounds(n, n, seed);
    for (size_t i = 0; i < ROWS_N(large); i++)
        chase_rounds(large[i], large[i], i);
}

/* Five standard deviations above the mean of chi squared with n degrees of freedom, and
 * what its longer tail takes where n is small. */
static double chi2_limit(double n)
{
    return n + 5 * sqrt(2 * n) + 25;
}

static void chase_steps_are_as_random_as_those_of_a_shuffle(void **state)
{
    enum { SLOTS_N = 65536, BUCKETS_N = 64 };
    const struct guest_stream cfg = stream_of(GUEST_CHASE, SLOTS_N, SLOTS_N);
    double step[BUCKETS_N] = {0}, pair[BUCKETS_N] = {0}, chi2 = 0, chi2_pair = 0;
    struct guest_stream_state s;
    uint64_t last;

    (void)state;
    guest_stream_init(&s, &cfg, 4, 1);
    last = next_slot(&s);
    for (int i = 1; i < SLOTS_N; i++) {
        const uint64_t slot = next_slot(&s);

        step[(slot - last) % SLOTS_N / (SLOTS_N / BUCKETS_N)]++;
        pair[slot / (SLOTS_N / 8) * 8 + last / (SLOTS_N / 8)]++;
        last = slot;
    }
    for (int i = 0; i < BUCKETS_N; i++) {
        const double want = (SLOTS_N - 1.0) / BUCKETS_N;

        chi2 += (step[i] - want) * (step[i] - want) / want;
        chi2_pair += (pair[i] - want) * (pair[i] - want) / want;
    }
    assert_true(chi2 < chi2_limit(BUCKETS_N - 1));
    assert_true(chi2_pair < chi2_limit(BUCKETS_N - 1));
}

/* Chi squared of draws accesses against the weights 1 / k^exponent; slots whose
 * expectation is below 5 are taken together. */
static void check_shares(size_t row, struct guest_stream cfg, double exponent)
{
    const uint64_t n = cfg.region_bytes / STRIDE;
    double *got = calloc(n, sizeof *got);
    double sum = 0, chi2 = 0, rest_got = 0, rest_want = 0, degrees = -1;
    struct guest_stream_state s;

    assert_non_null(got);
    guest_stream_init(&s, &cfg, row, 0);
    for (uint64_t i = 0; i < cfg.accesses_n; i++)
        got[next_slot(&s)]++;
    for (uint64_t k = 1; k <= n; k++)
        sum += pow((double)k, -exponent);
    for (uint64_t k = 1; k <= n; k++) {
        const double want = (double)cfg.accesses_n * pow((double)k, -exponent) / sum;

        if (want < 5) {
            rest_got += got[k - 1];
            rest_want += want;
            continue;
        }
        chi2 += (got[k - 1] - want) * (got[k - 1] - want) / want;
        degrees++;
    }
    free(got);
    if (rest_want >= 5) {
        chi2 += (rest_got - rest_want) * (rest_got - rest_want) / rest_want;
        degrees++;
    } else {
        check_row(row, "next to none of the rest", rest_got < 25, true);
    }
    if (chi2 >= chi2_limit(degrees))
        fail_msg("row %zu: chi squared is %f with %f degrees of freedom", row, chi2,
                 degrees);
}

static void uniform_slots_are_equally_likely(void **state)
{
    static const uint64_t rows[] = {1, 2, 3, 100, 1000};

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++)
        check_shares(i, stream_of(GUEST_UNIFORM, rows[i], 200000), 0);
}

static void the_kth_slot_has_its_zipf_share(void **state)
{
    static const uint32_t milli[] = {0,    1,    500,  990,  999,
                                     1000, 1001, 1500, 3000, 20000};
    static const uint64_t slots_n[] = {1, 2, 3, 10, 1000};

    (void)state;
    for (size_t m = 0; m < ROWS_N(milli); m++)
        for (size_t i = 0; i < ROWS_N(slots_n); i++) {
            struct guest_stream cfg = stream_of(GUEST_ZIPF, slots_n[i], 200000);

            cfg.zipf_milli = milli[m];
            check_shares(m * 10 + i, cfg, milli[m] / 1000.0);
        }
}

/* The sum of 1 / k^exponent for k = from .. to by Euler and Maclaurin; from >= 100. */
static double weights(double from, double to, double exponent)
{
    const double slope = 1 - exponent;
    const double integral =
        slope == 0 ? log(to / from) : (pow(to, slope) - pow(from, slope)) / slope;

    return integral + (pow(from, -exponent) + pow(to, -exponent)) / 2;
}

static void zipf_over_2_to_the_40_slots_needs_no_table(void **state)
{
    static const uint32_t rows[] = {500, 990, 1000, 1200};
    const uint64_t slots_n = UINT64_C(1) << 40;
    const double n = 100000;

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const double exponent = rows[i] / 1000.0;
        struct guest_zipf z;
        double head = 0, sum, got_head = 0, got_middle = 0, middle;

        for (int k = 1; k < 1000; k++)
            head += pow(k, -exponent);
        middle = weights(1000, 0x1p30, exponent);
        sum = head + weights(1000, 0x1p40, exponent);
        guest_zipf_init(&z, slots_n, exponent);
        for (uint64_t k = 0; k < (uint64_t)n; k++) {
            const uint64_t rank = guest_zipf_rank(&z, i, k);

            check_row(i, "a rank", rank >= 1 && rank <= slots_n, true);
            got_head += rank < 1000;
            got_middle += rank >= 1000 && rank <= UINT64_C(1) << 30;
        }
        /* Five standard errors of a share. */
        check_row(i, "the first 999", fabs(got_head / n - head / sum) < 2.5 / sqrt(n),
                  true);
        check_row(i, "up to 2^30", fabs(got_middle / n - middle / sum) < 2.5 / sqrt(n),
                  true);
    }
}

static void an_extreme_exponent_stays_at_the_first_slot(void **state)
{
    struct guest_zipf z;

    (void)state;
    guest_zipf_init(&z, 1000000, UINT32_MAX / 1000.0);
    for (uint64_t i = 0; i < 10000; i++)
        assert_int_equal(guest_zipf_rank(&z, 1, i), 1);
}

static int same_slots(enum guest_pattern p, uint64_t seed, uint32_t vcpu)
{
    const struct guest_stream cfg = stream_of(p, 100000, 1000);
    struct guest_stream_state a, b;
    int same = 0;

    guest_stream_init(&a, &cfg, 5, 2);
    guest_stream_init(&b, &cfg, seed, vcpu);
    for (int i = 0; i < 1000; i++)
        same += next_slot(&a) == next_slot(&b);
    return same;
}

static void seed_and_vcpu_decide_the_stream(void **state)
{
    (void)state;
    for (enum guest_pattern p = GUEST_SEQUENTIAL; p <= GUEST_CHASE; p++) {
        /* Zipf streams of strangers meet at the first slots. */
        const int strangers = p == GUEST_SEQUENTIAL ? 1000 : p == GUEST_ZIPF ? 60 : 10;

        check_row(p, "the same seed and vCPU", same_slots(p, 5, 2), 1000);
        check_row(p, "another seed", same_slots(p, 6, 2) <= strangers, true);
        check_row(p, "another vCPU", same_slots(p, 5, 3) <= strangers, true);
    }
}

static void shares_of_access_kinds_are_those_of_the_configuration(void **state)
{
    static const struct {
        const char *rule;
        guest_ppm write, fetch;
    } rows[] = {
        {"reads only", 0, 0},         {"writes only", 1000000, 0},
        {"fetches only", 0, 1000000}, {"a mixture", 300000, 200000},
        {"no reads", 500000, 500000},
    };
    const double n = 50000;

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++)
        for (enum guest_pattern p = GUEST_SEQUENTIAL; p <= GUEST_CHASE; p++) {
            struct guest_stream cfg = stream_of(p, 1000, (uint64_t)n);
            struct guest_stream_state s;
            struct guest_access x;
            double writes = 0, fetches = 0;

            cfg.write_ppm = rows[i].write;
            cfg.fetch_ppm = rows[i].fetch;
            guest_stream_init(&s, &cfg, i, 0);
            while (guest_stream_next(&s, &x)) {
                writes += x.access == ARCH_WRITE;
                fetches += x.access == ARCH_EXECUTE;
            }
            check_row(i, rows[i].rule,
                      fabs(writes / n - rows[i].write / 1e6) < 2.5 / sqrt(n), true);
            check_row(i, rows[i].rule,
                      fabs(fetches / n - rows[i].fetch / 1e6) < 2.5 / sqrt(n), true);
            if (rows[i].write + rows[i].fetch == 1000000)
                check_row(i, rows[i].rule, writes + fetches == n, true);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_has_as_many_accesses_as_configured),
        cmocka_unit_test(sequential_goes_round_the_region_from_its_start),
        cmocka_unit_test(chase_visits_every_slot_exactly_once_per_round),
        cmocka_unit_test(chase_steps_are_as_random_as_those_of_a_shuffle),
        cmocka_unit_test(uniform_slots_are_equally_likely),
        cmocka_unit_test(the_kth_slot_has_its_zipf_share),
        cmocka_unit_test(zipf_over_2_to_the_40_slots_needs_no_table),
        cmocka_unit_test(an_extreme_exponent_stays_at_the_first_slot),
        cmocka_unit_test(seed_and_vcpu_decide_the_stream),
        cmocka_unit_test(shares_of_access_kinds_are_those_of_the_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
