# SPDX-License-Identifier: Apache-2.0
"""A closed-loop replay in a report: exact, beside the recording, verdict or none."""

import subprocess
import sys
from pathlib import Path

import pytest

import fixture
from reports import closed_loop, know, verdict
from reports.load import ReportError, load_run

ROOT = Path(__file__).resolve().parents[2]


def closed(tmp_path, **how):
    return load_run(fixture.write_closed_loop(tmp_path / "run", **how))


def test_a_closed_loop_alone_gives_no_verdict_and_says_why(tmp_path):
    text = verdict.headline(closed(tmp_path))
    assert text.startswith("No verdict. Closed-loop replay: `bbm`: breaks, makes and "
                           "frees of each block are those recorded in all 6 seeds; ")
    assert "EAGAIN 24.6 % [24.2, 25.0 %] (recorded 55.6 %) of the attempts" in text
    assert "relaxations 8 [8, 9] (recorded 114)" in text
    assert "a lower bound: there is no verdict between sequences" in text
    assert "shorten" not in text and "p99.9" not in text


def test_with_a_working_set_there_is_a_verdict(tmp_path):
    run = closed(tmp_path, working_set=True)
    text = verdict.headline(run)
    assert text.startswith("`nt` shortens the tail against `bbm`: p99.9 request")
    assert "No verdict" not in text and "lower bound" not in text
    assert "as far as" in closed_loop.explanation(run)


def test_a_seed_that_differs_is_counted(tmp_path):
    def change(variant, cells):
        if variant == "bbm" and cells[1] == "blocks_exact":
            cells[-1] = 4
    text = verdict.headline(closed(tmp_path, change=change))
    assert "`bbm`: breaks, makes and frees of each block are those recorded in 4 of " \
           "6 seeds" in text


def test_a_sequence_that_was_not_recorded_is_not_called_exact(tmp_path):
    text = verdict.headline(closed(tmp_path))
    assert "`nt`: not the recorded sequence; EAGAIN" in text


def test_a_recording_without_probes_is_not_called_exact(tmp_path):
    def change(_variant, cells):
        if cells[1] == "blocks_exact":
            cells[2] = cells[-1] = None
    text = verdict.headline(closed(tmp_path, change=change))
    assert "the recording has no probes of breaks, makes and frees of each" in text
    assert "are those recorded" not in text


def test_only_what_has_probes_is_called_exact(tmp_path):
    def change(_variant, cells):
        if cells[1] in ("makes", "table_frees"):
            cells[2] = cells[-1] = None
    text = verdict.headline(closed(tmp_path, change=change))
    assert "`bbm`: breaks (nothing recorded of makes and frees) of each block are " \
           "those recorded in all 6 seeds" in text


def test_accesses_that_no_longer_fault_are_said(tmp_path):
    def change(variant, cells):
        if variant == "bbm" and cells[1] == "relaxations":
            cells[1:] = ["accesses_that_hit", 0, 7753, 7700, 7800, 0]
    text = verdict.headline(closed(tmp_path, change=change))
    assert "25.0 % of the recorded accesses meet no fault here. `nt`" in text
    assert text.count("meet no fault here") == 1


@pytest.mark.parametrize("served, verdict_is_given", [(48000, True), (48001, True),
                                                      (49000, False), (11000, False)])
def test_variants_that_served_other_requests_get_no_verdict(tmp_path, served,
                                                            verdict_is_given):
    def change(variant, cells):
        if variant == "nt" and cells[1] == "working_set_requests":
            cells[3:6] = [served] * 3
    run = closed(tmp_path, working_set=True, change=change)
    text = verdict.headline(run)
    assert ("Indicative, no verdict (the variants served different requests)"
            in text) != verdict_is_given
    assert (verdict.compare(run, "bbm", "nt") == "indicative") != verdict_is_given


def test_no_sentence_says_that_a_closed_loop_has_the_same_addresses(tmp_path):
    run = closed(tmp_path, working_set=True)
    ratios = [text for text in verdict.details(run) if text.startswith("Ratio of")]
    assert ratios and "(same arrivals): " in ratios[0]
    assert "addresses" not in ratios[0]


@pytest.mark.parametrize("is_so", [False, True])
def test_a_feature_of_the_scenario_makes_the_platform_hypothetical(tmp_path, is_so):
    run = closed(tmp_path, hypothetical=is_so)
    said = verdict.headline(run).startswith(
        "The platform is hypothetical: feat.bbm_level 2 by the scenario")
    assert said == is_so
    assert ("Hypothetical" in dict(know.conditions(run))) == is_so


def test_another_scenario_that_overrides_a_feature_is_not_called_so(tmp_path):
    run = load_run(fixture.write_run(tmp_path / "run"))
    run.scenario["platform"]["parameters"][0]["source"] = "scenario"
    assert closed_loop.hypothetical(run) == []


def test_eagain_is_given_by_phase_beside_the_recorded_share(tmp_path):
    lines = [d for d in verdict.details(closed(tmp_path)) if d.startswith("EAGAIN")]
    assert lines[0].startswith("EAGAIN as a share of the attempts in `bbm`")
    assert lines[0].endswith("phase 1 24.5 % [24.2, 25.0 %] (recorded 54.9 %).")


def test_different_numbers_of_requests_are_warned_of(tmp_path):
    def change(variant, cells):
        if variant == "nt" and cells[1] == "working_set_requests":
            cells[3] = 24000

    def warnings(run):
        return [d for d in verdict.details(run) if "different numbers of requests" in d]

    assert not warnings(closed(tmp_path / "same", working_set=True))
    found = warnings(closed(tmp_path / "other", working_set=True, change=change))
    assert "`bbm` 48,000; `nt` 24,000" in found[0]


def test_conditions_and_assumptions_have_the_think_times(tmp_path):
    run = closed(tmp_path, working_set=True)
    found = dict(know.conditions(run))
    assert found["Replay"] == "closed-loop+working-set of x.txt.xz"
    assert found["Think times"].startswith("exponential, 100 ns; ")
    assert "4 dependent reads" in found["Working set"]
    assert found["Run length"] == "until every recorded access has completed"
    names = [p["name"] for p in closed_loop.assumed(run)]
    assert names == ["guest.think.time", "guest.think.phase"]  # the other has a source


def test_counts_mark_what_differs_from_the_recording(tmp_path):
    found = {q: (recorded, cells, equal)
             for q, recorded, cells, equal in closed_loop.counts(closed(tmp_path))}
    assert found["accesses"] == ("31,011", ["31,011", "31,011"], True)
    assert found["relaxations"] == ("114", ["8 [8, 9]", "8 [8, 9]"], False)
    assert found["working_set_requests"][0] == "-"


def test_both_pages_show_recorded_beside_simulated(tmp_path):
    run = fixture.write_closed_loop(tmp_path / "run")
    out = tmp_path / "out"
    done = subprocess.run([sys.executable, "-m", "reports", run, "-o", out], cwd=ROOT,
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "No verdict." in done.stdout
    for name in ("report.md", "report.html"):
        text = (out / name).read_text()
        assert "Recorded and simulated" in text and "8 [8, 9]" in text
        assert "Attempts whose result differs" not in text


def test_a_damaged_table_is_refused_with_its_place(tmp_path):
    folder = fixture.write_closed_loop(tmp_path / "run")
    file = folder / "closed_loop.csv"
    text = file.read_text().replace("bbm,relaxations,114", "bbm,relaxations,x")
    file.write_text(text)
    with pytest.raises(ReportError, match=r"closed_loop\.csv:5:3: error: column 'rec"):
        load_run(folder)
