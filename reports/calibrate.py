# SPDX-License-Identifier: Apache-2.0
"""python3 -m reports calibrate: a platform from four measurements of own silicon."""

import argparse
import csv
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from reports.load import ReportError

ROOT = Path(__file__).resolve().parents[1]
LEAF = re.compile(r"( +)([a-z0-9_]+):(?: \{value: (.*?), source: (.*)\})?$")
# Of one TLBI with its DSBs: the shares that cannot be told apart are assumed.
SHARES = {"dvm.issue": 0.005, "dvm.dsb": 0.02, "dvm.sync": 0.02, "dvm.service_va": 0.02,
          "dvm.service_ipa": 0.02, "dvm.service_asid": 0.02, "dvm.service_vmid": 0.02,
          "dvm.service_all": 0.02}
STEPS = 12
TOLERANCE = 0.02
# A fault of a vCPU on 2 MiB that is cleaned, and TLBIs of 1 or all vCPUs.
FAULT = """vms:
  - name: guest
    vcpus: 1
    memory:
      - {ipa: 0x40000000, size: 2MiB, map: none, backing: 2M}
    guest: {kind: steps, steps: [{vcpu: 0, at: 1us, access: w, ipa: 0x40000000}]}
variants:
  - {name: fault, path: kvm-5.14, clean: in-window}
"""
FLUSH = """vms:
  - name: guest
    vcpus: %d
    memory:
      - {ipa: 0x40000000, size: 4MiB}
    guest: {kind: flush, issuers: %d, calls: 50, pages: 1, whole_asid_pages: 0,
            range: false}
variants:
  - {name: flush, sequence: keep}
"""


