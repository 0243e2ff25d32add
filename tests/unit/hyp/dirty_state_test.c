/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/hyp/dirty_state_test.c - the dirty log where hardware keeps dirty state:
 * what becomes clean, how it is read, and that no update of hardware is lost. */
#include "tests/unit/hyp/hyp_env.h"

#include <string.h>

#define IPA ENV_GIB
#define PA UINT64_C(0x80000000)
#define BLOCK_BYTES (2 * ENV_MIB)
#define DBM ARCH_DESC_DBM
#define DIRTY (DBM | ENV_W) /* as hardware leaves it */
#define RO_PAGE (PA | 0x77f)

#define LOCKED(...) "lock write\n" __VA_ARGS__ "unlock write\n"
#define STORE(how, desc) how " L3:0x40000000 page 0x80000000 " desc "\n"
#define FLUSH_IPA                                                                      \
    "dsb ishst\ntlbi ipas2e1is 7 0x40000000\ndsb ish\ntlbi vmalle1is 7\ndsb "          \
    "ish\nisb\n"

static const struct hyp_cfg by_hardware = {.dirty = HYP_DIRTY_HARDWARE};

static const struct hyp_slot slot = {
    .ipa = {IPA}, .pa = {PA}, .bytes = BLOCK_BYTES, .block_level = 2, .writable = true};

static void a_writable_page_becomes_clean_when_the_log_starts(void **state)
{
    static const struct {
        const char *rule;
        uint64_t old;
        const char *store;
    } rows[] = {
        {"writable: a write is let through and noted", RO_PAGE | ENV_W,
         STORE("write", "ro dbm")},
        {"dirty: clean again, and hardware may be there first", RO_PAGE | DIRTY,
         STORE("cas", "ro dbm")},
        {"clean: as it is", RO_PAGE | DBM, ""},
        {"read-only: a write still faults", RO_PAGE, ""},
        {"a hole stays one", 0, ""},
    };
    char want[400];

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct hyp_env env;

        env_init(&env, by_hardware);
        env_put(&env, IPA, 3, rows[i].old);
        hyp_dirty_log_start(&env.vm, &slot);
        strcpy(want, "lock write\n");
        strcat(want, rows[i].store);
        strcat(want, "unlock write\n" ENV_FLUSH_VMID);
        env_expect_log(i, rows[i].rule, &env, want);
        env_free(&env);
    }
}

static void a_block_loses_write_permission_or_becomes_clean_pages(void **state)
{
    (void)state;
    for (enum hyp_split_when split = HYP_SPLIT_LAZY; split < HYP_SPLITS_N; split++) {
        const bool eager = split == HYP_SPLIT_EAGER;
        struct hyp_cfg cfg = by_hardware;
        struct hyp_env env;

        cfg.split = split;
        env_init(&env, cfg);
        env.quiet = true;
        env_put(&env, IPA, 2, env_leaf(PA, 2, ENV_W));
        hyp_dirty_log_start(&env.vm, &slot);
        check_row(split, "entry", env_get(&env, IPA + 0x7000, eager ? 3 : 2),
                  eager ? (PA + 0x7000) | 0x77f | DBM : PA | 0x77d);
        env_free(&env);
    }
}

static void a_contiguous_group_becomes_pages_when_the_log_starts(void **state)
{
    struct hyp_env env;

    (void)state;
    env_init(&env, by_hardware);
    env.quiet = true;
    for (uint64_t i = 0; i < 16; i++)
        env_put(&env, IPA + i * ENV_PAGE, 3,
                env_leaf(PA + i * ENV_PAGE, 3, ENV_W | ARCH_DESC_CONTIGUOUS));
    hyp_dirty_log_start(&env.vm, &slot);
    for (uint64_t i = 0; i < 16; i++)
        check_row(i, "page", env_get(&env, IPA + i * ENV_PAGE, 3),
                  (PA + i * ENV_PAGE) | 0x77f | DBM);
    env_free(&env);
}

