# SPDX-License-Identifier: Apache-2.0
"""Reads run directories as docs/results-format.md describes them.

Extra keys and columns are ignored; what the report needs must be there. Any fault
of a file becomes one ReportError that names file, line and column.
"""

import csv
import json
from dataclasses import dataclass
from pathlib import Path

FORMAT = 1

RUN_COLUMNS = (
    "accesses requests faults faults_retry faults_conflict faults_nt faults_window"
    " faults_race faults_stale_perm faults_needed faults_redundant faults_eagain"
    " episodes exits window_invalid_ns coalesce_ns stall_sum_ns stall_max_ns"
    " storm_share handler_share"
    " spent_entry_exit_ns spent_handler_ns spent_host_ns spent_lock_ns spent_tables_ns"
    " spent_clean_ns spent_tlbi_ns spent_teardown_ns"
    " request_p50_ns request_p99_ns request_p999_ns request_p9999_ns request_max_ns"
    " access_p50_ns access_p999_ns access_max_ns slo_missed_share"
    " progress_min_10us progress_min_100us recovery_ns drain_ns tlb_lookups"
    " tlb_l1_misses tlb_misses walks walk_reads walks_merged walks_speculative"
    " s1_table_hits s2_table_hits s1_leaf_hits s2_leaf_hits hw_updates tlbis tlb_removed"
    " tlb_removed_wide tlb_removed_extra tlb_unfilled tlb_conflicts dvm_messages switches switch_ns"
    " vmid_rolls violations"
    " stopped_at_ns"
).split()
TIMELINE_COLUMNS = (
    "t_ns accesses requests faults faults_redundant in_handler_ns window_ns"
    " request_latency_max_ns"
).split()
NEVER_EMPTY = {"t_ns", "accesses", "in_handler_ns", "window_ns", "first_store_ns"}
CHANGE_NUMBERS = "change bytes first_store_ns broken_ns mended_ns window_ns done_ns"
REPLAY_NUMBERS = "attempt line vcpu agrees"
REPLAY_TEXTS = (
    "ipa recorded_fault simulated_fault recorded_result simulated_result"
    " recorded_how simulated_how"
)
VERDICTS = ("lower", "higher", "unclear", "broken", "none", "baseline", "")


class ReportError(Exception):
    """Bad input; the text is one line, ready to print."""


@dataclass(frozen=True)
class Run:
    """One run directory. A number is a float, or None for an empty cell."""

    path: str
    info: dict  # run.json
    variants: tuple  # names, in the order of the scenario
    seeds: tuple  # as texts, in the order of run.json
    summary: dict  # variant -> {column: value}
    per_seed: dict  # variant -> [{column: value}], one per seed
    timeline: dict  # variant -> [row], of the first seed
    changes: dict  # variant -> [row], of the first seed
    latency: dict  # (variant, kind) -> [(lo_ns, hi_ns, count)], all seeds
    replay: list  # rows of replay.csv; None unless a trace was replayed
    replay_counts: list  # rows of replay_counts.csv; None likewise
    stalls: dict  # variant -> [stall_ns per vCPU], of the first seed
    vms: dict  # VM -> {variant -> {column: value}}; of several VMs only
    violations: dict  # variant -> [row], of all seeds; at most 1000 of each
    closed_loop: list = None  # rows of closed_loop.csv; None unless there are some
    sensitivity: list = None  # rows of sensitivity.csv; None unless it was asked for

    @property
    def scenario(self):
        return self.info["scenario"]

    @property
    def is_replay(self):
        """Of an ordered replay."""
        return self.replay is not None

    @property
    def is_closed(self):
        """Of a closed-loop replay."""
        return self.closed_loop is not None


class _Table:
    """A CSV file whose header has been checked; iterates over rows of text."""

    def __init__(self, path, columns):
        self.path = path
        self.lines = _read(path).splitlines()
        header = self.lines[0].split(",") if self.lines else []
        self.where = {name: i for i, name in enumerate(header)}
        for name in columns:
            if name not in self.where:
                found = ",".join(header[:4]) + (",..." if len(header) > 4 else "")
                raise _error(path, 1, 1, f"no column '{name}'", found or "nothing",
                             f"a header line with '{name}'")
        self.cells_n = len(header)

    def rows(self):
        for line_n, cells in enumerate(csv.reader(self.lines[1:]), start=2):
            if len(cells) != self.cells_n:
                raise _error(self.path, line_n, 1, "wrong number of cells",
                             str(len(cells)), f"{self.cells_n} as in the header")
            yield line_n, cells

    def text(self, cells, name):
        return cells[self.where[name]]

    def known(self, line_n, cells, name, accepted):
        value = self.text(cells, name)
        if value not in accepted:
            raise self._cell(line_n, name, value, " | ".join(map(str, accepted)))
        return value

    def number(self, line_n, cells, name, empty_ok=True):
        value = self.text(cells, name)
        if value == "" and empty_ok:
            return None
        try:
            number = float(value)
        except ValueError:
            number = -1.0
        if not 0 <= number < float("inf"):
            accepted = "a number >= 0" + (", or nothing" if empty_ok else "")
            raise self._cell(line_n, name, value, accepted)
        return number

    def _cell(self, line_n, name, value, accepted):
        return _error(self.path, line_n, self.where[name] + 1, f"column '{name}'",
                      f"'{value}'", accepted)


