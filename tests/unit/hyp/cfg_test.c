/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/hyp/cfg_test.c - the switches of each path, and their names. */
#include "model/hyp/cfg.h"
#include "tests/unit/walker/rows.h"

#define NO_CPU                                                                         \
    {                                                                                  \
        false, false, false, false                                                     \
    }
#define RANGE_CPU                                                                      \
    {                                                                                  \
        false, false, true, true                                                       \
    }
#define FULL_CPU                                                                       \
    {                                                                                  \
        true, true, true, true                                                         \
    }

static void a_path_starts_with_the_switches_of_its_release(void **state)
{
    static const struct {
        const char *rule;
        enum hyp_path path;
        struct hyp_cpu cpu;
        struct hyp_cfg want;
    } rows[] = {
        {"5.10: a late fault remaps; each fault cleans",
         HYP_PATH_KVM_5_10,
         NO_CPU,
         {.sequence = HYP_SEQ_BBM,
          .lock = HYP_LOCK_EXCLUSIVE,
          .identical = HYP_IDENTICAL_REMAP,
          .clean = HYP_CLEAN_EACH_FAULT,
          .icache = HYP_ICACHE_EACH_FAULT}},
        {"5.11: a late fault finds the mapping",
         HYP_PATH_KVM_5_11,
         NO_CPU,
         {.sequence = HYP_SEQ_BBM,
          .lock = HYP_LOCK_EXCLUSIVE,
          .identical = HYP_IDENTICAL_SKIP,
          .clean = HYP_CLEAN_EACH_FAULT,
          .icache = HYP_ICACHE_EACH_FAULT}},
        {"posted in 2021: makes early, cleans nothing",
         HYP_PATH_POSTED_2021_EARLY,
         NO_CPU,
         {.sequence = HYP_SEQ_BBM_EARLY,
          .lock = HYP_LOCK_EXCLUSIVE,
          .icache = HYP_ICACHE_IN_WINDOW,
          .tear_down = HYP_TEAR_DOWN_UNDER_LOCK}},
        {"5.14: who installs cleans, in the window",
         HYP_PATH_KVM_5_14,
         NO_CPU,
         {.sequence = HYP_SEQ_BBM,
          .lock = HYP_LOCK_EXCLUSIVE,
          .clean = HYP_CLEAN_IN_WINDOW,
          .icache = HYP_ICACHE_IN_WINDOW}},
        {"6.2: shared lock, early make, RCU",
         HYP_PATH_KVM_6_2,
         NO_CPU,
         {.sequence = HYP_SEQ_BBM_EARLY,
          .lock = HYP_LOCK_SHARED,
          .relax = HYP_RELAX_BROADCAST,
          .clean = HYP_CLEAN_IN_WINDOW,
          .icache = HYP_ICACHE_IN_WINDOW,
          .tear_down = HYP_TEAR_DOWN_AFTER_UNLOCK}},
        {"6.6 without TLBIRANGE: the local flush of a relaxed leaf",
         HYP_PATH_KVM_6_6,
         NO_CPU,
         {.sequence = HYP_SEQ_BBM_EARLY,
          .lock = HYP_LOCK_SHARED,
          .relax = HYP_RELAX_LOCAL,
          .clean = HYP_CLEAN_IN_WINDOW,
          .icache = HYP_ICACHE_IN_WINDOW}},
        {"6.6: range TLBIs; the unmap that cleans does not defer",
         HYP_PATH_KVM_6_6,
         RANGE_CPU,
         {.sequence = HYP_SEQ_BBM_EARLY,
          .lock = HYP_LOCK_SHARED,
          .relax = HYP_RELAX_LOCAL,
          .clean = HYP_CLEAN_IN_WINDOW,
          .icache = HYP_ICACHE_IN_WINDOW,
          .tlbi = HYP_TLBI_RANGE,
          .ttl = true}},
        {"stage2_unmap_defer_tlb_flush(): TLBIRANGE and S2FWB",
         HYP_PATH_KVM_6_6,
         FULL_CPU,
         {.sequence = HYP_SEQ_BBM_EARLY,
          .lock = HYP_LOCK_SHARED,
          .relax = HYP_RELAX_LOCAL,
          .tlbi = HYP_TLBI_RANGE,
          .unmap = HYP_UNMAP_DEFERRED,
          .ttl = true}},
        {"S2FWB and DIC: nothing is cleaned or invalidated",
         HYP_PATH_KVM_5_10,
         FULL_CPU,
         {.sequence = HYP_SEQ_BBM, .identical = HYP_IDENTICAL_REMAP, .ttl = true}},
        {"6.2 knows no ranges",
         HYP_PATH_KVM_6_2,
         FULL_CPU,
         {.sequence = HYP_SEQ_BBM_EARLY, .lock = HYP_LOCK_SHARED, .ttl = true}},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct hyp_cfg got = hyp_path_defaults(rows[i].path, &rows[i].cpu);
        const struct hyp_cfg *want = &rows[i].want;

        check_row(i, rows[i].rule, got.path, rows[i].path);
        check_row(i, rows[i].rule, got.sequence, want->sequence);
        check_row(i, rows[i].rule, got.lock, want->lock);
        check_row(i, rows[i].rule, got.identical, want->identical);
        check_row(i, rows[i].rule, got.relax, want->relax);
        check_row(i, rows[i].rule, got.clean, want->clean);
        check_row(i, rows[i].rule, got.icache, want->icache);
        check_row(i, rows[i].rule, got.tear_down, want->tear_down);
        check_row(i, rows[i].rule, got.tlbi, want->tlbi);
        check_row(i, rows[i].rule, got.unmap, want->unmap);
        check_row(i, rows[i].rule, got.split, HYP_SPLIT_LAZY);
        check_row(i, rows[i].rule, got.af, HYP_AF_HARDWARE);
        check_row(i, rows[i].rule, got.dirty, HYP_DIRTY_FAULT);
        check_row(i, rows[i].rule, got.repeat, HYP_REPEAT_NONE);
        check_row(i, rows[i].rule, got.ttl, want->ttl);
    }
}

