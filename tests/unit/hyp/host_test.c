/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/hyp/host_test.c - what the host does to a range, operation by operation.
 */
#include "tests/unit/hyp/hyp_env.h"

#include <stdio.h>
#include <string.h>

#define IPA ENV_GIB
#define PA UINT64_C(0x80000000)
#define BLOCK_BYTES (2 * ENV_MIB)

#define FLUSH_IPA(ipa)                                                                 \
    "dsb ishst\ntlbi ipas2e1is 7 " ipa "\ndsb ish\ntlbi vmalle1is 7\ndsb ish\nisb\n"
#define FLUSH_RANGE(range)                                                             \
    "dsb ishst\ntlbi ripas2e1is 7 " range "\ndsb ish\ntlbi vmalle1is 7\ndsb "          \
    "ish\nisb\n"
#define PAGE(ipa, pa, perms) "write L3:" ipa " page " pa " " perms "\n"
#define WRITE_LOCK(...) "lock write\n" __VA_ARGS__ "unlock write\n"
#define INVALID(ipa) "write L3:" ipa " invalid\n"
#define RESCHED "unlock write\nlock write\n"

static const struct hyp_slot slot = {
    .ipa = {IPA}, .pa = {PA}, .bytes = BLOCK_BYTES, .block_level = 2, .writable = true};

static void put_two_pages(struct hyp_env *env)
{
    env_put(env, IPA, 3, env_leaf(PA, 3, ENV_W));
    env_put(env, IPA + ENV_PAGE, 3, env_leaf(PA + ENV_PAGE, 3, ENV_W));
}

static void unmapping_flushes_each_leaf_or_once_for_the_batch(void **state)
{
    static const struct {
        const char *rule;
        uint64_t pages;
        struct hyp_cfg cfg;
        const char *log;
    } rows[] = {
        {"a leaf: clear, flush; the last one takes its tables along",
         2,
         {.ttl = true},
         WRITE_LOCK(
             INVALID("0x40000000") FLUSH_IPA("0x40000000 L3") INVALID("0x40001000")
                 FLUSH_IPA("0x40001000 L3") "write L2:0x40000000 invalid\n" FLUSH_IPA(
                     "0x40000000") "free table: 4 reads, 0 leaves\n"
                                   "write L1:0x40000000 invalid\n" FLUSH_IPA(
                                       "0x40000000") "free table: 0 reads, 0 "
                                                     "leaves\n")},
        {"one page leaves the table to the other",
         1,
         {.ttl = true},
         WRITE_LOCK(INVALID("0x40000000") FLUSH_IPA("0x40000000 L3"))},
        {"without S2FWB the memory is cleaned behind the flush",
         1,
         {.clean = HYP_CLEAN_IN_WINDOW},
         WRITE_LOCK(INVALID("0x40000000")
                        FLUSH_IPA("0x40000000") "clean 0x80000000+0x1000\n")},
        {"deferred: leaves go by one range",
         1,
         {.unmap = HYP_UNMAP_DEFERRED, .tlbi = HYP_TLBI_RANGE},
         WRITE_LOCK(INVALID("0x40000000") FLUSH_IPA("0x40000000"))},
        {"deferred: tables do not wait",
         2,
         {.unmap = HYP_UNMAP_DEFERRED, .tlbi = HYP_TLBI_RANGE},
         WRITE_LOCK(
             INVALID("0x40000000")
                 INVALID("0x40001000") "write L2:0x40000000 invalid\n" FLUSH_IPA(
                     "0x40000000") "free table: 4 reads, 0 leaves\n"
                                   "write L1:0x40000000 invalid\n" FLUSH_IPA(
                                       "0x40000000") "free table: 0 reads, 0 "
                                                     "leaves\n" FLUSH_RANGE("0x40000000"
                                                                            ".."
                                                                            "0x40001ff"
                                                                            "f"))},
        {"per-entry locks: locked until it is flushed",
         1,
         {.lock = HYP_LOCK_ENTRY},
         WRITE_LOCK("cas L3:0x40000000 locked\n" FLUSH_IPA("0x40000000")
                        INVALID("0x40000000"))},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct hyp_env env;

        env_init(&env, rows[i].cfg);
        put_two_pages(&env);
        hyp_unmap_range(&env.vm, arch_ipa(IPA), rows[i].pages * ENV_PAGE);
        env_expect_log(i, rows[i].rule, &env, rows[i].log);
        check_row(i, rows[i].rule, env_get(&env, IPA, 3),
                  rows[i].pages == 2 ? UINT64_MAX : 0);
        env_free(&env);
    }
}

