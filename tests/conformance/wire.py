#!/usr/bin/python3
"""wire.py PORT CASE [DISPLAY]: one test of the protocol in bytes; exit 0 when it holds, 1 with the reason when not."""
import os
import socket
import struct
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from rfbwire import (CONTINUOUS, COPYRECT, CURSOR, DESKTOP_SIZE, EXT_DESKTOP_SIZE, FENCE, FORMATS, LAST_RECT, RAW, TIGHT, ZLIB, ZRLE,
                     Picture, Viewer, run)

PORT = int(sys.argv[1])


def paint(lines):
    subprocess.run(["xpaint"], input=lines.encode(), stdout=subprocess.DEVNULL, check=True)


def display_rgb():
    ppm = subprocess.run(["xshot"], stdout=subprocess.PIPE, check=True).stdout
    return ppm.split(b"\n", 3)[3]


def logged_in(*encodings):
    """Draws its own pointer, so that none is painted into the picture."""
    v = Viewer(PORT).log_in()
    v.set_format("rgb888")
    v.set_encodings(*(encodings or (RAW,)), CURSOR)
    return v


def first_update(v):
    """All of the first full picture, which may come in several updates."""
    v.request(0)
    picture = Picture(v.w, v.h)
    area = 0
    while area < v.w * v.h:
        rects = v.update()
        picture.apply(rects)
        area += sum(r.w * r.h for r in rects if r.encoding >= 0)
        if area < v.w * v.h:
            v.request(1)
    return picture


def settle(v, picture, seconds=int(os.environ.get("PATIENCE", 30))):
    """Follows the screen until it is that of the display."""
    end = time.monotonic() + seconds
    while picture.rgb() != display_rgb():
        assert time.monotonic() < end, "the picture does not become the display's"
        v.request(1)
        if not v.silent_for(0.3):
            picture.apply(v.update())


# --- the handshake ---------------------------------------------------------------------------------------

def case_version_33():
    for version in (b"RFB 003.003\n", b"RFB 003.004\n", b"RFB 003.005\n", b"RFB 003.006\n"):
        v = Viewer(PORT)
        assert v.hello(version) == b"RFB 003.008\n"
        assert v.unpack(">I") == (1,), "3.3: the server says the type"
        v.send(b"\x01")
        v.server_init()
        v.close()


def case_version_37():
    v = Viewer(PORT)
    v.hello(b"RFB 003.007\n")
    assert 1 in v.types()
    v.send(b"\x01\x01")
    assert v.server_init().w > 0, "3.7: no SecurityResult after None"


def case_version_38_and_later():
    for version in (b"RFB 003.008\n", b"RFB 003.009\n", b"RFB 003.010\n"):
        v = Viewer(PORT)
        v.hello(version)
        assert 1 in v.types()
        v.send(b"\x01")
        assert v.unpack(">I") == (0,)
        v.send(b"\x01")
        v.server_init()
        v.close()


def case_version_889():
    v = Viewer(PORT)
    v.hello(b"RFB 003.889\n")
    assert 1 in v.types()
    v.send(b"\x01")
    assert v.server_init().w > 0, "003.889: neither SecurityResult nor ClientInit after None"


def case_server_init():
    v = Viewer(PORT).log_in()
    assert v.format == (32, 24, 0, 1, 255, 255, 255, 16, 8, 0), v.format
    assert v.name


def case_not_rfb():
    for rubbish in (b"HELLO WORLD!", b"RFB 00x.008\n", b"\0" * 12, b"RFB 003.008 "):
        v = Viewer(PORT)
        v.recv(12)
        v.send(rubbish)
        assert v.is_closed(), f"{rubbish} is accepted"


def case_type_not_offered():
    v = Viewer(PORT)
    v.hello()
    assert 77 not in v.types()
    v.send(b"\x4d")
    assert v.unpack(">I") == (1,), "3.8: SecurityResult says failed"
    assert v.reason(), "3.8: with a reason"
    assert v.is_closed()


