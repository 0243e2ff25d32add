/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/hyp/map_test.c - what hyp_map() does with whatever it meets. */
#include "tests/unit/hyp/hyp_env.h"

#define IPA ENV_GIB
#define PA UINT64_C(0x80000000)
#define OTHER_PA UINT64_C(0xc0000000)
#define BLOCK "block 0x80000000 rw\n"
#define PAGE "page 0x80000000 rw\n"
#define FLUSH_IPA_AT(hint)                                                             \
    "dsb ishst\ntlbi ipas2e1is 7 0x40000000" hint                                      \
    "\ndsb ish\ntlbi vmalle1is 7\ndsb ish\nisb\n"
#define FLUSH_IPA FLUSH_IPA_AT("")
#define END "dsb ishst\n"

/* Before: the entry of old_level at IPA holds old (a level 2 table below it has one
 * page, if old is TABLE); nothing else is mapped. */
#define TABLE UINT64_MAX

static const struct {
    const char *rule;
    uint64_t old;
    int old_level, leaf_level;
    struct hyp_cfg cfg;
    bool rival;
    enum hyp_result want;
    const char *log;
    uint64_t left; /* in the entry of leaf_level */
} rows[] = {
    {"an invalid entry is locked and made, without a TLBI",
     0,
     3,
     3,
     {.sequence = HYP_SEQ_BBM_EARLY, .lock = HYP_LOCK_SHARED},
     false,
     HYP_DONE,
     "MAP\nLOOK\nBREAK\ncas L3:0x40000000 locked\nWON\nMAKE\nwrite L3:0x40000000 " PAGE
         END,
     PA | 0x7ff},
    {"the same under the exclusive lock, by a store",
     0,
     2,
     2,
     {.sequence = HYP_SEQ_BBM_EARLY, .lock = HYP_LOCK_EXCLUSIVE},
     false,
     HYP_DONE,
     "MAP\nLOOK\nBREAK\nwrite L2:0x40000000 locked\nWON\nMAKE\nwrite "
     "L2:0x40000000 " BLOCK END,
     PA | 0x7fd},
    {"a table is coalesced, and left to the caller",
     TABLE,
     2,
     2,
     {.sequence = HYP_SEQ_BBM_EARLY, .lock = HYP_LOCK_SHARED},
     false,
     HYP_DONE,
     "MAP\nLOOK\nBREAK\ncas L2:0x40000000 locked\nWON\n" ENV_FLUSH_VMID
     "MAKE\nwrite L2:0x40000000 " BLOCK END,
     PA | 0x7fd},
    {"a table under bbm is torn down before the make",
     TABLE,
     2,
     2,
     {.sequence = HYP_SEQ_BBM, .lock = HYP_LOCK_SHARED},
     false,
     HYP_DONE,
     "MAP\nLOOK\nBREAK\ncas L2:0x40000000 locked\nWON\n" ENV_FLUSH_VMID
     "FREE\nfree table: 512 reads, 1 leaves\nDONE\nMAKE\nwrite L2:0x40000000 " BLOCK
         END,
     PA | 0x7fd},
    {"the same leaf is found",
     PA | 0x7fd,
     2,
     2,
     {.sequence = HYP_SEQ_BBM_EARLY, .lock = HYP_LOCK_SHARED},
     false,
     HYP_EAGAIN,
     "MAP\nLOOK\nFOUND\n" END,
     PA | 0x7fd},
    {"other permissions are left to hyp_relax_perms()",
     PA | 0x77d,
     2,
     2,
     {.sequence = HYP_SEQ_BBM_EARLY, .lock = HYP_LOCK_SHARED},
     false,
     HYP_EAGAIN,
     "MAP\nLOOK\nFOUND\n" END,
     PA | 0x77d},
    {"software bits and XN are no other mapping",
     PA | 0x7fd | UINT64_C(0x3f) << 53,
     2,
     2,
     {.sequence = HYP_SEQ_BBM_EARLY, .lock = HYP_LOCK_SHARED},
     false,
     HYP_EAGAIN,
     "MAP\nLOOK\nFOUND\n" END,
     PA | 0x7fd | UINT64_C(0x3f) << 53},
    {"another output address is broken, flushed by IPA, and made",
     OTHER_PA | 0x7fd,
     2,
     2,
     {.sequence = HYP_SEQ_BBM_EARLY, .lock = HYP_LOCK_SHARED},
     false,
     HYP_DONE,
     "MAP\nLOOK\nBREAK\ncas L2:0x40000000 locked\nWON\n" FLUSH_IPA
     "MAKE\nwrite L2:0x40000000 " BLOCK END,
     PA | 0x7fd},
    {"FEAT_TTL: the hint is the level of the leaf that was there",
     OTHER_PA | 0x7fd,
     2,
     2,
     {.sequence = HYP_SEQ_BBM_EARLY, .lock = HYP_LOCK_SHARED, .ttl = true},
     false,
     HYP_DONE,
     "MAP\nLOOK\nBREAK\ncas L2:0x40000000 locked\nWON\n" FLUSH_IPA_AT(
         " L2") "MAKE\nwrite L2:0x40000000 " BLOCK END,
     PA | 0x7fd},
    {"another memory type likewise",
     PA | 0x7c1,
     2,
     2,
     {.sequence = HYP_SEQ_BBM_EARLY, .lock = HYP_LOCK_EXCLUSIVE},
     false,
     HYP_DONE,
     "MAP\nLOOK\nBREAK\nwrite L2:0x40000000 locked\nWON\n" FLUSH_IPA
     "MAKE\nwrite L2:0x40000000 " BLOCK END,
     PA | 0x7fd},
    {"a locked entry is another walker's",
     HYP_DESC_LOCKED,
     2,
     2,
     {.sequence = HYP_SEQ_BBM_EARLY, .lock = HYP_LOCK_SHARED},
     false,
     HYP_EAGAIN,
     "MAP\nLOOK\nLOCKED\n" END,
     HYP_DESC_LOCKED},
    {"a block with nT is another walker's",
     PA | 0x107fd,
     2,
     2,
     {.sequence = HYP_SEQ_NT, .lock = HYP_LOCK_SHARED},
     false,
     HYP_EAGAIN,
     "MAP\nLOOK\nLOCKED\n" END,
     PA | 0x107fd},
    {"a larger block above is broken and becomes a table",
     PA | 0x7fd,
     1,
     3,
     {.sequence = HYP_SEQ_BBM_EARLY, .lock = HYP_LOCK_SHARED},
     false,
     HYP_DONE,
     "MAP\nalloc table\nBREAK\ncas L1:0x40000000 locked\nWON\n" FLUSH_IPA
     "MAKE\nwrite L1:0x40000000 table\n"
     "alloc table\nBREAK\ncas L2:0x40000000 locked\nWON\n"
     "MAKE\nwrite L2:0x40000000 table\n"
     "LOOK\nBREAK\ncas L3:0x40000000 locked\nWON\nMAKE\nwrite L3:0x40000000 " PAGE END,
     PA | 0x7ff},
    {"FEAT_TTL: that larger block, too, goes by its own level",
     PA | 0x7fd,
     1,
     2,
     {.sequence = HYP_SEQ_BBM_EARLY, .lock = HYP_LOCK_SHARED, .ttl = true},
     false,
     HYP_DONE,
     "MAP\nalloc table\nBREAK\ncas L1:0x40000000 locked\nWON\n" FLUSH_IPA_AT(
         " L1") "MAKE\nwrite L1:0x40000000 table\n"
                "LOOK\nBREAK\ncas L2:0x40000000 locked\nWON\nMAKE\nwrite "
                "L2:0x40000000 " BLOCK END,
     PA | 0x7fd},
    {"a locked entry above is another walker's",
     HYP_DESC_LOCKED,
     2,
     3,
     {.sequence = HYP_SEQ_BBM_EARLY, .lock = HYP_LOCK_SHARED},
     false,
     HYP_EAGAIN,
     "MAP\nLOCKED\n" END,
     UINT64_MAX},
    {"an invalid entry that another walker took first",
     0,
     2,
     2,
     {.sequence = HYP_SEQ_BBM_EARLY, .lock = HYP_LOCK_SHARED},
     true,
     HYP_EAGAIN,
     "MAP\nLOOK\nBREAK\ncas lost\nLOST\n" END,
     HYP_DESC_LOCKED},
    {"a table that another walker took first",
     TABLE,
     2,
     2,
     {.sequence = HYP_SEQ_BBM_EARLY, .lock = HYP_LOCK_SHARED},
     true,
     HYP_EAGAIN,
     "MAP\nLOOK\nBREAK\ncas lost\nLOST\n" END,
     HYP_DESC_LOCKED},
    {"missing tables are built on the way",
     0,
     1,
     3,
     {.sequence = HYP_SEQ_BBM_EARLY, .lock = HYP_LOCK_SHARED},
     false,
     HYP_DONE,
     "MAP\nalloc table\nBREAK\ncas L1:0x40000000 locked\nWON\n"
     "MAKE\nwrite L1:0x40000000 table\n"
     "alloc table\nBREAK\ncas L2:0x40000000 locked\nWON\n"
     "MAKE\nwrite L2:0x40000000 table\n"
     "LOOK\nBREAK\ncas L3:0x40000000 locked\nWON\nMAKE\nwrite L3:0x40000000 " PAGE END,
     PA | 0x7ff},
    {"a table that lost its place is freed again",
     0,
     2,
     3,
     {.sequence = HYP_SEQ_BBM_EARLY, .lock = HYP_LOCK_SHARED},
     true,
     HYP_EAGAIN,
     "MAP\nalloc table\nBREAK\ncas lost\nLOST\nfree table: 2 reads, 0 leaves\n" END,
     UINT64_MAX},
    {"without S2FWB a new leaf is cleaned between break and make",
     0,
     3,
     3,
     {.sequence = HYP_SEQ_BBM_EARLY,
      .lock = HYP_LOCK_SHARED,
      .clean = HYP_CLEAN_IN_WINDOW},
     false,
     HYP_DONE,
     "MAP\nLOOK\nBREAK\ncas L3:0x40000000 locked\nWON\nclean 0x80000000+0x1000\n"
     "MAKE\nwrite L3:0x40000000 " PAGE END,
     PA | 0x7ff},
    {"clean: before means before the break of a leaf too",
     OTHER_PA | 0x7fd,
     2,
     2,
     {.sequence = HYP_SEQ_BBM_EARLY,
      .lock = HYP_LOCK_SHARED,
      .clean = HYP_CLEAN_BEFORE},
     false,
     HYP_DONE,
     "MAP\nLOOK\nclean 0x80000000+0x200000\nBREAK\ncas L2:0x40000000 "
     "locked\nWON\n" FLUSH_IPA "MAKE\nwrite L2:0x40000000 " BLOCK END,
     PA | 0x7fd},
    {"a coalesced block is cleaned once",
     TABLE,
     2,
     2,
     {.sequence = HYP_SEQ_NT, .lock = HYP_LOCK_SHARED, .clean = HYP_CLEAN_BEFORE},
     false,
     HYP_DONE,
     "MAP\nLOOK\nclean 0x80000000+0x200000\n"
     "BREAK\ncas L2:0x40000000 block 0x80000000 rw nT\nWON\n" ENV_FLUSH_VMID
     "MAKE\nwrite L2:0x40000000 " BLOCK ENV_FLUSH_VMID END,
     PA | 0x7fd},
};

