/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/scenario/guest_test.c - closed loops, flushes, background TLBIs and what
 * the hypervisor's flush names: given values, defaults, JSON. */
#include "tests/unit/scenario/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MIB (UINT64_C(1) << 20)
#define NS UINT64_C(1000)

static const char base[] = "stage2sim: 1\n"
                           "name: test\n"
                           "platform: neoverse-n1-like\n"
                           "overrides: {feat.tlbirange: false}\n"
                           "vms:\n"
                           "  - name: guest\n"
                           "    vcpus: 3\n"
                           "    memory:\n"
                           "      - {ipa: 0x80000000, size: 4MiB}\n"
                           "      - {ipa: 0x40000000, size: 8MiB}\n"
                           "    guest: {GUEST}\n"
                           "variants:\n"
                           "  - {name: a}\n";

static void load(const char *from, const char *to, struct scn *s)
{
    scratch_load(base, from, to, s);
}

static void a_stream_has_the_documented_defaults(void **state)
{
    struct scn s;
    (void)state;
    load("{GUEST}", "{kind: stream, accesses: 5}", &s);
    const struct guest_stream *g = &s.vms[0].guest.stream;
    assert_int_equal(s.vms[0].guest.kind, GUEST_STREAM);
    assert_int_equal(g->pattern, GUEST_SEQUENTIAL);
    assert_int_equal(g->region_ipa.v, 0x40000000); /* the lowest */
    assert_int_equal(g->region_bytes, 8 * MIB);
    assert_int_equal(g->stride_bytes, 4096);
    assert_int_equal(g->accesses_n, 5);
    assert_int_equal(g->think_ps, 0);
    assert_int_equal(g->zipf_milli, 1000);
    assert_int_equal(g->write_ppm, 0);
    assert_int_equal(g->fetch_ppm, 0);
    assert_int_equal(s.duration_ps, 0); /* it has an end of its own */
    scratch_check_json(&s,
                       "\"kind\": \"stream\",\n        \"pattern\": \"sequential\",\n"
                       "        \"region_ipa\": \"0x40000000\",\n"
                       "        \"region_bytes\": 8388608,\n"
                       "        \"stride_bytes\": 4096,\n        \"accesses\": 5,\n"
                       "        \"think_ns\": 0,\n        \"writes_share\": 0,");
    scn_free(&s);
}

static void every_key_of_a_stream_is_read(void **state)
{
    static const struct {
        const char *word;
        enum guest_pattern pattern;
    } rows[] = {{"uniform", GUEST_UNIFORM}, {"chase", GUEST_CHASE}};
    struct scn s;
    (void)state;
    load("{GUEST}",
         "{kind: stream, pattern: zipf, zipf: 0.875, accesses: 1000000000000, "
         "stride: 128B, think: 3ns, writes: 30%, fetches: 20%, "
         "region: {ipa: 0x80100000, size: 1MiB}}",
         &s);
    const struct guest_stream *g = &s.vms[0].guest.stream;
    assert_int_equal(g->pattern, GUEST_ZIPF);
    assert_int_equal(g->region_ipa.v, 0x80100000);
    assert_int_equal(g->region_bytes, MIB);
    assert_int_equal(g->stride_bytes, 128);
    assert_int_equal(g->accesses_n, UINT64_C(1000000000000));
    assert_int_equal(g->think_ps, 3 * NS);
    assert_int_equal(g->zipf_milli, 875);
    assert_int_equal(g->write_ppm, 300000);
    assert_int_equal(g->fetch_ppm, 200000);
    scratch_check_json(&s, "\"zipf\": 0.875,\n        \"writes_share\": 0.3,\n"
                           "        \"fetches_share\": 0.2\n");
    scn_free(&s);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char guest[100];
        snprintf(guest, sizeof(guest), "{kind: stream, accesses: 1, pattern: %s}",
                 rows[i].word);
        load("{GUEST}", guest, &s);
        assert_int_equal(s.vms[0].guest.stream.pattern, rows[i].pattern);
        scn_free(&s);
    }
}

