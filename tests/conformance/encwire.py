#!/usr/bin/python3
"""encwire.py PORT CASE: what a viewer's list of encodings does to the bytes of one whole picture of $DISPLAY. Exit 0 when it holds,
1 with the reason when not."""
import math
import subprocess
import sys

sys.dont_write_bytecode = True
from pixelview import (COMPRESS_0, FINE_QUALITY_0, JPEG, LAST_RECT, QUALITY_0, RAW, SUBSAMPLE_1X, TIGHT, TIGHT_NOZLIB, TIGHTPNG, ZLIB,
                       ZLIBHEX, ZRLE, ZYWRLE, PixelView, psnr)
from rfbwire import run

PORT = int(sys.argv[1])
# ITU-T T.81, table K.1, in the zigzag order of the file
LUMA = (16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40, 26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58, 51, 61, 60, 57, 51, 56, 55,
        64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87, 95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99)
SHOWN = subprocess.run(["xshot"], stdout=subprocess.PIPE, check=True).stdout.split(b"\n", 3)[3]


def whole(*encodings):
    return PixelView(PORT, *encodings).whole()


def exact(v):
    assert bytes(v.picture) == SHOWN, f"not the display's picture: {psnr(v.picture, SHOWN):.1f} dB"
    return v


def becomes_exact(v):
    """What is lossy is sent again until it is not."""
    for _ in range(1000):
        if bytes(v.picture) == SHOWN:
            break
        v.request(1)
        v.update()
    exact(v)


def jpegs(v):
    found = [d for how, d in v.pieces if how == "jpeg"]
    assert found, "no JPEG"
    return found


def quantised(percent):
    """The luma table that libjpeg makes of a quality."""
    scale = 5000 // percent if percent < 50 else 200 - 2 * percent
    return bytes(min(max((k * scale + 50) // 100, 1), 255) for k in LUMA)


def likeness(encodings, least):
    v = whole(*encodings)
    got = psnr(v.picture, SHOWN)
    assert least <= got, f"{encodings}: {got:.1f} dB"
    return v, got


def case_fine_quality():
    """Each percentage has libjpeg's own table; better costs more and is better."""
    last = 0, 0
    for percent in (0, 1, 15, 50, 77, 95, 100):
        v = whole(TIGHT, QUALITY_0 + 2, FINE_QUALITY_0 + percent)
        for j in jpegs(v):
            assert j.tables[0] == quantised(max(percent, 1)), f"{percent} %: {list(j.tables[0][:8])}"
        this = psnr(v.picture, SHOWN), v.amount
        assert percent == 1 or (this[0] > last[0] and this[1] > last[1]), f"{percent} %: {this} after {last}"
        last = this


def case_quality_levels():
    """The ten levels are TigerVNC's percentages, the lowest two one more, and its subsamplings; each costs more than the one before."""
    last = 0
    for level, (percent, sampling) in enumerate(((16, (2, 2)), (30, (2, 2)), (41, (2, 2)), (42, (2, 1)), (62, (2, 1)), (77, (2, 1)), (79, (1, 1)),
                                                 (86, (1, 1)), (92, (1, 1)), (100, (1, 1)))):
        v, _ = likeness((TIGHT, QUALITY_0 + level), 36 + level)
        assert all(j.tables[0] == quantised(percent) and j.sampling[0] == sampling for j in jpegs(v)), f"level {level}"
        assert v.amount > last, f"level {level}: {v.amount} bytes after {last}"
        last = v.amount


def case_subsampling():
    one = (1, 1)
    for n, want in enumerate(([one] * 3, [(2, 2), one, one], [(2, 1), one, one], [one], [(2, 2), one, one], [(2, 2), one, one])):
        for encoding in TIGHT, JPEG, TIGHTPNG:
            v = whole(encoding, FINE_QUALITY_0 + 80, SUBSAMPLE_1X + n)
            assert all(j.sampling == want for j in jpegs(v)), f"{SUBSAMPLE_1X + n}: {jpegs(v)[0].sampling}"


def case_no_quality_no_loss():
    """Subsampling alone, or none of both: no JPEG."""
    for encodings in (TIGHT,), (TIGHT, SUBSAMPLE_1X), (TIGHTPNG,), (TIGHT, COMPRESS_0 + 3):
        assert "jpeg" not in [how for how, _ in exact(whole(*encodings)).pieces]


def case_tight_without_zlib():
    for encodings in (TIGHT, TIGHT_NOZLIB), (TIGHT_NOZLIB, COMPRESS_0 + 9, TIGHT):
        hows = [how for how, _ in exact(whole(*encodings)).pieces]
        assert "plain" in hows and "basic" not in hows, set(hows)
    hows = [how for how, _ in whole(TIGHT, TIGHT_NOZLIB, QUALITY_0 + 8).pieces]
    assert "jpeg" in hows and "basic" not in hows, set(hows)
    hows = [how for how, _ in exact(whole(TIGHT)).pieces]
    assert "basic" in hows and "plain" not in hows, set(hows)


def case_tight_png():
    hows = [how for how, _ in exact(whole(TIGHTPNG)).pieces]
    assert "png" in hows, set(hows)
    v, _ = likeness((TIGHTPNG, QUALITY_0 + 8), 35)
    assert {"png", "jpeg"} <= {how for how, _ in v.pieces}


def case_jpeg():
    """JPEG alone, and at the default where no quality is listed; what cannot be lossy for ever becomes exact."""
    for encodings, percent, least in ((JPEG,), 92, 35), ((JPEG, FINE_QUALITY_0 + 50), 50, 24):
        v, _ = likeness(encodings, least)
        assert {how for how, _ in v.pieces} == {"jpeg"} and all(j.tables[0] == quantised(percent) for j in jpegs(v))
    becomes_exact(v)


def case_zlibhex():
    hows = {how for how, _ in exact(whole(ZLIBHEX)).pieces}
    assert {"deflated raw tile", "deflated tile"} <= hows, hows


def case_compression_levels():
    """Exact at every level, and none larger than the one before, but for the few bytes in which igzip's level 2 differs from one thread's
    instance to another's, whatever that compressed before."""
    for encoding in TIGHT, ZLIB, ZLIBHEX, TIGHTPNG, ZRLE:
        sizes = [exact(whole(encoding, COMPRESS_0 + level)).amount for level in range(10)]
        assert all(b <= a * 1.001 for a, b in zip(sizes, sizes[1:])) and sizes[9] < sizes[0], f"{encoding}: {sizes}"


def case_zywrle():
    """At quality 9 no level of the wavelet, and so what ZRLE would be, exact; each further level (of 8, 5 and 2) makes it smaller and
    less like, but still like; and what is lossy becomes exact."""
    last = exact(whole(ZYWRLE, QUALITY_0 + 9)).amount, math.inf
    for level, least in (8, 42), (5, 27.5), (2, 27):
        v, got = likeness((ZYWRLE, QUALITY_0 + level), least)
        assert v.amount < last[0] and got < last[1], f"quality {level}: {v.amount} bytes, {got:.1f} dB after {last}"
        last = v.amount, got
    becomes_exact(v)


def case_last_rect():
    """Where it is listed an update may begin before it is known what there will be; elsewhere the count is true."""
    listed, plain = PixelView(PORT, TIGHT, LAST_RECT), PixelView(PORT, TIGHT)
    for v, want in (listed, True), (plain, False):
        counts = []
        for _ in range(3):
            v.request(0)
            v.update()
            counts.append(v.count)
        assert (0xFFFF in counts) == want, counts
        exact(v)


run(globals()["case_" + sys.argv[2]])
