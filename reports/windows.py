# SPDX-License-Identifier: Apache-2.0
"""python3 -m reports.windows RUN_DIR [RUN_DIR ...]

Prints how long a walk through a changed entry would have faulted, per variant."""

import csv
import statistics
import sys
from pathlib import Path

HEADER = ("run", "variant", "coalesced", "window us", "longest us", "made again",
          "all windows ms")


def windows_by_variant(changes):
    """variant -> kind -> [window_ns], all seeds; 0 where no walk would have faulted."""
    found = {}
    for change in changes:
        kinds = found.setdefault(change["variant"], {"coalesce": [], "remap": []})
        kinds.setdefault(change["kind"], []).append(float(change["window_ns"] or 0))
    return found


def table_row(run, variant, kinds):
    """Median and longest are of coalescing, the sum is of all changes of all seeds."""
    once = kinds["coalesce"] or [0.0]
    median = statistics.median(once)
    return (run, variant, len(kinds["coalesce"]), f"{median / 1e3:.2f}",
            f"{max(once) / 1e3:.2f}", len(kinds["remap"]),
            f"{sum(map(sum, kinds.values())) / 1e6:.3f}")


def table(folders):
    lines = [HEADER, ("---",) * len(HEADER)]
    for folder in map(Path, folders):
        with open(folder / "changes.csv", encoding="utf-8", newline="") as f:
            found = windows_by_variant(csv.DictReader(f))
        lines += [table_row(folder.resolve().name, variant, kinds)
                  for variant, kinds in found.items()]
    return "".join("| " + " | ".join(map(str, line)) + " |\n" for line in lines)


def main():
    if len(sys.argv) < 2:
        print(__doc__.splitlines()[0], file=sys.stderr)
        return 2
    try:
        sys.stdout.write(table(sys.argv[1:]))
    except OSError as e:
        print(e, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