static void put_old(struct hyp_env *env, uint64_t old, int level)
{
    if (old == TABLE)
        env_put(env, IPA + ENV_PAGE, 3, env_leaf(PA + ENV_PAGE, 3, ENV_W));
    else
        env_put(env, IPA, level, old);
}

static void each_old_entry_has_its_outcome(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct hyp_leaf leaf = {
            .ipa = {IPA}, .pa = {PA}, .level = rows[i].leaf_level, .writable = true};
        const bool to_free = rows[i].old == TABLE && rows[i].want == HYP_DONE &&
                             rows[i].cfg.sequence != HYP_SEQ_BBM;
        struct hyp_event detached = {.old = 1};
        struct hyp_env env;

        env_init(&env, rows[i].cfg);
        put_old(&env, rows[i].old, rows[i].old_level);

        const uint64_t table = env_get(&env, IPA, 2);
        env.rival = rows[i].rival;
        env.rival_desc = HYP_DESC_LOCKED;
        check_row(i, rows[i].rule, hyp_map(&env.vm, &leaf, leaf.ipa, &detached),
                  rows[i].want);
        env_expect_log(i, rows[i].rule, &env, rows[i].log);
        check_row(i, rows[i].rule, env_get(&env, IPA, rows[i].leaf_level),
                  rows[i].left);
        check_row(i, rows[i].rule, detached.old, to_free ? table : 0);
        check_row(i, rows[i].rule, env.visits_n,
                  env.reads_n - (rows[i].cfg.sequence == HYP_SEQ_BBM ? 512 : 0));
        env_free(&env);
    }
}

