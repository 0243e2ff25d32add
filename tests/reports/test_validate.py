# SPDX-License-Identifier: Apache-2.0
"""python3 -m reports validate, on a recorded program."""

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reports import validate, validate_cases
from reports.load import ReportError

ROOT = Path(__file__).resolve().parents[2]

KUNPENG = """# comment
tier,kernel,backing,memory_gib,vcpus,stage,run1,run2,run3
A,base,1G,20,40,CREATE,100,,110
A,base,1G,20,40,ADJUST,50,52,51
B,cmo-map,4K,1,1,UPDATE,4,4,4
"""
PARALLEL = """vcpus,dirty_exclusive_s,dirty_shared_s,populate_exclusive_s,populate_shared_s
32,2.0,4.0,,1.0
"""
STAGES = """variant,seed,stage,iteration,begin_ns,time_ns
x,1,KVM_CREATE_MAPPINGS,0,0,84000000000
x,1,KVM_UPDATE_MAPPINGS,0,0,4000000000
x,1,KVM_ADJUST_MAPPINGS,0,0,51000000000
x,1,populate,0,0,1000000000
x,1,dirty,1,0,9000000000
x,1,dirty,2,0,2000000000
"""


@pytest.fixture
def program(tmp_path, monkeypatch):
    """A program that leaves STAGES, and its scenarios in the folder seen/."""
    seen = tmp_path / "seen"
    seen.mkdir()
    script = tmp_path / "program"
    script.write_text(
        f"#!{sys.executable}\nimport pathlib, sys\n"
        "out = pathlib.Path(sys.argv[sys.argv.index('-o') + 1])\nout.mkdir()\n"
        f"pathlib.Path({str(seen)!r}, out.name).write_text("
        "pathlib.Path(sys.argv[-1]).read_text())\n"
        f"(out / 'stages.csv').write_text({STAGES!r})\n"
        "(out / 'summary.csv').write_text('variant\\nx\\n')\n")
    script.chmod(0o755)
    monkeypatch.setenv("STAGE2SIM_BINARY", str(script))
    return seen