static void a_block_that_reaches_out_of_the_range_goes_as_a_whole(void **state)
{
    struct hyp_env env;

    (void)state;
    env_init(&env, (struct hyp_cfg){.ttl = true});
    env_put(&env, IPA, 2, env_leaf(PA, 2, ENV_W));
    env_put(&env, IPA + BLOCK_BYTES, 2, env_leaf(PA, 2, ENV_W));
    hyp_unmap_range(&env.vm, arch_ipa(IPA + 0x5000), ENV_PAGE);
    env_expect_log(
        0, "stage2_unmap_walker()", &env,
        WRITE_LOCK("write L2:0x40000000 invalid\n" FLUSH_IPA("0x40000000 L2")));
    env_free(&env);
}

static void mmu_lock_is_dropped_between_largest_blocks(void **state)
{
    struct hyp_env env;

    (void)state;
    env_init(&env, (struct hyp_cfg){.tlbi = HYP_TLBI_RANGE});
    hyp_unmap_range(&env.vm, arch_ipa(IPA - ENV_PAGE), ENV_GIB + 2 * ENV_PAGE);
    env_expect_log(0, "stage2_apply_range()", &env, WRITE_LOCK(RESCHED RESCHED));
    env.log_n = 0;
    env_put(&env, IPA, 1, env_leaf(PA, 1, ENV_W));
    hyp_wrprotect_range(&env.vm, arch_ipa(IPA), 2 * ENV_GIB);
    env_expect_log(1, "the flush comes behind the lock", &env,
                   WRITE_LOCK("write L1:0x40000000 block 0x80000000 ro\n" RESCHED)
                       FLUSH_RANGE("0x40000000..0xbfffffff"));
    env_free(&env);
}

static void a_permission_change_is_a_store_per_leaf_and_one_flush(void **state)
{
    static const struct {
        const char *rule;
        uint64_t old;
        struct hyp_perms perms;
        const char *log;
    } rows[] = {
        {"write goes",
         PA | 0x7ff,
         {.clear_write = true},
         WRITE_LOCK(PAGE("0x40000000", "0x80000000", "ro")) ENV_FLUSH_VMID},
        {"write was not there",
         PA | 0x77f,
         {.clear_write = true},
         WRITE_LOCK("") ENV_FLUSH_VMID},
        {"write comes",
         PA | 0x77f,
         {.set_write = true},
         WRITE_LOCK(PAGE("0x40000000", "0x80000000", "rw")) ENV_FLUSH_VMID},
        {"execute goes",
         PA | 0x77f,
         {.clear_execute = true},
         WRITE_LOCK(PAGE("0x40000000", "0x80000000", "ro xn")) ENV_FLUSH_VMID},
        {"execute comes behind the instruction cache",
         PA | 0x77f | ENV_XN,
         {.set_execute = true},
         WRITE_LOCK("icache 0x80000000+0x1000\n" PAGE("0x40000000", "0x80000000", "ro"))
             ENV_FLUSH_VMID},
        {"a hole stays one", 0, {.set_write = true}, WRITE_LOCK("") ENV_FLUSH_VMID},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct hyp_env env;

        env_init(&env, (struct hyp_cfg){.icache = HYP_ICACHE_IN_WINDOW});
        env_put(&env, IPA, 3, rows[i].old);
        hyp_protect_range(&env.vm, arch_ipa(IPA), BLOCK_BYTES, rows[i].perms);
        env_expect_log(i, rows[i].rule, &env, rows[i].log);
        env_free(&env);
    }
}

static void ageing_clears_access_flags_and_flushes_nothing(void **state)
{
    struct hyp_env env;

    (void)state;
    env_init(&env, (struct hyp_cfg){.af = HYP_AF_FAULT});
    put_two_pages(&env);
    assert_true(hyp_test_clear_young(&env.vm, arch_ipa(IPA), ENV_PAGE, false));
    env_expect_log(0, "a test changes nothing", &env, WRITE_LOCK(""));
    assert_true(hyp_test_clear_young(&env.vm, arch_ipa(IPA), ENV_PAGE, true));
    env_expect_log(1, "stage2_age_walker()", &env,
                   WRITE_LOCK("")
                       WRITE_LOCK(PAGE("0x40000000", "0x80000000", "rw old")));
    assert_false(hyp_test_clear_young(&env.vm, arch_ipa(IPA), ENV_PAGE, true));
    assert_true(hyp_test_clear_young(&env.vm, arch_ipa(IPA), 2 * ENV_PAGE, false));
    env_free(&env);
}

