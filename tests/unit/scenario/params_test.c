/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/scenario/params_test.c - the table of platform parameters. */
#include "model/scenario/params.h"
#include "tests/unit/scenario/scratch.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct scn_param *find(const char *name)
{
    const struct scn_param *param = scn_param_find(name);
    if (!param)
        fail_msg("no parameter %s", name);
    return param;
}

static void load(const char *name, struct scn_platform *p,
                 struct scn_platform_doc **doc)
{
    struct scn_diags d;
    char path[500];
    snprintf(path, sizeof(path), "%s/%s.yaml", PLATFORM_DIR, name);
    if (scn_platform_load(path, p, doc, &d) != SCN_OK)
        fail_msg("%s", d.text[0]);
}

static void each_parameter_sets_its_own_member_only(void **state)
{
    (void)state;
    for (size_t i = 0; i < scn_params_n; i++) {
        struct scn_platform p = {.name = NULL};
        uint64_t want = scn_params[i].kind == SCN_PARAM_PAGES ? 1u << 12 | 1u << 21 : 1;
        scn_param_set(&p, &scn_params[i], want);
        for (size_t k = 0; k < scn_params_n; k++) {
            uint64_t got = scn_param_get(&p, &scn_params[k]);
            if (got != (k == i ? want : 0))
                fail_msg("%s set, %s reads %" PRIu64, scn_params[i].name,
                         scn_params[k].name, got);
        }
    }
}

