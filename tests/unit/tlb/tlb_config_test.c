/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tlb/tlb_config_test.c - which geometries are accepted. */
#include "tests/unit/tlb/tlb_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define LRU TLB_REPLACE_LRU
#define PLRU TLB_REPLACE_PLRU
#define RND TLB_REPLACE_RANDOM

static void geometry_is_whole_sets_of_a_power_of_two_and_ascending_sizes(void **state)
{
    static const struct {
        struct tlb_cfg cfg;
        enum arch_status want;
        const char *why;
    } rows[] = {
        {{48, 48, {12, 14, 16, 21, 29}, 5, {31, 0, 0}, LRU, 0, 0, 0, 0, NULL, NULL},
         ARCH_OK,
         "fully associative"},
        {{1280,
          5,
          {12, 14, 16, 21, 25, 29, 30},
          7,
          {127, 0, 72},
          LRU,
          0,
          0,
          0,
          0,
          NULL,
          NULL},
         ARCH_OK,
         "256 sets of 5 ways"},
        {{2048,
          8,
          {12, 14, 16, 21, 25, 29, 30},
          7,
          {127, 0, 72},
          PLRU,
          0,
          0,
          0,
          0,
          NULL,
          NULL},
         ARCH_OK,
         "256 sets of 8 ways"},
        {{1536, 6, {12}, 1, {1, 0, 0}, RND, 0, 0, 0, 0, NULL, NULL},
         ARCH_OK,
         "256 sets of 6 ways"},
        {{64, 1, {12}, 1, {1, 0, 0}, LRU, 0, 0, 0, 0, NULL, NULL},
         ARCH_OK,
         "direct mapped"},
        {{1, 1, {48}, 1, {0, 1, 0}, LRU, 0, 0, 0, 0, NULL, NULL},
         ARCH_OK,
         "one of the largest size"},
        {{8,
          8,
          {12, 14, 16, 21, 25, 29, 30, 36},
          8,
          {255, 255, 255},
          LRU,
          0,
          0,
          0,
          0,
          NULL,
          NULL},
         ARCH_OK,
         "all size slots"},
        {{8, 8, {12, 21}, 2, {0, 0, 2}, LRU, 0, 0, 0, 0, NULL, NULL},
         ARCH_OK,
         "one kind, one size"},
        {{64, 64, {12}, 1, {1, 0, 0}, PLRU, 0, 0, 0, 0, NULL, NULL},
         ARCH_OK,
         "the largest tree"},
        {{4, 1, {12}, 1, {1, 0, 0}, PLRU, 0, 0, 0, 0, NULL, NULL},
         ARCH_OK,
         "a tree of one way"},
        {{0, 1, {12}, 1, {1, 0, 0}, LRU, 0, 0, 0, 0, NULL, NULL},
         ARCH_ERR_RANGE,
         "no entries"},
        {{8, 0, {12}, 1, {1, 0, 0}, LRU, 0, 0, 0, 0, NULL, NULL},
         ARCH_ERR_RANGE,
         "no ways"},
        {{8, 3, {12}, 1, {1, 0, 0}, LRU, 0, 0, 0, 0, NULL, NULL},
         ARCH_ERR_RANGE,
         "ways do not divide entries"},
        {{4, 8, {12}, 1, {1, 0, 0}, LRU, 0, 0, 0, 0, NULL, NULL},
         ARCH_ERR_RANGE,
         "more ways than entries"},
        {{1280, 8, {12}, 1, {1, 0, 0}, LRU, 0, 0, 0, 0, NULL, NULL},
         ARCH_ERR_RANGE,
         "160 sets"},
        {{8, 8, {12}, 0, {1, 0, 0}, LRU, 0, 0, 0, 0, NULL, NULL},
         ARCH_ERR_RANGE,
         "no size"},
        {{8, 8, {12}, 9, {1, 0, 0}, LRU, 0, 0, 0, 0, NULL, NULL},
         ARCH_ERR_RANGE,
         "more sizes than there are slots"},
        {{8, 8, {11, 12}, 2, {1, 0, 0}, LRU, 0, 0, 0, 0, NULL, NULL},
         ARCH_ERR_RANGE,
         "below 12"},
        {{8, 8, {12, 49}, 2, {1, 0, 0}, LRU, 0, 0, 0, 0, NULL, NULL},
         ARCH_ERR_RANGE,
         "above 48"},
        {{8, 8, {12, 21, 16}, 3, {1, 0, 0}, LRU, 0, 0, 0, 0, NULL, NULL},
         ARCH_ERR_RANGE,
         "sizes descend"},
        {{8, 8, {12, 21, 21}, 3, {1, 0, 0}, LRU, 0, 0, 0, 0, NULL, NULL},
         ARCH_ERR_RANGE,
         "a size twice"},
        {{8, 8, {12, 21}, 2, {0, 0, 0}, LRU, 0, 0, 0, 0, NULL, NULL},
         ARCH_ERR_RANGE,
         "no kind held"},
        {{8, 8, {12, 21}, 2, {1, 4, 0}, LRU, 0, 0, 0, 0, NULL, NULL},
         ARCH_ERR_RANGE,
         "a kind has a size that is not there"},
        {{12, 6, {12}, 1, {1, 0, 0}, PLRU, 0, 0, 0, 0, NULL, NULL},
         ARCH_ERR_RANGE,
         "a tree of 6 ways"},
        {{128, 128, {12}, 1, {1, 0, 0}, PLRU, 0, 0, 0, 0, NULL, NULL},
         ARCH_ERR_RANGE,
         "a tree of 128 ways"},
        {{8, 8, {12}, 1, {1, 0, 0}, (enum tlb_replacement)7, 0, 0, 0, 0, NULL, NULL},
         ARCH_ERR_RANGE,
         "unknown replacement"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        if (tlb_cfg_check(&rows[i].cfg) != rows[i].want)
            fail_msg("row %zu (%s): want %d", i, rows[i].why, (int)rows[i].want);
    }
}

static void a_new_tlb_is_empty_and_holds_exactly_its_entries(void **state)
{
    static const struct tlb_cfg cfgs[] = {
        {48, 48, {12, 21}, 2, ALL_KINDS(2), TLB_REPLACE_LRU, 0, 0, 0, 0, NULL, NULL},
        {1280,
         5,
         {12, 21},
         2,
         ALL_KINDS(2),
         TLB_REPLACE_RANDOM,
         0,
         0,
         0,
         0,
         NULL,
         NULL},
        {2048, 8, {12, 21}, 2, ALL_KINDS(2), TLB_REPLACE_PLRU, 0, 0, 0, 0, NULL, NULL},
        {64, 1, {12}, 1, ALL_KINDS(1), TLB_REPLACE_LRU, 0, 0, 0, 0, NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(cfgs); i++) {
        struct tlb_fixture f = fixture_new(&cfgs[i]);

        assert_int_equal(fixture_count(f.tlb), 0);
        assert_null(fixture_look_up(f.tlb, 1, 0, TLB_COMBINED, 0));
        for (uint64_t page = 0; page < 2 * cfgs[i].entries_n; page++) {
            const struct tlb_entry leaf =
                fixture_leaf(1, TLB_COMBINED, page << 12, SHIFT_4K);

            assert_non_null(tlb_fill(f.tlb, &leaf));
            assert_int_equal(fixture_count(f.tlb),
                             page < cfgs[i].entries_n ? page + 1 : cfgs[i].entries_n);
        }
        fixture_free(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(geometry_is_whole_sets_of_a_power_of_two_and_ascending_sizes),
        cmocka_unit_test(a_new_tlb_is_empty_and_holds_exactly_its_entries),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
