/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/hyp/paths_test.c - what each release does with a fault, step by step. */
#include "tests/unit/hyp/hyp_env.h"

#define IPA ENV_GIB
#define PA UINT64_C(0x80000000)

#define LOCKED_BY(how) "LOOK\nBREAK\n" how " L2:0x40000000 locked\nWON\n"
#define SPIN LOCKED_BY("write")
#define RW LOCKED_BY("cas")
#define TEAR_DOWN "FREE\nfree table: 512 reads, 512 leaves\nDONE\n"
#define CLEAN "clean 0x80000000+0x200000\n"
#define MADE(perms) "MAKE\nwrite L2:0x40000000 block 0x80000000 " perms "\n"
#define XN MADE("rw xn") /* without DIC, until a fetch faults */
#define X MADE("rw")
#define FLUSH_BLOCK                                                                    \
    "dsb ishst\ntlbi ipas2e1is 7 0x40000000\ndsb ish\ntlbi vmalle1is 7\ndsb "          \
    "ish\nisb\n"
#define FLUSH_RANGE                                                                    \
    "dsb ishst\ntlbi ripas2e1is 7 0x40000000..0x401fffff\ndsb ish\ntlbi vmalle1is "    \
    "7\ndsb ish\nisb\n"
#define FLUSH_LOCAL                                                                    \
    "dsb nsh\ntlbi ipas2e1 7 0x40000000\ndsb nsh\ntlbi vmalle1 7\ndsb nsh\nisb\n"
#define WRITE_LOCK(...) "lock write\n" __VA_ARGS__ "unlock write\n"
#define READ_LOCK(...) "lock read\n" __VA_ARGS__ "unlock read\n"
#define MAP(...) "MAP\n" __VA_ARGS__ "dsb ishst\n"

static const struct hyp_slot slot = {
    .ipa = {IPA}, .pa = {PA}, .bytes = 2 * ENV_MIB, .block_level = 2, .writable = true};

/* The platform: no S2FWB or DIC; S2FWB; S2FWB, DIC and TLBIRANGE. */
enum { PLAIN, FWB, FULL };

static const struct hyp_cpu cpus[] = {
    [PLAIN] = {.s2fwb = false},
    [FWB] = {.s2fwb = true},
    [FULL] = {.s2fwb = true, .dic = true, .tlbirange = true},
};

/* Before: the 2 MiB hold 512 pages. A vCPU's write coalesces them. */
static void each_path_coalesces_in_its_own_order(void **state)
{
    static const struct {
        const char *rule;
        enum hyp_path path;
        int cpu;
        const char *log;
    } rows[] = {
        {"5.10: cleans before the map call; tears down in the window",
         HYP_PATH_KVM_5_10, PLAIN,
         WRITE_LOCK(CLEAN MAP(SPIN ENV_FLUSH_VMID TEAR_DOWN XN))},
        {"5.11: likewise", HYP_PATH_KVM_5_11, PLAIN,
         WRITE_LOCK(CLEAN MAP(SPIN ENV_FLUSH_VMID TEAR_DOWN XN))},
        {"posted: make, then tear down, under the lock; no clean",
         HYP_PATH_POSTED_2021_EARLY, PLAIN,
         WRITE_LOCK(MAP(SPIN ENV_FLUSH_VMID XN) TEAR_DOWN)},
        {"5.14: tears down and cleans in the window", HYP_PATH_KVM_5_14, PLAIN,
         WRITE_LOCK(MAP(SPIN ENV_FLUSH_VMID TEAR_DOWN CLEAN XN))},
        {"5.14 with S2FWB: still tears down in the window", HYP_PATH_KVM_5_14, FWB,
         WRITE_LOCK(MAP(SPIN ENV_FLUSH_VMID TEAR_DOWN XN))},
        {"6.2: cleans in the window, tears down outside it and the lock",
         HYP_PATH_KVM_6_2, PLAIN, READ_LOCK(MAP(RW ENV_FLUSH_VMID CLEAN XN)) TEAR_DOWN},
        {"6.2 with S2FWB: break, flush, make", HYP_PATH_KVM_6_2, FWB,
         READ_LOCK(MAP(RW ENV_FLUSH_VMID XN)) TEAR_DOWN},
        {"6.2 with DIC: executable at once", HYP_PATH_KVM_6_2, FULL,
         READ_LOCK(MAP(RW ENV_FLUSH_VMID X)) TEAR_DOWN},
        {"6.6: flushes the range", HYP_PATH_KVM_6_6, FULL,
         READ_LOCK(MAP(RW FLUSH_RANGE X)) TEAR_DOWN},
        {"6.6 without TLBIRANGE: the whole VMID", HYP_PATH_KVM_6_6, PLAIN,
         READ_LOCK(MAP(RW ENV_FLUSH_VMID CLEAN XN)) TEAR_DOWN},
    };
    const struct arch_fault fault = {
        .type = ARCH_FAULT_TRANSLATION, .stage = 2, .level = 3};

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct hyp_env env;

        env_init(&env, hyp_path_defaults(rows[i].path, &cpus[rows[i].cpu]));
        env_put_pages(&env, IPA, PA);
        check_row(
            i, rows[i].rule,
            hyp_handle_fault(&env.vm, &slot, arch_ipa(IPA + 8), ARCH_WRITE, &fault),
            HYP_DONE);
        env_expect_log(i, rows[i].rule, &env, rows[i].log);
        env_free(&env);
    }
}

