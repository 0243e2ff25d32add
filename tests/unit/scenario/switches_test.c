/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/scenario/switches_test.c - the switches of a fault path: every word, who
 * goes before whom, and the defaults that the documentation gives. */
#include "tests/unit/scenario/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A value of one switch. */
struct row {
    const char *key, *word;
    size_t offset;
    unsigned value;
};

#define ROW(k, m, w, v)                                                                \
    {                                                                                  \
        k, w, offsetof(struct hyp_cfg, m), v                                           \
    }

/* Words and the values that model/hyp/cfg.h gives them. */
static const struct row rows[] = {
    ROW("path", path, "kvm-5.10", HYP_PATH_KVM_5_10),
    ROW("path", path, "kvm-5.11", HYP_PATH_KVM_5_11),
    ROW("path", path, "posted-2021-early", HYP_PATH_POSTED_2021_EARLY),
    ROW("path", path, "kvm-5.14", HYP_PATH_KVM_5_14),
    ROW("path", path, "kvm-6.2", HYP_PATH_KVM_6_2),
    ROW("path", path, "kvm-6.6", HYP_PATH_KVM_6_6),
    ROW("sequence", sequence, "keep", HYP_SEQ_KEEP),
    ROW("sequence", sequence, "bbm", HYP_SEQ_BBM),
    ROW("sequence", sequence, "bbm-early", HYP_SEQ_BBM_EARLY),
    ROW("sequence", sequence, "nt", HYP_SEQ_NT),
    ROW("sequence", sequence, "nt-rfc", HYP_SEQ_NT_RFC),
    ROW("sequence", sequence, "bbml2", HYP_SEQ_BBML2),
    ROW("lock", lock, "exclusive", HYP_LOCK_EXCLUSIVE),
    ROW("lock", lock, "shared", HYP_LOCK_SHARED),
    ROW("lock", lock, "per-entry", HYP_LOCK_ENTRY),
    ROW("identical", identical, "skip", HYP_IDENTICAL_SKIP),
    ROW("identical", identical, "skip-same", HYP_IDENTICAL_SKIP_SAME),
    ROW("identical", identical, "remap", HYP_IDENTICAL_REMAP),
    ROW("relax", relax, "broadcast", HYP_RELAX_BROADCAST),
    ROW("relax", relax, "local", HYP_RELAX_LOCAL),
    ROW("relax", relax, "none", HYP_RELAX_NONE),
    ROW("clean", clean, "none", HYP_CLEAN_NONE),
    ROW("clean", clean, "before", HYP_CLEAN_BEFORE),
    ROW("clean", clean, "in-window", HYP_CLEAN_IN_WINDOW),
    ROW("clean", clean, "each-fault", HYP_CLEAN_EACH_FAULT),
    ROW("icache", icache, "none", HYP_ICACHE_NONE),
    ROW("icache", icache, "in-window", HYP_ICACHE_IN_WINDOW),
    ROW("icache", icache, "each-fault", HYP_ICACHE_EACH_FAULT),
    ROW("tear_down", tear_down, "after-unlock", HYP_TEAR_DOWN_AFTER_UNLOCK),
    ROW("tear_down", tear_down, "under-lock", HYP_TEAR_DOWN_UNDER_LOCK),
    ROW("tlbi", tlbi, "vmid", HYP_TLBI_VMID),
    ROW("tlbi", tlbi, "ipa", HYP_TLBI_IPA),
    ROW("tlbi", tlbi, "range", HYP_TLBI_RANGE),
    ROW("unmap", unmap, "each-leaf", HYP_UNMAP_EACH_LEAF),
    ROW("unmap", unmap, "deferred", HYP_UNMAP_DEFERRED),
    ROW("split", split, "lazy", HYP_SPLIT_LAZY),
    ROW("split", split, "eager", HYP_SPLIT_EAGER),
    ROW("af", af, "hardware", HYP_AF_HARDWARE),
    ROW("af", af, "fault", HYP_AF_FAULT),
    ROW("dirty", dirty, "fault", HYP_DIRTY_FAULT),
    ROW("dirty", dirty, "hardware", HYP_DIRTY_HARDWARE),
    ROW("defect", defect, "none", HYP_DEFECT_NONE),
    ROW("defect", defect, "missing-break", HYP_DEFECT_MISSING_BREAK),
    ROW("defect", defect, "missing-tlbi", HYP_DEFECT_MISSING_TLBI),
    ROW("defect", defect, "missing-dsb-before", HYP_DEFECT_DSB_BEFORE),
    ROW("defect", defect, "missing-dsb-after", HYP_DEFECT_DSB_AFTER),
    ROW("defect", defect, "dsb-ishst", HYP_DEFECT_DSB_ISHST),
    ROW("defect", defect, "wrong-vmid", HYP_DEFECT_WRONG_VMID),
    ROW("defect", defect, "local-tlbi", HYP_DEFECT_LOCAL_TLBI),
    ROW("defect", defect, "free-before-dsb", HYP_DEFECT_FREE_FIRST),
    ROW("repeat_tlbi", repeat, "none", HYP_REPEAT_NONE),
    ROW("repeat_tlbi", repeat, "each", HYP_REPEAT_EACH),
    ROW("repeat_tlbi", repeat, "sync", HYP_REPEAT_SYNC),
    ROW("conflict_handler", conflict, "stop", HYP_CONFLICT_STOP),
    ROW("conflict_handler", conflict, "recover", HYP_CONFLICT_RECOVER),
    ROW("conflict_handler", conflict, "recover-all", HYP_CONFLICT_RECOVER_ALL),
    ROW("vtcr_policy", vtcr, "per-cpu", HYP_VTCR_PER_CPU),
    ROW("vtcr_policy", vtcr, "system", HYP_VTCR_SYSTEM),
    ROW("vmids", vmids, "spin", HYP_VMID_SPIN),
    ROW("vmids", vmids, "per-pe", HYP_VMID_PER_PE),
};

