/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/scenario/platforms_test.c - what a platform has that leaves parameters
 * out, and what follows from those that it gives. */
#include "model/scenario/params.h"
#include "tests/unit/scenario/scratch.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SHIFT(s) (UINT64_C(1) << (s))

/* Parameters that must be given, and no more; {TLB} stands for what varies. */
static const char minimal[] = "stage2sim-platform: 1\nname: p\ntitle: t\nparameters:\n"
                              "  clock: {value: 2GHz, source: assumed}\n"
                              "  feat:\n"
                              "    bbm_level: {value: 0, source: assumed}\n"
                              "    s2fwb: {value: false, source: assumed}\n"
                              "    dic: {value: false, source: assumed}\n"
                              "    pa_bits: {value: 48, source: assumed}\n"
                              "    vmid_bits: {value: 16, source: assumed}\n"
                              "    ttst: {value: false, source: assumed}\n"
                              "    nt_response: {value: translate, source: assumed}\n"
                              "    nt_cache: {value: none, source: assumed}\n"
                              "  tlb:\n"
                              "    l1i: {entries: {value: 0, source: assumed}}\n"
                              "    l1d: {entries: {value: 0, source: assumed}}\n"
                              "    l2: {entries: {value: 0, source: assumed}}\n"
                              "  mem:\n"
                              "    l2: {size: {value: 1KiB, source: assumed}, ways: "
                              "{value: 2, source: assumed},\n"
                              "         latency: {value: 1ns, source: assumed}}\n"
                              "    llc: {size: {value: 1KiB, source: assumed}, ways: "
                              "{value: 2, source: assumed},\n"
                              "          latency: {value: 1ns, source: assumed}}\n"
                              "    dram: {value: 1ns, source: assumed}\n"
                              "    store: {value: 1ns, source: assumed}\n"
                              "    atomic: {value: 1ns, source: assumed}\n"
                              "  dvm:\n"
                              "    issue: {value: 1ns, source: assumed}\n"
                              "    hop: {value: 1ns, source: assumed}\n"
                              "    serialise: {value: 1ns, source: assumed}\n"
                              "    service_vmid: {value: 7ns, source: assumed}\n"
                              "    service_ipa: {value: 3ns, source: assumed}\n"
                              "    sync: {value: 1ns, source: assumed}\n"
                              "    lookup_lost: {value: 1ns, source: assumed}\n"
                              "    outstanding: {value: 1, source: assumed}\n"
                              "    dsb: {value: 1ns, source: assumed}\n"
                              "    isb: {value: 1ns, source: assumed}\n"
                              "  hyp:\n"
                              "    exit: {value: 1ns, source: assumed}\n"
                              "    entry: {value: 1ns, source: assumed}\n"
                              "    fault: {value: 1ns, source: assumed}\n"
                              "    lock: {value: 1ns, source: assumed}\n"
                              "    handover: {value: 1ns, source: assumed}\n"
                              "    visit: {value: 1ns, source: assumed}\n"
                              "    teardown_leaf: {value: 1ns, source: assumed}\n"
                              "    teardown_table: {value: 1ns, source: assumed}\n"
                              "    clean_line: {value: 1ns, source: assumed}\n";

static const struct scn_param *find(const char *name)
{
    const struct scn_param *param = scn_param_find(name);
    if (!param)
        fail_msg("no parameter %s", name);
    return param;
}

static void load(const char *path, struct scn_platform *p,
                 struct scn_platform_doc **doc)
{
    struct scn_diags d;
    if (scn_platform_load(path, p, doc, &d) != SCN_OK)
        fail_msg("%s", d.text[0]);
}

static void load_minimal(const char *from, const char *to, struct scn_platform *p,
                         struct scn_platform_doc **doc)
{
    char *text = scratch_replace(minimal, from, to);
    scratch_write("p.yaml", text);
    free(text);
    load(scratch_path("p.yaml"), p, doc);
}

