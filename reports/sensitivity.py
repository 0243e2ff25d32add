# SPDX-License-Identifier: Apache-2.0
"""Which assumed parameters flip the verdict: pure functions on sensitivity.csv."""

from reports import units


def _points(run):
    """[(parameter, factor, value, {variant: row})] of the points that were run."""
    points = {}
    for row in run.sensitivity or []:
        if not row["skipped"]:
            key = (row["parameter"], row["factor"], row["value"])
            points.setdefault(key, {})[row["variant"]] = row
    return [(*key, rows) for key, rows in points.items()]


def _flips(run):
    """'`dvm.hop` x 2 (200ns): `nt` lower becomes unclear', one per flip."""
    points = _points(run)
    base = points[0][3]
    return [f"`{parameter}` x {units.exact(factor)} ({value}): `{name}` "
            f"{base[name]['verdict']} becomes {row['verdict']}"
            for parameter, factor, value, rows in points
            for name, row in rows.items() if row["flipped"]]


def sentences(run):
    """What the verdict section says of the sensitivity; nothing if not asked for."""
    if run.sensitivity is None:
        return []
    found = _flips(run)
    if not found:
        text = "No assumed parameter flips the verdict when it is halved or doubled"
    else:
        text = "Assumed parameters that flip the verdict: " + "; ".join(found)
    if run.info["indicative"]:
        text += " (indicative: medians compared)"
    return [text + "."]


def _cell(row):
    if row["request_p999_ns"] is None:
        return row["verdict"]
    value = units.time(row["request_p999_ns"])
    return value if row["verdict"] == "baseline" else f"{value}, {row['verdict']}"


def table(run):
    """The points that were run, the platform as it is first; None if not asked for."""
    points = _points(run)
    if not points:
        return None
    verdicts = {name: row["verdict"] for name, row in points[0][3].items()}
    baseline = next(name for name, v in verdicts.items() if v == "baseline")
    contenders = [name for name, v in verdicts.items() if v not in ("baseline", "")]
    return {
        "baseline": baseline,
        "contenders": contenders,
        "rows": [{
            "parameter": "as it is" if parameter == "base" else parameter,
            "factor": units.exact(factor), "value": value,
            "baseline": _cell(rows[baseline]),
            "cells": [_cell(rows[name]) for name in contenders],
            "flips": any(row["flipped"] for row in rows.values()),
        } for parameter, factor, value, rows in points],
    }


def not_varied(run):
    """Why points were not run: one sentence per reason."""
    by_reason = {}
    for row in run.sensitivity or []:
        if row["skipped"]:
            times = "" if row["factor"] is None else f" x {units.exact(row['factor'])}"
            by_reason.setdefault(row["skipped"], []).append(
                f"`{row['parameter']}`{times}")
    return [f"Not varied, {reason}: {', '.join(names)}."
            for reason, names in by_reason.items()]