static void the_log_is_read_out_and_its_pages_protected_again(void **state)
{
    uint64_t dirty[8] = {UINT64_C(0x3), 0, 0, 0, 0, 0, 0, 1}, copy[8];
    struct hyp_slot logged = slot;
    struct hyp_env env;

    (void)state;
    logged.dirty = dirty;
    logged.logging = true;
    env_init(&env, (struct hyp_cfg){.tlbi = HYP_TLBI_VMID});
    put_two_pages(&env);
    env_put(&env, IPA + 448 * ENV_PAGE, 3, env_leaf(PA, 3, ENV_W));
    env_put(&env, IPA + 449 * ENV_PAGE, 3, env_leaf(PA, 3, ENV_W));
    hyp_dirty_log_get(&env.vm, &logged, copy);
    env_expect_log(0, "kvm_get_dirty_log_protect()", &env,
                   WRITE_LOCK(PAGE("0x40000000", "0x80000000", "ro")
                                  PAGE("0x40001000", "0x80001000", "ro")
                                      PAGE("0x401c0000", "0x80000000", "ro"))
                       ENV_FLUSH_VMID);
    assert_int_equal(copy[0], 3);
    assert_int_equal(copy[7], 1);
    assert_int_equal(dirty[0] | dirty[7], 0);
    env.log_n = 0;
    hyp_dirty_log_get(&env.vm, &logged, copy);
    env_expect_log(1, "nothing dirty, nothing flushed", &env, WRITE_LOCK(""));
    env_free(&env);
}

static void clearing_bits_protects_what_lies_between_them_too(void **state)
{
    const uint64_t bits[1] = {UINT64_C(0x15)};
    uint64_t dirty[8] = {0, UINT64_C(0x35)};
    struct hyp_slot logged = slot;
    struct hyp_env env;

    (void)state;
    logged.dirty = dirty;
    env_init(&env, (struct hyp_cfg){.tlbi = HYP_TLBI_VMID});
    for (uint64_t i = 64; i < 70; i++)
        env_put(&env, IPA + i * ENV_PAGE, 3, env_leaf(PA, 3, ENV_W));
    hyp_dirty_log_clear(&env.vm, &logged, 64, 4, bits);
    env_expect_log(
        0, "kvm_arch_mmu_enable_log_dirty_pt_masked(): first to last bit", &env,
        WRITE_LOCK(PAGE("0x40040000", "0x80000000", "ro")
                       PAGE("0x40041000", "0x80000000", "ro")
                           PAGE("0x40042000", "0x80000000", "ro")) ENV_FLUSH_VMID);
    assert_int_equal(dirty[1], 0x30); /* bit 4 is outside the 4 pages asked for */
    env_free(&env);
}

static void logging_begins_with_protection_and_perhaps_a_split(void **state)
{
    for (enum hyp_split_when split = HYP_SPLIT_LAZY; split < HYP_SPLITS_N; split++) {
        const bool eager = split == HYP_SPLIT_EAGER;
        struct hyp_env env;

        env_init(&env, (struct hyp_cfg){.split = split});
        env_put(&env, IPA, 2, env_leaf(PA, 2, ENV_W));
        hyp_dirty_log_start(&env.vm, &slot);
        check_row(split, "blocks", env_get(&env, IPA, 2) & 2, eager ? 2 : 0);
        check_row(split, "write-protected", env_get(&env, IPA + 0x7000, eager ? 3 : 2),
                  eager ? (PA + 0x7000) | 0x77f : PA | 0x77d);
        env_free(&env);
    }
    (void)state;
}

static void an_eager_split_builds_the_table_before_it_breaks_the_block(void **state)
{
    struct hyp_env env;
    const char *broken;

    (void)state;
    env_init(&env, (struct hyp_cfg){.sequence = HYP_SEQ_BBM_EARLY});
    env_put(&env, IPA, 2, env_leaf(PA, 2, 0) | ENV_XN);
    hyp_split_range(&env.vm, arch_ipa(IPA), BLOCK_BYTES);
    broken = strstr(env.log, "BREAK\n");
    assert_non_null(broken);
    assert_string_equal(
        broken, "BREAK\nwrite L2:0x40000000 locked\nWON\n" FLUSH_IPA(
                    "0x40000000") "MAKE\nwrite L2:0x40000000 table\ndsb ishst\nunlock "
                                  "write\n");
    for (uint64_t at = 0; at < BLOCK_BYTES; at += ENV_PAGE)
        assert_int_equal(env_get(&env, IPA + at, 3), (PA + at) | 0x77f | ENV_XN);
    env_free(&env);
}

