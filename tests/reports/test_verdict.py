# SPDX-License-Identifier: Apache-2.0
"""The sentences: clear, unclear, indicative, forbidden, replay."""

import fixture
import pytest

from reports import know, tables, verdict
from reports.load import load_run


def run_of(tmp_path, **options):
    return load_run(fixture.write_run(tmp_path / "run", **options))


def set_p999(values):
    """Gives variants a p99.9 of their own: {variant: [one per seed]}."""
    def change(variant, i, row):
        if variant in values:
            row["request_p999_ns"] = values[variant][i]
    return change


def test_a_clear_difference_is_stated_with_both_intervals(tmp_path):
    text = verdict.headline(run_of(tmp_path))
    assert text == (
        "`nt` and `nt-fault` shorten the tail against `bbm`: p99.9 request latency: "
        "`bbm` 922 µs [900, 945 µs]; `nt` 30.8 µs [30.0, 31.5 µs], 30.0 times lower; "
        "`nt-fault` 42.0 µs [41.0, 43.0 µs], 22.0 times lower (median of 6 seeds "
        "[95 % interval]).")


def test_nt_is_also_held_against_the_variant_that_differs_in_nt_alone(tmp_path):
    change = set_p999({"bbm-early": [30100, 30200, 30300, 30400, 30500, 30600]})
    text = verdict.headline(run_of(tmp_path, variants=("bbm", "bbm-early", "nt"),
                                   change=change))
    assert text.endswith(
        " Against `bbm-early`, which differs from them in nT and the second flush that nT "
        "needs (its tear-down, too, follows the make): `bbm-early` 30.4 µs [30.1, 30.6 µs]; `nt` 30.8 µs "
        "[30.0, 31.5 µs], no clear difference.")


def test_no_variant_stands_in_for_bbm_early_if_it_changes_more_than_nt(tmp_path):
    run = run_of(tmp_path, variants=("bbm", "bbm-early", "nt"))
    run.scenario["variants"][2]["lock"] = "shared"
    assert "Against" not in verdict.headline(run)


def test_overlapping_intervals_are_no_clear_difference(tmp_path):
    change = set_p999({"bbm": [100, 110, 120, 130, 140, 150],
                       "nt": [50, 60, 70, 80, 90, 100]})  # touch at 100
    text = verdict.headline(run_of(tmp_path, variants=("bbm", "nt"), change=change))
    assert text.startswith("No clear difference between `bbm` and `nt`: ")
    assert "`nt` 75.0 ns [50.0, 100 ns], no clear difference" in text
    assert "lower" not in text


def test_a_longer_tail_is_stated_as_such(tmp_path):
    change = set_p999({"nt": [2e6] * 6})
    text = verdict.headline(run_of(tmp_path, variants=("bbm", "nt"), change=change))
    assert text.startswith("`nt` lengthens the tail against `bbm`: ")
    assert "2.17 times higher" in text


def test_mixed_outcomes_are_told_apart_per_variant(tmp_path):
    change = set_p999({"nt-fault": [900000] * 6})
    text = verdict.headline(run_of(tmp_path, change=change))
    assert text.startswith("`nt` and `nt-fault` against `bbm` differ in outcome: ")
    assert "30.0 times lower; `nt-fault` 900 µs [900, 900 µs], no clear" in text


@pytest.mark.parametrize("seeds_n, spread", [
    (5, "918 µs (seeds: 900 µs to 936 µs)"), (1, "900 µs;")])
def test_below_six_seeds_there_is_no_verdict(tmp_path, seeds_n, spread):
    text = verdict.headline(run_of(tmp_path, seeds_n=seeds_n))
    assert text.startswith("Indicative, no verdict (")
    assert f"`bbm` {spread}" in text
    assert "lower" not in text and "95 %" not in text


def test_without_bbm_the_first_variant_is_compared_with_the_others(tmp_path):
    text = verdict.headline(run_of(tmp_path, variants=("nt", "keep")))
    assert text.startswith("No clear difference between `nt` and `keep`: ")


def test_a_mixture_of_clean_placements_is_part_of_the_verdict(tmp_path):
    run = run_of(tmp_path)
    assert "clean the data cache" not in verdict.headline(run)
    run.scenario["variants"][1]["clean"] = "in-window"
    assert verdict.headline(run).endswith(
        " The variants differ in where they clean the data cache, so a difference between "
        "them is not one of their sequences alone: `bbm` none; `nt` in-window; "
        "`nt-fault` none.")


def test_violations_come_first(tmp_path):
    def change(variant, i, row):
        if variant == "nt" and i == 2:  # one seed of six: the median stays 0
            row["violations"] = 3
    text = verdict.headline(run_of(tmp_path, change=change))
    assert text.startswith("`nt` breaks architecture rules: up to 3 violations in a "
                           "run, in 1 of 6 seeds. This comes before any comparison. ")


def test_violations_are_named_with_their_lines(tmp_path):
    def change(variant, i, row):
        row["violations"] = 3 if variant == "nt" else row["violations"]
    folder = fixture.write_run(tmp_path / "run", ("bbm", "nt"), 6, change)
    with open(folder / "violations.csv", "a", encoding="utf-8") as f:
        for line, code in ((14, "bbm.missing-tlbi"), (9, "walk.freed-table"),
                           (12, "bbm.missing-tlbi")):
            f.write(f'nt,1,40,2,{code},0x0,0x1,0x2,{line},"One, rule (R_DDMVT)."\n')
    run = load_run(folder)
    assert verdict.headline(run).startswith(
        "`nt` breaks architecture rules: up to 3 violations in a run, in 6 of 6 seeds: "
        "`bbm.missing-tlbi` (line 12, 14), `walk.freed-table` (line 9). ")
    assert tables.violations(run)[1] == (
        "nt", "walk.freed-table", 9, "One, rule (R_DDMVT).", 1)


