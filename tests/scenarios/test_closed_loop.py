# SPDX-License-Identifier: Apache-2.0
"""Closed-loop replays: tables as recorded in every seed, the rest with an interval."""

import lzma
import re

import pytest

from program import SCENARIOS, rows, run, stage2sim

TRACES = SCENARIOS / "traces"
SEEDS = 20
# Recordings that are quick to replay; attempts and accesses in the slot.
QUICK = {
    "kvm612-pagetable-short": (272, 265),
    "kvm612-pagetable-2m-4vcpu-adjust": (825, 162),
    "kvm61-pagetable-2m-4vcpu-8m": (1055, 1055),
}
SLOW = {
    "kvm612-pagetable-2m-4vcpu": (37592, 31011),
    "kvm612-dirtylog-2m-4vcpu": (32833, 32832),
}
WORKING_SET = TRACES / "kvm612-pagetable-2m-4vcpu-adjust-closed-loop-working-set.yaml"


def scenario_of(name):
    file = TRACES / f"{name}-closed-loop.yaml"
    trace = next(line.split(": ")[1].strip() for line in file.read_text().splitlines()
                 if line.strip().startswith("trace:"))
    if not (TRACES / trace).exists():
        pytest.skip(f"{name}: the recording {trace} is not here")
    return file


def quantities(out, variant=None):
    return {r["quantity"]: r for r in rows(out / "closed_loop.csv")
            if variant in (None, r["variant"])}


def check_tables(out, name, seeds):
    attempts, accesses = {**QUICK, **SLOW}[name]
    found = quantities(out)
    assert found["attempts"]["recorded"] == str(attempts)
    assert found["accesses"]["recorded"] == str(accesses)
    blocks = rows(out / "closed_loop_blocks.csv")
    assert {b["seed"] for b in blocks} == {str(s) for s in range(1, seeds + 1)}
    for block in blocks:
        for what in ("breaks", "makes", "frees"):
            recorded = block[f"recorded_{what}"]
            assert recorded in ("", block[f"simulated_{what}"]), (block, what)
    assert {r["violations"] for r in rows(out / "seeds.csv")} == {"0"}


@pytest.mark.parametrize("name", sorted(QUICK))
def test_a_closed_loop_breaks_makes_and_frees_as_recorded_in_every_seed(name, tmp_path):
    out = run(scenario_of(name), tmp_path / "out")
    check_tables(out, name, SEEDS)
    found = quantities(out)
    for quantity in ("breaks_won", "blocks_exact", "tlbi_vmid"):
        assert found[quantity]["seeds_equal"] == str(SEEDS), quantity
    if name.startswith("kvm61-"):  # no s2_make: breaks are known by their flushes
        assert found["makes"]["recorded"] == ""


@pytest.mark.parametrize("name", sorted(SLOW))
def test_the_long_recordings_too_break_make_and_free_as_recorded(name, tmp_path):
    out = run(scenario_of(name), tmp_path / "out", "--seeds", "2")
    check_tables(out, name, 2)
    relaxations = quantities(out)["relaxations"]
    if "dirtylog" in name:  # each vCPU writes memory of its own
        assert relaxations["seeds_equal"] == "2"
    else:  # up to two per block: read-only until one of the two writers came
        assert 0 < float(relaxations["simulated"]) <= 2 * 64


@pytest.mark.parametrize("name", sorted(SLOW))
def test_the_long_recordings_do_so_in_every_seed(name, tmp_path):
    out = run(scenario_of(name), tmp_path / "out")
    check_tables(out, name, SEEDS)
    found = quantities(out)
    assert found["blocks_exact"]["seeds_equal"] == str(SEEDS)
    for quantity in ("relaxations", "phase1_eagain"):
        row = found.get(quantity)
        assert row is None or row["simulated_lo"] != ""


def test_seeds_of_a_closed_loop_differ_and_are_repeatable(tmp_path):
    name = "kvm612-pagetable-2m-4vcpu-adjust"
    first = run(scenario_of(name), tmp_path / "first")
    row = quantities(first)["eagain"]
    assert float(row["simulated_lo"]) < float(row["simulated_hi"])
    again = run(scenario_of(name), tmp_path / "again")
    for file in ("closed_loop.csv", "closed_loop_blocks.csv", "seeds.csv"):
        assert (first / file).read_bytes() == (again / file).read_bytes()


