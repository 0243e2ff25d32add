/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/scenario/events_test.c - every kind of event: given values, defaults, what
 * it has of an earlier event, JSON. */
#include "tests/unit/scenario/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MIB (UINT64_C(1) << 20)
#define US UINT64_C(1000000)

static const char one_region[] = "stage2sim: 1\n"
                                 "name: test\n"
                                 "platform: neoverse-v2-like\n"
                                 "vms:\n"
                                 "  - name: guest\n"
                                 "    vcpus: 1\n"
                                 "    memory:\n"
                                 "      - {ipa: 0x40000000, size: 4MiB, map: 2M}\n"
                                 "    guest: {kind: stream, accesses: 1000}\n"
                                 "events:\n"
                                 "  - {EVENT}\n"
                                 "variants:\n"
                                 "  - {name: a}\n";

static void load(const char *base, const char *from, const char *to, struct scn *s)
{
    scratch_load(base, from, to, s);
}

static void check_same(const struct scn_event *got, const struct scn_event *want)
{
    assert_int_equal(got->kind, want->kind);
    assert_int_equal(got->at_ps, want->at_ps);
    assert_int_equal(got->after_accesses, want->after_accesses);
    assert_int_equal(got->ipa.v, want->ipa.v);
    assert_int_equal(got->bytes, want->bytes);
    assert_int_equal(got->block_shift, want->block_shift);
    assert_int_equal(got->writable, want->writable);
    assert_int_equal(got->manual, want->manual);
    assert_int_equal(got->hold_ps, want->hold_ps);
}

static const struct {
    const char *yaml;
    struct scn_event want; /* of the last event */
    const char *json;
} rows[] = {
    {"{at: 1us, split: {ipa: 0x40200000, size: 4KiB}}",
     {.kind = SCN_EVENT_SPLIT, .at_ps = US, .ipa = {0x40200000}, .bytes = 4096},
     "\"at_ns\": 1000,\n      \"after_accesses\": 0,\n      \"split\": {\n"
     "        \"ipa\": \"0x40200000\",\n        \"size_bytes\": 4096\n      }"},
    {"{at: 1us, split: {ipa: 0x40000000, size: 4MiB}}\n"
     "  - {at: 2us, coalesce: {ipa: 0x40200000, size: 2MiB, block: 2M}}",
     {.kind = SCN_EVENT_COALESCE,
      .at_ps = 2 * US,
      .ipa = {0x40200000},
      .bytes = 2 * MIB,
      .block_shift = 21},
     "\"coalesce\": {\n        \"ipa\": \"0x40200000\",\n"
     "        \"size_bytes\": 2097152,\n        \"block\": \"2M\"\n      }"},
    {"{at: 1us, split: {ipa: 0x40000000, size: 4MiB}}\n"
     "  - {at: 2us, coalesce: {ipa: 0x40010000, size: 128KiB, block: 64K}}",
     {.kind = SCN_EVENT_COALESCE,
      .at_ps = 2 * US,
      .ipa = {0x40010000},
      .bytes = 131072,
      .block_shift = 16},
     "\"block\": \"64K\""},
    {"{at: 1us, unmap: {ipa: 0x40000000, size: 8KiB}}",
     {.kind = SCN_EVENT_UNMAP, .at_ps = US, .ipa = {0x40000000}, .bytes = 8192},
     "\"unmap\": {\n        \"ipa\": \"0x40000000\",\n        \"size_bytes\": 8192\n"},
    {"{at: 1us, protect: {ipa: 0x40000000, size: 8KiB, access: r}}",
     {.kind = SCN_EVENT_PROTECT, .at_ps = US, .ipa = {0x40000000}, .bytes = 8192},
     "\"protect\": {\n        \"ipa\": \"0x40000000\",\n"
     "        \"size_bytes\": 8192,\n        \"access\": \"r\"\n      }"},
    {"{at: 1us, protect: {ipa: 0x40000000, size: 8KiB, access: rw}}",
     {.kind = SCN_EVENT_PROTECT,
      .at_ps = US,
      .ipa = {0x40000000},
      .bytes = 8192,
      .writable = true},
     "\"access\": \"rw\""},
    {"{at: 1us, age: {ipa: 0x40000000, size: 8KiB}}",
     {.kind = SCN_EVENT_AGE, .at_ps = US, .ipa = {0x40000000}, .bytes = 8192},
     "\"age\": {\n        \"ipa\": \"0x40000000\",\n        \"size_bytes\": 8192\n"},
    {"{at: 1us, dirty_log: start}",
     {.kind = SCN_EVENT_LOG_START, .at_ps = US, .ipa = {0x40000000}, .bytes = 4 * MIB},
     "\"dirty_log\": \"start\",\n      \"ipa\": \"0x40000000\",\n"
     "      \"size_bytes\": 4194304,\n      \"manual\": false\n"},
    {"{at: 1us, dirty_log: start, manual: true}",
     {.kind = SCN_EVENT_LOG_START,
      .at_ps = US,
      .ipa = {0x40000000},
      .bytes = 4 * MIB,
      .manual = true},
     "\"manual\": true"},
    {"{at: 1us, dirty_log: start}\n  - {at: 2us, dirty_log: get}",
     {.kind = SCN_EVENT_LOG_GET,
      .at_ps = 2 * US,
      .ipa = {0x40000000},
      .bytes = 4 * MIB},
     "\"dirty_log\": \"get\""},
    {"{at: 1us, dirty_log: start, manual: true}\n  - {at: 2us, dirty_log: get}\n"
     "  - {at: 2us, dirty_log: clear}",
     {.kind = SCN_EVENT_LOG_CLEAR,
      .at_ps = 2 * US,
      .ipa = {0x40000000},
      .bytes = 4 * MIB,
      .manual = true}, /* as it was started */
     "\"dirty_log\": \"clear\""},
    {"{at: 1us, dirty_log: start, manual: true}\n  - {at: 2us, dirty_log: stop}",
     {.kind = SCN_EVENT_LOG_STOP,
      .at_ps = 2 * US,
      .ipa = {0x40000000},
      .bytes = 4 * MIB,
      .manual = true},
     "\"dirty_log\": \"stop\",\n      \"ipa\": \"0x40000000\",\n"
     "      \"size_bytes\": 4194304,\n      \"manual\": true\n"},
    {"{at: 1us, dirty_log: start}\n  - {at: 2us, migration: cancelled}",
     {.kind = SCN_EVENT_LOG_STOP,
      .at_ps = 2 * US,
      .ipa = {0x40000000},
      .bytes = 4 * MIB},
     "\"dirty_log\": \"stop\""},
    {"{at: 1us, memslot: delete}\n  - {at: 2us, memslot: create}",
     {.kind = SCN_EVENT_SLOT_CREATE,
      .at_ps = 2 * US,
      .ipa = {0x40000000},
      .bytes = 4 * MIB},
     "\"memslot\": \"delete\",\n      \"ipa\": \"0x40000000\",\n"
     "      \"size_bytes\": 4194304\n"},
    {"{after_accesses: 7, preempt: 3us}",
     {.kind = SCN_EVENT_PREEMPT, .after_accesses = 7, .hold_ps = 3 * US},
     "\"at_ns\": 0,\n      \"after_accesses\": 7,\n      \"preempt_ns\": 3000\n"},
};

