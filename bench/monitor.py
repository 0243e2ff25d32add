#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the monitor costs: CPU time of whole runs with it against without it.

usage: monitor.py [--program BINARY] [--rounds N] [SCENARIO ...]

Each round runs every scenario with --monitor on and off, in turns, with one seed and one
process at a time; the least CPU time of each counts. Prints a row per scenario, and
exits with 1 if the monitor costs more than LIMIT of one."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIMIT = 0.10
# bench/stores.yaml is the worst case, nothing but changes of tables; it is no run that
# anybody compares strategies with.
SCENARIOS = ("scenarios/storms/coalesce-2m-mainline", "scenarios/storms/coalesce-1g")


def cpu_s(program, scenario, switch):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        subprocess.run([program, "run", "-q", "-j", "1", "--seeds", "1", "--monitor",
                        switch, "-o", out, scenario], check=False,
                       stderr=subprocess.DEVNULL,
                       env=dict(os.environ, STAGE2SIM_ROOT=str(ROOT)))
        return json.loads((out / "host.json").read_text(encoding="utf-8"))["cpu_s"]


def measure(program, scenario, rounds):
    """The least CPU time with and without the monitor."""
    least = {"on": float("inf"), "off": float("inf")}
    for i in range(rounds):
        for switch in ("on", "off") if i % 2 else ("off", "on"):
            least[switch] = min(least[switch], cpu_s(program, scenario, switch))
    return least["on"], least["off"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--program", default=ROOT / "build" / "stage2sim")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("scenarios", nargs="*",
                        default=[ROOT / f"{s}.yaml" for s in SCENARIOS])
    args = parser.parse_args()
    worst = 0
    print("scenario,on_s,off_s,cost")
    for scenario in args.scenarios:
        on, off = measure(args.program, scenario, args.rounds)
        worst = max(worst, on / off - 1)
        print(f"{Path(scenario).stem},{on:.3f},{off:.3f},{on / off - 1:.3f}", flush=True)
    return 1 if worst > LIMIT else 0


if __name__ == "__main__":
    sys.exit(main())
