#!/usr/bin/python3
"""pseudo.py PORT SOURCE LOG CASE: what a viewer is told beside pixels, in bytes, against a source that says what there is to tell
(lines for fbsgen, written to the FIFO SOURCE). Exit 0 when it holds, 1 with the reason when not."""
import os
import struct
import sys
import time

sys.dont_write_bytecode = True
from rfbwire import (ALPHA_CURSOR, CONTINUOUS, COPYRECT, CURSOR, EXT_CLIPBOARD, EXT_DESKTOP_SIZE, EXT_MOUSE, FENCE, NAME, POINTER_POS,
                     QEMU_KEYS, QEMU_LEDS, RAW, VMWARE_CURSOR, VMWARE_LEDS, VMWARE_POINTER, XCURSOR, Picture, Viewer, run)

PORT = int(sys.argv[1])
source = open(sys.argv[2], "w", buffering=1)


def say(*lines):
    source.write("\n".join(lines) + "\nframe\n")


def viewer(*encodings):
    v = Viewer(PORT).log_in()
    v.set_format("rgb888")
    v.set_encodings(RAW, *encodings)
    v.request(0)
    return v


def told(v, encoding, *also):
    """The next rectangle of this encoding; pixels may come before it, other news (but `also`) may not."""
    for _ in range(100):
        for r in v.update():
            if r.encoding == encoding:
                return r
            assert r.encoding in (RAW, COPYRECT) + also, f"not listed: {r.encoding}"
        v.request(1)
    raise AssertionError(f"never told of {encoding}")


def news(v, encoding, *lines):
    """The same, once the source has said these lines."""
    v.request(1)
    say(*lines)
    return told(v, encoding)


# --- cursors: red, half-transparent, nothing; blue, white, black ------------------------------------------------

def cursor_case(encoding, check):
    say("cursor shown")
    v = viewer(encoding)
    r = told(v, encoding)
    assert (r.x, r.y, r.w, r.h) == (1, 1, 3, 2), "hot spot and size"
    check(r.data)
    r = news(v, encoding, "cursor hidden")
    if encoding == VMWARE_CURSOR:       # which cannot be empty
        assert (r.w, r.h, r.data[2:]) == (1, 1, bytes(4))
    else:
        assert (r.w, r.h) == (0, 0)
    check(news(v, encoding, "cursor shown").data)
    v.set_encodings(RAW)
    v.request(1)
    v.set_encodings(RAW, encoding)      # listed anew: told anew
    v.request(1)
    check(told(v, encoding).data)
    return v


def near(got, want):
    return all(abs(a - b) <= 1 for a, b in zip(got, want)) and len(got) == len(want)


STRAIGHT = bytes.fromhex("ff0000ff 80402080 00000000 0000ffff ffffffff 000000ff")


def case_cursor():
    def check(data):
        assert near(data[:24], bytes.fromhex("0000ff00 20408000 00000000 ff000000 ffffff00 00000000")), data.hex()
        assert data[24:] == b"\xc0\xe0", "the mask"
    v = cursor_case(CURSOR, check)
    v.set_format("rgb565")              # its pixels are the viewer's
    v.request(1)
    r = told(v, CURSOR)
    assert len(r.data) == 12 + 2 and r.data[:2] == b"\x00\xf8" and r.data[6:8] == b"\x1f\x00", r.data.hex()


def case_xcursor():
    def check(data):
        assert data[:3] == b"\xff\xff\xff" and data[6:8] == b"\x00\x40", "white is the only light pixel"
        assert data[8:] == b"\xc0\xe0", "the mask"
    cursor_case(XCURSOR, check)


def case_alpha_cursor():
    def check(data):
        assert data[:4] == bytes(4), "Raw within"
        assert data[4:] == bytes.fromhex("ff0000ff 40201080 00000000 0000ffff ffffffff 000000ff"), "premultiplied"
    cursor_case(ALPHA_CURSOR, check)


