# SPDX-License-Identifier: Apache-2.0
"""What tells the fault paths of six KVM releases apart, each on one or two blocks."""

import functools
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from program import HERE, ROOT, rows, run

PATHS = ("kvm-5.10", "kvm-5.11", "posted-2021-early", "kvm-5.14", "kvm-6.2", "kvm-6.6")
SIZES = (2, 4, 8, 16, 32)
BLOCK = 0x40000000
BLOCK_BYTES = 2 << 20
OLD_CPU = "overrides: {feat.s2fwb: false, feat.dic: false}"
NEW_CPU = ""
ROUNDING_NS = 0.001


def variant(path, switches=""):
    return f"  - {{name: {path.replace('.', '-')}, path: {path}{switches}}}"


def rush(vcpus, blocks, late_readers):
    """Each vCPU wants a page of its own that is not mapped, odd ones write it; or only
    vCPU 0 does, and the others read pages that were mapped until then."""
    steps = []
    for block in range(blocks):
        for i in range(vcpus):
            late = late_readers and i > 0
            page = 1 + i + (256 if late else 0)
            at = 1000 * block + (4 if late else 1)
            access = "r" if late else "rw"[i % 2]
            ipa = BLOCK + block * BLOCK_BYTES + page * 4096
            steps.append(f"        - {{vcpu: {i}, at: {at}us, access: {access}, "
                         f"ipa: {ipa:#x}}}")
    return "\n".join(steps)


@functools.cache
def storm(vcpus, cpu, paths, switches="", blocks=1, late_readers=False):
    """Run directory of a rush of all vCPUs on each block; kept for the process."""
    folder = Path(tempfile.mkdtemp(prefix="stage2sim-paths-", dir=TEMP[0]))
    text = (HERE / "rush.yaml.in").read_text(encoding="utf-8")
    for key, value in (("@CPU@", cpu), ("@VCPUS@", str(vcpus)),
                       ("@SIZE@", f"{2 * blocks}MiB"),
                       ("@STEPS@", rush(vcpus, blocks, late_readers)),
                       ("@VARIANTS@", "\n".join(variant(p, switches) for p in paths))):
        text = text.replace(key, value)
    path = folder / "rush.yaml"
    path.write_text(text, encoding="utf-8")
    return run(path, folder / "out")


TEMP = []


@pytest.fixture(autouse=True, scope="session")
def temp(tmp_path_factory):
    TEMP.append(tmp_path_factory.mktemp("storms"))


def of_path(table, path):
    return [r for r in table if r["variant"] == path.replace(".", "-")]


def faults(folder, path):
    return of_path(rows(folder / "faults.csv"), path)


def changes(folder, path):
    return of_path(rows(folder / "changes.csv"), path)


def windows(folder, path):
    return [float(c["window_ns"] or 0) for c in changes(folder, path)
            if c["kind"] == "coalesce"]


def eagain_by_vcpu(table, vcpus):
    """Mean stalls of the faults with EAGAIN, of each vCPU that made no block."""
    losers = {str(i): [] for i in range(vcpus)}
    for fault in table:
        if fault["result"] == "eagain":
            n = 1 + int(fault["retries"])
            losers[fault["vcpu"]] += [float(fault["stall_ns"]) / n] * n
    return [stalls for stalls in losers.values() if stalls]


def retries_and_window(vcpus):
    folder = storm(vcpus, OLD_CPU, ("kvm-6.2",))
    losers = eagain_by_vcpu(faults(folder, "kvm-6.2"), vcpus)
    assert len(losers) == vcpus - 1
    (window,) = windows(folder, "kvm-6.2")
    return losers, window


def round_trip_without_tables(folder):
    """Exit, handler, taking and dropping a lock that is free, entry; in ns."""
    info = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    ns = {p["name"]: p["value"] * {"ns": 1, "us": 1e3, "ps": 1e-3}[p["unit"]]
          for p in info["scenario"]["platform"]["parameters"]
          if p["name"].startswith("hyp.")}
    return (ns["hyp.exit"] + ns["hyp.fault"] + 2 * ns["hyp.lock"]
            + ns["hyp.entry"])


@pytest.mark.parametrize("vcpus", SIZES)
def test_kvm_6_2_retries_once_per_round_trip_for_the_whole_window(vcpus):
    least = round_trip_without_tables(storm(vcpus, OLD_CPU, ("kvm-6.2",)))
    losers, window = retries_and_window(vcpus)
    for stalls in losers:
        round_trip = sum(stalls) / len(stalls)
        assert least < round_trip < 1.1 * least
        assert len(stalls) == pytest.approx(window / round_trip, rel=0.1)


