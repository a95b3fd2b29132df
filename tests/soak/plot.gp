# What a soak measured: gnuplot -e "samples='samples.tsv'; out='soak.svg'; what='five minutes …'" plot.gp
set terminal svg size 900,900 font 'sans-serif,12' background '#ffffff'
set output out
set datafile separator '\t'
set key autotitle columnhead outside right top
set grid ytics lc '#dddddd'
set xlabel
set multiplot layout 3,1 title what
set ylabel 'memory (PSS), MiB'
set yrange [0:*]
plot for [part in "worker monitor capture input recorder stat supervision"] samples using 't':(column(part)/1024) with lines lw 1.5 title part
set ylabel 'number'
plot samples using 't':'descriptors' with lines lw 1.5 title 'descriptors', \
	samples using 't':'processes' with lines lw 1.5 title 'processes', \
	samples using 't':'kills' with lines lw 1.5 title 'kills'
set ylabel 'viewers; CPU, % of one core'
set xlabel 'seconds'
plot samples using 't':'viewers' with lines lw 1.5 title 'viewers', \
	samples using 't':'cpu' with lines lw 1 title 'CPU, without X'
unset multiplot
