/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/guest/page_table_test.c - what kvm_page_table_test accesses. */
#include "model/guest/plan.h"
#include "tests/unit/walker/rows.h"

#include <string.h>

#define REGION UINT64_C(0xfe00000000)
#define K UINT64_C(1024)
#define M (K * K)
#define G (K * M)

enum { BEFORE, CREATE, UPDATE, ADJUST };

static struct guest_cfg test_of(uint64_t region, uint64_t block, uint64_t page)
{
    return (struct guest_cfg){.kind = GUEST_PAGE_TABLE_TEST,
                              .page_table_test = {.region_ipa = {REGION},
                                                  .region_bytes = region,
                                                  .block_bytes = block,
                                                  .page_bytes = page,
                                                  .think_ps = 700}};
}

/* Backings with their counts, by hand. */
static const struct {
    const char *rule;
    uint64_t region, block, page;
    uint64_t create_n, update_n, adjust_n;
} backings[] = {
    {"one 2M block: 1 + 256", 2 * M, 2 * M, 4 * K, 1, 257, 512},
    {"64 2M blocks", 128 * M, 2 * M, 4 * K, 64, 16448, 32768},
    {"two 1G blocks: 1 + 131072 each", 2 * G, G, 4 * K, 2, 262146, 524288},
    {"anonymous memory: every page", 64 * K, 4 * K, 4 * K, 16, 16, 16},
    {"64K pages, 512M blocks: 1 + 4096", G, 512 * M, 64 * K, 2, 8194, 16384},
    {"anonymous memory of 64K pages", M, 64 * K, 64 * K, 16, 16, 16},
    {"16K pages, 32M blocks: 1 + 1024", 32 * M, 32 * M, 16 * K, 1, 1025, 2048},
    {"the smallest block of two pages", 16 * K, 8 * K, 4 * K, 2, 4, 4},
};

static void check_access(size_t row, const char *rule, struct guest_stage_state *s,
                         uint64_t offset, enum arch_access access)
{
    struct guest_access a;

    check_row(row, rule, guest_stage_next(s, &a), true);
    check_row(row, rule, a.ipa.v - REGION, offset);
    check_row(row, rule, a.access, access);
}

static void check_end(size_t row, const char *rule, struct guest_stage_state *s,
                      uint64_t accesses_n)
{
    struct guest_access a;

    check_row(row, rule, s->pass_n, accesses_n);
    check_row(row, rule, s->done_n, accesses_n);
    check_row(row, rule, guest_stage_next(s, &a), false);
    check_row(row, rule, guest_stage_next(s, &a), false);
}

/* Runs check on the stage of vCPUs 0 to 3 for all backings. */
static void each_backing(uint32_t stage,
                         void (*check)(size_t row, struct guest_stage_state *s))
{
    for (size_t i = 0; i < ROWS_N(backings); i++) {
        const struct guest_cfg cfg =
            test_of(backings[i].region, backings[i].block, backings[i].page);
        struct guest_stage_plan plan;

        guest_plan_init(&plan, &cfg, 4);
        for (uint32_t vcpu = 0; vcpu < 4; vcpu++) {
            struct guest_stage_state s;

            guest_stage_begin(&s, &plan, stage, vcpu, i);
            check(i, &s);
        }
    }
}

