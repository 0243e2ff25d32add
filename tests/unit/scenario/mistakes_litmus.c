/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/scenario/mistakes_litmus.c - what can be wrong with a litmus test. */
#include "tests/unit/scenario/mistakes.h"

/* clang-format off */
static const char base[] =
/* 1*/ "stage2sim: 1\n"
/* 2*/ "name: test\n"
/* 3*/ "platform: neoverse-v2-like\n"
/* 4*/ "vms:\n"
/* 5*/ "  - name: guest\n"
/* 6*/ "    vcpus: 2\n"
/* 7*/ "    memory: [{ipa: 0x40000000, size: 4MiB, map: 4K, backing: 2M}]\n"
/* 8*/ "    stage1: {tables: 0x40200000}\n"
/* 9*/ "    guest:\n"
/*10*/ "      kind: litmus\n"
/*11*/ "      shape: A\n"
/*12*/ "      verdict: allowed\n"
/*13*/ "      asks: '1:r0=0 or mem:0x40001000=2'\n"
/*14*/ "      why: because\n"
/*15*/ "      data: [{at: 0x40000000, value: 1}]\n"
/*16*/ "      init: [{write: stage-2, ia: 0x40000000, level: 2, set: original}]\n"
/*17*/ "      warm: [{vcpu: 1, load: 0x40000000}]\n"
/*18*/ "      steps:\n"
/*19*/ "        - {write: stage-1, ia: 0x40000000, set: leaf, oa: 0x40001000}\n"
/*20*/ "        - {tlbi: VAE1IS, page: 0x40000000}\n"
/*21*/ "        - {barrier: eret}\n"
/*22*/ "        - {store: 0x40001000, value: 2}\n"
/*23*/ "        - {vcpu: 1, after: 1us, load: 0x40000000, to: r0}\n"
/*24*/ "      final: [{at: 0x40001000}]\n"
/*25*/ "      sweep: [{step: 4, to: 1us, by: 10ns}]\n"
/*26*/ "variants: [{name: a}]\n";

static const struct mistake rows[] = {
    {base, "name: test", "name: test", 0, 0, 0},
    {base, "verdict: allowed", "verdict: maybe", SCN_E_WORD, 12, 16},
    {base, "      shape: A\n", "", SCN_E_MISSING_KEY, 10, 7},
    {base, "1:r0=0", "1:r1=0", SCN_E_WORD, 13, 14},
    {base, "1:r0=0", "0:r0=0", SCN_E_WORD, 13, 14},
    {base, "1:r0=0", "1:r0=fault", 0, 0, 0},
    {base, "mem:0x40001000=2", "mem:0x40002000=2", SCN_E_WORD, 13, 14},
    {base, "{at: 0x40000000, v", "{at: 0x40000004, v", SCN_E_OUTSIDE_MEMORY, 15, 19},
    {base, "level: 2, set: original", "level: 2, set: leaf, oa: 0x40200000", SCN_E_RANGE, 16, 54},
    {base, "level: 2, set", "level: 1, set", 0, 0, 0},
    {base, "level: 2, set", "level: 0, set", SCN_E_RANGE, 16, 54},
    {base, "vcpus: 2\n", "vcpus: 2\n    ipa_bits: 32\n", 0, 0, 0},
    {base, "ia: 0x40000000, level: 2", "ia: 0x50000000, level: 2", SCN_E_OUTSIDE_MEMORY, 16, 35},
    {base, "warm: [{vcpu: 1", "warm: [{vcpu: 2", SCN_E_VCPU, 17, 21},
    {base, "    stage1: {tables: 0x40200000}\n", "", SCN_E_MISSING_KEY, 18, 19},
    {base, "oa: 0x40001000", "oa: 0x40001008", SCN_E_ALIGN, 19, 59},
    {base, ", oa: 0x40001000", "", SCN_E_MISSING_KEY, 19, 49},
    {base, "ia: 0x40000000, set: leaf", "set: leaf", SCN_E_MISSING_KEY, 19, 19},
    {base, "VAE1IS", "VAE9IS", SCN_E_WORD, 20, 18},
    {base, "barrier: eret", "barrier: dmb", SCN_E_WORD, 21, 21},
    {base, "- {barrier: eret}", "- {after: 1ns}", SCN_E_MISSING_KEY, 21, 11},
    {base, "store: 0x40001000", "store: 0x50001000", SCN_E_OUTSIDE_MEMORY, 22, 19},
    {base, ", to: r0", "", SCN_E_MISSING_KEY, 23, 39},
    {base, "to: r0", "to: a-name-that-is-too-long", SCN_E_NAME, 23, 55},
    {base, "vcpu: 1, after", "vcpu: 3, after", SCN_E_VCPU, 23, 18},
    {base, "step: 4", "step: 5", SCN_E_RANGE, 25, 22},
    {base, "to: 1us, by", "from: 2us, to: 1us, by", SCN_E_RANGE, 25, 40},
    {base, "to: 1us, by: 10ns", "to: 1ms, by: 1ns", SCN_E_RANGE, 25, 14},
    {base, "      why: because\n", "      why: because\n      not_modelled: reasons\n", 0, 0, 0},
    {base, "map: 4K, backing: 2M}]\n    stage1: {tables: 0x40200000}\n", "map: 16K}]\n    granule: 16K\n", SCN_E_UNSUPPORTED, 10, 7},
};
/* clang-format on */

const struct mistakes mistakes_litmus = {rows, sizeof(rows) / sizeof(rows[0])};
