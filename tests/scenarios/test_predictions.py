# SPDX-License-Identifier: Apache-2.0
"""python3 -m reports predict at a scale of a few milliseconds."""

import csv
import sys

import pytest

from program import BINARY, ROOT, SCENARIOS, run

sys.path.insert(0, str(ROOT))
from reports import predict  # noqa: E402

BASE = (SCENARIOS / "sweeps" / "bases" / "prediction.yaml").read_text()
MIGRATION = (SCENARIOS / "sweeps" / "bases" / "prediction-migration.yaml").read_text()
LOGGING = SCENARIOS / "sweeps" / "bases" / "prediction-logging.yaml"
SWEEP = """sweep: 1
name: tiny
scenario: base.yaml
seeds: {count: 6}
set:
  vms[0].memory[0].size: 2MiB
  vms[0].memory[0].backing: 2M
  vms[0].guest.region.size: 2MiB
  events[0].coalesce.size: 2MiB
  run.duration: 600us
axes:
  - {name: block, choices: [{label: 2M, set: {"events[0].coalesce.block": 2M}}]}
  - {name: interval, path: "vms[0].guest.interval", values: [2us]}
  - {name: vcpus, path: "vms[0].vcpus", values: [1, 3]}
"""
MIGRATION_SWEEP = """sweep: 1
name: tiny-migration
scenario: migration.yaml
seeds: {count: 6}
set:
  vms[0].memory[0].size: 4MiB
  vms[0].memory[0].pages[1].first: 256
  vms[0].memory[0].pages[1].last: 511
  vms[0].guest.interval: 5us
  run.duration: 2ms
axes:
  - {name: block, choices: [{label: 2M, set: {"vms[0].memory[0].backing": 2M}}]}
  - {name: vcpus, path: "vms[0].vcpus", values: [2]}
"""


@pytest.fixture
def tiny(tmp_path):
    for name, text in (("base", BASE), ("migration", MIGRATION), ("sweep", SWEEP),
                       ("migration-sweep", MIGRATION_SWEEP)):
        (tmp_path / f"{name}.yaml").write_text(text)
    part = predict.Part(tmp_path / "sweep.yaml", "Tiny", {"2M": 1},
                        shown=(("2M", "2us", ("1", "3")),))
    return predict.Plan((part,), tmp_path / "migration-sweep.yaml", LOGGING)


def arguments(tmp_path, *more):
    return ["-o", str(tmp_path / "out"), "-j", "1", "--program", str(BINARY),
            "--no-sensitivity", *more]


def test_one_command_makes_the_page_its_figure_and_the_same_again(tiny, tmp_path):
    assert predict.main(arguments(tmp_path), tiny) == 0
    made = tmp_path / "out" / "predictions"
    page = (made / "predictions.md").read_text()
    table = list(csv.DictReader(
        (tmp_path / "out" / "sweeps" / "tiny" / "sweep.csv").open()))
    assert len(table) == 12  # two points of six variants
    window_us = float(table[6]["window_invalid_ns"]) / 1000
    assert f"| 3 | bbm | {window_us:.1f} µs |" in page
    assert "| `sweep.yaml` | 2 | 72 | 6 |" in page
    drawn = list(csv.DictReader((made / "figures" / "predictions.csv").open()))
    assert len(drawn) == 12
    assert all(len(r) == 8 and r["variant"] in page and float(r["value"]) > 0
               for r in drawn)
    assert "</svg>" in (made / "figures" / "predictions.svg").read_text()
    first = {p.name: p.read_bytes() for p in made.rglob("*.*")}
    assert predict.main(arguments(tmp_path), tiny) == 0
    assert {p.name: p.read_bytes() for p in made.rglob("*.*")} == first


def test_a_prediction_without_a_program_is_an_error(tiny, tmp_path, capsys):
    options = ["-o", str(tmp_path / "out"), "--program", str(tmp_path / "none")]
    assert predict.main(options, tiny) != 0
    assert "none" in capsys.readouterr().err


# bbml3 stands for a platform of level 3 in scenarios of level 2.
def test_bbml2_that_resolves_is_what_a_platform_of_level_3_does(tmp_path):
    base = tmp_path / "base.yaml"
    base.write_text(BASE)
    sets = [x for text in ("run.duration=600us", "seeds.count=2",
                           "vms[0].memory[0].size=2MiB", "vms[0].memory[0].backing=2M",
                           "vms[0].guest.region.size=2MiB",
                           "events[0].coalesce.size=2MiB",
                           "events[0].coalesce.block=2M")
            for x in ("--set", text)]
    of_2 = run(base, tmp_path / "two", *sets)
    of_3 = run(base, tmp_path / "three", *sets, "--set", "overrides.feat.bbm_level=3")

    def seeds(folder, variant):
        return [{**r, "variant": ""} for r in csv.DictReader(
            (folder / "seeds.csv").open()) if r["variant"] == variant]

    assert seeds(of_2, "bbml3") == seeds(of_3, "bbml3") == seeds(of_3, "bbml2") != []


@pytest.mark.parametrize("part", predict.PLAN.parts, ids=lambda p: p.file.stem)
def test_the_shipped_sweeps_have_the_points_that_the_page_shows(part):
    loaded = predict.plan.load(str(BINARY), str(part.file))
    points = {p.values for p in loaded.points}
    assert [a.name for a in loaded.axes] == ["block", "interval", "vcpus"]
    for block, interval, vcpus in part.shown:
        assert {(block, interval, n) for n in vcpus} <= points
    assert set(part.varied) <= points
    assert {p[0] for p in points} == set(part.changes)
