/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/guest/stages_test.c - streams that a scenario composes into stages. */
#include "model/guest/plan.h"
#include "tests/unit/walker/rows.h"

#define REGION UINT64_C(0x40000000)
#define PAGE UINT64_C(0x1000)

enum { SEQUENTIAL, UNIFORM, CHASE, STAGES_N };

static struct guest_stream streams[STAGES_N] = {
    [SEQUENTIAL] = {.pattern = GUEST_SEQUENTIAL,
                    .region_ipa = {REGION + 5000 * PAGE},
                    .region_bytes = 8 * PAGE,
                    .stride_bytes = PAGE,
                    .accesses_n = 12,
                    .think_ps = 5,
                    .write_ppm = 1000000},
    [UNIFORM] = {.pattern = GUEST_UNIFORM,
                 .region_ipa = {REGION},
                 .region_bytes = 4096 * PAGE,
                 .stride_bytes = PAGE,
                 .accesses_n = 4000,
                 .think_ps = 6,
                 .write_ppm = 500000,
                 .fetch_ppm = 500000},
    [CHASE] = {.pattern = GUEST_CHASE,
               .region_ipa = {REGION + 32 * PAGE},
               .region_bytes = 4096 * PAGE,
               .stride_bytes = PAGE,
               .accesses_n = 4096},
};

static struct guest_host_work host[STAGES_N] = {
    [UNIFORM] = {.before = {.list = {GUEST_HOST_LOG_GET, GUEST_HOST_LOG_OFF}, .n = 2},
                 .during = {.list = {GUEST_HOST_COALESCE}, .n = 1}},
};

static const struct guest_cfg with_host = {
    .kind = GUEST_STAGES,
    .stages = {.streams = streams,
               .host = host,
               .stages_n = STAGES_N,
               .manual_protect = true},
};

static const struct guest_cfg without_host = {
    .kind = GUEST_STAGES,
    .stages = {.streams = streams, .stages_n = STAGES_N},
};

static struct guest_stage_state begin(uint32_t stage, uint32_t vcpu, uint64_t seed)
{
    static struct guest_stage_plan plan;
    struct guest_stage_state s;

    guest_plan_init(&plan, &with_host, 2);
    guest_stage_begin(&s, &plan, stage, vcpu, seed);
    return s;
}

static struct guest_access next(struct guest_stage_state *s)
{
    struct guest_access a;

    assert_true(guest_stage_next(s, &a));
    return a;
}

static void a_stage_is_what_its_stream_and_its_host_say(void **state)
{
    struct guest_stage_plan plan, alone;

    (void)state;
    guest_plan_init(&plan, &with_host, 2);
    guest_plan_init(&alone, &without_host, 2);
    assert_int_equal(plan.stages_n, STAGES_N);
    assert_true(plan.manual_protect && !alone.manual_protect);
    for (uint32_t i = 0; i < STAGES_N; i++) {
        const struct guest_stage s = guest_plan_stage(&plan, i);
        const struct guest_stage a = guest_plan_stage(&alone, i);

        check_row(i, "think time", s.think_ps, streams[i].think_ps);
        check_row(i, "a chase needs its data", s.dependent, i == CHASE);
        check_row(i, "actions before", s.host.before.n, i == UNIFORM ? 2 : 0);
        check_row(i, "actions during", s.host.during.n, i == UNIFORM ? 1 : 0);
        check_row(i, "without a host", a.host.before.n + a.host.during.n, 0);
        assert_string_equal(s.name, "stage");
    }
    assert_int_equal(guest_plan_stage(&plan, UNIFORM).host.before.list[1],
                     GUEST_HOST_LOG_OFF);
    assert_int_equal(guest_plan_stage(&plan, UNIFORM).host.during.list[0],
                     GUEST_HOST_COALESCE);
}

