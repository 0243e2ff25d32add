# SPDX-License-Identifier: Apache-2.0
# One panel per variant over a shared time axis: guest progress, vCPUs in the handler,
# and the time in which the changed entry is invalid.
# In: data, windows, panels (CSV), out, svg_name, panels_n, xmin, xmax (us),
# progress_max, progress_tic, handlers_max, handlers_tic.

panel_px = 150
height_px = panels_n * panel_px + 100
load "style.gp"

pick(order) = (column("order") == order)

top = 1.0 - 38.0 / height_px
step = real(panel_px) / height_px
set multiplot
set lmargin at screen 0.085
set rmargin at screen 0.925
set xrange [xmin:xmax]
set yrange [0:progress_max]
set y2range [0:handlers_max]
set border 11
set ytics 0, progress_tic
set y2tics 0, handlers_tic textcolor rgb "#222222"
set format x ""

middle = top - panels_n * step / 2.0
set label 1 "guest progress of all vCPUs (accesses/µs)" at screen 0.015, screen middle \
    rotate by 90 center
set label 2 "vCPUs in handler" at screen 0.985, screen middle rotate by 90 center

do for [order = 0:panels_n - 1] {
    name = ""; invalid = 0; coalesce = 0; redundant = 0
    stats panels using (pick(order) ? (name = strcol("variant"), \
        invalid = column("window_invalid_us"), coalesce = column("coalesce_us"), \
        redundant = column("faults_redundant"), 1) : NaN) nooutput
    set tmargin at screen top - order * step - 30.0 / height_px
    set bmargin at screen top - (order + 1) * step + 8.0 / height_px
    set label 3 name at graph 0, graph 1 offset 0.3, 0.75 left noenhanced \
        font "sans-serif Bold,15" textcolor rgb colour_of(order)
    facts = "nothing changed"
    if (coalesce > 0) {
        facts = sprintf("invalid %s     coalescing %s     redundant faults %d", \
            human(invalid * 1e3), human(coalesce * 1e3), redundant)
    }
    set label 4 facts at graph 1, graph 1 offset 0, 0.75 right noenhanced
    if (order == panels_n - 1) {
        set format x "%.6g"
        set xlabel "time since the first store of the change (µs)"
    }
    if (order == 0) {
        set key at screen 0.5, screen 1.0 - 4.0 / height_px center top horizontal \
            maxrows 1 samplen 2 width -4 reverse Left
    } else {
        unset key
    }
    plot windows \
            using (pick(order) \
                ? 0.5 * (column("broken_us") + column("mended_us")) : NaN) \
            :(0.5 * handlers_max):(column("broken_us")):(column("mended_us")) \
            :(0.0):(handlers_max) axes x1y2 with boxxyerror fill solid 0.45 \
            border lc rgb "#c9b458" lc rgb "#f0e442" title "changed entry invalid", \
        data using (pick(order) ? column("t_us") : NaN) \
            :(column("progress_accesses_per_us")) \
            with fillsteps fill solid 0.35 noborder lc rgb colour_of(order) \
            title "guest progress", \
        data using (pick(order) ? column("t_us") : NaN) \
            :(column("progress_accesses_per_us")) \
            with steps lw 1.2 lc rgb colour_of(order) notitle, \
        data using (pick(order) ? column("t_us") : NaN) \
            :(column("vcpus_in_handler")) \
            axes x1y2 with steps lw 1.6 lc rgb "#000000" title "vCPUs in handler"
    unset label 1
    unset label 2
}
unset multiplot
