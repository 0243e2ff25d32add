# SPDX-License-Identifier: Apache-2.0
"""Numbers as people read them. CSV files get full precision from exact() instead."""


def exact(value):
    """Full precision without noise: 12, 12.5, 0.001; nothing for None."""
    if value is None:
        return ""
    return str(int(value)) if value == int(value) else f"{value:.15g}"


def three(value):
    """Three significant digits, never as an exponent."""
    if value == 0:
        return "0"
    if value >= 99.95:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"


def time(ns):
    """Nanoseconds as ns, µs, ms or s."""
    for unit, size in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if ns >= 0.9995 * size:
            return f"{three(ns / size)} {unit}"
    return f"{three(ns)} ns" if ns else "0"


def count(value):
    """1,234,567 in full; an interpolated median keeps its half."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def size(bytes_n):
    """Bytes with the largest binary unit that divides them."""
    for unit, step in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if bytes_n and bytes_n % step == 0:
            return f"{bytes_n // step:,.0f} {unit}"
    return f"{bytes_n:,.0f} B"


def share(value):
    """A share of 1 in percent; small ones keep two significant digits."""
    percent = 100 * value
    if percent == 0 or percent >= 10:
        return f"{percent:.1f} %"
    return f"{percent:.2g} %" if percent < 1 else f"{percent:.2f} %"


def by_column(column):
    """The formatter for a column of seeds.csv, chosen by its name."""
    if column.endswith("_ns"):
        return time
    if column.endswith("_share") or column.startswith("progress_"):
        return share
    return count


def is_count(column):
    return by_column(column) is count


def interval(lo, hi, fmt):
    """'[lo, hi]', with one unit where both have the same."""
    a, b = fmt(lo), fmt(hi)
    if " " in a and " " in b and a.split(" ")[1] == b.split(" ")[1]:
        a = a.split(" ")[0]
    return f"[{a}, {b}]"