#define ROWS_N (sizeof(rows) / sizeof(rows[0]))

static unsigned value_of(const struct hyp_cfg *cfg, const struct row *row)
{
    unsigned value;
    memcpy(&value, (const char *)cfg + row->offset, sizeof(value));
    return value;
}

static void load(const char *platform, const char *hypervisor, const char *variant,
                 struct scn *s)
{
    struct scn_diags d;
    char text[600];
    snprintf(text, sizeof(text),
             "stage2sim: 1\nname: test\nplatform: %s\nhypervisor: {%s}\nvms:\n"
             "  - {name: g, vcpus: 1, memory: [{ipa: 0, size: 2MiB}],\n"
             "     guest: {kind: idle}}\nvariants:\n  - {name: a%s}\n",
             platform, hypervisor, variant);
    scratch_write("test.yaml", text);
    if (scn_load(scratch_path("test.yaml"), PLATFORM_DIR, s, &d) != SCN_OK)
        fail_msg("%s", d.text[0]);
    scn_diags_free(&d);
}

static void check_json(const struct scn *s, const struct row *row)
{
    char *text = NULL, part[100];
    size_t len;
    FILE *f = open_memstream(&text, &len);
    assert_non_null(f);
    scn_write_json(s, f, 0);
    fclose(f);
    snprintf(part, sizeof(part), "\"%s\": \"%s\"", row->key, row->word);
    if (!strstr(strstr(text, "\"variants\""), part))
        fail_msg("the JSON lacks %s:\n%s", part, strstr(text, "\"variants\""));
    free(text);
}

/* Another value of the same switch. */
static const struct row *other_of(const struct row *row)
{
    for (size_t i = 0; i < ROWS_N; i++)
        if (&rows[i] != row && strcmp(rows[i].key, row->key) == 0)
            return &rows[i];
    fail_msg("%s has one value", row->key);
    return NULL;
}

/* Under any path: one switch does not move another. */
static void each_switch_takes_each_of_its_words_and_moves_no_other(void **state)
{
    struct scn plain;
    (void)state;
    load("neoverse-v2-like", "", "", &plain);
    for (size_t i = 0; i < ROWS_N; i++) {
        struct scn s;
        char variant[80];
        snprintf(variant, sizeof(variant), ", %s: %s", rows[i].key, rows[i].word);
        load("neoverse-v2-like", "", variant, &s);
        assert_int_equal(value_of(&s.variants[0].hyp, &rows[i]), rows[i].value);
        check_json(&s, &rows[i]);
        for (size_t k = 0; k < ROWS_N && strcmp(rows[i].key, "path") != 0; k++)
            if (strcmp(rows[k].key, rows[i].key) != 0 &&
                value_of(&s.variants[0].hyp, &rows[k]) !=
                    value_of(&plain.variants[0].hyp, &rows[k]))
                fail_msg("%s moves %s", variant, rows[k].key);
        scn_free(&s);
    }
    scn_free(&plain);
}

