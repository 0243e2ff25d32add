/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/hyp/tear_down_test.c - every entry of a detached table is visited once. */
#include "tests/unit/hyp/hyp_env.h"

#define BASE ENV_GIB
#define PA UINT64_C(0x80000000)

enum { NOTHING, ONE_PAGE, ALL_PAGES, MIXED };

static void put_subtree(struct hyp_env *env, int what)
{
    if (what == NOTHING) {
        env_put(env, BASE, 3, 0); /* builds the tables */
    } else if (what == ONE_PAGE) {
        env_put(env, BASE + 0x3ffff000, 3, env_leaf(PA, 3, 0));
    } else if (what == ALL_PAGES) {
        for (uint64_t at = 0; at < ENV_GIB; at += 2 * ENV_MIB)
            env_put_pages(env, BASE + at, PA + at);
    } else {
        env_put_pages(env, BASE, PA);
        env_put(env, BASE + 2 * ENV_MIB, 2, env_leaf(PA, 2, ENV_W));
        env_put(env, BASE + 4 * ENV_MIB, 2, HYP_DESC_LOCKED);
        env_put(env, BASE + 6 * ENV_MIB, 3, env_leaf(PA, 3, 0));
    }
}

static void each_entry_is_read_once_and_each_leaf_and_table_let_go(void **state)
{
    static const struct {
        const char *rule;
        int what, level; /* of the detached table descriptor */
        unsigned long reads_n, leaves_n, tables_n;
    } rows[] = {
        {"512 holes cost 512 reads", NOTHING, 2, 512, 0, 1},
        {"one page in the last block of 1 GiB", ONE_PAGE, 1, 1024, 1, 2},
        {"1 GiB of 4K pages", ALL_PAGES, 1, 513 * 512, 262144, 513},
        {"2 MiB of 4K pages", ALL_PAGES, 2, 512, 512, 1},
        {"pages, a block, a locked entry, holes", MIXED, 1, 3 * 512, 514, 3},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct hyp_event at = {.ipa = {BASE}, .level = rows[i].level};
        struct hyp_env env;
        uint64_t tables_n;

        env_init(&env, (struct hyp_cfg){.sequence = HYP_SEQ_BBM});
        env.quiet = true;
        put_subtree(&env, rows[i].what);
        tables_n = physmem_tables_n(env.mem);
        at.old = env_get(&env, BASE, rows[i].level);
        hyp_tear_down(&env.vm, &at);
        check_row(i, rows[i].rule, env.reads_n, rows[i].reads_n);
        check_row(i, rows[i].rule, env.leaves_n, rows[i].leaves_n);
        check_row(i, rows[i].rule, env.tables_freed_n, rows[i].tables_n);
        check_row(i, rows[i].rule, tables_n - physmem_tables_n(env.mem),
                  rows[i].tables_n);
        check_row(i, rows[i].rule,
                  physmem_is_freed(env.mem, arch_pa(at.old & ~UINT64_C(3))), true);
        env_free(&env);
    }
}

static void children_are_freed_before_their_table(void **state)
{
    struct hyp_event at = {.ipa = {BASE}, .level = 1};
    struct hyp_env env;

    (void)state;
    env_init(&env, (struct hyp_cfg){.sequence = HYP_SEQ_BBM});
    put_subtree(&env, MIXED);
    at.old = env_get(&env, BASE, 1);
    hyp_tear_down(&env.vm, &at);
    env_expect_log(0, "stage2_free_walker(): leaves, then TABLE_POST", &env,
                   "FREE\nfree table: 513 reads, 512 leaves\n"
                   "free table: 515 reads, 2 leaves\n"
                   "free table: 508 reads, 0 leaves\nDONE\n");
    env_free(&env);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_entry_is_read_once_and_each_leaf_and_table_let_go),
        cmocka_unit_test(children_are_freed_before_their_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