def case_byte_by_byte():
    v = Viewer(PORT)
    v.recv(12)
    for b in b"RFB 003.008\n":
        v.send(bytes([b]))
        time.sleep(0.005)
    v.types()
    v.send(b"\x01")
    v.recv(4)
    v.send(b"\x01")
    v.server_init()
    for b in struct.pack(">BxHi", 2, 1, RAW) + struct.pack(">BBHHHH", 3, 0, 0, 0, 16, 16):
        v.send(bytes([b]))
        time.sleep(0.002)
    assert sum(r.w * r.h for r in v.update() if r.encoding == RAW) == 256


def case_everything_at_once():
    """The viewer does not wait for answers."""
    v = Viewer(PORT)
    v.send(b"RFB 003.008\n\x01\x01", struct.pack(">BxHi", 2, 1, RAW), struct.pack(">BBHHHH", 3, 0, 0, 0, 16, 16))
    v.recv(12)
    v.types()
    v.recv(4)
    v.server_init()
    assert v.update()


# --- requests ----------------------------------------------------------------------------------------------

def case_held_request():
    v = logged_in()
    picture = first_update(v)
    settle(v, picture)
    v.request(1)
    assert v.silent_for(0.7), "an update without a change"
    paint("fill 40 40 30 20 123456\n")
    rects = v.update()
    picture.apply(rects)
    assert all(r.encoding in (RAW, COPYRECT) for r in rects)
    assert picture.rgb() == display_rgb()
    assert v.silent_for(0.4), "two answers to one request"


def case_full_request_is_always_answered():
    v = logged_in()
    settle(v, first_update(v))
    for _ in range(3):
        v.request(0, 8, 8, 32, 32)
        rects = v.update()
        assert sum(r.w * r.h for r in rects if r.encoding == RAW) >= 32 * 32
        v.request(1)        # held: nothing changes


def case_requests_beyond_the_screen():
    v = logged_in()
    v.request(0, v.w - 10, v.h - 10, 500, 500)
    assert all(r.x + r.w <= v.w and r.y + r.h <= v.h for r in v.update())
    v.request(0, 60000, 60000, 100, 100)
    v.request(0, 5, 5, 0, 0)
    v.request(0, 65535, 65535, 65535, 65535)
    v.request(0, 0, 0, 16, 16)
    assert sum(r.w * r.h for r in v.update()) >= 256


def case_only_what_was_asked_for():
    v = logged_in()
    v.request(0, 100, 100, 50, 40)
    rects = v.update()
    assert all(100 <= r.x and r.x + r.w <= 150 and 100 <= r.y and r.y + r.h <= 140 for r in rects if r.encoding == RAW), "pixels outside the request"


# --- formats and encodings -------------------------------------------------------------------------------------

