# SPDX-License-Identifier: Apache-2.0
# Complementary distribution of a latency, both axes logarithmic, one curve per variant.
# In: data, marks (CSV), out, svg_name, variants_n, plot_title, samples (what they are
# called), dashed (0, 1), floor (lowest share drawn), slo_ns (0: none), xmin, xmax (s).

height_px = 560
load "style.gp"

pick(order) = (column("order") == order)
line_dash(order) = dashed ? 2 : dash_of(order)
array name[variants_n]
do for [order = 0:variants_n - 1] {
    stats data using (pick(order) ? (name[order + 1] = strcol("variant"), 1) : NaN) \
        nooutput
}

set title plot_title noenhanced font "sans-serif Bold,16"
set logscale xy
set xrange [xmin:xmax]
set yrange [floor * 0.8:1.15]
set xlabel "latency"
set ylabel sprintf("share of %s above it", samples)
set format x "%.0s %cs"
set format y "10^{%T}"
set border 11
set y2range [floor * 0.8:1.15]
set logscale y2
set y2tics ("p50" 0.5, "p90" 1e-1, "p99" 1e-2, "p99.9" 1e-3, "p99.99" 1e-4, \
    "p99.999" 1e-5, "p99.9999" 1e-6)
set mxtics 10
set key inside left bottom vertical reverse Left samplen 3 spacing 1.2
if (slo_ns > 0) {
    set arrow 1 from slo_ns * 1e-9, graph 0 to slo_ns * 1e-9, graph 1 nohead \
        lc rgb "#222222" lw 1.2 dt 3
    set label 1 "SLO" at slo_ns * 1e-9, graph 1 offset 0.4, -0.8 left
}
plot for [order = 0:variants_n - 1] data \
        using (pick(order) ? column("latency_ns") * 1e-9 : NaN) \
            :(column("share_above") > 0 ? column("share_above") : floor * 0.1) \
        with lines lw width_of(order) lc rgb colour_of(order) dt line_dash(order) \
        title name[order + 1], \
    for [order = 0:variants_n - 1] marks \
        using (pick(order) && column("share_above") >= floor * 0.99 \
            ? column("latency_ns") * 1e-9 : NaN):(column("share_above")) \
        with points pt point_of(order) ps 0.8 lc rgb colour_of(order) notitle
