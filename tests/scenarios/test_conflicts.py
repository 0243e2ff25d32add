# SPDX-License-Identifier: Apache-2.0
"""TLB conflicts: which cores and sequences have them, and the VM that stops."""

import pytest

from program import SCENARIOS, rows, run, stage2sim

STORM = SCENARIOS / "storms" / "coalesce-2m-conflict.yaml"


def by_variant(folder):
    return {r["variant"]: r for r in rows(folder / "summary.csv")}


def edited(folder, *changes):
    """The storm with other text, run with one seed."""
    text = STORM.read_text(encoding="utf-8").split("expect:")[0]
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    file = folder / "storm.yaml"
    file.write_text(text, encoding="utf-8")
    return run(file, folder / "out", "--seeds", "1")


def test_bbml2_at_20_vcpus_conflicts_on_a_core_that_aborts_only(conflicts):
    found = by_variant(conflicts)
    for name in ("bbml2-abort", "bbml2-recover"):
        assert int(found[name]["faults_conflict"]) >= 1, name
    for name in ("bbml2-older", "bbml2-newer", "bbml2-random", "bbml2-resolve"):
        assert int(found[name]["faults_conflict"]) == 0, name
        assert int(found[name]["tlb_conflicts"]) >= 1, name
    assert int(found["bbm"]["tlb_conflicts"]) == 0


@pytest.mark.parametrize("response", ["older", "newer", "random", "resolve"])
def test_an_unlawful_conflict_is_reported_without_an_abort_too(tmp_path, response):
    text = (SCENARIOS / "bad" / "tlb-conflict.yaml").read_text(encoding="utf-8")
    file = tmp_path / "bad.yaml"
    file.write_text(text.replace("sequence: bbml2", f"sequence: bbml2, conflict: {response}"),
                    encoding="utf-8")
    out = run(file, tmp_path / "out")  # which checks what the scenario expects
    for seed in rows(out / "seeds.csv"):
        found = [r for r in rows(out / "violations.csv") if r["code"] == "tlb.conflict" and
                 (r["variant"], r["seed"]) == (seed["variant"], seed["seed"])]
        assert len(found) == int(seed["tlb_conflicts"])


def test_nt_conflicts_only_where_the_platform_says_so(conflicts):
    found = by_variant(conflicts)
    assert int(found["nt"]["tlb_conflicts"]) == 0
    assert int(found["nt"]["faults_conflict"]) == 0
    assert int(found["nt-conflict"]["faults_conflict"]) >= 1


def test_the_stopped_vm_is_a_result_that_says_when(conflicts):
    stopped = by_variant(conflicts)["bbml2-abort"]
    assert float(stopped["stopped_at_ns"]) > 200000
    assert int(stopped["faults_conflict"]) == 1
    assert 0 < int(stopped["accesses"]) < int(by_variant(conflicts)["bbm"]["accesses"])
    assert [r["stopped_at_ns"] for n, r in by_variant(conflicts).items()
            if n != "bbml2-abort"] == [""] * 8
    fault, = [r for r in rows(conflicts / "faults.csv") if r["variant"] == "bbml2-abort"]
    assert (fault["type"], fault["class"], fault["result"]) == (
        "tlb_conflict", "conflict", "stopped")


def test_the_stopped_vm_is_told_in_the_terminal(tmp_path):
    done = stage2sim("run", "-o", tmp_path / "out", "--seeds", "1",
                     SCENARIOS / "good" / "conflict.yaml")
    assert done.returncode == 0, done.stderr
    assert "stop: the VM stopped at 13" in done.stdout, done.stdout


def test_level_3_has_no_conflict_aborts(tmp_path):
    out = edited(tmp_path, ("platform: neoverse-v2-like",
                            "platform: neoverse-v2-like\n"
                            "overrides: {feat.bbm_level: 3}"),
                 (", conflict: abort", ""))
    for name, row in by_variant(out).items():
        assert int(row["faults_conflict"]) == 0, name
        assert row["stopped_at_ns"] == "", name


@pytest.mark.parametrize("level", [0, 1])
def test_sequences_beyond_the_level_run(tmp_path, level):
    out = edited(tmp_path, ("platform: neoverse-v2-like",
                            "platform: neoverse-v2-like\n"
                            f"overrides: {{feat.bbm_level: {level}}}"))
    found = by_variant(out)
    assert int(found["bbml2-recover"]["faults_conflict"]) >= 1
    # Level 0 ignores nT, so that the block is held as a whole: pages may meet it.
    assert (int(found["nt"]["tlb_conflicts"]) >= 1) == (level == 0)


def test_a_vm_that_stops_leaves_the_others_alone(tmp_path):
    text = (SCENARIOS / "good" / "conflict.yaml").read_text(encoding="utf-8")
    text = text.split("expect:")[0].replace("pes: 2", "pes: 4").replace(
        "hypervisor:",
        "  - name: other\n"
        "    vcpus: 1\n"
        "    memory: [{ipa: 0x80000000, size: 2MiB}]\n"
        "    guest: {kind: flush, calls: 500}\n"
        "hypervisor:").replace("{at: 10us,", "{vm: guest, at: 10us,")
    file = tmp_path / "two.yaml"
    file.write_text(text, encoding="utf-8")
    out = run(file, tmp_path / "out")
    stopped = by_variant(out / "vms" / "guest")["stop"]
    other = by_variant(out / "vms" / "other")["stop"]
    assert float(stopped["stopped_at_ns"]) < 15000
    assert int(stopped["accesses"]) == 2
    assert (other["stopped_at_ns"], other["requests"]) == ("", "500")
