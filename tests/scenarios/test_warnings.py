# SPDX-License-Identifier: Apache-2.0
"""Input that is valid but perhaps not meant: place and code, and it runs."""

import json

import pytest

from program import SCENARIOS, stage2sim

FILE = SCENARIOS / "good" / "tlbi-by-ipa.yaml"
PLACES = ["19:23", "20:25", "21:34"]  # of tlbi: ipa and range


@pytest.mark.parametrize("command", [["check"], ["run", "-q", "-o", "out"]],
                         ids=["check", "run"])
def test_a_warning_is_printed_and_the_exit_code_stays(command, tmp_path):
    done = stage2sim(*command, FILE, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for place in PLACES:
        assert f"{FILE}:{place}: warning[W001]: " in done.stderr, done.stderr
    assert done.stderr.count("warning[") == len(PLACES)
    assert "error[" not in done.stderr
    assert "warning[" not in done.stdout


def test_check_lists_warnings_as_json():
    done = stage2sim("check", "--json", FILE)
    assert done.returncode == 0
    assert done.stderr == ""
    verdict = json.loads(done.stdout)
    assert verdict["valid"] is True and verdict["errors"] == []
    assert [w.split(": ")[0] for w in verdict["warnings"]] == [
        f"{FILE}:{place}" for place in PLACES]
