# SPDX-License-Identifier: Apache-2.0
"""The report of a sweep: figures along its axes, heat maps, main effects, tables."""

from itertools import combinations

from reports import plots, render, units
from reports.sweep import table as tables

DRAWN = ("request_p9999_ns", "stall_max_ns", "coalesce_ns", "exits")
MAP_AXES = 3  # each pair of the strongest axes gets a heat map
TEXTS_MAX = 14  # values of an axis up to which the cells of a map have numbers
LOWEST_N = 10
SCALES = ((1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns"))


def scale_of(column, values):
    """(what values are divided by, title of their axis)"""
    if not column.endswith("_ns"):
        return 1.0, column
    largest = max(values)
    for scale, unit in SCALES:
        if largest >= scale:
            break
    return scale, f"{column[:-3]} ({unit})"


class Drawing:
    """Draws the figures of one column into a folder."""

    def __init__(self, table, column, folder):
        self.table, self.column, self.folder = table, column, folder
        self.variants = [v for v in table.variants if any(
            v in cells and cells[v][column][0] is not None
            for cells in table.cells.values())]
        self.stem = column.replace("_", "-")
        self.figures = []

    def _add(self, stem, title, caption):
        self.figures.append(plots.Figure(stem, title, caption, (f"{stem}.csv",)))

    def _panels(self, stem, per_axis):
        """per_axis(axis, variant) gives [(index, value, lo, hi)]."""
        rows = []
        axes = [a for a in range(len(self.table.axes))
                if len(self.table.axes[a].values) > 1
                and any(per_axis(a, v) for v in self.variants)]
        variants = [v for v in self.variants if any(per_axis(a, v) for a in axes)]
        for panel, axis in enumerate(axes):
            labels = self.table.axes[axis].values
            x, log_x = tables.positions(labels)
            tic = tables.tics(labels)
            for order, variant in enumerate(variants):
                for i, value, lo, hi in sorted(per_axis(axis, variant),
                                               key=lambda row: x[row[0]]):
                    rows.append((panel, self.table.axes[axis].name, int(log_x), order,
                                 self.table.variants.index(variant), variant, x[i],
                                 tic[i], value,
                                 value if lo is None else lo,
                                 value if hi is None else hi))
        if not rows:
            return False
        shown = [v for row in rows for v in row[8:11]]
        scale, title = scale_of(self.column, shown)
        low, high, log_y = tables.limits(shown)
        data = self.folder / f"{stem}.csv"
        plots.write_csv(data, ["panel", "axis", "log_x", "order", "colour", "variant",
                               "x", "tic", "value", "lo", "hi"], rows)
        plots.draw("sweep-lines", self.folder / f"{stem}.svg", data=data,
                   data_n=len(rows), panels_n=len(axes),
                   variants_n=len(variants),
                   log_y=int(log_y), y_title=title, scale=scale, ymin=low / scale,
                   ymax=high / scale)
        return True

    def lines(self):
        stem = f"{self.stem}-lines"
        if self._panels(stem, lambda axis, variant: tables.along(
                self.table, axis, variant, self.column)):
            self._add(stem, f"{self.column} along each axis",
                      "Median over the seeds; the band is its 95 % interval (from 6 "
                      f"seeds on). {self.held(range(len(self.table.axes)))}")

    def effects(self):
        effects = {v: tables.main_effects(self.table, v, self.column)
                   for v in self.variants}
        stem = f"{self.stem}-effects"
        if self._panels(stem, lambda axis, variant: effects[variant][axis]):
            self._add(stem, f"Main effects on {self.column}",
                      "Median over all points with that value on the axis, whatever "
                      "the other axes; the band holds the middle half of the points.")

    def held(self, axes):
        """What a figure along these axes holds fixed."""
        middle = tables.middle(self.table)
        fixed = [f"{a.name} {a.values[middle[i]]}" for i, a in
                 enumerate(self.table.axes) if len(a.values) > 1]
        if len(list(axes)) == 2:
            fixed = [f"{a.name} {a.values[middle[i]]}" for i, a in
                     enumerate(self.table.axes) if i not in axes and len(a.values) > 1]
        elif len(fixed) < 2:
            fixed = []
        else:
            return f"The other axes are held at {', '.join(fixed)}."
        return f"Held: {', '.join(fixed)}." if fixed else ""

    def maps(self):
        strong = tables.strongest_axes(self.table, self.column, MAP_AXES)
        for x_axis, y_axis in combinations(strong, 2):
            longer = sorted((x_axis, y_axis), reverse=True,
                            key=lambda a: len(self.table.axes[a].values))
            self.map(*longer)

    def map(self, x_axis, y_axis):
        x, y = self.table.axes[x_axis], self.table.axes[y_axis]
        cells = {v: tables.cells_of(self.table, x_axis, y_axis, v, self.column)
                 for v in self.variants}
        cells = {v: found for v, found in cells.items() if found}
        shown = [value for found in cells.values() for _, _, value in found]
        if not shown:
            return
        scale, title = scale_of(self.column, shown)
        low, high, log_z = tables.limits(shown)
        x_at = {index: i for i, index in enumerate(tables.thinned(x.values))}
        y_at = {index: i for i, index in enumerate(tables.thinned(y.values))}
        x_tic = tables.tics([x.values[i] for i in x_at])
        y_tic = tables.tics([y.values[i] for i in y_at], 25)
        rows = []
        for panel, variant in enumerate(cells):
            for i, j, value in cells[variant]:
                rows.append((panel, variant, x_at[i], y_at[j], value, x_tic[x_at[i]],
                             y_tic[y_at[j]], units.three(value / scale)
                             .replace(",", "")))
        stem = f"{self.stem}-{x.name}-{y.name}"
        data = self.folder / f"{stem}.csv"
        plots.write_csv(data, ["panel", "variant", "x", "y", "value", "x_tic", "y_tic",
                               "text"], rows)
        plots.draw("sweep-map", self.folder / f"{stem}.svg", data=data,
                   panels_n=len(cells), x_n=len(x_at), y_n=len(y_at),
                   x_title=x.name, y_title=y.name, z_title=title, log_z=int(log_z),
                   scale=scale, zmin=low / scale, zmax=high / scale,
                   texts=int(len(x_at) <= TEXTS_MAX and len(y_at) <= 2 * TEXTS_MAX))
        thin = " Values in between are left out." if len(x_at) < len(x.values) or \
            len(y_at) < len(y.values) else ""
        self._add(stem, f"{self.column} over {x.name} and {y.name}",
                  f"Median over the seeds. {self.held((x_axis, y_axis))}{thin}")

    def all(self):
        self.lines()
        self.maps()
        if sum(len(a.values) > 1 for a in self.table.axes) > 1:
            self.effects()
        return self.figures


def section(table, column, folder):
    """What the page shows of one column; None if no point has a value."""
    figures = Drawing(table, column, folder).all()
    if not figures:
        return None
    fmt = units.by_column(column)
    lowest = [([table.axes[a].values[i] for a, i in enumerate(point)], variant,
               fmt(value))
              for value, point, variant in tables.lowest(table, column, LOWEST_N)]
    return {"column": column, "figures": figures, "lowest": lowest,
            "compare": tables.compare(table, column)}


def write(sweep, path, failed_n, out):
    """Reads sweep.csv and writes the report as a whole or not at all."""
    columns = sweep.columns or DRAWN
    table = tables.load(path, sweep.axes, columns)
    view = {"name": sweep.name, "title": sweep.title or sweep.name,
            "version": sweep.version, "file": sweep.file, "scenario": sweep.scenario,
            "axes": [(a.name, ", ".join(a.values[:12]) +
                      (f", ... ({len(a.values)})" if len(a.values) > 12 else ""))
                     for a in sweep.axes],
            "axis_names": [a.name for a in sweep.axes],
            "points_n": len(table.cells), "failed_n": failed_n,
            "variants": table.variants}

    def fill(folder):
        (folder / "plots").mkdir()
        found = [section(table, c, folder / "plots") for c in columns]
        sections = [s for s in found if s]
        svgs = {f.stem: render.inline_svg(folder / "plots" / f"{f.stem}.svg", f.title)
                for s in sections for f in s["figures"]}
        env = render.environment()
        for name in ("sweep.html", "sweep.md"):
            page = env.get_template(f"{name}.j2").render(
                sweep=view, sections=sections, svgs=svgs)
            (folder / name.replace("sweep", "report")).write_text(page,
                                                                  encoding="utf-8")

    render.replace_folder(out, fill)
