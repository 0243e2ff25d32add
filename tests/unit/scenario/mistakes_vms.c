/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/scenario/mistakes_vms.c - mistakes in scenarios of several VMs. */
#include "tests/unit/scenario/mistakes.h"

/* clang-format off */
static const char two[] =
/* 1*/ "stage2sim: 1\n"
/* 2*/ "name: test\n"
/* 3*/ "platform: neoverse-v2-like\n"
/* 4*/ "pes: 6\n"
/* 5*/ "vms:\n"
/* 6*/ "  - name: a\n"
/* 7*/ "    vcpus: 2\n"
/* 8*/ "    memory: [{ipa: 0x40000000, size: 2MiB, backing: 2M}]\n"
/* 9*/ "    guest: {kind: idle}\n"
/*10*/ "  - name: b\n"
/*11*/ "    vcpus: 2\n"
/*12*/ "    memory: [{ipa: 0x40000000, size: 4MiB, pa: 0x80000000, backing: 2M}]\n"
/*13*/ "    guest: {kind: stream, accesses: 100}\n"
/*14*/ "events:\n"
/*15*/ "  - {at: 1us, coalesce: {ipa: 0x40000000, size: 2MiB, block: 2M}}\n"
/*16*/ "  - {vm: b, at: 1us, coalesce: {ipa: 0x40200000, size: 2MiB, block: 2M}}\n"
/*17*/ "variants: [{name: bbm}]\n"
/*18*/ "expect: [{variant: bbm, vm: b, column: faults, max: 9}]\n";

static const struct mistake rows[] = {
    {two, "name: test", "name: test", 0, 0, 0},
    /* each VM has a name, VMs share one physical memory, but not an IPA space */
    {two, "name: b\n", "name: a\n", SCN_E_DUPLICATE_NAME, 10, 11},
    {two, "0x80000000", "0x40000000", SCN_E_OVERLAP, 12, 13},
    {two, "0x80000000", "0x401ff000", SCN_E_ALIGN, 12, 48},
    {two, "0x80000000", "0x40200000", 0, 0, 0},
    {two, "0x80000000", "0x3fc00000", 0, 0, 0},
    {two, "0x80000000", "0x3fe00000", SCN_E_OVERLAP, 12, 13},
    /* each vCPU has a PE, and so has the host thread of each VM with events */
    {two, "pes: 6", "pes: 5", SCN_E_PES, 15, 3},
    {two, "pes: 6", "pes: 3", SCN_E_PES, 11, 12},
    {two, "{vm: b, at: 1us, coalesce: {ipa: 0x40200000, size: 2MiB, block: 2M}}", "{vm: b, at: 1us, preempt: 1us}", 0, 0, 0},
    {two, "{vm: b, at: 1us, coalesce: {ipa: 0x40200000, size: 2MiB, block: 2M}}", "{vm: a, at: 1us, coalesce: {ipa: 0x40000000, size: 2MiB, block: 2M}}", 0, 0, 0},
    /* an event is of the memory of its VM */
    {two, "{vm: b, at: 1us", "{at: 1us", SCN_E_OUTSIDE_MEMORY, 16, 25},
    {two, "vm: b, at", "vm: c, at", SCN_E_NO_VM, 16, 10},
    {two, "vm: b, column", "vm: c, column", SCN_E_NO_VM, 18, 29},
    {two, "{at: 1us, coalesce: {ipa: 0x40000000, size: 2MiB, block: 2M}}\n  - {vm: b, at: 1us", "{vm: b, at: 1us, after_accesses: 200, preempt: 1us}\n  - {vm: b, at: 1us", 0, 0, 0},
    {two, "{at: 1us, coalesce: {ipa: 0x40000000, size: 2MiB, block: 2M}}\n  - {vm: b, at: 1us", "{vm: b, at: 1us, after_accesses: 201, preempt: 1us}\n  - {vm: b, at: 1us", SCN_E_RANGE, 15, 38},
    /* the recorded order is that of one VM */
    {two, "{kind: idle}", "{kind: replay, trace: trace.txt, slot: 1}", SCN_E_REPLAY, 9, 12},
};
/* clang-format on */

const struct mistakes mistakes_vms = {rows, sizeof(rows) / sizeof(rows[0])};