static void a_flush_has_the_documented_defaults(void **state)
{
    static const struct {
        const char *to;
        bool range;
        uint64_t whole_asid_pages;
    } rows[] = {
        /* Linux: MAX_DVM_OPS without range operations, MAX_TLBI_RANGE_PAGES with */
        {"{feat.tlbirange: false}", false, 512},
        {"{feat.tlbirange: true}", true, 2097152},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scn s;
        char to[300];
        snprintf(to, sizeof(to),
                 "%s\nvms:\n  - {name: g, vcpus: 3, memory: [{ipa: 0, size: 2MiB}],\n"
                 "     guest: {kind: flush, calls: 7}}\n",
                 rows[i].to);
        load("{feat.tlbirange: false}\nvms:\n  - name: guest\n    vcpus: 3\n"
             "    memory:\n      - {ipa: 0x80000000, size: 4MiB}\n"
             "      - {ipa: 0x40000000, size: 8MiB}\n    guest: {GUEST}\n",
             to, &s);
        const struct guest_flush *g = &s.vms[0].guest.flush;
        assert_int_equal(s.vms[0].guest.kind, GUEST_FLUSH);
        assert_int_equal(g->issuers_n, 3); /* all */
        assert_int_equal(g->calls_n, 7);
        assert_int_equal(g->pages_n, 1);
        assert_int_equal(g->whole_asid_pages, rows[i].whole_asid_pages);
        assert_int_equal(g->range, rows[i].range);
        assert_int_equal(g->think_ps, 0);
        assert_int_equal(g->region_ipa.v, 0);
        assert_int_equal(g->region_bytes, 2 * MIB);
        scn_free(&s);
    }
}

static void every_key_of_a_flush_is_read(void **state)
{
    struct scn s;
    (void)state;
    load("{GUEST}",
         "{kind: flush, issuers: 2, calls: 9, pages: 4, whole_asid_pages: 0, "
         "range: false, think: 5ns, region: {ipa: 0x80000000, size: 16KiB}}",
         &s);
    const struct guest_flush *g = &s.vms[0].guest.flush;
    assert_int_equal(g->issuers_n, 2);
    assert_int_equal(g->pages_n, 4);
    assert_int_equal(g->whole_asid_pages, 0);
    assert_false(g->range);
    assert_int_equal(g->think_ps, 5 * NS);
    assert_int_equal(g->region_ipa.v, 0x80000000);
    assert_int_equal(g->region_bytes, 16384);
    scratch_check_json(&s,
                       "\"kind\": \"flush\",\n        \"issuers\": 2,\n"
                       "        \"calls\": 9,\n        \"pages\": 4,\n"
                       "        \"whole_asid_pages\": 0,\n        \"range\": false,\n"
                       "        \"think_ns\": 5,\n"
                       "        \"region_ipa\": \"0x80000000\",\n"
                       "        \"region_bytes\": 16384\n");
    scn_free(&s);
}

