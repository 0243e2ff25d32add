# SPDX-License-Identifier: Apache-2.0
# A metric over two axes of a sweep: one heat map per variant. In: data (CSV), out,
# svg_name, panels_n, x_n, y_n (values on the axes), x_title, y_title, z_title, log_z
# (0, 1), scale (what values are divided by), zmin, zmax (scaled), texts (0, 1).

columns_n = panels_n < 2 ? 1 : 2
rows_n = int((panels_n + columns_n - 1) / columns_n)
panel_px = 120 + (y_n < 6 ? 36 * y_n : y_n < 20 ? 120 + 16 * y_n : 440)
height_px = 60 + rows_n * panel_px
load "style.gp"

array variant[panels_n]
do for [panel = 0:panels_n - 1] {
    stats data using (column("panel") == panel \
        ? (variant[panel + 1] = strcol("variant"), 1) : NaN) nooutput
}

set multiplot layout rows_n, columns_n margins screen 0.09, screen 0.87, \
    screen 70.0 / height_px, screen 1.0 - 40.0 / height_px \
    spacing screen 0.08, screen 104.0 / height_px
# Dark is low; told apart with every common colour blindness.
set palette defined (0 "#3b1f6b", 0.25 "#2f5d8c", 0.5 "#2f9a8a", 0.75 "#a5cf4c", \
    1 "#fde93a")
set cbrange [zmin:zmax]
if (log_z) {
    set logscale cb
}
set cblabel z_title noenhanced
set xrange [-0.5:x_n - 0.5]
set yrange [-0.5:y_n - 0.5]
array x_tic[x_n]
array y_tic[y_n]
stats data using (x_tic[column("x") + 1] = strcol("x_tic"), 1) nooutput
stats data using (y_tic[column("y") + 1] = strcol("y_tic"), 1) nooutput
set xtics () font ",12" scale 0 noenhanced
set ytics () font ",12" scale 0 noenhanced
do for [i = 1:x_n] {
    set xtics add (x_tic[i] i - 1)
}
do for [i = 1:y_n] {
    set ytics add (y_tic[i] i - 1)
}
unset grid
unset key
set border 0
light(z) = log_z ? log(z / zmin) > 0.55 * log(zmax / zmin) \
    : z - zmin > 0.55 * (zmax - zmin)
do for [panel = 0:panels_n - 1] {
    set title variant[panel + 1] noenhanced font "sans-serif Bold,15" offset 0, -0.5
    set xlabel x_title noenhanced
    if (panel % columns_n == 0) {
        set ylabel y_title noenhanced
    } else {
        unset ylabel
    }
    if (panel == 0) {
        set colorbox user origin 0.89, 0.25 size 0.018, 0.5
    } else {
        unset colorbox
    }
    plot data using (column("panel") == panel ? column("x") : NaN):(column("y")) \
            :(column("x") - 0.5):(column("x") + 0.5) \
            :(column("y") - 0.5):(column("y") + 0.5):(column("value") / scale) \
            with boxxyerror fs solid noborder lc palette, \
        data using (column("panel") == panel && texts ? column("x") : NaN) \
            :(column("y")):(strcol("text")) \
            :(light(column("value") / scale) ? 0x000000 : 0xffffff) \
            with labels font ",11" textcolor rgb variable noenhanced
}
unset multiplot
