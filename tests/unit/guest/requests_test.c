/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/guest/requests_test.c - when requests arrive and what they access. */
#include "model/guest/requests.h"

#include "model/guest/random.h"
#include "tests/unit/walker/rows.h"

#include <math.h>

#define INTERVAL UINT64_C(1000000) /* 1 us */
#define FOREVER (UINT64_C(1) << 62)
#define REGION UINT64_C(0x40000000)
#define DRAWS_N 20000
#define PPM UINT64_C(1000000)
#define BOUND                                                                          \
    0.0177 /* five standard errors of a share of DRAWS_N: 5 * 0.5 / sqrt(n)            \
            */

static struct guest_requests standard(enum guest_arrival arrival)
{
    return (struct guest_requests){.arrival = arrival,
                                   .accesses_n = 8,
                                   .region_ipa = {REGION},
                                   .region_bytes = 0x40000000,
                                   .hot_bytes = 0x1000000,
                                   .hot_ppm = 900000,
                                   .write_ppm = 300000};
}

static uint64_t next(struct guest_arrivals *a)
{
    uint64_t ps = 0;

    assert_true(guest_arrivals_next(a, &ps));
    return ps;
}

static struct guest_access access_of(const struct guest_arrivals *a, uint32_t i)
{
    struct guest_access access;

    guest_request_accesses(a, i, 1, &access);
    return access;
}

static void poisson_gaps_are_positive_and_exponential(void **state)
{
    const struct guest_requests cfg = standard(GUEST_ARRIVAL_POISSON);
    const int n = 100000;
    double sum = 0, squares = 0, above = 0;
    struct guest_arrivals a;
    uint64_t last = 0;

    (void)state;
    guest_arrivals_init(&a, &cfg, INTERVAL, FOREVER, 1, 0);
    for (int i = 0; i < n; i++) {
        const uint64_t ps = next(&a);
        const double gap = (double)(ps - last) / (double)INTERVAL;

        check_row(i, "strictly increasing", ps > last, true);
        sum += gap;
        squares += gap * gap;
        above += gap > 1;
        last = ps;
    }
    /* Mean 1, second moment 2, P(gap > 1) = 1/e; five standard errors of n samples. */
    assert_true(fabs(sum / n - 1) < 5 / sqrt(n));
    assert_true(fabs(squares / n - 2) < 5 * sqrt(20) / sqrt(n));
    assert_true(fabs(above / n - exp(-1)) < 5 * 0.49 / sqrt(n));
}

static void gaps_of_one_picosecond_still_increase(void **state)
{
    const struct guest_requests cfg = standard(GUEST_ARRIVAL_POISSON);
    struct guest_arrivals a;
    uint64_t last = 0;

    (void)state;
    guest_arrivals_init(&a, &cfg, 1, FOREVER, 3, 0);
    for (int i = 0; i < 1000; i++) {
        const uint64_t ps = next(&a);

        check_row(i, "at least 1 ps", ps > last, true);
        last = ps;
    }
}

static void fixed_arrivals_keep_their_distance_from_a_random_phase(void **state)
{
    const struct guest_requests cfg = standard(GUEST_ARRIVAL_FIXED);
    unsigned early = 0;

    (void)state;
    for (uint32_t vcpu = 0; vcpu < 200; vcpu++) {
        struct guest_arrivals a;
        uint64_t last;

        guest_arrivals_init(&a, &cfg, INTERVAL, FOREVER, 1, vcpu);
        last = next(&a);
        check_row(vcpu, "the phase lies inside the first interval", last < INTERVAL,
                  true);
        early += last < INTERVAL / 2;
        for (int i = 0; i < 5; i++) {
            const uint64_t ps = next(&a);

            check_row(vcpu, "one interval later", ps - last, INTERVAL);
            last = ps;
        }
    }
    assert_in_range(early, 65, 135); /* 100 of 200, five standard errors */
}

