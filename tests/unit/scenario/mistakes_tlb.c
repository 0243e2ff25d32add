/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/scenario/mistakes_tlb.c - mistakes in TLBs, walk caches and their
 * maintenance. */
#include "tests/unit/scenario/mistakes.h"

/* clang-format off */
static const char base[] =
/* 1*/ "stage2sim: 1\n"
/* 2*/ "name: test\n"
/* 3*/ "platform: neoverse-v2-like\n"
/* 4*/ "overrides:\n"
/* 5*/ "  tlb.l1d.entries: 16\n"
/* 6*/ "  tlb.s2.entries: 64\n"
/* 7*/ "  tlb.s2.ways: 4\n"
/* 8*/ "  tlb.s2.sizes: [4K, 1G]\n"
/* 9*/ "  tlb.s2.replacement: plru\n"
/*10*/ "  tlb.s2.latency: 2 cycles\n"
/*11*/ "  tlb.walk.s2l0.entries: 12\n"
/*12*/ "  tlb.walk.s2l0.ways: 3\n"
/*13*/ "  tlb.walk.s2l0.replacement: random\n"
/*14*/ "  tlb.walk.s2l0.latency: 1ns\n"
/*15*/ "  tlb.l2.ipa_sizes: [2M, 1G]\n"
/*16*/ "  feat.tlbirange: false\n"
/*17*/ "vms:\n"
/*18*/ "  - {name: guest, vcpus: 1, memory: [{ipa: 0, size: 2MiB}], guest: {kind: idle}}\n"
/*19*/ "hypervisor: {tlbi: vmid}\n"
/*20*/ "variants:\n"
/*21*/ "  - {name: a, tlbi: ipa, repeat_tlbi: each}\n"
/*22*/ "  - {name: b}\n";

static const struct mistake rows[] = {
    {base, "  tlb.s2.ways: 4\n", "", SCN_E_MISSING_PARAM, 6, 19},
    {base, "  tlb.s2.sizes: [4K, 1G]\n", "", SCN_E_MISSING_PARAM, 6, 19},
    {base, "  tlb.s2.replacement: plru\n", "", SCN_E_MISSING_PARAM, 6, 19},
    {base, "  tlb.s2.latency: 2 cycles\n", "", SCN_E_MISSING_PARAM, 6, 19},
    {base, "  tlb.walk.s2l0.latency: 1ns\n", "", SCN_E_MISSING_PARAM, 11, 26},
    {base, "  tlb.walk.s2l0.ways: 3\n", "", SCN_E_MISSING_PARAM, 11, 26},
    {base, "s2.entries: 64", "s2.entries: 0", 0, 0, 0},
    {base, "l1d.entries: 16", "l1d.entries: 0", 0, 0, 0},
    {base, "l1d.entries: 16", "l1d.entries: 0\n  tlb.l1i.entries: 0\n  tlb.l2.entries: 0", 0, 0, 0},
    {base, "s2l0.entries: 12", "s2l0.entries: 65537", SCN_E_RANGE, 11, 26},
    {base, "s2.ways: 4", "s2.ways: 0", SCN_E_RANGE, 7, 16},
    {base, "s2.ways: 4", "s2.ways: 65", SCN_E_GEOMETRY, 9, 23},
    {base, "s2.ways: 4", "s2.ways: 3", SCN_E_GEOMETRY, 9, 23}, /* plru */
    {base, "s2.ways: 4", "s2.ways: full", 0, 0, 0},           /* 64 */
    {base, "s2.entries: 64\n  tlb.s2.ways: 4", "s2.entries: 128\n  tlb.s2.ways: full", SCN_E_GEOMETRY, 9, 23},
    {base, "replacement: plru", "replacement: fifo", SCN_E_WORD, 9, 23},
    {base, "s2l0.ways: 3", "s2l0.ways: 5", SCN_E_GEOMETRY, 12, 23},
    {base, "s2l0.ways: 3", "s2l0.ways: 4", SCN_E_GEOMETRY, 12, 23}, /* three sets */
    {base, "ipa_sizes: [2M, 1G]", "ipa_sizes: none", 0, 0, 0},
    {base, "ipa_sizes: [2M, 1G]", "ipa_sizes: []", SCN_E_TYPE, 15, 21},
    {base, "ipa_sizes: [2M, 1G]", "ipa_sizes: [2M, 8M]", SCN_E_RANGE, 15, 26},
    {base, "s2.sizes: [4K, 1G]", "s2.sizes: none", SCN_E_TYPE, 8, 17},
    {base, "tlb.walk.s2l0.latency", "tlb.walk.s2l3.latency", SCN_E_UNKNOWN_PARAM, 14, 3},
    {base, "tlb.walk.s2l0.latency", "tlb.walk.s2l0.sizes", SCN_E_UNKNOWN_PARAM, 14, 3},
    {base, "feat.tlbirange: false", "tlb.contiguous: block", SCN_E_WORD, 16, 19},
    {base, "feat.tlbirange: false", "dvm.scope: host", SCN_E_WORD, 16, 14},
    {base, "feat.tlbirange: false", "walker.parallel: 0", SCN_E_RANGE, 16, 20},
    {base, "feat.tlbirange: false", "pe.outstanding: 65", SCN_E_RANGE, 16, 19},
    {base, "feat.tlbirange: false", "walker.prefetch: maybe", SCN_E_WORD, 16, 20},
    {base, "tlbi: ipa", "tlbi: va", SCN_E_WORD, 21, 21},
    {base, "tlbi: ipa", "tlbi: range", SCN_E_FEATURE, 21, 21},
    {base, "tlbi: vmid", "tlbi: range", SCN_E_FEATURE, 19, 20},
    {base, "repeat_tlbi: each", "repeat_tlbi: twice", SCN_E_WORD, 21, 39},
    {base, "tlbi: vmid}", "tlb: vmid}", SCN_E_UNKNOWN_KEY, 19, 14},
};
/* clang-format on */

const struct mistakes mistakes_tlb = {rows, sizeof(rows) / sizeof(rows[0])};
