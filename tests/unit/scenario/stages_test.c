/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/scenario/stages_test.c - guests in stages and memory that is not mapped
 * before the run: given values, defaults, JSON. */
#include "tests/unit/scenario/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define KIB UINT64_C(1024)
#define MIB (UINT64_C(1) << 20)
#define NS UINT64_C(1000)

static const char base[] =
    "stage2sim: 1\n"
    "name: test\n"
    "platform: neoverse-v2-like\n"
    "vms:\n"
    "  - name: guest\n"
    "    vcpus: 3\n"
    "    memory:\n"
    "      - {ipa: 0x80000000, size: 4MiB, map: 2M}\n"
    "      - {ipa: 0x40000000, size: 8MiB, map: none, backing: 2M}\n"
    "    guest: {GUEST}\n"
    "variants:\n"
    "  - {name: a}\n";

static void load(const char *from, const char *to, struct scn *s)
{
    scratch_load(base, from, to, s);
}

static void a_page_table_test_has_the_documented_defaults(void **state)
{
    struct scn s;
    (void)state;
    load("{GUEST}", "{kind: kvm_page_table_test}", &s);
    const struct guest_page_table_test *g = &s.vms[0].guest.page_table_test;
    assert_int_equal(s.vms[0].guest.kind, GUEST_PAGE_TABLE_TEST);
    assert_int_equal(g->region_ipa.v, 0x40000000); /* the lowest */
    assert_int_equal(g->region_bytes, 8 * MIB);
    assert_int_equal(g->block_bytes, 2 * MIB); /* its backing */
    assert_int_equal(g->page_bytes, 4096);
    assert_int_equal(g->think_ps, 0);
    assert_int_equal(s.pes_n, 4); /* one for the host */
    scn_free(&s);
}

static void every_key_of_a_page_table_test_is_read(void **state)
{
    struct scn s;
    (void)state;
    load("{GUEST}",
         "{kind: kvm_page_table_test, region: {ipa: 0x80200000, size: 64KiB}, "
         "block: 4K, think: 3ns}",
         &s);
    const struct guest_page_table_test *g = &s.vms[0].guest.page_table_test;
    assert_int_equal(g->region_ipa.v, 0x80200000);
    assert_int_equal(g->region_bytes, 64 * KIB);
    assert_int_equal(g->block_bytes, 4096);
    assert_int_equal(g->think_ps, 3 * NS);
    scratch_check_json(&s,
                       "\"kind\": \"kvm_page_table_test\",\n"
                       "        \"region_ipa\": \"0x80200000\",\n"
                       "        \"region_bytes\": 65536,\n"
                       "        \"block_bytes\": 4096,\n        \"page_bytes\": 4096,\n"
                       "        \"think_ns\": 3\n");
    scn_free(&s);
}

static void a_dirty_log_test_has_the_defaults_of_the_kernel(void **state)
{
    struct scn s;
    (void)state;
    load("{GUEST}", "{kind: dirty_log_perf_test, vcpu_bytes: 1MiB}", &s);
    const struct guest_dirty_log_test *g = &s.vms[0].guest.dirty_log_test;
    assert_int_equal(s.vms[0].guest.kind, GUEST_DIRTY_LOG_TEST);
    assert_int_equal(g->region_ipa.v, 0x40000000);
    assert_int_equal(g->vcpu_bytes, MIB);
    assert_int_equal(g->page_bytes, 4096);
    assert_int_equal(g->iterations_n, 2); /* Linux: TEST_HOST_LOOP_N */
    assert_int_equal(g->write_every, 0);
    assert_int_equal(g->write_ppm, 1000000);
    assert_true(g->manual_protect);
    assert_false(g->overlap || g->random || g->run_while_disabling);
    assert_int_equal(g->think_ps, 0);
    scratch_check_json(&s, "\"iterations\": 2,\n        \"writes_share\": 1,\n"
                           "        \"overlap\": false,\n        \"random\": false,\n"
                           "        \"manual_protect\": true,\n"
                           "        \"run_while_disabling\": false,\n");
    scn_free(&s);
}

static void every_key_of_a_dirty_log_test_is_read(void **state)
{
    struct scn s;
    (void)state;
    load("{GUEST}",
         "{kind: dirty_log_perf_test, ipa: 0x80100000, vcpu_bytes: 1MiB, "
         "iterations: 5, write_every: 3, overlap: true, random: true, "
         "manual_protect: false, run_while_disabling: true, think: 2ns}",
         &s);
    const struct guest_dirty_log_test *g = &s.vms[0].guest.dirty_log_test;
    assert_int_equal(g->region_ipa.v, 0x80100000);
    assert_int_equal(g->iterations_n, 5);
    assert_int_equal(g->write_every, 3);
    assert_true(g->overlap && g->random && g->run_while_disabling);
    assert_false(g->manual_protect);
    assert_int_equal(g->think_ps, 2 * NS);
    scratch_check_json(
        &s, "\"region_ipa\": \"0x80100000\",\n"
            "        \"vcpu_bytes\": 1048576,\n        \"page_bytes\": 4096,\n"
            "        \"iterations\": 5,\n        \"write_every\": 3,\n");
    scn_free(&s);
    load("{GUEST}", "{kind: dirty_log_perf_test, vcpu_bytes: 4KiB, writes: 25%}", &s);
    assert_int_equal(s.vms[0].guest.dirty_log_test.write_ppm, 250000);
    scn_free(&s);
}