#define OLD_XN (PA | 0x7fd | ENV_XN)

/* Before: the finished block old. A fault of that type, which was on its way, arrives.
 */
static void a_late_fault_finds_the_block_except_in_5_10_which_breaks_it_again(
    void **state)
{
    static const struct {
        const char *rule;
        enum hyp_path path;
        int cpu;
        uint64_t old;
        enum arch_fault_type type;
        enum arch_access access;
        enum hyp_result want;
        const char *log;
        uint64_t left;
    } rows[] = {
        {"5.10: the cascade", HYP_PATH_KVM_5_10, PLAIN, OLD_XN, ARCH_FAULT_TRANSLATION,
         ARCH_READ, HYP_DONE, WRITE_LOCK(CLEAN MAP(SPIN FLUSH_BLOCK XN)), OLD_XN},
        {"5.10 with S2FWB: the cascade without cleans", HYP_PATH_KVM_5_10, FWB, OLD_XN,
         ARCH_FAULT_TRANSLATION, ARCH_READ, HYP_DONE,
         WRITE_LOCK(MAP(SPIN FLUSH_BLOCK XN)), OLD_XN},
        {"5.11: cleans, for nothing, and finds it", HYP_PATH_KVM_5_11, PLAIN, OLD_XN,
         ARCH_FAULT_TRANSLATION, ARCH_READ, HYP_EAGAIN,
         WRITE_LOCK(CLEAN MAP("LOOK\nFOUND\n")), OLD_XN},
        {"5.14: finds it", HYP_PATH_KVM_5_14, PLAIN, OLD_XN, ARCH_FAULT_TRANSLATION,
         ARCH_READ, HYP_EAGAIN, WRITE_LOCK(MAP("LOOK\nFOUND\n")), OLD_XN},
        {"6.2: finds it", HYP_PATH_KVM_6_2, PLAIN, OLD_XN, ARCH_FAULT_TRANSLATION,
         ARCH_WRITE, HYP_EAGAIN, READ_LOCK(MAP("LOOK\nFOUND\n")), OLD_XN},
        {"6.2: a fetch by translation fault leaves permissions to the next fault",
         HYP_PATH_KVM_6_2, PLAIN, OLD_XN, ARCH_FAULT_TRANSLATION, ARCH_EXECUTE,
         HYP_EAGAIN, READ_LOCK(MAP("LOOK\nFOUND\n")), OLD_XN},
        {"6.2: that one makes it executable", HYP_PATH_KVM_6_2, PLAIN, OLD_XN,
         ARCH_FAULT_PERMISSION, ARCH_EXECUTE, HYP_DONE,
         READ_LOCK("icache 0x80000000+0x200000\ncas L2:0x40000000 block 0x80000000 "
                   "rw\n" FLUSH_BLOCK),
         PA | 0x7fd},
        {"5.11: there the caches go before the tables", HYP_PATH_KVM_5_11, PLAIN,
         OLD_XN, ARCH_FAULT_PERMISSION, ARCH_EXECUTE, HYP_DONE,
         WRITE_LOCK("icache 0x80000000+0x200000\nwrite L2:0x40000000 block 0x80000000 "
                    "rw\n" FLUSH_BLOCK),
         PA | 0x7fd},
        {"6.2: write permission, everywhere", HYP_PATH_KVM_6_2, FULL, PA | 0x77d,
         ARCH_FAULT_PERMISSION, ARCH_WRITE, HYP_DONE,
         READ_LOCK("cas L2:0x40000000 block 0x80000000 rw\n" FLUSH_BLOCK), PA | 0x7fd},
        {"6.6: write permission, here", HYP_PATH_KVM_6_6, FULL, PA | 0x77d,
         ARCH_FAULT_PERMISSION, ARCH_WRITE, HYP_DONE,
         READ_LOCK("cas L2:0x40000000 block 0x80000000 rw\n" FLUSH_LOCAL), PA | 0x7fd},
        {"6.6: who has a stale entry flushes it", HYP_PATH_KVM_6_6, FULL, PA | 0x7fd,
         ARCH_FAULT_PERMISSION, ARCH_WRITE, HYP_DONE, READ_LOCK(FLUSH_LOCAL),
         PA | 0x7fd},
        {"6.6: also when the entry is another walker's", HYP_PATH_KVM_6_6, FULL,
         HYP_DESC_LOCKED, ARCH_FAULT_PERMISSION, ARCH_WRITE, HYP_EAGAIN,
         READ_LOCK(FLUSH_LOCAL), HYP_DESC_LOCKED},
        {"a block with nT is another walker's, too", HYP_PATH_KVM_6_2, FULL,
         PA | 0x1077d, ARCH_FAULT_PERMISSION, ARCH_WRITE, HYP_EAGAIN, READ_LOCK(""),
         PA | 0x1077d},
        {"an old block becomes young, without a TLBI", HYP_PATH_KVM_6_2, FULL,
         PA | 0x3fd, ARCH_FAULT_ACCESS_FLAG, ARCH_READ, HYP_DONE,
         READ_LOCK("cas L2:0x40000000 block 0x80000000 rw\ndsb ishst\n"), PA | 0x7fd},
        {"5.10: under the spin lock", HYP_PATH_KVM_5_10, FULL, PA | 0x3fd,
         ARCH_FAULT_ACCESS_FLAG, ARCH_READ, HYP_DONE,
         WRITE_LOCK("write L2:0x40000000 block 0x80000000 rw\ndsb ishst\n"),
         PA | 0x7fd},
        {"a young one stays", HYP_PATH_KVM_6_2, FULL, PA | 0x7fd,
         ARCH_FAULT_ACCESS_FLAG, ARCH_READ, HYP_DONE, READ_LOCK("dsb ishst\n"),
         PA | 0x7fd},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct arch_fault fault = {.type = rows[i].type, .stage = 2, .level = 2};
        struct hyp_env env;

        env_init(&env, hyp_path_defaults(rows[i].path, &cpus[rows[i].cpu]));
        env_put(&env, IPA, 2, rows[i].old);
        check_row(
            i, rows[i].rule,
            hyp_handle_fault(&env.vm, &slot, arch_ipa(IPA + 8), rows[i].access, &fault),
            rows[i].want);
        env_expect_log(i, rows[i].rule, &env, rows[i].log);
        check_row(i, rows[i].rule, env_get(&env, IPA, 2), rows[i].left);
        env_free(&env);
    }
}

