/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/scenario/shipped_test.c - the shipped scenarios with their defaults. */
#include "model/scenario/params.h"
#include "tests/unit/scenario/scratch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GIB (UINT64_C(1) << 30)
#define MIB (UINT64_C(1) << 20)
#define US UINT64_C(1000000)

static void load(const char *name, struct scn *s)
{
    struct scn_diags d;
    char path[500];
    snprintf(path, sizeof(path), "%s/scenarios/%s.yaml", STAGE2SIM_SOURCE_DIR, name);
    if (scn_load(path, PLATFORM_DIR, s, &d) != SCN_OK)
        fail_msg("%s", d.text[0]);
    scn_diags_free(&d);
}

static void load_text(const char *text, struct scn *s)
{
    struct scn_diags d;
    scratch_write("test.yaml", text);
    if (scn_load(scratch_path("test.yaml"), PLATFORM_DIR, s, &d) != SCN_OK)
        fail_msg("%s", d.text[0]);
    scn_diags_free(&d);
}

static void coalesce_1g_has_the_machine_of_the_storm(void **state)
{
    struct scn s;
    (void)state;
    load("storms/coalesce-1g", &s);
    assert_string_equal(s.name, "coalesce-1g");
    assert_int_equal(s.pes_n, 24);
    assert_int_equal(s.vms[0].vcpus_n, 20);
    assert_int_equal(s.vms[0].memory_n, 1);
    assert_int_equal(s.vms[0].memory[0].bytes, GIB);
    assert_int_equal(s.vms[0].memory[0].map_shift, 12);
    assert_int_equal(s.vms[0].memory[0].backing_shift, 30);
    assert_true(s.vms[0].memory[0].writable);
    assert_int_equal(s.events_n, 1);
    assert_int_equal(s.events[0].block_shift, 30);
    assert_int_equal(s.events[0].at_ps, 11000 * US);
    assert_int_equal(s.vms[0].guest.requests.load_ppm, 600000);
    assert_int_equal(s.seeds_n, 20);
    assert_int_equal(s.measure_from_ps, 10000 * US);
    assert_int_equal(s.duration_ps, 40000 * US);
    assert_int_equal(s.slo_ps, 20 * US);
    assert_int_equal(s.expects_n, 2);
    assert_true(s.expects[0].min > 0 && isinf(s.expects[0].max));
    scn_free(&s);
}

static void coalesce_1g_compares_five_variants_at_equal_lock_and_clean(void **state)
{
    static const struct {
        const char *name;
        enum hyp_sequence sequence;
        enum walk_nt_response nt_response;
    } rows[] = {
        {"bbm", HYP_SEQ_BBM, WALK_NT_TRANSLATE},
        {"bbm-early", HYP_SEQ_BBM_EARLY, WALK_NT_TRANSLATE},
        {"nt", HYP_SEQ_NT, WALK_NT_TRANSLATE},
        {"nt-fault", HYP_SEQ_NT, WALK_NT_FAULT},
        {"keep", HYP_SEQ_KEEP, WALK_NT_TRANSLATE},
    };
    struct scn s;
    (void)state;
    load("storms/coalesce-1g", &s);
    assert_int_equal(s.variants_n, sizeof(rows) / sizeof(rows[0]));
    for (size_t i = 0; i < s.variants_n; i++) {
        const struct scn_variant *v = &s.variants[i];
        assert_string_equal(v->name, rows[i].name);
        assert_int_equal(v->hyp.sequence, rows[i].sequence);
        assert_int_equal(v->hyp.lock, HYP_LOCK_EXCLUSIVE);
        assert_int_equal(v->hyp.clean, HYP_CLEAN_NONE);
        assert_int_equal(v->nt_response, rows[i].nt_response);
        assert_false(v->nt_cache_fragment);
    }
    scn_free(&s);
}

