# SPDX-License-Identifier: Apache-2.0
# A metric along the axes of a sweep: one panel per axis, one line per variant with its
# spread. In: data (CSV of data_n rows), out, svg_name, panels_n, variants_n, log_y
# (0, 1), y_title, scale (what values are divided by), ymin, ymax (scaled).

columns_n = panels_n < 3 ? panels_n : 3
rows_n = int((panels_n + columns_n - 1) / columns_n)
height_px = 60 + rows_n * (panels_n == 1 ? 440 : 330)
load "style.gp"

pick(panel, order) = (column("panel") == panel && column("order") == order)
array axis_name[panels_n]
array log_x[panels_n]
array variant[variants_n]
array colour_no[variants_n]
array tic_x[data_n]
array tic_text[data_n]
do for [panel = 0:panels_n - 1] {
    stats data using (column("panel") == panel \
        ? (axis_name[panel + 1] = strcol("axis"), \
            log_x[panel + 1] = column("log_x"), 1) : NaN) nooutput
}
do for [order = 0:variants_n - 1] {
    stats data using (column("order") == order \
        ? (variant[order + 1] = strcol("variant"), \
            colour_no[order + 1] = column("colour"), 1) : NaN) nooutput
}

set multiplot layout rows_n, columns_n margins screen 0.09, screen 0.98, \
    screen 70.0 / height_px, screen 1.0 - 44.0 / height_px \
    spacing screen 0.075, screen 96.0 / height_px
set yrange [ymin:ymax]
if (log_y) {
    set logscale y
}
set autoscale xfix
set offsets graph 0.04, graph 0.04, 0, 0
do for [panel = 0:panels_n - 1] {
    unset logscale x
    if (log_x[panel + 1]) {
        set logscale x
    }
    tics_n = 0
    stats data using (column("panel") == panel && strcol("tic") ne "" \
        ? (tics_n = tics_n + 1, tic_x[tics_n] = column("x"), \
            tic_text[tics_n] = strcol("tic"), 1) : NaN) nooutput
    set xtics () font ",12" noenhanced
    do for [i = 1:tics_n] {
        set xtics add (tic_text[i] tic_x[i])
    }
    set xlabel axis_name[panel + 1] noenhanced offset 0, 0.3
    if (panel % columns_n == 0) {
        set ylabel y_title noenhanced
    } else {
        unset ylabel
    }
    if (panel == 0 && variants_n > 1) {
        set key at screen 0.5, screen 1.0 - 8.0 / height_px center top horizontal \
            maxrows 1 samplen 2 width 1 reverse Left
    } else {
        unset key
    }
    plot for [order = 0:variants_n - 1] data \
            using (pick(panel, order) ? column("x") : NaN) \
                :(column("lo") / scale):(column("hi") / scale) \
            with filledcurves fs transparent solid 0.15 noborder \
            lc rgb colour_of(colour_no[order + 1]) notitle, \
        for [order = 0:variants_n - 1] data \
            using (pick(panel, order) ? column("x") : NaN) \
                :(column("value") / scale) \
            with linespoints lw width_of(colour_no[order + 1]) * 0.7 \
            lc rgb colour_of(colour_no[order + 1]) dt dash_of(colour_no[order + 1]) \
            pt point_of(colour_no[order + 1]) ps 0.6 title variant[order + 1]
}
unset multiplot