static void the_switch_says_which_valid_leaves_are_mapped_again(void **state)
{
    static const struct {
        const char *rule;
        enum hyp_identical identical;
        enum hyp_relax relax;
        uint64_t old;
        enum hyp_result want;
    } rows[] = {
        {"skip: the same", HYP_IDENTICAL_SKIP, HYP_RELAX_BROADCAST, PA | 0x7fd,
         HYP_EAGAIN},
        {"skip: other permissions", HYP_IDENTICAL_SKIP, HYP_RELAX_BROADCAST, PA | 0x77d,
         HYP_EAGAIN},
        {"skip-same: the same", HYP_IDENTICAL_SKIP_SAME, HYP_RELAX_BROADCAST,
         PA | 0x7fd, HYP_EAGAIN},
        {"skip-same: other permissions", HYP_IDENTICAL_SKIP_SAME, HYP_RELAX_BROADCAST,
         PA | 0x77d, HYP_DONE},
        {"remap: the same", HYP_IDENTICAL_REMAP, HYP_RELAX_BROADCAST, PA | 0x7fd,
         HYP_DONE},
        {"no path for permissions: they are mapped", HYP_IDENTICAL_SKIP, HYP_RELAX_NONE,
         PA | 0x77d, HYP_DONE},
        {"no path for permissions: the same", HYP_IDENTICAL_SKIP, HYP_RELAX_NONE,
         PA | 0x7fd, HYP_EAGAIN},
        {"an old leaf differs", HYP_IDENTICAL_SKIP, HYP_RELAX_BROADCAST, PA | 0x3fd,
         HYP_DONE},
    };
    const struct hyp_leaf leaf = {
        .ipa = {IPA}, .pa = {PA}, .level = 2, .writable = true};

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct hyp_cfg cfg = {.sequence = HYP_SEQ_BBM,
                                    .identical = rows[i].identical,
                                    .relax = rows[i].relax};
        struct hyp_event detached;
        struct hyp_env env;

        env_init(&env, cfg);
        env_put(&env, IPA, 2, rows[i].old);
        check_row(i, rows[i].rule, hyp_map(&env.vm, &leaf, leaf.ipa, &detached),
                  rows[i].want);
        check_row(i, rows[i].rule, env_get(&env, IPA, 2),
                  rows[i].want == HYP_DONE ? PA | 0x7fd : rows[i].old);
        env_free(&env);
    }
}