static void the_stream_ends_before_its_end(void **state)
{
    static const struct {
        const char *rule;
        uint64_t after; /* the end lies so many ps behind the tenth arrival */
        int want;
    } rows[] = {
        {"an arrival at the end is none", 0, 9},
        {"one that lies 1 ps before it is", 1, 10},
        {"one interval less 1 ps behind", INTERVAL, 10},
        {"one interval and 1 ps behind", INTERVAL + 1, 11},
    };
    const struct guest_requests cfg = standard(GUEST_ARRIVAL_FIXED);
    struct guest_arrivals a;
    uint64_t tenth = 0, ps;

    (void)state;
    guest_arrivals_init(&a, &cfg, INTERVAL, FOREVER, 1, 0);
    for (int i = 0; i < 10; i++)
        tenth = next(&a);
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        int n = 0;

        guest_arrivals_init(&a, &cfg, INTERVAL, tenth + rows[i].after, 1, 0);
        while (guest_arrivals_next(&a, &ps))
            n++;
        check_row(i, rows[i].rule, n, rows[i].want);
        check_row(i, "and stays ended", guest_arrivals_next(&a, &ps), false);
    }
}

static bool same_streams(uint64_t seed_a, uint32_t vcpu_a, uint64_t seed_b,
                         uint32_t vcpu_b)
{
    const struct guest_requests cfg = standard(GUEST_ARRIVAL_POISSON);
    struct guest_arrivals a, b;
    int times = 0, places = 0;

    guest_arrivals_init(&a, &cfg, INTERVAL, FOREVER, seed_a, vcpu_a);
    guest_arrivals_init(&b, &cfg, INTERVAL, FOREVER, seed_b, vcpu_b);
    for (int i = 0; i < 100; i++) {
        times += next(&a) == next(&b);
        places += access_of(&a, 0).ipa.v == access_of(&b, 0).ipa.v;
    }
    /* Between strangers a chance match is rare. */
    assert_true((times == 100 && places == 100) || (times < 5 && places < 5));
    return times == 100;
}

static void seed_and_vcpu_decide_the_stream(void **state)
{
    (void)state;
    assert_true(same_streams(1, 0, 1, 0));
    assert_true(same_streams(77, 19, 77, 19));
    assert_false(same_streams(1, 0, 2, 0));
    assert_false(same_streams(1, 0, 1, 1));
    assert_false(same_streams(1, 2, 2, 1));
}

static void an_access_depends_on_its_request_and_number_alone(void **state)
{
    const struct guest_requests cfg = standard(GUEST_ARRIVAL_POISSON);
    struct guest_arrivals a, b;
    uint64_t ps;

    (void)state;
    guest_arrivals_init(&a, &cfg, INTERVAL, FOREVER, 5, 3);
    guest_arrivals_init(&b, &cfg, 3 * INTERVAL, FOREVER / 2, 5, 3);
    for (uint64_t n = 0; n < 50; n++) {
        assert_true(guest_arrivals_next(&a, &ps));
        assert_true(guest_arrivals_next(&b, &ps));
        for (uint32_t i = 0; i < cfg.accesses_n; i++) {
            /* b is asked backwards and twice: neither changes anything. */
            const uint32_t back = cfg.accesses_n - 1 - i;
            const struct guest_access want = access_of(&a, back);

            (void)access_of(&b, i);
            check_row(n, "another load, another order", access_of(&b, back).ipa.v,
                      want.ipa.v);
            check_row(n, "and the access", access_of(&b, back).access, want.access);
        }
    }
}

static void several_accesses_are_those_one_by_one_into_the_next_request(void **state)
{
    const struct guest_requests cfg = standard(GUEST_ARRIVAL_POISSON);
    struct guest_access together[20];
    struct guest_arrivals a;

    (void)state;
    guest_arrivals_init(&a, &cfg, INTERVAL, FOREVER, 5, 3);
    for (uint32_t first = 0; first < cfg.accesses_n; first++) {
        (void)next(&a);
        struct guest_arrivals b = a;

        guest_request_accesses(&a, first, 20, together);
        for (uint32_t i = 0; i < 20 && first + i < 2 * cfg.accesses_n; i++) {
            if (first + i == cfg.accesses_n)
                (void)next(&b);
            const struct guest_access one = access_of(&b, (first + i) % cfg.accesses_n);

            check_row(i, "address", together[i].ipa.v, one.ipa.v);
            check_row(i, "kind", together[i].access, one.access);
        }
    }
}

