/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/scenario/mistakes.c - mistakes in any part of a scenario, and in a
 * platform file. */
#include "tests/unit/scenario/mistakes.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* clang-format off */
const char mistake_requests[] =
/* 1*/ "stage2sim: 1\n"
/* 2*/ "name: test\n"
/* 3*/ "platform: neoverse-v2-like\n"
/* 4*/ "overrides: {hyp.teardown_leaf: 10ns}\n"
/* 5*/ "pes: 4\n"
/* 6*/ "vms:\n"
/* 7*/ "  - name: guest\n"
/* 8*/ "    vcpus: 2\n"
/* 9*/ "    ipa_bits: 40\n"
/*10*/ "    granule: 4K\n"
/*11*/ "    memory:\n"
/*12*/ "      - {ipa: 0x40000000, size: 4MiB, backing: 2M}\n"
/*13*/ "      - {ipa: 0x80000000, size: 2MiB, backing: 2M, pages: [{first: 0, last: 7}]}\n"
/*14*/ "    guest:\n"
/*15*/ "      kind: requests\n"
/*16*/ "      interval: 2us\n"
/*17*/ "      region: {ipa: 0x40000000, size: 2MiB}\n"
/*18*/ "      hot: {size: 64KiB, share: 90%}\n"
/*19*/ "hypervisor: {lock: exclusive}\n"
/*20*/ "events:\n"
/*21*/ "  - {at: 100us, coalesce: {ipa: 0x40000000, size: 2MiB, block: 2M}}\n"
/*22*/ "variants:\n"
/*23*/ "  - {name: bbm, sequence: bbm}\n"
/*24*/ "  - {name: nt, sequence: nt}\n"
/*25*/ "seeds: {count: 2}\n"
/*26*/ "run: {duration: 500us, measure_from: 10us}\n"
/*27*/ "expect:\n"
/*28*/ "  - {variant: bbm, column: faults, min: 1}\n";

const char mistake_steps[] =
/* 1*/ "stage2sim: 1\n"
/* 2*/ "name: test\n"
/* 3*/ "platform: neoverse-v2-like\n"
/* 4*/ "vms:\n"
/* 5*/ "  - name: guest\n"
/* 6*/ "    vcpus: 1\n"
/* 7*/ "    memory: [{ipa: 0x40000000, size: 4KiB}]\n"
/* 8*/ "    guest:\n"
/* 9*/ "      kind: steps\n"
/*10*/ "      steps:\n"
/*11*/ "        - {vcpu: 0, at: 1ns, access: r, ipa: 0x40000008}\n"
/*12*/ "variants:\n"
/*13*/ "  - {name: keep, sequence: keep}\n";

const char mistake_replay[] =
/* 1*/ "stage2sim: 1\n"
/* 2*/ "name: test\n"
/* 3*/ "platform: neoverse-n1-like\n"
/* 4*/ "vms:\n"
/* 5*/ "  - name: guest\n"
/* 6*/ "    vcpus: 4\n"
/* 7*/ "    memory: [{ipa: 0x40000000, size: 2MiB, backing: 2M}]\n"
/* 8*/ "    guest: {kind: replay, trace: trace.txt, slot: 1}\n"
/* 9*/ "variants:\n"
/*10*/ "  - {name: bbm, sequence: bbm}\n";

const char mistake_idle[] =
/* 1*/ "stage2sim: 1\n"
/* 2*/ "name: test\n"
/* 3*/ "platform: neoverse-v2-like\n"
/* 4*/ "vms:\n"
/* 5*/ "  - {name: guest, vcpus: 1, memory: [{ipa: 0, size: 2MiB}], guest: {kind: idle}}\n"
/* 6*/ "variants:\n"
/* 7*/ "  - {name: keep, sequence: keep}\n";

