/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/scenario/warnings_test.c - what is valid but perhaps not meant. */
#include "model/scenario/codes.h"
#include "tests/unit/scenario/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char base[] =
    /* 1*/ "stage2sim: 1\n"
           /* 2*/ "name: test\n"
           /* 3*/ "platform: neoverse-n1-like\n"
           /* 4*/ "overrides: {feat.tlbirange: true}\n"
           /* 5*/ "vms:\n"
           /* 6*/ "  - {name: guest, vcpus: 1, memory: [{ipa: 0, size: 2MiB}],\n"
           /* 7*/ "     guest: {kind: idle}}\n"
           /* 8*/ "hypervisor: {tlbi: vmid}\n"
           /* 9*/ "variants:\n"
           /*10*/ "  - {name: a, tlbi: vmid}\n"
           /*11*/ "  - {name: b}\n";

static void load(const char *from, const char *to, struct scn *s, struct scn_diags *d)
{
    char *text = scratch_replace(base, from, to);
    scratch_write("test.yaml", text);
    free(text);
    if (scn_load(scratch_path("test.yaml"), PLATFORM_DIR, s, d) != SCN_OK)
        fail_msg("%s", d->text[0]);
    assert_int_equal(d->n, 0);
}

static void a_flush_by_ipa_is_warned_of_where_it_is_asked_for(void **state)
{
    static const struct {
        const char *from, *to;
        size_t n;
        unsigned line, col; /* of the first */
    } rows[] = {
        {"name: b", "name: b, tlbi: vmid", 0, 0, 0}, /* VMALLS12E1IS says what it is */
        {"name: b", "name: b, tlbi: ipa", 1, 11, 21},
        {"name: b", "name: b, tlbi: range", 1, 11, 21},
        {"a, tlbi: vmid", "a, tlbi: ipa", 1, 10, 21},
        {"{tlbi: vmid}", "{tlbi: ipa}", 1, 8, 20}, /* b has it */
        {"{tlbi: vmid}\nvariants:\n  - {name: a, tlbi: vmid}\n  - {name: b}",
         "{tlbi: ipa}\nvariants:\n  - {name: a, tlbi: vmid}", 0, 0, 0}, /* none has */
        {"{tlbi: vmid}\nvariants:\n  - {name: a, tlbi: vmid}\n  - {name: b}",
         "{tlbi: ipa}\nvariants:\n  - {name: a}\n  - {name: b, tlbi: range}", 2, 8, 20},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scn s;
        struct scn_diags d;
        unsigned line = 0, col = 0, code = 0;
        load(rows[i].from, rows[i].to, &s, &d);
        if (d.warnings_n)
            sscanf(d.warning[0] + strlen(s.file), ":%u:%u: warning[W%u]: ", &line, &col,
                   &code);
        if (d.warnings_n != rows[i].n || line != rows[i].line || col != rows[i].col ||
            (rows[i].n && code != SCN_W_TLBI_IPA))
            fail_msg("row %zu: got %zu warnings, W%03u at %u:%u", i, d.warnings_n, code,
                     line, col);
        scn_free(&s);
        scn_diags_free(&d);
    }
}

static void the_warning_shows_the_line_and_tells_what_survives(void **state)
{
    struct scn s;
    struct scn_diags d;
    char want[700];
    (void)state;
    load("name: b", "name: b, tlbi: ipa", &s, &d);
    snprintf(want, sizeof(want),
             "%s:11:21: warning[W001]: variants[1].tlbi ipa is not gentle: KVM's flush "
             "by IPA ends with VMALLE1IS, so that all combined and stage 1 entries of "
             "the VM go too; only stage-2-only entries of other IPAs survive, in "
             "tlb.l2, tlb.walk.s2l1, tlb.walk.s2l2\n"
             "  - {name: b, tlbi: ipa}\n"
             "                    ^~~\n",
             s.file);
    assert_string_equal(d.warning[0], want);
    scn_free(&s);
    scn_diags_free(&d);
}