def case_format_switches():
    v = logged_in()
    first_update(v)
    for n in range(30):
        v.set_format(("rgb332", "rgb888", "rgb565")[n % 3])
        v.set_encodings(*((RAW,), (TIGHT, RAW), (ZRLE, RAW))[n // 2 % 3], COPYRECT, LAST_RECT)
        paint(f"photo {n * 9} 100 120 90 {n}\n")
        v.request(0)
        assert v.update()
    v.set_format("rgb888")
    v.set_encodings(RAW, CURSOR)
    picture = first_update(v)
    settle(v, picture)


def case_colour_map():
    v = logged_in()
    v.set_format("map")
    v.set_encodings(RAW)
    v.request(0, 0, 0, 64, 64)
    kind, contents = v.message()
    assert kind == "colours" and contents[0] == 0 and len(contents[1]) == 256, "the colour map comes first"
    rects = v.update()
    colours, rgb = contents[1], display_rgb()
    r = rects[0]
    for y in range(r.h):
        for x in range(r.w):
            got = colours[r.data[y * r.w + x]]
            at = 3 * ((r.y + y) * v.w + r.x + x)
            want = [round(round(c * m / 255) * 65535 / m) for c, m in zip(rgb[at:at + 3], (7, 7, 3))]
            assert all(abs(a - b) < 300 for a, b in zip(got, want)), (x, y, got, want)


def case_bad_format():
    for f in ((24, 24, 0, 1, 255, 255, 255, 16, 8, 0), (32, 24, 0, 1, 254, 255, 255, 16, 8, 0), (32, 24, 0, 1, 255, 255, 255, 16, 16, 0),
              (16, 16, 0, 1, 31, 63, 31, 14, 5, 0), (0, 0, 0, 1, 255, 255, 255, 16, 8, 0), (32, 24, 0, 0, 255, 255, 255, 16, 8, 0)):
        v = Viewer(PORT).log_in()
        v.set_format(f)
        v.bytes_per_pixel = 4
        v.request(0, 0, 0, 8, 8)
        assert v.is_closed(), f"the format {f} is accepted"


def case_depth_zero():
    v = Viewer(PORT).log_in()
    v.set_format((32, 0, 0, 1, 255, 255, 255, 16, 8, 0))
    v.set_encodings(RAW, CURSOR)
    settle(v, first_update(v))


def case_encodings_replace():
    v = logged_in(TIGHT, COPYRECT, LAST_RECT, CURSOR)
    v.request(0)
    encodings = set()
    while TIGHT not in encodings:
        encodings |= {r.encoding for r in v.update()}
        v.request(0)
    v.update()
    v.set_encodings(RAW)
    for n in range(5):
        paint(f"photo 0 0 200 200 {n}\ncopy 0 0 200 200 300 300\n")
        v.request(0)
        rects = v.update()
        assert v.count != 0xFFFF, "LastRect was taken back"
        assert all(r.encoding == RAW for r in rects), "only Raw is listed now"


def case_many_encodings():
    v = Viewer(PORT).log_in()
    v.set_encodings(*([RAW] + [100000 + i for i in range(60000)]))
    v.request(0, 0, 0, 16, 16)
    assert v.update()


def case_ext_desktop_size():
    v = logged_in(RAW, EXT_DESKTOP_SIZE, DESKTOP_SIZE)
    v.request(0)
    rects = v.update()
    assert EXT_DESKTOP_SIZE not in [r.encoding for r in rects] or len(rects) == 1, "sizes come alone"
    if rects[0].encoding != EXT_DESKTOP_SIZE:
        v.request(0)
        rects = v.update()
    assert len(rects) == 1 and rects[0].encoding == EXT_DESKTOP_SIZE, "ExtendedDesktopSize answers a full request, alone"
    assert v.sizes[0][2:] == (v.w, v.h) and v.sizes[0][:2] == (0, 0)
    assert len(rects[0].data) >= 16, "at least one screen"
    assert any(r.encoding == RAW for r in v.update()), "and pixels follow for the same request"


def case_fence():
    v = logged_in(RAW, FENCE)
    v.send(struct.pack(">B3xIB", 248, 0x80000000 | 0x7ffffff0 | 7, 5), b"hello")
    while True:
        kind, contents = v.message()
        if kind == "fence" and not contents[0] & 0x80000000:
            break
    assert contents == (7, b"hello"), contents


def case_no_message_within_an_update():
    """What is asked for while an update goes out rectangle by rectangle is answered behind it."""
    v = logged_in(TIGHT, LAST_RECT, FENCE)
    asked = answered = streamed = 0
    for level in range(10):
        v.set_encodings(TIGHT, LAST_RECT, FENCE, CURSOR, -256 + level)     # another level: encoded anew
        v.request(0)
        for _ in range(15):
            v.send(struct.pack(">B3xIB", 248, 0x80000000, 6), b"answer")
            time.sleep(0.0003)
            asked += 1
        area = 0
        while area < v.w * v.h or answered < asked:
            kind, contents = v.message()
            if kind == "update":
                streamed += v.count == 0xFFFF
                area += sum(r.w * r.h for r in contents if r.encoding >= 0)
            elif kind == "fence" and not contents[0] & 0x80000000:
                assert contents == (0, b"answer"), contents
                answered += 1
    assert streamed, "no update was of an unknown number of rectangles"


def case_fence_and_format():
    """A format set behind a fence that asks for this holds from the fence's answer on, not before: what was being encoded is in the old one."""
    formats = {b"rgb565": 2, b"rgb888": 4}
    v = logged_in(ZLIB, FENCE, -247)
    for n in range(60):
        name = list(formats)[n % 2]
        v.request(0)
        time.sleep(0.0005 * (n % 12))
        v.send(struct.pack(">B3xIB", 248, 0x80000004, len(name)), name, struct.pack(">B3xBBBBHHHBBB3x", 0, *FORMATS[name.decode()]))
        area, answered = 0, False
        while area < v.w * v.h or not answered:
            kind, contents = v.message()
            if kind == "update":
                for r in contents:
                    if r.encoding == ZLIB:
                        pixels = len(v.zlib.decompress(r.data))
                        assert pixels == r.w * r.h * v.bytes_per_pixel, f"{pixels} bytes of {r.w}x{r.h} pixels of {v.bytes_per_pixel}"
                        area += r.w * r.h
            elif kind == "fence" and not contents[0] & 0x80000000:
                assert contents == (4, name), contents
                v.bytes_per_pixel = formats[name]
                answered = True


def case_continuous_updates():
    v = logged_in(RAW, FENCE, CONTINUOUS)
    seen = set()
    while "end of continuous updates" not in seen:
        seen.add(v.message()[0])
    picture = first_update(v)
    settle(v, picture)
    v.send(struct.pack(">BBHHHH", 150, 1, 0, 0, v.w, v.h))
    for n in range(5):
        paint(f"fill {10 * n} 300 30 30 {n:02x}8040\n")
        while picture.rgb() != display_rgb():
            kind, contents = v.message()
            if kind == "update":
                picture.apply(contents)
            elif kind == "fence" and contents[0] & 0x80000000:
                v.send(struct.pack(">B3xIB", 248, contents[0] & 7, len(contents[1])), contents[1])
    v.send(struct.pack(">BBHHHH", 150, 0, 0, 0, v.w, v.h))
    while v.message()[0] != "end of continuous updates":
        pass


# --- what must not hurt -----------------------------------------------------------------------------------------

def closes_after(*parts):
    v = logged_in()
    v.send(*parts)
    v.request(0, 0, 0, 8, 8)
    return v.is_closed()


def case_unknown_message():
    assert closes_after(b"\xc8" + b"\0" * 40), "a message of type 200 is passed over"


def case_huge_cut_text():
    v = logged_in()
    v.send(struct.pack(">B3xI", 6, 0x7fffffff), b"x" * 100000)
    honest = logged_in()
    honest.request(0, 0, 0, 16, 16)
    assert honest.update()


def case_asks_and_takes_nothing():
    """Whose answers would fill memory is closed; who asks as much and takes it stays."""
    fence = struct.pack(">B3xIB", 248, 0x80000000, 64) + bytes(64)
    honest, v = logged_in(RAW, FENCE), logged_in(RAW, FENCE)
    for _ in range(400):
        honest.send(fence * 100)
        for _ in range(100):
            while honest.message() != ("fence", (0, bytes(64))):
                pass
    v.s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    end = time.monotonic() + 20
    try:
        while time.monotonic() < end:
            v.send(fence * 1000)
    except ConnectionError:
        end = None
    assert end is None, "answers wait without a bound"
    honest.request(0, 0, 0, 16, 16)
    assert honest.update()


def case_keys_and_pointer_anywhere():
    v = logged_in()
    for n in range(200):
        v.key((0xffffffff, 0, 0x1000000, 0x61)[n % 4], n & 1)
        v.pointer(65535, 65535, 0)
    v.request(0, 0, 0, 16, 16)
    assert v.update()


def case_slow_beside_fast():
    """One that never reads does not keep another from its updates."""
    slow = logged_in()
    for _ in range(50):
        slow.request(0)
    fast = logged_in(TIGHT, COPYRECT)
    fast.request(0)
    for n in range(30):
        paint(f"noise 0 0 400 300 {n}\n")
        fast.update()
        fast.request(1)
    slow.close()


def watches_for_ever():
    """No case: a viewer that knows no change of size, until it is ended."""
    v = logged_in()
    v.s.settimeout(None)        # there may be nothing to see for long
    v.request(0)
    while True:
        for r in v.update():
            assert r.x + r.w <= v.w and r.y + r.h <= v.h, "a rectangle beyond the screen that was announced"
        v.request(1)


def main():
    if sys.argv[2] == "watches_for_ever":
        watches_for_ever()
    if sys.argv[2] == "--list":
        print("\n".join(n[5:] for n in globals() if n.startswith("case_")))
        return
    run(globals()["case_" + sys.argv[2]])


os.environ.setdefault("LC_ALL", "C.UTF-8")
main()
