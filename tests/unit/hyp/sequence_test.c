/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/hyp/sequence_test.c - each sequence, operation by operation. */
#include "model/hyp/sequence.h"
#include "tests/unit/hyp/hyp_env.h"

#include <string.h>

#define IPA ENV_GIB
#define PA UINT64_C(0x80000000)

#define EXCLUSIVE(what) "BREAK\nwrite L2:0x40000000 " what "\nWON\n"
#define SHARED(what) "BREAK\ncas L2:0x40000000 " what "\nWON\n"
#define FLUSH ENV_FLUSH_VMID
#define TEAR_DOWN "FREE\nfree table: 512 reads, 512 leaves\nDONE\n"
#define CLEAN "clean 0x80000000+0x200000\n"
#define MAKE "MAKE\nwrite L2:0x40000000 block 0x80000000 rw\n"
#define BLOCK "block 0x80000000 rw"
#define NT BLOCK " nT"
#define LOCK "lock write\n"
#define UNLOCK "unlock write\n"
#define STORED "dsb ishst\n"

static const struct hyp_slot slot = {
    .ipa = {IPA}, .pa = {PA}, .bytes = 2 * ENV_MIB, .block_level = 2, .writable = true};

static const struct {
    const char *rule;
    enum hyp_sequence sequence;
    enum hyp_lock lock;
    enum hyp_clean clean;
    const char *want;
} rows[] = {
    {"bbm: break, flush, tear down inside the window, make", HYP_SEQ_BBM,
     HYP_LOCK_EXCLUSIVE, HYP_CLEAN_NONE,
     LOCK EXCLUSIVE("locked") FLUSH TEAR_DOWN MAKE STORED UNLOCK},
    {"bbm, clean before the break", HYP_SEQ_BBM, HYP_LOCK_EXCLUSIVE, HYP_CLEAN_BEFORE,
     LOCK CLEAN EXCLUSIVE("locked") FLUSH TEAR_DOWN MAKE STORED UNLOCK},
    {"bbm, clean in the window", HYP_SEQ_BBM, HYP_LOCK_EXCLUSIVE, HYP_CLEAN_IN_WINDOW,
     LOCK EXCLUSIVE("locked") FLUSH TEAR_DOWN CLEAN MAKE STORED UNLOCK},
    {"bbm, shared lock: the break is a compare-and-swap", HYP_SEQ_BBM, HYP_LOCK_SHARED,
     HYP_CLEAN_NONE, LOCK SHARED("locked") FLUSH TEAR_DOWN MAKE STORED UNLOCK},

    {"bbm-early: break, flush, make; tear down outside the lock", HYP_SEQ_BBM_EARLY,
     HYP_LOCK_EXCLUSIVE, HYP_CLEAN_NONE,
     LOCK EXCLUSIVE("locked") FLUSH MAKE STORED UNLOCK TEAR_DOWN},
    {"bbm-early, clean before the break", HYP_SEQ_BBM_EARLY, HYP_LOCK_EXCLUSIVE,
     HYP_CLEAN_BEFORE,
     LOCK CLEAN EXCLUSIVE("locked") FLUSH MAKE STORED UNLOCK TEAR_DOWN},
    {"bbm-early, clean in the window", HYP_SEQ_BBM_EARLY, HYP_LOCK_EXCLUSIVE,
     HYP_CLEAN_IN_WINDOW,
     LOCK EXCLUSIVE("locked") FLUSH CLEAN MAKE STORED UNLOCK TEAR_DOWN},
    {"bbm-early, shared lock", HYP_SEQ_BBM_EARLY, HYP_LOCK_SHARED, HYP_CLEAN_NONE,
     LOCK SHARED("locked") FLUSH MAKE STORED UNLOCK TEAR_DOWN},

    {"nt: R_MRRPW, block with nT, flush, block, flush, tear down", HYP_SEQ_NT,
     HYP_LOCK_EXCLUSIVE, HYP_CLEAN_NONE,
     LOCK EXCLUSIVE(NT) FLUSH MAKE FLUSH STORED UNLOCK TEAR_DOWN},
    {"nt, clean before nT", HYP_SEQ_NT, HYP_LOCK_EXCLUSIVE, HYP_CLEAN_BEFORE,
     LOCK CLEAN EXCLUSIVE(NT) FLUSH MAKE FLUSH STORED UNLOCK TEAR_DOWN},
    {"nt, clean while nT is set", HYP_SEQ_NT, HYP_LOCK_EXCLUSIVE, HYP_CLEAN_IN_WINDOW,
     LOCK EXCLUSIVE(NT) FLUSH CLEAN MAKE FLUSH STORED UNLOCK TEAR_DOWN},
    {"nt, shared lock: the nT block is the lock", HYP_SEQ_NT, HYP_LOCK_SHARED,
     HYP_CLEAN_NONE, LOCK SHARED(NT) FLUSH MAKE FLUSH STORED UNLOCK TEAR_DOWN},
    {"nt-rfc: no second flush", HYP_SEQ_NT_RFC, HYP_LOCK_EXCLUSIVE, HYP_CLEAN_NONE,
     LOCK EXCLUSIVE(NT) FLUSH MAKE STORED UNLOCK TEAR_DOWN},
    {"nt-rfc, clean while nT is set", HYP_SEQ_NT_RFC, HYP_LOCK_SHARED,
     HYP_CLEAN_IN_WINDOW, LOCK SHARED(NT) FLUSH CLEAN MAKE STORED UNLOCK TEAR_DOWN},

    {"bbml2: R_KFLJB, block over table, flush, tear down", HYP_SEQ_BBML2,
     HYP_LOCK_EXCLUSIVE, HYP_CLEAN_NONE,
     LOCK EXCLUSIVE(BLOCK) FLUSH STORED UNLOCK TEAR_DOWN},
    {"bbml2, clean before", HYP_SEQ_BBML2, HYP_LOCK_EXCLUSIVE, HYP_CLEAN_BEFORE,
     LOCK CLEAN EXCLUSIVE(BLOCK) FLUSH STORED UNLOCK TEAR_DOWN},
    {"bbml2 has no window, so a clean in it is one before", HYP_SEQ_BBML2,
     HYP_LOCK_EXCLUSIVE, HYP_CLEAN_IN_WINDOW,
     LOCK CLEAN EXCLUSIVE(BLOCK) FLUSH STORED UNLOCK TEAR_DOWN},
    {"bbml2, shared lock: one compare-and-swap", HYP_SEQ_BBML2, HYP_LOCK_SHARED,
     HYP_CLEAN_NONE, LOCK SHARED(BLOCK) FLUSH STORED UNLOCK TEAR_DOWN},
    {"keep: nothing, not even the lock", HYP_SEQ_KEEP, HYP_LOCK_EXCLUSIVE,
     HYP_CLEAN_BEFORE, ""},
};

