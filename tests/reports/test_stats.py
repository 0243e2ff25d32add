# SPDX-License-Identifier: Apache-2.0
"""The numbers: medians, intervals, distributions, time bins, units."""

import pytest

from reports import stats, units


@pytest.mark.parametrize("n, k", [
    (5, 0),   # 2 * 1/32 = 6.25 %: no interval
    (6, 1),   # 2 * 1/64 = 3.1 %
    (8, 1),   # 2 * 9/256 = 7.0 % forbids 2
    (9, 2),   # 2 * 10/512 = 3.9 %
    (20, 6),  # 2 * P(X <= 5) = 4.1 %
])
def test_interval_rank_is_that_of_the_sign_test(n, k):
    assert stats.sign_test_rank(n) == k


def test_median_interval_takes_order_statistics():
    assert stats.median_interval([6, 1, 5, 2, 4, 3]) == (3.5, 1, 6)
    assert stats.median_interval(range(1, 21)) == (10.5, 6, 15)
    assert stats.median_interval([3, 1, 2]) == (2, None, None)


@pytest.mark.parametrize("a, b, want", [
    ((1, 2), (3, 4), False), ((3, 4), (1, 2), False),
    ((1, 3), (3, 4), True),  # touching
    ((1, 9), (3, 4), True), ((3, 4), (1, 9), True),
])
def test_intervals_overlap_when_they_share_a_point(a, b, want):
    assert stats.overlap(*a, *b) is want


def test_ccdf_is_the_share_above_each_edge_and_flat_across_gaps():
    assert stats.ccdf([(0, 10, 90), (10, 20, 9), (40, 50, 1)]) == [
        (10, 0.1), (20, 0.01), (40, 0.01), (50, 0.0)]


def test_percentile_is_the_upper_edge_of_its_bucket():
    buckets = [(0, 10, 90), (10, 20, 9), (40, 50, 1)]
    assert stats.percentile(buckets, 0.5) == 10
    assert stats.percentile(buckets, 0.9) == 10  # the 90th of 100
    assert stats.percentile(buckets, 0.99) == 20
    assert stats.percentile(buckets, 0.999) == 50


def test_thinning_keeps_both_ends_and_every_large_step():
    points = [(100, 1.0), (100.1, 0.999), (200, 0.998), (200.1, 0.1), (200.2, 0.0)]
    assert stats.thin(points, 0.01) == [
        (100, 1.0), (200, 0.998), (200.1, 0.1), (200.2, 0.0)]


def test_merged_bins_keep_sums_and_count_missing_bins_as_zero():
    rows = [{"t_ns": t, "n": 1} for t in (10, 20, 50)]  # 30 and 40 are missing
    assert stats.merge_bins(rows, 10, 3, ["n"]) == [
        (10, 20, {"n": 2}), (30, 20, {"n": 0}), (50, 10, {"n": 1})]


@pytest.mark.parametrize("largest, step", [(20, 10), (1200, 500), (1, 0.5), (3, 1)])
def test_axis_steps_are_1_2_or_5(largest, step):
    assert stats.nice_step(largest) == pytest.approx(step)


@pytest.mark.parametrize("ns, text", [
    (0, "0"), (0.5, "0.50 ns"), (999.4, "999 ns"), (999.9, "1.00 µs"),
    (12345, "12.3 µs"), (9.999e6, "10.0 ms"), (1.5e9, "1.50 s"),
])
def test_times_have_three_digits_and_the_unit_that_fits(ns, text):
    assert units.time(ns) == text


@pytest.mark.parametrize("value, text", [
    (None, ""), (3.0, "3"), (2500.125, "2500.125"), (1e12 + 0.5, "1000000000000.5")])
def test_csv_numbers_keep_their_precision(value, text):
    assert units.exact(value) == text


def test_an_interval_names_a_shared_unit_once():
    assert units.interval(1000, 2000, units.time) == "[1.00, 2.00 µs]"
    assert units.interval(900, 2000, units.time) == "[900 ns, 2.00 µs]"
