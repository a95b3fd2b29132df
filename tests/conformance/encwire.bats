#!/usr/bin/env bats
# What a list of encodings, levels and qualities does to the bytes on the wire: taken apart and decoded by zlib and libjpeg-turbo,
# compared with XGetImage. One case of encwire.py each.

load viewers

setup_file() {
	rfbkit_setup
	# wide enough for an update of more parts than are sent together
	start_screen 1000x80
	DISPLAY=$SERVED xpaint >/dev/null <<-'END'
		fill 0 0 1000 80 d0d4d8
		page 0 0 256 80 1
		photo 256 0 384 80 2
		noise 700 10 40 40 3
		fill 800 10 150 30 204080
	END
	serve
	export PORT SERVED
}
teardown_file() { rfbkit_teardown; }

wire() { DISPLAY=$SERVED timeout $((PATIENCE * 2)) "$CONF/encwire.py" "$PORT" "$1"; }

@test "fine JPEG quality" { wire fine_quality; }
@test "JPEG quality levels" { wire quality_levels; }
@test "JPEG subsampling" { wire subsampling; }
@test "no quality listed, no loss" { wire no_quality_no_loss; }
@test "Tight without zlib" { wire tight_without_zlib; }
@test "TightPNG" { wire tight_png; }
@test "JPEG" { wire jpeg; }
@test "ZlibHex" { wire zlibhex; }
@test "ZYWRLE" { wire zywrle; }
@test "compression levels" { wire compression_levels; }
@test "LastRect" { wire last_rect; }
