/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/guest/dirty_log_test.c - what dirty_log_perf_test accesses. */
#include "model/guest/plan.h"
#include "tests/unit/walker/rows.h"

#include <stdlib.h>
#include <string.h>

#define REGION UINT64_C(0xfe00000000)
#define PAGE UINT64_C(0x1000)
#define ALL 1000000u /* ppm */

enum { VCPUS_N = 3, PAGES_N = 500, ITERATIONS_N = 4, DISABLE = ITERATIONS_N + 1 };

/* The defaults of the test, with parts of 500 pages. */
static struct guest_cfg defaults(void)
{
    return (struct guest_cfg){.kind = GUEST_DIRTY_LOG_TEST,
                              .dirty_log_test = {.region_ipa = {REGION},
                                                 .vcpu_bytes = PAGES_N * PAGE,
                                                 .page_bytes = PAGE,
                                                 .iterations_n = ITERATIONS_N,
                                                 .write_ppm = ALL,
                                                 .manual_protect = true,
                                                 .think_ps = 300}};
}

static struct guest_stage_plan plan_of(const struct guest_cfg *cfg)
{
    struct guest_stage_plan plan;

    guest_plan_init(&plan, cfg, VCPUS_N);
    return plan;
}

/* The page of the next access, which there must be. */
static uint64_t next_page(struct guest_stage_state *s, enum arch_access *access)
{
    struct guest_access a;

    assert_true(guest_stage_next(s, &a));
    assert_int_equal((a.ipa.v - REGION) % PAGE, 0);
    *access = a.access;
    return (a.ipa.v - REGION) / PAGE;
}

static void check_end(size_t row, struct guest_stage_state *s)
{
    struct guest_access a;

    check_row(row, "the pass ends", guest_stage_next(s, &a), false);
    check_row(row, "and stays ended", guest_stage_next(s, &a), false);
}

/* Appends "on", "off", "get", "clear" to text. */
static void append(char *text, const struct guest_host_actions *actions)
{
    static const char *const words[] = {[GUEST_HOST_LOG_ON] = " on",
                                        [GUEST_HOST_LOG_OFF] = " off",
                                        [GUEST_HOST_LOG_GET] = " get",
                                        [GUEST_HOST_LOG_CLEAR] = " clear"};

    for (uint32_t i = 0; i < actions->n; i++)
        strcat(text, words[actions->list[i]]);
}

