/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/scenario/mistakes_events.c - mistakes in events and in the switches of a
 * fault path. */
#include "tests/unit/scenario/mistakes.h"

/* clang-format off */
static const char base[] =
/* 1*/ "stage2sim: 1\n"
/* 2*/ "name: test\n"
/* 3*/ "platform: neoverse-v2-like\n"
/* 4*/ "vms:\n"
/* 5*/ "  - name: guest\n"
/* 6*/ "    vcpus: 2\n"
/* 7*/ "    memory:\n"
/* 8*/ "      - {ipa: 0x40000000, size: 8MiB, map: 2M}\n"
/* 9*/ "      - {ipa: 0x80000000, size: 1MiB, access: r}\n"
/*10*/ "    guest: {kind: stream, accesses: 100}\n"
/*11*/ "hypervisor: {path: kvm-6.6, unmap: deferred}\n"
/*12*/ "events:\n"
/*13*/ "  - {at: 1us, split: {ipa: 0x40000000, size: 4MiB}}\n"
/*14*/ "  - {at: 2us, dirty_log: start, ipa: 0x40000000, manual: true}\n"
/*15*/ "  - {at: 3us, dirty_log: get, ipa: 0x40000000}\n"
/*16*/ "  - {at: 4us, dirty_log: clear, ipa: 0x40000000}\n"
/*17*/ "  - {at: 5us, dirty_log: stop, ipa: 0x40000000}\n"
/*18*/ "  - {at: 6us, coalesce: {ipa: 0x40000000, size: 2MiB, block: 2M}}\n"
/*19*/ "  - {at: 7us, unmap: {ipa: 0x40000000, size: 4KiB}}\n"
/*20*/ "  - {at: 8us, protect: {ipa: 0x40001000, size: 4KiB, access: r}}\n"
/*21*/ "  - {at: 9us, age: {ipa: 0x40000000, size: 8MiB}}\n"
/*22*/ "  - {at: 10us, memslot: delete, ipa: 0x80000000}\n"
/*23*/ "  - {at: 11us, memslot: create, ipa: 0x80000000}\n"
/*24*/ "  - {after_accesses: 200, preempt: 2ms}\n"
/*25*/ "variants:\n"
/*26*/ "  - {name: a, sequence: nt}\n"
/*27*/ "  - {name: b, lock: shared, unmap: each-leaf}\n"
/*28*/ "run: {duration: 500us}\n";