def test_a_closed_loop_gives_the_same_with_and_without_running_ahead(tmp_path):
    ahead = run(WORKING_SET, tmp_path / "ahead", "--seeds", "2")
    behind = run(WORKING_SET, tmp_path / "behind", "--seeds", "2", "--no-run-ahead")
    for file in ("closed_loop.csv", "seeds.csv", "latency.csv", "faults.csv"):
        assert (ahead / file).read_bytes() == (behind / file).read_bytes()


def test_a_working_set_meets_the_windows_and_changes_no_table(tmp_path):
    out = run(WORKING_SET, tmp_path / "out", "--seeds", "2")
    bbm, nt = (quantities(out, v) for v in ("bbm-early", "nt"))
    for found in (bbm, nt):
        assert found["blocks_exact"]["seeds_equal"] == "2"
        assert found["working_set_requests"]["simulated"] == "48000"
    # Its faults are in the windows alone: none is mapped, and nT has no window.
    assert float(bbm["working_set_faults"]["simulated"]) > 0
    assert bbm["working_set_faults"] == {**bbm["working_set_eagain"],
                                         "quantity": "working_set_faults"}
    assert "working_set_faults" not in nt
    done = float(bbm["done"]["simulated"])
    assert done == float(bbm["done"]["recorded"]) == 64


def test_a_working_set_uses_no_page_that_a_split_has_unmapped(tmp_path):
    out = run(scenario_of("kvm612-pagetable-short"), tmp_path / "out", "--set",
              "vms[0].guest.mode=closed-loop+working-set")
    found = quantities(out)
    assert float(found["working_set_requests"]["simulated"]) > 0
    assert found["blocks_exact"]["seeds_equal"] == str(SEEDS)
    # A page that is in use is mapped but for a window, so no handler maps anything.
    assert (found["working_set_faults"]["simulated"]
            == found["working_set_eagain"]["simulated"] != "0")


@pytest.mark.parametrize("mode, says, not_said", [
    ("ordered", "no verdict between variants", "hypothetical"),
    ("closed-loop", "a lower bound, so there is no verdict", "hypothetical"),
    ("closed-loop+working-set", "gives a verdict between variants",
     "no verdict"),
])
def test_run_prints_what_the_mode_of_a_replay_can_tell(mode, says, not_said, tmp_path):
    file = TRACES / "kvm612-pagetable-short-closed-loop.yaml"
    text = file.read_text(encoding="utf-8").replace("trace: ", f"trace: {TRACES}/")
    text = text.replace("mode: closed-loop", f"mode: {mode}")
    if mode == "ordered":
        text = "\n".join(line for line in text.split("\n") if "think:" not in line)
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    done = stage2sim("run", "--seeds", "1", "-o", tmp_path / "out", tmp_path / "x.yaml")
    assert done.returncode == 0, done.stderr
    assert says in done.stdout and not_said not in done.stdout, done.stdout


def test_run_calls_a_platform_with_a_feature_of_the_scenario_hypothetical(tmp_path):
    done = stage2sim("run", "--seeds", "1", "-o", tmp_path / "out", WORKING_SET)
    assert done.returncode == 0, done.stderr
    assert ("hypothetical platform: feat.bbm_level is 1 by the scenario, not as "
            "neoverse-n1-like has it") in done.stdout


PROBES_LEFT = {  # of a recording whose other probes the kernel refused
    "the events of the group kvm": "kvm_",
    "all but the returns": "(?!s2_map_ret|s2_relax_perms_ret)",
    "all but memslot_commit": "(?!memslot_commit)",
}


@pytest.mark.parametrize("mode", ["ordered", "closed-loop"])
@pytest.mark.parametrize("left", sorted(PROBES_LEFT))
def test_a_recording_with_few_probes_runs_in_each_mode(left, mode, tmp_path):
    name = "kvm612-pagetable-short"
    event = re.compile(r"#|.*? \d+\.\d+: " + PROBES_LEFT[left])
    with lzma.open(TRACES / f"{name}.txt.xz", "rt") as recording:
        kept = [line for line in recording if event.match(line)]
    (tmp_path / "few.txt").write_text("".join(kept))
    suffix = "" if mode == "ordered" else "-closed-loop"
    text = (TRACES / f"{name}{suffix}.yaml").read_text()
    file = tmp_path / "few.yaml"
    file.write_text(text.replace(f"{name}.txt.xz", "few.txt"))
    done = stage2sim("run", "-q", "--seeds", "1", "-o", tmp_path / "out", file)
    assert done.returncode == 0, done.stderr
    table = "replay_counts" if mode == "ordered" else "closed_loop"
    attempts = next(r for r in rows(tmp_path / "out" / f"{table}.csv")
                    if r["quantity"] == "attempts")
    assert attempts["recorded"] == "272"