def test_a_stopped_vm_comes_first(tmp_path):
    def change(variant, i, row):
        if variant == "nt-fault" and i < 2:
            row["stopped_at_ns"] = 1500000 + i
    text = verdict.headline(run_of(tmp_path, change=change))
    assert text.startswith("The VM stops in `nt-fault`, first at 1.50 ms, in 2 of 6 "
                           "seeds: a TLB conflict abort, which mainline KVM does not "
                           "handle. ")


@pytest.mark.parametrize("level, beyond", [(0, ["nt", "nt-fault"]), (1, []), (3, [])])
def test_a_sequence_beyond_the_level_of_the_platform_is_no_legal_comparison(
        tmp_path, level, beyond):
    run = run_of(tmp_path)
    for p in run.scenario["platform"]["parameters"]:
        if p["name"] == "feat.bbm_level":
            p["value"] = level
    assert [t.split("`")[1] for t in verdict.problems(run)] == beyond
    for text in verdict.problems(run):
        assert text.endswith("needs FEAT_BBM level 1, the platform has level 0: a "
                             "comparison with it is not legal there.")


def test_a_run_without_requests_gives_no_verdict(tmp_path):
    change = set_p999({v: [None] * 6 for v in ("bbm", "nt", "nt-fault")})
    assert verdict.headline(run_of(tmp_path, change=change)).startswith(
        "No verdict: no request of the baseline `bbm` was measured")


def test_a_replay_reports_agreement_and_no_verdict(tmp_path):
    run = load_run(fixture.write_replay(tmp_path / "run"))
    assert verdict.headline(run) == (
        "Ordered replay: agreement: `bbm-early` 3 of 4 attempts end as recorded "
        "(75.0 %; a predictor that lets the first attempt on each leaf win reaches "
        "50.0 %). An ordered replay gives no verdict.")


def test_details_give_window_redundant_faults_ratio_and_cover_of_the_tail(tmp_path):
    window, redundant, ratio, cover = verdict.details(run_of(tmp_path))
    assert "`bbm` 500 µs; `nt` 0; `nt-fault` 2.51 µs." in window
    assert "`bbm` 20; `nt` 0; `nt-fault` 13." in redundant
    assert "`bbm` / `nt` 30.0 [30.0, 30.0]" in ratio
    assert "500 µs to 3.00 ms" in cover and "as many as arrive in 2.50 µs" in cover
    assert "about 40,000 requests per variant and seed" in cover


def test_the_table_has_medians_intervals_and_marks_weak_percentiles(tmp_path):
    run = run_of(tmp_path)
    found = {column: cells for _, rows in tables.metrics(run)
             for _, column, cells in rows}
    assert found["request_p999_ns"][0] == tables.Cell("922 µs", "[900, 945 µs]")
    assert found["request_p9999_ns"][0].weak  # 40,000 * 1e-4 = 4 samples beyond
    assert found["faults_window"][2].value == "13"
    assert found["slo_missed_share"][0].value == "1.00 %"
    assert found["violations"][0].value == "0"
    assert "faults_conflict" not in found
    assert "Faults: class conflict" in tables.left_out(run)


def test_never_recovered_differs_from_nothing_to_recover_from(tmp_path):
    def change(variant, i, row):
        row["drain_ns"] = None
        if variant == "keep":
            row["coalesce_ns"] = None
    run = run_of(tmp_path, variants=("bbm", "keep"), change=change)
    assert tables.cell(run, "bbm", "drain_ns").value == "never"
    assert tables.cell(run, "keep", "drain_ns").value == "-"


def test_the_table_of_a_replay_has_counts_and_no_durations(tmp_path):
    run = load_run(fixture.write_replay(tmp_path / "run"))
    columns = {column for _, rows in tables.metrics(run) for _, column, _ in rows}
    assert "faults_window" in columns and "exits" in columns
    assert not [c for c in columns if c.endswith("_ns") or "progress" in c]


def test_settings_that_differ_are_told_from_those_held_equal(tmp_path):
    run = run_of(tmp_path)
    assert tables.differing_settings(run) == [
        ("sequence", ["bbm", "nt", "nt"]),
        ("nt_response", ["translate", "translate", "fault"])]
    assert know.held_equal(run)[1] == [
        ("path", "kvm-6.2"), ("lock", "exclusive"), ("clean", "none")]


def test_conditions_say_whether_the_guest_translates(tmp_path):
    run = run_of(tmp_path)
    assert dict(know.conditions(run))["Guest stage 1"] == (
        "off: guest addresses are IPAs")
    run.scenario["vms"][0]["stage1"] = {"state": "on", "map": "4K",
                                        "tables": "0x7fc00000", "accessed": "false"}
    assert dict(know.conditions(run))["Guest stage 1"] == (
        "on: 4K leaves, tables at IPA 0x7fc00000, Access flags clear, set by hardware")


def test_conditions_name_features_lock_load_and_leaf_state(tmp_path):
    found = dict(know.conditions(run_of(tmp_path)))
    assert found["FEAT_BBM level"] == "2"
    assert found["FEAT_S2FWB"] == "yes" and found["CTR_EL0.DIC"] == "yes"
    assert found["mmu_lock"] == "exclusive (all variants)"
    assert found["Load, share of capacity"] == "60.0 %"
    assert found["PEs, vCPUs"] == "24 PEs, 20 vCPUs"
    assert found["Leaf state before the change"] == (
        "1 GiB at IPA 0x40000000, mapped by 4K leaves, backed by 1G, every leaf mapped "
        "and writable")
    assert "from 500 µs on are measured" in found["Run length"]
