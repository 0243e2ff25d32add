/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/scenario/mistakes_sweep.c - mistakes in a sweep file, and in the paths and
 * values that it sets. */
#include "tests/unit/scenario/mistakes.h"

/* clang-format off */
const char mistake_sweep[] =
/* 1*/ "sweep: 1\n"
/* 2*/ "name: test\n"
/* 3*/ "scenario: base.yaml\n"
/* 4*/ "seeds: {count: 3, first: 7}\n"
/* 5*/ "set:\n"
/* 6*/ "  run.slo: 10us\n"
/* 7*/ "axes:\n"
/* 8*/ "  - name: vcpus\n"
/* 9*/ "    path: vms[0].vcpus\n"
/*10*/ "    values: [1, 2]\n"
/*11*/ "  - name: hop\n"
/*12*/ "    paths: [overrides.dvm.hop]\n"
/*13*/ "    range: {from: 10ns, to: 30ns, step: 10ns}\n"
/*14*/ "  - name: think\n"
/*15*/ "    path: vms[0].guest.think\n"
/*16*/ "    log: {from: 1ns, to: 4ns, factor: 2}\n"
/*17*/ "  - name: lock\n"
/*18*/ "    choices:\n"
/*19*/ "      - {label: one, set: {hypervisor.lock: exclusive}}\n"
/*20*/ "      - {label: many, set: {hypervisor.lock: shared}}\n"
/*21*/ "only:\n"
/*22*/ "  - {lock: one}\n"
/*23*/ "  - {lock: many, vcpus: {from: 2}}\n"
/*24*/ "skip:\n"
/*25*/ "  - {hop: [10ns, 20ns], think: {to: 2ns}}\n"
/*26*/ "columns: [faults]\n";

#define base mistake_sweep

static const struct mistake rows[] = {
    {base, "sweep: 1", "sweep: 2", SCN_E_VERSION, 1, 8},
    {base, "name: test", "nam: test", SCN_E_UNKNOWN_KEY, 2, 1},
    {base, "base.yaml", "none.yaml", SCN_E_FILE, 3, 11},
    {base, "{count: 3,", "{number: 3,", SCN_E_UNKNOWN_KEY, 4, 9},
    {base, "{count: 3,", "{count: 3000,", SCN_E_RANGE, 4, 16},
    {base, "run.slo", "run.slow", SCN_E_UNKNOWN_KEY, 6, 3},
    {base, "run.slo", "run.slo.max", SCN_E_TYPE, 6, 3},
    {base, "run.slo", "run.duration.max", SCN_E_PATH, 6, 3},
    {base, "run.slo", "rum.slo", SCN_E_UNKNOWN_KEY, 6, 3},
    {base, "run.slo", "run..slo", SCN_E_PATH, 6, 3},
    {base, "run.slo", "run.", SCN_E_PATH, 6, 3},
    {base, "run.slo: 10us", "run.slo: 10", SCN_E_UNIT, 6, 12},
    {base, "run.slo: 10us", "run.slo:", SCN_E_TYPE, 6, 3},
    {base, "run.slo: 10us", "run.slo: [10us]", SCN_E_TYPE, 6, 12},
    {base, "run.slo: 10us", "run: '{slo: 10us, duration: 1ms'", SCN_E_YAML, 6, 9},
    {base, "run.slo: 10us", "run: '{slo: 10us, duration: 1ms}'", 0, 0, 0},
    {base, "run.slo: 10us", "run: '{slo: 10us, duration: 1}'", SCN_E_UNIT, 6, 9},
    {base, "path: vms[0].vcpus", "path: vms[1].vcpus", SCN_E_PATH, 9, 11},
    {base, "path: vms[0].vcpus", "path: vms[x].vcpus", SCN_E_PATH, 9, 11},
    {base, "path: vms[0].vcpus", "path: vms[0]vcpus", SCN_E_PATH, 9, 11},
    {base, "path: vms[0].vcpus", "path: vms.vcpus", SCN_E_PATH, 9, 11},
    {base, "path: vms[0].vcpus", "path: pes[0]", SCN_E_PATH, 9, 11},
    {base, "path: vms[0].vcpus", "path: nothing[0]", SCN_E_PATH, 9, 11},
    {base, "path: vms[0].vcpus", "path: vms[0].vcpu", SCN_E_UNKNOWN_KEY, 9, 11},
    {base, "values: [1, 2]", "values: [0, 2]", SCN_E_RANGE, 10, 14},
    {base, "values: [1, 2]", "values: [1, 2, 1]", SCN_E_AXIS, 10, 20},
    {base, "values: [1, 2]", "values: [1, '2,3', 2]", SCN_E_AXIS, 10, 18},
    {base, "values: [1, 2]", "values: [1, [2]]", SCN_E_TYPE, 10, 17},
    {base, "values: [1, 2]", "values: []", SCN_E_TYPE, 10, 13},
    {base, "    values: [1, 2]\n", "", SCN_E_EXCLUSIVE, 8, 5},
    {base, "    path: vms[0].vcpus\n", "", SCN_E_EXCLUSIVE, 8, 5},
    {base, "    choices:", "    path: pes\n    choices:", SCN_E_EXCLUSIVE, 17, 5},
    {base, "name: hop", "name: vcpus", SCN_E_DUPLICATE_NAME, 11, 11},
    {base, "name: hop", "name: Hop", SCN_E_NAME, 11, 11},
    {base, "overrides.dvm.hop", "overrides.dvm.hops", SCN_E_UNKNOWN_PARAM, 12, 13},
    {base, "to: 30ns", "to: 30us", SCN_E_UNIT, 13, 29},
    {base, "to: 30ns", "to: 10ns", SCN_E_AXIS, 13, 29},
    {base, "to: 30ns", "to: most", SCN_E_NUMBER, 13, 29},
    {base, "step: 10ns", "step: 0ns", SCN_E_AXIS, 13, 41},
    {base, "step: 10ns", "step: 0.001ns", SCN_E_AXIS, 13, 12},
    {base, "factor: 2", "factor: 1", SCN_E_AXIS, 16, 39},
    {base, "factor: 2", "factor: 2, count: 3", SCN_E_EXCLUSIVE, 16, 10},
    {base, "factor: 2", "count: 1", SCN_E_RANGE, 16, 38},
    {base, "log: {from: 1ns", "log: {from: 0ns", SCN_E_AXIS, 16, 17},
    {base, "label: many", "label: one", SCN_E_AXIS, 20, 17},
    {base, "hypervisor.lock: shared", "hypervisor.lock: both", SCN_E_WORD, 20, 46},
    {base, "{lock: one}", "{lock: two}", SCN_E_AXIS, 22, 12},
    {base, "{lock: one}", "{locks: one}", SCN_E_UNKNOWN_KEY, 22, 6},
    {base, "{from: 2}", "{from: 3}", SCN_E_AXIS, 23, 32},
    {base, "skip:\n", "skip:\n  - {vcpus: {to: 2}}\n", SCN_E_POINTS, 1, 1},
};
/* clang-format on */

const struct mistakes mistakes_sweep = {rows, sizeof(rows) / sizeof(rows[0])};