static void background_tlbis_are_read(void **state)
{
    static const struct {
        const char *keys;
        bool poisson;
        enum arch_tlbi_op op;
        const char *json;
    } rows[] = {
        {"", true, ARCH_TLBI_VMALLS12,
         "\"arrival\": \"poisson\",\n    \"op\": \"vmalls12e1\""},
        {", arrival: poisson", true, ARCH_TLBI_VMALLS12, "\"poisson\""},
        {", arrival: fixed", false, ARCH_TLBI_VMALLS12, "\"fixed\""},
        {", op: vmalls12e1", true, ARCH_TLBI_VMALLS12, "\"vmalls12e1\""},
        {", op: vmalle1", true, ARCH_TLBI_VMALL, "\"vmalle1\""},
        {", op: vae1", true, ARCH_TLBI_VA, "\"vae1\""},
        {", op: ipas2e1", true, ARCH_TLBI_IPAS2, "\"ipas2e1\""},
        {", op: aside1", true, ARCH_TLBI_ASID, "\"aside1\""},
        {", op: alle1", true, ARCH_TLBI_ALL, "\"alle1\""},
    };
    struct scn s;
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char to[200];
        snprintf(to, sizeof(to), "{kind: idle}\nbackground: {interval: 10us%s}",
                 rows[i].keys);
        load("{GUEST}", to, &s);
        assert_int_equal(s.background.interval_ps, 10000 * NS);
        assert_int_equal(s.background.poisson, rows[i].poisson);
        assert_int_equal(s.background.op, rows[i].op);
        scratch_check_json(&s, "\"background\": {\n    \"interval_ns\": 10000,\n");
        scratch_check_json(&s, rows[i].json);
        scn_free(&s);
    }
    load("{GUEST}", "{kind: idle}", &s);
    assert_int_equal(s.background.interval_ps, 0); /* none */
    scratch_check_json(&s, "\"background\": {\n    \"interval_ns\": 0\n  },");
    scn_free(&s);
}

static void a_flush_names_what_variant_hypervisor_or_platform_say(void **state)
{
    static const struct {
        const char *overrides, *hypervisor, *variant;
        enum hyp_tlbi tlbi;
        enum hyp_repeat repeat;
        bool ttl;
    } rows[] = {
        {"", "", "", HYP_TLBI_VMID, HYP_REPEAT_NONE, false},
        {"feat.ttl: true, feat.repeat_tlbi: sync", "", "", HYP_TLBI_VMID,
         HYP_REPEAT_SYNC, true},
        {"feat.repeat_tlbi: sync", "repeat_tlbi: each", "", HYP_TLBI_VMID,
         HYP_REPEAT_EACH, false},
        {"feat.repeat_tlbi: sync", "repeat_tlbi: each", ", repeat_tlbi: none",
         HYP_TLBI_VMID, HYP_REPEAT_NONE, false},
        {"", "tlbi: ipa", "", HYP_TLBI_IPA, HYP_REPEAT_NONE, false},
        {"feat.tlbirange: true", "tlbi: ipa", ", tlbi: range", HYP_TLBI_RANGE,
         HYP_REPEAT_NONE, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scn s;
        struct scn_diags d;
        char text[600];
        snprintf(text, sizeof(text),
                 "stage2sim: 1\nname: test\nplatform: neoverse-n1-like\n"
                 "overrides: {%s}\nhypervisor: {%s}\nvms:\n"
                 "  - {name: g, vcpus: 1, memory: [{ipa: 0, size: 2MiB}],\n"
                 "     guest: {kind: idle}}\nvariants:\n  - {name: a%s}\n",
                 rows[i].overrides, rows[i].hypervisor, rows[i].variant);
        scratch_write("test.yaml", text);
        if (scn_load(scratch_path("test.yaml"), PLATFORM_DIR, &s, &d) != SCN_OK)
            fail_msg("row %zu: %s", i, d.text[0]);
        const struct hyp_cfg *hyp = &s.variants[0].hyp;
        if (hyp->tlbi != rows[i].tlbi || hyp->repeat != rows[i].repeat ||
            hyp->ttl != rows[i].ttl)
            fail_msg("row %zu: got tlbi %d, repeat %d, ttl %d", i, hyp->tlbi,
                     hyp->repeat, hyp->ttl);
        scn_free(&s);
        scn_diags_free(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_has_the_documented_defaults),
        cmocka_unit_test(every_key_of_a_stream_is_read),
        cmocka_unit_test(a_flush_has_the_documented_defaults),
        cmocka_unit_test(every_key_of_a_flush_is_read),
        cmocka_unit_test(background_tlbis_are_read),
        cmocka_unit_test(a_flush_names_what_variant_hypervisor_or_platform_say),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
