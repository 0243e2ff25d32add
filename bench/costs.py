# SPDX-License-Identifier: Apache-2.0
"""What watching a run costs, and what large runs take; for bench/run.

The cost of the monitor and of the progress display is counted in instructions
(callgrind), since a few percent drown in the noise of a host that others use."""

import csv
import json
import os
import pty
import re
import resource
import subprocess
from pathlib import Path

import callgrind

WORKLOADS = Path(__file__).resolve().parent / "workloads"
PAGE = 4096

# Short runs, and what makes them shorter still: what both have in common, the start-up,
# does not count.
SHORT = {
    "hits": ("hits.yaml", [("duration: 20ms, measure_from: 1ms",
                            "duration: 600us, measure_from: 0ms")],
             [("duration: 600us", "duration: 200us")]),
    "storm": ("storm.yaml", [("size: 16MiB", "size: 4MiB")],
              [("size: 4MiB", "size: 2MiB")]),
}
# name: options with and without it, the goal
SWITCHES = {
    "monitor": (["-q"], ["-q", "--monitor", "off"], 0.10),
    "progress": ([], ["-q"], 0.02),
    "faults.csv": (["-q"], ["-q", "--faults", "off"], None),
}
# name: scenario, text to replace, in the runs of a tenth
SPARSE_LESS = [("accesses: 2684355", "accesses: 268435")]
SPARSE = {
    "sparse": ("1 TiB, 1 % touched, neighbours", []),
    "sparse-spread": ("1 TiB, 1 % touched at random",
                      [("pattern: sequential", "pattern: uniform")]),
}
FULL = "full"


def replaced(text, pairs):
    for old, new in pairs:
        if old not in text:
            raise SystemExit(f"bench/run: the workload has no '{old}'")
        text = text.replace(old, new)
    return text


def _with_terminal(command, env):
    """Runs it with a terminal as stderr, as a user who looks on; its output is lost."""
    master, slave = pty.openpty()
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL,
                          stderr=slave) as running:
        os.close(slave)
        while True:
            try:
                if not os.read(master, 4096):
                    break
            except OSError:  # the last one has closed the other end
                break
    os.close(master)
    return running.returncode


class Costs:
    def __init__(self, program, folder, env):
        self.program = program
        self.folder = Path(folder)
        self.env = env

    def _write(self, text):
        path = self.folder / "cost.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    def _command(self, options, path):
        return [self.program, "run", "--force", "-j", "1", "-o",
                str(self.folder / "out"), *options, str(path)]

    # ---- instructions ----

    def _instructions(self, text, options):
        """Of a whole run, all its processes."""
        code = _with_terminal([*callgrind.command(self.folder),
                               *self._command(options, self._write(text))], self.env)
        if code:
            raise SystemExit(f"bench/run: a run under callgrind ended with {code}")
        found = [re.search(r"^(?:summary|totals): (\d+)", p.read_text(), re.M)
                 for p in self.folder.glob("callgrind.*")]
        return sum(int(f.group(1)) for f in found if f)

    def switch(self, name):
        """One row per short workload: instructions with it, beside those without."""
        on, off, goal = SWITCHES[name]
        rows = []
        for work, (file, short, shorter) in SHORT.items():
            text = replaced((WORKLOADS / file).read_text(encoding="utf-8"), short)
            less = replaced(text, shorter)
            with_it = self._instructions(text, on) - self._instructions(less, on)
            without = self._instructions(text, off) - self._instructions(less, off)
            rows.append({"workload": f"{name}-{work}", "with": with_it,
                         "without": without, "ratio": round(with_it / without - 1, 5),
                         "goal": goal})
        return rows

    # ---- large runs ----

    def _run(self, text, options):
        """CPU seconds of all its processes, peak KiB of the largest, seeds.csv."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(self._command(["-q", *options], self._write(text)),
                              env=self.env, text=True, capture_output=True, check=False)
        if done.returncode:
            raise SystemExit(f"bench/run: {done.stderr}")
        out = self.folder / "out"
        host = json.loads((out / "host.json").read_text(encoding="utf-8"))
        with open(out / "seeds.csv", encoding="utf-8", newline="") as f:
            row = next(csv.DictReader(f))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
                host["largest_process_kib"], row)

    def _touched(self):
        """Pages that faulted, and bytes of the tables that map them."""
        pages = set()
        with open(self.folder / "out" / "faults.csv", encoding="utf-8", newline="") as f:
            rows = csv.reader(f)
            at = next(rows).index("ipa")
            for row in rows:
                pages.add(int(row[at], 16) // PAGE)
        tables = len({p >> 9 for p in pages}) + len({p >> 18 for p in pages})
        return len(pages), tables * PAGE

    def sparse(self, name):
        """Bytes of the host per touched page, beside the tables; CPU time per page."""
        what, pairs = SPARSE[name]
        text = replaced((WORKLOADS / "sparse.yaml").read_text(encoding="utf-8"), pairs)
        sizes = []
        for case in (text, replaced(text, SPARSE_LESS)):
            cpu_s, peak_kib, _ = self._run(case, [])
            pages, tables = self._touched()
            sizes.append((pages, peak_kib * 1024 - tables, tables, cpu_s))
        (pages, beside, tables, seconds), (few, beside_few, _, seconds_few) = sizes
        return {"workload": name, "what": what, "pages": pages, "table_bytes": tables,
                "beside_bytes": beside,
                "bytes_per_page": round((beside - beside_few) / (pages - few), 2),
                "us_per_page": round((seconds - seconds_few) / (pages - few) * 1e6, 3),
                "goal": 16}

    def full(self, floor):
        """The largest published row, between two floors of 10 billion look-ups."""
        text = (WORKLOADS / "full.yaml").read_text(encoding="utf-8")
        before = floor()
        cpu_s, peak_kib, seed = self._run(text, [])
        goal_s = 1e10 / ((before + floor()) / 2)
        return {"workload": FULL, "faults": int(seed["faults"]),
                "accesses": int(seed["accesses"]), "cpu_s": round(cpu_s, 1),
                "peak_mib": round(peak_kib / 1024, 1),
                "goal_s": round(goal_s, 1), "goal_mib": 300,
                "ratio": round(goal_s / cpu_s, 3), "goal": 1.0}