static void keep_maps_the_largest_leaf_below_the_tables(void **state)
{
    static const struct {
        const char *rule;
        int level; /* of the wanted leaf */
        uint64_t fault_offset;
        int made; /* level of the leaf that is made */
    } keeps[] = {
        {"2 MiB wanted, a table is there", 2, 0x5678, 3},
        {"the last page", 2, 2 * ENV_MIB - 8, 3},
        {"1 GiB wanted, tables at levels 1 and 2", 1, 0x5678, 3},
        {"1 GiB wanted, no table at level 2", 1, 0x12345678, 2},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(keeps); i++) {
        const struct hyp_leaf leaf = {
            .ipa = {IPA}, .pa = {PA}, .level = keeps[i].level, .writable = true};
        const uint64_t bytes = keeps[i].made == 3 ? ENV_PAGE : 2 * ENV_MIB;
        const uint64_t base = keeps[i].fault_offset & ~(bytes - 1);
        struct hyp_event detached = {.old = 1};
        struct hyp_env env;

        env_init(&env,
                 (struct hyp_cfg){.sequence = HYP_SEQ_KEEP, .lock = HYP_LOCK_SHARED});
        env_put(&env, IPA, 3, env_leaf(PA, 3, ENV_W));
        check_row(
            i, keeps[i].rule,
            hyp_map(&env.vm, &leaf, arch_ipa(IPA + keeps[i].fault_offset), &detached),
            HYP_DONE);
        check_row(i, keeps[i].rule, env_get(&env, IPA + base, keeps[i].made),
                  env_leaf(PA + base, keeps[i].made, ENV_W));
        check_row(i, keeps[i].rule, env_get(&env, IPA, 3), env_leaf(PA, 3, ENV_W));
        check_row(i, keeps[i].rule, detached.old, 0);
        env_free(&env);
    }
}

