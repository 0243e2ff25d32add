# SPDX-License-Identifier: Apache-2.0
"""python3 -m reports RUN_DIR [RUN_DIR ...] -o OUT_DIR, and its subcommands."""

import argparse
import sys

from reports import calibrate, geometry, predict, render, validate
from reports.load import ReportError

# A run directory of that name: ./geometry
COMMANDS = {"calibrate": calibrate.main, "geometry": geometry.main,
            "predict": predict.main, "validate": validate.main}


def main():
    if len(sys.argv) > 1 and sys.argv[1] in COMMANDS:
        return COMMANDS[sys.argv[1]](sys.argv[2:])
    parser = argparse.ArgumentParser(
        prog="python3 -m reports",
        description="Writes report.html, report.md and plots/ from run directories. "
        "Subcommands, each with --help: " + ", ".join(sorted(COMMANDS)) + ".")
    parser.add_argument("runs", metavar="RUN_DIR", nargs="+",
                        help="a directory that `stage2sim run` wrote")
    parser.add_argument("-o", dest="out", metavar="OUT_DIR", required=True,
                        help="new folder, empty folder, or an earlier report")
    args = parser.parse_args()
    try:
        runs = render.write_report(args.runs, args.out)
    except ReportError as e:
        print(e, file=sys.stderr)
        return 2
    sys.stdout.write(render.terminal_text(runs, args.out))
    return 0


if __name__ == "__main__":
    sys.exit(main())