static void kvm_trace_starts_from_the_recorded_tables(void **state)
{
    struct scn s;
    (void)state;
    load("storms/kvm-trace", &s);
    const struct scn_memory *m = &s.vms[0].memory[0];
    assert_int_equal(s.vms[0].guest.kind, GUEST_REPLAY);
    assert_int_equal(s.vms[0].guest.trace_slot, 1);
    assert_non_null(
        strstr(s.vms[0].guest.trace_path, "/scenarios/storms/../traces/kvm612"));
    assert_int_equal(s.vms[0].vcpus_n, 4);
    assert_int_equal(s.pes_n, 5);
    assert_int_equal(m->ipa.v, UINT64_C(0xfff7e00000));
    assert_int_equal(m->pa.v, m->ipa.v);
    assert_int_equal(m->bytes, 128 * MIB);
    assert_int_equal(m->pages_n, 2);
    assert_true(m->pages[0].first == 0 && m->pages[0].last == 0 &&
                m->pages[0].writable);
    assert_true(m->pages[1].first == 256 && m->pages[1].last == 511 &&
                !m->pages[1].writable);
    assert_int_equal(s.variants_n, 1);
    assert_int_equal(s.variants[0].hyp.sequence, HYP_SEQ_BBM_EARLY);
    assert_int_equal(s.variants[0].hyp.lock, HYP_LOCK_SHARED);
    assert_int_equal(s.variants[0].hyp.clean, HYP_CLEAN_IN_WINDOW); /* no S2FWB */
    scn_free(&s);
}

/* With and without S2FWB: the second half has nothing to clean, and lacks kvm-5.10. */
static void fault_paths_are_compared_with_and_without_a_clean(void **state)
{
    static const char *const names[] = {"storms/fault-paths-1g",
                                        "storms/fault-paths-2m"};
    static const struct hyp_cpu cpu = {.tlbirange = true, .ttl = true};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct scn s;
        load(names[i], &s);
        assert_int_equal(s.vms[0].memory[0].backing_shift, i == 0 ? 30 : 21);
        assert_int_equal(s.variants_n, 2 * HYP_PATHS_N - 1);
        for (unsigned k = 0; k < 2 * HYP_PATHS_N - 1; k++) {
            const bool cleans = k < HYP_PATHS_N;
            const unsigned path = cleans ? k : k - HYP_PATHS_N + 1;
            struct hyp_cfg want = hyp_path_defaults((enum hyp_path)path, &cpu);
            if (!cleans)
                want.clean = HYP_CLEAN_NONE;
            assert_memory_equal(&s.variants[k].hyp, &want,
                                offsetof(struct hyp_cfg, ttl) + sizeof(want.ttl));
        }
        scn_free(&s);
    }
}

static void storms_on_demand_begin_when_a_migration_is_cancelled(void **state)
{
    static const char *const names[] = {"storms/coalesce-20g-on-demand",
                                        "storms/coalesce-2m-mainline"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct scn s;
        load(names[i], &s);
        const struct scn_memory *m = &s.vms[0].memory[0];
        const uint32_t pages = 1u << (m->backing_shift - m->map_shift);
        assert_int_equal(m->bytes, i == 0 ? 20 * GIB : GIB);
        assert_int_equal(pages, i == 0 ? 262144 : 512);
        assert_int_equal(m->pages_n, 2); /* a writable page, holes, read-only pages */
        assert_true(m->pages[0].last == 0 && m->pages[0].writable);
        assert_true(m->pages[1].first == pages / 2 && !m->pages[1].writable);
        assert_int_equal(s.vms[0].vcpus_n, 20);
        assert_int_equal(s.events_n, 2);
        assert_int_equal(s.events[0].kind, SCN_EVENT_LOG_START);
        assert_true(s.events[0].manual);
        assert_int_equal(s.events[1].kind, SCN_EVENT_LOG_STOP);
        for (size_t k = 1; k < s.variants_n; k++)
            assert_int_equal(s.variants[k].hyp.clean, s.variants[0].hyp.clean);
        scn_free(&s);
    }
}