def _error(path, line, column, what, found, accepted):
    return ReportError(
        f"{path}:{line}:{column}: error: {what}: found {found}; accepted: {accepted}"
    )


def _read(path):
    try:
        return path.read_text(encoding="utf-8")
    except OSError as e:
        raise _error(path, 1, 1, "cannot read the file", e.strerror,
                     "a readable file, see docs/results-format.md") from e
    except UnicodeDecodeError as e:
        raise _error(path, 1, 1, "not UTF-8", f"byte {e.start}", "UTF-8 text") from e


def _load_info(path):
    try:
        info = json.loads(_read(path))
    except json.JSONDecodeError as e:
        raise _error(path, e.lineno, e.colno, "not JSON", e.msg, "JSON") from e
    if not isinstance(info, dict):
        raise _error(path, 1, 1, "not an object", type(info).__name__, "an object")
    if info.get("format") != FORMAT:
        raise _error(path, 1, 1, "key 'format'", str(info.get("format")), str(FORMAT))
    if not info.get("seeds"):
        raise _error(path, 1, 1, "key 'seeds'", "nothing", "at least one seed")
    wanted = {"version": str, "scenario_file": str, "scenario": dict, "seeds": list,
              "indicative": bool, "reproduce": str}
    _check_keys(path, "", info, wanted)
    _check_keys(path, "scenario.", info["scenario"],
                {"name": str, "variants": list, "platform": dict})
    _check_keys(path, "scenario.platform.", info["scenario"]["platform"],
                {"parameters": list})
    for i, p in enumerate(info["scenario"]["platform"]["parameters"]):
        where = f"scenario.platform.parameters[{i}]"
        if not isinstance(p, dict):
            raise _error(path, 1, 1, f"key '{where}'", repr(p), "an object")
        _check_keys(path, where + ".", p, {"name": str, "source": str})
        if "value" not in p:
            raise _error(path, 1, 1, f"key '{where}.value'", "nothing", "a value")
    for i, v in enumerate(info["scenario"]["variants"]):
        if not isinstance(v, dict) or not isinstance(v.get("name"), str):
            raise _error(path, 1, 1, f"key 'scenario.variants[{i}].name'",
                         "no text", "the variant's name")
    return info


def _check_keys(path, prefix, value, wanted):
    for key, kind in wanted.items():
        if not isinstance(value.get(key), kind):
            found = type(value[key]).__name__ if key in value else "nothing"
            raise _error(path, 1, 1, f"key '{prefix}{key}'", found, kind.__name__)


def _load_summary(path, variants):
    wide = [c + end for c in RUN_COLUMNS for end in ("", "_lo", "_hi")]
    table = _Table(path, ["variant", "seeds", *wide])
    summary = {}
    for line_n, cells in table.rows():
        name = table.known(line_n, cells, "variant", variants)
        summary[name] = {c: table.number(line_n, cells, c) for c in ["seeds", *wide]}
    for name in variants:
        if name not in summary:
            raise _error(path, 1, 1, "rows", f"none of variant '{name}'",
                         "one row per variant of run.json")
    return summary


def _load_seeds(path, variants, seeds):
    table = _Table(path, ["variant", "seed", *RUN_COLUMNS])
    per_seed = {name: [] for name in variants}
    for line_n, cells in table.rows():
        name = table.known(line_n, cells, "variant", variants)
        row = {c: table.number(line_n, cells, c) for c in RUN_COLUMNS}
        row["seed"] = table.known(line_n, cells, "seed", seeds)
        per_seed[name].append(row)
    for name in variants:
        found = [row["seed"] for row in per_seed[name]]
        if found != list(seeds):
            raise _error(path, 1, 1, f"seeds of variant '{name}'",
                         ",".join(found) or "none",
                         f"{','.join(seeds)} as in run.json")
    return per_seed


def _load_first_seed(path, variants, seed, numbers, texts=()):
    """Rows of one seed by variant; the rows of other seeds are not converted."""
    table = _Table(path, ["variant", "seed", *numbers, *texts])
    rows = {name: [] for name in variants}
    for line_n, cells in table.rows():
        if table.text(cells, "seed") != seed:
            continue
        name = table.known(line_n, cells, "variant", variants)
        row = {c: table.number(line_n, cells, c, c not in NEVER_EMPTY)
               for c in numbers}
        row.update((c, table.text(cells, c)) for c in texts)
        rows[name].append(row)
    return rows


def _load_latency(path, variants):
    table = _Table(path, ["variant", "kind", "lo_ns", "hi_ns", "count"])
    buckets = {}
    for line_n, cells in table.rows():
        name = table.known(line_n, cells, "variant", variants)
        kind = table.known(line_n, cells, "kind", ("request", "access"))
        bucket = tuple(table.number(line_n, cells, c, empty_ok=False)
                       for c in ("lo_ns", "hi_ns", "count"))
        buckets.setdefault((name, kind), []).append(bucket)
    for rows in buckets.values():
        rows.sort()
    return buckets


