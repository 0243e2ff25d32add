# SPDX-License-Identifier: Apache-2.0
# Time that each vCPU spent in handlers, one series of points per variant.
# In: data (CSV), out, svg_name, variants_n, vcpus_n, ymin, ymax (s).

height_px = 420
load "style.gp"

pick(order) = (column("order") == order)
array name[variants_n]
do for [order = 0:variants_n - 1] {
    stats data using (pick(order) ? (name[order + 1] = strcol("variant"), 1) : NaN) \
        nooutput
}

set title "Stall per vCPU" font "sans-serif Bold,16"
set logscale y
set yrange [ymin:ymax]
set xrange [-0.6:vcpus_n - 0.4]
set xlabel "vCPU"
set ylabel "between trap and re-entry"
set format y "%.0s %cs"
set xtics 0, vcpus_n > 32 ? 8 : vcpus_n > 16 ? 2 : 1
set key outside top right
plot for [order = 0:variants_n - 1] data \
        using (column("vcpu") + 0.08 * (order - (variants_n - 1) / 2.0)) \
            :(pick(order) && column("stall_us") > 0 ? column("stall_us") * 1e-6 : NaN) \
        with points pt point_of(order) ps 0.7 lc rgb colour_of(order) \
        title name[order + 1]
