/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/memory/page_set_test.c - what was added is there, and costs as much. */
#include "model/memory/page_set.h"
#include "tests/unit/walker/rows.h"

#include <string.h>

static void what_was_added_is_there_and_nothing_else(void **state)
{
    enum { N = 100000 };
    static uint8_t want[N];
    struct page_set s = {0};
    uint64_t page = 1;

    (void)state;
    assert_false(page_set_has(&s, 0));
    for (int i = 0; i < N / 4; i++) {
        page = page * UINT64_C(6364136223846793005) + 1;
        want[page >> 20 & 0xffff] = 1;
        page_set_add(&s, page >> 20 & 0xffff);
    }
    for (uint64_t i = 0; i < N; i++)
        check_row(i, "page", page_set_has(&s, i), want[i]);
    page_set_free(&s);
    assert_false(page_set_has(&s, page >> 20 & 0xffff));
    assert_int_equal(page_set_bytes(&s), 0);
}

/* A list of one chunk, until it has a bit for every page. */
static void the_order_in_which_pages_are_added_does_not_matter(void **state)
{
    enum { N = 6000 };
    static const uint64_t steps[] = {1, N - 1, 7, 2999};

    (void)state;
    for (size_t row = 0; row < ROWS_N(steps); row++) {
        struct page_set s = {0};

        for (uint64_t i = 0; i < N; i++) {
            const uint64_t page = i * steps[row] % N;

            check_row(row, "not yet", page_set_has(&s, 10 * page), false);
            page_set_add(&s, 10 * page);
            page_set_add(&s, 10 * page);
            check_row(row, "added", page_set_has(&s, 10 * page), true);
        }
        for (uint64_t page = 0; page < 10 * N; page++)
            check_row(row, "page", page_set_has(&s, page), page % 10 == 0);
        page_set_free(&s);
    }
}

static void pages_far_apart_are_told_apart(void **state)
{
    struct page_set s = {0};

    (void)state;
    for (unsigned shift = 0; shift < 52; shift++)
        page_set_add(&s, UINT64_C(1) << shift);
    for (unsigned shift = 0; shift < 52; shift++) {
        check_row(shift, "added", page_set_has(&s, UINT64_C(1) << shift), true);
        check_row(shift, "not added", page_set_has(&s, UINT64_C(3) << shift), false);
    }
    page_set_free(&s);
}

/* Bytes of the host after every step-th page of n was added. */
static size_t bytes_of(uint64_t n, uint64_t step)
{
    struct page_set s = {0};
    size_t bytes;

    for (uint64_t i = 0; i < n; i++)
        page_set_add(&s, i * step);
    bytes = page_set_bytes(&s);
    page_set_free(&s);
    return bytes;
}

static void memory_goes_with_the_pages_that_were_added(void **state)
{
    static const struct {
        const char *rule;
        uint64_t pages, step;
        size_t most; /* bytes per page */
    } rows[] = {
        {"neighbours", 1 << 20, 1, 1},
        {"some neighbours", 3000, 1, 3},
        {"one in a hundred", 1 << 16, 100, 3},
        {"one in a thousand", 1 << 16, 1000, 4},
        {"one in each table, of 2 TiB", 1 << 20, 512, 4},
        {"every second, dense", 1 << 17, 2, 1},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const size_t bytes = bytes_of(rows[i].pages, rows[i].step);

        check_row(i, rows[i].rule, bytes <= rows[i].most * rows[i].pages, true);
        assert_true(bytes > rows[i].pages / 8);
    }
    assert_int_equal(bytes_of(1 << 12, 1 << 18), bytes_of(1 << 12, UINT64_C(1) << 30));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_added_is_there_and_nothing_else),
        cmocka_unit_test(the_order_in_which_pages_are_added_does_not_matter),
        cmocka_unit_test(pages_far_apart_are_told_apart),
        cmocka_unit_test(memory_goes_with_the_pages_that_were_added),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