static void the_host_acts_in_the_order_of_run_test(void **state)
{
    static const struct {
        bool manual, while_disabling;
        const char *want; /* "[before|during]" of each stage */
    } rows[] = {
        {false, false, "[|][ on|][ get|][ get off|]"},
        {false, true, "[|][ on|][ get|][ get| off]"},
        {true, false, "[|][ on|][ get clear|][ get clear off|]"},
        {true, true, "[|][ on|][ get clear|][ get clear| off]"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct guest_cfg cfg = defaults();
        struct guest_stage_plan plan;
        char got[200] = "";

        cfg.dirty_log_test.iterations_n = 2;
        cfg.dirty_log_test.manual_protect = rows[i].manual;
        cfg.dirty_log_test.run_while_disabling = rows[i].while_disabling;
        plan = plan_of(&cfg);
        for (uint32_t k = 0; k < plan.stages_n; k++) {
            const struct guest_stage s = guest_plan_stage(&plan, k);

            strcat(got, "[");
            append(got, &s.host.before);
            strcat(got, "|");
            append(got, &s.host.during);
            strcat(got, "]");
        }
        assert_string_equal(got, rows[i].want);
        check_row(i, "manual protect", plan.manual_protect, rows[i].manual);
    }
}

static void stages_are_populate_the_iterations_and_disable(void **state)
{
    const struct guest_cfg cfg = defaults();
    const struct guest_stage_plan plan = plan_of(&cfg);

    (void)state;
    assert_int_equal(plan.stages_n, ITERATIONS_N + 2);
    assert_int_equal(plan.region_ipa.v, REGION);
    assert_int_equal(plan.region_bytes, VCPUS_N * PAGES_N * PAGE);
    for (uint32_t i = 0; i < plan.stages_n; i++) {
        const struct guest_stage s = guest_plan_stage(&plan, i);
        const bool dirty = i > 0 && i <= ITERATIONS_N;

        assert_string_equal(s.name, i == 0 ? "populate" : dirty ? "dirty" : "disable");
        check_row(i, "iteration", s.iteration, dirty ? i : 0);
        check_row(i, "think time", s.think_ps, 300);
        check_row(i, "independent", s.dependent, false);
    }
}

static void each_pass_writes_each_page_of_its_vcpus_part_in_order(void **state)
{
    static const struct {
        bool overlap;
        uint64_t first[VCPUS_N], pages_n;
    } rows[] = {
        {false, {0, PAGES_N, 2 * PAGES_N}, PAGES_N},
        {true, {0, 0, 0}, VCPUS_N * PAGES_N},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct guest_cfg cfg = defaults();
        struct guest_stage_plan plan;
        enum arch_access access;

        cfg.dirty_log_test.overlap = rows[i].overlap;
        plan = plan_of(&cfg);
        for (uint32_t k = 0; k < DISABLE * VCPUS_N; k++) {
            const uint32_t vcpu = k % VCPUS_N;
            struct guest_stage_state s;

            guest_stage_begin(&s, &plan, k / VCPUS_N, vcpu, 1);
            check_row(i, "accesses", s.pass_n, rows[i].pages_n);
            for (uint64_t n = 0; n < rows[i].pages_n; n++) {
                check_row(i, "page", next_page(&s, &access), rows[i].first[vcpu] + n);
                check_row(i, "written", access, ARCH_WRITE);
            }
            check_end(i, &s);
        }
    }
}

static void vcpus_run_in_disable_only_if_told(void **state)
{
    struct guest_cfg cfg = defaults();
    struct guest_stage_plan plan = plan_of(&cfg);
    struct guest_stage_state s;
    enum arch_access access;

    (void)state;
    guest_stage_begin(&s, &plan, DISABLE, 1, 1);
    check_end(0, &s);
    cfg.dirty_log_test.run_while_disabling = true;
    guest_stage_begin(&s, &plan, DISABLE, 1, 1);
    for (size_t pass = 0; pass < 5; pass++) {
        if (pass > 0)
            guest_stage_again(&s);
        for (uint64_t n = 0; n < PAGES_N; n++)
            check_row(pass, "page", next_page(&s, &access), PAGES_N + n);
        check_end(pass, &s);
    }
}

static void a_write_fraction_holds_in_populate_too(void **state)
{
    static const uint32_t rows[] = {1, 2, 3, 7, 499, 500, 501};

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++)
        for (uint32_t stage = 0; stage <= DISABLE; stage++) {
            struct guest_cfg cfg = defaults();
            struct guest_stage_plan plan;
            struct guest_stage_state s;
            enum arch_access access;

            cfg.dirty_log_test.write_every = rows[i];
            cfg.dirty_log_test.run_while_disabling = true;
            plan = plan_of(&cfg);
            guest_stage_begin(&s, &plan, stage, 2, 1);
            for (uint64_t n = 0; n < PAGES_N; n++) {
                check_row(i, "page", next_page(&s, &access), 2 * PAGES_N + n);
                check_row(i, "i % n == 0 is written", access == ARCH_WRITE,
                          n % rows[i] == 0);
            }
            check_end(i, &s);
        }
}

static void a_write_share_is_by_chance_and_populate_writes_all(void **state)
{
    static const struct {
        const char *rule;
        guest_ppm write_ppm;
        int from, to; /* of PAGES_N accesses: five standard deviations */
    } rows[] = {
        {"-w 0", 0, 0, 0},
        {"-w 100", ALL, PAGES_N, PAGES_N},
        {"-w 50", ALL / 2, 250 - 56, 250 + 56},
        {"-w 10", ALL / 10, 50 - 34, 50 + 34},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++)
        for (uint32_t stage = 0; stage <= ITERATIONS_N; stage++) {
            struct guest_cfg cfg = defaults();
            struct guest_stage_plan plan;
            struct guest_stage_state s;
            enum arch_access access;
            int writes = 0;

            cfg.dirty_log_test.write_ppm = rows[i].write_ppm;
            plan = plan_of(&cfg);
            guest_stage_begin(&s, &plan, stage, 0, 1);
            for (uint64_t n = 0; n < PAGES_N; n++) {
                check_row(i, "the order stays", next_page(&s, &access), n);
                writes += access == ARCH_WRITE;
            }
            if (stage == 0)
                check_row(i, "populate", writes, PAGES_N);
            else
                check_row(i, rows[i].rule,
                          writes >= rows[i].from && writes <= rows[i].to, true);
        }
}

static void random_order_draws_as_many_pages_anew(void **state)
{
    struct guest_cfg cfg = defaults();
    struct guest_stage_plan plan;
    struct guest_stage_state s;
    enum arch_access access;

    (void)state;
    cfg.dirty_log_test.random = true;
    cfg.dirty_log_test.run_while_disabling = true;
    plan = plan_of(&cfg);
    guest_stage_begin(&s, &plan, 0, 1, 1);
    for (uint64_t n = 0; n < PAGES_N; n++)
        check_row(n, "populate goes in order", next_page(&s, &access), PAGES_N + n);
    for (uint32_t stage = 1; stage <= DISABLE; stage++) {
        char seen[PAGES_N] = {0};
        int distinct = 0;

        guest_stage_begin(&s, &plan, stage, 1, 1);
        for (int n = 0; n < PAGES_N; n++) {
            const uint64_t page = next_page(&s, &access) - PAGES_N;

            check_row(stage, "its own part", page < PAGES_N, true);
            if (page >= PAGES_N)
                continue;
            distinct += !seen[page];
            seen[page] = 1;
        }
        check_end(stage, &s);
        /* 500 (1 - 1/e) = 316, five standard deviations of 7. */
        check_row(stage, "pages met", distinct > 316 - 35 && distinct < 316 + 35, true);
    }
}