static const struct mistake rows[] = {
    {mistake_idle, "name: test", "name: [test", SCN_E_YAML, 4, 4},
    {mistake_idle, "name: test", "name: test\nname: best", SCN_E_DUPLICATE_KEY, 3, 1},
    {mistake_requests, "  ipa_bits: 40", "  vcpus: 3", SCN_E_DUPLICATE_KEY, 9, 5},
    {mistake_idle, "name: test", "name: test\ntitel: x", SCN_E_UNKNOWN_KEY, 3, 1},
    {mistake_requests, "vcpus: 2", "vcpus: 2\n    cpu: 2", SCN_E_UNKNOWN_KEY, 9, 5},
    {mistake_requests, "backing: 2M}", "backing: 2M, acces: r}", SCN_E_UNKNOWN_KEY, 12, 52},
    {mistake_requests, "last: 7}", "last: 7, perm: r}", SCN_E_UNKNOWN_KEY, 13, 80},
    {mistake_requests, "interval: 2us", "interval: 2us\n      steps: []", SCN_E_UNKNOWN_KEY, 17, 7},
    {mistake_requests, "2MiB}\n      hot", "2MiB, x: 1}\n      hot", SCN_E_UNKNOWN_KEY, 17, 45},
    {mistake_requests, "share: 90%", "share: 90%, x: 1", SCN_E_UNKNOWN_KEY, 18, 38},
    {mistake_requests, "lock: exclusive", "lock: exclusive, name: a", SCN_E_UNKNOWN_KEY, 19, 31},
    {mistake_requests, "at: 100us", "at: 100us, do: x", SCN_E_UNKNOWN_KEY, 21, 17},
    {mistake_requests, "block: 2M}", "block: 2M, x: 1}", SCN_E_UNKNOWN_KEY, 21, 68},
    {mistake_requests, "sequence: bbm}", "sequence: bbm, loc: shared}", SCN_E_UNKNOWN_KEY, 23, 32},
    {mistake_requests, "count: 2", "count: 2, last: 3", SCN_E_UNKNOWN_KEY, 25, 19},
    {mistake_requests, "measure_from: 10us", "measurefrom: 10us", SCN_E_UNKNOWN_KEY, 26, 24},
    {mistake_requests, "min: 1", "min: 1, mean: 1", SCN_E_UNKNOWN_KEY, 28, 44},
    {mistake_steps, "ipa: 0x40000008", "ipa: 0x40000008, n: 1", SCN_E_UNKNOWN_KEY, 11, 58},
    {mistake_replay, "slot: 1", "slot: 1, load: 60%", SCN_E_UNKNOWN_KEY, 8, 54},
    {mistake_idle, "kind: idle", "kind: idle, load: 60%", SCN_E_UNKNOWN_KEY, 5, 81},
    {mistake_idle, "name: test\n", "", SCN_E_MISSING_KEY, 1, 1},
    {mistake_idle, "vcpus: 1, ", "", SCN_E_MISSING_KEY, 5, 5},
    {mistake_idle, "kind: idle", "", SCN_E_MISSING_KEY, 5, 68},
    {mistake_steps, ", access: r", "", SCN_E_MISSING_KEY, 11, 11},
    {mistake_requests, "duration: 500us, ", "", SCN_E_MISSING_KEY, 26, 6},
    {mistake_requests, "run: {duration: 500us, measure_from: 10us}\n", "", SCN_E_MISSING_KEY, 1, 1},
    {mistake_idle, "vms:\n  - ", "vms:\n    ", SCN_E_TYPE, 5, 5},
    {mistake_idle, "vcpus: 1", "vcpus: [1]", SCN_E_TYPE, 5, 26},
    {mistake_idle, "vcpus: 1", "vcpus:", SCN_E_TYPE, 5, 19},
    {mistake_idle, "{kind: idle}", "idle", SCN_E_TYPE, 5, 68},
    {mistake_idle, "[{ipa: 0, size: 2MiB}]", "[]", SCN_E_TYPE, 5, 37},
    {mistake_idle, "stage2sim: 1", "stage2sim: 2", SCN_E_VERSION, 1, 12},
    {mistake_idle, "name: test", "name: &n test", SCN_E_YAML_FEATURE, 2, 10},
    {mistake_idle, "name: test", "name: !x test", SCN_E_YAML_FEATURE, 2, 10},
    {mistake_idle, "name: test", "[a]: test", SCN_E_YAML_FEATURE, 2, 1},
    {mistake_idle, "name: test", "name: *n", SCN_E_YAML_FEATURE, 2, 8},
    {mistake_idle, "name: test", "x: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", SCN_E_YAML_FEATURE, 2, 35},
    {mistake_idle, "sequence: keep}\n", "sequence: keep}\n---\nname: x\n", SCN_E_YAML_FEATURE, 8, 1},
    {mistake_idle, "vcpus: 1", "vcpus: one", SCN_E_NUMBER, 5, 26},
    {mistake_idle, "vcpus: 1", "vcpus: 1KiB", SCN_E_NUMBER, 5, 26},
    {mistake_idle, "ipa: 0,", "ipa: 4K,", SCN_E_NUMBER, 5, 44},
    {mistake_requests, "min: 1", "min: many", SCN_E_NUMBER, 28, 41},
    {mistake_requests, "interval: 2us", "interval: 300", SCN_E_UNIT, 16, 17},
    {mistake_requests, "interval: 2us", "interval: 300 parsec", SCN_E_UNIT, 16, 17},
    {mistake_requests, "size: 4MiB", "size: 4194304", SCN_E_UNIT, 12, 33},
    {mistake_requests, "share: 90%", "share: 0.9", SCN_E_UNIT, 18, 33},
    {mistake_requests, "granule: 4K", "granule: 4", SCN_E_UNIT, 10, 14},
    {mistake_idle, "vcpus: 1", "vcpus: 0", SCN_E_RANGE, 5, 26},
    {mistake_idle, "vcpus: 1", "vcpus: 1025", SCN_E_RANGE, 5, 26},
    {mistake_requests, "ipa_bits: 40", "ipa_bits: 31", SCN_E_RANGE, 9, 15},
    {mistake_requests, "ipa_bits: 40", "ipa_bits: 49", SCN_E_RANGE, 9, 15},
    {mistake_requests, "granule: 4K", "granule: 8K", SCN_E_RANGE, 10, 14},
    {mistake_requests, "share: 90%", "share: 100.0001%", SCN_E_RANGE, 18, 33},
    {mistake_requests, "last: 7", "last: 512", SCN_E_RANGE, 13, 77},
    {mistake_requests, "first: 0, last: 7", "first: 8, last: 7", SCN_E_RANGE, 13, 77},
    {mistake_requests, "min: 1", "min: 1, max: 0", SCN_E_RANGE, 28, 49},
    {mistake_requests, "count: 2", "count: 0", SCN_E_RANGE, 25, 16},
    {mistake_requests, "count: 2", "count: 1001", SCN_E_RANGE, 25, 16},
    {mistake_requests, "duration: 500us", "duration: 11s", SCN_E_RANGE, 26, 17},
    {mistake_requests, "interval: 2us", "interval: 0.5ps", SCN_E_RANGE, 16, 17},
    {mistake_requests, "leaf: 10ns", "leaf: 2ms", SCN_E_RANGE, 4, 32},
    {mistake_idle, "kind: idle", "kind: idel", SCN_E_WORD, 5, 75},
    {mistake_idle, "sequence: keep", "sequence: bmb", SCN_E_WORD, 7, 28},
    {mistake_idle, "name: test", "name: Test", SCN_E_NAME, 2, 7},
    {mistake_idle, "name: keep", "name: ''", SCN_E_NAME, 7, 13},
    {mistake_requests, "interval: 2us", "accesses: 2", SCN_E_EXCLUSIVE, 15, 7},
    {mistake_requests, "interval: 2us", "interval: 2us\n      load: 60%", SCN_E_EXCLUSIVE, 16, 17},
    {mistake_requests, ", min: 1", "", SCN_E_EXCLUSIVE, 28, 5},
    {mistake_idle, "ipa: 0,", "ipa: 0x800,", SCN_E_ALIGN, 5, 44},
    {mistake_idle, "size: 2MiB", "size: 4097B", SCN_E_ALIGN, 5, 53},
    {mistake_requests, "{ipa: 0x40000000, size: 4M", "{ipa: 0x40100000, size: 4M", SCN_E_ALIGN, 12, 15},
    {mistake_requests, "size: 4MiB", "size: 3MiB", SCN_E_ALIGN, 12, 33},
    {mistake_requests, "size: 4MiB", "size: 4MiB, pa: 0x1000", SCN_E_ALIGN, 12, 43},
    {mistake_requests, "region: {ipa: 0x40000000", "region: {ipa: 0x40000001", SCN_E_ALIGN, 17, 21},
    {mistake_requests, "size: 64KiB", "size: 5000B", SCN_E_ALIGN, 18, 19},
    {mistake_requests, "coalesce: {ipa: 0x40000000", "coalesce: {ipa: 0x40001000", SCN_E_ALIGN, 21, 33},
    {mistake_requests, "size: 2MiB, block", "size: 1MiB, block", SCN_E_ALIGN, 21, 51},
    {mistake_requests, "0x80000000", "0x40200000", SCN_E_OVERLAP, 13, 9},
    {mistake_requests, "0x80000000,", "0x80000000, pa: 0x40200000,", SCN_E_OVERLAP, 13, 9},
    {mistake_requests, "last: 7}", "last: 7}, {first: 7, last: 9}", SCN_E_OVERLAP, 13, 89},
    {mistake_idle, "ipa: 0,", "ipa: 0x10000000000,", SCN_E_IPA_SPACE, 5, 44},
    {mistake_idle, "ipa: 0,", "ipa: 0xffffff000,", 0, 0, 0},
    {mistake_idle, "ipa: 0,", "ipa: 0xfffffff000,", SCN_E_IPA_SPACE, 5, 44},
    {mistake_requests, "region: {ipa: 0x40000000", "region: {ipa: 0x40300000", SCN_E_OUTSIDE_MEMORY, 17, 15},
    {mistake_requests, "size: 2MiB, block", "size: 6MiB, block", SCN_E_OUTSIDE_MEMORY, 21, 27},
    {mistake_steps, "0x40000008", "0x40000ff8", 0, 0, 0},
    {mistake_steps, "0x40000008", "0x40001000", SCN_E_OUTSIDE_MEMORY, 11, 46},
    {mistake_requests, "4MiB, backing: 2M", "4MiB, map: 2M, backing: 4K", SCN_E_BLOCK_SIZE, 12, 57},
    {mistake_requests, "4MiB, backing: 2M", "4MiB", SCN_E_BLOCK_SIZE, 21, 64},
    {mistake_requests, "4MiB, backing: 2M", "4MiB, map: 2M", SCN_E_BLOCK_SIZE, 21, 64},
    {mistake_requests, "2MiB, backing: 2M", "2MiB", SCN_E_BLOCK_SIZE, 13, 46},
    {mistake_requests, "vcpus: 2", "vcpus: 4", SCN_E_PES, 21, 3},
    {mistake_steps, "name: test", "name: test\npes: 1", 0, 0, 0},
    {mistake_requests, "vcpus: 2", "vcpus: 5", SCN_E_PES, 8, 12},
    {mistake_requests, "name: nt", "name: bbm", SCN_E_DUPLICATE_NAME, 24, 12},
    {mistake_requests, "leaf: 10ns", "leaf: 10ns, feat.bbm_level: 0", 0, 0, 0},
    {mistake_requests, "leaf: 10ns", "leaf: 10ns, feat.bbm_level: 4", SCN_E_RANGE, 4, 54},
    {mistake_requests, "sequence: nt", "sequence: nt, conflict: none", SCN_E_WORD, 24, 40},
    {mistake_requests, "sequence: nt", "sequence: nt, conflict_handler: go", SCN_E_WORD, 24, 48},
    {mistake_requests, "leaf: 10ns", "leaf: 10ns, feat.bbm_level: 1", 0, 0, 0},
    {mistake_requests, "at: 100us", "at: 500us", SCN_E_AFTER_END, 21, 10},
    {mistake_requests, "at: 100us", "at: 499.999999us", 0, 0, 0},
    {mistake_requests, "from: 10us", "from: 500us", SCN_E_AFTER_END, 26, 38},
    {mistake_requests, "size: 64KiB", "size: 2MiB", 0, 0, 0},
    {mistake_requests, "size: 64KiB", "size: 2052KiB", SCN_E_HOT, 18, 19},
    {mistake_requests, "coalesce: {ipa: 0x4", "coalesce: {ipa: 0x8", SCN_E_HOLES, 21, 27},
    {mistake_requests, "variant: bbm", "variant: bbn", SCN_E_NO_VARIANT, 28, 15},
    {mistake_steps, "vcpu: 0", "vcpu: 1", SCN_E_VCPU, 11, 18},
    {mistake_idle, "ipa: 0,", "ipa: 0, pa: 0x1000000000000,", SCN_E_PA_SPACE, 5, 51},
    {mistake_replay, "sequence: bbm", "sequence: keep", SCN_E_REPLAY, 10, 27},
    {mistake_replay, "sequence: bbm", "lock: exclusive, sequence: bbm", 0, 0, 0},
    {mistake_steps, "size: 4KiB", "size: 4KiB, access: r", 0, 0, 0},
    {mistake_steps, "access: r,", "access: w,", 0, 0, 0},
    {mistake_steps, "size: 4KiB}]\n    guest:\n      kind: steps\n      steps:\n        - {vcpu: 0, at: 1ns, access: r", "size: 4KiB, access: r}]\n    guest:\n      kind: steps\n      steps:\n        - {vcpu: 0, at: 1ns, access: w", SCN_E_READ_ONLY, 11, 38},
    {mistake_requests, "interval: 2us", "interval: 2us\n      writes: 10%", 0, 0, 0},
    {mistake_requests, "interval: 2us", "interval: 2us\n      writes: 10%\n      fetches: 90%", 0, 0, 0},
    {mistake_requests, "interval: 2us", "interval: 2us\n      writes: 10%\n      fetches: 90.0001%", SCN_E_RANGE, 18, 16},
    {mistake_steps, "    guest:\n", "    stage1: {tables: 0x40000000}\n    guest:\n", SCN_E_OUTSIDE_MEMORY, 8, 22}, /* 4 tables */
    {mistake_steps, "4KiB}]\n    guest:\n", "16KiB}]\n    stage1: {tables: 0x40000000}\n    guest:\n", 0, 0, 0},
    {mistake_steps, "4KiB}]\n    guest:\n", "32KiB}]\n    stage1: {tables: 0x40000008}\n    guest:\n", SCN_E_ALIGN, 8, 22},
    {mistake_steps, "4KiB}]\n    guest:\n", "16KiB}]\n    stage1: {map: 2M, tables: 0x40000000}\n    guest:\n", SCN_E_ALIGN, 8, 19},
    {mistake_steps, "4KiB}]\n    guest:\n", "16KiB}]\n    stage1: {map: 1G, tables: 0x40000000}\n    guest:\n", SCN_E_RANGE, 8, 19},
    {mistake_steps, "vcpus: 1\n    memory: [{ipa: 0x40000000, size: 4KiB}]\n", "vcpus: 1\n    ipa_bits: 47\n    memory: [{ipa: 0x40000000, size: 64TiB, map: 1G}]\n    stage1: {tables: 0x40000000}\n", SCN_E_RANGE, 9, 22},
    {mistake_steps, "4KiB}]\n    guest:\n", "16KiB, access: r}]\n    stage1: {tables: 0x40000000, accessed: false}\n    guest:\n", SCN_E_READ_ONLY, 8, 22},
    {mistake_idle, "ipa: 0,", "ipa: 0, pa: 0x7fffffe00000,", 0, 0, 0},
    {mistake_idle, "ipa: 0,", "ipa: 0, pa: 0x800000000000,", SCN_E_PA_SPACE, 5, 51},
    {mistake_replay, "variants:\n", "events: [{at: 1us, coalesce: {ipa: 0x40000000, size: 2MiB, block: 2M}}]\nvariants:\n", SCN_E_REPLAY, 9, 9},
    {mistake_requests, "leaf: 10ns", "leaf: 10ns, feat.pa_bits: 39", SCN_E_IPA_BITS, 9, 15},
    {mistake_idle, "neoverse-v2-like", "cray-1", SCN_E_NO_PLATFORM, 3, 11},
    {mistake_idle, "neoverse-v2-like", "no/such.yaml", SCN_E_NO_PLATFORM, 3, 11},
    {mistake_replay, "trace.txt", "no-such.txt", SCN_E_NO_TRACE, 8, 34},
    {mistake_replay, "trace.txt", ".", SCN_E_NO_TRACE, 8, 34},
    {mistake_requests, "hyp.teardown_leaf", "hyp.teardown", SCN_E_UNKNOWN_PARAM, 4, 13},
    {mistake_requests, "hyp.teardown_leaf: 10ns", "tlb.l2.ways: 7", SCN_E_GEOMETRY, 4, 26},
    {mistake_requests, "hyp.teardown_leaf: 10ns", "mem.l2.ways: 7", SCN_E_GEOMETRY, 4, 26},
};

