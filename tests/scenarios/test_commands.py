# SPDX-License-Identifier: Apache-2.0
"""The command line: what is accepted, and what ends with exit code 2."""

import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from program import BINARY, HERE, ROOT, SCENARIOS, stage2sim

GOOD = SCENARIOS / "good" / "one-vcpu.yaml"


def refused(done, *words):
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    assert done.stdout == ""
    for word in words:
        assert str(word) in done.stderr


def test_an_unknown_command_is_refused_with_those_accepted():
    refused(stage2sim("simulate"), "simulate", "run", "check", "list")


def test_no_command_is_refused_with_those_accepted():
    refused(stage2sim(), "run", "check", "list")


@pytest.mark.parametrize("command", ["run", "check", "list"])
def test_an_unknown_option_is_refused(command):
    refused(stage2sim(command, "--frobnicate", GOOD), "--frobnicate")


@pytest.mark.parametrize("options", [
    ["--seeds", "0"], ["--seeds", "-1"], ["--seeds", "many"], ["--seeds", "10001"],
    ["--seeds", "99999999999999999999"], ["-j", "0"], ["-j", "2x"], ["-o"]])
def test_a_bad_value_of_an_option_is_refused(tmp_path, options):
    refused(stage2sim("run", GOOD, *options, cwd=tmp_path), options[0].lstrip("-"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["run", "check"])
def test_no_file_and_two_files_are_refused(command, tmp_path):
    refused(stage2sim(command, cwd=tmp_path), "one scenario file")
    refused(stage2sim(command, GOOD, GOOD, cwd=tmp_path), "one scenario file")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["run", "check"])
@pytest.mark.parametrize("name", ["absent.yaml", "."])
def test_a_missing_file_and_a_folder_are_refused(command, name, tmp_path):
    refused(stage2sim(command, name, cwd=tmp_path),
            f"{name}: error[S001]: cannot be read")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("args", [
    ["--help"], ["run", "--help"], ["check", "--help"], ["list", "--help"]])
def test_help_says_how_to_call(args):
    done = stage2sim(*args)
    assert done.returncode == 0
    assert done.stdout.startswith("usage: stage2sim")
    assert done.stderr == ""


def test_check_says_that_a_scenario_is_valid():
    done = stage2sim("check", GOOD)
    assert done.returncode == 0
    assert f"{GOOD}: valid" in done.stdout


def test_check_gives_its_verdict_as_json():
    good = stage2sim("check", "--json", GOOD)
    assert good.returncode == 0
    verdict = json.loads(good.stdout)
    assert verdict["valid"] is True
    assert verdict["errors"] == [] and verdict["warnings"] == []

    bad_file = SCENARIOS / "invalid" / "unknown-key.yaml"
    bad = stage2sim("check", "--json", bad_file)
    assert bad.returncode == 2
    verdict = json.loads(bad.stdout)
    assert verdict["valid"] is False
    assert len(verdict["errors"]) == 1
    assert verdict["errors"][0].startswith(f"{bad_file}:8:5: error[S004]")
    assert not verdict["errors"][0].endswith("\n")


def test_list_names_what_is_shipped():
    listed = json.loads(stage2sim("list", "--json").stdout)
    files = sorted(p.name for p in (SCENARIOS / "platforms").glob("*.yaml"))
    assert listed["platforms"] == [name.removesuffix(".yaml") for name in files]
    assert {"keep", "bbm", "bbm-early", "nt"} <= set(listed["sequences"])
    assert "kvm-6.2" in listed["paths"]
    assert "scenarios/storms/coalesce-1g.yaml" in listed["scenarios"]

    text = stage2sim("list")
    assert text.returncode == 0
    for names in listed.values():
        for name in names:
            assert f"  {name}\n" in text.stdout


def test_an_expectation_that_fails_ends_with_1_and_its_place(tmp_path):
    file = HERE / "expectation-fails.yaml"
    done = stage2sim("run", "-o", tmp_path / "out", file)
    assert done.returncode == 1
    assert f"{file}:19:5: expectation failed: accesses of variant keep is 1" \
        in done.stderr
    assert (tmp_path / "out" / "summary.csv").exists()


def children_of(pid):
    return {int(p) for task in Path(f"/proc/{pid}/task").iterdir()
            for p in (task / "children").read_text().split()}


def has_ended(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def test_simulations_end_with_the_program_that_is_killed(tmp_path):
    program = subprocess.Popen(
        [str(BINARY), "run", "-q", "-j", "2", "-o", str(tmp_path / "out"),
         str(SCENARIOS / "storms" / "vcpus-1g-128.yaml")],
        env=dict(os.environ, STAGE2SIM_ROOT=str(ROOT)), stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    until = time.monotonic() + 120
    while len(children := children_of(program.pid)) < 2:
        assert time.monotonic() < until and program.poll() is None
        time.sleep(0.02)
    program.kill()
    program.wait()
    while not all(map(has_ended, children)):
        assert time.monotonic() < until
        time.sleep(0.02)
    assert not (tmp_path / "out").exists()
