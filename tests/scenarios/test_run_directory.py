# SPDX-License-Identifier: Apache-2.0
"""A run directory: the same bytes for the same input, whole or absent, never lost."""

import os

import pytest

from program import HERE, SCENARIOS, contents, run, stage2sim

TINY = HERE / "tiny.yaml"


@pytest.mark.parametrize("scenario", [
    TINY, HERE / "storm-64m.yaml", SCENARIOS / "storms" / "kvm-trace.yaml"],
    ids=lambda p: p.stem)
def test_the_same_scenario_and_seeds_give_the_same_bytes(scenario, tmp_path):
    first = contents(run(scenario, tmp_path / "a", "-j", "1"))
    assert contents(run(scenario, tmp_path / "b", "-j", "1")) == first
    assert contents(run(scenario, tmp_path / "c", "-j", "2")) == first
    assert {"run.json", "summary.csv", "seeds.csv", "timeline.csv"} <= set(first)


def test_another_seed_gives_other_results(tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text(TINY.read_text().replace("count: 2", "count: 2, first: 5"))
    a = contents(run(TINY, tmp_path / "a"))
    b = contents(run(other, tmp_path / "b"))
    assert a["latency.csv"] != b["latency.csv"]


def test_seeds_are_independent_of_how_many_there_are(tmp_path):
    one = (run(TINY, tmp_path / "a", "--seeds", "1") / "seeds.csv").read_text()
    two = (run(TINY, tmp_path / "b", "--seeds", "2") / "seeds.csv").read_text()
    assert set(one.splitlines()) < set(two.splitlines())


def test_the_default_folder_is_out_and_the_name(tmp_path):
    done = stage2sim("run", TINY, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("results: out/tiny\n")
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["tiny"]


def test_existing_results_are_not_replaced_unless_asked(tmp_path):
    out = run(TINY, tmp_path / "out", "--seeds", "1")
    before = contents(out)
    done = stage2sim("run", "-o", out, TINY)
    assert done.returncode == 2
    assert "--force" in done.stderr
    assert contents(out) == before

    run(TINY, out, "--force")
    assert contents(out) != before
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_force_replaces_no_other_folder(tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.tex").write_text("years of work")
    done = stage2sim("run", "--force", "-o", tmp_path / "thesis", TINY)
    assert done.returncode == 2
    assert "not a run directory" in done.stderr
    assert (tmp_path / "thesis" / "chapter1.tex").read_text() == "years of work"
    assert [p.name for p in tmp_path.iterdir()] == ["thesis"]


def test_a_file_in_the_way_of_the_folder_is_kept(tmp_path):
    obstacle = tmp_path / "obstacle"
    obstacle.write_text("kept")
    for out in (obstacle, obstacle / "out"):
        for options in ([], ["--force"]):
            done = stage2sim("run", *options, "-o", out, TINY)
            assert done.returncode in (2, 3), (out, options)
            assert "obstacle" in done.stderr
            assert obstacle.read_text() == "kept"
    assert [p.name for p in tmp_path.iterdir()] == ["obstacle"]


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    done = stage2sim("run", "-o", "/proc/stage2sim-test/out", TINY)
    assert done.returncode in (2, 3)
    assert "/proc/stage2sim-test" in done.stderr


def test_a_scenario_that_ends_with_bad_input_leaves_old_results(tmp_path):
    out = run(TINY, tmp_path / "out")
    before = contents(out)
    done = stage2sim("run", "--force", "-o", out,
                     SCENARIOS / "invalid" / "unknown-key.yaml")
    assert done.returncode == 2
    assert contents(out) == before


def test_nothing_stays_behind_in_the_folder_for_temporary_files(tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    old = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = str(scratch)
    try:
        run(TINY, tmp_path / "out")
    finally:
        if old is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = old
    assert list(scratch.iterdir()) == []