def case_vmware_cursor():
    def check(data):
        assert data[:2] == b"\x01\x00" and near(data[2:], STRAIGHT), data.hex()
    cursor_case(VMWARE_CURSOR, check)


def case_best_cursor():
    """One cursor, in the best form that is listed."""
    say("cursor shown")
    order = [ALPHA_CURSOR, VMWARE_CURSOR, CURSOR, XCURSOR]
    while order:
        v = viewer(*reversed(order))
        told(v, order.pop(0))
        v.close()


def case_painted_cursor():
    say("cursor shown", "pointer 100 50")
    v = viewer()
    picture = Picture(v.w, v.h)

    def at(x, y):
        return bytes(picture.rows[y][4 * x:4 * x + 3]).hex()

    def until(condition):
        end = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < end, "the cursor is not painted where it is"
            picture.apply(v.update())
            v.request(1)
    until(lambda: at(99, 49) == "0000ff" and at(99, 50) == "ff0000" and at(100, 50) == "ffffff" and at(101, 49) == "204060")
    say("pointer 20 30")
    until(lambda: at(99, 49) == at(100, 50) == "204060" and at(19, 29) == "0000ff")
    v.set_encodings(RAW, CURSOR)        # it draws its own from now on
    until(lambda: at(19, 29) == at(20, 30) == "204060")


# --- the rest -----------------------------------------------------------------------------------------------------

def case_pointer():
    say("cursor shown")
    for encoding in (POINTER_POS, VMWARE_POINTER):
        say("pointer 7 8")
        v = viewer(CURSOR, encoding)
        while ((r := told(v, encoding, CURSOR)).x, r.y) != (7, 8):    # where it was before
            v.request(1)
        assert (r.w, r.h) == (0, 0)
        for x, y in ((150, 99), (0, 0), (299, 199)):
            r = news(v, encoding, f"pointer {x} {y}")
            assert (r.x, r.y) == (x, y), (r.x, r.y)
        v.request(1)
        say("pointer off")      # in a part of the screen that is not captured: no news, and no end
        assert v.silent_for(0.3)
        r = news(v, encoding, "pointer 5 6")
        assert (r.x, r.y) == (5, 6), (r.x, r.y)


def case_desktop_name():
    v = viewer(NAME)
    assert news(v, NAME, "name größer").data.decode() == "größer"
    v.request(1)
    assert news(v, NAME, "name x").data == b"x"
    assert Viewer(PORT).log_in().name == "x"


def case_leds():
    v = viewer()
    v.update()
    v.set_encodings(RAW, QEMU_LEDS)
    v.request(1)
    assert v.silent_for(0.3), "of lamps nothing is known yet"
    assert news(v, QEMU_LEDS, "leds 2").data == b"\x02"
    for encoding, data in ((QEMU_LEDS, b"\x05"), (VMWARE_LEDS, b"\x00\x00\x00\x05")):
        say("leds 0")
        v = viewer(encoding)
        while any(told(v, encoding).data):   # what was lit before
            v.request(1)
        assert news(v, encoding, "leds 5").data == data
        v.request(1)
        assert news(v, encoding, "leds 2").data == data[:-1] + b"\x02"


def case_keys_and_buttons_are_announced():
    for encoding in (QEMU_KEYS, EXT_MOUSE):
        r = told(viewer(encoding), encoding)
        assert (r.x, r.y, r.w, r.h) == (0, 0, 0, 0)


def case_bell():
    both = [viewer(), viewer(CURSOR)]
    for v in both:
        v.update()
        v.request(1)
    say("bell")
    for v in both:
        while v.message()[0] != "bell":
            pass


def case_nothing_unlisted():
    """Whatever happens, who lists nothing is sent pixels only."""
    v = viewer()
    v.update()
    for n in range(5):
        v.request(1)
        say(f"name n{n}", f"leds {n}", f"pointer {40 + n} 40", "cursor shown", "fill 0 0 9 9 %06x" % n, "report 0 0 9 9")
        assert all(r.encoding in (RAW, COPYRECT) for r in v.update())