static void check_actions(const struct guest_host_actions *a,
                          const enum guest_host_action *want, uint32_t n)
{
    assert_int_equal(a->n, n);
    for (uint32_t i = 0; i < n; i++)
        assert_int_equal(a->list[i], want[i]);
}

static void stages_are_streams_with_work_of_the_host(void **state)
{
    static const enum guest_host_action on[] = {GUEST_HOST_LOG_ON};
    static const enum guest_host_action get[] = {GUEST_HOST_LOG_GET,
                                                 GUEST_HOST_LOG_CLEAR};
    static const enum guest_host_action off[] = {GUEST_HOST_LOG_OFF,
                                                 GUEST_HOST_COALESCE};
    struct scn s;
    (void)state;
    load("{GUEST}",
         "{kind: stages, manual_protect: true, stages: [{accesses: 5},\n"
         "     {accesses: 6, pattern: zipf, zipf: 0.5, writes: 10%, think: 1ns,\n"
         "     region: {ipa: 0x40400000, size: 64KiB}, stride: 64B,\n"
         "     host: {before: log-on, during: [log-get, log-clear]}},\n"
         "     {accesses: 0, host: {before: [log-off, coalesce]}}]}",
         &s);
    const struct guest_stages *g = &s.vms[0].guest.stages;
    assert_int_equal(g->stages_n, 3);
    assert_true(g->manual_protect);
    assert_int_equal(g->streams[0].accesses_n, 5);
    assert_int_equal(g->streams[0].region_bytes, 8 * MIB);
    assert_int_equal(g->streams[1].pattern, GUEST_ZIPF);
    assert_int_equal(g->streams[1].zipf_milli, 500);
    assert_int_equal(g->streams[1].write_ppm, 100000);
    assert_int_equal(g->streams[1].stride_bytes, 64);
    assert_int_equal(g->streams[2].accesses_n, 0);
    check_actions(&g->host[0].before, NULL, 0);
    check_actions(&g->host[0].during, NULL, 0);
    check_actions(&g->host[1].before, on, 1);
    check_actions(&g->host[1].during, get, 2);
    check_actions(&g->host[2].before, off, 2);
    scratch_check_json(&s,
                       "\"fetches_share\": 0,\n            \"host_before\": [\n"
                       "              \"log-on\"\n            ],\n"
                       "            \"host_during\": [\n              \"log-get\",\n"
                       "              \"log-clear\"\n            ]\n");
    scratch_check_json(&s, "\"log-off\",\n              \"coalesce\"\n");
    scn_free(&s);
    load("{GUEST}", "{kind: stages, stages: [{accesses: 1}]}", &s);
    assert_false(s.vms[0].guest.stages.manual_protect);
    scn_free(&s);
}

static void memory_may_be_unmapped_and_never_touched(void **state)
{
    static const struct {
        const char *keys;
        unsigned map_shift, backing_shift;
        bool mapped, zeroed;
        const char *json;
    } rows[] = {
        {"map: none, backing: 2M", 12, 21, false, true, "\"map\": \"none\""},
        {"map: none", 12, 12, false, true, "\"backing\": \"4K\""},
        {"map: none, backing: 1G, zeroed: false", 12, 30, false, false,
         "\"zeroed\": false"},
        {"map: 2M", 21, 21, true, false, "\"map\": \"2M\""},
        {"zeroed: false", 12, 12, true, false, "\"map\": \"4K\""},
        {"backing: 2M, pages: [{first: 1, last: 2}]", 12, 21, true, false,
         "\"zeroed\": false"},
        {"backing: 2M, pages: [{first: 1, last: 2}], zeroed: true", 12, 21, true, true,
         "\"zeroed\": true"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scn s;
        char to[200];
        snprintf(to, sizeof(to),
                 "      - {ipa: 0x40000000, size: 1GiB, %s}\n    guest: {kind: idle}\n",
                 rows[i].keys);
        load("      - {ipa: 0x80000000, size: 4MiB, map: 2M}\n"
             "      - {ipa: 0x40000000, size: 8MiB, map: none, backing: 2M}\n"
             "    guest: {GUEST}\n",
             to, &s);
        assert_int_equal(s.vms[0].memory[0].map_shift, rows[i].map_shift);
        assert_int_equal(s.vms[0].memory[0].backing_shift, rows[i].backing_shift);
        assert_int_equal(s.vms[0].memory[0].mapped, rows[i].mapped);
        assert_int_equal(s.vms[0].memory[0].zeroed, rows[i].zeroed);
        scratch_check_json(&s, rows[i].json);
        scn_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_table_test_has_the_documented_defaults),
        cmocka_unit_test(every_key_of_a_page_table_test_is_read),
        cmocka_unit_test(a_dirty_log_test_has_the_defaults_of_the_kernel),
        cmocka_unit_test(every_key_of_a_dirty_log_test_is_read),
        cmocka_unit_test(stages_are_streams_with_work_of_the_host),
        cmocka_unit_test(memory_may_be_unmapped_and_never_touched),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
