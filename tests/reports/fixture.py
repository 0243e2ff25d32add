# SPDX-License-Identifier: Apache-2.0
"""Writes small run directories in the format of docs/results-format.md.

The numbers are made up so that each verdict can be asked for; they are no results."""

import json

from reports.load import RUN_COLUMNS

SETTINGS = {
    "bbm": {"sequence": "bbm", "nt_response": "translate"},
    "bbm-early": {"sequence": "bbm-early", "nt_response": "translate"},
    "nt": {"sequence": "nt", "nt_response": "translate"},
    "nt-fault": {"sequence": "nt", "nt_response": "fault"},
    "keep": {"sequence": "keep", "nt_response": "translate"},
}
P999_NS = {"bbm": 900000, "bbm-early": 40000, "nt": 30000, "nt-fault": 41000,
           "keep": 30100}
WINDOW_NS = {"bbm": 500000, "bbm-early": 2500.125, "nt": 0, "nt-fault": 2510,
             "keep": 0}
REDUNDANT = {"bbm": 20, "bbm-early": 12, "nt": 0, "nt-fault": 13, "keep": 0}
BIN_NS = 50000
BINS_N = 60
STORM_NS = 1000000  # first store of the change


def run_json(variants, seeds_n, title="coalesce-1g"):
    return {
        "format": 1, "version": "0.1.0",
        "scenario_file": f"scenarios/storms/{title}.yaml",
        "scenario": {
            "name": title,
            "title": f"The made-up {title}",
            "platform": {
                "name": "neoverse-v2-like",
                "parameters": [
                    {"name": "feat.bbm_level", "value": 2, "unit": "",
                     "source": "ID_AA64MMFR2_EL1"},
                    {"name": "feat.s2fwb", "value": True, "unit": "",
                     "source": "ID_AA64MMFR2_EL1"},
                    {"name": "feat.dic", "value": True, "unit": "",
                     "source": "assumed"},
                    {"name": "dvm.hop", "value": 40.5, "unit": "ns",
                     "source": "assumed"},
                    {"name": "tlb.l2.sizes", "value": ["4K", "2M"], "unit": "",
                     "source": "jiegec, arm-neoverse-v2"}],
            },
            "pes": 24,
            "vms": [{
                "name": "vm0", "vcpus": 20, "memory": [
                    {"ipa": "0x40000000", "size_bytes": 2**30, "pa": "0x80000000",
                     "map": "4K", "backing": "1G", "access": "rw", "pages": []}],
                "guest": {"kind": "requests", "arrival": "poisson", "load": 0.6,
                          "accesses": 16, "think_ns": 5, "region_bytes": 2**30,
                          "hot_bytes": 2**21, "hot_share": 0.5,
                          "writes_share": 0.3}}],
            "events": [{"line": 9, "at_ns": STORM_NS, "coalesce": {
                "ipa": "0x40000000", "size_bytes": 2**30, "block": "1G"}}],
            "variants": [{"name": n, "path": "kvm-6.2",
                          "sequence": SETTINGS[n]["sequence"], "lock": "exclusive",
                          "clean": "none", "nt_response": SETTINGS[n]["nt_response"]}
                         for n in variants],
            "run": {"duration_ns": 3000000, "measure_from_ns": 500000,
                    "slo_ns": 200000, "timeline_bin_ns": BIN_NS},
        },
        "seeds": list(range(1, seeds_n + 1)),
        "load": [{"vm": "guest", "capacity_requests_per_s_per_vcpu": 1250000.5,
                  "interval_ns": 1333.333}],
        "indicative": seeds_n < 6,
        "reproduce": f"stage2sim run scenarios/storms/{title}.yaml -o out",
    }


def seed_row(variant, i):
    """Columns of seeds.csv for the i-th seed, from 0."""
    row = dict.fromkeys(RUN_COLUMNS, 0)
    p999 = P999_NS[variant] * (100 + i) / 100
    row.update(
        accesses=4000000 + i, requests=40000, faults=REDUNDANT[variant] + 2,
        faults_window=REDUNDANT[variant], faults_needed=2,
        faults_redundant=REDUNDANT[variant], episodes=REDUNDANT[variant],
        exits=REDUNDANT[variant], window_invalid_ns=WINDOW_NS[variant],
        coalesce_ns=0 if variant == "keep" else 600000,
        spent_entry_exit_ns=REDUNDANT[variant] * 310.0, spent_handler_ns=500.0,
        spent_host_ns=0.0,
        spent_lock_ns=30.0, spent_tables_ns=71.0, spent_clean_ns=0.0,
        spent_tlbi_ns=224.0, spent_teardown_ns=0.0,
        stall_sum_ns=REDUNDANT[variant] * 3000.5, stall_max_ns=3000.5,
        storm_share=0.125, handler_share=0.25,
        request_p50_ns=800, request_p99_ns=9000, request_p999_ns=p999,
        request_p9999_ns=p999 * 1.2, request_max_ns=p999 * 1.3, access_p50_ns=5,
        access_p999_ns=180, access_max_ns=WINDOW_NS[variant] + 900,
        slo_missed_share=0.01 if variant == "bbm" else 0,
        progress_min_10us=0.0 if variant == "bbm" else 0.9,
        progress_min_100us=0.01 if variant == "bbm" else 0.95, recovery_ns=100000,
        drain_ns=None if variant == "keep" else 200000, tlb_lookups=5000000,
        tlb_l1_misses=400000, tlb_misses=100000, walks=100000, walk_reads=300000,
        walks_merged=0, walks_speculative=0, s1_table_hits=0, s2_table_hits=0,
        s1_leaf_hits=0, s2_leaf_hits=0, hw_updates=0, tlbis=2, tlb_removed=1000,
        tlb_removed_wide=1000, tlb_removed_extra=0, tlb_unfilled=0,
        switches=0, switch_ns=0, vmid_rolls=0,
        dvm_messages=0 if variant == "keep" else 48, stopped_at_ns=None)
    return row