#define PAGE_AT(perms)                                                                 \
    "LOOK\nBREAK\ncas L3:0x40003000 locked\nWON\nMAKE\nwrite L3:0x40003000 page "      \
    "0x80003000 " perms "\n"
#define SPLIT                                                                          \
    "alloc table\nBREAK\ncas L2:0x40000000 locked\nWON\n" FLUSH_BLOCK                  \
    "MAKE\nwrite L2:0x40000000 table\n"

static void while_a_slot_logs_pages_are_mapped_and_writes_remembered(void **state)
{
    static const struct {
        const char *rule;
        enum arch_access access;
        uint64_t old; /* of level 2 */
        bool writable, dirty;
        const char *log;
    } rows[] = {
        {"a read maps a page that cannot be written", ARCH_READ, 0, true, false,
         READ_LOCK(MAP("alloc table\nBREAK\ncas L2:0x40000000 locked\nWON\nMAKE\nwrite "
                       "L2:0x40000000 table\n" PAGE_AT("ro")))},
        {"a write maps one that can, and marks it", ARCH_WRITE, 0, true, true,
         READ_LOCK(MAP("alloc table\nBREAK\ncas L2:0x40000000 locked\nWON\nMAKE\nwrite "
                       "L2:0x40000000 table\n" PAGE_AT("rw")))},
        {"a write to a block splits it and maps its own page", ARCH_WRITE, PA | 0x77d,
         true, true, READ_LOCK(MAP(SPLIT PAGE_AT("rw")))},
        {"a backing that is read-only is not marked", ARCH_READ, 0, false, false,
         READ_LOCK(MAP("alloc table\nBREAK\ncas L2:0x40000000 locked\nWON\nMAKE\nwrite "
                       "L2:0x40000000 table\n" PAGE_AT("ro")))},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct arch_fault fault = {.type = rows[i].old ? ARCH_FAULT_PERMISSION
                                                             : ARCH_FAULT_TRANSLATION,
                                         .stage = 2,
                                         .level = 2};
        uint64_t dirty[8] = {0};
        struct hyp_slot logging = slot;
        struct hyp_env env;

        logging.logging = true;
        logging.writable = rows[i].writable;
        logging.dirty = dirty;
        env_init(&env, hyp_path_defaults(HYP_PATH_KVM_6_2, &cpus[FULL]));
        env_put(&env, IPA, 2, rows[i].old);
        check_row(i, rows[i].rule,
                  hyp_handle_fault(&env.vm, &logging, arch_ipa(IPA + 0x3008),
                                   rows[i].access, &fault),
                  HYP_DONE);
        env_expect_log(i, rows[i].rule, &env, rows[i].log);
        check_row(i, rows[i].rule, dirty[0], rows[i].dirty ? 1 << 3 : 0);
        env_free(&env);
    }
}

