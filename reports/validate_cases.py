# SPDX-License-Identifier: Apache-2.0
"""Rows of published measurements, and the scenarios that simulate them."""

import csv
import statistics
from dataclasses import dataclass, field

from reports.load import ReportError

SIZES = {"4K": 1 << 12, "2M": 1 << 21, "1G": 1 << 30}
GIB = 1 << 30
VCPU_MIB = 4096  # dirty_log_perf_test -b 4G
# Guest loop of kvm_page_table_test: a cold read and its stage 1 walk, per access.
KUNPENG_THINK = "40ns"
KUNPENG_PATHS = {"base": "path: kvm-5.11",
                 "cmo-map": "path: kvm-5.11, clean: in-window",
                 "early": "path: posted-2021-early"}
PARALLEL_PATHS = {"exclusive": "kvm-5.14", "shared": "kvm-6.2"}
TLBI_PLATFORMS = {"server_classic_ns": ("tlbi-range-server", "false"),
                  "fpga_classic_ns": ("tlbi-range-fpga", "false"),
                  "fpga_range_ns": ("tlbi-range-fpga", "true")}
# The rows that fixed a constant (docs/validation.md).
KUNPENG_FITTED = {("cmo-map", "1G", "20", "20", "CREATE"),
                  ("cmo-map", "1G", "20", "20", "UPDATE"),
                  ("base", "4K", "1", "1", "UPDATE"),
                  ("early", "1G", "20", "1", "ADJUST"),
                  ("early", "1G", "20", "20", "ADJUST")}
PARALLEL_FITTED = {("1", "dirty", "shared"), ("16", "dirty", "exclusive"),
                   ("16", "dirty", "shared"), ("1", "populate", "exclusive"),
                   ("1", "populate", "shared"),
                   ("4", "populate", "shared"), ("16", "populate", "exclusive"),
                   ("16", "populate", "shared")}
TLBI_FITTED = {("1", "server_classic_ns"), ("256", "server_classic_ns"),
               ("512", "server_classic_ns"), ("256", "fpga_classic_ns"),
               ("4", "fpga_range_ns")}


@dataclass
class Row:
    keys: dict  # column to text
    published: float
    unit: str  # s or ns
    fitted: bool
    tier: str
    case: str  # name of the scenario that simulates it
    stage: tuple  # what of its result: (stage, iteration), or a column of summary.csv
    simulated: float = None

    def error_percent(self):
        return (self.simulated / self.published - 1) * 100


@dataclass
class Case:
    name: str
    text: str
    scale: float  # times the simulated time
    weight: int  # accesses, roughly: long ones start first


@dataclass
class Plan:
    format: str
    rows: list = field(default_factory=list)
    cases: dict = field(default_factory=dict)


def _scenario(name, title, platform, vcpus, size, region, guest, variant):
    return (f"stage2sim: 1\nname: {name}\ntitle: {title}\nplatform: {platform}\n"
            f"vms:\n  - name: guest\n    vcpus: {vcpus}\n    memory:\n"
            f"      - {{ipa: 0x40000000, size: {size}{region}}}\n    guest: {guest}\n"
            f"variants:\n  - {{{variant}}}\nseeds: {{count: 1}}\n")


class _Reader:
    """Lines of a CSV file with their place, for errors."""

    def __init__(self, path):
        self.path = path
        try:
            with open(path, encoding="utf-8") as f:
                lines = f.read().splitlines()
        except (OSError, UnicodeDecodeError) as e:
            raise ReportError(f"{path}: error: {e}; accepted: a CSV file in the format "
                              "of docs/validation.md") from e
        self.lines = [(n, text) for n, text in enumerate(lines, 1)
                      if text.strip() and not text.startswith("#")]
        if not self.lines:
            raise ReportError(f"{path}:1:1: error: no header; accepted: a CSV file in "
                              "a format of docs/validation.md")
        self.header = next(csv.reader([self.lines[0][1]]))

    def fail(self, line, column, what):
        at = self.header.index(column) if column else 0
        cells = next(csv.reader([dict(self.lines)[line]]))
        col = 1 + sum(len(c) + 1 for c in cells[:at])
        raise ReportError(f"{self.path}:{line}:{col}: error: {what}")

    def rows(self):
        for line, text in self.lines[1:]:
            cells = next(csv.reader([text]))
            if len(cells) != len(self.header):
                self.fail(line, None, f"{len(cells)} columns; accepted: "
                          f"{len(self.header)}, as in the header")
            yield line, dict(zip(self.header, cells))

    def word(self, line, row, column, accepted):
        if row[column] not in accepted:
            self.fail(line, column, f"{column} is {row[column]!r}; accepted: "
                      + ", ".join(accepted))

    def count(self, line, row, column, most):
        if not (row[column].isascii() and row[column].isdigit()
                and 1 <= int(row[column]) <= most):
            self.fail(line, column,
                      f"{column} is {row[column]!r}; accepted: 1 to {most}")
        row[column] = str(int(row[column]))
        return int(row[column])

    def number(self, line, row, column):
        try:
            value = float(row[column])
        except ValueError:
            value = 0.0
        if not 0 < value < 1e12:
            self.fail(line, column, f"{column} is {row[column]!r}; accepted: a number "
                      "above 0")
        return value


