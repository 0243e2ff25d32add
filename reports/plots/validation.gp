# SPDX-License-Identifier: Apache-2.0
# Simulated against published times: on the diagonal they are equal, the band is 15 %.
# In: data (CSV: published, simulated, group), out, svg_name, low, high, unit, tiers.

height_px = 640
load "style.gp"

set logscale xy
set xrange [low:high]
set yrange [low:high]
set xlabel sprintf("published, %s", unit)
set ylabel sprintf("simulated, %s", unit)
set key top left
of(g) = sprintf("%s", g == 0 ? "fitted" : g == 1 ? "predicted" : "tier B")
show(g) = column("group") == g ? column("simulated") : NaN
plot x title "equal" with lines lw 1 lc rgb "#000000", \
    x * 1.15 title "15 % more, less" with lines lw 0.8 dt 2 lc rgb "#707070", \
    x / 1.15 notitle with lines lw 0.8 dt 2 lc rgb "#707070", \
    for [g = 0:1 + tiers] data using (column("published")):(show(g)) title of(g) \
        with points ps 1.1 pt point_of(g) lc rgb colour_of(g)