static void a_parameter_with_a_default_may_be_left_out(void **state)
{
    static const struct {
        const char *name, *text;
    } rows[] = {
        {"feat.ttl", "false"},
        {"feat.tlbirange", "false"},
        {"feat.repeat_tlbi", "none"},
        {"pe.outstanding", "1"},
        {"pe.issue", "500ps"}, /* a cycle of 2 GHz */
        {"walker.parallel", "1"},
        {"walker.prefetch", "none"},
        {"tlb.s2.entries", "0"},
        {"tlb.walk.s1l0.entries", "0"},
        {"tlb.walk.s2l2.entries", "0"},
        {"tlb.l2.ipa_sizes", "none"},
        {"tlb.contiguous", "page"},
        {"tlb.tlbi_contiguous", "page"},
        {"tlb.tlbi_ipa", "stage-2"},
        {"tlb.tlbi_walk_cache", "match"},
        {"dvm.scope", "domain"},
        {"dvm.service_all", "7ns"}, /* dvm.service_vmid */
        {"dvm.service_asid", "7ns"},
        {"dvm.service_va", "3ns"}, /* dvm.service_ipa */
        {"hyp.icache_line", "0ps"},
        {"hyp.host_page", "0ps"},
        {"hyp.zero_line", "0ps"},
        {"hyp.vtcr_load", "0ps"},
        {"hyp.switch", "2us"},
        {"hyp.slice", "3ms"},
        {"feat.hafdbs", "1"},
        {"mem.llc.line", "0ps"},
        {"mem.dram_line", "0ps"},
        {"mem.dram_queue", "0ps"},
    };
    struct scn_platform p;
    struct scn_platform_doc *doc;
    (void)state;
    load_minimal("name: p", "name: p", &p, &doc);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[SCN_PARAM_TEXT_MAX];
        scn_param_text(&p, find(rows[i].name), text);
        if (strcmp(text, rows[i].text) != 0)
            fail_msg("%s: got %s, want %s", rows[i].name, text, rows[i].text);
        assert_string_equal(scn_param_source(doc, find(rows[i].name)), "default");
    }
    assert_string_equal(scn_param_source(doc, find("dvm.hop")), "assumed");
    scn_platform_free(&p, doc);
}

static void an_absent_structure_needs_nothing_and_counts_nothing(void **state)
{
    struct scn_platform p;
    struct scn_platform_doc *doc;
    (void)state;
    load_minimal("name: p", "name: p", &p, &doc);
    assert_int_equal(p.l1d.cfg.entries_n, 0);
    assert_int_equal(p.walk_cache[1][2].cfg.entries_n, 0);
    assert_true(scn_param_counts(&p, find("tlb.l1d.entries")));
    assert_true(scn_param_counts(&p, find("dvm.hop")));
    assert_false(scn_param_counts(&p, find("tlb.l1d.ways")));
    assert_false(scn_param_counts(&p, find("tlb.l2.ipa_sizes")));
    assert_false(scn_param_counts(&p, find("tlb.walk.s2l2.latency")));
    scn_platform_free(&p, doc);
}

/* One structure of 8 entries with the parameters that it needs. */
#define STRUCTURE(name, more)                                                          \
    name                                                                               \
        ": {entries: {value: 8, source: x}, ways: {value: 4, source: x}, "             \
        "replacement: {value: plru, source: x}, latency: {value: 1ns, source: x}" more \
        "}"
#define SIZES(list) ", sizes: {value: " list ", source: x}"