def _load_replay(folder, variants):
    if not (folder / "replay.csv").exists():
        return None, None
    table = _Table(folder / "replay.csv",
                   ["variant", *REPLAY_NUMBERS.split(), *REPLAY_TEXTS.split()])
    attempts = []
    for line_n, cells in table.rows():
        row = {c: table.number(line_n, cells, c) for c in REPLAY_NUMBERS.split()}
        row.update((c, table.text(cells, c)) for c in REPLAY_TEXTS.split())
        row["variant"] = table.known(line_n, cells, "variant", variants)
        attempts.append(row)
    table = _Table(folder / "replay_counts.csv",
                   ["variant", "quantity", "recorded", "simulated"])
    counts = []
    for line_n, cells in table.rows():
        row = {c: table.number(line_n, cells, c) for c in ("recorded", "simulated")}
        row["quantity"] = table.text(cells, "quantity")
        row["variant"] = table.known(line_n, cells, "variant", variants)
        counts.append(row)
    return attempts, counts


CLOSED_LOOP_NUMBERS = "recorded simulated simulated_lo simulated_hi seeds_equal".split()


def _load_closed_loop(path, variants):
    if not path.exists():
        return None
    table = _Table(path, ["variant", "quantity", *CLOSED_LOOP_NUMBERS])
    found = []
    for line_n, cells in table.rows():
        row = {c: table.number(line_n, cells, c) for c in CLOSED_LOOP_NUMBERS}
        row["quantity"] = table.text(cells, "quantity")
        row["variant"] = table.known(line_n, cells, "variant", variants)
        found.append(row)
    return found


def _load_sensitivity(path, variants):
    if not path.exists():
        return None
    table = _Table(path, ["parameter", "factor", "value", "variant", "request_p999_ns",
                          "verdict", "flipped", "skipped"])
    found = []
    for line_n, cells in table.rows():
        row = {c: table.text(cells, c) for c in ("parameter", "value", "skipped")}
        row["factor"] = table.number(line_n, cells, "factor", bool(row["skipped"]))
        if not row["skipped"]:
            row["variant"] = table.known(line_n, cells, "variant", variants)
            row["verdict"] = table.known(line_n, cells, "verdict", VERDICTS)
            row["request_p999_ns"] = table.number(line_n, cells, "request_p999_ns")
            row["flipped"] = table.known(line_n, cells, "flipped", ("0", "1")) == "1"
        found.append(row)
    return found


def _load_violations(path, variants):
    table = _Table(path, ["variant", "seed", "code", "line", "rule"])
    rows = {name: [] for name in variants}
    for line_n, cells in table.rows():
        name = table.known(line_n, cells, "variant", variants)
        row = {c: table.text(cells, c) for c in ("seed", "code", "rule")}
        row["line"] = int(table.number(line_n, cells, "line", False))
        rows[name].append(row)
    return rows


def _load_vms(folder, scenario, variants):
    names = [vm["name"] for vm in scenario.get("vms", [])]
    if len(names) < 2:
        return {}
    return {name: _load_summary(folder / "vms" / name / "summary.csv", variants)
            for name in names}


def load_run(folder):
    """Reads one run directory into a Run; raises ReportError."""
    folder = Path(folder)
    info = _load_info(folder / "run.json")
    variants = tuple(v["name"] for v in info["scenario"]["variants"])
    summary = _load_summary(folder / "summary.csv", variants)
    seeds = tuple(str(seed) for seed in info["seeds"])
    per_seed = _load_seeds(folder / "seeds.csv", variants, seeds)
    stalls = _load_first_seed(folder / "vcpus.csv", variants, seeds[0],
                              ("vcpu", "stall_ns"))
    replay, replay_counts = _load_replay(folder, variants)
    if (folder / "faults.csv").exists():  # run --faults off has none
        _Table(folder / "faults.csv", ["variant", "seed", "t_ns", "class", "stall_ns",
                                       "retries"])
    return Run(
        path=str(folder),
        info=info,
        variants=variants,
        seeds=seeds,
        summary=summary,
        per_seed=per_seed,
        timeline=_load_first_seed(folder / "timeline.csv", variants, seeds[0],
                                  TIMELINE_COLUMNS),
        changes=_load_first_seed(folder / "changes.csv", variants, seeds[0],
                                 CHANGE_NUMBERS.split(), ("by", "ipa")),
        latency=_load_latency(folder / "latency.csv", variants),
        stalls={n: [r["stall_ns"] for r in rows] for n, rows in stalls.items()},
        vms=_load_vms(folder, info["scenario"], variants),
        violations=_load_violations(folder / "violations.csv", variants),
        replay=replay,
        replay_counts=replay_counts,
        closed_loop=_load_closed_loop(folder / "closed_loop.csv", variants),
        sensitivity=_load_sensitivity(folder / "sensitivity.csv", variants),
    )
