/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/memory/physmem_test.c - sparse memory and the arena of table pages. */
#include "model/memory/physmem.h"
#include "tests/unit/walker/rows.h"

#define ARENA UINT64_C(0x40000000)

static int fresh(void **state)
{
    *state = physmem_new(arch_pa(ARENA));
    return *state ? 0 : -1;
}

static int done(void **state)
{
    physmem_delete(*state);
    return 0;
}

static void words_not_written_read_as_zero(void **state)
{
    struct physmem *m = *state;
    static const struct {
        const char *rule;
        uint64_t pa;
    } rows[] = {
        {"address 0", 0},
        {"the same page", 0x80000ff8},
        {"the next word", 0x80000010},
        {"the word before", 0x80000000},
        {"the next page", 0x80001008},
        {"the highest word of 52 bits", UINT64_C(0xffffffffffff8)},
    };

    physmem_write(m, arch_pa(0x80000008), 5);
    assert_int_equal(physmem_read(m, arch_pa(0x80000008)), 5);
    for (size_t i = 0; i < ROWS_N(rows); i++)
        check_row(i, rows[i].rule, physmem_read(m, arch_pa(rows[i].pa)), 0);
}

/* More pages than the directory has slots at the start; far apart and next to each
 * other. */
static void every_word_holds_what_was_written_last(void **state)
{
    struct physmem *m = *state;
    const uint64_t pages_n = 5000;

    for (uint64_t round = 0; round < 2; round++) {
        for (uint64_t i = 0; i < pages_n; i++) {
            physmem_write(m, arch_pa(i * 0x1000 + (i & 511) * 8), i + round);
            physmem_write(m, arch_pa(i << 32 | 0xff8), ~i - round);
        }
    }
    for (uint64_t i = 1; i < pages_n; i++) {
        check_row(i, "dense", physmem_read(m, arch_pa(i * 0x1000 + (i & 511) * 8)),
                  i + 1);
        check_row(i, "sparse", physmem_read(m, arch_pa(i << 32 | 0xff8)), ~i - 1);
    }
}

static void tables_are_aligned_to_their_size_and_do_not_overlap(void **state)
{
    struct physmem *m = *state;
    static const struct {
        const char *rule;
        uint64_t bytes, want;
    } rows[] = {
        {"the first is where the arena begins", 0x1000, ARENA},
        {"the next follows", 0x1000, ARENA + 0x1000},
        {"two concatenated tables", 0x2000, ARENA + 0x2000},
        {"a small one behind", 0x1000, ARENA + 0x4000},
        {"a gap before a large one", 0x4000, ARENA + 0x8000},
        {"16 concatenated tables of 64K", 0x100000, ARENA + 0x100000},
        {"behind it", 0x1000, ARENA + 0x200000},
    };

    for (size_t i = 0; i < ROWS_N(rows); i++)
        check_row(i, rows[i].rule, physmem_table_alloc(m, rows[i].bytes).v,
                  rows[i].want);
    assert_int_equal(physmem_tables_n(m), ROWS_N(rows));
    for (uint64_t at = ARENA; at < ARENA + 0x201000; at += 0x1000)
        check_row(at - ARENA, "none is freed", physmem_is_freed(m, arch_pa(at)), false);
}

static void a_freed_table_is_known_as_freed_and_keeps_its_contents(void **state)
{
    struct physmem *m = *state;
    const struct arch_pa table = physmem_table_alloc(m, 0x1000);
    const struct arch_pa other = physmem_table_alloc(m, 0x1000);

    physmem_write(m, arch_pa(table.v + 0xff8), 7);
    physmem_table_free(m, table);
    assert_true(physmem_is_freed(m, table));
    assert_true(physmem_is_freed(m, arch_pa(table.v + 0xff8)));
    assert_false(physmem_is_freed(m, arch_pa(table.v - 8)));
    assert_false(physmem_is_freed(m, other));
    assert_false(physmem_is_freed(m, arch_pa(0x123456789000)));
    assert_int_equal(physmem_read(m, arch_pa(table.v + 0xff8)), 7);
    assert_int_equal(physmem_tables_n(m), 1);
}