static void each_kind_of_entry_has_the_page_sizes_of_its_structure(void **state)
{
    static const char from[] = "    l1d: {entries: {value: 0, source: assumed}}\n"
                               "    l2: {entries: {value: 0, source: assumed}}\n";
    static const char to[] = "    " STRUCTURE(
        "l1d",
        SIZES(
            "[2M, 4K]")) "\n"
                         "    " STRUCTURE(
                             "l2",
                             SIZES(
                                 "[4K, 64K]") ", ipa_sizes: {value: [1G, 64K], "
                                              "source: x}") "\n"
                                                            "    " STRUCTURE(
                                                                "s2",
                                                                SIZES(
                                                                    "[4K, 1G]")) "\n"
                                                                                 "    "
                                                                                 "walk:"
                                                                                 "\n"
                                                                                 "     "
                                                                                 " " STRUCTURE(
                                                                                     "s"
                                                                                     "1"
                                                                                     "l"
                                                                                     "0",
                                                                                     "") "\n"
                                                                                         "      " STRUCTURE(
                                                                                             "s1l1",
                                                                                             "") "\n"
                                                                                                 "      " STRUCTURE(
                                                                                                     "s1l2",
                                                                                                     "") "\n"
                                                                                                         "      " STRUCTURE(
                                                                                                             "s2l2",
                                                                                                             "") "\n";
    struct scn_platform p;
    struct scn_platform_doc *doc;
    (void)state;
    load_minimal(from, to, &p, &doc);
    /* VAs of level 2 tables: 4K 2M, 16K 32M, 64K 512M, and so on upwards */
    const uint64_t t2 = SHIFT(21) | SHIFT(25) | SHIFT(29);
    const uint64_t t1 = SHIFT(30) | SHIFT(36) | SHIFT(42);
    const uint64_t t0 = SHIFT(39) | SHIFT(47);
    const struct {
        const struct tlb_cfg *cfg;
        uint64_t combined, s1_only, s2_only;
    } rows[] = {
        {&p.l1d.cfg, SHIFT(12) | SHIFT(21), 0, 0},
        {&p.l2.cfg, SHIFT(12) | SHIFT(16), 0, SHIFT(16) | SHIFT(30)},
        {&p.s2.cfg, 0, 0, SHIFT(12) | SHIFT(30)},
        {&p.walk_cache[0][0].cfg, t0, t0, 0},
        {&p.walk_cache[0][1].cfg, t1, t1, 0},
        {&p.walk_cache[0][2].cfg, t2, t2, 0},
        {&p.walk_cache[1][2].cfg, 0, 0, t2},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct tlb_cfg *cfg = rows[i].cfg;
        const uint64_t want[TLB_KINDS_N] = {[TLB_COMBINED] = rows[i].combined,
                                            [TLB_S1_ONLY] = rows[i].s1_only,
                                            [TLB_S2_ONLY] = rows[i].s2_only};
        uint64_t got[TLB_KINDS_N] = {0};
        for (unsigned k = 0; k < TLB_KINDS_N; k++)
            for (unsigned n = 0; n < cfg->sizes_n; n++)
                if (cfg->sizes_of[k] >> n & 1)
                    got[k] |= SHIFT(cfg->size_shifts[n]);
        if (memcmp(got, want, sizeof(got)) != 0)
            fail_msg("row %zu has other sizes", i);
        assert_int_equal(tlb_cfg_check(cfg), ARCH_OK);
        assert_int_equal(cfg->replacement, TLB_REPLACE_PLRU);
    }
    scn_platform_free(&p, doc);
}

static void choices_of_maintenance_hold_for_every_structure(void **state)
{
    static const char from[] = "    l1d: {entries: {value: 0, source: assumed}}\n";
    static const char to[] = "    " STRUCTURE(
        "l1d", SIZES("[4K]")) "\n"
                              "    walk: {" STRUCTURE(
                                  "s2l1",
                                  "") "}\n"
                                      "    tlbi_ipa: {value: combined, source: x}\n"
                                      "    tlbi_walk_cache: {value: all, source: x}\n";
    struct scn_platform p;
    struct scn_platform_doc *doc;
    (void)state;
    load_minimal(from, to, &p, &doc);
    assert_true(p.l1d.cfg.ipa_takes_combined && p.l1d.cfg.address_takes_tables);
    assert_true(p.walk_cache[1][1].cfg.ipa_takes_combined);
    assert_true(p.walk_cache[1][1].cfg.address_takes_tables);
    scn_platform_free(&p, doc);
    load_minimal(from, "    " STRUCTURE("l1d", SIZES("[4K]")) "\n", &p, &doc);
    assert_false(p.l1d.cfg.ipa_takes_combined || p.l1d.cfg.address_takes_tables);
    scn_platform_free(&p, doc);
}