static void the_kind_follows_the_shares(void **state)
{
    static const struct {
        const char *rule;
        uint64_t value; /* of a million */
        uint32_t writes, fetches;
        enum arch_access want;
    } rows[] = {
        {"the first values write", 0, 3, 2, ARCH_WRITE},
        {"up to their share", 2, 3, 2, ARCH_WRITE},
        {"the next ones fetch", 3, 3, 2, ARCH_EXECUTE},
        {"up to theirs", 4, 3, 2, ARCH_EXECUTE},
        {"the others read", 5, 3, 2, ARCH_READ},
        {"no writes", 0, 0, 2, ARCH_EXECUTE},
        {"no fetches", 3, 3, 0, ARCH_READ},
        {"neither", 0, 0, 0, ARCH_READ},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct guest_kinds k = guest_kinds_of(rows[i].writes, rows[i].fetches);
        const uint64_t value = rows[i].value;
        const uint64_t first = value ? guest_last_below(value, PPM) + 1 : 0;
        const uint64_t last = guest_last_below(value + 1, PPM);

        check_row(i, rows[i].rule, guest_kind_of(&k, first), rows[i].want);
        check_row(i, rows[i].rule, guest_kind_of(&k, last), rows[i].want);
    }
}

/* The access that three values of a stream stand for. */
static struct guest_access drawn(const struct guest_requests *c, uint64_t stream,
                                 uint64_t index)
{
    const bool hot = guest_below(guest_random(stream, index), PPM) < c->hot_ppm;
    const uint64_t kind = guest_below(guest_random(stream, index + 1), PPM);
    const uint64_t word = guest_below(guest_random(stream, index + 2),
                                      (hot ? c->hot_bytes : c->region_bytes) / 8);

    return (struct guest_access){
        {c->region_ipa.v + word * 8},
        kind < c->write_ppm                  ? ARCH_WRITE
        : kind < c->write_ppm + c->fetch_ppm ? ARCH_EXECUTE
                                             : ARCH_READ,
    };
}

static void an_access_is_what_its_three_values_say(void **state)
{
    static const guest_ppm hots[] = {0, 1, 900000, 999999, 1000000};
    static const guest_ppm kinds[][2] = {{0, 0},      {0, 1000000}, {1000000, 0},
                                         {300000, 0}, {0, 200000},  {300000, 200000}};
    struct guest_requests cfg = standard(GUEST_ARRIVAL_POISSON);
    struct guest_arrivals a;

    (void)state;
    for (size_t i = 0; i < ROWS_N(hots) * ROWS_N(kinds); i++) {
        cfg.hot_ppm = hots[i / ROWS_N(kinds)];
        cfg.write_ppm = kinds[i % ROWS_N(kinds)][0];
        cfg.fetch_ppm = kinds[i % ROWS_N(kinds)][1];
        guest_arrivals_init(&a, &cfg, INTERVAL, FOREVER, 5, 3);
        for (uint64_t n = 1; n < 500; n++) {
            const uint64_t index = n * cfg.accesses_n * 3;
            const struct guest_access want = drawn(&cfg, a.places, index);

            (void)next(&a);
            check_row(i, "address", access_of(&a, 0).ipa.v, want.ipa.v);
            check_row(i, "kind", access_of(&a, 0).access, want.access);
        }
    }
}