static const struct mistake platform_rows[] = {
    {NULL, "stage2sim-platform: 1", "stage2sim-platform: 2", SCN_E_VERSION, 1, 21},
    {NULL, "vmid_bits: {value: 16, source: assumed}", "vmid_bits: {value: 16}", SCN_E_NO_SOURCE, 12, 16},
    {NULL, "vmid_bits: {value: 16, source: assumed}", "vmid_bits: {source: assumed}", SCN_E_MISSING_KEY, 12, 16},
    {NULL, "vmid_bits: {value: 16, source: assumed}", "vmid_bits: 16", SCN_E_TYPE, 12, 16},
    {NULL, "vmid_bits: {value: 16,", "vmid_bits: {value: 12,", SCN_E_RANGE, 12, 24},
    {NULL, "vmid_bits: {value", "vmid_bit: {value", SCN_E_UNKNOWN_PARAM, 12, 5},
    {NULL, "    vmid_bits: {value: 16, source: assumed}\n", "", SCN_E_MISSING_PARAM, 5, 3},
    {NULL, "[4K, 16K, 64K, 2M, 512M]", "[4K, 8K]", SCN_E_RANGE, 40, 27},
};
/* clang-format on */

const struct mistakes mistakes_general = {rows, N(rows)};
const struct mistakes mistakes_platform = {platform_rows, N(platform_rows)};
