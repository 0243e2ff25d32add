# SPDX-License-Identifier: Apache-2.0
"""What bench/run makes of a callgrind profile."""

from collections import Counter
from pathlib import Path

import pytest

import instructions
from callgrind import Components, costs, each

ROOT = Path(__file__).resolve().parents[2]

PROFILE = """version: 1
creator: callgrind
positions: line
events: Ir

ob=(1) /build/stage2sim
fl=(1) ../tlb/lookup.c
fn=(1) tlb_lookup
10 100
+2 20
fi=(2) ../walker/arch/desc.h
40 3
fe=(1)
12 4
cob=(2) /lib/libsystemc-2.3.4.so
cfi=(3) ???
cfn=(2) sc_core::wait
calls=7 0
12 5000
* 6

fn=(3) tlb_fill
20 1

ob=(2)
fl=(3)
fn=(2)
0 1000

ob=(1)
fl=(2)
fn=(4) arch_desc_kind
-3 11
fi=(4) /usr/include/c++/12/bits/stl_deque.h
7 13

totals: 1158
"""

EXE, SYSTEMC = "/build/stage2sim", "/lib/libsystemc-2.3.4.so"


def test_a_line_costs_its_own_and_a_call_what_it_leads_to():
    assert costs(PROFILE.splitlines()) == {
        (EXE, "../tlb/lookup.c", "../tlb/lookup.c"): 100 + 20 + 4 + 6 + 1,
        (EXE, "../tlb/lookup.c", "../walker/arch/desc.h"): 3,
        (SYSTEMC, "???", "???"): 1000,
        (EXE, "../walker/arch/desc.h", "../walker/arch/desc.h"): 11,
        (EXE, "../walker/arch/desc.h", "/usr/include/c++/12/bits/stl_deque.h"): 13,
    }


def test_nothing_is_counted_twice_or_lost():
    total = int(PROFILE.splitlines()[-1].split()[-1])
    assert sum(costs(PROFILE.splitlines()).values()) == total


@pytest.mark.parametrize("key, component", [
    ((EXE, "../tlb/lookup.c", "../tlb/lookup.c"), "tlb"),
    ((EXE, "../tlb/lookup.c", "../walker/arch/desc.h"), "walker"),  # inlined from ours
    ((EXE, "../tlb/lookup.c", "/usr/include/c++/12/bits/stl_deque.h"), "tlb"),
    ((EXE, "/elsewhere/model/machine/pe_dvm.cpp", "???"), "pe and walk_unit"),
    ((EXE, "model/machine/request_program.cpp", "???"), "guest"),
    ((EXE, "model/machine/world.h", "model/machine/due.h"), "sequencer"),
    ((EXE, "model/machine/world.h", "model/machine/world.h"), "rest"),
    ((EXE, "???", "???"), "rest"),
    ((EXE, "/usr/src/tlb/no-file-of-ours.c", "???"), "rest"),
    ((SYSTEMC, "???", "???"), "threads"),
])
def test_a_component_is_a_part_of_the_tree_wherever_it_was_built(key, component):
    parts = Components(ROOT, instructions.COMPONENTS, instructions.OBJECTS)
    assert parts.of(*key) == component


def test_components_add_up_to_all():
    parts = Components(ROOT, instructions.COMPONENTS, instructions.OBJECTS)
    found = costs(PROFILE.splitlines())
    assert parts.sum(found) == {"tlb": 131, "walker": 27, "threads": 1000}
    assert sum(parts.sum(found).values()) == sum(found.values())


def test_every_pattern_of_a_component_names_a_file():
    for name, patterns in instructions.COMPONENTS:
        for pattern in patterns:
            assert list(ROOT.glob(pattern)), (name, pattern)


def test_one_unit_takes_what_the_longer_run_has_more():
    less, more = Counter({"a": 100, "start": 50}), Counter({"a": 400, "start": 50, "b": 30})
    assert each(less, more, 10, 110) == {"a": 3, "start": 0, "b": 0.3}
    with pytest.raises(ValueError, match="the longer run did 10, the shorter one 10"):
        each(less, more, 10, 10)


@pytest.mark.parametrize("name", instructions.HOT)
def test_the_shorter_and_the_longer_run_are_texts_of_the_workload(name):
    file, column, shorter, longer = instructions.HOT[name]
    text = (ROOT / "bench" / "workloads" / file).read_text(encoding="utf-8")
    texts = {instructions.replaced(text, pairs) for pairs in (shorter, longer, [])}
    assert len(texts) == 3
    assert column in ("accesses", "faults")
    assert not any("measure_from: 1ms" in t for t in texts - {text})


RESULT = {"workload": "hits", "per": "accesses", "units": 10, "all": 12.5,
          "components": {c: 0 for c in instructions.names()} | {"tlb": 8.5, "rest": 4}}


def test_the_history_has_a_row_for_each_component():
    rows = list(instructions.history_rows([RESULT]))
    assert rows[0] == {"workload": "hits", "component": "all", "instructions": 12.5}
    assert {"workload": "hits", "component": "tlb", "instructions": 8.5} in rows
    assert len(rows) == 1 + len(instructions.names())
    assert set(rows[0]) | {"version"} == set(instructions.HISTORY)


def test_the_table_has_a_column_for_each_workload():
    table = list(instructions.lines([RESULT, RESULT | {"workload": "walks"}]))
    assert table[0].split() == ["instructions", "of", "one", "hits", "walks"]
    assert [line.split()[-2:] for line in table if line.startswith("  tlb")] == [["8", "8"]]
    assert len(table) == 2 + len(instructions.names())
