/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/scenario/mistakes_granules.c - what each granule accepts and what not. */
#include "tests/unit/scenario/mistakes.h"

/* clang-format off */
static const char base[] =
/* 1*/ "stage2sim: 1\n"
/* 2*/ "name: test\n"
/* 3*/ "platform: neoverse-v2-like\n"
/* 4*/ "vms:\n"
/* 5*/ "  - name: guest\n"
/* 6*/ "    vcpus: 1\n"
/* 7*/ "    ipa_bits: 40\n"
/* 8*/ "    granule: 16K\n"
/* 9*/ "    memory:\n"
/*10*/ "      - {ipa: 0x40000000, size: 64MiB, map: 16K, backing: 32M}\n"
/*11*/ "      - {ipa: 0x80000000, size: 1GiB, map: none, backing: 32M}\n"
/*12*/ "    guest: {kind: idle}\n"
/*13*/ "events:\n"
/*14*/ "  - {at: 1us, coalesce: {ipa: 0x40000000, size: 32MiB, block: 32M}}\n"
/*15*/ "  - {at: 2us, unmap: {ipa: 0x40000000, size: 16KiB}}\n"
/*16*/ "  - {at: 3us, split: {ipa: 0x42000000, size: 32MiB}}\n"
/*17*/ "variants: [{name: a, sequence: bbml2}]\n";

static const char base_64k[] =
/* 1*/ "stage2sim: 1\n"
/* 2*/ "name: test\n"
/* 3*/ "platform: neoverse-v2-like\n"
/* 4*/ "vms:\n"
/* 5*/ "  - name: guest\n"
/* 6*/ "    vcpus: 1\n"
/* 7*/ "    granule: 64K\n"
/* 8*/ "    memory:\n"
/* 9*/ "      - {ipa: 0x40000000, size: 1GiB, map: 64K, backing: 512M}\n"
/*10*/ "    guest: {kind: kvm_page_table_test, block: 512M}\n"
/*11*/ "variants: [{name: a, sequence: bbml2}]\n";

static const char base_4k[] =
/* 1*/ "stage2sim: 1\n"
/* 2*/ "name: test\n"
/* 3*/ "platform: neoverse-v2-like\n"
/* 4*/ "vms:\n"
/* 5*/ "  - name: guest\n"
/* 6*/ "    vcpus: 1\n"
/* 7*/ "    memory: [{ipa: 0x40000000, size: 1GiB, map: 4K, backing: 1G}]\n"
/* 8*/ "    guest: {kind: idle}\n"
/* 9*/ "events: [{at: 1us, coalesce: {ipa: 0x40000000, size: 1GiB, block: 1G}}]\n"
/*10*/ "variants: [{name: a, sequence: bbml2}]\n";

