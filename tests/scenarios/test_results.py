# SPDX-License-Identifier: Apache-2.0
"""The result files agree with docs/results-format.md and with each other."""

import json
import math
import re

import pytest

from program import HERE, ROOT, by_run, header, rows

CLASSES = ["retry", "conflict", "nt", "window", "race", "stale_perm", "needed"]


def section(title):
    text = (ROOT / "docs" / "results-format.md").read_text(encoding="utf-8")
    return re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text,
                     re.M | re.S).group(1)


def names(text):
    """The comma-separated names in all `...` of a text."""
    return [n.strip() for quoted in re.findall(r"`([^`]*)`", text)
            for n in quoted.split(",")]


def run_columns():
    """The columns that docs/results-format.md gives to summary.csv and seeds.csv."""
    columns = []
    for line in section("summary.csv and seeds.csv").splitlines():
        cells = [c.strip() for c in line.split("|")]
        if line.startswith("| `"):
            columns += names(cells[3] if "..." in cells[1] else cells[1])
    return columns


def listed(title, paragraph=0):
    """The first `...` list of a paragraph of a section."""
    text = section(title).strip().split("\n\n")[paragraph]
    return [n.strip() for n in re.search(r"`([^`]*)`", text).group(1).split(",")]


def total(table, column):
    return sum(float(row[column] or 0) for row in table)


def test_the_columns_are_those_of_the_documentation(storm):
    columns = run_columns()
    assert header(storm / "seeds.csv") == ["variant", "seed"] + columns
    spread = [c + suffix for c in columns for suffix in ("", "_lo", "_hi")]
    assert header(storm / "summary.csv") == ["variant", "seeds"] + spread
    for file in ("timeline.csv", "faults.csv", "latency.csv", "changes.csv",
                 "vcpus.csv"):
        assert header(storm / file) == listed(file), file


def test_the_columns_of_a_replay_are_those_of_the_documentation(replay):
    title = "replay.csv and replay_counts.csv"
    assert header(replay / "replay.csv") == listed(title)
    assert header(replay / "replay_counts.csv") == listed(title, 1)


def test_every_json_file_is_json(tiny):
    for file in ("run.json", "summary.json", "host.json"):
        json.loads((tiny / file).read_text(encoding="utf-8"))


def test_run_json_says_what_ran(tiny):
    info = json.loads((tiny / "run.json").read_text(encoding="utf-8"))
    assert info["format"] == 1
    assert info["seeds"] == [1, 2]
    assert info["indicative"] is True
    assert [v["name"] for v in info["scenario"]["variants"]] == ["bbm", "nt"]
    for parameter in info["scenario"]["platform"]["parameters"]:
        assert parameter["source"], parameter["name"]


@pytest.mark.parametrize("name", ["tiny", "storm", "replay"])
def test_fault_classes_add_up_in_every_run(name, request):
    for row in rows(request.getfixturevalue(name) / "seeds.csv"):
        n = {c: int(row[f"faults_{c}"]) for c in CLASSES}
        assert sum(n.values()) == int(row["faults"])
        assert n["window"] + n["nt"] + n["conflict"] == int(row["faults_redundant"])
        assert n["window"] + n["nt"] + n["conflict"] + n["race"] == int(row["episodes"])
        assert int(row["episodes"]) + n["retry"] == int(row["exits"])


@pytest.mark.parametrize("name", ["tiny", "storm", "replay"])
def test_every_fault_has_a_row_with_its_class_and_its_retries(name, request):
    folder = request.getfixturevalue(name)
    faults = by_run(rows(folder / "faults.csv"))
    for row in rows(folder / "seeds.csv"):
        mine = faults.get((row["variant"], row["seed"]), [])
        retries = int(total(mine, "retries"))
        assert len(mine) + retries == int(row["faults"])
        for c in CLASSES:
            found = retries if c == "retry" else sum(f["class"] == c for f in mine)
            assert found == int(row[f"faults_{c}"])
        eagain = sum(f["result"] == "eagain" for f in mine)
        assert eagain + retries == int(row["faults_eagain"])


def test_every_request_and_access_completes_exactly_once(storm):
    served = {}
    for row in rows(storm / "seeds.csv"):
        assert int(row["accesses"]) == 4 * int(row["requests"]) > 0
        served.setdefault(row["seed"], set()).add(row["requests"])
    assert all(len(counts) == 1 for counts in served.values()), served
    assert len(served) > 1


def test_the_timeline_adds_up_to_the_totals(storm):
    bins = by_run(rows(storm / "timeline.csv"))
    for row in rows(storm / "seeds.csv"):
        mine = bins[row["variant"], row["seed"]]
        for column in ("accesses", "requests", "faults", "faults_redundant"):
            assert total(mine, column) == int(row[column]), (row["variant"], column)
        for part, whole in (("window_ns", "window_invalid_ns"),
                            ("in_handler_ns", "stall_sum_ns")):
            assert math.isclose(total(mine, part), float(row[whole]), abs_tol=0.1)


def test_the_latency_histogram_holds_every_access(storm):
    histogram = {}
    for row in rows(storm / "latency.csv"):
        assert float(row["lo_ns"]) < float(row["hi_ns"]) and int(row["count"]) > 0
        key = row["variant"], row["kind"]
        histogram[key] = histogram.get(key, 0) + int(row["count"])
    runs = rows(storm / "seeds.csv")
    for variant in {row["variant"] for row in runs}:
        mine = [row for row in runs if row["variant"] == variant]
        assert histogram[variant, "access"] == total(mine, "accesses")
        assert 0 < histogram[variant, "request"] <= total(mine, "requests")


def test_the_changes_add_up_to_the_window(storm):
    changes = by_run(rows(storm / "changes.csv"))
    for row in rows(storm / "seeds.csv"):
        mine = changes.get((row["variant"], row["seed"]), [])
        blocks = 0 if row["variant"] == "keep" else 32
        assert len(mine) == blocks
        assert math.isclose(total(mine, "window_ns"), float(row["window_invalid_ns"]),
                            abs_tol=0.1)
        for change in mine:
            assert change["by"] == "host" and change["bytes"] == str(2 << 20)


def test_percentiles_rise(storm):
    order = ["p50", "p99", "p999", "p9999", "max"]
    for row in rows(storm / "seeds.csv"):
        values = [float(row[f"request_{p}_ns"]) for p in order]
        assert values == sorted(values)


def test_the_summary_is_the_median_of_the_seeds(storm):
    seeds = by_run(rows(storm / "seeds.csv"))
    for row in rows(storm / "summary.csv"):
        mine = [r[0] for (variant, _), r in seeds.items() if variant == row["variant"]]
        assert len(mine) == int(row["seeds"]) == 2
        for column in ("accesses", "faults", "request_p999_ns", "tlb_misses"):
            mean = total(mine, column) / 2
            assert math.isclose(float(row[column]), mean, rel_tol=1e-9, abs_tol=0.001)
            assert row[column + "_lo"] == row[column + "_hi"] == ""


def test_the_test_scenarios_are_shipped_beside_the_tests():
    assert {p.name for p in HERE.glob("*.yaml")} == {
        "storm-64m.yaml", "tiny.yaml", "expectation-fails.yaml"}