static void json_leaves_out_the_parameters_of_absent_structures(void **state)
{
    char *text = NULL;
    size_t len;
    struct scn s;
    struct scn_diags d;
    (void)state;
    scratch_write("p.yaml", minimal);
    scratch_write("test.yaml",
                  "stage2sim: 1\nname: test\nplatform: p.yaml\nvms:\n"
                  "  - {name: g, vcpus: 1, memory: [{ipa: 0, size: 2MiB}],\n"
                  "     guest: {kind: idle}}\nvariants: [{name: keep}]\n");
    if (scn_load(scratch_path("test.yaml"), PLATFORM_DIR, &s, &d) != SCN_OK)
        fail_msg("%s", d.text[0]);
    FILE *f = open_memstream(&text, &len);
    scn_write_json(&s, f, 0);
    fclose(f);
    assert_non_null(strstr(text, "\"name\": \"tlb.s2.entries\",\n"
                                 "        \"value\": 0,\n        \"unit\": \"\",\n"
                                 "        \"source\": \"default\""));
    assert_null(strstr(text, "tlb.s2.ways"));
    assert_null(strstr(text, "tlb.l1d.latency"));
    free(text);
    scn_free(&s);
}

static int is_yaml(const struct dirent *e)
{
    return strstr(e->d_name, ".yaml") != NULL;
}

/* A shipped platform leaves nothing to a default but structures that it lacks. */
static void check_complete(const struct scn_platform *p,
                           const struct scn_platform_doc *doc)
{
    for (size_t i = 0; i < scn_params_n; i++) {
        const struct scn_param *param = &scn_params[i];
        const char *dot = strrchr(param->name, '.');
        bool lacks =
            dot && strcmp(dot, ".entries") == 0 && scn_param_get(p, param) == 0;
        bool time = param->kind == SCN_PARAM_TIME && param->entries;
        if (scn_param_counts(p, param) && !lacks && !time &&
            strcmp(scn_param_source(doc, param), "default") == 0)
            fail_msg("%s leaves %s to its default", p->name, param->name);
    }
}

static void every_shipped_platform_is_complete(void **state)
{
    struct dirent **files;
    int n = scandir(PLATFORM_DIR, &files, is_yaml, alphasort);
    (void)state;
    assert_in_range(n, 4, 1000);
    for (int i = 0; i < n; i++) {
        char path[600], name[300];
        struct scn_platform p;
        struct scn_platform_doc *doc;
        snprintf(path, sizeof(path), "%s/%s", PLATFORM_DIR, files[i]->d_name);
        load(path, &p, &doc);
        snprintf(name, sizeof(name), "%s.yaml", p.name);
        assert_string_equal(name, files[i]->d_name);
        for (size_t k = 0; k < scn_params_n; k++)
            assert_true(strlen(scn_param_source(doc, &scn_params[k])) > 0);
        check_complete(&p, doc);
        scn_platform_free(&p, doc);
        free(files[i]);
    }
    free(files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_parameter_with_a_default_may_be_left_out),
        cmocka_unit_test(an_absent_structure_needs_nothing_and_counts_nothing),
        cmocka_unit_test(each_kind_of_entry_has_the_page_sizes_of_its_structure),
        cmocka_unit_test(choices_of_maintenance_hold_for_every_structure),
        cmocka_unit_test(json_leaves_out_the_parameters_of_absent_structures),
        cmocka_unit_test(every_shipped_platform_is_complete),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