def case_desktop_size_status():
    """SetDesktopSize where it is not allowed, and of impossible sizes: an honest status, alone, and nothing changes."""
    v = viewer(EXT_DESKTOP_SIZE)
    first = told(v, EXT_DESKTOP_SIZE)
    assert (first.x, first.y) == (0, 0)
    v.update()
    screen = struct.pack(">IHHHHI", 0, 0, 0, 100, 100, 0)
    for size, screens in (((100, 100), 1), ((0, 0), 0), ((65535, 65535), 255)):
        v.send(struct.pack(">BxHHBx", 251, *size, screens), screen * screens)
        v.request(1)
        r = told(v, EXT_DESKTOP_SIZE)
        assert r.x == 1 and r.y != 0 and (r.w, r.h) == (v.w, v.h), (r.x, r.y, r.w, r.h)


def case_own_view():
    """With -R view SetDesktopSize changes what that viewer is shown, and nothing else."""
    say("fill 200 100 20 20 0000ff", "report 200 100 20 20")
    other, v = viewer(EXT_DESKTOP_SIZE), viewer(EXT_DESKTOP_SIZE)
    told(v, EXT_DESKTOP_SIZE)

    def follow(until, what):
        """Asks for everything, takes what comes, until the picture is as it should be."""
        picture = Picture(v.w, v.h)
        v.request(0)
        end = time.monotonic() + 20
        while not until(picture):
            assert time.monotonic() < end, what
            rects = [r for r in v.update() if r.encoding != EXT_DESKTOP_SIZE]
            assert all(r.x + r.w <= v.w and r.y + r.h <= v.h for r in rects), "a rectangle beyond its size"
            picture.apply(rects)
            v.request(1)

    def pixel(picture, x, y):
        return bytes(picture.rows[y][4 * x:4 * x + 3]).hex()

    for asked, size in (((120, 80), (120, 80)), ((4000, 60), (300, 60)), ((90, 70), (90, 70))):
        v.send(struct.pack(">BxHHBx", 251, *asked, 0))
        v.request(1)
        r = told(v, EXT_DESKTOP_SIZE)
        assert (r.x, r.y, r.w, r.h) == (1, 0, *size), (r.x, r.y, r.w, r.h)
        v.w, v.h = size
        follow(lambda p: pixel(p, v.w - 1, v.h - 1) == "204060", "the picture does not come")
    # what moves into it from where it does not see is sent as pixels
    say("copy 200 100 20 20 10 10")
    follow(lambda p: pixel(p, 10, 10) == pixel(p, 29, 29) == "ff0000", "a copy from beyond is not seen")
    v.send(struct.pack(">BxHHBx", 251, 0, 5, 0))
    v.request(1)
    r = told(v, EXT_DESKTOP_SIZE)
    assert (r.x, r.y, r.w, r.h) == (1, 3, 90, 70), "an impossible size"
    v.send(struct.pack(">BxHHBx", 251, 300, 200, 0))
    v.request(1)
    r = told(v, EXT_DESKTOP_SIZE)
    assert (r.x, r.y, r.w, r.h) == (1, 0, 300, 200), "the whole again"
    v.w, v.h = 300, 200
    follow(lambda p: pixel(p, 219, 119) == "ff0000" and pixel(p, 299, 199) == "204060", "the whole picture does not come")
    told(other, EXT_DESKTOP_SIZE)
    other.request(1)
    say("fill 0 0 9 9 000000", "report 0 0 9 9")
    other.update()
    assert all(s[2:] == (300, 200) for s in other.sizes), "another viewer's size changed"


# --- what is wrong ---------------------------------------------------------------------------------------------------

def cut(flags, data):
    return struct.pack(">B3xiI", 6, -4 - len(data), flags) + data