static void only_recycled_tables_are_handed_out_again(void **state)
{
    struct physmem *m = *state;
    struct arch_pa t[5];

    for (int i = 0; i < 4; i++)
        t[i] = physmem_table_alloc(m, 0x1000);
    physmem_write(m, t[1], 11);
    physmem_table_free(m, t[1]);
    t[4] = physmem_table_alloc(m, 0x1000);
    assert_int_equal(t[4].v, ARENA + 0x4000);

    physmem_table_free(m, t[2]);
    physmem_recycle(m);
    physmem_table_free(m, t[3]); /* after recycle: not ready */
    const struct arch_pa a = physmem_table_alloc(m, 0x1000);
    const struct arch_pa b = physmem_table_alloc(m, 0x1000);
    const struct arch_pa c = physmem_table_alloc(m, 0x1000);
    assert_int_equal(a.v + b.v, t[1].v + t[2].v);
    assert_int_not_equal(a.v, b.v);
    assert_int_equal(c.v, ARENA + 0x5000);
    assert_int_equal(physmem_read(m, t[1]), 0);
    assert_false(physmem_is_freed(m, t[1]));
    assert_false(physmem_is_freed(m, t[2]));
    assert_true(physmem_is_freed(m, t[3]));

    physmem_recycle(m);
    assert_int_equal(physmem_table_alloc(m, 0x1000).v, t[3].v);
    assert_int_equal(physmem_table_alloc(m, 0x1000).v, ARENA + 0x6000);
    assert_int_equal(physmem_tables_n(m), 7);
}

static void a_table_is_freed_and_handed_out_again_as_a_whole(void **state)
{
    struct physmem *m = *state;
    static const struct {
        const char *granule;
        uint64_t bytes;
    } rows[] = {{"4K", 0x1000}, {"16K", 0x4000}, {"64K", 0x10000}};

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct arch_pa other = physmem_table_alloc(m, rows[i].bytes);
        const struct arch_pa t = physmem_table_alloc(m, rows[i].bytes);
        const struct arch_pa last = arch_pa(t.v + rows[i].bytes - 8);

        physmem_write(m, last, 5);
        physmem_table_free(m, t);
        check_row(i, "its last word is freed", physmem_is_freed(m, last), true);
        check_row(i, "the table before is not",
                  physmem_is_freed(m, arch_pa(other.v + rows[i].bytes - 8)), false);
        physmem_recycle(m);
        check_row(i, "the same again", physmem_table_alloc(m, rows[i].bytes).v, t.v);
        check_row(i, "its last word is in use", physmem_is_freed(m, last), false);
        check_row(i, "and zero", physmem_read(m, last), 0);
    }
}

static void concatenated_tables_never_come_from_recycled_pages(void **state)
{
    struct physmem *m = *state;
    const struct arch_pa t = physmem_table_alloc(m, 0x1000);

    physmem_table_free(m, t);
    physmem_recycle(m);
    assert_int_equal(physmem_table_alloc(m, 0x2000).v, ARENA + 0x2000);
    assert_true(physmem_is_freed(m, t));
}

/* 1 GiB of 4K pages is 513 tables; five such subtrees come and go. */
static void thousands_of_tables_come_and_go(void **state)
{
    struct physmem *m = *state;
    enum { ROUNDS_N = 5, SUBTREE_N = 513 };
    struct arch_pa t[SUBTREE_N];

    for (int round = 0; round < ROUNDS_N; round++) {
        for (int i = 0; i < SUBTREE_N; i++) {
            t[i] = physmem_table_alloc(m, 0x1000);
            check_row(i, "zeroed", physmem_read(m, arch_pa(t[i].v + 8)), 0);
            physmem_write(m, arch_pa(t[i].v + 8), 1);
            check_row(i, "the first round's pages serve all rounds",
                      t[i].v < ARENA + SUBTREE_N * 0x1000, true);
        }
        check_row(round, "in use", physmem_tables_n(m), SUBTREE_N);
        for (int i = 0; i < SUBTREE_N; i++)
            physmem_table_free(m, t[i]);
        check_row(round, "in use", physmem_tables_n(m), 0);
        physmem_recycle(m);
    }
}

