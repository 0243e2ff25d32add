# SPDX-License-Identifier: Apache-2.0
"""Ordered replays: of recordings that are here, and of those beside the repository."""

import lzma

import pytest

from program import SCENARIOS, rows, stage2sim

TRACES = SCENARIOS / "traces"
HERE = {"kvm612-pagetable-short"}
# attempts in the slot, and those among them that got EAGAIN
RECORDED = {
    "kvm612-pagetable-short": (272, 13),
    "kvm612-pagetable-2m-4vcpu": (37592, 20902),
    "kvm612-dirtylog-2m-4vcpu": (32833, 1),
    "kvm61-pagetable-2m-4vcpu-8m": (1055, 15),
}


@pytest.fixture(scope="module", params=sorted(RECORDED))
def replayed(request, tmp_path_factory):
    name = request.param
    file = TRACES / f"{name}.yaml"
    trace = next(line.split(": ")[1].strip() for line in file.read_text().splitlines()
                 if line.strip().startswith("trace:"))
    if not (TRACES / trace).exists():
        pytest.skip(f"{name}: the recording {trace} is not here")
    out = tmp_path_factory.mktemp("replay") / "out"
    done = stage2sim("run", "-q", "-o", out, file)
    assert done.returncode == 0, done.stderr
    return name, out


def counts(out):
    return {r["quantity"]: (r["recorded"], r["simulated"])
            for r in rows(out / "replay_counts.csv")}


def test_every_recorded_trace_has_a_scenario():
    assert {p.stem for p in TRACES.glob("*.yaml")
            if "closed-loop" not in p.stem} == set(RECORDED)
    for name in HERE:
        assert any(p.name.startswith(name) for p in TRACES.glob("*.xz"))


def test_all_attempts_in_the_slot_are_replayed(replayed):
    name, out = replayed
    attempts, eagain = RECORDED[name]
    found = counts(out)
    assert found["attempts"] == (str(attempts), str(attempts))
    assert found["eagain"][0] == str(eagain)
    assert found["attempts_cut_off"][0] == "0"


def test_a_replay_agrees_for_at_least_95_percent_of_the_attempts(replayed):
    found = counts(replayed[1])
    assert float(found["results_agree_percent"][1]) >= 95
    assert found["faults_extra"] == ("0", "0")


def test_distinct_faulting_pages_of_each_vcpu_are_the_recorded_ones(replayed):
    found = counts(replayed[1])
    for vcpu in range(4):
        recorded, simulated = found[f"distinct_pages_vcpu{vcpu}"]
        assert recorded == simulated


def test_flushes_by_kind_are_the_recorded_ones(replayed):
    found = counts(replayed[1])
    for kind in ("tlbi_vmid", "tlbi_vmid_ipa", "tlbi_vmid_ipa_nsh"):
        assert found[kind][0] == found[kind][1], kind


def test_each_block_is_broken_made_freed_and_relaxed_as_recorded(replayed):
    blocks = rows(replayed[1] / "replay_blocks.csv")
    assert blocks
    for block in blocks:
        for what in ("breaks", "makes", "frees", "relaxations"):
            recorded = block[f"recorded_{what}"]
            assert recorded in ("", block[f"simulated_{what}"]), block["block"]


def test_kvm_events_alone_replay_with_what_is_known(tmp_path):
    text = lzma.open(TRACES / "kvm612-pagetable-short.txt.xz", "rt").read()
    kept = [line for line in text.splitlines(keepends=True)
            if ": kvm_entry:" in line or ": kvm_exit:" in line
            or ": kvm_guest_fault:" in line]
    (tmp_path / "trace.txt").write_text("".join(kept))
    scenario = (TRACES / "kvm612-pagetable-short.yaml").read_text()
    file = tmp_path / "alone.yaml"
    file.write_text(scenario.replace("kvm612-pagetable-short.txt.xz", "trace.txt"))
    done = stage2sim("run", "-q", "-o", tmp_path / "out", file)
    assert done.returncode == 0, done.stderr
    found = counts(tmp_path / "out")
    assert found["attempts"] == ("272", "272")
    for quantity in ("done", "eagain", "breaks_won", "makes", "tlbi_vmid"):
        assert found[quantity][0] == "", quantity
    assert found["results_agree_percent"] == ("", "")
    assert float(found["faults_agree_percent"][1]) >= 90
