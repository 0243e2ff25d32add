# SPDX-License-Identifier: Apache-2.0
"""What a page of predictions says, on tables worked out by hand."""

import csv
import types

import pytest

from reports import predict_page as page
from reports import predict_text
from reports.predict import Part, Results

AXES = ("block", "interval", "vcpus")
COLUMNS = [c + end for c in (*page.COLUMNS, "stopped_at_ns")
           for end in ("", "_lo", "_hi")]


def row(point, variant, seeds=6, **values):
    """Of sweep.csv: a value is (median, lo, hi), or one number for all three."""
    cells = dict.fromkeys(COLUMNS, "0")
    cells.update({"stopped_at_ns": "", "stopped_at_ns_lo": "", "stopped_at_ns_hi": ""})
    for column, value in values.items():
        three = value if isinstance(value, tuple) else (value,) * 3
        cells.update(zip((column, column + "_lo", column + "_hi"), three))
    return {"point": "x", **dict(zip(AXES, point)), "variant": variant, "seeds": seeds,
            **cells}


@pytest.fixture
def table(tmp_path):
    def make(rows):
        path = tmp_path / "sweep.csv"
        with open(path, "w", encoding="utf-8", newline="") as f:
            writer = csv.DictWriter(f, rows[0])
            writer.writeheader()
            writer.writerows(rows)
        return page.read_table(path, AXES)
    return make


def pair(vcpus, bbm, nt, window=64, block="2M"):
    point = (block, "1us", vcpus)
    return [row(point, "bbm", request_p999_ns=bbm, window_invalid_ns=window),
            row(point, "nt", request_p999_ns=nt)]


@pytest.mark.parametrize("contender, baseline, said", [
    ((5, 4, 6), (9, 8, 10), "lower"),
    ((5, 4, 8), (9, 8, 10), "unclear"),  # closed intervals: they touch
    ((9, 8, 10), (5, 4, 6), "higher"),
    ((5, None, None), (9, 8, 10), "none"),
    ((None, None, None), (9, 8, 10), "none"),
])
def test_a_verdict_needs_intervals_apart(contender, baseline, said):
    assert page.verdict(contender, baseline) == said


LOWER, SAME = ((9, 8, 10), (5, 4, 6)), ((5, 4, 6), (5, 4, 6))


@pytest.mark.parametrize("of_vcpus, pays_from", [
    ({"1": SAME, "2": LOWER, "16": LOWER}, 2),
    ({"1": LOWER, "2": SAME, "16": LOWER}, 16),  # not at every one from 1 on
    ({"1": LOWER, "2": LOWER, "16": SAME}, None),
    ({"16": LOWER, "2": LOWER, "1": LOWER}, 1),  # in whatever order
])
def test_it_pays_from_where_it_is_lower_up_to_the_largest(table, of_vcpus, pays_from):
    t = table([r for n, (bbm, nt) in of_vcpus.items() for r in pair(n, bbm, nt)])
    assert page.break_even(t, ("nt",), ("bbm",), "request_p999_ns") == [
        ({"block": "2M", "interval": "1us"}, "bbm", {"nt": pays_from})]


def test_each_block_has_its_own_break_even(table):
    t = table(pair("1", *LOWER) + pair("1", *SAME, block="1G"))
    assert [(held["block"], found["nt"]) for held, _, found in page.break_even(
        t, ("nt",), ("bbm",), "request_p999_ns")] == [("2M", 1), ("1G", None)]


def test_a_window_is_that_of_one_change(table):
    t = table(pair("1", *SAME, window=32) + pair("2", *LOWER, window=320)
              + pair("4", *SAME, window=640) + pair("8", *SAME, window=0))
    assert page.windows_that_pay(t, {"2M": 32}, "nt", ("bbm",), "request_p999_ns") \
        == (10, 20)
    assert page.windows_that_pay(t, {"2M": 32}, "bbm", ("bbm",), "request_p999_ns") \
        == (None, 20)
    assert page.storm_rows(t, {"2M": 32}, {"block": "2M", "interval": "1us"},
                           ["2"])[0][2] == "10.0 ns"


def test_the_tail_is_compared_at_every_point_and_a_storm_is_a_share_of_requests(table):
    rows = [r for n, (bbm, nt) in {"1": LOWER, "2": SAME}.items()
            for r in pair(n, bbm, nt)]
    rows[0] |= {"episodes": "3", "requests": "600"}
    rows[2] |= {"episodes": "2", "requests": "1000"}
    t = table(rows)
    assert page.episodes_per_request(t, "bbm") == 0.005
    assert page.lower_at(t, "nt", "bbm", "request_p999_ns") == (1, 2)
    assert page.lower_at(t, "nt", "bbm", "request_max_ns") == (0, 2)