static void a_sync_finds_what_hardware_has_made_dirty_and_changes_nothing(void **state)
{
    uint64_t dirty[8] = {UINT64_C(0x10)};
    struct hyp_slot logged = slot;
    struct hyp_env env;

    (void)state;
    logged.dirty = dirty;
    env_init(&env, by_hardware);
    env_put(&env, IPA, 3, RO_PAGE | DIRTY);
    env_put(&env, IPA + ENV_PAGE, 3, RO_PAGE | DBM);
    env_put(&env, IPA + 2 * ENV_PAGE, 3, RO_PAGE);
    env_put(&env, IPA + 511 * ENV_PAGE, 3, RO_PAGE | DIRTY);
    hyp_dirty_log_sync(&env.vm, &logged);
    env_expect_log(0, "stage2_sync_dirty_walker()", &env, LOCKED(""));
    assert_int_equal(dirty[0], 0x11);
    assert_int_equal(dirty[7], UINT64_C(1) << 63);
    env.log_n = 0;
    env.log[0] = '\0';
    env.vm.cfg.dirty = HYP_DIRTY_FAULT;
    hyp_dirty_log_sync(&env.vm, &logged);
    env_expect_log(1, "nothing to look for", &env, "");
    env_free(&env);
}

static void get_tells_dirty_pages_and_leaves_those_between_alone(void **state)
{
    uint64_t dirty[8] = {0}, copy[8];
    struct hyp_slot logged = slot;
    struct hyp_env env;

    (void)state;
    logged.dirty = dirty;
    env_init(&env, by_hardware);
    env_put(&env, IPA, 3, RO_PAGE | DIRTY);
    env_put(&env, IPA + ENV_PAGE, 3, RO_PAGE | DBM);
    env_put(&env, IPA + 2 * ENV_PAGE, 3, RO_PAGE | DIRTY);
    env_put(&env, IPA + 3 * ENV_PAGE, 3, RO_PAGE | ENV_W); /* by a fault */
    dirty[0] = 8;
    env.quiet = true;
    hyp_dirty_log_get(&env.vm, &logged, copy);
    assert_int_equal(copy[0], 0xd);
    assert_int_equal(dirty[0], 0);
    for (uint64_t i = 0; i < 4; i++)
        check_row(i, "clean", env_get(&env, IPA + i * ENV_PAGE, 3), RO_PAGE | DBM);
    env_free(&env);
}

/* Hardware makes page 1 dirty when the bits of 0 and 2 have been read, before they are
 * cleared. */
static void a_page_between_others_that_are_cleared_stays_dirty(void **state)
{
    const uint64_t bits[1] = {5};
    uint64_t dirty[8] = {5};
    struct hyp_slot logged = slot;
    struct hyp_env env;

    (void)state;
    logged.dirty = dirty;
    env_init(&env, by_hardware);
    for (uint64_t i = 0; i < 3; i++)
        env_put(&env, IPA + i * ENV_PAGE, 3, RO_PAGE | DIRTY);
    hyp_dirty_log_clear(&env.vm, &logged, 0, 64, bits);
    for (uint64_t i = 0; i < 3; i++)
        check_row(i, "page", env_get(&env, IPA + i * ENV_PAGE, 3),
                  i == 1 ? RO_PAGE | DIRTY : RO_PAGE | DBM);
    env_free(&env);
}

static void dirty_state_that_a_change_takes_away_goes_into_the_log(void **state)
{
    static const struct {
        const char *rule;
        uint64_t old;
        bool unmap;
        const char *want;
    } rows[] = {
        {"unmapped", RO_PAGE | DIRTY, true,
         "cas L3:0x40000000 invalid\ndirty 0x40000000\n" FLUSH_IPA},
        {"unmapped clean", RO_PAGE | DBM, true,
         "cas L3:0x40000000 invalid\n" FLUSH_IPA},
        {"unmapped, dirty by a fault, which told", RO_PAGE | ENV_W, true,
         "write L3:0x40000000 invalid\n" FLUSH_IPA},
        {"read-only from now on: no dirty state either", RO_PAGE | DIRTY, false,
         STORE("cas", "ro") "dirty 0x40000000\n"},
        {"read-only, and clean", RO_PAGE | DBM, false, STORE("cas", "ro")},
    };
    char want[800];

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct hyp_env env;

        env_init(&env, by_hardware);
        env_put(&env, IPA, 3, rows[i].old);
        env_put(&env, IPA + ENV_PAGE, 3, RO_PAGE); /* keeps the table */
        if (rows[i].unmap)
            hyp_unmap_range(&env.vm, arch_ipa(IPA), ENV_PAGE);
        else
            hyp_protect_range(&env.vm, arch_ipa(IPA), ENV_PAGE,
                              (struct hyp_perms){.clear_write = true});
        strcpy(want, "lock write\n");
        strcat(want, rows[i].want);
        strcat(want,
               rows[i].unmap ? "unlock write\n" : "unlock write\n" ENV_FLUSH_VMID);
        env_expect_log(i, rows[i].rule, &env, want);
        env_free(&env);
    }
}

