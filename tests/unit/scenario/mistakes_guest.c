/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/scenario/mistakes_guest.c - mistakes in closed loops, flushes and TLBIs of
 * the background. */
#include "tests/unit/scenario/mistakes.h"

/* clang-format off */
static const char stream[] =
/* 1*/ "stage2sim: 1\n"
/* 2*/ "name: test\n"
/* 3*/ "platform: neoverse-v2-like\n"
/* 4*/ "vms:\n"
/* 5*/ "  - name: guest\n"
/* 6*/ "    vcpus: 2\n"
/* 7*/ "    memory: [{ipa: 0x40000000, size: 8MiB}]\n"
/* 8*/ "    guest:\n"
/* 9*/ "      kind: stream\n"
/*10*/ "      pattern: zipf\n"
/*11*/ "      zipf: 0.99\n"
/*12*/ "      region: {ipa: 0x40200000, size: 6MiB}\n"
/*13*/ "      stride: 2MiB\n"
/*14*/ "      accesses: 1000\n"
/*15*/ "background: {interval: 10us, arrival: fixed, op: vae1}\n"
/*16*/ "variants:\n"
/*17*/ "  - {name: keep, sequence: keep}\n";

static const char flush[] =
/* 1*/ "stage2sim: 1\n"
/* 2*/ "name: test\n"
/* 3*/ "platform: neoverse-v2-like\n"
/* 4*/ "overrides: {feat.tlbirange: true, dvm.hop: 10ns}\n"
/* 5*/ "vms:\n"
/* 6*/ "  - name: guest\n"
/* 7*/ "    vcpus: 2\n"
/* 8*/ "    memory: [{ipa: 0x40000000, size: 8MiB}]\n"
/* 9*/ "    guest:\n"
/*10*/ "      kind: flush\n"
/*11*/ "      issuers: 1\n"
/*12*/ "      calls: 10\n"
/*13*/ "      pages: 4\n"
/*14*/ "      range: true\n"
/*15*/ "      region: {ipa: 0x40000000, size: 16KiB}\n"
/*16*/ "variants:\n"
/*17*/ "  - {name: keep, sequence: keep}\n";

static const struct mistake rows[] = {
    {stream, "accesses: 1000", "accesses: 1000\n      strid: 1", SCN_E_UNKNOWN_KEY, 15, 7},
    {stream, "      accesses: 1000\n", "", SCN_E_MISSING_KEY, 9, 7},
    {stream, "accesses: 1000", "accesses: 0", SCN_E_RANGE, 14, 17},
    {stream, "pattern: zipf", "pattern: random", SCN_E_WORD, 10, 16},
    {stream, "pattern: zipf", "pattern: chase", SCN_E_NO_EFFECT, 11, 13},
    {stream, "zipf: 0.99", "zipf: 5", 0, 0, 0},
    {stream, "zipf: 0.99", "zipf: 0", 0, 0, 0},
    {stream, "zipf: 0.99", "zipf: 5.001", SCN_E_RANGE, 11, 13},
    {stream, "zipf: 0.99", "zipf: -0.001", SCN_E_RANGE, 11, 13},
    {stream, "zipf: 0.99", "zipf: 0.999", 0, 0, 0},
    {stream, "zipf: 0.99", "zipf: 0.9999", SCN_E_RANGE, 11, 13},
    {stream, "zipf: 0.99", "zipf: high", SCN_E_NUMBER, 11, 13},
    {stream, "0x40200000", "0x40600000", SCN_E_OUTSIDE_MEMORY, 12, 15},
    {stream, "size: 6MiB", "size: 5MiB", SCN_E_ALIGN, 12, 15},
    {stream, "      region: {ipa: 0x40200000, size: 6MiB}\n", "", 0, 0, 0},
    {stream, "stride: 2MiB", "stride: 3MiB", SCN_E_RANGE, 13, 15},
    {stream, "stride: 2MiB", "stride: 64B", 0, 0, 0},
    {stream, "stride: 2MiB", "stride: 32B", SCN_E_RANGE, 13, 15},
    {stream, "stride: 2MiB", "stride: 4MiB", SCN_E_ALIGN, 12, 15},
    {stream, "accesses: 1000", "accesses: 1000\n      writes: 60%\n      fetches: 41%", SCN_E_RANGE, 16, 16},
    {stream, "8MiB}]", "8MiB, access: r}]", 0, 0, 0},
    {stream, "stride: 2MiB", "stride: 2MiB\n      think: 2s", SCN_E_RANGE, 14, 14},
    {stream, "op: vae1", "op: vae1, vm: 2", SCN_E_UNKNOWN_KEY, 15, 56},
    {stream, "interval: 10us, ", "", SCN_E_MISSING_KEY, 15, 13},
    {stream, "interval: 10us", "interval: 0ns", SCN_E_RANGE, 15, 24},
    {stream, "op: vae1", "op: vae2", SCN_E_WORD, 15, 50},
    {stream, "arrival: fixed", "arrival: often", SCN_E_WORD, 15, 39},
    {stream, "{interval: 10us, arrival: fixed, op: vae1}", "10us", SCN_E_TYPE, 15, 13},
    {flush, "pages: 4", "page: 4", SCN_E_UNKNOWN_KEY, 13, 7},
    {flush, "      calls: 10\n", "", SCN_E_MISSING_KEY, 10, 7},
    {flush, "issuers: 1", "issuers: 2", 0, 0, 0},
    {flush, "issuers: 1", "issuers: 3", SCN_E_VCPU, 11, 16},
    {flush, "issuers: 1", "issuers: 0", SCN_E_RANGE, 11, 16},
    {flush, "pages: 4", "pages: 5", SCN_E_RANGE, 13, 14},
    {flush, "pages: 4", "pages: 0", SCN_E_RANGE, 13, 14},
    {flush, "  range: true", "  whole_asid_pages: 0", 0, 0, 0},
    {flush, "  range: true", "  range: yes", SCN_E_WORD, 14, 14},
    {flush, "tlbirange: true", "tlbirange: false", SCN_E_FEATURE, 14, 14},
    {flush, "size: 16KiB", "size: 17KiB", SCN_E_ALIGN, 15, 39},
};
/* clang-format on */

const struct mistakes mistakes_guest = {rows, sizeof(rows) / sizeof(rows[0])};
