# SPDX-License-Identifier: Apache-2.0
"""Scenarios that come with stage2sim."""

import pytest

from program import SCENARIOS, stage2sim


def files(*folders):
    return sorted(p for folder in folders for p in (SCENARIOS / folder).glob("*.yaml"))


KEPT = files("good", "bad", "validation")
STORMS = files("storms")
SHIPPED = STORMS + KEPT


def test_there_are_shipped_scenarios():
    assert KEPT


@pytest.mark.parametrize("file", SHIPPED, ids=lambda p: p.stem)
def test_every_shipped_scenario_is_valid(file):
    done = stage2sim("check", file)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("file", KEPT, ids=lambda p: p.stem)
def test_every_good_bad_and_validation_scenario_keeps_its_expectations(file, tmp_path):
    assert "\nexpect:" in file.read_text(encoding="utf-8")
    done = stage2sim("run", "-q", "-o", tmp_path / "out", file)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("file", STORMS, ids=lambda p: p.stem)
def test_every_storm_runs_and_keeps_its_expectations(file, tmp_path):
    done = stage2sim("run", "-q", "-o", tmp_path / "out", "--seeds", "1", file)
    assert done.returncode == 0, done.stderr