static void survivors_follow_from_the_structures_of_the_platform(void **state)
{
    static const struct {
        const char *overrides, *rest;
    } rows[] = {
        {"tlb.l2.ipa_sizes: none", "survive, in tlb.walk.s2l1, tlb.walk.s2l2\n"},
        {"tlb.walk.s2l1.entries: 0", "survive, in tlb.l2, tlb.walk.s2l2\n"},
        {"tlb.s2.entries: 4, tlb.s2.ways: full, tlb.s2.sizes: [4K], "
         "tlb.s2.replacement: lru, tlb.s2.latency: 1ns",
         "survive, in tlb.l2, tlb.s2, tlb.walk.s2l1, tlb.walk.s2l2\n"},
        {"tlb.l2.entries: 0, tlb.walk.s2l1.entries: 0, tlb.walk.s2l2.entries: 0",
         "; nothing survives, since there is no structure of stage-2-only entries on "
         "neoverse-n1-like\n"},
        {"tlb.tlbi_ipa: combined",
         "; with tlb.tlbi_ipa combined each operation takes them already\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scn s;
        struct scn_diags d;
        char to[400];
        snprintf(to, sizeof(to),
                 "{%s}\nvms:\n"
                 "  - {name: guest, vcpus: 1, memory: [{ipa: 0, size: 2MiB}],\n"
                 "     guest: {kind: idle}}\nhypervisor: {tlbi: ipa}",
                 rows[i].overrides);
        load("{feat.tlbirange: true}\nvms:\n"
             "  - {name: guest, vcpus: 1, memory: [{ipa: 0, size: 2MiB}],\n"
             "     guest: {kind: idle}}\nhypervisor: {tlbi: vmid}",
             to, &s, &d);
        if (d.warnings_n != 1 || !strstr(d.warning[0], rows[i].rest))
            fail_msg("%s: %s", rows[i].overrides, d.warnings_n ? d.warning[0] : "none");
        scn_free(&s);
        scn_diags_free(&d);
    }
}

static void variants_that_mix_placements_of_the_clean_are_warned_of(void **state)
{
    static const struct {
        const char *variants;
        bool warned;
    } rows[] = {
        {"{name: a, clean: none}\n  - {name: b, clean: in-window, sequence: bbm}",
         true},
        {"{name: a}\n  - {name: b, path: kvm-5.11}", true}, /* in-window, each-fault */
        {"{name: a}\n  - {name: b, path: kvm-5.11, clean: in-window}", false},
        {"{name: a}\n  - {name: b, sequence: bbm}", false},
        /* the clean is what is compared */
        {"{name: a}\n  - {name: b, clean: none}\n  - {name: c, clean: before}", false},
        {"{name: a}\n  - {name: b, clean: none}\n  - {name: c, relax: local}", true},
        {"{name: a, clean: none}", false},
        /* the path is but a name for the other switches */
        {"{name: a, path: kvm-5.14}\n"
         "  - {name: b, path: kvm-6.2, sequence: bbm, lock: exclusive, clean: none}",
         false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scn s;
        struct scn_diags d;
        load("{name: a, tlbi: vmid}\n  - {name: b}", rows[i].variants, &s, &d);
        if (d.warnings_n != rows[i].warned)
            fail_msg("%s: %s", rows[i].variants, d.warnings_n ? d.warning[0] : "none");
        if (rows[i].warned)
            assert_non_null(strstr(d.warning[0], ":10:3: warning[W003]: "));
        scn_free(&s);
        scn_diags_free(&d);
    }
}

static void the_warning_names_variants_and_lines_by_placement(void **state)
{
    struct scn s;
    struct scn_diags d;
    (void)state;
    load("{name: a, tlbi: vmid}\n  - {name: b}",
         "{name: a, path: kvm-5.11}\n  - {name: b}\n  - {name: c, path: kvm-5.10}", &s,
         &d);
    assert_int_equal(d.warnings_n, 1);
    assert_non_null(
        strstr(d.warning[0],
               ": warning[W003]: variants differ in clean: the comparison mixes cache "
               "maintenance with the sequence: in-window in b (line 11); each-fault in "
               "a (line 10), c (line 12)\n"));
    scn_free(&s);
    scn_diags_free(&d);
}

/* neoverse-n1-like has FEAT_BBM level 0. */
static void a_sequence_beyond_the_level_of_the_platform_is_warned_of(void **state)
{
    static const struct {
        unsigned level;
        const char *sequence;
        bool warned;
    } rows[] = {
        {0, "bbm", false},   {0, "nt", true},     {0, "nt-rfc", true},
        {0, "bbml2", true},  {1, "nt", false},    {1, "bbml2", true},
        {2, "bbml2", false}, {3, "bbml2", false}, {3, "nt", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scn s;
        struct scn_diags d;
        char variant[100];
        snprintf(variant, sizeof(variant), "b, sequence: %s}\nrun: {duration: 1ms}\n",
                 rows[i].sequence);
        char *text = scratch_replace(base, "b}\n", variant);
        scratch_write("test.yaml", text);
        free(text);
        text = scratch_read(scratch_path("test.yaml"));
        snprintf(variant, sizeof(variant), "feat.bbm_level: %u", rows[i].level);
        char *leveled = scratch_replace(text, "feat.tlbirange: true", variant);
        scratch_write("test.yaml", leveled);
        free(leveled);
        free(text);
        assert_int_equal(scn_load(scratch_path("test.yaml"), PLATFORM_DIR, &s, &d),
                         SCN_OK);
        if (d.warnings_n != rows[i].warned ||
            (rows[i].warned && !strstr(d.warning[0], ":11:25: warning[W004]: ")))
            fail_msg("row %zu: %s", i, d.warnings_n ? d.warning[0] : "none");
        scn_free(&s);
        scn_diags_free(&d);
    }
}

/* FEAT_BBML3 turns the abort of a platform into a resolution. */
static void no_run_at_level_3_has_conflict_aborts(void **state)
{
    static const struct {
        const char *overrides;
        enum tlb_conflict want;
    } rows[] = {
        {"feat.conflict: abort", TLB_CONFLICT_ABORT},
        {"feat.conflict: abort, feat.bbm_level: 3", TLB_CONFLICT_RESOLVE},
        {"feat.conflict: older, feat.bbm_level: 3", TLB_CONFLICT_OLDER},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scn s;
        struct scn_diags d;
        load("feat.tlbirange: true", rows[i].overrides, &s, &d);
        assert_int_equal(s.variants[0].conflict, rows[i].want);
        scn_free(&s);
        scn_diags_free(&d);
    }
}

static void warnings_come_with_errors_too(void **state)
{
    struct scn s;
    struct scn_diags d;
    (void)state;
    char *text = scratch_replace(base, "name: b", "name: a, tlbi: ipa");
    scratch_write("test.yaml", text);
    free(text);
    assert_int_equal(scn_load(scratch_path("test.yaml"), PLATFORM_DIR, &s, &d),
                     SCN_INVALID);
    assert_int_equal(d.n, 1);
    assert_int_equal(d.warnings_n, 1);
    scn_diags_free(&d);
    assert_int_equal(d.warnings_n, 0);
}

static void no_more_than_20_warnings_are_kept(void **state)
{
    struct scn s;
    struct scn_diags d;
    char text[2000] = "variants:\n";
    (void)state;
    for (int i = 0; i < 30; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text),
                 "  - {name: v%d, tlbi: ipa}\n", i);
    load("variants:\n", text, &s, &d);
    assert_int_equal(d.warnings_n, SCN_DIAGS_MAX);
    scn_free(&s);
    scn_diags_free(&d);
}

static void every_warning_is_documented(void **state)
{
    (void)state;
    char *docs = scratch_read(STAGE2SIM_SOURCE_DIR "/docs/scenario-format.md");
    for (size_t i = 0; i < scn_warning_docs_n; i++) {
        char cell[200];
        snprintf(cell, sizeof(cell), "| W%03u | %s", scn_warning_docs[i].code,
                 scn_warning_docs[i].meaning);
        if (!strstr(docs, cell))
            fail_msg("docs/scenario-format.md lacks %s", cell);
    }
    free(docs);
}

static void a_tlb_too_coarse_for_the_pages_of_a_vm_is_warned_of(void **state)
{
    static const struct {
        const char *overrides, *vm;
        const char *names; /* NULL: no warning */
    } rows[] = {
        {"tlb.l1d.sizes: [4K]", "granule: 4K", NULL},
        {"tlb.l1d.sizes: [16K]", "granule: 4K", "tlb.l1d"},
        {"tlb.l1d.sizes: [16K]", "granule: 16K", NULL},
        {"tlb.l1d.sizes: [64K, 2M]", "granule: 16K", "tlb.l1d"},
        {"tlb.l1d.sizes: [4K, 2M]", "granule: 64K", NULL}, /* a fragment of each page */
        {"tlb.l1d.sizes: [2M], tlb.l1d.entries: 0", "granule: 4K", NULL},
        {"tlb.l1i.sizes: [2M], tlb.l1d.sizes: [1G], tlb.l2.sizes: [2M]", "granule: 4K",
         "tlb.l1i, tlb.l1d, tlb.l2"},
        {"tlb.l1d.sizes: [16K]", /* pages of stage 1 are smaller */
         "granule: 16K, stage1: {map: 4K, tables: 0x100000}", "tlb.l1d"},
        {"tlb.l1d.sizes: [16K]", "granule: 16K, stage1: {map: 2M, tables: 0x200000}",
         NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scn s;
        struct scn_diags d;
        char to[400], want[80];
        snprintf(to, sizeof(to),
                 "{feat.tlbirange: true, %s}\nvms:\n"
                 "  - {name: guest, vcpus: 1, %s, memory: [{ipa: 0, size: 4MiB}],\n",
                 rows[i].overrides, rows[i].vm);
        load("{feat.tlbirange: true}\nvms:\n"
             "  - {name: guest, vcpus: 1, memory: [{ipa: 0, size: 2MiB}],\n",
             to, &s, &d);
        snprintf(want, sizeof(want), "of which %s of neoverse-n1-like can hold nothing",
                 rows[i].names ? rows[i].names : "");
        if (d.warnings_n != (rows[i].names ? 1 : 0) ||
            (rows[i].names && !strstr(d.warning[0], want)))
            fail_msg("row %zu: %s", i, d.warnings_n ? d.warning[0] : "no warning");
        scn_free(&s);
        scn_diags_free(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tlb_too_coarse_for_the_pages_of_a_vm_is_warned_of),
        cmocka_unit_test(a_flush_by_ipa_is_warned_of_where_it_is_asked_for),
        cmocka_unit_test(the_warning_shows_the_line_and_tells_what_survives),
        cmocka_unit_test(a_sequence_beyond_the_level_of_the_platform_is_warned_of),
        cmocka_unit_test(no_run_at_level_3_has_conflict_aborts),
        cmocka_unit_test(survivors_follow_from_the_structures_of_the_platform),
        cmocka_unit_test(variants_that_mix_placements_of_the_clean_are_warned_of),
        cmocka_unit_test(the_warning_names_variants_and_lines_by_placement),
        cmocka_unit_test(warnings_come_with_errors_too),
        cmocka_unit_test(no_more_than_20_warnings_are_kept),
        cmocka_unit_test(every_warning_is_documented),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
