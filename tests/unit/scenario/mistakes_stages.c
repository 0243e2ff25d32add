/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/scenario/mistakes_stages.c - mistakes in guests of stages, and in memory
 * that is not mapped before the run. */
#include "tests/unit/scenario/mistakes.h"

/* clang-format off */
static const char table_test[] =
/* 1*/ "stage2sim: 1\n"
/* 2*/ "name: test\n"
/* 3*/ "platform: neoverse-v2-like\n"
/* 4*/ "vms:\n"
/* 5*/ "  - name: guest\n"
/* 6*/ "    vcpus: 2\n"
/* 7*/ "    memory:\n"
/* 8*/ "      - {ipa: 0x40000000, size: 8MiB, map: none, backing: 2M}\n"
/* 9*/ "      - {ipa: 0x80000000, size: 2MiB, access: r}\n"
/*10*/ "    guest:\n"
/*11*/ "      kind: kvm_page_table_test\n"
/*12*/ "      region: {ipa: 0x40200000, size: 4MiB}\n"
/*13*/ "      block: 2M\n"
/*14*/ "      think: 1ns\n"
/*15*/ "variants:\n"
/*16*/ "  - {name: a}\n";

static const char log_test[] =
/* 1*/ "stage2sim: 1\n"
/* 2*/ "name: test\n"
/* 3*/ "platform: neoverse-v2-like\n"
/* 4*/ "vms:\n"
/* 5*/ "  - name: guest\n"
/* 6*/ "    vcpus: 4\n"
/* 7*/ "    memory:\n"
/* 8*/ "      - {ipa: 0x40000000, size: 8MiB, map: none, backing: 2M}\n"
/* 9*/ "      - {ipa: 0x80000000, size: 8MiB, access: r}\n"
/*10*/ "    guest:\n"
/*11*/ "      kind: dirty_log_perf_test\n"
/*12*/ "      ipa: 0x40400000\n"
/*13*/ "      vcpu_bytes: 1MiB\n"
/*14*/ "      iterations: 3\n"
/*15*/ "      writes: 50%\n"
/*16*/ "      manual_protect: false\n"
/*17*/ "variants:\n"
/*18*/ "  - {name: a}\n";

static const char stages[] =
/* 1*/ "stage2sim: 1\n"
/* 2*/ "name: test\n"
/* 3*/ "platform: neoverse-v2-like\n"
/* 4*/ "vms:\n"
/* 5*/ "  - name: guest\n"
/* 6*/ "    vcpus: 2\n"
/* 7*/ "    memory:\n"
/* 8*/ "      - {ipa: 0x40000000, size: 8MiB, map: 2M}\n"
/* 9*/ "      - {ipa: 0x80000000, size: 8MiB}\n"
/*10*/ "    guest:\n"
/*11*/ "      kind: stages\n"
/*12*/ "      manual_protect: true\n"
/*13*/ "      stages:\n"
/*14*/ "        - {accesses: 100, writes: 50%, host: {before: log-on}}\n"
/*15*/ "        - {accesses: 100, writes: 50%, host: {during: [log-get, log-clear]}}\n"
/*16*/ "        - {accesses: 0, host: {before: [log-off], during: coalesce}}\n"
/*17*/ "        - {accesses: 100, pattern: uniform}\n"
/*18*/ "variants:\n"
/*19*/ "  - {name: a}\n";

