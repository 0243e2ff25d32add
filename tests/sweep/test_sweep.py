# SPDX-License-Identifier: Apache-2.0
"""A sweep on this machine: its table, what is reused, what fails."""

import fcntl
import os
import signal
import time

import sweeping
from sweeping import (FORTY, ROOT, TINY, assert_no_half_written_point, points_of, rows,
                      stage2sim, sweep, sweep_ok, write_sweep)

VCPUS = "{name: vcpus, path: 'vms[0].vcpus', values: [1, 2, 3]}"
HOPS = "{name: hop, path: overrides.dvm.hop, range: {from: 1ns, to: 40ns, step: 1ns}}"


def test_the_table_has_a_row_per_point_and_variant_as_single_runs_give_it(tmp_path):
    folder = sweep_ok(FORTY, tmp_path)
    table = rows(folder / "sweep.csv")
    assert len(table) == 80
    assert [(r["vcpus"], r["hop"], r["lock"], r["variant"]) for r in table[:3]] == [
        ("1", "10ns", "exclusive", "bbm"), ("1", "10ns", "exclusive", "nt"),
        ("1", "10ns", "shared", "bbm")]
    done = stage2sim("run", "-q", "-o", tmp_path / "one", "--seeds", "2", "--set",
                     "vms[0].vcpus=3", "--set", "overrides.dvm.hop=80ns", TINY)
    assert done.returncode == 0, done.stderr
    found = [r for r in table
             if (r["vcpus"], r["hop"], r["lock"]) == ("3", "80ns", "exclusive")]
    for row, alone in zip(found, rows(tmp_path / "one" / "summary.csv"), strict=True):
        assert {k: row[k] for k in alone} == alone
    assert rows(folder / "failed.csv") == []
    assert sorted(p.name for p in folder.iterdir()) == [
        "failed.csv", "lock", "report", "sweep.csv"]


def test_a_later_sweep_reuses_the_points_that_it_shares(tmp_path):
    first = write_sweep(tmp_path / "first.yaml", [VCPUS])
    sweep_ok(first, tmp_path / "out")
    before = {p: p.stat().st_mtime_ns for p in points_of(tmp_path / "out")}
    other = VCPUS.replace("1, 2, 3", "5, 3, 2")
    second = write_sweep(tmp_path / "second.yaml", [other])
    sweep_ok(second, tmp_path / "out")
    after = {p: p.stat().st_mtime_ns for p in points_of(tmp_path / "out")}
    assert len(before) == 3 and len(after) == 4
    assert {p: after[p] for p in before} == before


def test_points_that_fail_are_listed_and_do_not_stop_the_rest(tmp_path):
    guest = "vms[0].guest: '{kind: requests, load: 50%, accesses: 4}'"
    file = write_sweep(tmp_path / "s.yaml", [
        "{name: think, path: 'vms[0].guest.think', values: [50ns, 25ms, 60ns]}", VCPUS],
        extra=f"set:\n  {guest}\n")
    done = sweep(file, tmp_path / "out")
    assert done.returncode == 1, done.stderr
    folder = tmp_path / "out" / "sweeps" / "test"
    assert {r["think"] for r in rows(folder / "sweep.csv")} == {"50ns", "60ns"}
    failed = rows(folder / "failed.csv")
    assert [(r["think"], r["vcpus"], r["code"]) for r in failed] == [
        ("25ms", n, "2") for n in "123"]
    assert all("the capacity cannot be measured" in r["error"] for r in failed)
    assert "test: 9 of 9 points, 3 failed" in done.stderr
    assert "3 points failed; " in done.stderr
    assert "think=25ms vcpus=1: " in done.stderr
    assert "stage2sim: vm guest: no request began" in done.stderr


def test_best_of_no_results_lists_the_failures(tmp_path):
    guest = "vms[0].guest: '{kind: requests, load: 50%, accesses: 4}'"
    file = write_sweep(tmp_path / "s.yaml", [
        "{name: think, path: 'vms[0].guest.think', values: [25ms]}"],
        extra=f"set:\n  {guest}\n")
    done = sweep(file, tmp_path / "out", "--best", "requests")
    assert done.returncode == 1, done.stderr
    assert "1 points failed; " in done.stderr and "no column" not in done.stderr


