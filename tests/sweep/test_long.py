# SPDX-License-Identifier: Apache-2.0
"""What takes long: a cluster, many kills, ten thousand points."""

import json
import resource
import shutil
import subprocess

import pytest

import slurm
from killing import kill_and_resume
from sweeping import (BINARY, FORTY, ROOT, deterministic, environment, rows, sweep_ok,
                      write_sweep)

MEMORY_MAX = 500 << 20


def test_a_driver_killed_twenty_times_and_resumed_gives_the_same_table(tmp_path):
    kill_and_resume(tmp_path, 20)


def test_slurm_gives_the_same_bytes_as_this_machine(tmp_path):
    if slurm.missing():
        pytest.skip(f"not installed: {' '.join(slurm.missing())}")
    here = sweep_ok(FORTY, tmp_path / "here")
    with slurm.Cluster(tmp_path / "cluster") as env:
        env["STAGE2SIM_ROOT"] = str(ROOT)
        there = sweep_ok(FORTY, tmp_path / "there", "--slurm", env=env)
    log = (tmp_path / "cluster" / "slurmctld.log").read_text(errors="replace")
    assert log.count("_job_complete: JobId=") >= 8, log[-2000:]
    for name in ("sweep.csv", "failed.csv"):
        assert (there / name).read_bytes() == (here / name).read_bytes(), name
    assert deterministic(tmp_path / "there") == deterministic(tmp_path / "here")


def fill_store(file, out):
    """Gives every point of a sweep the results of one that was really run."""
    done = subprocess.run([BINARY, "points", file], env=environment(), text=True,
                          capture_output=True, check=True)
    ids = [json.loads(line)["id"] for line in done.stdout.splitlines()[1:]]
    model = next(p for p in (out / "points").glob("*/*") if p.is_dir())
    for point_id in ids:
        path = out / "points" / point_id[:2] / point_id
        if not path.exists():
            shutil.copytree(model, path)
    return ids


def test_ten_thousand_points_are_collected_in_500_mb(tmp_path):
    small = write_sweep(tmp_path / "small.yaml", [
        "{name: hop, path: overrides.dvm.hop, values: [7ns]}"])
    sweep_ok(small, tmp_path / "out")
    file = write_sweep(tmp_path / "s.yaml", [
        "{name: hop, path: overrides.dvm.hop, range: "
        "{from: 1ns, to: 100ns, step: 1ns}}",
        "{name: think, path: 'vms[0].guest.think', range: "
        "{from: 1ns, to: 100ns, step: 1ns}}"])
    assert len(fill_store(file, tmp_path / "out")) == 10000
    folder = sweep_ok(file, tmp_path / "out")
    assert len(rows(folder / "sweep.csv")) == 20000
    assert (folder / "report" / "report.html").stat().st_size > 10000
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10
    assert largest < MEMORY_MAX, largest
