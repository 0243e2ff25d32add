# SPDX-License-Identifier: Apache-2.0
"""Tables as rows of plain values; the templates give them their look."""

from dataclasses import dataclass

from reports import scenario, stats, units

# (heading, [(label, column)])
METRICS = (
    ("Request latency", (
        ("p50", "request_p50_ns"), ("p99", "request_p99_ns"),
        ("p99.9", "request_p999_ns"), ("p99.99", "request_p9999_ns"),
        ("maximum", "request_max_ns"), ("requests completed", "requests"),
        ("share above the SLO", "slo_missed_share"))),
    ("Latency of one access (closed-loop view)", (
        ("p50", "access_p50_ns"), ("p99.9", "access_p999_ns"),
        ("maximum", "access_max_ns"), ("accesses completed", "accesses"))),
    ("Change of the tables", (
        ("entry invalid for walks", "window_invalid_ns"),
        ("coalescing, first store to last tear-down", "coalesce_ns"),
        ("violations of the architecture", "violations"),
        ("VM stopped at", "stopped_at_ns"))),
    ("Faults", (
        ("all", "faults"), ("redundant (window + nT + conflict)", "faults_redundant"),
        ("class window", "faults_window"), ("class nT", "faults_nt"),
        ("class conflict", "faults_conflict"), ("class race", "faults_race"),
        ("class retry", "faults_retry"), ("class stale permission",
                                          "faults_stale_perm"),
        ("class needed", "faults_needed"), ("handler ended in EAGAIN", "faults_eagain"),
        ("episodes (redundant + race)", "episodes"),
        ("exits (episodes + retries)", "exits"))),
    ("Where the time in exits goes, all vCPUs", (
        ("exception entry and return", "spent_entry_exit_ns"),
        ("handler before mmu_lock", "spent_handler_ns"),
        ("the host's memory: find, zero", "spent_host_ns"),
        ("mmu_lock", "spent_lock_ns"),
        ("table entries", "spent_tables_ns"),
        ("data cache clean", "spent_clean_ns"),
        ("TLBI, DSB and ISB", "spent_tlbi_ns"),
        ("tear-down", "spent_teardown_ns"))),
    ("Cost to the guest", (
        ("vCPU time in handlers, sum", "stall_sum_ns"),
        ("vCPU time in handlers, worst vCPU", "stall_max_ns"),
        ("share of vCPU time while blocks are made: the storm", "storm_share"),
        ("share of vCPU time while blocks are made: all handlers", "handler_share"),
        ("lowest progress in 10 µs", "progress_min_10us"),
        ("lowest progress in 100 µs", "progress_min_100us"),
        ("recovery to 95 % progress", "recovery_ns"),
        ("backlog drained after", "drain_ns"))),
    ("Translation hardware", (
        ("TLB look-ups", "tlb_lookups"), ("L1 TLB misses", "tlb_l1_misses"),
        ("TLB misses, every level", "tlb_misses"), ("table walks", "walks"),
        ("descriptors read by walks", "walk_reads"),
        ("misses merged with a walk under way", "walks_merged"),
        ("speculative walks", "walks_speculative"),
        ("stage 1 walks shortened by a walk cache", "s1_table_hits"),
        ("stage 2 walks shortened by a walk cache", "s2_table_hits"),
        ("stage 1 walks answered by a cache", "s1_leaf_hits"),
        ("stage 2 walks answered by a cache", "s2_leaf_hits"),
        ("TLBI instructions", "tlbis"),
        ("entries removed by TLBIs", "tlb_removed"),
        ("... of those by operations without an address", "tlb_removed_wide"),
        ("... of those beyond what the operation names", "tlb_removed_extra"),
        ("DVM messages delivered", "dvm_messages"),
        ("vCPUs put on a shared PE", "switches"), ("... time of it", "switch_ns"),
        ("roll-overs of VMIDs", "vmid_rolls"))),
)
# Zero in these is worth a line; other rows that are zero or empty are left out.
ALWAYS = {"violations", "faults_redundant", "faults_window", "window_invalid_ns"}
SHARES = {"request_p50_ns": ("request", 0.5), "request_p99_ns": ("request", 0.99),
          "request_p999_ns": ("request", 0.999),
          "request_p9999_ns": ("request", 0.9999),
          "access_p50_ns": ("access", 0.5), "access_p999_ns": ("access", 0.999)}


@dataclass(frozen=True)
class Cell:
    value: str
    interval: str = ""  # '[lo, hi]' or nothing
    weak: bool = False  # fewer than ten samples beyond this percentile


def is_weak(run, variant, column):
    """True if fewer than ten samples of a run lie beyond the percentile."""
    if column not in SHARES:
        return False
    kind, share = SHARES[column]
    total = sum(count for _, _, count in run.latency.get((variant, kind), []))
    beyond = stats.samples_beyond(total, len(run.seeds), share)
    return beyond < stats.TAIL_SAMPLES - 1e-6