static const struct mistake rows[] = {
    {base, "name: test", "name: test", 0, 0, 0},
    /* one kind, and a time */
    {base, "at: 1us, split", "at: 1us, splat", SCN_E_UNKNOWN_KEY, 13, 15},
    {base, "at: 1us, split: {ipa: 0x40000000, size: 4MiB}", "at: 1us", SCN_E_EXCLUSIVE, 13, 5},
    {base, "dirty_log: get,", "dirty_log: get, age: {ipa: 0x40000000, size: 4KiB},", SCN_E_EXCLUSIVE, 15, 36},
    {base, "after_accesses: 200, ", "", SCN_E_EXCLUSIVE, 24, 5},
    {base, "after_accesses: 200", "after_accesses: 200, at: 1us", 0, 0, 0},
    {base, "after_accesses: 200", "after_accesses: 201", SCN_E_RANGE, 24, 22}, /* 2 x 100 */
    {base, "after_accesses: 200", "after_accesses: 0", SCN_E_RANGE, 24, 22},
    {base, "at: 9us", "at: 500us", SCN_E_AFTER_END, 21, 10},
    {base, "preempt: 2ms", "preempt: 0ns", SCN_E_RANGE, 24, 36},
    {base, "preempt: 2ms", "preempt: 1001ms", SCN_E_RANGE, 24, 36},
    {base, "dirty_log: get", "dirty_log: read", SCN_E_WORD, 15, 26},
    {base, "preempt: 2ms", "migration: failed", SCN_E_WORD, 24, 38},
    {base, "memslot: delete", "memslot: move", SCN_E_WORD, 22, 25},
    /* ranges */
    {base, "age: {ipa: 0x40000000, size: 8MiB}", "age: {ipa: 0x40000000, size: 8196KiB}", SCN_E_OUTSIDE_MEMORY, 21, 20},
    {base, "age: {ipa: 0x40000000", "age: {ipa: 0x40000800", SCN_E_ALIGN, 21, 26},
    {base, "unmap: {ipa: 0x40000000, size: 4KiB", "unmap: {ipa: 0x40000000, size: 6KiB", SCN_E_ALIGN, 19, 46},
    {base, "unmap: {ipa: 0x40000000, size: 4KiB", "unmap: {ipa: 0x40000000, size: 4KiB, block: 2M", SCN_E_UNKNOWN_KEY, 19, 52},
    {base, "unmap: {ipa: 0x40000000, size: 4KiB", "unmap: {ipa: 0x40000000", SCN_E_MISSING_KEY, 19, 22},
    {base, "size: 2MiB, block: 2M", "size: 2MiB, block: 4K", SCN_E_RANGE, 18, 62},
    {base, "size: 2MiB, block: 2M", "size: 2MiB", SCN_E_MISSING_KEY, 18, 25},
    {base, "size: 2MiB, block: 2M", "size: 1MiB, block: 2M", SCN_E_ALIGN, 18, 49},
    {base, "size: 4KiB, access: r", "size: 4KiB, access: rw", 0, 0, 0},
    {base, "size: 4KiB, access: r", "size: 4KiB, access: x", SCN_E_WORD, 20, 62},
    {base, "size: 4KiB, access: r", "size: 4KiB, access: r, x: 1", SCN_E_UNKNOWN_KEY, 20, 65},
    {base, "protect: {ipa: 0x40001000, size: 4KiB, access: r}", "protect: {ipa: 0x80000000, size: 4KiB, access: r}", 0, 0, 0},
    {base, "protect: {ipa: 0x40001000, size: 4KiB, access: r}", "protect: {ipa: 0x80000000, size: 4KiB, access: rw}", SCN_E_READ_ONLY, 20, 62},
    /* blocks */
    {base, "split: {ipa: 0x40000000, size: 4MiB}", "age: {ipa: 0x40000000, size: 4MiB}", 0, 0, 0}, /* the log makes small leaves */
    {base, "at: 6us, coalesce", "at: 0us, coalesce", SCN_E_BLOCK_SIZE, 18, 62}, /* nothing has been split */
    {base, "at: 6us, coalesce: {ipa: 0x40000000", "at: 1500ns, coalesce: {ipa: 0x40000000", 0, 0, 0},
    {base, "split: {ipa: 0x40000000, size: 4MiB}", "split: {ipa: 0x80000000, size: 4KiB}", SCN_E_BLOCK_SIZE, 13, 22},
    {base, "split: {ipa: 0x40000000, size: 4MiB}", "unmap: {ipa: 0x80000000, size: 4KiB}", 0, 0, 0},
    {base, "map: 2M", "backing: 2M", SCN_E_BLOCK_SIZE, 13, 22}, /* no blocks yet */
    {base, "map: 2M", "backing: 2M, pages: [{first: 1, last: 1}]", SCN_E_HOLES, 18, 25},
    {base, "map: 2M", "map: none, backing: 2M", 0, 0, 0},
    {base, "at: 6us, coalesce: {ipa: 0x40000000, size: 2MiB, block: 2M}", "at: 6us, split: {ipa: 0x80000000, size: 64KiB}", SCN_E_BLOCK_SIZE, 18, 22},
    /* regions of dirty_log and memslot */
    {base, "dirty_log: get, ipa: 0x40000000", "dirty_log: get", SCN_E_EXCLUSIVE, 15, 26},
    {base, "dirty_log: get, ipa: 0x40000000", "dirty_log: get, ipa: 0x40001000", SCN_E_OUTSIDE_MEMORY, 15, 36},
    {base, "dirty_log: get, ipa: 0x40000000", "dirty_log: get, ipa: 0xc0000000", SCN_E_OUTSIDE_MEMORY, 15, 36},
    {base, "preempt: 2ms", "preempt: 2ms, ipa: 0x40000000", SCN_E_NO_EFFECT, 24, 46},
    {base, "dirty_log: get,", "dirty_log: get, manual: true,", SCN_E_NO_EFFECT, 15, 39},
    {base, "memslot: create,", "memslot: create, manual: true,", SCN_E_NO_EFFECT, 23, 41},
    /* order */
    {base, "at: 3us, dirty_log: get", "at: 1us, dirty_log: get", SCN_E_ORDER, 15, 26}, /* not started */
    {base, "at: 4us, dirty_log: clear", "at: 4us, dirty_log: start", SCN_E_ORDER, 16, 26}, /* started */
    {base, "at: 5us, dirty_log: stop, ipa: 0x40000000", "at: 5us, dirty_log: stop, ipa: 0x80000000", SCN_E_ORDER, 17, 26},
    {base, "at: 4us, dirty_log: clear", "at: 5500ns, dirty_log: clear", SCN_E_ORDER, 16, 29}, /* stopped */
    {base, "at: 4us, dirty_log: clear", "at: 2us, dirty_log: clear", SCN_E_ORDER, 16, 26}, /* before the get */
    {base, ", manual: true", "", SCN_E_ORDER, 16, 26},
    {base, "dirty_log: stop, ipa: 0x40000000", "migration: cancelled", 0, 0, 0},
    {base, "preempt: 2ms", "migration: cancelled", SCN_E_ORDER, 24, 38}, /* at 0: nothing logs */
    {base, "preempt: 2ms", "at: 450us, migration: cancelled", SCN_E_ORDER, 24, 49},
    {base, "at: 10us, memslot: delete", "at: 10us, memslot: create", SCN_E_ORDER, 22, 25},
    {base, "at: 11us, memslot: create", "at: 11us, memslot: delete", SCN_E_ORDER, 23, 25},
    {base, "  - {at: 11us, memslot: create, ipa: 0x80000000}\n", "", SCN_E_ORDER, 22, 25},
    {base, "at: 9us, age: {ipa: 0x40000000, size: 8MiB}", "at: 10us, age: {ipa: 0x80000000, size: 1MiB}", 0, 0, 0},
    {base, "at: 9us, age: {ipa: 0x40000000, size: 8MiB}", "at: 10500ns, age: {ipa: 0x80000000, size: 1MiB}", SCN_E_ORDER, 21, 24},
    {base, "at: 5us, dirty_log: stop, ipa: 0x40000000}\n", "at: 3500ns, dirty_log: stop, ipa: 0x40000000}\n  - {at: 3600ns, dirty_log: start, ipa: 0x40000000, manual: true}\n", SCN_E_ORDER, 16, 26}, /* a get of another log */
    {base, "at: 11us, memslot: create, ipa: 0x80000000}\n", "at: 11us, memslot: create, ipa: 0x80000000}\n  - {at: 9500ns, dirty_log: start, ipa: 0x80000000}\n  - {at: 12us, dirty_log: get, ipa: 0x80000000}\n", SCN_E_ORDER, 25, 27}, /* the delete ended it */
    {base, "at: 1us, split: {ipa: 0x40000000, size: 4MiB}}\n", "at: 1us, unmap: {ipa: 0x40000000, size: 4KiB}}\n  - {at: 1500ns, coalesce: {ipa: 0x40000000, size: 2MiB, block: 2M}}\n", 0, 0, 0},
    /* who does it */
    {base, "name: test", "name: test\npes: 2", SCN_E_PES, 14, 3},
    {base, "kind: stream, accesses: 100", "kind: idle", SCN_E_RANGE, 24, 22}, /* 0 accesses */
    {base, "kind: stream, accesses: 100", "kind: steps, steps: [{access: r, ipa: 0x40000000}]", SCN_E_RANGE, 24, 22},
    {base, "kind: stream, accesses: 100", "kind: requests, interval: 1us", 0, 0, 0}, /* not known */
    /* switches */
    {base, "path: kvm-6.6", "path: kvm-6.5", SCN_E_WORD, 11, 20},
    {base, "unmap: deferred}", "unmap: later}", SCN_E_WORD, 11, 36},
    {base, "sequence: nt}", "sequence: bbml3}", SCN_E_WORD, 26, 25},
    {base, "sequence: nt}", "identical: same}", SCN_E_WORD, 26, 26},
    {base, "sequence: nt}", "relax: remote}", SCN_E_WORD, 26, 22},
    {base, "sequence: nt}", "clean: after}", SCN_E_WORD, 26, 22},
    {base, "sequence: nt}", "icache: before}", SCN_E_WORD, 26, 23},
    {base, "sequence: nt}", "tear_down: never}", SCN_E_WORD, 26, 26},
    {base, "sequence: nt}", "split: never}", SCN_E_WORD, 26, 22},
    {base, "sequence: nt}", "af: software}", SCN_E_WORD, 26, 19},
    {base, "sequence: nt}", "lock: none}", SCN_E_WORD, 26, 21},
    {base, "sequence: nt}", "lock: per-entry}", SCN_E_SWITCHES, 26, 21},
    {base, "unmap: deferred}", "lock: per-entry}", SCN_E_SWITCHES, 26, 5}, /* deferred by the path */
    {base, "lock: shared, unmap: each-leaf", "lock: per-entry, unmap: each-leaf", 0, 0, 0},
    {base, "lock: shared, unmap: each-leaf", "lock: per-entry, unmap: deferred", SCN_E_SWITCHES, 27, 39},
    {base, "name: test", "name: test\noverrides: {feat.bbm_level: 0}", 0, 0, 0},
    {base, "sequence: nt}", "conflict: abort}", 0, 0, 0},
    {base, "name: test", "name: test\noverrides: {feat.bbm_level: 1}", 0, 0, 0},
    {base, "size: 2MiB, block: 2M", "size: 2MiB, block: 64K", SCN_E_GROUP, 26, 25},
};