static const struct mistake rows[] = {
    {table_test, "name: test", "name: test", 0, 0, 0},
    {table_test, "think: 1ns", "thinks: 1ns", SCN_E_UNKNOWN_KEY, 14, 7},
    {table_test, "kind: kvm_page_table_test", "kind: page_table_test", SCN_E_WORD, 11, 13},
    {table_test, "      region: {ipa: 0x40200000, size: 4MiB}\n      block: 2M\n", "", 0, 0, 0},
    {table_test, "block: 2M", "block: 4K", 0, 0, 0},
    {table_test, "block: 2M", "block: 64K", SCN_E_RANGE, 13, 14},
    {table_test, "block: 2M", "block: 1G", SCN_E_ALIGN, 12, 15},
    {table_test, "ipa: 0x40200000", "ipa: 0x40100000", SCN_E_ALIGN, 12, 15},
    {table_test, "size: 4MiB", "size: 5MiB", SCN_E_ALIGN, 12, 15},
    {table_test, "size: 4MiB", "size: 10MiB", SCN_E_OUTSIDE_MEMORY, 12, 15},
    {table_test, "{ipa: 0x40200000, size: 4MiB}\n", "{ipa: 0x80000000, size: 2MiB}\n", SCN_E_READ_ONLY, 12, 15},
    {table_test, "name: test", "name: test\npes: 2", SCN_E_PES, 12, 7},
    {table_test, "name: test", "name: test\npes: 3", 0, 0, 0},
    {table_test, "variants:", "events: [{at: 1us, preempt: 1us}]\nvariants:", 0, 0, 0},
    {table_test, "variants:", "events: [{at: 1us, dirty_log: start, ipa: 0x40000000}]\nvariants:", SCN_E_UNSUPPORTED, 15, 31},
    /* memory that is not mapped */
    {table_test, "map: none", "map: nothing", SCN_E_NUMBER, 8, 44},
    {table_test, "map: none", "map: 8K", SCN_E_RANGE, 8, 44},
    {table_test, "backing: 2M", "backing: none", SCN_E_NUMBER, 8, 59},
    {table_test, "backing: 2M", "backing: 2M, zeroed: false", 0, 0, 0},
    {table_test, "backing: 2M", "backing: 2M, zeroed: 0", SCN_E_WORD, 8, 71},
    {table_test, "backing: 2M", "backing: 2M, pages: [{first: 0, last: 0}]", SCN_E_NO_EFFECT, 8, 70},
    {table_test, "map: none, backing: 2M", "map: 2M, zeroed: true", SCN_E_NO_EFFECT, 8, 56},
    {table_test, "map: none, backing: 2M", "backing: 2M, pages: [{first: 0, last: 0}], zeroed: true", 0, 0, 0},
    {log_test, "name: test", "name: test", 0, 0, 0},
    {log_test, "iterations: 3", "iteration: 3", SCN_E_UNKNOWN_KEY, 14, 7},
    {log_test, "      vcpu_bytes: 1MiB\n", "", SCN_E_MISSING_KEY, 11, 7},
    {log_test, "vcpu_bytes: 1MiB", "vcpu_bytes: 1028KiB", SCN_E_OUTSIDE_MEMORY, 13, 19},
    {log_test, "vcpu_bytes: 1MiB", "vcpu_bytes: 1023KiB", SCN_E_ALIGN, 13, 19},
    {log_test, "ipa: 0x40400000\n", "ipa: 0x40400800\n", SCN_E_ALIGN, 12, 12},
    {log_test, "ipa: 0x40400000\n", "ipa: 0x80000000\n", SCN_E_READ_ONLY, 12, 12},
    {log_test, "      ipa: 0x40400000\n", "", 0, 0, 0},
    {log_test, "iterations: 3", "iterations: 0", SCN_E_RANGE, 14, 19},
    {log_test, "writes: 50%", "write_every: 2", 0, 0, 0},
    {log_test, "writes: 50%", "write_every: 0", SCN_E_RANGE, 15, 20},
    {log_test, "writes: 50%", "writes: 50%\n      write_every: 2", SCN_E_EXCLUSIVE, 15, 15},
    {log_test, "writes: 50%", "writes: 101%", SCN_E_RANGE, 15, 15},
    {log_test, "manual_protect: false", "overlap: maybe", SCN_E_WORD, 16, 16},
    {log_test, "name: test", "name: test\npes: 4", SCN_E_PES, 12, 7},
    {stages, "name: test", "name: test", 0, 0, 0},
    {stages, "host: {before: log-on}", "hosts: {before: log-on}", SCN_E_UNKNOWN_KEY, 14, 40},
    {stages, "{before: log-on}", "{after: log-on}", SCN_E_UNKNOWN_KEY, 14, 47},
    {stages, "manual_protect: true", "manual: true", SCN_E_UNKNOWN_KEY, 12, 7},
    {stages, "accesses: 100, pattern: uniform", "kind: stream, accesses: 100", SCN_E_UNKNOWN_KEY, 17, 12},
    {stages, "accesses: 100, pattern: uniform", "pattern: uniform", SCN_E_MISSING_KEY, 17, 11},
    {stages, "accesses: 100, pattern: uniform", "accesses: 100, region: {ipa: 0x80000000, size: 4KiB}", SCN_E_OUTSIDE_MEMORY, 17, 11},
    {stages, "accesses: 100, pattern: uniform", "accesses: 100, region: {ipa: 0x40000000, size: 4KiB}", 0, 0, 0},
    {stages, "accesses: 100, pattern: uniform", "accesses: 100, zipf: 1", SCN_E_NO_EFFECT, 17, 33},
    {stages, "{before: log-on}", "{before: log}", SCN_E_WORD, 14, 55},
    {stages, "{before: log-on}", "{before: {log: on}}", SCN_E_TYPE, 14, 55},
    {stages, "{before: log-on}", "{before: }", SCN_E_TYPE, 14, 47},
    {stages, "[log-get, log-clear]", "[]", SCN_E_TYPE, 15, 55},
    {stages, "[log-get, log-clear]", "[log-get, log-get, log-get, log-clear]", 0, 0, 0},
    {stages, "[log-get, log-clear]", "[log-get, log-get, log-get, log-get, log-clear]", SCN_E_RANGE, 15, 92},
    {stages, "[log-get, log-clear]", "[log-clear, log-get]", SCN_E_ORDER, 15, 56},
    {stages, "[log-get, log-clear]", "[log-get, log-off, log-on, log-clear]", SCN_E_ORDER, 15, 82},
    {stages, "[log-get, log-clear]", "[log-get, log-on]", SCN_E_ORDER, 15, 65},
    {stages, "manual_protect: true", "manual_protect: false", SCN_E_ORDER, 15, 65},
    {stages, ", host: {before: log-on}", "", SCN_E_ORDER, 15, 56},
    {stages, "[log-off], during: coalesce", "[log-off, log-off]", SCN_E_ORDER, 16, 50},
    {stages, "map: 2M", "map: 4K", SCN_E_BLOCK_SIZE, 16, 59},
    {stages, "map: 2M", "backing: 2M", 0, 0, 0},
    {stages, "map: 2M", "backing: 2M, pages: [{first: 0, last: 0}]", SCN_E_HOLES, 16, 59},
    {stages, "name: test", "name: test\npes: 2", SCN_E_PES, 12, 7},
};
/* clang-format on */

const struct mistakes mistakes_stages = {rows, sizeof(rows) / sizeof(rows[0])};
