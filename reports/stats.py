# SPDX-License-Identifier: Apache-2.0
"""Pure functions on numbers: medians with intervals, distributions, time bins."""

import math

VERDICT_SEEDS = 6  # below, the sign test gives no 95 % interval
TAIL_SAMPLES = 10  # a percentile with fewer samples beyond it is marked


def sign_test_rank(n):
    """Largest k with 2 * P(Binomial(n, 1/2) < k) <= 5 %; 0 below 6 values."""
    k, below = 0, 0
    while 2 * (below + math.comb(n, k)) <= 0.05 * 2**n:
        below += math.comb(n, k)
        k += 1
    return k


def median(values):
    ordered = sorted(values)
    mid = len(ordered) // 2
    return ordered[mid] if len(ordered) % 2 else (ordered[mid - 1] + ordered[mid]) / 2


def median_interval(values):
    """(median, lo, hi): the distribution-free 95 % interval, None, None below 6."""
    ordered = sorted(values)
    k = sign_test_rank(len(ordered))
    if k == 0:
        return median(ordered), None, None
    return median(ordered), ordered[k - 1], ordered[-k]


def overlap(a_lo, a_hi, b_lo, b_hi):
    """Closed intervals: touching ones overlap."""
    return a_lo <= b_hi and b_lo <= a_hi


def ccdf(buckets):
    """[(latency_ns, share of samples above it)]: the corners of the falling curve.

    A gap between buckets is flat, so the lower edge after a gap is a corner too."""
    total = sum(count for _, _, count in buckets)
    points, seen = [], 0
    for lo, hi, count in buckets:
        if lo > 0 and (not points or lo > points[-1][0]):
            points.append((lo, (total - seen) / total))
        seen += count
        points.append((hi, (total - seen) / total))
    return points


def percentile(buckets, share):
    """Upper edge of the bucket that holds the ceil(share * n)-th smallest sample."""
    total = sum(count for _, _, count in buckets)
    rank, seen = math.ceil(share * total - 1e-9), 0
    for _, hi, count in buckets:
        seen += count
        if seen >= rank:
            return hi
    return None


def samples_beyond(total, runs_n, share):
    """Samples above a percentile in one of runs_n runs that hold total together."""
    return total / runs_n * (1 - share)


def thin(points, step):
    """Drops points of a falling log-log curve that lie within step decades of the
    last one kept; the first and the last stay."""
    kept = points[:1]
    for x, y in points[1:-1]:
        kept_x, kept_y = kept[-1]
        if math.log10(x / kept_x) >= step or math.log10(kept_y / y) >= step:
            kept.append((x, y))
    return kept + points[1:][-1:]


def bin_length(rows):
    """Length of a timeline bin in ns: the smallest distance of two bins."""
    starts = [row["t_ns"] for row in rows]
    return min((b - a for a, b in zip(starts, starts[1:]) if b > a), default=0)


def merge_bins(rows, bin_ns, bins_max, columns):
    """Adds neighbouring timeline bins until at most bins_max are left.

    Returns [(t_ns, length_ns, {column: sum})]; a bin without a row counts as 0."""
    if not rows or not bin_ns:
        return []
    first = rows[0]["t_ns"]
    bins_n = round((rows[-1]["t_ns"] - first) / bin_ns) + 1
    factor = math.ceil(bins_n / bins_max)
    merged = []
    for i in range(0, bins_n, factor):
        length = min(factor, bins_n - i) * bin_ns
        merged.append((first + i * bin_ns, length, dict.fromkeys(columns, 0)))
    for row in rows:
        sums = merged[round((row["t_ns"] - first) / bin_ns) // factor][2]
        for column in columns:
            sums[column] += row[column] or 0
    return merged


def nice_step(largest):
    """Distance of axis marks, 1, 2 or 5 times a power of ten: two to five marks."""
    power = 10 ** math.floor(math.log10(largest / 2))
    return next(m * power for m in (5, 2, 1) if m * power <= largest / 2 * (1 + 1e-9))


def ratio(values, others):
    """Per-seed ratios of two equally ordered lists; None where one is undefined."""
    if any(v is None or o is None or o == 0 for v, o in zip(values, others)):
        return None
    return [v / o for v, o in zip(values, others)]