static void absent_keys_have_the_documented_defaults(void **state)
{
    struct scn s;
    (void)state;
    load("good/one-vcpu", &s);
    assert_int_equal(s.vms[0].ipa_bits, 40);
    assert_int_equal(s.vms[0].vtcr.tg, ARCH_TG_4K);
    assert_int_equal(s.vms[0].vtcr.t0sz, 24);
    assert_int_equal(s.vms[0].memory[0].map_shift, 12);
    assert_int_equal(s.vms[0].memory[0].backing_shift, 12);
    assert_int_equal(s.vms[0].memory[0].pages_n, 0);
    assert_int_equal(s.vms[0].guest.steps_n, 3);
    assert_int_equal(s.vms[0].guest.steps[2].access, ARCH_WRITE);
    assert_int_equal(s.vms[0].guest.steps[2].at_ps, 2 * US);
    assert_int_equal(s.events_n, 0);
    assert_int_equal(s.seed_first, 1);
    assert_int_equal(s.duration_ps, 0);
    assert_int_equal(s.measure_from_ps, 0);
    assert_int_equal(s.slo_ps, 0);
    assert_int_equal(s.timeline_bin_ps, 100 * US);
    scn_free(&s);
    load("good/coalesce-2m", &s);
    assert_int_equal(s.pes_n, 3); /* one for the host thread */
    assert_int_equal(s.vms[0].guest.requests.arrival, GUEST_ARRIVAL_POISSON);
    assert_int_equal(s.vms[0].guest.requests.load_ppm, 0);
    assert_int_equal(s.vms[0].guest.requests.region_ipa.v, 0x40000000);
    assert_int_equal(s.vms[0].guest.requests.region_bytes, 2 * MIB);
    assert_int_equal(s.vms[0].guest.requests.hot_bytes, 0);
    assert_int_equal(s.variants[0].hyp.clean, HYP_CLEAN_NONE); /* S2FWB */
    scn_free(&s);
}

static const char small[] =
    "stage2sim: 1\n"
    "name: test\n"
    "platform: neoverse-v2-like\n"
    "overrides: {clock: 1GHz, dvm.hop: 7 cycles}\n"
    "vms:\n"
    "  - name: guest\n"
    "    vcpus: 1\n"
    "    memory:\n"
    "      - {ipa: 0x80000000, size: 4MiB, backing: 2M}\n"
    "      - {ipa: 0x40000000, size: 4MiB, backing: 2M}\n"
    "    guest: {kind: idle}\n"
    "hypervisor: {sequence: bbm, clean: before}\n"
    "events:\n"
    "  - {at: 3us, coalesce: {ipa: 0x80000000, size: 2MiB, block: 2M}}\n"
    "  - {at: 1us, coalesce: {ipa: 0x40000000, size: 2MiB, block: 2M}}\n"
    "  - {at: 3us, coalesce: {ipa: 0x80200000, size: 2MiB, block: 2M}}\n"
    "variants:\n"
    "  - {name: a}\n"
    "  - {name: b, sequence: nt, clean: none, lock: exclusive, nt_cache: "
    "page-fragment}\n";

static void events_and_regions_are_sorted(void **state)
{
    struct scn s;
    (void)state;
    load_text(small, &s);
    assert_int_equal(s.events[0].ipa.v, 0x40000000);
    assert_int_equal(s.events[1].ipa.v, 0x80000000); /* of one time in file order */
    assert_int_equal(s.events[2].ipa.v, 0x80200000);
    assert_int_equal(s.events[0].pos.line, 15);
    assert_int_equal(s.events[0].pos.col, 5);
    assert_string_equal(s.events[0].pos.file, s.file);
    assert_int_equal(s.vms[0].memory[0].ipa.v, 0x40000000);
    scn_free(&s);
}

static void a_variant_goes_before_hypervisor_and_that_before_the_path(void **state)
{
    struct scn s;
    (void)state;
    load_text(small, &s);
    assert_int_equal(s.variants[0].hyp.sequence, HYP_SEQ_BBM);
    assert_int_equal(s.variants[0].hyp.clean, HYP_CLEAN_BEFORE);
    assert_int_equal(s.variants[0].hyp.lock, HYP_LOCK_SHARED);
    assert_int_equal(s.variants[1].hyp.sequence, HYP_SEQ_NT);
    assert_int_equal(s.variants[1].hyp.clean, HYP_CLEAN_NONE);
    assert_int_equal(s.variants[1].hyp.lock, HYP_LOCK_EXCLUSIVE);
    assert_true(s.variants[1].nt_cache_fragment);
    scn_free(&s);
}