static void dirty_logging_goes_on_before_update_and_off_before_adjust(void **state)
{
    static const struct {
        const char *name;
        uint32_t before_n;
        enum guest_host_action before;
    } rows[] = {
        [BEFORE] = {"KVM_BEFORE_MAPPINGS", 0, 0},
        [CREATE] = {"KVM_CREATE_MAPPINGS", 0, 0},
        [UPDATE] = {"KVM_UPDATE_MAPPINGS", 1, GUEST_HOST_LOG_ON},
        [ADJUST] = {"KVM_ADJUST_MAPPINGS", 1, GUEST_HOST_LOG_OFF},
    };
    const struct guest_cfg cfg = test_of(6 * M, 2 * M, 4 * K);
    struct guest_stage_plan plan;

    (void)state;
    guest_plan_init(&plan, &cfg, 4);
    assert_int_equal(plan.stages_n, ROWS_N(rows));
    assert_int_equal(plan.region_ipa.v, REGION);
    assert_int_equal(plan.region_bytes, 6 * M);
    assert_false(plan.manual_protect);
    for (uint32_t i = 0; i < plan.stages_n; i++) {
        const struct guest_stage s = guest_plan_stage(&plan, i);

        assert_string_equal(s.name, rows[i].name);
        check_row(i, s.name, s.host.before.n, rows[i].before_n);
        if (s.host.before.n)
            check_row(i, s.name, s.host.before.list[0], rows[i].before);
        check_row(i, "no vCPU runs at a switch", s.host.during.n, 0);
        check_row(i, "accesses are independent", s.dependent, false);
        check_row(i, s.name, s.think_ps, 700);
        check_row(i, s.name, s.iteration, 0);
    }
}

static void check_nothing(size_t row, struct guest_stage_state *s)
{
    check_end(row, backings[row].rule, s, 0);
}

static void before_touches_nothing(void **state)
{
    (void)state;
    each_backing(BEFORE, check_nothing);
}

static void check_create(size_t row, struct guest_stage_state *s)
{
    for (uint64_t n = 0; n < backings[row].create_n; n++)
        check_access(row, backings[row].rule, s, n * backings[row].block,
                     s->vcpu % 2 ? ARCH_READ : ARCH_WRITE);
    check_end(row, backings[row].rule, s, backings[row].create_n);
}

static void create_touches_each_block_once_and_odd_vcpus_read(void **state)
{
    (void)state;
    each_backing(CREATE, check_create);
}

static void check_update(size_t row, struct guest_stage_state *s)
{
    const uint64_t block = backings[row].block;

    for (uint64_t at = 0; at < backings[row].region; at += block) {
        check_access(row, "the first page is written", s, at, ARCH_WRITE);
        if (block == backings[row].page)
            continue;
        for (uint64_t page = at + block / 2; page < at + block;
             page += backings[row].page)
            check_access(row, "the second half is read", s, page, ARCH_READ);
    }
    check_end(row, backings[row].rule, s, backings[row].update_n);
}

static void update_writes_the_first_page_and_reads_the_second_half(void **state)
{
    (void)state;
    each_backing(UPDATE, check_update);
}

static void check_adjust(size_t row, struct guest_stage_state *s)
{
    for (uint64_t n = 0; n < backings[row].adjust_n; n++)
        check_access(row, backings[row].rule, s, n * backings[row].page, ARCH_READ);
    check_end(row, backings[row].rule, s, backings[row].adjust_n);
}

static void adjust_reads_every_page_in_order(void **state)
{
    (void)state;
    each_backing(ADJUST, check_adjust);
}

static void another_seed_changes_nothing(void **state)
{
    const struct guest_cfg cfg = test_of(4 * M, 2 * M, 4 * K);
    struct guest_stage_plan plan;

    (void)state;
    guest_plan_init(&plan, &cfg, 1);
    for (uint32_t stage = BEFORE; stage <= ADJUST; stage++) {
        struct guest_stage_state a, b;
        struct guest_access x, y;

        guest_stage_begin(&a, &plan, stage, 0, 1);
        guest_stage_begin(&b, &plan, stage, 0, 2);
        while (guest_stage_next(&a, &x)) {
            check_row(stage, "as many", guest_stage_next(&b, &y), true);
            check_row(stage, "the same", x.ipa.v, y.ipa.v);
            check_row(stage, "the same", x.access, y.access);
        }
        check_row(stage, "as many", guest_stage_next(&b, &y), false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dirty_logging_goes_on_before_update_and_off_before_adjust),
        cmocka_unit_test(before_touches_nothing),
        cmocka_unit_test(create_touches_each_block_once_and_odd_vcpus_read),
        cmocka_unit_test(update_writes_the_first_page_and_reads_the_second_half),
        cmocka_unit_test(adjust_reads_every_page_in_order),
        cmocka_unit_test(another_seed_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