static void a_random_page_says_nothing_of_its_write(void **state)
{
    struct guest_cfg cfg = defaults();
    struct guest_stage_plan plan;
    int pages[2] = {0}, writes[2] = {0}; /* of the lower and the upper half */

    (void)state;
    cfg.dirty_log_test.random = true;
    cfg.dirty_log_test.write_ppm = ALL / 2;
    plan = plan_of(&cfg);
    for (uint32_t stage = 1; stage <= ITERATIONS_N; stage++) {
        struct guest_stage_state s;
        enum arch_access access;

        guest_stage_begin(&s, &plan, stage, 0, 1);
        for (int n = 0; n < PAGES_N; n++) {
            const int half = next_page(&s, &access) >= PAGES_N / 2;

            pages[half]++;
            writes[half] += access == ARCH_WRITE;
        }
    }
    /* About 1000 pages and 500 writes each; five standard deviations of 16. */
    for (size_t half = 0; half < 2; half++)
        check_row(half, "half of them are written",
                  abs(2 * writes[half] - pages[half]) < 2 * 80, true);
}

/* How many accesses of two passes have the same place in the part and the same kind. */
static int same_accesses(const struct guest_stage_state *a,
                         const struct guest_stage_state *b)
{
    struct guest_stage_state x = *a, y = *b;
    int same = 0;

    for (int i = 0; i < PAGES_N; i++) {
        enum arch_access of_x, of_y;
        const uint64_t page = next_page(&x, &of_x) % PAGES_N;

        same += page == next_page(&y, &of_y) % PAGES_N && of_x == of_y;
    }
    return same;
}

static void seed_vcpu_stage_and_pass_decide_pages_and_writes(void **state)
{
    static const struct {
        const char *rule;
        bool random;
        guest_ppm write_ppm;
        int strangers; /* five standard deviations above the mean */
    } rows[] = {
        {"random pages", true, ALL, 1 + 5},
        {"random writes", false, ALL / 2, 250 + 56},
    };
    enum arch_access access;

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const char *rule = rows[i].rule;
        const int strangers = rows[i].strangers;
        struct guest_cfg cfg = defaults();
        struct guest_stage_plan plan;
        struct guest_stage_state a, b;

        cfg.dirty_log_test.random = rows[i].random;
        cfg.dirty_log_test.write_ppm = rows[i].write_ppm;
        cfg.dirty_log_test.run_while_disabling = true;
        plan = plan_of(&cfg);
        guest_stage_begin(&a, &plan, DISABLE, 1, 7);
        guest_stage_begin(&b, &plan, DISABLE, 1, 7);
        check_row(i, rule, same_accesses(&a, &b), PAGES_N);
        guest_stage_begin(&b, &plan, DISABLE, 1, 8);
        check_row(i, rule, same_accesses(&a, &b) <= strangers, true);
        guest_stage_begin(&b, &plan, DISABLE, 2, 7);
        check_row(i, rule, same_accesses(&a, &b) <= strangers, true);
        guest_stage_begin(&b, &plan, ITERATIONS_N, 1, 7);
        check_row(i, rule, same_accesses(&a, &b) <= strangers, true);
        guest_stage_begin(&b, &plan, DISABLE, 1, 7);
        for (int k = 0; k < PAGES_N; k++)
            next_page(&b, &access);
        guest_stage_again(&b);
        check_row(i, rule, same_accesses(&a, &b) <= strangers, true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_host_acts_in_the_order_of_run_test),
        cmocka_unit_test(stages_are_populate_the_iterations_and_disable),
        cmocka_unit_test(each_pass_writes_each_page_of_its_vcpus_part_in_order),
        cmocka_unit_test(vcpus_run_in_disable_only_if_told),
        cmocka_unit_test(a_write_fraction_holds_in_populate_too),
        cmocka_unit_test(a_write_share_is_by_chance_and_populate_writes_all),
        cmocka_unit_test(random_order_draws_as_many_pages_anew),
        cmocka_unit_test(a_random_page_says_nothing_of_its_write),
        cmocka_unit_test(seed_vcpu_stage_and_pass_decide_pages_and_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