/* Without nt, which cannot make groups. */
static const char groups[] =
/* 1*/ "stage2sim: 1\n"
/* 2*/ "name: test\n"
/* 3*/ "platform: neoverse-v2-like\n"
/* 4*/ "vms:\n"
/* 5*/ "  - name: guest\n"
/* 6*/ "    vcpus: 1\n"
/* 7*/ "    memory: [{ipa: 0x40000000, size: 1MiB}]\n"
/* 8*/ "    guest: {kind: idle}\n"
/* 9*/ "events:\n"
/*10*/ "  - {at: 1us, coalesce: {ipa: 0x40010000, size: 128KiB, block: 64K}}\n"
/*11*/ "  - {at: 2us, split: {ipa: 0x40010000, size: 4KiB}}\n"
/*12*/ "  - {at: 2us, preempt: 1us}\n"
/*13*/ "variants:\n"
/*14*/ "  - {name: a, sequence: bbml2}\n";

static const struct mistake group_rows[] = {
    {groups, "name: test", "name: test", 0, 0, 0},
    {groups, "ipa: 0x40010000, size: 128KiB", "ipa: 0x40001000, size: 128KiB", SCN_E_ALIGN, 10, 31},
    {groups, "size: 128KiB", "size: 100KiB", SCN_E_ALIGN, 10, 49},
    {groups, "size: 1MiB}", "size: 1MiB, pa: 0x50000000}", 0, 0, 0},
    {groups, "size: 1MiB}", "size: 1MiB, pa: 0x50001000}", SCN_E_ALIGN, 10, 64},
    {groups, "block: 64K", "block: 2M", SCN_E_ALIGN, 10, 31},
    {groups, "size: 1MiB}", "size: 2MiB, map: 2M}", SCN_E_BLOCK_SIZE, 10, 64},
    {groups, "size: 1MiB}", "size: 2MiB, backing: 2M}", 0, 0, 0},
    {groups, "1MiB}]\n    guest: {kind: idle}\nevents:\n", "1MiB, map: none}]\n    guest: {kind: idle}\nevents:\n  - {at: 0ns, split: {ipa: 0x40010000, size: 4KiB}}\n", SCN_E_BLOCK_SIZE, 10, 22}, /* of 4K pages */
    {groups, "sequence: bbml2", "sequence: keep", 0, 0, 0},
    {groups, "sequence: bbml2", "sequence: nt", SCN_E_GROUP, 14, 25},
    {groups, "sequence: bbml2", "sequence: nt-rfc", SCN_E_GROUP, 14, 25},
    {groups, "sequence: bbml2}\n", "sequence: bbm}\nhypervisor: {sequence: nt}\n", 0, 0, 0},
    {groups, "name: test", "name: test\npes: 1", SCN_E_PES, 11, 3},
    {groups, "name: test", "name: test\noverrides: {feat.bbm_level: 1}", 0, 0, 0},
    {groups, "sequence: bbml2}\n", "sequence: bbml2, conflict: abort}\noverrides: {feat.bbm_level: 2}\n", 0, 0, 0},
    {groups, "sequence: bbml2}\n", "sequence: bbml2, conflict: abort}\noverrides: {feat.bbm_level: 3}\n", SCN_E_NO_ABORT, 14, 42},
    {groups, "at: 1us, coalesce", "at: 3us, coalesce", SCN_E_BLOCK_SIZE, 11, 22}, /* the split comes first */
};

/* What needs no host thread. */
static const char alone[] =
/* 1*/ "stage2sim: 1\n"
/* 2*/ "name: test\n"
/* 3*/ "platform: neoverse-v2-like\n"
/* 4*/ "pes: 1\n"
/* 5*/ "vms:\n"
/* 6*/ "  - {name: guest, vcpus: 1, memory: [{ipa: 0, size: 2MiB}], guest: {kind: idle}}\n"
/* 7*/ "events: [{at: 1us, preempt: 1us}]\n"
/* 8*/ "variants: [{name: a}]\n";

static const struct mistake alone_rows[] = {
    {alone, "name: test", "name: test", 0, 0, 0},
    {alone, "preempt: 1us", "dirty_log: start", SCN_E_PES, 7, 9},
};
/* clang-format on */

#define N(a) (sizeof(a) / sizeof((a)[0]))

const struct mistakes mistakes_events = {rows, N(rows)};
const struct mistakes mistakes_groups = {group_rows, N(group_rows)};
const struct mistakes mistakes_preempt = {alone_rows, N(alone_rows)};