static void the_host_page_is_found_before_the_lock_and_checked_under_it(void **state)
{
    const struct arch_fault fault = {
        .type = ARCH_FAULT_TRANSLATION, .stage = 2, .level = 2};
    struct hyp_env env;

    (void)state;
    env_init(&env, hyp_path_defaults(HYP_PATH_KVM_6_2, &cpus[FULL]));
    env_host(&env);
    env.invalidated = true;
    env_put_pages(&env, IPA, PA);
    assert_int_equal(hyp_handle_fault(&env.vm, &slot, arch_ipa(IPA), ARCH_READ, &fault),
                     HYP_EAGAIN);
    env_expect_log(0, "mmu_invalidate_retry()", &env,
                   "host page 0x80000000+0x200000\nlock read\nunlock read\n");
    env.invalidated = false;
    env.log_n = 0;
    assert_int_equal(hyp_handle_fault(&env.vm, &slot, arch_ipa(IPA), ARCH_READ, &fault),
                     HYP_DONE);
    env_expect_log(1, "call_rcu()", &env,
                   "host page 0x80000000+0x200000\n" READ_LOCK(
                       MAP(RW ENV_FLUSH_VMID X)) "later L2:0x40000000\n");
    env_free(&env);
}

static void without_mmu_lock_the_marker_alone_decides(void **state)
{
    const struct arch_fault fault = {
        .type = ARCH_FAULT_TRANSLATION, .stage = 2, .level = 3};
    struct hyp_cfg cfg = hyp_path_defaults(HYP_PATH_KVM_6_2, &cpus[FULL]);
    struct hyp_env env;

    (void)state;
    cfg.lock = HYP_LOCK_ENTRY;
    env_init(&env, cfg);
    env_put_pages(&env, IPA, PA);
    assert_int_equal(hyp_handle_fault(&env.vm, &slot, arch_ipa(IPA), ARCH_READ, &fault),
                     HYP_DONE);
    env_expect_log(0, "no lock", &env, MAP(RW ENV_FLUSH_VMID X) TEAR_DOWN);
    env_free(&env);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_path_coalesces_in_its_own_order),
        cmocka_unit_test(
            a_late_fault_finds_the_block_except_in_5_10_which_breaks_it_again),
        cmocka_unit_test(the_switch_says_which_valid_leaves_are_mapped_again),
        cmocka_unit_test(while_a_slot_logs_pages_are_mapped_and_writes_remembered),
        cmocka_unit_test(the_host_page_is_found_before_the_lock_and_checked_under_it),
        cmocka_unit_test(without_mmu_lock_the_marker_alone_decides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