static void every_kind_of_event_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scn s;
        load(one_region, "{EVENT}", rows[i].yaml, &s);
        check_same(&s.events[s.events_n - 1], &rows[i].want);
        scratch_check_json(&s, rows[i].json);
        assert_string_equal(s.events[s.events_n - 1].pos.file, s.file);
        scn_free(&s);
    }
}

static const char three_regions[] =
    /* 1*/ "stage2sim: 1\n"
           /* 2*/ "name: test\n"
           /* 3*/ "platform: neoverse-v2-like\n"
           /* 4*/ "vms:\n"
           /* 5*/ "  - name: guest\n"
           /* 6*/ "    vcpus: 1\n"
           /* 7*/ "    memory:\n"
           /* 8*/ "      - {ipa: 0xc0000000, size: 2MiB}\n"
           /* 9*/ "      - {ipa: 0x40000000, size: 4MiB}\n"
           /*10*/ "      - {ipa: 0x80000000, size: 1MiB}\n"
           /*11*/ "    guest: {kind: idle}\n"
           /*12*/ "events:\n"
           /*13*/ "  - {at: 9us, migration: cancelled}\n"
           /*14*/ "  - {at: 1us, dirty_log: start, ipa: 0x80000000}\n"
           /*15*/ "  - {at: 2us, dirty_log: stop, ipa: 0x80000000}\n"
           /*16*/ "  - {at: 3us, dirty_log: start, ipa: 0xc0000000, manual: true}\n"
           /*17*/ "  - {at: 3us, dirty_log: start, ipa: 0x40000000}\n"
           /*18*/ "variants:\n"
           /*19*/ "  - {name: a}\n";

static void a_cancelled_migration_ends_the_log_of_each_region_that_logs(void **state)
{
    static const struct scn_event want[] = {
        {.kind = SCN_EVENT_LOG_STOP,
         .at_ps = 9 * US,
         .ipa = {0x40000000},
         .bytes = 4 * MIB},
        {.kind = SCN_EVENT_LOG_STOP,
         .at_ps = 9 * US,
         .ipa = {0xc0000000},
         .bytes = 2 * MIB,
         .manual = true},
    };
    struct scn s;
    (void)state;
    load(three_regions, "name: test", "name: test", &s);
    assert_int_equal(s.events_n, 6);
    assert_int_equal(s.events[2].ipa.v, 0xc0000000); /* of one time in file order */
    for (size_t i = 0; i < 2; i++) {
        check_same(&s.events[4 + i], &want[i]);
        assert_int_equal(s.events[4 + i].pos.line, 13);
    }
    scn_free(&s);
}

static void a_log_can_be_started_again_in_another_way(void **state)
{
    struct scn s;
    (void)state;
    load(one_region, "{EVENT}",
         "{at: 1us, dirty_log: start, manual: true}\n  - {at: 2us, dirty_log: stop}\n"
         "  - {at: 3us, dirty_log: start}\n  - {at: 4us, dirty_log: get}",
         &s);
    assert_true(s.events[0].manual && s.events[1].manual);
    assert_false(s.events[2].manual || s.events[3].manual);
    scn_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_event_is_read),
        cmocka_unit_test(a_cancelled_migration_ends_the_log_of_each_region_that_logs),
        cmocka_unit_test(a_log_can_be_started_again_in_another_way),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