def number(value):
    if value is None:
        return ""
    return str(int(value)) if value == int(value) else f"{value:.3f}"


def summary_cells(values):
    """Median and 95 % interval; for 6 or 7 seeds that is smallest and largest."""
    found = sorted(v for v in values if v is not None)
    if not found:
        return ["", "", ""]
    mid = (found[(len(found) - 1) // 2] + found[len(found) // 2]) / 2
    ends = [found[0], found[-1]] if 6 <= len(found) <= 8 else [None, None]
    return [number(v) for v in (mid, *ends)]


def buckets(variant, kind, seeds_n):
    """A distribution with a storm's shoulder: lo, hi, count over all seeds."""
    tail = P999_NS[variant] if kind == "request" else WINDOW_NS[variant] + 900
    typical = 800 if kind == "request" else 5
    shape = [(1, 500000), (2, 300000), (3, 150000), (5, 40000), (10, 8000)]
    rows = [(typical * m, n) for m, n in shape]
    rows += [(tail * m, n) for m, n in ((0.5, 800), (0.9, 500), (1, 600), (1.25, 100))]
    scale = (40000 if kind == "request" else 4000000) * seeds_n / 1000000
    return [(hi * 0.997, hi, round(n * scale)) for hi, n in sorted(rows)]


def write_csv(path, header, rows):
    lines = [header] + [",".join(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def timeline(variant, seed):
    for i in range(BINS_N):
        t = i * BIN_NS
        down = STORM_NS <= t < STORM_NS + WINDOW_NS[variant]
        window = min(BIN_NS, STORM_NS + WINDOW_NS[variant] - t) if down else 0
        yield [variant, seed, number(t), "0" if window == BIN_NS else "60000", "600",
               "0", "0", number(20 * window), number(window), "900"]


def write_run(folder, variants=("bbm", "nt", "nt-fault"), seeds_n=6, change=None,
              title="coalesce-1g"):
    """change(variant, i, row): edits the row of seeds.csv of the i-th seed."""
    folder.mkdir(parents=True)
    info = run_json(variants, seeds_n, title)
    (folder / "run.json").write_text(json.dumps(info, indent=2) + "\n")
    rows = {v: [seed_row(v, i) for i in range(seeds_n)] for v in variants}
    for variant in variants:
        for i, row in enumerate(rows[variant]):
            if change:
                change(variant, i, row)
    write_csv(folder / "seeds.csv", ",".join(["variant", "seed", *RUN_COLUMNS]),
              [[v, str(i + 1), *(number(row[c]) for c in RUN_COLUMNS)]
               for v in variants for i, row in enumerate(rows[v])])
    wide = [c + end for c in RUN_COLUMNS for end in ("", "_lo", "_hi")]
    write_csv(folder / "summary.csv", ",".join(["variant", "seeds", *wide]),
              [[v, str(seeds_n)] + [cell for c in RUN_COLUMNS
                                    for cell in summary_cells([r[c] for r in rows[v]])]
               for v in variants])
    (folder / "summary.json").write_text("{}\n")
    write_csv(folder / "latency.csv", "variant,kind,lo_ns,hi_ns,count",
              [[v, kind, *(number(x) for x in bucket)] for v in variants
               for kind in ("request", "access")
               for bucket in buckets(v, kind, seeds_n)])
    write_events(folder, variants)
    return folder


def write_events(folder, variants):
    write_csv(folder / "timeline.csv",
              "variant,seed,t_ns,accesses,requests,faults,faults_redundant,"
              "in_handler_ns,window_ns,request_latency_max_ns",
              [row for v in variants for s in ("1", "2") for row in timeline(v, s)])
    write_csv(folder / "faults.csv",
              "variant,seed,t_ns,vcpu,ipa,access,type,level,class,result,stall_ns,s1ptw,"
              "retries,last_ns",
              [[v, "1", number(STORM_NS + 10), "0", "0x40000000", "r", "translation",
                "1", "window", "eagain", "3000.5", "0", "1", number(STORM_NS + 2000)]
               for v in variants if REDUNDANT[v]])
    write_csv(folder / "vcpus.csv", "variant,seed,vcpu,stall_ns,end_ns",
              [[v, s, str(i), number(REDUNDANT[v] * 150.0 * i), "2900000"]
               for v in variants for s in ("1", "2") for i in range(20)])
    write_csv(folder / "violations.csv",
              "variant,seed,t_ns,pe,code,ipa,old,new,line,rule", [])
    changes = []
    for v in variants:
        end = STORM_NS + WINDOW_NS[v]
        broken = [number(STORM_NS), number(end)] if WINDOW_NS[v] else ["", ""]
        if v != "keep":
            changes.append([v, "1", "0", "coalesce", "0x40000000", "1073741824", "host",
                            number(STORM_NS), *broken, number(WINDOW_NS[v]),
                            number(STORM_NS + 600000)])
    write_csv(folder / "changes.csv",
              "variant,seed,change,kind,ipa,bytes,by,first_store_ns,broken_ns,mended_ns,"
              "window_ns,done_ns", changes)


def write_replay(folder):
    """A replay of four attempts, one of which ends otherwise than recorded."""
    def no_requests(_variant, _i, row):
        for column in row:
            if column.startswith(("request", "access_", "progress", "recovery")):
                row[column] = None

    write_run(folder, ("bbm-early",), 1, no_requests, "kvm-trace")
    (folder / "latency.csv").write_text("variant,kind,lo_ns,hi_ns,count\n")
    write_csv(folder / "replay.csv",
              "variant,attempt,line,vcpu,ipa,recorded_fault,simulated_fault,"
              "recorded_result,simulated_result,recorded_how,simulated_how,agrees",
              [["bbm-early", str(i), str(100 + i), str(i % 4), f"0xfff7e0{i}000",
                "permission-3", "permission-3" if i else "none", "done",
                "eagain" if i == 2 else "done", "won", "locked" if i == 2 else "won",
                "0" if i == 2 else "1"] for i in range(4)])
    write_csv(folder / "replay_counts.csv", "variant,quantity,recorded,simulated",
              [["bbm-early", "attempts", "4", "4"], ["bbm-early", "done", "4", "3"],
               ["bbm-early", "eagain", "0", "1"],
               ["bbm-early", "results_agree_percent", "", "75"],
               ["bbm-early", "null_first_wins_percent", "", "50.04"]])
    return folder


CLOSED_LOOP = [  # quantity, recorded, simulated, lo, hi, seeds_equal
    ["accesses", 31011, 31011, 31011, 31011, 6],
    ["eagain_percent", 55.6, 24.6, 24.2, 25, 0],
    ["blocks_exact", 64, 64, 64, 64, 6],
    ["relaxations", 114, 8, 8, 9, 0],
    ["phase1_eagain_percent", 54.89, 24.5, 24.2, 25, 0],
    ["breaks_won", 64, 64, 64, 64, 6],
    ["makes", 64, 64, 64, 64, 6],
    ["table_frees", 64, 64, 64, 64, 6],
    ["working_set_requests", None, 48000, 48000, 48000, None]]


def write_closed_loop(folder, working_set=False, hypothetical=False, change=None):
    """A closed-loop replay of two variants; change(variant, row) edits a row."""
    variants, nothing = ("bbm", "nt"), (lambda *_: None)
    write_run(folder, variants, 6, nothing, "closed-loop")
    info = json.loads((folder / "run.json").read_text())
    guest = {"kind": "replay", "trace": "x.txt.xz", "slot": 1, "mode": "closed-loop",
             "think": {"model": "exponential", "time_ns": 100, "phase_ns": 20000,
                       "source": "assumed"}}
    if working_set:
        guest["mode"] += "+working-set"
        guest["working_set"] = {"arrival": "poisson", "interval_ns": 2000,
                                "accesses": 4, "requests": 12000, "source": "a study"}
    info["scenario"]["vms"][0]["guest"] = guest
    info["scenario"]["run"] = {"duration_ns": 0, "measure_from_ns": 0}
    if hypothetical:
        info["scenario"]["platform"]["parameters"][0]["source"] = "scenario"
    (folder / "run.json").write_text(json.dumps(info))
    found = []
    for variant in variants:
        for row in CLOSED_LOOP:
            cells = [variant, *row]
            if change:
                change(variant, cells)
            found.append(["" if c is None else str(c) for c in cells])
    write_csv(folder / "closed_loop.csv",
              "variant,quantity,recorded,simulated,simulated_lo,simulated_hi,"
              "seeds_equal", found)
    return folder