static const struct mistake rows[] = {
    {base, "name: test", "name: test", 0, 0, 0},
    {base_64k, "name: test", "name: test", 0, 0, 0},
    {base_4k, "name: test", "name: test", 0, 0, 0},
    /* 16K: pages of 16K, groups of 2M, blocks of 32M, groups of 1G */
    {base, "map: 16K, backing: 32M", "map: 2M, backing: 32M", 0, 0, 0},
    {base, "map: 16K, backing: 32M", "map: 4K, backing: 32M", SCN_E_RANGE, 10, 45},
    {base, "map: 16K, backing: 32M", "map: 16K, backing: 1M", SCN_E_RANGE, 10, 59},
    {base, "map: none, backing: 32M", "map: none, backing: 2M", 0, 0, 0},
    {base, "map: none, backing: 32M", "map: 1G", 0, 0, 0},
    {base, "map: none, backing: 32M", "map: 512M", SCN_E_RANGE, 11, 44},
    {base, "block: 32M", "block: 2M", 0, 0, 0},
    {base, "block: 32M", "block: 16K", SCN_E_RANGE, 14, 63},
    {base, "block: 32M", "block: 64K", SCN_E_RANGE, 14, 63},
    {base, "{ipa: 0x40000000, size: 32MiB, block: 32M}", "{ipa: 0x80000000, size: 1GiB, block: 1G}", 0, 0, 0},
    /* 64K: pages of 64K, groups of 2M, blocks of 512M, groups of 16G */
    {base_64k, "map: 64K, backing: 512M", "map: 2M, backing: 512M", 0, 0, 0},
    {base_64k, "map: 64K, backing: 512M", "map: 16K, backing: 512M", SCN_E_RANGE, 9, 44},
    {base_64k, "map: 64K, backing: 512M", "map: 64K, backing: 1G", SCN_E_RANGE, 9, 58},
    {base_64k, "block: 512M", "block: 64K", 0, 0, 0},
    {base_64k, "block: 512M", "block: 2M", SCN_E_RANGE, 10, 47},
    {base_64k, "0x40000000, size: 1GiB, map: 64K, backing: 512M}\n    guest: {kind: kvm_page_table_test, block: 512M", "0x400000000, size: 16GiB, map: 16G}\n    guest: {kind: idle", 0, 0, 0},
    {base_64k, "map: 64K, backing: 512M}\n    guest: {kind: kvm_page_table_test, block: 512M}", "backing: 512M}\n    guest: {kind: dirty_log_perf_test, vcpu_bytes: 64KiB}", 0, 0, 0},
    {base_64k, "map: 64K, backing: 512M}\n    guest: {kind: kvm_page_table_test, block: 512M}", "backing: 512M}\n    guest: {kind: dirty_log_perf_test, vcpu_bytes: 68KiB}", SCN_E_ALIGN, 10, 52},
    {base_64k, "map: 64K, backing: 512M}\n    guest: {kind: kvm_page_table_test, block: 512M}", "backing: 512M}\n    guest:\n      kind: stages\n      stages: [{accesses: 1, host: {before: coalesce}}]", 0, 0, 0},
    {base_64k, "map: 64K, backing: 512M}\n    guest: {kind: kvm_page_table_test, block: 512M}", "map: 64K}\n    guest:\n      kind: stages\n      stages: [{accesses: 1, host: {before: coalesce}}]", SCN_E_BLOCK_SIZE, 12, 45},
    /* 4K: of 32M, groups of 2M blocks */
    {base_4k, "block: 1G", "block: 32M", 0, 0, 0},
    {base_4k, "map: 4K, backing: 1G", "map: 64K, backing: 1G", 0, 0, 0},
    {base_4k, "map: 4K, backing: 1G", "map: 32M, backing: 1G", 0, 0, 0},
    {base_4k, "size: 1GiB, block: 1G", "size: 32MiB, block: 32M", 0, 0, 0},
    {base_4k, "1GiB, map: 4K, backing: 1G}]\n    guest: {kind: idle}\nevents: [{at: 1us, coalesce: {ipa: 0x40000000, size: 1GiB, block: 1G", "1GiB, map: 4K, backing: 64K}]\n    guest: {kind: idle}\nevents: [{at: 1us, coalesce: {ipa: 0x40000000, size: 1GiB, block: 32M", SCN_E_BLOCK_SIZE, 9, 67},
    /* tables that begin at level 2 have no blocks of level 1 */
    {base_4k, "vcpus: 1", "vcpus: 1\n    ipa_bits: 35", 0, 0, 0},
    {base_4k, "vcpus: 1", "vcpus: 1\n    ipa_bits: 34", SCN_E_RANGE, 8, 62},
    /* the ends of memory and ranges are pages of the granule */
    {base, "size: 64MiB, map: 16K, backing: 32M", "size: 65540KiB, map: 16K, backing: 16K", SCN_E_ALIGN, 10, 33},
    {base, "ipa: 0x40000000, size: 16KiB", "ipa: 0x40001000, size: 16KiB", SCN_E_ALIGN, 15, 28},
    {base, "ipa: 0x40000000, size: 16KiB", "ipa: 0x40000000, size: 4KiB", SCN_E_ALIGN, 15, 46},
    {base, "ipa: 0x42000000, size: 32MiB", "ipa: 0x42000000, size: 8KiB", SCN_E_ALIGN, 16, 46},
    {base, "ipa: 0x40000000, size: 32MiB", "ipa: 0x41000000, size: 32MiB", SCN_E_ALIGN, 14, 31},
    {base, "64MiB, map: 16K, backing: 32M", "64MiB, map: 16K, backing: 16K", SCN_E_BLOCK_SIZE, 14, 63},
    {base, "map: none, backing: 32M", "backing: 32M, pages: [{first: 0, last: 2047}]", 0, 0, 0},
    {base, "map: none, backing: 32M", "backing: 32M, pages: [{first: 0, last: 2048}]", SCN_E_RANGE, 11, 78},
    {base, "map: none, backing: 32M", "map: 2M, backing: 32M, pages: [{first: 0, last: 15}]", 0, 0, 0},
    {base, "map: none, backing: 32M", "map: 2M, backing: 32M, pages: [{first: 0, last: 16}]", SCN_E_RANGE, 11, 87},
    /* IPA sizes: as KVM chooses, and not above the PA size */
    {base, "ipa_bits: 40", "ipa_bits: 48", 0, 0, 0},
    {base, "ipa_bits: 40", "ipa_bits: 32", 0, 0, 0},
    {base, "ipa_bits: 40", "ipa_bits: 49", SCN_E_RANGE, 7, 15},
    {base_64k, "vcpus: 1", "vcpus: 1\n    ipa_bits: 48", 0, 0, 0},
    {base_64k, "vcpus: 1", "vcpus: 1\n    ipa_bits: 32", 0, 0, 0},
    {base_64k, "name: test", "name: test\noverrides: {feat.pa_bits: 36}", SCN_E_IPA_BITS, 6, 5},
    /* nT is of one block: a fault may not make groups with it either */
    {base, "map: none, backing: 32M}\n    guest: {kind: idle}\nevents:\n  - {at: 1us", "map: none, backing: 2M}\n    guest: {kind: idle}\nevents:\n  - {at: 1us", 0, 0, 0},
    {base, "name: a, sequence: bbml2", "name: a, sequence: nt", 0, 0, 0},
    {base_64k, "backing: 512M}\n    guest: {kind: kvm_page_table_test, block: 512M}\nvariants: [{name: a, sequence: bbml2}]", "backing: 2M}\n    guest: {kind: idle}\nvariants: [{name: a, sequence: nt}]", SCN_E_GROUP, 11, 32},
    /* the guest's own tables have 4K pages, recordings too */
    {base, "guest: {kind: idle}", "stage1: {map: 4K, tables: 0x40000000}\n    guest: {kind: idle}", 0, 0, 0},
    {base_64k, "{kind: kvm_page_table_test, block: 512M}", "{kind: replay, trace: trace.txt, slot: 1}", SCN_E_UNSUPPORTED, 7, 14},
    {base_64k, "{kind: kvm_page_table_test, block: 512M}", "{kind: litmus, shape: s, verdict: allowed, asks: a, why: w, not_modelled: n}", SCN_E_UNSUPPORTED, 10, 12},
};
/* clang-format on */

const struct mistakes mistakes_granules = {rows, sizeof(rows) / sizeof(rows[0])};