static void each_sequence_is_its_protocol_line_by_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct hyp_cfg cfg = {
            .sequence = rows[i].sequence, .lock = rows[i].lock, .clean = rows[i].clean};
        const bool keep = rows[i].sequence == HYP_SEQ_KEEP;
        struct hyp_env env;

        env_init(&env, cfg);
        env_put_pages(&env, IPA, PA);
        hyp_coalesce_range(&env.vm, &slot, arch_ipa(IPA), 2 * ENV_MIB, 21);
        env_expect_log(i, rows[i].rule, &env, rows[i].want);
        check_row(i, rows[i].rule, env_get(&env, IPA, 2) == env_leaf(PA, 2, ENV_W),
                  !keep);
        /* Left are the start table and the level 2 table. */
        check_row(i, rows[i].rule, physmem_tables_n(env.mem), keep ? 3 : 2);
        env_free(&env);
    }
}

static void a_lost_compare_and_swap_changes_nothing(void **state)
{
    static const struct {
        const char *rule;
        enum hyp_sequence sequence;
        enum hyp_clean clean;
        const char *want;
    } lost[] = {
        {"bbm", HYP_SEQ_BBM, HYP_CLEAN_IN_WINDOW, "BREAK\ncas lost\nLOST\n"},
        {"bbm-early", HYP_SEQ_BBM_EARLY, HYP_CLEAN_IN_WINDOW,
         "BREAK\ncas lost\nLOST\n"},
        {"nt", HYP_SEQ_NT, HYP_CLEAN_IN_WINDOW, "BREAK\ncas lost\nLOST\n"},
        {"nt-rfc", HYP_SEQ_NT_RFC, HYP_CLEAN_IN_WINDOW, "BREAK\ncas lost\nLOST\n"},
        {"bbml2", HYP_SEQ_BBML2, HYP_CLEAN_NONE, "BREAK\ncas lost\nLOST\n"},
        {"a clean before the break is paid for nothing", HYP_SEQ_BBM_EARLY,
         HYP_CLEAN_BEFORE, CLEAN "BREAK\ncas lost\nLOST\n"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(lost); i++) {
        const struct hyp_cfg cfg = {.sequence = lost[i].sequence,
                                    .lock = HYP_LOCK_SHARED,
                                    .clean = lost[i].clean};
        struct hyp_event detached = {.old = 0};
        struct hyp_env env;

        env_init(&env, cfg);
        env_put_pages(&env, IPA, PA);

        struct hyp_coalesce c = {
            .vm = &env.vm,
            .at = {.ipa = {IPA},
                   .level = 2,
                   .old = env_get(&env, IPA, 2),
                   .entry = {(env_get(&env, IPA, 1) & ~UINT64_C(3))}},
            .block = env_leaf(PA, 2, ENV_W),
            .pa = {PA},
            .bytes = 2 * ENV_MIB,
        };
        env.rival = true;
        env.rival_desc = HYP_DESC_LOCKED;
        check_row(i, lost[i].rule, hyp_coalesce(&c, &detached), HYP_EAGAIN);
        env_expect_log(i, lost[i].rule, &env, lost[i].want);
        check_row(i, lost[i].rule, env_get(&env, IPA, 2), HYP_DESC_LOCKED);
        check_row(i, lost[i].rule, detached.old, 0);
        check_row(i, lost[i].rule, physmem_tables_n(env.mem), 3);
        env_free(&env);
    }
}

#define IPA_FLUSH_END "dsb ish\ntlbi vmalle1is 7\ndsb ish\nisb\n"
#define FLUSH_RANGE                                                                    \
    "dsb ishst\ntlbi ripas2e1is 7 0x40000000..0x401fffff\n" IPA_FLUSH_END
#define FLUSH_BLOCK "dsb ishst\ntlbi ipas2e1is 7 0x40000000 L2\n" IPA_FLUSH_END

static void the_knob_decides_what_the_flush_of_a_replaced_table_names(void **state)
{
    static const struct {
        const char *rule;
        enum hyp_sequence sequence;
        const char *want;
    } ranges[] = {
        {"bbm", HYP_SEQ_BBM,
         LOCK EXCLUSIVE("locked") FLUSH_RANGE TEAR_DOWN MAKE STORED UNLOCK},
        {"bbm-early", HYP_SEQ_BBM_EARLY,
         LOCK EXCLUSIVE("locked") FLUSH_RANGE MAKE STORED UNLOCK TEAR_DOWN},
        {"nt: the second flush is for the nT block, a leaf", HYP_SEQ_NT,
         LOCK EXCLUSIVE(NT) FLUSH_RANGE MAKE FLUSH_BLOCK STORED UNLOCK TEAR_DOWN},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(ranges); i++) {
        const struct hyp_cfg cfg = {.sequence = ranges[i].sequence,
                                    .lock = HYP_LOCK_EXCLUSIVE,
                                    .tlbi = HYP_TLBI_RANGE,
                                    .ttl = true};
        struct hyp_env env;

        env_init(&env, cfg);
        env_put_pages(&env, IPA, PA);
        hyp_coalesce_range(&env.vm, &slot, arch_ipa(IPA), 2 * ENV_MIB, 21);
        env_expect_log(i, ranges[i].rule, &env, ranges[i].want);
        env_free(&env);
    }
}

static void the_second_flush_of_nt_names_one_leaf_even_page_by_page(void **state)
{
    const struct hyp_cfg cfg = {
        .sequence = HYP_SEQ_NT, .lock = HYP_LOCK_EXCLUSIVE, .tlbi = HYP_TLBI_IPA};
    struct hyp_env env;
    const char *made;

    (void)state;
    env_init(&env, cfg);
    env_put_pages(&env, IPA, PA);
    hyp_coalesce_range(&env.vm, &slot, arch_ipa(IPA), 2 * ENV_MIB, 21);
    made = strstr(env.log, "MAKE\n");
    assert_non_null(made);
    assert_string_equal(made, MAKE
                        "dsb ishst\ntlbi ipas2e1is 7 0x40000000\n" IPA_FLUSH_END STORED
                            UNLOCK TEAR_DOWN);
    env_free(&env);
}

static void under_the_lock_means_before_it_is_dropped(void **state)
{
    const struct hyp_cfg cfg = {.sequence = HYP_SEQ_BBM_EARLY,
                                .lock = HYP_LOCK_EXCLUSIVE,
                                .tear_down = HYP_TEAR_DOWN_UNDER_LOCK};
    struct hyp_env env;

    (void)state;
    env_init(&env, cfg);
    env_put_pages(&env, IPA, PA);
    hyp_coalesce_range(&env.vm, &slot, arch_ipa(IPA), 2 * ENV_MIB, 21);
    env_expect_log(0, "posted-2021-early", &env,
                   LOCK EXCLUSIVE("locked") FLUSH MAKE STORED TEAR_DOWN UNLOCK);
    env_free(&env);
}

#define BROKEN(how, what) "BREAK\n" how " L2:0x40000000 " what "\nWON\n"
#define TABLE_MADE "MAKE\nwrite L2:0x40000000 table\n"

static void each_split_is_its_protocol_line_by_line(void **state)
{
    static const struct {
        const char *rule;
        enum hyp_sequence sequence;
        enum hyp_lock lock;
        bool rival;
        const char *want;
    } splits[] = {
        {"break, flush the block, make the table", HYP_SEQ_BBM, HYP_LOCK_EXCLUSIVE,
         false, BROKEN("write", "locked") FLUSH_BLOCK TABLE_MADE},
        {"bbm-early splits alike", HYP_SEQ_BBM_EARLY, HYP_LOCK_SHARED, false,
         BROKEN("cas", "locked") FLUSH_BLOCK TABLE_MADE},
        {"so does keep", HYP_SEQ_KEEP, HYP_LOCK_SHARED, false,
         BROKEN("cas", "locked") FLUSH_BLOCK TABLE_MADE},
        {"and nt-rfc, which coalesces only", HYP_SEQ_NT_RFC, HYP_LOCK_SHARED, false,
         BROKEN("cas", "locked") FLUSH_BLOCK TABLE_MADE},
        {"nt: nT in the block, flush, table, flush", HYP_SEQ_NT, HYP_LOCK_SHARED, false,
         BROKEN("cas", NT) FLUSH_BLOCK TABLE_MADE FLUSH_BLOCK},
        {"bbml2: table over block, flush", HYP_SEQ_BBML2, HYP_LOCK_SHARED, false,
         BROKEN("cas", "table") FLUSH_BLOCK},
        {"lost: nothing is changed", HYP_SEQ_BBM_EARLY, HYP_LOCK_SHARED, true,
         "BREAK\ncas lost\nLOST\n"},
        {"nt, lost", HYP_SEQ_NT, HYP_LOCK_SHARED, true, "BREAK\ncas lost\nLOST\n"},
        {"bbml2, lost", HYP_SEQ_BBML2, HYP_LOCK_ENTRY, true, "BREAK\ncas lost\nLOST\n"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(splits); i++) {
        const struct hyp_cfg cfg = {
            .sequence = splits[i].sequence, .lock = splits[i].lock, .ttl = true};
        struct hyp_env env;

        env_init(&env, cfg);
        env_put(&env, IPA, 2, env_leaf(PA, 2, ENV_W));

        struct hyp_split s = {
            .vm = &env.vm,
            .at = {.ipa = {IPA},
                   .level = 2,
                   .old = env_get(&env, IPA, 2),
                   .entry = {(env_get(&env, IPA, 1) & ~UINT64_C(3))}},
            .table = UINT64_C(0x1000008003),
        };
        env.rival = splits[i].rival;
        env.rival_desc = HYP_DESC_LOCKED;
        check_row(i, splits[i].rule, hyp_split(&s),
                  splits[i].rival ? HYP_EAGAIN : HYP_DONE);
        env_expect_log(i, splits[i].rule, &env, splits[i].want);
        check_row(i, splits[i].rule, env_get(&env, IPA, 2),
                  splits[i].rival ? HYP_DESC_LOCKED : s.table);
        env_free(&env);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_sequence_is_its_protocol_line_by_line),
        cmocka_unit_test(a_lost_compare_and_swap_changes_nothing),
        cmocka_unit_test(the_knob_decides_what_the_flush_of_a_replaced_table_names),
        cmocka_unit_test(the_second_flush_of_nt_names_one_leaf_even_page_by_page),
        cmocka_unit_test(under_the_lock_means_before_it_is_dropped),
        cmocka_unit_test(each_split_is_its_protocol_line_by_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
