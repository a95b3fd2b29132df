#!/usr/bin/env python3
"""An independent reader of fbstream(5), written from the manual page alone. Prints one line per record; exits 1
with a message on what the page forbids. Checksums are compared where the xxhash module is installed."""
import struct
import sys

try:
    import xxhash
except ImportError:
    xxhash = None

MAGIC = bytes.fromhex("894642530d0a1a0a")


class Bad(Exception):
    pass


def outputs(payload, at, n):
    if n > 16:
        raise Bad("too many outputs")
    return [struct.unpack_from("<IiiII", payload, at + 24 * i) for i in range(n)]


def text(payload, at=0):
    return payload[at:].decode("utf-8")


def rect(x, y, w, h):
    return f"{w}x{h}+{x}+{y}"


def screen(p):
    kind, flags, w, h, ox, oy = struct.unpack_from("<IIIIii", p)
    n, length = struct.unpack_from("<II", p, 40)
    name = p[48 + 24 * n:]
    if len(name) != length:
        raise Bad("SCREEN's length does not agree")
    outs = " ".join(f"{i}:{rect(x, y, ow, oh)}" for i, x, y, ow, oh in outputs(p, 48, n))
    return f"kind={kind} flags={flags} {rect(ox, oy, w, h)} boot={p[24:40].hex()} outputs=[{outs}] display={name.decode()}"


def pixels(p):
    x, y, w, h, encoding = struct.unpack_from("<HHHHI", p)
    if encoding == 0 and len(p) != 16 + w * h * 4:
        raise Bad("raw pixels do not fit")
    return f"{rect(x, y, w, h)} encoding={encoding} data={p[16:].hex() if len(p) < 64 else len(p) - 16}"


def cursor(p):
    w, h, hx, hy = struct.unpack_from("<HHhh", p)
    if len(p) != 8 + 4 * w * h:
        raise Bad("CURSOR's length does not agree")
    return f"{w}x{h} hot={hx},{hy} argb={p[8:].hex() if len(p) < 64 else len(p) - 8}"


def fields(fmt, names, tail=False):
    def show(p):
        values = struct.unpack_from("<" + fmt, p)
        line = " ".join(f"{n}={v.hex() if isinstance(v, bytes) else v}" for n, v in zip(names.split(), values))
        return line + (f" text={text(p, struct.calcsize('<' + fmt))}" if tail else "")
    return show


def resize(p):
    viewer, request, w, h, n = struct.unpack_from("<IIIII", p)
    return f"viewer={viewer} request={request} {w}x{h} outputs={outputs(p, 24, n)}"


TYPES = {
    1: ("SCREEN", 48, screen), 2: ("PIXELS", 16, pixels),
    3: ("COPY", 16, fields("HHHHHH", "x y w h src_x src_y")),
    4: ("SHARED", 40, fields("IIQQ16s", "shmid pid size nonce_at nonce")),
    5: ("DAMAGE", 24, fields("HHHHQI", "x y w h offset stride")),
    6: ("CURSOR", 8, cursor), 7: ("POINTER", 16, fields("iiI", "x y on_screen")),
    8: ("NAME", 0, lambda p: text(p)), 9: ("LEDS", 8, fields("I", "mask")), 10: ("BELL", 0, lambda p: ""),
    11: ("RESULT", 16, fields("III", "viewer request status")), 12: ("MARK", 8, fields("II", "kind zero", True)),
    13: ("FRAME", 32, fields("QqqQ", "number capture media checksum")), 14: ("END", 8, fields("II", "status zero", True)),
    15: ("MEDIA", 16, fields("qII", "length paused permille")), 16: ("CUE", 16, fields("qII", "at kind zero", True)),
    32: ("HELLO", 24, fields("II16s", "role flags boot", True)),
    33: ("CLIP_OFFER", 24, fields("IIQQ", "viewer selection serial size")),
    34: ("CLIP", 24, fields("IIQQ", "viewer selection serial offset", True)),
    35: ("CLIP_WANT", 16, fields("IIQ", "viewer selection serial")),
    64: ("JOIN", 8, fields("II", "viewer rights", True)), 65: ("LEAVE", 8, fields("I", "viewer")),
    66: ("KEY", 16, fields("IIII", "viewer keysym code down")), 67: ("MOTION", 16, fields("IiiI", "viewer x y buttons")),
    68: ("RESIZE", 24, resize), 69: ("WANT", 8, fields("I", "frames")), 70: ("PAUSE", 8, fields("II", "viewer paused")),
    71: ("SEEK", 16, fields("IIq", "viewer relative us")), 72: ("SPEED", 16, fields("III", "viewer relative permille")),
}


def records(f):
    """Yields (type, flags, time, payload); checks order, lengths and, where it can, checksums."""
    start = f.read(32)
    if start[:8] != MAGIC:
        raise Bad("not a stream")
    if len(start) < 32 or struct.unpack_from("<H", start, 8)[0] != 1:
        raise Bad("another version")
    offset, last, covered, framed = 32, 0, b"", False
    while True:
        head = f.read(16)
        if not head and not framed:
            return
        if len(head) < 16:
            raise Bad(f"truncated at {offset + len(head)}")
        kind, flags, length, time = struct.unpack("<HHIQ", head)
        if length > 2**20 + 64 or kind == 0 or (kind in TYPES and length < TYPES[kind][1]):
            raise Bad(f"bad length or type at {offset}")
        if time < last:
            raise Bad(f"time runs backwards at {offset}")
        last = time
        whole = length + -length % 8
        payload = f.read(whole)
        if len(payload) < whole:
            raise Bad(f"truncated at {offset + 16 + len(payload)}")
        covered += head + payload
        framed = (framed or 1 <= kind <= 12) and kind not in (13, 14)
        if kind == 13:
            if xxhash and xxhash.xxh3_64_intdigest(covered[:-8]) != struct.unpack_from("<Q", payload, 24)[0]:
                raise Bad(f"checksum at {offset}")
            covered = b""
        yield kind, flags, time, payload[:length]
        offset += 16 + whole
        if kind == 14:
            if f.read(1):
                raise Bad("something follows END")
            return


def main():
    try:
        for kind, flags, time, payload in records(sys.stdin.buffer):
            if kind in TYPES:
                name, _, show = TYPES[kind]
                print(time, name, flags, show(payload))
    except (Bad, struct.error, UnicodeDecodeError) as e:
        print("read_fbs:", e, file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
