/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/hyp/coalesce_range_test.c - a host thread, block by block over a range. */
#include "tests/unit/hyp/hyp_env.h"

#define BASE ENV_GIB
#define PA UINT64_C(0x80000000)
#define BLOCK_BYTES (2 * ENV_MIB)
#define BLOCKS_N 6

static const struct hyp_slot slot = {.ipa = {BASE},
                                     .pa = {PA},
                                     .bytes = BLOCKS_N * BLOCK_BYTES,
                                     .block_level = 2,
                                     .writable = true};

#define ALONE "lock write\nunlock write\n"
#define COALESCED(ipa, pa)                                                             \
    "lock write\nBREAK\nwrite L2:" ipa " locked\nWON\n" ENV_FLUSH_VMID "clean " pa     \
    "+0x200000\nMAKE\nwrite L2:" ipa " block " pa                                      \
    " rw\ndsb ishst\nunlock write\nFREE\nfree table: 512 reads, 512 leaves\nDONE\n"

/* Blocks 0 and 3 are tables of pages, 1 is a block, 2 nothing, 4 locked; 5 is a table
 * that the range does not reach. */
static void put_blocks(struct hyp_env *env)
{
    env_put_pages(env, BASE, PA);
    env_put(env, BASE + BLOCK_BYTES, 2, env_leaf(PA + BLOCK_BYTES, 2, 0));
    env_put_pages(env, BASE + 3 * BLOCK_BYTES, PA + 3 * BLOCK_BYTES);
    env_put(env, BASE + 4 * BLOCK_BYTES, 2, HYP_DESC_LOCKED);
    env_put_pages(env, BASE + 5 * BLOCK_BYTES, PA + 5 * BLOCK_BYTES);
}

static void only_tables_inside_the_range_become_blocks(void **state)
{
    static const struct {
        const char *rule;
        uint64_t want; /* 3: still a table */
    } rows[BLOCKS_N] = {
        {"a table", PA | 0x7fd},
        {"a block stays as it is", (PA + BLOCK_BYTES) | 0x77d},
        {"a hole stays a hole", 0},
        {"the next table", (PA + 3 * BLOCK_BYTES) | 0x7fd},
        {"a locked entry stays locked", HYP_DESC_LOCKED},
        {"outside the range", 3},
    };
    struct hyp_env env;

    (void)state;
    env_init(&env, (struct hyp_cfg){.sequence = HYP_SEQ_BBM_EARLY,
                                    .lock = HYP_LOCK_EXCLUSIVE,
                                    .clean = HYP_CLEAN_IN_WINDOW});
    put_blocks(&env);
    hyp_coalesce_range(&env.vm, &slot, arch_ipa(BASE), 5 * BLOCK_BYTES, 21);
    env_expect_log(0, "the lock is dropped between blocks", &env,
                   COALESCED("0x40000000", "0x80000000")
                       ALONE ALONE COALESCED("0x40600000", "0x80600000") ALONE);
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const uint64_t got = env_get(&env, BASE + i * BLOCK_BYTES, 2);

        check_row(i, rows[i].rule, rows[i].want == 3 ? got & 3 : got, rows[i].want);
    }
    /* Start, level 2, and block 5. */
    assert_int_equal(physmem_tables_n(env.mem), 3);
    env_free(&env);
}

static void a_range_without_tables_above_is_left_alone(void **state)
{
    struct hyp_env env;

    (void)state;
    env_init(&env, (struct hyp_cfg){.sequence = HYP_SEQ_NT});
    hyp_coalesce_range(&env.vm, &slot, arch_ipa(BASE), 2 * BLOCK_BYTES, 21);
    env_expect_log(0, "no level 2 table", &env, ALONE ALONE);
    assert_int_equal(env.visits_n, 2);
    env_put(&env, BASE, 1, env_leaf(PA, 1, ENV_W));
    hyp_coalesce_range(&env.vm, &slot, arch_ipa(BASE), BLOCK_BYTES, 21);
    env_expect_log(1, "a larger block above", &env, ALONE ALONE ALONE);
    assert_int_equal(env_get(&env, BASE, 1), env_leaf(PA, 1, ENV_W));
    env_free(&env);
}

static void a_fault_that_coalesces_first_leaves_nothing_to_the_host(void **state)
{
    struct hyp_env env;

    (void)state;
    env_init(&env, (struct hyp_cfg){.sequence = HYP_SEQ_NT, .lock = HYP_LOCK_SHARED});
    env_put_pages(&env, BASE, PA);
    env.rival = true;
    env.rival_desc = env_leaf(PA, 2, ENV_W) | ARCH_DESC_NT;
    hyp_coalesce_range(&env.vm, &slot, arch_ipa(BASE), BLOCK_BYTES, 21);
    env_expect_log(0, "lost, and no tear-down", &env,
                   "lock write\nBREAK\ncas lost\nLOST\nunlock write\n");
    assert_int_equal(physmem_tables_n(env.mem), 3);
    env_free(&env);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_tables_inside_the_range_become_blocks),
        cmocka_unit_test(a_range_without_tables_above_is_left_alone),
        cmocka_unit_test(a_fault_that_coalesces_first_leaves_nothing_to_the_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
