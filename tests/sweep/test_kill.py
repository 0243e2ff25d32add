# SPDX-License-Identifier: Apache-2.0
"""kill -9 of the driver of a sweep."""

import fcntl
import shutil
import threading

import pytest

from killing import kill_and_resume
from reports.sweep.batch import Runner
from reports.sweep.store import Store
from sweeping import sweep_ok, write_sweep

VCPUS = "{name: vcpus, path: 'vms[0].vcpus', values: [1, 2]}"


def test_a_driver_killed_five_times_and_resumed_gives_the_same_table(tmp_path):
    kill_and_resume(tmp_path, 5)


def test_what_a_killed_driver_left_in_its_folder_is_removed(tmp_path):
    file = write_sweep(tmp_path / "s.yaml", [VCPUS])
    folder = sweep_ok(file, tmp_path / "out")
    want = (folder / "sweep.csv").read_bytes()
    for name in ("work.x1/tmp", ".report.new-77/plots", ".report.old-77",
                 ".gone-work.x2-5/tmp"):
        (folder / name).mkdir(parents=True)
    for name in ("sweep.csv.new-77", "failed.csv.new-77", "work.x1/plan.json"):
        (folder / name).write_text("half", encoding="utf-8")
    sweep_ok(file, tmp_path / "out")
    assert sorted(p.name for p in folder.iterdir()) == [
        "failed.csv", "lock", "report", "sweep.csv"]
    assert (folder / "sweep.csv").read_bytes() == want


def test_a_lock_that_a_dying_process_still_holds_is_waited_for(tmp_path):
    file = write_sweep(tmp_path / "s.yaml", [VCPUS])
    folder = tmp_path / "out" / "sweeps" / "test"
    folder.mkdir(parents=True)
    with open(folder / "lock", "w", encoding="utf-8") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        release = threading.Timer(1.0, fcntl.flock, (f, fcntl.LOCK_UN))
        release.start()
        sweep_ok(file, tmp_path / "out")
        release.join()


@pytest.mark.parametrize("gone", [True, False])
def test_a_point_whose_work_folder_is_gone_has_not_failed(tmp_path, gone):
    work = tmp_path / "work.x"
    (work / "tmp").mkdir(parents=True)
    program = work / "stage2sim"
    remove = f"rm -r {work}; mkdir -p {work}/tmp\n" if gone else ""
    program.write_text(f"#!/bin/sh\n{remove}exit 3\n", encoding="utf-8")
    program.chmod(0o755)
    store = tmp_path / "points"
    runner = Runner({"program": str(program), "scenario": "x", "store": str(store),
                     "root": str(tmp_path)}, work)
    if gone:
        with pytest.raises(SystemExit):
            runner.run("abcd", [])
    else:
        assert runner.run("abcd", []) == "failed"
    assert (Store(store).failure("abcd") is None) == gone
    shutil.rmtree(work)
