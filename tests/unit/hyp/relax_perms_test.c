/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/hyp/relax_perms_test.c - write permission is added to a leaf in place. */
#include "tests/unit/hyp/hyp_env.h"

#define IPA UINT64_C(0x40005000)
#define PA UINT64_C(0x80005000)
#define FLUSH(ipa)                                                                     \
    "dsb ishst\ntlbi ipas2e1is 7 " ipa "\ndsb ish\ntlbi vmalle1is 7\ndsb ish\nisb\n"
#define PAGE_FLUSH FLUSH("0x40005000")

static const struct hyp_leaf writable = {.writable = true};

static const struct {
    const char *rule;
    int level;
    uint64_t old;
    bool rival;
    enum hyp_result want;
    const char *log;
    uint64_t left;
} rows[] = {
    {"a read-only page becomes writable", 3, PA | 0x77f, false, HYP_DONE,
     "cas L3:0x40005000 page 0x80005000 rw\n" PAGE_FLUSH, PA | 0x7ff},
    {"a block likewise; the TLBI is for its first address", 2, UINT64_C(0x8000077d),
     false, HYP_DONE, "cas L2:0x40000000 block 0x80000000 rw\n" FLUSH("0x40000000"),
     UINT64_C(0x800007fd)},
    {"a level 1 block likewise", 1, UINT64_C(0x8000077d), false, HYP_DONE,
     "cas L1:0x40000000 block 0x80000000 rw\n" FLUSH("0x40000000"),
     UINT64_C(0x800007fd)},
    {"a writable page stays: the TLB entry was stale", 3, PA | 0x7ff, false, HYP_DONE,
     PAGE_FLUSH, PA | 0x7ff},
    {"nothing is mapped, so nothing is flushed", 3, 0, false, HYP_EAGAIN, "", 0},
    {"a locked entry is another walker's", 2, HYP_DESC_LOCKED, false, HYP_EAGAIN, "",
     HYP_DESC_LOCKED},
    {"another walker changed the leaf first", 3, PA | 0x77f, true, HYP_EAGAIN,
     "cas lost\n", HYP_DESC_LOCKED},
};

static void write_permission_comes_without_a_break(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct hyp_env env;

        env_init(&env, (struct hyp_cfg){.lock = HYP_LOCK_SHARED});
        env_put(&env, IPA, rows[i].level, rows[i].old);
        env.rival = rows[i].rival;
        env.rival_desc = HYP_DESC_LOCKED;
        check_row(i, rows[i].rule,
                  hyp_relax_perms(&env.vm, arch_ipa(IPA + 0x18), &writable),
                  rows[i].want);
        env_expect_log(i, rows[i].rule, &env, rows[i].log);
        check_row(i, rows[i].rule, env_get(&env, IPA, rows[i].level), rows[i].left);
        check_row(i, rows[i].rule, env.visits_n, rows[i].level);
        env_free(&env);
    }
}

static void the_flush_has_the_level_of_the_leaf_that_was_found(void **state)
{
    static const struct {
        const char *rule;
        int level;
        uint64_t old;
        const char *log;
    } hints[] = {
        {"page", 3, PA | 0x77f,
         "cas L3:0x40005000 page 0x80005000 rw\n" FLUSH("0x40005000 L3")},
        {"2 MiB", 2, UINT64_C(0x8000077d),
         "cas L2:0x40000000 block 0x80000000 rw\n" FLUSH("0x40000000 L2")},
        {"1 GiB", 1, UINT64_C(0x8000077d),
         "cas L1:0x40000000 block 0x80000000 rw\n" FLUSH("0x40000000 L1")},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(hints); i++) {
        struct hyp_env env;

        env_init(&env, (struct hyp_cfg){.lock = HYP_LOCK_SHARED, .ttl = true});
        env_put(&env, IPA, hints[i].level, hints[i].old);
        check_row(i, hints[i].rule,
                  hyp_relax_perms(&env.vm, arch_ipa(IPA + 0x18), &writable), HYP_DONE);
        env_expect_log(i, hints[i].rule, &env, hints[i].log);
        env_free(&env);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(write_permission_comes_without_a_break),
        cmocka_unit_test(the_flush_has_the_level_of_the_leaf_that_was_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