static void a_leaf_has_the_bits_that_kvm_writes(void **state)
{
    static const struct {
        const char *rule;
        struct hyp_leaf leaf;
        uint64_t want;
    } leaves[] = {
        {"block, as s2_make shows it in a recording, but for XN",
         {{0}, {UINT64_C(0x1b8400000)}, 2, true, false, false},
         UINT64_C(0x1b84007fd)},
        {"block, read-only", {{0}, {PA}, 1, false, false, false}, PA | 0x77d},
        {"page", {{0}, {PA}, 3, true, false, false}, PA | 0x7ff},
        {"page, read-only", {{0}, {PA}, 3, false, false, false}, PA | 0x77f},
        {"page, execute-never",
         {{0}, {PA}, 3, false, true, false},
         PA | 0x77f | ENV_XN},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(leaves); i++)
        check_row(i, leaves[i].rule, hyp_leaf_desc(&leaves[i].leaf), leaves[i].want);
}

static void entries_lie_where_the_index_of_their_level_says(void **state)
{
    static const struct {
        const char *rule;
        enum arch_tg tg;
        uint32_t start_entries;
        int start_level, level;
        uint64_t ipa, want; /* bytes from the table */
    } entries[] = {
        {"first", ARCH_TG_4K, 1024, 1, 1, 0, 0},
        {"last of the first start table", ARCH_TG_4K, 1024, 1, 1, 511 * ENV_GIB, 0xff8},
        {"first of the second one", ARCH_TG_4K, 1024, 1, 1, 512 * ENV_GIB, 0x1000},
        {"last of all", ARCH_TG_4K, 1024, 1, 1, (UINT64_C(1) << 40) - 1, 0x1ff8},
        {"below the start a table has 512", ARCH_TG_4K, 1024, 1, 2, 512 * ENV_GIB, 0},
        {"index of level 2", ARCH_TG_4K, 1024, 1, 2, 0x7fe00000, 0xff8},
        {"index of level 3", ARCH_TG_4K, 1024, 1, 3, 0x401ff000, 0xff8},
        {"16K, level 3", ARCH_TG_16K, 16, 2, 3, 0x1ffc000, 2047 * 8},
        {"16K, start at level 2", ARCH_TG_16K, 16, 2, 2, 0x1e000000, 15 * 8},
        {"64K, level 3", ARCH_TG_64K, 64, 2, 3, 0x1fff0000, 8191 * 8},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(entries); i++) {
        const struct hyp_vm vm = {
            .tg = entries[i].tg,
            .geom = {.start_level = (int8_t)entries[i].start_level,
                     .start_entries = entries[i].start_entries},
        };

        check_row(i, entries[i].rule,
                  hyp_entry_pa(&vm, arch_pa(0x10000), entries[i].level,
                               arch_ipa(entries[i].ipa))
                      .v,
                  0x10000 + entries[i].want);
    }
}

static void the_second_start_table_is_mapped_and_coalesced_like_the_first(void **state)
{
    const uint64_t high = 700 * ENV_GIB;
    const struct hyp_leaf leaf = {
        .ipa = {high}, .pa = {PA}, .level = 2, .writable = true};
    struct hyp_event detached;
    struct hyp_env env;

    (void)state;
    env_init(&env, (struct hyp_cfg){.sequence = HYP_SEQ_BBM_EARLY});
    env_put_pages(&env, high, PA);
    assert_int_equal(hyp_map(&env.vm, &leaf, leaf.ipa, &detached), HYP_DONE);
    assert_int_equal(env_get(&env, high, 2), env_leaf(PA, 2, ENV_W));
    assert_int_equal(env_get(&env, high - 512 * ENV_GIB, 1), 0);
    assert_int_equal(physmem_read(env.mem, arch_pa(env.vm.baddr.v + 700 * 8)) & 3, 3);
    env_free(&env);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_old_entry_has_its_outcome),
        cmocka_unit_test(keep_maps_the_largest_leaf_below_the_tables),
        cmocka_unit_test(a_leaf_has_the_bits_that_kvm_writes),
        cmocka_unit_test(entries_lie_where_the_index_of_their_level_says),
        cmocka_unit_test(the_second_start_table_is_mapped_and_coalesced_like_the_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
