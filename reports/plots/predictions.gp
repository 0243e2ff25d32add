# SPDX-License-Identifier: Apache-2.0
# p99.9 of request latency against vCPUs, a panel per platform and block size. In: data
# (CSV of data_n rows: panel, title, order, variant, vcpus, value, lo, hi), out, svg_name,
# panels_n, variants_n, ymin, ymax (ns).

columns_n = panels_n < 2 ? 1 : 2
rows_n = int((panels_n + columns_n - 1) / columns_n)
height_px = 100 + rows_n * 330
load "style.gp"

pick(panel, order) = (column("panel") == panel && column("order") == order)
array title_of[panels_n]
array variant[variants_n]
do for [panel = 0:panels_n - 1] {
    stats data using (column("panel") == panel \
        ? (title_of[panel + 1] = strcol("title"), 1) : NaN) nooutput
}
do for [order = 0:variants_n - 1] {
    stats data using (column("order") == order \
        ? (variant[order + 1] = strcol("variant"), 1) : NaN) nooutput
}

set multiplot layout rows_n, columns_n margins screen 0.11, screen 0.98, \
    screen 64.0 / height_px, screen 1.0 - 104.0 / height_px \
    spacing screen 0.03, screen 112.0 / height_px
set logscale xy
set xtics (1, 2, 4, 8, 16, 32, 64, 128)
set xrange [0.9:142]
set yrange [ymin:ymax]
array time[7] = ["1 µs", "10 µs", "100 µs", "1 ms", "10 ms", "100 ms", "1 s"]
do for [panel = 0:panels_n - 1] {
    set title title_of[panel + 1] noenhanced offset 0, -0.6
    set xlabel "vCPUs" offset 0, 0.4
    if (panel % columns_n == 0) {
        set ylabel "p99.9 of request latency" offset 0.5, 0
        set ytics ()
        do for [i = 1:7] {
            set ytics add (time[i] 10.0 ** (i + 2))
        }
    } else {
        unset ylabel
        do for [i = 1:7] {
            set ytics add ("" 10.0 ** (i + 2))
        }
    }
    if (panel == 0) {
        set key at screen 0.5, screen 1.0 - 6.0 / height_px center top vertical \
            maxrows 3 samplen 2 width -1 reverse Left
    } else {
        unset key
    }
    plot for [order = 0:variants_n - 1] data \
            using (pick(panel, order) ? column("vcpus") : NaN):"lo":"hi" \
            with filledcurves fs transparent solid 0.15 noborder \
            lc rgb colour_of(order) notitle, \
        for [order = 0:variants_n - 1] data \
            using (pick(panel, order) ? column("vcpus") : NaN):"value" \
            with linespoints lw width_of(order) * 0.8 lc rgb colour_of(order) \
            dt dash_of(order) pt point_of(order) ps 0.6 title variant[order + 1]
}
unset multiplot
