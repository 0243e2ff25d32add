# SPDX-License-Identifier: Apache-2.0
"""`check` and `points` of sweep files, and `run --set`."""

import json
import re
import shutil
import subprocess

import pytest

from sweeping import BINARY, FORTY, ROOT, TINY, environment, stage2sim, write_sweep

SHIPPED = sorted((ROOT / "scenarios" / "sweeps").glob("*.yaml"))


def points(file):
    done = stage2sim("points", file)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return lines[0], lines[1:]


def ids(file):
    return [p["id"] for p in points(file)[1]]


def test_check_gives_the_number_of_points_the_first_ones_and_core_hours():
    done = stage2sim("check", FORTY)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == f"{FORTY}: valid: 40 points, 160 runs"
    assert lines[1] == "axes: vcpus (4), hop (5), lock (2)"
    assert lines[3] == "  vcpus=1 hop=10ns lock=exclusive"
    assert lines[4] == "  vcpus=1 hop=10ns lock=shared"
    found = re.fullmatch(r"estimate: (\S+) core-hours; the point vcpus=2 hop=40ns "
                         r"lock=exclusive took (\S+) s of CPU time", lines[-1])
    assert found, lines[-1]
    hours, seconds = map(float, found.groups())
    # ten points of 1, 2, 3 and 4 vCPUs each, as much dearer than the one with 2
    assert hours == pytest.approx(seconds * 10 * (1 + 2 + 3 + 4) / 2 / 3600, rel=0.02)


def test_check_as_json_has_the_same():
    done = stage2sim("check", "--json", "--no-estimate", FORTY)
    doc = json.loads(done.stdout)
    assert done.returncode == 0
    assert (doc["valid"], doc["points"], doc["runs"]) == (True, 40, 160)
    assert doc["first_points"][1] == "vcpus=1 hop=10ns lock=shared"
    assert doc["estimated_core_hours"] is None


@pytest.mark.parametrize("axis, place, code", [
    ("{name: a, path: 'vms[0].vcpuz', values: [1]}", "5:22", "S004"),
    ("{name: a, path: 'vms[3].vcpus', values: [1]}", "5:22", "S054"),
    ("{name: a, path: overrides.no.such, values: [1]}", "5:21", "S043"),
    ("{name: a, path: run.slo, values: [1us, 2]}", "5:44", "S011"),
    ("{name: faults, path: pes, values: [3]}", "5:12", "C002"),
    ("{name: variant, path: pes, values: [3]}", "5:12", "C002"),
])
def test_a_path_or_value_that_does_not_exist_is_named_by_line_and_column(
        axis, place, code, tmp_path):
    file = write_sweep(tmp_path / "bad.yaml", [axis])
    for command in ("check", "points"):
        done = stage2sim(command, file)
        assert done.returncode == 2
        assert f"{file}:{place}: error[{code}]: " in done.stderr, done.stderr


def test_a_point_is_wrong_only_in_company_and_is_named(tmp_path):
    file = write_sweep(tmp_path / "bad.yaml", [
        "{name: vcpus, path: 'vms[0].vcpus', values: [1, 4]}",
        "{name: pes, path: pes, values: [8, 3]}"])
    done = stage2sim("check", file)
    assert done.returncode == 2
    assert "error[S026]" in done.stderr
    assert "first at the point vcpus=4 pes=3" in done.stderr


def test_a_point_run_by_hand_is_the_scenario_with_the_edits(tmp_path):
    edited = tmp_path / "tiny.yaml"
    text = TINY.read_text(encoding="utf-8").replace("vcpus: 2", "vcpus: 3")
    edited.write_text(text.replace("run: {duration: 60us", "run: {duration: 50us"),
                      encoding="utf-8")
    by_hand, by_set = tmp_path / "by-hand", tmp_path / "by-set"
    assert stage2sim("run", "-q", "-o", by_hand, edited).returncode == 0
    done = stage2sim("run", "-q", "-o", by_set, "--set", "vms[0].vcpus=3", "--set",
                     "run.duration=50us", TINY)
    assert done.returncode == 0, done.stderr
    for path in by_hand.iterdir():
        if path.name not in ("host.json", "run.json"):
            assert path.read_bytes() == (by_set / path.name).read_bytes(), path.name


