# SPDX-License-Identifier: Apache-2.0
"""A run directory: the same bytes for the same input, whole or absent, never lost."""

import json
import os
import re
import resource
import signal
import subprocess
import time

import pytest

from program import BINARY, HERE, ROOT, SCENARIOS, contents, rows, run, stage2sim

TINY = HERE / "tiny.yaml"
STORM = ROOT / "bench" / "workloads" / "storm.yaml"  # 82,080 faults


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


def run_with(out, *options, file_bytes=None, **env):
    """The run of TINY, with files of at most so many bytes."""
    def limit():
        if file_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    return subprocess.run(
        [str(BINARY), "run", "-q", "-j", "2", "-o", str(out), *options, str(TINY)],
        env=dict(os.environ, STAGE2SIM_ROOT=str(ROOT), **env), text=True,
        capture_output=True, timeout=300, preexec_fn=limit)


def test_a_folder_for_temporary_files_that_is_not_there_is_named(tmp_path):
    missing = tmp_path / "missing"
    for options in ((), ("--log-updates",)):
        done = run_with(tmp_path / "out", *options, TMPDIR=str(missing))
        assert done.returncode == 3
        assert f"cannot make a temporary file in {missing}: No such file" in done.stderr
        assert "TMPDIR" in done.stderr
        assert list(tmp_path.iterdir()) == []


RECORD = r"variant \w+, seed \d+: cannot write its record to a temporary file in {}: File too large"


@pytest.mark.parametrize("options, causes", [
    (("--faults", "off"), [RECORD]),
    ((), [RECORD, r"variant \w+, seed \d+: cannot write its faults to a temporary file "
                  r"beside the results: File too large"]),
    (("--log-updates",), [r"cannot write its table updates to a temporary file in {}: File",
                          r"seed 1: cannot write its faults to a temporary file beside"]),
])
def test_a_run_whose_temporary_files_cannot_grow_tells_why(options, causes, tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    done = run_with(tmp_path / "out", *options, file_bytes=0, TMPDIR=str(scratch))
    assert done.returncode == 3
    for cause in causes:
        assert re.search(cause.format(scratch), done.stderr), done.stderr
    assert "its process ended" not in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["scratch"]
    assert list(scratch.iterdir()) == []


def test_faults_off_leaves_out_that_file_and_nothing_else(tmp_path):
    with_it = contents(run(TINY, tmp_path / "a"))
    without = contents(run(TINY, tmp_path / "b", "--faults", "off"))
    assert with_it.pop("faults.csv")
    command = json.loads(without["run.json"])["reproduce"]
    assert command == json.loads(with_it.pop("run.json"))["reproduce"].replace(
        "run --seeds 2", "run --seeds 2 --faults off")
    del without["run.json"]
    assert without == with_it


def test_faults_is_on_or_off(tmp_path):
    done = stage2sim("run", "--faults", "some", "-o", tmp_path / "out", TINY)
    assert done.returncode == 2
    assert done.stderr.startswith("stage2sim run: --faults some: on or off"), done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_faults_of_a_machine_are_those_of_its_vms_by_time_of_re_entry(tmp_path):
    out = run(SCENARIOS / "storms" / "two-vms.yaml", tmp_path / "out", "--seeds", "1")
    def key(row, first):
        return (row["variant"], float(row["t_ns"]), int(row["vcpu"]) + first,
                row["ipa"], row["stall_ns"], row["retries"], row["result"])
    machine = [key(r, 0) for r in rows(out / "faults.csv")]
    parts, first = [], 0
    for vm in json.loads((out / "run.json").read_text())["scenario"]["vms"]:
        folder = out / "vms" / vm["name"]
        parts += [key(r, first) for r in rows(folder / "faults.csv")]
        first += len({r["vcpu"] for r in rows(folder / "vcpus.csv")})
    assert len({vcpu for _, _, vcpu, *_ in machine}) > 2
    assert sorted(machine) == sorted(parts)


FULL = """
mount -t tmpfs -o size=1m tmpfs "$1" || exit 77
shift
"$@"
code=$?
find "$DISK" -mindepth 1 >&2
exit $code
"""


def test_a_full_disk_ends_the_run_with_its_name_and_nothing_half_written(tmp_path):
    """The file system has room for some of the faults of one variant."""
    disk = tmp_path / "disk"
    disk.mkdir()
    env = dict(os.environ, STAGE2SIM_ROOT=str(ROOT), DISK=str(disk))
    try:
        done = subprocess.run(
            ["unshare", "--map-root-user", "--mount", "sh", "-c", FULL, "sh", str(disk),
             str(BINARY), "run", "-q", "-j", "1", "-o", str(disk / "out"),
             str(STORM)],
            env=env, text=True, capture_output=True, timeout=300)
    except FileNotFoundError:
        pytest.skip("no unshare")
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip(f"no file system of its own: {done.stderr}")
    assert done.returncode == 3
    assert "cannot write its faults to a temporary file" in done.stderr, done.stderr
    assert "No space left on device" in done.stderr, done.stderr
    assert "--faults off" in done.stderr, done.stderr
    assert str(disk) not in done.stderr, done.stderr  # that find has found nothing


def test_a_run_that_is_killed_leaves_nothing(tmp_path):
    env = dict(os.environ, STAGE2SIM_ROOT=str(ROOT))
    with subprocess.Popen(
            [BINARY, "run", "-q", "--seeds", "50", "-o", tmp_path / "out" / "x", STORM],
            env=env, start_new_session=True, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL) as running:
        time.sleep(0.5)
        os.killpg(running.pid, signal.SIGKILL)
    assert running.returncode == -signal.SIGKILL, "the run was over before"
    assert list(tmp_path.iterdir()) == []
