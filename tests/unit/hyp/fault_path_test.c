/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/hyp/fault_path_test.c - from a guest fault to the change of the tables. */
#include "tests/unit/hyp/hyp_env.h"

#define PERM ARCH_FAULT_PERMISSION
#define TRANS ARCH_FAULT_TRANSLATION

static void a_fault_maps_the_largest_block_that_the_slot_holds(void **state)
{
    /* ipa: of the slot; at: bytes from there to the fault */
    static const struct {
        const char *rule;
        uint64_t ipa, pa, bytes, at;
        int block_level, want_level;
    } rows[] = {
        {"the block fits exactly", 0x40000000, 0x80000000, 0x200000, 0x12345, 2, 2},
        {"the slot ends one page early", 0x40000000, 0x80000000, 0x1ff000, 0, 2, 3},
        {"the slot begins one page late", 0x40001000, 0x80001000, 0x3ff000, 0, 2, 3},
        {"the next block of that slot fits", 0x40001000, 0x80001000, 0x3ff000, 0x1ff000,
         2, 2},
        {"the block after a partial one, to the slot's last byte", 0x40100000,
         0x80100000, 0x300000, 0x2ffff8, 2, 2},
        {"behind the last whole block", 0x40100000, 0x80100000, 0x400000, 0x3ff000, 2,
         3},
        {"IPA and PA differ inside a block", 0x40000000, 0x80001000, 0x400000, 0, 2, 3},
        {"a backing of pages", 0x40000000, 0x80000000, 0x200000, 0, 3, 3},
        {"1 GiB fits", 0x40000000, 0x80000000, 0x40000000, 0x3ffffff8, 1, 1},
        {"1 GiB does not fit, 2 MiB does", 0x40000000, 0x80000000, 0x3fe00000, 0, 1, 2},
        {"1 GiB is not aligned in PA, 2 MiB is", 0x40000000, 0x80200000, 0x40000000, 0,
         1, 2},
        {"neither fits", 0x40000000, 0x80000000, 0x1000, 0, 1, 3},
    };
    const struct arch_fault fault = {.type = TRANS, .stage = 2, .level = 1};

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct hyp_slot slot = {{rows[i].ipa},
                                      {rows[i].pa},
                                      rows[i].bytes,
                                      rows[i].block_level,
                                      .writable = true};
        const uint64_t ipa = rows[i].ipa + rows[i].at;
        const uint64_t mask = (UINT64_C(1) << (12 + 9 * (3 - rows[i].want_level))) - 1;
        struct hyp_env env;

        env_init(&env, (struct hyp_cfg){.sequence = HYP_SEQ_BBM_EARLY});
        check_row(i, rows[i].rule,
                  hyp_handle_fault(&env.vm, &slot, arch_ipa(ipa), ARCH_WRITE, &fault),
                  HYP_DONE);
        check_row(
            i, rows[i].rule, env_get(&env, ipa, rows[i].want_level),
            env_leaf((rows[i].pa + rows[i].at) & ~mask, rows[i].want_level, ENV_W));
        env_free(&env);
    }
}

#define TEAR_DOWN "FREE\nfree table: 512 reads, 512 leaves\nDONE\n"
#define FLUSH                                                                          \
    "dsb ishst\ntlbi ipas2e1is 7 0x40000000\ndsb ish\ntlbi vmalle1is 7\ndsb "          \
    "ish\nisb\n"