def test_the_tail_of_a_page_names_each_baseline_with_its_episodes(table):
    rows = pair("1", *LOWER)
    rows[0] |= {"episodes": "1", "requests": "1000"}
    part = Part("x", "Tiny", {"2M": 32}, ("bbm",), ("nt",))
    assert predict_text.tails(part, types.SimpleNamespace(table=table(rows)))[-2] == \
        "| `bbm` | 0.1 % | `nt` | 1 of 1 | 0 of 1 | 0 of 1 | 0 of 1 |"


def test_a_vm_that_stopped_has_no_numbers(table):
    rows = pair("1", *LOWER)
    rows[1] = row(("2M", "1us", "1"), "nt", stopped_at_ns=5)
    shown = page.storm_rows(table(rows), {"2M": 32}, {"block": "2M", "interval": "1us"},
                            ["1", "2"])
    assert [r[:3] for r in shown] == [["1", "bbm", "2.00 ns"],
                                      ["1", "nt", "the VM stopped"]]


def test_rows_that_are_equal_but_for_the_variant_are_joined():
    rows = [["1", "a", "x"], ["1", "b", "x"], ["2", "b", "x"], ["2", "a", "y"]]
    assert page.same_rows(rows, 1) == [["1", "a, b", "x"], ["2", "b", "x"],
                                       ["2", "a", "y"]]


# One second of stalls; a page costs 1 us under the log, so a million pages one second.
def test_the_storm_is_a_share_of_all_stalls_and_of_all_vcpu_time(tmp_path):
    t = page.Table(("block", "vcpus"), ["bbm"], {("2M", "4"): {"bbm": dict.fromkeys(
        page.COLUMNS, (0, 0, 0)) | {"stall_sum_ns": (1e9, 1e9, 1e9)}}})
    (cells,) = page.migration_rows(t, 1000, 1000000, 5)
    assert cells[:8] == ["2M", "4", "bbm", "0", "0", "1.00 s", "50.0 %", "5.00 %"]
    (cells,) = page.migration_rows(t, 1000, 1000000, 50000)
    assert cells[6:8] == ["50.0 %", "below 0.001 %"]


def test_contenders_of_which_the_same_holds_stand_together():
    assert predict_text.joined(("nt", "nt-fault", "bbml2"), len) == [
        ("`nt`", 2), ("`nt-fault`", 8), ("`bbml2`", 5)]
    assert predict_text.joined(("nt", "nt-fault", "no"), lambda c: len(c) > 2) == [
        ("`nt`, `no`", False), ("`nt-fault`", True)]


SENSITIVITY = """parameter,factor,value,variant,request_p999_ns,request_p999_ns_lo,\
request_p999_ns_hi,verdict,flipped,skipped
base,1,,bbm,100,90,110,baseline,0,
base,1,,nt,50,40,60,lower,0,
dvm.hop,0.5,10ns,bbm,60,55,65,baseline,0,
dvm.hop,0.5,10ns,nt,50,40,60,unclear,1,
dvm.hop,2,40ns,bbm,180,170,190,baseline,0,
dvm.hop,2,40ns,nt,50,40,60,lower,0,
hyp.exit,2,200ns,bbm,150,140,160,baseline,0,
hyp.exit,2,200ns,nt,45,40,60,broken,1,
hyp.lock,,,,,,,,,is 0
"""


@pytest.fixture
def points(tmp_path):
    path = tmp_path / "sensitivity.csv"
    path.write_text(SENSITIVITY)
    return page.read_sensitivity(path)


def test_parameters_stand_in_the_order_of_what_they_move(points):
    assert page.most_moving(points, "bbm") == [
        ("dvm.hop", {"0.5": -0.4, "2": 0.8}), ("hyp.exit", {"2": 0.5})]


def test_a_flip_is_a_verdict_that_differs_from_that_of_the_platform(points):
    assert page.flips(points, "nt", "bbm") == ("lower", [
        ("dvm.hop", "0.5", "10ns", "unclear"), ("hyp.exit", "2", "200ns", "broken")])


def test_the_page_says_when_nothing_pays(table):
    t = table(pair("1", *SAME) + pair("16", *SAME))
    part = Part("x.yaml", "P", {"2M": 32}, ("bbm",), ("nt",), (("2M", "1us", ("16",)),))
    sweep = types.SimpleNamespace(file="a/x.yaml", points=(1, 2))
    migrated = Results(sweep, page.Table(("block", "vcpus")), 3600.0, 2, 6)
    text = predict_text.text(types.SimpleNamespace(parts=(part,)),
                             [Results(sweep, t, 1800.0, 24, 6)], migrated, 900.0)
    assert "| 2M | 1us | `bbm` | never |" in text
    assert "1.50 core-hours in all" in text
    assert "| 16 | bbm | 2.00 ns |" in text
    assert "## Sensitivity" not in text