def cell(run, variant, column):
    row, fmt = run.summary[variant], units.by_column(column)
    if row[column] is None:
        never = column in ("recovery_ns", "drain_ns") and row["coalesce_ns"] is not None
        return Cell("never" if never else "-")
    lo, hi = row[column + "_lo"], row[column + "_hi"]
    spread = "" if lo is None or hi is None else units.interval(lo, hi, fmt)
    if lo == hi == row[column]:
        spread = ""
    return Cell(fmt(row[column]), spread, is_weak(run, variant, column))


def _is_silent(run, column):
    values = {run.summary[name][column] for name in run.variants}
    return column not in ALWAYS and values <= {None, 0.0}


def _groups(run):
    """METRICS, of a replay only what it counts: its durations are no result."""
    if not run.is_replay:
        return METRICS
    return [(heading, [line for line in lines if units.is_count(line[1])])
            for heading, lines in METRICS]


def metrics(run):
    """[(heading, [(label, column, [Cell per variant])])] without silent rows."""
    groups = []
    for heading, lines in _groups(run):
        rows = [(label, column, [cell(run, name, column) for name in run.variants])
                for label, column in lines if not _is_silent(run, column)]
        if rows:
            groups.append((heading, rows))
    return groups


VM_COLUMNS = (
    ("p50", "request_p50_ns"), ("p99.9", "request_p999_ns"),
    ("maximum", "request_max_ns"), ("above the SLO", "slo_missed_share"),
    ("redundant faults", "faults_redundant"), ("exits", "exits"),
    ("time in handlers", "stall_sum_ns"), ("lowest progress in 100 µs",
                                           "progress_min_100us"))


def vms(run):
    """[(VM, variant, [text per VM_COLUMNS])]; nothing where there is one VM."""
    rows = []
    for vm, summary in run.vms.items():
        for name in run.variants:
            row = summary[name]
            rows.append((vm, name, [
                "-" if row[c] is None else units.by_column(c)(row[c])
                for _, c in VM_COLUMNS]))
    return rows


def violations(run):
    """[(variant, code, scenario line, rule, how many of all seeds)], as first met."""
    found = {}
    for name in run.variants:
        for row in run.violations[name]:
            key = (name, row["code"], row["line"], row["rule"])
            found[key] = found.get(key, 0) + 1
    return [(*key, n) for key, n in found.items()]


def left_out(run):
    """Labels of the rows that are zero or empty in every variant."""
    return [f"{heading}: {label}" for heading, lines in _groups(run)
            for label, column in lines if _is_silent(run, column)]


def any_weak(run):
    return any(c.weak for _, rows in metrics(run) for _, _, cells in rows
               for c in cells)


def compact(run):
    """The variants as fixed-width text for a terminal."""
    if run.is_replay:
        head = ["variant", "attempts", "agree", "disagree", "faults", "exits"]
        lines = [_compact_replay(run, name) for name in run.variants]
    else:
        head = ["variant", "p50", "p99.9", "95 % interval", "p99.99", "max",
                "invalid", "redundant", "min 10us", "violations"]
        lines = [_compact_storm(run, name) for name in run.variants]
    return _columns([head, *lines])


def _compact_storm(run, name):
    columns = ("request_p50_ns", "request_p999_ns", "request_p9999_ns",
               "request_max_ns", "window_invalid_ns", "faults_redundant",
               "progress_min_10us", "violations")
    cells = [cell(run, name, c) for c in columns]
    texts = [c.value + ("*" if c.weak else "") for c in cells]
    return [name, *texts[:2], cells[1].interval or "-", *texts[2:]]


def _compact_replay(run, name):
    rows = [r for r in run.replay if r["variant"] == name]
    agreed = sum(1 for r in rows if r["agrees"] == 1)
    return [name, f"{len(rows):,}", f"{agreed:,}", f"{len(rows) - agreed:,}",
            cell(run, name, "faults").value, cell(run, name, "exits").value]


def _columns(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        parts = [row[0].ljust(widths[0])]
        parts += [text.rjust(width) for text, width in zip(row[1:], widths[1:])]
        lines.append("  ".join(parts).rstrip())
    return "\n".join(lines) + "\n"


def replay_counts(run):
    """[(quantity, recorded, [simulated per variant], equal)] as texts."""
    found = {}
    for row in run.replay_counts:
        found.setdefault(row["quantity"], {})[row["variant"]] = row
    rows = []
    for quantity, by_variant in found.items():
        fmt = _percent if quantity.endswith("_percent") else units.count
        recorded = [r["recorded"] for r in by_variant.values()]
        simulated = [by_variant.get(n, {}).get("simulated") for n in run.variants]
        known = recorded[0] is not None
        rows.append((quantity, fmt(recorded[0]) if known else "-",
                     ["-" if s is None else fmt(s) for s in simulated],
                     not known or set(simulated) == {recorded[0]}))
    return rows


def _percent(value):
    return f"{value:.1f} %"


def disagreeing(run):
    """Every attempt whose result is not the recorded one, in file order."""
    return [{**row, **{c: units.exact(row[c]) for c in ("attempt", "line", "vcpu")}}
            for row in run.replay if row["agrees"] != 1]


def differing_settings(run):
    return scenario.split_settings(run.scenario)[1]