def test_kvm_6_2_retries_as_often_with_2_vcpus_as_with_32():
    (alone,), _ = retries_and_window(SIZES[0])
    assert len(alone) > 100
    for vcpus in SIZES[1:]:
        for stalls in retries_and_window(vcpus)[0]:
            assert len(stalls) == pytest.approx(len(alone), rel=0.1)


def test_s2fwb_and_dic_leave_at_most_3_retries_per_vcpu():
    seen = 0
    for vcpus in SIZES:
        table = faults(storm(vcpus, NEW_CPU, ("kvm-6.2",)), "kvm-6.2")
        for stalls in eagain_by_vcpu(table, vcpus):
            assert len(stalls) <= 3
            seen += len(stalls)
    assert seen > 0


@pytest.mark.parametrize("cpu", [OLD_CPU, NEW_CPU], ids=["old", "new"])
@pytest.mark.parametrize("name", ["window", "race"])
def test_kvm_5_14_has_fewer_redundant_faults_per_block_than_vcpus(name, cpu):
    for vcpus in SIZES:
        table = faults(storm(vcpus, cpu, ("kvm-5.14",), blocks=2,
                             late_readers=name == "window"), "kvm-5.14")
        for first in (BLOCK, BLOCK + BLOCK_BYTES):
            late = [f["class"] for f in table if f["class"] != "needed"
                    and first <= int(f["ipa"], 16) < first + BLOCK_BYTES]
            assert 0 < len(late) <= vcpus - 1
            assert set(late) == {name}


def test_a_late_fault_breaks_the_finished_block_again_in_kvm_5_10_only():
    folder = storm(4, OLD_CPU, ("kvm-5.10", "kvm-5.11"))
    old = [c["kind"] for c in changes(folder, "kvm-5.10")]
    assert old[0] == "coalesce" and len(old) > 1 and set(old[1:]) == {"remap"}
    assert [c["kind"] for c in changes(folder, "kvm-5.11")] == ["coalesce"]


def test_kvm_5_14_has_the_longest_window_without_s2fwb():
    folder = storm(4, OLD_CPU, PATHS)
    window = {p: max(windows(folder, p)) for p in PATHS}
    longest = window.pop("kvm-5.14")
    assert longest > max(window.values()) > 0


def test_tear_down_inside_the_window_makes_it_long_where_nothing_is_cleaned():
    folder = storm(4, OLD_CPU, tuple(p for p in PATHS if p != "kvm-5.10"),
                   ", clean: none")
    window = {p: max(windows(folder, p)) for p in PATHS if p != "kvm-5.10"}
    for outside in ("posted-2021-early", "kvm-6.2", "kvm-6.6"):
        for inside in ("kvm-5.11", "kvm-5.14"):
            assert window[inside] > 5 * window[outside] > 0


def test_the_table_of_windows_tells_each_variant_and_what_is_made_again():
    folder = storm(4, OLD_CPU, PATHS)
    done = subprocess.run([sys.executable, "-B", "-m", "reports.windows", str(folder)],
                          cwd=ROOT, text=True, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    table = [[cell.strip() for cell in line.split("|")[1:-1]]
             for line in done.stdout.splitlines()[2:]]
    assert [row[1] for row in table] == [p.replace(".", "-") for p in PATHS]
    for path, row in zip(PATHS, table):
        (window,) = windows(folder, path)
        remaps = len(changes(folder, path)) - 1
        assert row[2:6] == ["1", f"{window / 1e3:.2f}", f"{window / 1e3:.2f}",
                            str(remaps)]
    assert table[0][5] != "0"


def test_what_exits_spend_adds_up_to_trap_to_re_entry():
    folder = storm(4, OLD_CPU, PATHS)
    for path in PATHS:
        (seed,) = of_path(rows(folder / "seeds.csv"), path)
        spent = [float(v) for k, v in seed.items() if k.startswith("spent_")]
        stalls = [float(f["stall_ns"]) for f in faults(folder, path)]
        assert len(spent) == 8 and sum(stalls) > 0
        assert sum(spent) == pytest.approx(
            sum(stalls), abs=ROUNDING_NS * (len(stalls) + len(spent)))