#define WORDS(name_of, ...)                                                            \
    do {                                                                               \
        static const char *const want_[] = {__VA_ARGS__};                              \
        for (unsigned i_ = 0; i_ < ROWS_N(want_); i_++)                                \
            assert_string_equal(name_of(i_), want_[i_]);                               \
    } while (0)

static void names_are_those_of_the_scenario_format(void **state)
{
    (void)state;
    WORDS(hyp_sequence_name, "keep", "bbm", "bbm-early", "nt", "nt-rfc", "bbml2");
    WORDS(hyp_path_name, "kvm-5.10", "kvm-5.11", "posted-2021-early", "kvm-5.14",
          "kvm-6.2", "kvm-6.6");
    WORDS(hyp_lock_name, "exclusive", "shared", "per-entry");
    WORDS(hyp_identical_name, "skip", "skip-same", "remap");
    WORDS(hyp_relax_name, "broadcast", "local", "none");
    WORDS(hyp_clean_name, "none", "before", "in-window", "each-fault");
    WORDS(hyp_icache_name, "none", "in-window", "each-fault");
    WORDS(hyp_tear_down_name, "after-unlock", "under-lock");
    WORDS(hyp_tlbi_name, "vmid", "ipa", "range");
    WORDS(hyp_unmap_name, "each-leaf", "deferred");
    WORDS(hyp_split_name, "lazy", "eager");
    WORDS(hyp_af_name, "hardware", "fault");
    WORDS(hyp_dirty_name, "fault", "hardware");
    WORDS(hyp_repeat_name, "none", "each", "sync");
}

static void a_sequence_says_what_it_needs(void **state)
{
    static const struct {
        enum hyp_sequence sequence;
        unsigned bbm_level;
        bool can_group;
    } rows[HYP_SEQUENCES_N] = {
        {HYP_SEQ_KEEP, 0, true},      {HYP_SEQ_BBM, 0, true},
        {HYP_SEQ_BBM_EARLY, 0, true}, {HYP_SEQ_NT, 1, false},
        {HYP_SEQ_NT_RFC, 1, false},   {HYP_SEQ_BBML2, 2, true},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const char *rule = hyp_sequence_name(rows[i].sequence);

        check_row(i, rule, hyp_sequence_bbm_level(rows[i].sequence), rows[i].bbm_level);
        check_row(i, rule, hyp_sequence_can_group(rows[i].sequence), rows[i].can_group);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_starts_with_the_switches_of_its_release),
        cmocka_unit_test(names_are_those_of_the_scenario_format),
        cmocka_unit_test(a_sequence_says_what_it_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