static void splitting_a_gibibyte_takes_513_tables(void **state)
{
    struct hyp_env env;

    (void)state;
    env_init(&env, (struct hyp_cfg){.sequence = HYP_SEQ_BBML2});
    env.quiet = true;
    env_put(&env, IPA, 1, env_leaf(PA, 1, ENV_W));
    hyp_split_range(&env.vm, arch_ipa(IPA), ENV_GIB);
    assert_int_equal(physmem_tables_n(env.mem), 1 + 513);
    assert_int_equal(env_get(&env, IPA + ENV_GIB - ENV_PAGE, 3),
                     (PA + ENV_GIB - ENV_PAGE) | 0x7ff);
    env_free(&env);
}

/* The lines of a group of 16: format for each page with its number. */
static void each_page(char *out, const char *format)
{
    for (unsigned i = 0; i < 16; i++)
        out += sprintf(out, format, i);
}

static void a_group_is_broken_whole_flushed_once_and_made_whole(void **state)
{
    static const struct {
        const char *rule;
        enum hyp_sequence sequence;
        const char *order; /* B: break all, F: flush, M: make all */
    } rows[] = {
        {"bbm", HYP_SEQ_BBM, "BFM"},
        {"bbm-early", HYP_SEQ_BBM_EARLY, "BFM"},
        {"bbml2: no break under mmu_lock", HYP_SEQ_BBML2, "MF"},
    };
    const struct hyp_slot group = {.ipa = {IPA},
                                   .pa = {PA},
                                   .bytes = BLOCK_BYTES,
                                   .block_level = 3,
                                   .writable = true};
    static char want[8192];

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct hyp_env env;

        env_init(&env, (struct hyp_cfg){.sequence = rows[i].sequence});
        env_put_pages(&env, IPA, PA);
        hyp_coalesce_range(&env.vm, &group, arch_ipa(IPA), 0x10000, 16);
        strcpy(want, "lock write\nGROUP\n");
        for (const char *step = rows[i].order; *step; step++) {
            if (*step == 'B')
                each_page(want + strlen(want),
                          "BREAK\nwrite L3:0x4000%1$x000 locked\nWON\n");
            else if (*step == 'M')
                each_page(want + strlen(want), "MAKE\nwrite L3:0x4000%1$x000 page "
                                               "0x8000%1$x000 rw contiguous\n");
            else
                strcat(want, ENV_FLUSH_VMID);
        }
        strcat(want, "GROUP OVER\ndsb ishst\nunlock write\n");
        env_expect_log(i, rows[i].rule, &env, want);
        env.log_n = 0;
        hyp_coalesce_range(&env.vm, &group, arch_ipa(IPA), 0x10000, 16);
        env_expect_log(i, "a group is not made twice", &env, WRITE_LOCK(""));
        env_free(&env);
    }
}

static void pages_with_a_hole_or_other_memory_stay_pages(void **state)
{
    static const struct {
        const char *rule;
        uint64_t tenth;
    } rows[] = {
        {"a hole", 0},
        {"other memory", UINT64_C(0xc0000000) | 0x7ff},
        {"Device memory", (PA + 0xa000) | 0x7c3},
        {"locked", HYP_DESC_LOCKED},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct hyp_env env;

        env_init(&env, (struct hyp_cfg){.sequence = HYP_SEQ_BBM});
        env_put_pages(&env, IPA, PA);
        env_put(&env, IPA + 0xa000, 3, rows[i].tenth);
        hyp_coalesce_range(&env.vm, &slot, arch_ipa(IPA), 0x10000, 16);
        env_expect_log(i, rows[i].rule, &env, WRITE_LOCK(""));
        env_free(&env);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unmapping_flushes_each_leaf_or_once_for_the_batch),
        cmocka_unit_test(a_block_that_reaches_out_of_the_range_goes_as_a_whole),
        cmocka_unit_test(mmu_lock_is_dropped_between_largest_blocks),
        cmocka_unit_test(a_permission_change_is_a_store_per_leaf_and_one_flush),
        cmocka_unit_test(ageing_clears_access_flags_and_flushes_nothing),
        cmocka_unit_test(the_log_is_read_out_and_its_pages_protected_again),
        cmocka_unit_test(clearing_bits_protects_what_lies_between_them_too),
        cmocka_unit_test(logging_begins_with_protection_and_perhaps_a_split),
        cmocka_unit_test(an_eager_split_builds_the_table_before_it_breaks_the_block),
        cmocka_unit_test(splitting_a_gibibyte_takes_513_tables),
        cmocka_unit_test(a_group_is_broken_whole_flushed_once_and_made_whole),
        cmocka_unit_test(pages_with_a_hole_or_other_memory_stay_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
