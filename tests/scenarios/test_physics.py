# SPDX-License-Identifier: Apache-2.0
"""What break-before-make costs and nT does not, on a small and on the real storm."""

import json

import pytest

from program import HERE, by_run, rows, run


def runs_of(folder, variant):
    found = [r for r in rows(folder / "seeds.csv") if r["variant"] == variant]
    assert found
    return found


def column(folder, variant, name):
    return [float(row[name]) for row in runs_of(folder, variant)]


@pytest.mark.parametrize("name", ["storm", "storm_1g"])
def test_bbm_has_window_faults_and_nt_has_none(name, request):
    folder = request.getfixturevalue(name)
    assert min(column(folder, "bbm", "faults_window")) > 0
    assert max(column(folder, "nt", "faults_window")) == 0
    assert max(column(folder, "nt", "window_invalid_ns")) == 0
    assert max(column(folder, "keep", "faults")) == 0


@pytest.mark.parametrize("name", ["storm", "storm_1g"])
def test_only_hardware_that_faults_on_nt_has_nt_faults(name, request):
    folder = request.getfixturevalue(name)
    assert min(column(folder, "nt-fault", "faults_nt")) > 0
    for variant in ("bbm", "bbm-early", "nt", "keep"):
        assert max(column(folder, variant, "faults_nt")) == 0


@pytest.mark.parametrize("name", ["storm", "storm_1g"])
def test_the_exclusive_lock_gives_one_episode_per_vcpu_and_window(name, request):
    folder = request.getfixturevalue(name)
    faults = by_run(rows(folder / "faults.csv"))
    checked = 0
    for key, changes in by_run(rows(folder / "changes.csv")).items():
        for change in changes:
            first = int(change["ipa"], 16)
            inside = [f["vcpu"] for f in faults.get(key, [])
                      if f["class"] in ("window", "nt")
                      and first <= int(f["ipa"], 16) < first + int(change["bytes"])]
            assert len(inside) == len(set(inside)), (key, change["change"])
            checked += len(inside)
    assert checked > 0


@pytest.mark.parametrize("name", ["storm", "storm_1g"])
def test_coalescing_leaves_fewer_tlb_misses_than_keeping_pages(name, request):
    folder = request.getfixturevalue(name)
    for variant in ("bbm", "bbm-early", "nt", "nt-fault"):
        assert max(column(folder, variant, "tlb_misses")) \
            < min(column(folder, "keep", "tlb_misses")), variant


@pytest.mark.parametrize("name", ["storm", "storm_1g"])
def test_bbm_lifts_p999_request_latency_above_nt(name, request):
    folder = request.getfixturevalue(name)
    assert min(column(folder, "bbm", "request_p999_ns")) \
        > max(column(folder, "nt", "request_p999_ns"))


@pytest.mark.parametrize("name", ["storm", "storm_1g"])
def test_tearing_down_inside_the_window_makes_it_longer(name, request):
    folder = request.getfixturevalue(name)
    assert min(column(folder, "bbm", "window_invalid_ns")) \
        > 5 * max(column(folder, "bbm-early", "window_invalid_ns")) > 0


@pytest.mark.parametrize("name", ["storm", "storm_1g", "replay"])
def test_no_architecture_rule_is_broken(name, request):
    for row in rows(request.getfixturevalue(name) / "seeds.csv"):
        assert row["violations"] == "0" and row["stopped_at_ns"] == ""


def test_a_fault_falls_into_the_window_that_its_class_names(storm):
    changes = by_run(rows(storm / "changes.csv"))
    for key, faults in by_run(rows(storm / "faults.csv")).items():
        for fault in faults:
            assert fault["class"] in ("window", "nt")
            ipa, t = int(fault["ipa"], 16), float(fault["t_ns"])
            change = next(c for c in changes[key] if int(c["ipa"], 16) <= ipa
                          < int(c["ipa"], 16) + int(c["bytes"]))
            # A walk that met the broken entry may take its exception after the mend.
            assert float(change["broken_ns"]) <= t <= float(change["mended_ns"]) + 1000


def test_the_recorded_coalescing_is_repeated(replay):
    counts = {r["quantity"]: (r["recorded"], r["simulated"])
              for r in rows(replay / "replay_counts.csv")}
    for quantity in ("breaks_won", "makes", "table_frees"):
        assert counts[quantity] == ("64", "64"), quantity
    assert float(counts["results_agree_percent"][1]) >= 95


def test_the_replay_knows_more_than_a_predictor_without_a_hypervisor(replay):
    counts = {r["quantity"]: (r["recorded"], r["simulated"])
              for r in rows(replay / "replay_counts.csv")}
    agree = float(counts["results_agree_percent"][1])
    assert agree > float(counts["null_first_wins_percent"][1])
    assert agree > float(counts["null_all_eagain_percent"][1])
    assert counts["winners_not_inferred"] == ("61", "61")
    for vcpu in range(4):
        recorded, simulated = counts[f"distinct_pages_vcpu{vcpu}"]
        assert recorded == simulated
    assert counts["faults_extra"] == ("0", "0")


def test_the_capacity_does_not_depend_on_the_order_of_the_variants(tmp_path):
    capacities = set()
    for names in (("keep", "nt"), ("nt", "keep")):
        text = (HERE / "holes.yaml.in").read_text()
        path = tmp_path / f"{names[0]}.yaml"
        path.write_text(text.replace("VARIANTS", "\n".join(
            f"  - {{name: {n}, sequence: {n}}}" for n in names)))
        out = run(path, tmp_path / f"out-{names[0]}")
        info = json.loads((out / "run.json").read_text())
        capacities.add(info["load"][0]["capacity_requests_per_s_per_vcpu"])
    assert len(capacities) == 1