def _kunpeng(reader, scale):
    plan = Plan("kunpeng920")
    runs = [c for c in reader.header if c.startswith("run")]
    for line, row in reader.rows():
        reader.word(line, row, "tier", ("A", "B"))
        reader.word(line, row, "kernel", KUNPENG_PATHS)
        reader.word(line, row, "backing", SIZES)
        reader.word(line, row, "stage", ("CREATE", "UPDATE", "ADJUST"))
        gib = reader.count(line, row, "memory_gib", 256)
        vcpus = reader.count(line, row, "vcpus", 256)
        values = [reader.number(line, row, c) for c in runs if row[c].strip()]
        if not values:
            reader.fail(line, runs[0], "no run; accepted: at least one number")
        name = f"{row['kernel']}-{row['backing']}-{gib}g-{vcpus:03}".lower()
        key = tuple(row[c] for c in ("kernel", "backing", "memory_gib", "vcpus",
                                     "stage"))
        keys = {c: row[c] for c in reader.header if c not in runs}
        plan.rows.append(Row(keys, statistics.median(values), "s",
                             key in KUNPENG_FITTED, row["tier"], name,
                             (f"KVM_{row['stage']}_MAPPINGS", "0")))
        if name not in plan.cases:
            plan.cases[name] = _kunpeng_case(name, row, gib, vcpus, scale)
    return plan


def _kunpeng_case(name, row, gib, vcpus, scale):
    block = SIZES[row["backing"]]
    blocks = max(1, gib * GIB // block // scale)
    text = _scenario(
        name, f"kvm_page_table_test, {row['kernel']}, {row['backing']}, {vcpus} vCPUs",
        "kunpeng-920", vcpus, f"{blocks * block >> 10}KiB",
        f", map: none, backing: {row['backing']}",
        f"{{kind: kvm_page_table_test, think: {KUNPENG_THINK}}}",
        f"name: {row['kernel']}, {KUNPENG_PATHS[row['kernel']]}")
    return Case(name, text, gib * GIB / (blocks * block), blocks * block * vcpus)


def _parallel(reader, scale):
    plan = Plan("parallel_faults")
    for line, row in reader.rows():
        vcpus = reader.count(line, row, "vcpus", 256)
        for column in reader.header[1:]:
            if not row[column].strip():
                continue
            stage, kernel, _ = column.split("_")
            name = f"parallel-{kernel}-{vcpus:03}"
            plan.rows.append(Row(
                {"vcpus": str(vcpus), "stage": stage, "kernel": kernel},
                reader.number(line, row, column), "s",
                (str(vcpus), stage, kernel) in PARALLEL_FITTED, "", name,
                ("populate", "0") if stage == "populate" else ("dirty", "2")))
            plan.cases.setdefault(name, _parallel_case(name, kernel, vcpus, scale))
    return plan


def _parallel_case(name, kernel, vcpus, scale):
    mib = max(2, VCPU_MIB // scale // 2 * 2)
    text = _scenario(name, f"dirty_log_perf_test, {kernel} fault path, {vcpus} vCPUs",
                     "ampere-altra", vcpus, f"{mib * vcpus}MiB",
                     ", map: none, backing: 2M",
                     f"{{kind: dirty_log_perf_test, vcpu_bytes: {mib}MiB, "
                     "iterations: 2}", f"name: {kernel}, path: {PARALLEL_PATHS[kernel]}")
    return Case(name, text, VCPU_MIB / mib, mib * vcpus << 20)


def _tlbi(reader, scale):
    plan = Plan("tlbi_range")
    for line, row in reader.rows():
        pages = reader.count(line, row, "pages", 1 << 20)
        for column in reader.header[1:]:
            if not row[column].strip():
                continue
            name = f"tlbi-{column[:-3].replace('_', '-')}-{pages:03}"
            plan.rows.append(Row({"pages": str(pages), "machine": column[:-3]},
                                 reader.number(line, row, column), "ns",
                                 (str(pages), column) in TLBI_FITTED, "", name,
                                 "request_p50_ns"))
            platform, ranged = TLBI_PLATFORMS[column]
            text = _scenario(
                name, f"A guest flushes {pages} pages per call", platform, 4,
                f"{max(pages, 512) * 4}KiB", "",
                f"{{kind: flush, issuers: 1, calls: 100, pages: {pages}, "
                f"whole_asid_pages: 512, range: {ranged}}}".replace(
                    "whole_asid_pages: 512",
                    f"whole_asid_pages: {512 if 'server' in column else 0}"),
                "name: keep, sequence: keep")
            plan.cases[name] = Case(name, text, 1.0, pages * 100)
    return plan


FORMATS = (
    (("tier", "kernel", "backing", "memory_gib", "vcpus", "stage", "run1"), _kunpeng),
    (("vcpus", "dirty_exclusive_s", "dirty_shared_s", "populate_exclusive_s",
      "populate_shared_s"), _parallel),
    (("pages", *TLBI_PLATFORMS), _tlbi),
)


def read(path, scale=1):
    """The plan of a file of rows; scale: simulate 1/scale of the memory."""
    reader = _Reader(path)
    for columns, make in FORMATS:
        if tuple(reader.header[:len(columns)]) == columns:
            if len(reader.lines) == 1:
                raise ReportError(f"{path}:2:1: error: no row; accepted: at least one")
            return make(reader, scale)
    raise ReportError(
        f"{path}:{reader.lines[0][0]}:1: error: the header is {','.join(reader.header)}"
        "; accepted: " + ", or ".join(",".join(c) for c, _ in FORMATS))