/* Hardware is faster than a change that holds mmu_lock for writing. */
static void a_change_of_a_clean_page_does_not_lose_the_update_of_hardware(void **state)
{
    struct hyp_env env;

    (void)state;
    env_init(&env, by_hardware);
    env_put(&env, IPA, 3, RO_PAGE | DBM);
    env_put(&env, IPA + ENV_PAGE, 3, RO_PAGE);
    env.rival = true;
    env.rival_desc = RO_PAGE | DIRTY;
    hyp_unmap_range(&env.vm, arch_ipa(IPA), ENV_PAGE);
    env_expect_log(0, "unmap: once more, then into the log", &env,
                   LOCKED("cas lost\ncas L3:0x40000000 invalid\n"
                          "dirty 0x40000000\n" FLUSH_IPA));
    env_free(&env);
}

static void a_fault_on_a_clean_page_does_not_lose_the_update_of_hardware(void **state)
{
    static const struct {
        const char *rule;
        enum arch_fault_type fault;
        enum hyp_relax relax;
        uint64_t clean;
    } rows[] = {
        {"Access flag: hyp_make_young()", ARCH_FAULT_ACCESS_FLAG, HYP_RELAX_BROADCAST,
         (RO_PAGE & ~ARCH_DESC_AF) | DBM},
        {"permission: hyp_relax_perms()", ARCH_FAULT_PERMISSION, HYP_RELAX_BROADCAST,
         RO_PAGE | DBM},
        {"permission: hyp_map()", ARCH_FAULT_PERMISSION, HYP_RELAX_NONE, RO_PAGE | DBM},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct arch_fault fault = {.type = rows[i].fault, .stage = 2, .level = 3};
        struct hyp_cfg cfg = by_hardware;
        struct hyp_slot logged = slot;
        struct hyp_env env;

        cfg.relax = rows[i].relax;
        logged.logging = true;
        env_init(&env, cfg);
        env_put(&env, IPA, 3, rows[i].clean);
        env.rival = true;
        env.rival_desc = rows[i].clean | ENV_W;
        check_row(i, rows[i].rule,
                  hyp_handle_fault(&env.vm, &logged, arch_ipa(IPA), ARCH_WRITE, &fault),
                  HYP_EAGAIN);
        check_row(i, rows[i].rule, env_get(&env, IPA, 3), rows[i].clean | ENV_W);
        env_free(&env);
    }
}

static void a_fault_that_replaces_a_dirty_page_tells_the_log(void **state)
{
    const struct arch_fault fault = {
        .type = ARCH_FAULT_PERMISSION, .stage = 2, .level = 3};
    struct hyp_cfg cfg = by_hardware;
    struct hyp_slot logged = slot;
    struct hyp_env env;

    (void)state;
    cfg.relax = HYP_RELAX_NONE;
    logged.logging = true;
    env_init(&env, cfg);
    env_put(&env, IPA, 3, RO_PAGE | DIRTY | ENV_XN);
    assert_int_equal(
        hyp_handle_fault(&env.vm, &logged, arch_ipa(IPA), ARCH_EXECUTE, &fault),
        HYP_DONE);
    assert_non_null(strstr(env.log, "dirty 0x40000000\n"));
    env_free(&env);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_writable_page_becomes_clean_when_the_log_starts),
        cmocka_unit_test(a_block_loses_write_permission_or_becomes_clean_pages),
        cmocka_unit_test(a_contiguous_group_becomes_pages_when_the_log_starts),
        cmocka_unit_test(a_sync_finds_what_hardware_has_made_dirty_and_changes_nothing),
        cmocka_unit_test(get_tells_dirty_pages_and_leaves_those_between_alone),
        cmocka_unit_test(a_page_between_others_that_are_cleared_stays_dirty),
        cmocka_unit_test(dirty_state_that_a_change_takes_away_goes_into_the_log),
        cmocka_unit_test(a_change_of_a_clean_page_does_not_lose_the_update_of_hardware),
        cmocka_unit_test(a_fault_on_a_clean_page_does_not_lose_the_update_of_hardware),
        cmocka_unit_test(a_fault_that_replaces_a_dirty_page_tells_the_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