def test_the_command_in_run_json_repeats_a_point(tmp_path):
    value = "hypervisor={lock: shared}"
    assert stage2sim("run", "-q", "-o", tmp_path / "a", "--set", value, "--set",
                     "title=It's a point", TINY).returncode == 0
    info = json.loads((tmp_path / "a" / "run.json").read_text(encoding="utf-8"))
    assert info["reproduce"] == (
        "build/stage2sim run --seeds 1 --set 'hypervisor={lock: shared}' "
        f"--set 'title=It'\\''s a point' {TINY}")


AXIS = "{name: vcpus, path: 'vms[0].vcpus', values: [1, 2, 3]}"


def test_ids_name_points_by_what_their_results_come_from(tmp_path):
    base = tmp_path / "base.yaml"
    text = TINY.read_text(encoding="utf-8")
    base.write_text(text, encoding="utf-8")
    file = write_sweep(tmp_path / "s.yaml", [AXIS], scenario="base.yaml")
    first = ids(file)
    assert len(set(first)) == 3
    same = {
        "a comment more": text.replace("stage2sim: 1", "# more\nstage2sim: 1"),
        "the same value otherwise": text.replace("think: 50ns", "think: 0.05us"),
        "a default written out": text.replace("vcpus: 2", "vcpus: 2\n    ipa_bits: 40"),
    }
    for what, changed in same.items():
        assert changed != text
        base.write_text(changed, encoding="utf-8")
        assert ids(file) == first, what
    other = {
        "scenario": text.replace("think: 50ns", "think: 51ns"),
        "platform": text.replace("v2-like", "v2-like\noverrides: {dvm.hop: 9ns}"),
        "seeds": text.replace("count: 1", "count: 2"),
        "first seed": text.replace("count: 1", "count: 1, first: 2"),
        "variants": text.replace("sequence: nt", "sequence: keep"),
    }
    for what, changed in other.items():
        assert changed != text
        base.write_text(changed, encoding="utf-8")
        assert not set(ids(file)) & set(first), what


def test_ids_do_not_depend_on_the_sweep_that_asks(tmp_path):
    one = write_sweep(tmp_path / "one.yaml", [AXIS])
    two = write_sweep(tmp_path / "two.yaml", [
        "{name: other, path: 'vms[0].vcpus', log: {from: 1, to: 4, factor: 2}}"],
        extra="set: {title: ''}\n")
    assert ids(one)[:2] == ids(two)[:2]


def test_the_program_is_a_part_of_the_id(tmp_path):
    other = tmp_path / "stage2sim"
    shutil.copy(BINARY, other)
    with open(other, "ab") as f:
        f.write(b"another build")
    done = subprocess.run([other, "points", FORTY], env=environment(), text=True,
                          capture_output=True, timeout=60)
    found = [json.loads(line)["id"] for line in done.stdout.splitlines()[1:]]
    assert len(found) == 40 and not set(found) & set(ids(FORTY))


# Where to clean is part of the question.
WARNED = {"prediction-kunpeng": ["W003"]}


@pytest.mark.parametrize("file", SHIPPED, ids=lambda p: p.stem)
def test_shipped_sweeps_are_valid(file):
    done = stage2sim("check", "--no-estimate", file)
    assert done.returncode == 0, done.stderr
    warned = WARNED.get(file.stem, [])
    assert re.findall(r"(?:warning|error)\[(\w+)\]", done.stderr) == warned
    assert warned or done.stderr == ""


def test_there_are_shipped_sweeps():
    assert {p.stem for p in SHIPPED} >= {"bbm-vs-nt", "tlb-sizing"}