static void the_slot_holds_the_regions_of_all_streams(void **state)
{
    struct guest_stage_plan plan;

    (void)state;
    guest_plan_init(&plan, &with_host, 2);
    assert_int_equal(plan.region_ipa.v, REGION);
    assert_int_equal(plan.region_bytes, (5000 + 8) * PAGE);
}

static void a_pass_has_the_accesses_of_its_stream(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < STAGES_N; i++) {
        struct guest_stage_state s = begin(i, 1, 3);
        struct guest_access a;
        uint64_t n = 0, kinds[3] = {0};

        while (guest_stage_next(&s, &a)) {
            check_row(i, "its region",
                      a.ipa.v - streams[i].region_ipa.v < streams[i].region_bytes,
                      true);
            kinds[a.access]++;
            n++;
        }
        check_row(i, "accesses", n, streams[i].accesses_n);
        check_row(i, "of the pass", s.pass_n, streams[i].accesses_n);
        check_row(i, "all of the first are writes", kinds[ARCH_WRITE] == n,
                  i == SEQUENTIAL);
        check_row(i, "only the second fetches", kinds[ARCH_EXECUTE] > 0, i == UNIFORM);
        check_row(i, "and never reads", kinds[ARCH_READ] == 0, i != CHASE);
    }
}

static void another_pass_goes_on_where_the_last_one_ended(void **state)
{
    struct guest_stage_state s = begin(SEQUENTIAL, 0, 3);
    struct guest_access a;

    (void)state;
    for (uint64_t i = 0; i < 3 * 12; i++) {
        if (i > 0 && i % 12 == 0) {
            check_row(i, "the end of a pass", guest_stage_next(&s, &a), false);
            guest_stage_again(&s);
        }
        check_row(i, "slot", (next(&s).ipa.v - REGION) / PAGE, 5000 + i % 8);
    }
    check_row(0, "the end of the last one", guest_stage_next(&s, &a), false);
}

static void seed_and_vcpu_decide_the_accesses(void **state)
{
    static const struct {
        const char *rule;
        uint32_t vcpu;
        uint64_t seed;
        bool same;
    } rows[] = {
        {"the same", 0, 3, true},
        {"another vCPU", 1, 3, false},
        {"another seed", 0, 4, false},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++)
        for (uint32_t stage = UNIFORM; stage <= CHASE; stage++) {
            struct guest_stage_state a = begin(stage, 0, 3);
            struct guest_stage_state b = begin(stage, rows[i].vcpu, rows[i].seed);
            int same = 0;

            for (int k = 0; k < 1000; k++)
                same += next(&a).ipa.v == next(&b).ipa.v;
            check_row(i, rows[i].rule, same == 1000, rows[i].same);
            check_row(i, rows[i].rule, same < 20, !rows[i].same);
        }
}

static void the_same_stream_in_two_stages_draws_anew(void **state)
{
    struct guest_stream twice[2] = {streams[UNIFORM], streams[UNIFORM]};
    const struct guest_cfg cfg = {.kind = GUEST_STAGES,
                                  .stages = {.streams = twice, .stages_n = 2}};
    struct guest_stage_plan plan;
    struct guest_stage_state a, b;
    int same = 0;

    (void)state;
    guest_plan_init(&plan, &cfg, 1);
    guest_stage_begin(&a, &plan, 0, 0, 3);
    guest_stage_begin(&b, &plan, 1, 0, 3);
    for (int k = 0; k < 1000; k++)
        same += next(&a).ipa.v == next(&b).ipa.v;
    assert_true(same < 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stage_is_what_its_stream_and_its_host_say),
        cmocka_unit_test(the_slot_holds_the_regions_of_all_streams),
        cmocka_unit_test(a_pass_has_the_accesses_of_its_stream),
        cmocka_unit_test(another_pass_goes_on_where_the_last_one_ended),
        cmocka_unit_test(seed_and_vcpu_decide_the_accesses),
        cmocka_unit_test(the_same_stream_in_two_stages_draws_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
