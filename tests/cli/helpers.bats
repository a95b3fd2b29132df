# The helper library itself: a test that cannot clean up after itself proves nothing.
load helpers

@test "an Xvfb starts on a free display and xpaint's pixels are seen by xshot" {
	start_x x 320x200
	printf '%s\n' 'fill 0 0 320 200 102030' 'fill 10 20 5 5 ff8000' | xpaint
	shot "$T/a.ppm"
	assert_equal "$(pixel "$T/a.ppm" 0 0)" 102030
	assert_equal "$(pixel "$T/a.ppm" 10 20)" ff8000
	assert_equal "$(pixel "$T/a.ppm" 15 20)" 102030
	echo 'noise 0 0 64 64 7' | xpaint
	shot "$T/b.ppm"
	run same_pixels "$T/a.ppm" "$T/b.ppm"
	assert_failure
}

@test "Xtigervnc serves as an X server that RandR can resize" {
	start_xvnc x 640x480
	xrandr -d "$DISPLAY" --size 800x600
	run xdpyinfo
	assert_output --partial '800x600 pixels'
}

@test "an orphan is found by its mark and reported" {
	bash -c 'sleep 1000 & disown' 3>&-
	wait_for pids_of sleep
	local orphan=$(pids_of sleep)
	assert [ -n "$orphan" ]
	kill "$orphan"
	wait_for gone "$orphan"
	assert_equal "$(marked)" ""
}

@test "stopping reaches every process of a pipeline" {
	start_sh pipe 'sleep 1001 | sleep 1002 | sleep 1003'
	wait_for eval '[[ $(pids_of sleep | wc -l) = 3 ]]'
	stop "$pipe"
	assert_equal "$(pids_of sleep)" ""
}

@test "a condition that never comes true fails in bounded time" {
	run wait_for -t 1 false
	assert_failure
	assert_output 'waited 1 s in vain for: false'
}

@test "ports are free and handed out once" {
	local a=$(free_port) b=$(free_port)
	assert_not_equal "$a" "$b"
	run port_listens "$a"
	assert_failure
	start listener socat TCP-LISTEN:"$a",bind=127.0.0.1 STDOUT
	wait_port "$a"
}

@test "cpu time is read for all threads" {
	start busy timeout 20 dash -c 'while :; do :; done'
	wait_for eval '(( $(cpu_us $(pids_of dash)) > 50000 ))'
}
