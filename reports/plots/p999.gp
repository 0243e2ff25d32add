# SPDX-License-Identifier: Apache-2.0
# Median p99.9 request latency with its spread, one row per variant, seeds as circles.
# In: data, seeds (CSV), out, svg_name, variants_n, log_x (0, 1), slo_ns (0: none),
# xmin, xmax (s), tic (s, for a linear axis).

height_px = 130 + 58 * variants_n
load "style.gp"

set title "p99.9 request latency" font "sans-serif Bold,16"
set xlabel "latency"
if (log_x) {
    set logscale x
    set format x "%.0s %cs"
    last_power = xmax / xmin < 300 ? 1 : -99 # over more decades these would collide
    do for [power = -9:last_power] {
        do for [digit in "2 5"] {
            set xtics add (human(digit * 10.0**power * 1e9) digit * 10.0**power)
        }
    }
} else {
    set xtics ("0" 0)
    do for [i = 1:int(xmax / tic)] {
        set xtics add (human(i * tic * 1e9) i * tic)
    }
}
set xrange [xmin:xmax]
set yrange [variants_n - 0.4:-0.6]
set border 1
set ytics scale 0 noenhanced
set grid noytics xtics
unset key
set lmargin 14
set rmargin 30
if (slo_ns > 0 && slo_ns * 1e-9 < xmax) {
    set arrow 1 from slo_ns * 1e-9, graph 0 to slo_ns * 1e-9, graph 1 nohead \
        lc rgb "#222222" lw 1.2 dt 3
    set label 1 "SLO" at slo_ns * 1e-9, graph 1 offset 0.4, -0.6 left
}
plot data using (column("p999_ns") * 1e-9):(column("order")):(column("lo_ns") * 1e-9) \
        :(column("hi_ns") * 1e-9):(colour_of(column("order"))):ytic(strcol("variant")) \
        with xerrorbars lc rgb variable pt 7 ps 0.7 lw 2, \
    seeds using (column("p999_ns") * 1e-9):(column("order") + 0.24) \
        :(colour_of(column("order"))) with points pt 6 ps 0.55 lw 1 lc rgb variable, \
    data using (xmax):(column("order")):(sprintf("%s  [%s, %s]", \
        human(column("p999_ns")), human(column("lo_ns")), human(column("hi_ns")))) \
        with labels left offset 1.5, 0 font "sans-serif,14"
