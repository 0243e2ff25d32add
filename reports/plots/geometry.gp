# SPDX-License-Identifier: Apache-2.0
# Tables of one mapped page and reads of a nested walk by IPA size, one panel per granule,
# one curve per number of levels; rings mark KVM's choice.
# In: data (CSV), out, svg_name, host_va_bits, xmin, xmax, bytes_min, bytes_max,
# reads_max.

height_px = 720
load "style.gp"

array granule[3] = ["4K", "16K", "64K"]
row(g, l) = strcol("granule") eq granule[g] && column("levels") == l
kvm(g) = strcol("granule") eq granule[g] && column("kvm") == 1
show(yes, value) = yes ? value : NaN

left(g) = 0.085 + 0.307 * (g - 1)
set multiplot
set xrange [xmin - 1:xmax + 1]
set xtics 8
set mxtics 4

set tmargin at screen 0.94
set bmargin at screen 0.57
set logscale y 2
set yrange [bytes_min / 2.0:bytes_max * 2.0]
set ytics ("64" 2**6, "256" 2**8, "1K" 2**10, "4K" 2**12, "16K" 2**14, "64K" 2**16, \
    "256K" 2**18, "1M" 2**20)
unset key
set ylabel "bytes of tables for one page" offset 0.5
do for [g = 1:3] {
    set lmargin at screen left(g)
    set rmargin at screen left(g) + 0.26
    set title sprintf("%s pages", granule[g]) font "sans-serif Bold,15" offset 0,-0.4
    plot for [l = 1:5] data using (show(row(g, l), column("ipa_bits"))) \
            :(column("tables_1_page_bytes")) with linespoints lw 2 ps 0.45 \
            pt point_of(l - 1) lc rgb colour_of(l - 1), \
        data using (show(kvm(g), column("ipa_bits"))):(column("tables_1_page_bytes")) \
            with points pt 6 ps 1.05 lw 1.2 lc rgb "#000000"
    unset ylabel
}

unset logscale y
unset title
set tmargin at screen 0.49
set bmargin at screen 0.175
set yrange [0:reads_max + 3]
set ytics auto
set xlabel "IPA bits" offset 0,0.3
set ylabel sprintf("reads, guest VA of %d bits", host_va_bits) offset 0.5
do for [g = 1:3] {
    set lmargin at screen left(g)
    set rmargin at screen left(g) + 0.26
    plot for [l = 1:5] data using (show(row(g, l), column("ipa_bits"))) \
            :(column("nested_reads")) with linespoints lw 2 ps 0.45 \
            pt point_of(l - 1) lc rgb colour_of(l - 1), \
        data using (show(kvm(g), column("ipa_bits"))):(column("nested_reads")) \
            with points pt 6 ps 1.05 lw 1.2 lc rgb "#000000"
    unset ylabel
}

# The key, below all panels.
set lmargin at screen 0.02
set rmargin at screen 0.98
set tmargin at screen 0.08
set bmargin at screen 0.01
unset border
unset tics
unset xlabel
set key inside center center horizontal reverse Left samplen 2 maxrows 1
plot for [l = 1:5] NaN with linespoints lw 2 ps 0.8 pt point_of(l - 1) \
        lc rgb colour_of(l - 1) title sprintf("%d level%s", l, l == 1 ? "" : "s"), \
    NaN with points pt 6 ps 1.05 lw 1.2 lc rgb "#000000" title "KVM's choice"
unset multiplot