def test_a_batch_of_no_time_is_refused(tmp_path):
    for value in ("0", "-1", "nan", "inf", "x"):
        done = sweep(FORTY, tmp_path / "out", f"--batch-s={value}")
        assert done.returncode == 2
        assert f"argument --batch-s: invalid seconds value: '{value}'" in done.stderr
    assert not (tmp_path / "out").exists()


def test_best_lists_the_points_with_the_lowest_or_highest_value(tmp_path):
    file = write_sweep(tmp_path / "s.yaml", [VCPUS])
    table = rows(sweep_ok(file, tmp_path / "out") / "sweep.csv")
    for options, reverse in (([], False), (["--highest"], True)):
        done = sweep(file, tmp_path / "out", "--best", "request_max_ns", "-n", 4,
                     *options)
        lines = [line.split() for line in done.stdout.splitlines()[:5]]
        assert lines[0] == ["vcpus", "variant", "request_max_ns"]
        want = sorted((float(r["request_max_ns"]) for r in table), reverse=reverse)
        assert [float(line[2]) for line in lines[1:]] == want[:4]
    done = sweep(file, tmp_path / "out", "--best", "speed")
    assert done.returncode == 2
    assert "no such column; accepted: accesses, requests" in done.stderr


def test_bad_sweep_files_end_with_exit_code_2_and_leave_nothing(tmp_path):
    file = write_sweep(tmp_path / "s.yaml", [VCPUS.replace("vcpus'", "cpus'")])
    done = sweep(file, tmp_path / "out")
    assert done.returncode == 2
    assert f"{file}:5:26: error[S004]" in done.stderr
    assert not (tmp_path / "out").exists()


def test_one_sweep_is_not_run_twice_at_a_time(tmp_path):
    folder = tmp_path / "sweeps" / "forty"
    folder.mkdir(parents=True)
    with open(folder / "lock", "w", encoding="utf-8") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        done = sweep(FORTY, tmp_path)
    assert done.returncode == 2 and "another ./sweep is running it" in done.stderr


def workers_of(out):
    """Process ids of the workers of a sweep."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                words = f.read().decode(errors="replace").split("\0")
        except OSError:
            continue
        if "reports.sweep.batch" in words and any(
                w.startswith(f"{out}/sweeps/test/work.") for w in words):
            found.append(int(pid))
    return found


def test_a_worker_that_is_killed_costs_nothing_but_time(tmp_path):
    file = write_sweep(tmp_path / "s.yaml", [HOPS])
    want = (sweep_ok(file, tmp_path / "calm") / "sweep.csv").read_bytes()
    out = tmp_path / "out"
    driver = sweeping.subprocess.Popen(
        sweeping.command(file, out, "--batch-s", "100"), cwd=ROOT,
        env=sweeping.environment(), stdin=sweeping.subprocess.DEVNULL,
        stdout=sweeping.subprocess.DEVNULL, stderr=sweeping.subprocess.DEVNULL)
    until = time.monotonic() + sweeping.TIMEOUT_S
    while not (found := workers_of(out)) or len(points_of(out)) < 3:
        assert driver.poll() is None and time.monotonic() < until
        time.sleep(0.01)
    os.kill(found[0], signal.SIGKILL)
    assert driver.wait(sweeping.TIMEOUT_S) == 0
    assert_no_half_written_point(out)
    assert (out / "sweeps" / "test" / "sweep.csv").read_bytes() == want


def test_a_snakemake_profile_runs_the_points_elsewhere(tmp_path):
    profile = tmp_path / "profile"
    profile.mkdir()
    log = tmp_path / "submitted"
    submit = tmp_path / "submit.sh"
    submit.write_text(f'#!/bin/sh\necho "$1" >>{log}\nexec sh "$1"\n', encoding="utf-8")
    submit.chmod(0o755)
    (profile / "config.yaml").write_text(f"cluster-sync: {submit}\njobs: 2\n",
                                         encoding="utf-8")
    file = write_sweep(tmp_path / "s.yaml", [VCPUS])
    want = (sweep_ok(file, tmp_path / "here") / "sweep.csv").read_bytes()
    there = sweep_ok(file, tmp_path / "there", "--profile", profile)
    assert (there / "sweep.csv").read_bytes() == want
    assert log.read_text(encoding="utf-8")