def run(tmp_path, text, *options):
    rows = tmp_path / "rows.csv"
    rows.write_text(text)
    out = tmp_path / "out"
    code = validate.main(["--rows", str(rows), "-o", str(out), "-j", "1", *options])
    if code:
        assert not out.exists()
        return code
    with open(out / "validation.csv", encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def test_each_row_is_compared_with_its_stage(program, tmp_path):
    rows = run(tmp_path, KUNPENG)
    assert [(r["stage"], r["vcpus"], r["published_median"], r["simulated"],
             r["error_percent"], r["fitted"]) for r in rows] == [
        ("CREATE", "40", "105", "84", "-20.00", "predicted"),
        ("ADJUST", "40", "51", "51", "0.00", "predicted"),
        ("UPDATE", "1", "4", "4", "0.00", "predicted")]


def test_rows_of_one_machine_come_from_one_run(program, tmp_path):
    run(tmp_path, KUNPENG)
    assert sorted(p.name for p in program.iterdir()) \
        == ["base-1g-20g-040", "cmo-map-4k-1g-001"]
    assert "size: 20971520KiB" in (program / "base-1g-20g-040").read_text()


def test_scale_shrinks_the_memory_and_multiplies_the_time(program, tmp_path):
    rows = run(tmp_path, KUNPENG, "--scale", "10")
    assert rows[0]["simulated"] == "840"
    assert "size: 2097152KiB" in (program / "base-1g-20g-040").read_text()
    assert "1/10 of the memory" in (tmp_path / "out" / "validation.md").read_text()


def test_dirty_is_the_second_iteration(program, tmp_path):
    rows = run(tmp_path, PARALLEL)
    assert [(r["stage"], r["kernel"], r["error_percent"]) for r in rows] == [
        ("dirty", "exclusive", "0.00"), ("dirty", "shared", "-50.00"),
        ("populate", "shared", "0.00")]


@pytest.mark.parametrize("text, at", [
    ("", ":1:1: error"),
    ("a,b\n1,2\n", ":1:1: error"),
    (KUNPENG.replace("B,cmo-map", "B,cmo"), ":5:3: error: kernel is 'cmo'"),
    (KUNPENG.replace("20,40,ADJUST", "20,0,ADJUST"), ":4:14: error: vcpus is '0'"),
    (KUNPENG.replace("50,52,51", "50,x,51"), ":4:27: error: run2 is 'x'"),
    (KUNPENG.replace("50,52,51", "50,51"), ":4:1: error: 8 columns"),
])
def test_a_wrong_row_is_an_error_with_its_place(program, tmp_path, capsys, text, at):
    assert run(tmp_path, text) == 2
    assert at in capsys.readouterr().err


def test_at_most_five_rows_of_kunpeng_are_fitted():
    assert len(validate_cases.KUNPENG_FITTED) <= 5


def test_several_files_get_a_folder_each(program, tmp_path):
    for name, text in (("one", KUNPENG), ("two", PARALLEL)):
        (tmp_path / f"{name}.csv").write_text(text)
    rows = [x for n in ("one", "two") for x in ("--rows", str(tmp_path / f"{n}.csv"))]
    assert validate.main([*rows, "-o", str(tmp_path / "out"), "-j", "1"]) == 0
    assert sorted(p.parent.name for p in (tmp_path / "out").glob("*/validation.csv")) \
        == ["one", "two"]


def test_rows_are_by_default_all_files_of_the_first_folder_that_has_any(tmp_path):
    empty, full = tmp_path / "empty", tmp_path / "full"
    empty.mkdir()
    full.mkdir()
    for name in ("b.csv", "a.csv", "c.txt"):
        (full / name).write_text("")
    folders = (tmp_path / "none", empty, full, tmp_path)
    assert validate.default_rows(folders) == [str(full / "a.csv"), str(full / "b.csv")]
    with pytest.raises(ReportError, match="--rows"):
        validate.default_rows((empty,))


def test_the_shipped_scenarios_of_the_rows_are_those_that_are_simulated(tmp_path):
    shipped = ROOT / "scenarios" / "validation"
    rows = [x for f in sorted(shipped.glob("*.csv")) for x in ("--rows", str(f))]
    assert validate.main([*rows, "--scenarios", str(tmp_path / "new")]) == 0
    new = {p.name: p.read_text() for p in (tmp_path / "new").iterdir()}
    assert new == {p.name: p.read_text() for p in (shipped / "rows").iterdir()}
    assert len(new) > 50


def alive(pid):
    """Not even a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 3), (signal.SIGTERM, 3),
                                          (signal.SIGKILL, -signal.SIGKILL)])
def test_an_interrupted_validation_leaves_no_program_behind(tmp_path, number, code):
    script = tmp_path / "program"
    script.write_text(f"#!{sys.executable}\nimport os, pathlib, time\n"
                      f"new = pathlib.Path({str(tmp_path)!r},"
                      " f'pid{os.getpid()}.new')\n"
                      "new.touch()\nnew.rename(new.with_suffix(''))\n"
                      "time.sleep(600)\n")
    script.chmod(0o755)
    (tmp_path / "rows.csv").write_text(KUNPENG)
    process = subprocess.Popen(
        [sys.executable, "-B", "-m", "reports", "validate", "--rows",
         str(tmp_path / "rows.csv"), "-o", str(tmp_path / "out"), "-j", "2"], cwd=ROOT,
        env=dict(os.environ, STAGE2SIM_BINARY=str(script)), stderr=subprocess.PIPE)
    until = time.monotonic() + 60
    while len(pids := list(tmp_path.glob("pid*[0-9]"))) < 2:
        assert time.monotonic() < until
        time.sleep(0.05)
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == code
    while any(alive(p.name[3:]) for p in pids):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert not (tmp_path / "out").exists()
