# SPDX-License-Identifier: Apache-2.0
"""python3 bench/sweep/measure.py [PROGRAM]: what sweeps cost beyond their simulations.

Prints the numbers of docs/scaling.md. The share of busy cores means something only on a
machine that does nothing else; the CPU times hold on any."""

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "sweep" / "tiny.yaml"
RANGE = "range: {from: 1ns, to: %s, step: 1ns}}"
HOP = "{name: hop, path: overrides.dvm.hop, " + RANGE
THINK = "{name: think, path: 'vms[0].guest.think', " + RANGE
LONGER = {"run.duration": "600ms"}  # points of about 0.6 s
ALONE_N = 9


def write_sweep(path, name, axes, extra=""):
    lines = "".join(f"  - {axis}\n" for axis in axes)
    path.write_text(f"sweep: 1\nname: {name}\nscenario: {TINY}\n{extra}axes:\n{lines}",
                    encoding="utf-8")
    return path


def sweep(program, file, out):
    """(wall s, CPU s of everything below, largest process in MiB) of one ./sweep."""
    command = [sys.executable, "-B", "-m", "reports.sweep", "--program", program, "-o",
               out, file]
    began = time.monotonic()
    child = subprocess.Popen([str(a) for a in command], cwd=ROOT,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             env=dict(os.environ, STAGE2SIM_ROOT=str(ROOT)))
    _, status, used = os.wait4(child.pid, 0)
    assert status == 0, f"the sweep ended with status {status}"
    return (time.monotonic() - began, used.ru_utime + used.ru_stime,
            used.ru_maxrss / 1024)


def alone_s(program, folder, sets):
    """Median CPU seconds of the program on its own, with all that it reads and writes."""
    command = [program, "run", "-q", "-j", "1", "--force", "-o", folder / "alone"]
    for path, value in sets.items():
        command += ["--set", f"{path}={value}"]
    times = []
    for _ in range(ALONE_N):
        child = subprocess.Popen([str(a) for a in [*command, TINY]], cwd=ROOT,
                                 env=dict(os.environ, STAGE2SIM_ROOT=str(ROOT)))
        _, status, used = os.wait4(child.pid, 0)
        assert status == 0, f"the run ended with status {status}"
        times.append(used.ru_utime + used.ru_stime)
    return statistics.median(times)


def local(program, folder, name, sets):
    extra = f"set: {json.dumps(sets)}\n" if sets else ""
    file = write_sweep(folder / f"{name}.yaml", name, [HOP % "20ns", THINK % "10ns"],
                       extra)
    point = alone_s(program, folder, sets)
    wall, cpu, _ = sweep(program, file, folder / name)
    cores = len(os.sched_getaffinity(0))
    print(f"{name}: 200 points of {point * 1e3:.0f} ms: {wall:.1f} s on {cores} cores, "
          f"busy {cpu / wall / cores:.1%}; overhead "
          f"{(cpu / 200 - point) * 1e3:.1f} ms of CPU per point")


def fill(program, file, out):
    """Gives every point the results of one that was run."""
    done = subprocess.run([program, "points", file], text=True, capture_output=True,
                          check=True, env=dict(os.environ, STAGE2SIM_ROOT=str(ROOT)))
    model = next(p for p in (out / "points").glob("*/*") if p.is_dir())
    for line in done.stdout.splitlines()[1:]:
        point_id = json.loads(line)["id"]
        path = out / "points" / point_id[:2] / point_id
        if not path.exists():
            shutil.copytree(model, path)


def collect(program, folder):
    out = folder / "collect"
    one = write_sweep(folder / "one.yaml", "one", [HOP % "1.5ns"])
    many = write_sweep(folder / "many.yaml", "many", [HOP % "100ns", THINK % "100ns"])
    sweep(program, one, out)
    fill(program, many, out)
    wall, cpu, largest = sweep(program, many, out)
    size = sum(p.stat().st_size for p in (out / "points").rglob("*") if p.is_file())
    print(f"collect: 10000 points: {wall:.1f} s ({cpu:.1f} s of CPU), largest process "
          f"{largest:.0f} MiB, {size / 10000 / 1024:.1f} KiB per point")


def main():
    program = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build" / "stage2sim")
    program = program.absolute()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as folder:
        local(program, Path(folder), "short", {})
        local(program, Path(folder), "longer", LONGER)
        collect(program, Path(folder))


if __name__ == "__main__":
    main()
