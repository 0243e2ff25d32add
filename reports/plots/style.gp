# SPDX-License-Identifier: Apache-2.0
# Shared by all figures: terminal, fonts, colours by order of the variants (Okabe-Ito,
# told apart with every common colour blindness). In: out, svg_name, height_px.

set terminal svg size 960,height_px dynamic enhanced font "sans-serif,15" \
    background "#ffffff" linewidth 1 dashlength 0.8 name svg_name
set output out
set encoding utf8
set micro
set datafile separator comma
set datafile columnheaders

array colour[8] = [0xd55e00, 0xe69f00, 0x0072b2, 0x56b4e9, 0x707070, 0x009e73, \
    0xcc79a7, 0x000000]
array dash[8] = [1, 1, 1, 1, 1, 2, 2, 2]
array point[8] = [7, 5, 9, 11, 13, 6, 4, 8]
colour_of(order) = colour[1 + int(order) % 8]
width_of(order) = order < 5 ? 4.2 - 0.65 * order : 1.4 # equal curves stay visible
dash_of(order) = dash[1 + int(order) % 8]
point_of(order) = point[1 + int(order) % 8]

set border 3 lc rgb "#444444" lw 1
set tics nomirror out scale 0.6 textcolor rgb "#222222"
set grid lc rgb "#dddddd" lw 0.7 dt 1
set key noenhanced

# Nanoseconds with three significant digits and the unit that fits.
human(ns) = ns <= 0 ? "0" : ns >= 1e9 ? sprintf("%.3g s", ns / 1e9) \
    : ns >= 1e6 ? sprintf("%.3g ms", ns / 1e6) \
    : ns >= 1e3 ? sprintf("%.3g µs", ns / 1e3) : sprintf("%.3g ns", ns)