/* Before: the 2 MiB at 0x40000000 hold 512 pages, or the block old. */
static const struct {
    const char *rule;
    uint64_t old;
    enum hyp_lock lock;
    enum arch_fault_type type;
    int8_t level;
    bool writable;
    enum hyp_result want;
    const char *log;
} rows[] = {
    {"6.2: a fault under the read lock; RCU frees after it", 0, HYP_LOCK_SHARED, PERM,
     3, true, HYP_DONE,
     "lock read\nMAP\nLOOK\nBREAK\ncas L2:0x40000000 locked\nWON\n" ENV_FLUSH_VMID
     "clean 0x80000000+0x200000\nMAKE\nwrite L2:0x40000000 block 0x80000000 rw\n"
     "dsb ishst\nunlock read\n" TEAR_DOWN},
    {"under the exclusive lock", 0, HYP_LOCK_EXCLUSIVE, TRANS, 3, true, HYP_DONE,
     "lock write\nMAP\nLOOK\nBREAK\nwrite L2:0x40000000 locked\nWON\n" ENV_FLUSH_VMID
     "clean 0x80000000+0x200000\nMAKE\nwrite L2:0x40000000 block 0x80000000 rw\n"
     "dsb ishst\nunlock write\n" TEAR_DOWN},
    {"a slot that is not writable gets a read-only block", 0, HYP_LOCK_SHARED, TRANS, 3,
     false, HYP_DONE,
     "lock read\nMAP\nLOOK\nBREAK\ncas L2:0x40000000 locked\nWON\n" ENV_FLUSH_VMID
     "clean 0x80000000+0x200000\nMAKE\nwrite L2:0x40000000 block 0x80000000 ro\n"
     "dsb ishst\nunlock read\n" TEAR_DOWN},
    {"a permission fault on a leaf of the right size is relaxed", UINT64_C(0x8000077d),
     HYP_LOCK_SHARED, PERM, 2, true, HYP_DONE,
     "lock read\ncas L2:0x40000000 block 0x80000000 rw\n" FLUSH "unlock read\n"},
    {"a translation fault that comes late finds the block", UINT64_C(0x800007fd),
     HYP_LOCK_SHARED, TRANS, 3, true, HYP_EAGAIN,
     "lock read\nMAP\nLOOK\nFOUND\ndsb ishst\nunlock read\n"},
    {"and one in the window finds it locked", HYP_DESC_LOCKED, HYP_LOCK_SHARED, TRANS,
     2, true, HYP_EAGAIN, "lock read\nMAP\nLOOK\nLOCKED\ndsb ishst\nunlock read\n"},
};

static void the_fault_path_holds_the_lock_from_map_to_dsb(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct hyp_slot slot = {.ipa = {ENV_GIB},
                                      .pa = {0x80000000},
                                      .bytes = 2 * ENV_MIB,
                                      .block_level = 2,
                                      .writable = rows[i].writable};
        const struct arch_fault fault = {
            .type = rows[i].type, .stage = 2, .level = rows[i].level};
        struct hyp_env env;

        env_init(&env, (struct hyp_cfg){.sequence = HYP_SEQ_BBM_EARLY,
                                        .lock = rows[i].lock,
                                        .clean = HYP_CLEAN_IN_WINDOW});
        if (rows[i].old)
            env_put(&env, ENV_GIB, 2, rows[i].old);
        else
            env_put_pages(&env, ENV_GIB, 0x80000000);
        check_row(i, rows[i].rule,
                  hyp_handle_fault(&env.vm, &slot, arch_ipa(ENV_GIB + 0x7000),
                                   rows[i].writable ? ARCH_WRITE : ARCH_READ, &fault),
                  rows[i].want);
        env_expect_log(i, rows[i].rule, &env, rows[i].log);
        check_row(i, rows[i].rule, physmem_tables_n(env.mem), 2);
        env_free(&env);
    }
}

static void a_conflict_abort_stops_the_vm_or_is_flushed_on_this_pe(void **state)
{
    static const struct {
        enum hyp_conflict conflict;
        enum hyp_result want;
        const char *log;
    } conflicts[] = {
        {HYP_CONFLICT_STOP, HYP_STOPPED, ""},
        {HYP_CONFLICT_RECOVER, HYP_DONE, "tlbi vmalls12e1 7\ndsb nsh\nisb\n"},
        {HYP_CONFLICT_RECOVER_ALL, HYP_DONE, "tlbi alle1\ndsb nsh\nisb\n"},
    };
    const struct hyp_slot slot = {
        {ENV_GIB}, {0x80000000}, 2 * ENV_MIB, 2, .writable = true};
    const struct arch_fault fault = {.type = ARCH_FAULT_TLB_CONFLICT, .stage = 2};

    (void)state;
    for (size_t i = 0; i < ROWS_N(conflicts); i++) {
        struct hyp_env env;

        env_init(&env, (struct hyp_cfg){.sequence = HYP_SEQ_BBML2,
                                        .conflict = conflicts[i].conflict});
        check_row(
            i, "result",
            hyp_handle_fault(&env.vm, &slot, arch_ipa(ENV_GIB), ARCH_READ, &fault),
            conflicts[i].want);
        env_expect_log(i, "log", &env, conflicts[i].log);
        env_free(&env);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_conflict_abort_stops_the_vm_or_is_flushed_on_this_pe),
        cmocka_unit_test(a_fault_maps_the_largest_block_that_the_slot_holds),
        cmocka_unit_test(the_fault_path_holds_the_lock_from_map_to_dsb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