CLIP = (EXT_CLIPBOARD,)
# what is sent, after listing what; what the log says when that closes the viewer, None when it does not
WRONG = [
    (b"\xc8" + bytes(40), (), "unknown message type"),
    (b"\x00\0\0\0" + bytes([24, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0]), (), "pixel format"),
    (b"\xff\x09\0\0" + bytes(8), (), "unknown message type"),                      # QEMU, sub-type 9
    (b"\xff\x01\0\x07" + bytes(8), (), "value"),                                   # QEMU audio, operation 7
    (struct.pack(">B3xI", 6, 0x80000000), (), "length"),                           # the extended form, unlisted
    (struct.pack(">B3xi", 6, -3), CLIP, "length"),                                 # shorter than its flags
    (cut(1 << 28 | 1, b"this is no zlib stream"), CLIP, "clipboard: damaged compressed data"),
    (cut(1 << 28 | 1, b"\x78\x9c"), CLIP, "clipboard: damaged compressed data"),                    # cut off
    (struct.pack(">BBHHHH", 150, 1, 0, 0, 9, 9), (), "continuous updates"),        # unlisted
    # not what was meant, but nothing to hang up for
    (struct.pack(">BBHHHH", 150, 1, 9000, 9000, 9, 9), (CONTINUOUS, FENCE), None),
    (struct.pack(">BBHHHH", 150, 0, 0, 0, 9, 9) * 50, (CONTINUOUS, FENCE), None),  # off, again and again
    (struct.pack(">B3xIB", 248, 0xffffffff, 255) + bytes(255), (FENCE,), None),
    (struct.pack(">B3xIB", 248, 0x80000000, 0) * 50, (FENCE,), None),
    (struct.pack(">B3xIB", 248, 0, 4) + b"\xff\xff\xff\xff", (FENCE,), None),      # an answer to nothing
    (struct.pack(">B3xIB", 248, 0x80000007, 64) + bytes(64), (), None),            # unlisted
    (cut(1 << 24, b"") + cut(0xffffffff, bytes(64)) + cut(1 << 26, b"") * 20, CLIP, None),
    (cut(1 << 28 | 2, b"html is not read"), CLIP, None),
    (struct.pack(">BxHHBx", 251, 9, 9, 0), (), None),                              # unlisted SetDesktopSize
    (struct.pack(">BxBB", 250, 1, 4), (), None),                                   # xvp, unlisted
    (b"\xff\x00\0\1" + bytes(4) + b"\xff\xff\xff\xff", (), None),                  # QEMU key, no such code
    (struct.pack(">BBHH", 5, 0xff, 65535, 65535), (), None),
    (struct.pack(">BBHHB", 5, 0xff, 65535, 65535, 0xff), (EXT_MOUSE,), None),
    (struct.pack(">BBHHHH", 3, 255, 65535, 65535, 65535, 65535) * 50, (), None),
    (struct.pack(">BxH", 2, 0) + struct.pack(">BxHi", 2, 1, 0) * 200, (), None),
    (struct.pack(">B3xBBBBHHHBBB3x", 0, 32, 24, 0, 1, 255, 255, 255, 16, 8, 0) * 200, (), None),
    (struct.pack(">B3xI", 6, 0) * 50, (), None),
]


def case_wrong_messages():
    import re
    honest = viewer()
    honest.update()
    for bytes_, listed, reason in WRONG:
        v = viewer(*listed)
        v.update()
        before = os.path.getsize(sys.argv[3])
        v.send(bytes_)
        if reason is None:
            v.request(0, 0, 0, 8, 8)
            end = time.monotonic() + 20
            while not any(r.encoding == RAW for r in v.update()):
                assert time.monotonic() < end
                v.request(0, 0, 0, 8, 8)
            v.close()
        else:
            assert v.is_closed(), f"{bytes_[:20]} is passed over"
            end = time.monotonic() + 20
            while not re.search("closed: .*" + reason, open(sys.argv[3]).read()[before:]):
                assert time.monotonic() < end, f"{bytes_[:20]}: the log does not say: {reason}"
                time.sleep(0.02)
        honest.request(0, 0, 0, 16, 16)
        assert sum(r.w * r.h for r in honest.update() if r.encoding == RAW) >= 256, "who is beside is not served"


run(globals()["case_" + sys.argv[4]])