static void an_override_changes_value_and_source_and_cycles_follow_the_clock(
    void **state)
{
    struct scn s;
    (void)state;
    load_text(small, &s);
    assert_int_equal(s.platform.dvm.hop_ps, 7000);
    assert_int_equal(s.platform.l2.latency_ps, 6000); /* 6 cycles in the file */
    assert_string_equal(scn_param_source(s.platform_doc, scn_param_find("dvm.hop")),
                        "scenario");
    assert_string_equal(scn_param_source(s.platform_doc, scn_param_find("dvm.dsb")),
                        "assumed");
    scn_free(&s);
}

static char *json_of(const struct scn *s, int indent)
{
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);
    assert_non_null(f);
    scn_write_json(s, f, indent);
    fclose(f);
    return text;
}

static void json_tells_resolved_values_with_unit_and_source(void **state)
{
    static const char *const parts[] = {
        "{\n    \"format\": 1,\n    \"name\": \"test\",\n",
        "\"name\": \"dvm.hop\",\n          \"value\": 7,\n          \"unit\": \"ns\",\n"
        "          \"source\": \"scenario\"",
        "\"name\": \"hyp.clean_line\",\n          \"value\": 7.75,\n",
        "\"pes\": 2,",
        "\"ipa\": \"0x40000000\",",
        "\"at_ns\": 3000,",
        "\"path\": \"kvm-6.2\",\n        \"sequence\": \"nt\",\n"
        "        \"lock\": \"exclusive\",\n        \"identical\": \"skip\",\n"
        "        \"relax\": \"broadcast\",\n        \"clean\": \"none\",\n"
        "        \"icache\": \"none\",\n        \"tear_down\": \"after-unlock\",\n"
        "        \"tlbi\": \"vmid\",\n        \"unmap\": \"each-leaf\",\n"
        "        \"split\": \"lazy\",\n        \"af\": \"hardware\",\n"
        "        \"dirty\": \"fault\",\n"
        "        \"repeat_tlbi\": \"none\",\n        \"conflict_handler\": \"stop\",\n"
        "        \"vtcr_policy\": \"per-cpu\",\n        \"vmids\": \"per-pe\",\n"
        "        \"defect\": \"none\",\n"
        "        \"nt_response\": \"translate\",\n"
        "        \"nt_cache\": \"page-fragment\",\n        \"conflict\": \"abort\"",
        "\"expect\": []\n  }",
    };
    struct scn s;
    (void)state;
    load_text(small, &s);
    char *text = json_of(&s, 2);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (!strstr(text, parts[i]))
            fail_msg("the JSON lacks %s:\n%s", parts[i], text);
    free(text);
    scn_free(&s);
}

static void json_does_not_depend_on_where_the_file_lies(void **state)
{
    struct scn here, there;
    (void)state;
    char *source =
        scratch_read(STAGE2SIM_SOURCE_DIR "/scenarios/storms/coalesce-1g.yaml");
    load_text(source, &there);
    load("storms/coalesce-1g", &here);
    char *a = json_of(&here, 0), *b = json_of(&there, 0);
    assert_string_equal(a, b);
    free(a);
    free(b);
    free(source);
    scn_free(&here);
    scn_free(&there);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coalesce_1g_has_the_machine_of_the_storm),
        cmocka_unit_test(coalesce_1g_compares_five_variants_at_equal_lock_and_clean),
        cmocka_unit_test(kvm_trace_starts_from_the_recorded_tables),
        cmocka_unit_test(fault_paths_are_compared_with_and_without_a_clean),
        cmocka_unit_test(storms_on_demand_begin_when_a_migration_is_cancelled),
        cmocka_unit_test(absent_keys_have_the_documented_defaults),
        cmocka_unit_test(events_and_regions_are_sorted),
        cmocka_unit_test(a_variant_goes_before_hypervisor_and_that_before_the_path),
        cmocka_unit_test(
            an_override_changes_value_and_source_and_cycles_follow_the_clock),
        cmocka_unit_test(json_tells_resolved_values_with_unit_and_source),
        cmocka_unit_test(json_does_not_depend_on_where_the_file_lies),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
