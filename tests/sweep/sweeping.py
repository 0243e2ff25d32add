# SPDX-License-Identifier: Apache-2.0
"""Calls `stage2sim`, and the driver of sweeps as ./sweep does; reads what they wrote.

STAGE2SIM_BINARY names another program; ctest sets it to the one of its build folder."""

import csv
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BINARY = Path(os.environ.get("STAGE2SIM_BINARY", ROOT / "build" / "stage2sim"))
FORTY = HERE / "forty.yaml"
TINY = HERE / "tiny.yaml"
KEPT = {"run.json", "summary.csv", "seeds.csv", "host.json"}
TIMEOUT_S = 600  # much: the machine may have other work


def environment(**more):
    return dict(os.environ, STAGE2SIM_ROOT=str(ROOT), **more)


def stage2sim(*args):
    return subprocess.run([str(BINARY), *map(str, args)], cwd=ROOT, env=environment(),
                          text=True, stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=TIMEOUT_S)


def command(file, out, *options):
    return [sys.executable, "-B", "-m", "reports.sweep", "--program", str(BINARY), "-o",
            str(out), *map(str, options), str(file)]


def sweep(file, out, *options, env=None):
    return subprocess.run(command(file, out, *options), cwd=ROOT,
                          env=env or environment(), text=True,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=TIMEOUT_S)


def sweep_ok(file, out, *options, env=None):
    """Folder of a sweep all of whose points must have results."""
    done = sweep(file, out, *options, env=env)
    assert done.returncode == 0, done.stderr
    return next((out / "sweeps").iterdir())


def rows(path):
    with open(path, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def write_sweep(path, axes, extra="", scenario=TINY):
    """A sweep file: axes are lines of YAML."""
    lines = "".join(f"  - {axis}\n" for axis in axes)
    head = f"sweep: 1\nname: test\nscenario: {scenario}\n"
    path.write_text(f"{head}{extra}axes:\n{lines}", encoding="utf-8")
    return path


def points_of(out):
    """Every folder of a point in the store."""
    return sorted(p for p in (out / "points").glob("*/*") if p.is_dir())


def assert_no_half_written_point(out):
    for point in points_of(out):
        assert {p.name for p in point.iterdir()} == KEPT, point
        for path in point.iterdir():
            text = path.read_text(encoding="utf-8")
            assert text.endswith("\n"), path
        lines = (point / "summary.csv").read_text(encoding="utf-8").splitlines()
        assert len(lines) == 3 and len({line.count(",") for line in lines}) == 1, point


def deterministic(out):
    """Name to bytes of every file in the store that must not depend on the host."""
    return {str(p.relative_to(out)): p.read_bytes()
            for p in (out / "points").rglob("*")
            if p.is_file() and p.name != "host.json"}
