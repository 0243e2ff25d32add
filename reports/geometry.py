# SPDX-License-Identifier: Apache-2.0
"""python3 -m reports geometry -o DIR: table memory and reads of stage 2 choices."""

import argparse
import csv
import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from reports import plots
from reports.load import ReportError

ROOT = Path(__file__).resolve().parents[1]
COLUMNS = ("granule", "ipa_bits", "kvm", "start_level", "levels", "ds", "tables",
           "start_bytes", "tables_1_page_bytes", "tables_1_gib_bytes", "walk_reads",
           "host_va_bits", "nested_reads")
TEXTS = ("granule",)


def table(options):
    """Rows of `stage2sim info geometry --csv` with these options."""
    program = os.environ.get("STAGE2SIM_BINARY", str(ROOT / "build" / "stage2sim"))
    command = [program, "info", "geometry", "--csv", *options]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as e:
        raise ReportError(f"error: {program}: {e.strerror}; accepted: the program that "
                          "./run builds, or its path in STAGE2SIM_BINARY") from e
    if done.returncode:
        raise ReportError(done.stderr.rstrip())
    return list(csv.DictReader(io.StringIO(done.stdout)))


def drawn(rows):
    """The rows that the figure shows, by granule and levels: of a granule with DS = 1
    those alone."""
    with_ds = {row["granule"] for row in rows if row["ds"] == "1"}
    shown = [r for r in rows if (r["granule"] in with_ds) == (r["ds"] == "1")]
    return sorted(shown, key=lambda r: (int(r["granule"][:-1]), int(r["levels"]),
                                        int(r["ipa_bits"])))


def draw(rows, folder):
    """Writes geometry.csv and geometry.svg."""
    values = [[row[c] if c in TEXTS else int(row[c]) for c in COLUMNS] for row in rows]
    plots.write_csv(folder / "geometry.csv", COLUMNS, values)
    sizes = [int(row["ipa_bits"]) for row in rows]
    memory = [int(row["tables_1_page_bytes"]) for row in rows]
    plots.draw("geometry", folder / "geometry.svg", data=folder / "geometry.csv",
               host_va_bits=int(rows[0]["host_va_bits"]), xmin=min(sizes),
               xmax=max(sizes), bytes_min=min(memory), bytes_max=max(memory),
               reads_max=max(int(row["nested_reads"]) for row in rows))


def arguments(argv):
    parser = argparse.ArgumentParser(
        prog="python3 -m reports geometry",
        description="Draws every stage 2 geometry: tables for one page and reads of a "
        "walk of both stages, by IPA size and levels, with KVM's choice.")
    parser.add_argument("-o", dest="out", metavar="DIR", required=True,
                        help="folder for geometry.svg and geometry.csv")
    parser.add_argument("--va-bits", default="48",
                        help="VA size of the guest's stage 1; default %(default)s")
    parser.add_argument("--pa-bits", help="PA size of the implementation; default 48")
    parser.add_argument("--ttst", action="store_true", help="it has FEAT_TTST")
    parser.add_argument("--lpa2", action="store_true", help="it has FEAT_LPA2")
    return parser.parse_args(argv)


def main(argv):
    args = arguments(argv)
    options = ["--va-bits", args.va_bits]
    if args.pa_bits:
        options += ["--pa-bits", args.pa_bits]
    options += [f"--{name}" for name in ("ttst", "lpa2") if getattr(args, name)]
    try:
        rows = drawn(table(options))
        out = Path(args.out)
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out, prefix=".geometry-") as work:
            draw(rows, Path(work))
            for name in ("geometry.csv", "geometry.svg"):
                os.replace(Path(work) / name, out / name)
    except (ReportError, OSError) as e:
        print(e, file=sys.stderr)
        return 2
    print(f"{out / 'geometry.svg'}, {out / 'geometry.csv'}: {len(rows)} geometries")
    return 0
