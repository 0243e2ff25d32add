# SPDX-License-Identifier: Apache-2.0
"""The litmus shapes: no forbidden outcome is seen, and what must be seen is."""

import json

import pytest

from program import ROOT, SCENARIOS, stage2sim

FILES = sorted((SCENARIOS / "litmus").glob("*.yaml"))
MUST_BE_SEEN = (
    "BBM+dsb-tlbiis-dsb", "BBM.Tf+dsb-tlbiis-dsb", "CoWinvT+po",
    "CoWinvT.EL1+dsb-badtlbi-dsb-isb", "MP.RT.EL1+dsb-tlbi-dsb+dsb-isb",
    "MP.RT.EL2+dsb-tlbiipais-dsb+dsb-isb",
    "MP.RT.EL2+dsb-tlbiis-dsb-tlbiipais-dsb+dsb-isb",
    "MP.RT.EL2+dsb-tlbiipa-dsb-tlbiis-dsb+dsb-isb", "Stage1FillFromStage2",
    "IntermediateTLB", "InvalidateWide")
NOT_MODELLED = (
    "CoWTf.inv+po", "Stacked1BBM", "CoWinvT.EL1+dsb-tlbi-dsb",
    "RBS+dsb-tlbiis-dsb+poloc", "MP.RT.EL1+dsb-tlbiis-dsb+dmb")


@pytest.fixture(scope="module")
def found():
    done = stage2sim("litmus", "--json", *FILES)
    assert done.returncode == 0, done.stderr
    return {t["shape"]: t for t in json.loads(done.stdout)}


def test_no_forbidden_outcome_is_ever_seen(found):
    forbidden = [t for t in found.values() if t["verdict"] == "forbidden"]
    assert len(forbidden) >= 12
    for t in forbidden:
        assert t["asked"] == 0, t
        assert t["not_modelled"] or t["rounds"] >= 200, t


def test_the_allowed_outcomes_that_must_be_seen_are(found):
    for shape in MUST_BE_SEEN:
        assert found[shape]["verdict"] == "allowed", shape
        assert found[shape]["asked"] > 0, found[shape]


def test_what_needs_more_than_the_model_has_says_so(found):
    for shape in NOT_MODELLED:
        assert found[shape]["not_modelled"].startswith("needs "), shape
        assert found[shape]["rounds"] == 0, shape


def test_break_before_make_shows_all_three_outcomes(found):
    assert set(found["BBM+dsb-tlbiis-dsb"]["outcomes"]) == {
        "1:r0=0", "1:r0=fault-s1-l3", "1:r0=1"}


def test_every_delay_has_an_outcome(found):
    for t in found.values():
        assert sum(t["outcomes"].values()) == t["rounds"], t


def test_the_table_of_the_documentation_is_what_the_command_prints():
    done = stage2sim("litmus", "--markdown", *FILES)
    assert done.returncode == 0, done.stderr
    text = (ROOT / "docs" / "litmus.md").read_text(encoding="utf-8")
    assert done.stdout in text


def test_a_scenario_that_is_no_litmus_test_is_refused():
    file = SCENARIOS / "good" / "one-vcpu.yaml"
    done = stage2sim("litmus", file)
    assert done.returncode == 2
    assert f"{file}: error: not a litmus test" in done.stderr


def test_an_asked_outcome_that_cannot_be_is_refused(tmp_path):
    text = (SCENARIOS / "litmus" / "bbm.yaml").read_text(encoding="utf-8")
    file = tmp_path / "bbm.yaml"
    file.write_text(text.replace("asks: '1:r0=0'", "asks: '1:r9=0'"), encoding="utf-8")
    done = stage2sim("litmus", file)
    assert done.returncode == 2
    assert "error[S013]" in done.stderr and "1:r9=0" in done.stderr, done.stderr


def test_a_forbidden_outcome_that_is_seen_fails(tmp_path):
    text = (SCENARIOS / "litmus" / "bbm.yaml").read_text(encoding="utf-8")
    file = tmp_path / "bbm.yaml"
    file.write_text(text.replace("verdict: allowed", "verdict: forbidden"),
                    encoding="utf-8")
    done = stage2sim("litmus", file)
    assert done.returncode == 1, done.stdout
    assert "WRONG" in done.stdout


def test_a_run_writes_the_outcomes(tmp_path):
    done = stage2sim("run", "-q", "-o", tmp_path / "out",
                     SCENARIOS / "litmus" / "bbm.yaml")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "out" / "outcomes.csv").read_text(encoding="utf-8")
    assert text.startswith("variant,seed,outcome,rounds,first_round\n"
                           "model,1,1:r0=0,"), text