static void names_reach_the_members_they_stand_for(void **state)
{
    struct scn_platform p;
    struct scn_platform_doc *doc;
    (void)state;
    load("neoverse-v2-like", &p, &doc);
    const struct {
        const char *name;
        uint64_t member;
    } rows[] = {
        {"clock", p.clock_khz},
        {"feat.pa_bits", p.feat.pa_bits},
        {"tlb.l1d.entries", p.l1d.cfg.entries_n},
        {"tlb.l1d.latency", p.l1d.latency_ps},
        {"tlb.l2.ways", p.l2.cfg.ways_n},
        {"mem.l2.size", p.mem.pe_l2.bytes},
        {"mem.llc.latency", p.mem.llc.latency_ps},
        {"tlb.l2.other_size", p.l2.other_size_ps},
        {"tlb.walk.s1l2.entries", p.walk_cache[0][2].cfg.entries_n},
        {"tlb.walk.s2l1.entries", p.walk_cache[1][1].cfg.entries_n},
        {"walker.parallel", p.pe.walks_n},
        {"dvm.service_asid", p.dvm.service_asid_ps},
        {"dvm.hop", p.dvm.hop_ps},
        {"dvm.outstanding", p.dvm.outstanding_n},
        {"hyp.exit", p.hyp.exit_ps},
        {"hyp.clean_line", p.hyp.clean_line_ps},
        {"hyp.icache_line", p.hyp.icache_line_ps},
        {"hyp.host_page", p.hyp.host_page_ps},
        {"hyp.zero_line", p.hyp.zero_line_ps},
        {"hyp.vtcr_load", p.hyp.vtcr_load_ps},
        {"hyp.switch", p.hyp.switch_ps},
        {"hyp.slice", p.hyp.slice_ps},
        {"mem.llc.line", p.mem.llc_line_ps},
        {"mem.dram_line", p.mem.dram_line_ps},
        {"mem.dram_queue", p.mem.dram_queue_ps},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(scn_param_get(&p, find(rows[i].name)), rows[i].member);
    scn_platform_free(&p, doc);
}

static void shipped_platforms_have_the_geometry_of_the_manuals(void **state)
{
    static const struct {
        const char *platform, *param, *text;
    } rows[] = {
        {"neoverse-v2-like", "tlb.l1d.entries", "48"},
        {"neoverse-v2-like", "tlb.l1d.ways", "48"}, /* full */
        {"neoverse-v2-like", "tlb.l1d.sizes", "4K, 16K, 64K, 2M, 512M"},
        {"neoverse-v2-like", "tlb.l2.entries", "2048"},
        {"neoverse-v2-like", "tlb.l2.ways", "8"},
        {"neoverse-v2-like", "tlb.l2.latency", "2143ps"}, /* 6 cycles of 2.8 GHz */
        {"neoverse-v2-like", "walker.prefetch", "next-page"},
        {"neoverse-v2-like", "feat.tlbirange", "true"},
        {"neoverse-v2-like", "feat.bbm_level", "2"},
        {"neoverse-v2-like", "feat.s2fwb", "true"},
        {"neoverse-v2-like", "feat.nt_response", "translate"},
        {"neoverse-n1-like", "tlb.l2.entries", "1280"},
        {"neoverse-n1-like", "tlb.l2.ways", "5"},
        {"neoverse-n1-like", "tlb.l2.latency", "1ns"}, /* 3 cycles of 3 GHz */
        {"neoverse-n1-like", "tlb.l2.ipa_sizes", "2M, 32M, 512M, 1G"},
        {"neoverse-n1-like", "pe.outstanding", "6"},
        {"neoverse-n1-like", "walker.parallel", "4"},
        {"neoverse-n1-like", "walker.prefetch", "none"},
        {"neoverse-n1-like", "feat.ttl", "false"},
        {"neoverse-n1-like", "feat.tlbirange", "false"},
        {"neoverse-n1-like", "feat.bbm_level", "0"},
        {"neoverse-n1-like", "feat.s2fwb", "false"},
        {"neoverse-n1-like", "feat.dic", "false"},
        {"cortex-a53-like", "tlb.l1d.entries", "10"},
        {"cortex-a53-like", "tlb.l2.entries", "512"},
        {"cortex-a53-like", "tlb.l2.ways", "4"},
        {"cortex-a53-like", "tlb.l2.ipa_sizes", "none"},
        {"cortex-a53-like", "tlb.s2.entries", "64"},
        {"cortex-a53-like", "tlb.s2.ways", "4"},
        {"cortex-a53-like", "tlb.s2.sizes", "4K, 64K, 2M, 512M"}, /* 1G is split */
        {"cortex-a53-like", "tlb.walk.s1l2.entries", "64"},
        {"cortex-a53-like", "tlb.walk.s1l2.ways", "4"},
        {"tlbi-range-server", "feat.tlbirange", "false"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scn_platform p;
        struct scn_platform_doc *doc;
        char text[SCN_PARAM_TEXT_MAX];
        load(rows[i].platform, &p, &doc);
        scn_param_text(&p, find(rows[i].param), text);
        if (strcmp(text, rows[i].text) != 0)
            fail_msg("%s %s: got %s, want %s", rows[i].platform, rows[i].param, text,
                     rows[i].text);
        scn_platform_free(&p, doc);
    }
}

static void every_parameter_is_documented_with_its_default(void **state)
{
    (void)state;
    char *docs = scratch_read(STAGE2SIM_SOURCE_DIR "/docs/scenario-format.md");
    for (size_t i = 0; i < scn_params_n; i++) {
        const struct scn_param *param = &scn_params[i];
        char cells[300], def[100];
        snprintf(cells, sizeof(cells), "| `%s` | %s | ", param->name, param->what);
        const char *row = strstr(docs, cells);
        if (!row)
            fail_msg("docs/scenario-format.md lacks %s", cells);
        if (param->def)
            snprintf(def, sizeof(def), " | `%s` | ", param->def);
        else if (param->same_as)
            snprintf(def, sizeof(def), " | that of `%s` | ", param->same_as);
        else
            snprintf(def, sizeof(def), " | required%s | ",
                     param->entries ? " with entries" : "");
        const char *found = strstr(row, def);
        if (!found || found > strchr(row, '\n'))
            fail_msg("%s has not the default%s", cells, def);
    }
    free(docs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_parameter_sets_its_own_member_only),
        cmocka_unit_test(names_reach_the_members_they_stand_for),
        cmocka_unit_test(shipped_platforms_have_the_geometry_of_the_manuals),
        cmocka_unit_test(every_parameter_is_documented_with_its_default),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