static void a_switch_of_a_variant_goes_before_that_of_hypervisor(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS_N; i++) {
        struct scn s;
        const struct row *other = other_of(&rows[i]);
        char hypervisor[80], variant[80];
        snprintf(hypervisor, sizeof(hypervisor), "%s: %s", rows[i].key, rows[i].word);
        snprintf(variant, sizeof(variant), ", %s: %s", other->key, other->word);
        load("neoverse-v2-like", hypervisor, "", &s);
        assert_int_equal(value_of(&s.variants[0].hyp, &rows[i]), rows[i].value);
        scn_free(&s);
        load("neoverse-v2-like", hypervisor, variant, &s);
        assert_int_equal(value_of(&s.variants[0].hyp, other), other->value);
        scn_free(&s);
    }
}

static void a_path_gives_what_it_does_on_that_cpu(void **state)
{
    static const struct {
        const char *platform;
        struct hyp_cpu cpu;
    } cpus[] = {
        {"neoverse-v2-like",
         {.s2fwb = true, .dic = true, .tlbirange = true, .ttl = true}},
        {"neoverse-n1-like", {.s2fwb = false}},
    };
    (void)state;
    for (size_t i = 0; i < 2 * HYP_PATHS_N; i++) {
        struct scn s;
        char hypervisor[80];
        const enum hyp_path path = i / 2;
        const struct hyp_cfg want = hyp_path_defaults(path, &cpus[i % 2].cpu);
        snprintf(hypervisor, sizeof(hypervisor), "path: %s", hyp_path_name(path));
        load(cpus[i % 2].platform, hypervisor, "", &s);
        for (size_t k = 0; k < ROWS_N; k++)
            if (value_of(&s.variants[0].hyp, &rows[k]) != value_of(&want, &rows[k]))
                fail_msg("%s on %s: %s", hypervisor, cpus[i % 2].platform, rows[k].key);
        assert_int_equal(s.variants[0].hyp.ttl, cpus[i % 2].cpu.ttl);
        scn_free(&s);
    }
}

static void the_defaults_of_every_path_are_documented(void **state)
{
    /* nothing is left out for S2FWB or DIC, but S2FWB allows deferring */
    const struct hyp_cpu bare = {.tlbirange = true};
    const struct hyp_cpu s2fwb = {.tlbirange = true, .s2fwb = true};
    char *docs = scratch_read(STAGE2SIM_SOURCE_DIR "/docs/scenario-format.md");
    (void)state;
    for (unsigned path = 0; path < HYP_PATHS_N; path++) {
        const struct hyp_cfg c = hyp_path_defaults(path, &bare);
        const struct hyp_cfg fwb = hyp_path_defaults(path, &s2fwb);
        char line[300];
        snprintf(line, sizeof(line),
                 "| `%s` | `%s` | `%s` | `%s` | `%s` | `%s` | `%s` | `%s` | `%s` | "
                 "`%s` |\n",
                 hyp_path_name(path), hyp_sequence_name(c.sequence),
                 hyp_lock_name(c.lock), hyp_identical_name(c.identical),
                 hyp_relax_name(c.relax), hyp_clean_name(c.clean),
                 hyp_icache_name(c.icache), hyp_tear_down_name(c.tear_down),
                 hyp_tlbi_name(c.tlbi), hyp_unmap_name(fwb.unmap));
        if (!strstr(docs, line))
            fail_msg("docs/scenario-format.md lacks %s", line);
        assert_int_equal(c.split, HYP_SPLIT_LAZY);
        assert_int_equal(c.af, HYP_AF_HARDWARE);
    }
    free(docs);
}

static void every_word_is_documented(void **state)
{
    char *docs = scratch_read(STAGE2SIM_SOURCE_DIR "/docs/scenario-format.md");
    (void)state;
    for (size_t i = 0; i < ROWS_N; i++) {
        char key[40], word[40];
        snprintf(key, sizeof(key), "\n| `%s` | both |", rows[i].key);
        snprintf(word, sizeof(word), "`%s`", rows[i].word);
        const char *row = strstr(docs, key);
        if (!row)
            fail_msg("docs/scenario-format.md lacks %s", key);
        const char *found = strstr(row + 1, word);
        if (!found || found > strchr(row + 1, '\n'))
            fail_msg("docs/scenario-format.md: the row of %s lacks %s", rows[i].key,
                     word);
    }
    free(docs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_switch_takes_each_of_its_words_and_moves_no_other),
        cmocka_unit_test(a_switch_of_a_variant_goes_before_that_of_hypervisor),
        cmocka_unit_test(a_path_gives_what_it_does_on_that_cpu),
        cmocka_unit_test(the_defaults_of_every_path_are_documented),
        cmocka_unit_test(every_word_is_documented),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