static void set_words(struct physmem *m, struct arch_pa table)
{
    for (uint64_t i = 0; i < 512; i++)
        physmem_write(m, arch_pa(table.v + 8 * i), 0x40000703 + 0x1000 * i);
}

static void a_filled_table_reads_as_one_that_was_written(void **state)
{
    static const uint64_t sizes[] = {4096, 16384, 65536};
    struct physmem *m = *state;

    for (size_t k = 0; k < ROWS_N(sizes); k++) {
        const struct arch_pa t = physmem_table_alloc(m, sizes[k]);
        const struct arch_pa next = physmem_table_alloc(m, sizes[k]);
        const uint64_t n = sizes[k] / 8;

        physmem_table_fill(m, t, 0x40000703, 0x1000);
        for (uint64_t i = 0; i < n; i++) {
            check_row(k, "word", physmem_read(m, arch_pa(t.v + 8 * i)),
                      0x40000703 + 0x1000 * i);
            check_row(k, "the next table", physmem_read(m, arch_pa(next.v + 8 * i)), 0);
        }
        physmem_write(m, arch_pa(t.v + 8 * 17), 42);
        physmem_write(m, arch_pa(t.v + 8 * (n - 1)), 42);
        for (uint64_t i = 0; i < n; i++)
            check_row(k, "word beside one that was written",
                      physmem_read(m, arch_pa(t.v + 8 * i)),
                      i == 17 || i == n - 1 ? 42 : 0x40000703 + 0x1000 * i);
    }
}

static void a_filled_table_is_freed_and_handed_out_again_zeroed(void **state)
{
    struct physmem *m = *state;
    const struct arch_pa t = physmem_table_alloc(m, 4096);

    physmem_table_fill(m, t, 7, 8);
    physmem_table_free(m, t);
    assert_true(physmem_is_freed(m, t));
    assert_int_equal(physmem_read(m, arch_pa(t.v + 8)), 15);
    physmem_recycle(m);
    assert_int_equal(physmem_table_alloc(m, 4096).v, t.v);
    for (uint64_t i = 0; i < 512; i++)
        check_row(i, "word", physmem_read(m, arch_pa(t.v + 8 * i)), 0);
    physmem_write(m, t, 1);
    assert_int_equal(physmem_read(m, arch_pa(t.v + 8)), 0);
}

static void a_filled_table_costs_few_bytes_until_it_is_written(void **state)
{
    enum { TABLES_N = 1024 };
    struct physmem *m = *state;
    struct arch_pa tables[TABLES_N];
    size_t written;

    for (size_t i = 0; i < TABLES_N; i++) {
        tables[i] = physmem_table_alloc(m, 4096);
        set_words(m, tables[i]);
    }
    written = physmem_bytes(m);
    assert_true(written >= TABLES_N * 4096);
    for (size_t i = 0; i < TABLES_N; i++)
        physmem_table_fill(m, tables[i], 0x40000703, 0x1000);
    assert_true(physmem_bytes(m) < 64 * TABLES_N);
    physmem_write(m, tables[5], 1);
    assert_true(physmem_bytes(m) < 64 * TABLES_N + 4097);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, fresh, done)
    const struct CMUnitTest tests[] = {
        CASE(words_not_written_read_as_zero),
        CASE(every_word_holds_what_was_written_last),
        CASE(tables_are_aligned_to_their_size_and_do_not_overlap),
        CASE(a_freed_table_is_known_as_freed_and_keeps_its_contents),
        CASE(only_recycled_tables_are_handed_out_again),
        CASE(a_table_is_freed_and_handed_out_again_as_a_whole),
        CASE(concatenated_tables_never_come_from_recycled_pages),
        CASE(thousands_of_tables_come_and_go),
        CASE(a_filled_table_reads_as_one_that_was_written),
        CASE(a_filled_table_is_freed_and_handed_out_again_zeroed),
        CASE(a_filled_table_costs_few_bytes_until_it_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
