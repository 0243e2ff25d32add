# SPDX-License-Identifier: Apache-2.0
"""What the figures and lines of a sweep's report are computed from."""

import pytest

from reports.sweep import pages
from reports.sweep import table as tables
from reports.sweep.collect import best
from reports.sweep.plan import Axis, Sweep, SweepError

VCPUS, BLOCK = Axis("vcpus", ("1", "2", "4")), Axis("block", ("2M", "1G"))
HEADER = "point,vcpus,block,variant,seeds,x_ns,x_ns_lo,x_ns_hi,other"
# x of bbm is 100 * vcpus * (1 or 10); nt is lower, equal within intervals, or missing
LINES = """
a,1,2M,bbm,6,100,90,110,1
a,1,2M,nt,6,50,40,60,1
b,1,1G,bbm,6,1000,900,1100,1
b,1,1G,nt,6,950,850,1050,1
c,2,2M,bbm,6,200,190,210,1
c,2,2M,nt,6,,,,1
d,2,1G,bbm,6,2000,1900,2100,1
d,2,1G,nt,6,3000,2900,3100,1
e,4,2M,bbm,6,400,390,410,1
e,4,2M,nt,6,300,,,1
"""  # vcpus 4, block 1G failed


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "sweep.csv"
    path.write_text(HEADER + LINES, encoding="utf-8")
    return path


@pytest.fixture
def table(path):
    return tables.load(path, (VCPUS, BLOCK), ["x_ns"])


def test_a_line_holds_the_other_axes_at_their_middle(table):
    assert tables.middle(table) == [1, 0]
    assert tables.along(table, 0, "bbm", "x_ns") == [
        (0, 100.0, 90.0, 110.0), (1, 200.0, 190.0, 210.0), (2, 400.0, 390.0, 410.0)]
    assert tables.along(table, 0, "nt", "x_ns") == [
        (0, 50.0, 40.0, 60.0), (2, 300.0, None, None)]
    assert [row[:2] for row in tables.along(table, 1, "bbm", "x_ns")] == [
        (0, 200.0), (1, 2000.0)]


def test_the_middle_is_a_point_that_has_results(table):
    del table.cells[(1, 0)]
    assert tables.middle(table) == [0, 0]


def test_a_main_effect_is_the_median_over_all_other_axes(table):
    vcpus, block = tables.main_effects(table, "bbm", "x_ns")
    assert vcpus == [(0, 550.0, 100.0, 1000.0), (1, 1100.0, 200.0, 2000.0),
                     (2, 400.0, 400.0, 400.0)]
    assert [row[:2] for row in block] == [(0, 200.0), (1, 1500.0)]


def test_the_strongest_axes_move_the_median_most(table):
    assert tables.strongest_axes(table, "x_ns", 1) == [1]
    assert tables.strongest_axes(table, "x_ns", 2) == [0, 1]


def test_a_map_has_a_cell_for_each_point_that_has_a_value(table):
    assert tables.cells_of(table, 0, 1, "nt", "x_ns") == [
        (0, 0, 50.0), (0, 1, 950.0), (1, 1, 3000.0), (2, 0, 300.0)]


def test_variants_differ_where_their_intervals_lie_apart(table):
    assert tables.compare(table, "x_ns") == [("nt", 1, 1, 1, 2)]


@pytest.mark.parametrize("labels, want", [
    (["1", "2", "4"], [1, 2, 4]),
    (["20%", "40%"], [20, 40]),
    (["500ns", "2us"], [500, 2000]),
    (["4K", "2M", "1G"], [2**12, 2**21, 2**30]),
    (["10", "2us"], None),  # a number and a time
    (["one", "2"], None),
    (["2M", "2us"], None),
])
def test_labels_of_one_unit_are_numbers(labels, want):
    assert tables.numbers(labels) == want


@pytest.mark.parametrize("labels, log", [
    (["1", "2", "4", "8"], True),
    (["1", "2", "3", "4", "5", "6"], False),
    (["0", "10", "100"], False),  # zero has no logarithm
    (["1", "1000"], False),  # two values lie anywhere
    (["a", "b", "c"], False),
])
def test_an_axis_of_growing_steps_is_logarithmic(labels, log):
    assert tables.positions(labels)[1] is log


def test_best_lists_rows_by_a_column_and_leaves_empty_cells_out(path):
    sweep = Sweep("f", "n", "t", "v", "s", (VCPUS, BLOCK), (), ("x_ns",), ())
    lines = best(path, sweep, "x_ns", 2, False).splitlines()
    assert [line.split() for line in lines] == [
        ["vcpus", "block", "variant", "x_ns"], ["1", "2M", "nt", "50"],
        ["1", "2M", "bbm", "100"]]
    assert best(path, sweep, "x_ns", 99, True).count("\n") == 10
    with pytest.raises(SweepError):
        best(path, sweep, "y_ns", 1, False)


def test_figures_show_labels_as_they_are(tmp_path):
    axes = (Axis("load", ("20%", "80%")), Axis("what", ("a_b", "c^d")))
    lines = [f"p,{load},{what},bbm,6,{x},{x},{x}" for x, (load, what) in enumerate(
        (a, b) for a in axes[0].values for b in axes[1].values)]
    path = tmp_path / "sweep.csv"
    path.write_text("\n".join(["point,load,what,variant,seeds,x,x_lo,x_hi", *lines]),
                    encoding="utf-8")
    figures = pages.Drawing(tables.load(path, axes, ["x"]), "x", tmp_path).all()
    assert [f.stem for f in figures] == ["x-lines", "x-load-what", "x-effects"]
    for figure in figures:
        text = (tmp_path / f"{figure.stem}.svg").read_text(encoding="utf-8")
        for label in ("20%", "80%", "a_b", "c^d"):
            assert f">{label}<" in text, (figure.stem, label)
