# SPDX-License-Identifier: Apache-2.0
"""Instructions of one access, walk or fault, all that it needs, and where they go.

Two runs of different length under callgrind; what both have in common, the start-up,
does not count. Both measure from 0 ms."""

import csv
import subprocess
from collections import Counter
from pathlib import Path

from callgrind import Components, command, costs, each
from costs import WORKLOADS, replaced

ROOT = Path(__file__).resolve().parent.parent
NAME = "instructions"
HISTORY = ["version", "workload", "component", "instructions"]
ALL = "all"

# the scenario; the column of seeds.csv that counts units; text to replace for the
# shorter run and for the longer one
HOT = {
    "hits": ("hits.yaml", "accesses",
             [("duration: 20ms, measure_from: 1ms", "duration: 1ms, measure_from: 0ms")],
             [("duration: 20ms, measure_from: 1ms", "duration: 2ms, measure_from: 0ms")]),
    "walks": ("walks.yaml", "accesses", [("accesses: 20000", "accesses: 500")],
              [("accesses: 20000", "accesses: 2000")]),
    "storm": ("storm.yaml", "faults", [("size: 16MiB", "size: 2MiB")],
              [("size: 16MiB", "size: 4MiB")]),
}

MACHINE = "model/machine/"
COMPONENTS = [
    ("sequencer", [MACHINE + "sequencer.*", MACHINE + "due.h"]),
    ("tlb", ["tlb/*"]),
    ("tags and memory", ["model/memory/*", MACHINE + "memory.*", MACHINE + "port.h"]),
    ("walker", ["walker/*"]),
    ("mmu", ["model/mmu/*"]),
    ("pe and walk_unit", [MACHINE + "pe.*", MACHINE + "pe_*", MACHINE + "walk_unit.*"]),
    ("guest", ["model/guest/*", MACHINE + "*program*", MACHINE + "task.*"]),
    ("records", ["model/record/*"]),
    ("hypervisor", ["model/hyp/*", MACHINE + "hyp_env.*", MACHINE + "mmu_lock.*"]),
    ("monitor", ["model/monitor/*", MACHINE + "watch.*"]),
]
OBJECTS = [("threads", "libsystemc")]


class Instructions:
    def __init__(self, program, folder, env):
        self._program, self._folder, self._env = str(program), Path(folder), env
        self._components = Components(ROOT, COMPONENTS, OBJECTS)

    def _profile(self, text, column):
        """Instructions by component of a whole run, all its processes, and its units."""
        scenario, out = self._folder / "instructions.yaml", self._folder / "out"
        scenario.write_text(text, encoding="utf-8")
        done = subprocess.run(
            [*command(self._folder), self._program, "run", "-q", "--force", "-j", "1",
             "-o", str(out), str(scenario)],
            env=self._env, text=True, capture_output=True, check=False)
        if done.returncode:
            raise SystemExit(f"bench/run: {done.stderr}")
        total = Counter()
        for path in self._folder.glob("callgrind.*"):
            with open(path, encoding="utf-8", errors="replace") as f:
                total += self._components.sum(costs(f))
        with open(out / "seeds.csv", encoding="utf-8", newline="") as f:
            return total, int(next(csv.DictReader(f))[column])

    def measure(self, name):
        file, column, shorter, longer = HOT[name]
        text = (WORKLOADS / file).read_text(encoding="utf-8")
        less, less_n = self._profile(replaced(text, shorter), column)
        more, more_n = self._profile(replaced(text, longer), column)
        parts = each(less, more, less_n, more_n)
        return {"workload": name, "per": column, "units": more_n - less_n,
                ALL: round(sum(parts.values()), 1),
                "components": {c: round(parts.get(c, 0), 1) for c in names()}}


def names():
    return [c for c, _ in OBJECTS] + [c for c, _ in COMPONENTS] + ["rest"]


def lines(results):
    """The table that bench/run prints."""
    yield f"{'instructions of one':20}" + "".join(
        f" {r['workload']:>9}" for r in results)
    yield f"{ALL:20}" + "".join(f" {r[ALL]:9,.0f}" for r in results)
    for c in names():
        yield f"  {c:18}" + "".join(f" {r['components'][c]:9,.0f}" for r in results)


def history_rows(results):
    """For bench/instructions.csv: a row for each component of each workload."""
    for r in results:
        for c, n in [(ALL, r[ALL]), *r["components"].items()]:
            yield {"workload": r["workload"], "component": c, "instructions": n}