static void accesses_of_one_request_differ_from_those_of_the_next(void **state)
{
    const struct guest_requests cfg = standard(GUEST_ARRIVAL_POISSON);
    struct guest_arrivals a;
    uint64_t last[8] = {0};
    unsigned same = 0;

    (void)state;
    guest_arrivals_init(&a, &cfg, INTERVAL, FOREVER, 5, 3);
    for (int n = 0; n < 100; n++) {
        (void)next(&a);
        for (uint32_t i = 0; i < 8; i++) {
            const uint64_t ipa = access_of(&a, i).ipa.v;

            for (uint32_t k = 0; k < 8; k++)
                same += ipa == last[k];
            last[i] = ipa;
        }
    }
    assert_in_range(same, 0, 10);
}

static void shares_are_those_of_the_configuration(void **state)
{
    static const struct {
        const char *rule;
        uint64_t region_bytes, hot_bytes;
        guest_ppm hot_ppm, write_ppm;
        double want_hot, want_write;
    } rows[] = {
        {"all uniform, all reads", 0x1000000, 0x100000, 0, 0, 1.0 / 16, 0},
        {"all hot, all writes", 0x1000000, 0x100000, 1000000, 1000000, 1, 1},
        {"the uniform rest falls into the hot part too", 0x1000000, 0x800000, 500000,
         250000, 0.75, 0.25},
        {"one page", 0x1000, 0x1000, 900000, 500000, 1, 0.5},
    };
    const int n = DRAWS_N;

    (void)state;
    for (size_t r = 0; r < ROWS_N(rows); r++) {
        struct guest_requests cfg = standard(GUEST_ARRIVAL_FIXED);
        struct guest_arrivals a;
        double hot = 0, writes = 0, upper_half = 0, writes_there = 0;

        cfg.region_bytes = rows[r].region_bytes;
        cfg.hot_bytes = rows[r].hot_bytes;
        cfg.hot_ppm = rows[r].hot_ppm;
        cfg.write_ppm = rows[r].write_ppm;
        guest_arrivals_init(&a, &cfg, INTERVAL, FOREVER, r, 0);
        for (int i = 0; i < n; i++) {
            struct guest_access x;

            if (i % 8 == 0)
                (void)next(&a);
            x = access_of(&a, (uint32_t)i % 8);
            check_row(r, "inside the region", x.ipa.v - REGION < cfg.region_bytes,
                      true);
            check_row(r, "aligned to 8", x.ipa.v % 8, 0);
            hot += x.ipa.v - REGION < cfg.hot_bytes;
            const bool upper = x.ipa.v - REGION >= cfg.hot_bytes / 2 &&
                               x.ipa.v - REGION < cfg.hot_bytes;
            upper_half += upper;
            writes_there += upper && x.access == ARCH_WRITE;
            writes += x.access == ARCH_WRITE;
            check_row(r, "a read or a write", x.access == ARCH_EXECUTE, false);
        }
        check_row(r, rows[r].rule, fabs(hot / n - rows[r].want_hot) < BOUND, true);
        check_row(r, rows[r].rule, fabs(writes / n - rows[r].want_write) < BOUND, true);
        check_row(r, "uniform inside the hot part",
                  fabs(upper_half / n - rows[r].want_hot / 2) < BOUND, true);
        check_row(r, "writes everywhere alike",
                  fabs(writes_there / n - rows[r].want_write * rows[r].want_hot / 2) <
                      BOUND,
                  true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(poisson_gaps_are_positive_and_exponential),
        cmocka_unit_test(gaps_of_one_picosecond_still_increase),
        cmocka_unit_test(fixed_arrivals_keep_their_distance_from_a_random_phase),
        cmocka_unit_test(the_stream_ends_before_its_end),
        cmocka_unit_test(seed_and_vcpu_decide_the_stream),
        cmocka_unit_test(an_access_depends_on_its_request_and_number_alone),
        cmocka_unit_test(several_accesses_are_those_one_by_one_into_the_next_request),
        cmocka_unit_test(the_kind_follows_the_shares),
        cmocka_unit_test(an_access_is_what_its_three_values_say),
        cmocka_unit_test(accesses_of_one_request_differ_from_those_of_the_next),
        cmocka_unit_test(shares_are_those_of_the_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
