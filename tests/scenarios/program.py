# SPDX-License-Identifier: Apache-2.0
"""Calls build/stage2sim and reads what it wrote.

STAGE2SIM_BINARY names another program; ctest sets it to the one of its build folder."""

import csv
import os
import re
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SCENARIOS = ROOT / "scenarios"
BINARY = Path(os.environ.get("STAGE2SIM_BINARY", ROOT / "build" / "stage2sim"))

# AddressSanitizer says, with addresses, that it does not know the stacks of SystemC.
ASAN_NOTE = re.compile(r"==\d+==WARNING: ASan is ignoring requested __asan_handle_no_return"
                       r".*\nFalse positive error reports may follow\nFor details see "
                       r"https://github.com/google/sanitizers/issues/189\n")


def stage2sim(*args, cwd=None):
    """Exit code, stdout and stderr of one call."""
    env = dict(os.environ, STAGE2SIM_ROOT=str(ROOT))
    done = subprocess.run([str(BINARY), *map(str, args)], cwd=cwd, env=env, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
    done.stderr = ASAN_NOTE.sub("", done.stderr)
    return done


def run(scenario, out, *options):
    """Runs a scenario that must give a result, and returns its run directory."""
    done = stage2sim("run", "-q", "-o", out, *options, scenario)
    assert done.returncode == 0, done.stderr
    return out


def rows(path):
    """A CSV file as a list of dicts of text."""
    with open(path, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def header(path):
    with open(path, encoding="utf-8") as f:
        return f.readline().rstrip("\n").split(",")


def contents(folder):
    """Name to bytes of every file that must not depend on the host."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*")
            if p.is_file() and p.name != "host.json"}


def by_run(table):
    """Rows grouped by (variant, seed), in file order."""
    groups = {}
    for row in table:
        groups.setdefault((row["variant"], row["seed"]), []).append(row)
    return groups