def with_values(text, values, name=None):
    """The text of a platform with {"dvm.hop": (value, source)} in place of its own."""
    left, path, lines = dict(values), [], []
    for line in text.splitlines():
        m = LEAF.match(line)
        if name and line.startswith("name:"):
            line = f"name: {name}"
        if m:
            path = path[:len(m[1]) // 2 - 1] + [m[2]]
            if m[3] and ".".join(path) in left:
                value, source = left.pop(".".join(path))
                line = f'{m[1]}{m[2]}: {{value: {value}, source: "{source}"}}'
        lines.append(line)
    if left:
        raise ReportError("error: the base platform lacks " + ", ".join(sorted(left)))
    return "\n".join(lines) + "\n"


def measure(platform_text, guest):
    """The first row of summary.csv of a run on the platform."""
    program = os.environ.get("STAGE2SIM_BINARY", str(ROOT / "build" / "stage2sim"))
    with tempfile.TemporaryDirectory() as tmp:
        folder = Path(tmp)
        (folder / "calibrated.yaml").write_text(platform_text, encoding="utf-8")
        scenario = folder / "scenario.yaml"
        scenario.write_text("stage2sim: 1\nname: calibrate\nplatform: calibrated.yaml\n"
                            + guest + "seeds: {count: 1}\n", encoding="utf-8")
        try:
            done = subprocess.run(
                [program, "run", "-q", "--monitor", "off", "-o", str(folder / "out"),
                 str(scenario)], capture_output=True, text=True, check=False)
        except OSError as e:
            raise ReportError(f"error: {program}: {e.strerror}; accepted: the program "
                              "that ./run builds, or its path in STAGE2SIM_BINARY"
                              ) from e
        if done.returncode:
            raise ReportError(done.stderr.rstrip())
        text = (folder / "out" / "summary.csv").read_text()
    return next(csv.DictReader(text.splitlines()))


def flush_ns(text, vcpus, issuers):
    """Of one call: DSB ISHST, TLBI VAE1IS, DSB ISH."""
    return float(measure(text, FLUSH % (vcpus, issuers))["request_p50_ns"])


def measurements(text, n):
    """What a platform gives back: (hypercall, one TLBI, n at a time, clean per line)."""
    fault = measure(text, FAULT)
    return (float(fault["spent_entry_exit_ns"]) / float(fault["faults"]),
            flush_ns(text, n, 1), flush_ns(text, n, n),
            float(fault["spent_clean_ns"]) / 32768)


class _Fit:
    def __init__(self, base, args):
        self.base, self.args = base, args

    def text(self, serialise_ns, hop_ns):
        a = self.args
        tlbi = f"a share of {a.tlbi:g} ns for one TLBI and DSB, measured; the share is"
        values = {k: (f"{share * a.tlbi:.3f}ns", f"assumed; {tlbi} assumed")
                  for k, share in SHARES.items()}
        half = f"half of {a.hypercall:g} ns for a hypercall, measured"
        values["hyp.exit"] = values["hyp.entry"] = (f"{a.hypercall / 2:.3f}ns", half)
        values["hyp.clean_line"] = (f"{a.clean_line:g}ns", "measured")
        values["feat.s2fwb"] = ("false", "its cleans are measured")
        values["dvm.hop"] = (f"{hop_ns:.3f}ns",
                              f"made so that one TLBI and DSB take {a.tlbi:g} ns")
        values["dvm.serialise"] = (
            f"{serialise_ns:.3f}ns", f"made so that {a.issuers} TLBIs and DSBs at the "
            f"same time take {a.tlbi_n:g} ns")
        return with_values(self.base, values, a.name)

    def with_one_right(self, serialise_ns):
        """The time of one TLBI is a linear function of dvm.hop; None if too long."""
        n, want = self.args.issuers, self.args.tlbi
        least = flush_ns(self.text(serialise_ns, 0), n, 1)
        if least > want:
            return None
        per_ns = (flush_ns(self.text(serialise_ns, want), n, 1) - least) / want
        return self.text(serialise_ns, (want - least) / per_ns)

    def solve(self):
        """The time of n TLBIs grows with dvm.serialise: bisection."""
        n, want = self.args.issuers, self.args.tlbi_n
        low, high = 0.0, self.args.tlbi / 4
        best = self.with_one_right(low)
        if best is None:
            raise ReportError(f"error: --tlbi {self.args.tlbi:g}: shorter than the TLBs "
                              "of the base platform take; accepted: more, or a base "
                              "with shorter tlbi_probe")
        for _ in range(STEPS):
            middle = (low + high) / 2
            text = self.with_one_right(middle)
            if text is None or flush_ns(text, n, n) > want:
                high = middle
            else:
                low, best = middle, text
        return best


def check(text, args):
    """Raises unless the platform gives back what was measured."""
    names = ("--hypercall", "--tlbi", "--tlbi-n", "--clean-line")
    want = (args.hypercall, args.tlbi, args.tlbi_n, args.clean_line)
    got = measurements(text, args.issuers)
    for name, w, g in zip(names, want, got):
        if abs(g - w) > TOLERANCE * w:
            raise ReportError(f"error: {name} {w:g}: with the other measurements the "
                              f"model gives {g:.4g} ns; accepted: {TOLERANCE:.0%} "
                              "around what the model can reach")
    return list(zip(names, want, got))


def arguments(argv):
    parser = argparse.ArgumentParser(
        prog="python3 -m reports calibrate",
        description="Writes a platform file from four measurements, in ns "
        "(docs/calibration.md).")
    parser.add_argument("--base", metavar="FILE.yaml", required=True,
                        help="platform file that the other parameters come from")
    parser.add_argument("--name", required=True, help="name of the new platform")
    for option, text in (
            ("hypercall", "a hypercall and its return"),
            ("tlbi", "DSB ISHST, one TLBI VAE1IS, DSB ISH"),
            ("tlbi-n", "the same while --issuers CPUs do it at the same time"),
            ("clean-line", "DC CVAC of one 64-byte line in a long run of them")):
        parser.add_argument(f"--{option}", metavar="NS", type=float, required=True,
                            help=text)
    parser.add_argument("--issuers", metavar="N", type=int, required=True,
                        help="2 to 256 CPUs, all of the inner shareable domain")
    parser.add_argument("-o", dest="out", metavar="FILE.yaml", required=True)
    args = parser.parse_args(argv)
    for name in ("hypercall", "tlbi", "tlbi_n", "clean_line"):
        if not 0 < getattr(args, name) < 1e6:
            parser.error(f"--{name.replace('_', '-')}: found {getattr(args, name):g}; "
                         "accepted: above 0, below 1e6 ns")
    if not 2 <= args.issuers <= 256:
        parser.error(f"--issuers: found {args.issuers}; accepted: 2 to 256")
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", args.name):
        parser.error(f"--name: found {args.name}; accepted: a-z, 0-9 and -")
    return args


def main(argv):
    args = arguments(argv)
    try:
        base = Path(args.base).read_text(encoding="utf-8")
        text = _Fit(base, args).solve()
        back = check(text, args)
        Path(args.out).write_text(text, encoding="utf-8")
    except ReportError as e:
        print(e, file=sys.stderr)
        return 2
    except (OSError, UnicodeDecodeError) as e:
        print(f"{args.base}: error: {e}; accepted: a platform file, and a file that "
              "can be written", file=sys.stderr)
        return 2
    for name, want, got in back:
        print(f"{name[2:]}: measured {want:g} ns, simulated {got:.4g} ns")
    return 0
