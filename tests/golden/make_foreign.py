#!/usr/bin/env python3
"""Writes the small recordings of other programs' formats in tests/golden/foreign, one session in each, and what it shows:
expected.txt, a line "milliseconds crc32" for each update. PyVNCServer's hold no pixels: only their events count."""
import base64
import gzip
import json
import os
import struct
import zlib

W, H = 48, 32
NAME = b"a session"


class Session:
    """A server's bytes for a few updates, and the picture after each."""

    def __init__(self):
        self.px = bytearray(4 * W * H)
        self.updates = []

    def server_init(self):
        return struct.pack(">HHBBBBHHHBBB3xI", W, H, 32, 24, 0, 1, 255, 255, 255, 16, 8, 0, len(NAME)) + NAME

    def put(self, x, y, w, h, pixels):
        for i in range(h):
            at = 4 * ((y + i) * W + x)
            self.px[at:at + 4 * w] = pixels[4 * w * i:4 * w * (i + 1)]

    def update(self, ms, *rects):
        out = struct.pack(">BxH", 0, len(rects))
        for kind, x, y, w, h, arg in rects:
            if kind == "raw":
                px = b"".join(struct.pack("<I", (arg + 0x10307 * i) & 0xffffff) for i in range(w * h))
                self.put(x, y, w, h, px)
                out += struct.pack(">HHHHi", x, y, w, h, 0) + px
            elif kind == "copy":
                sx, sy = arg
                rows = [bytes(self.px[4 * ((sy + i) * W + sx):4 * ((sy + i) * W + sx + w)]) for i in range(h)]
                self.put(x, y, w, h, b"".join(rows))
                out += struct.pack(">HHHHi", x, y, w, h, 1) + struct.pack(">HH", sx, sy)
            elif kind == "rre":
                self.put(x, y, w, h, struct.pack("<I", arg) * (w * h))
                out += struct.pack(">HHHHi", x, y, w, h, 2) + struct.pack(">I", 0) + struct.pack("<I", arg)
        self.updates.append((ms, out, zlib.crc32(self.px)))


def session():
    s = Session()
    s.update(100, ("raw", 0, 0, W, H, 0x123456))
    s.update(350, ("rre", 5, 5, 20, 10, 0x00ff8000), ("copy", 20, 18, 20, 10, (3, 3)))
    s.update(900, ("raw", 1, 1, 7, 3, 0x777777))
    s.update(1203, ("copy", 4, 4, 30, 20, (2, 3)))
    return s


def fbs_block(layout, data, ms):
    pad = bytes(-len(data) % 4)
    time = struct.pack(">I", ms)
    return struct.pack(">I", len(data)) + data + {"pad-time": pad + time, "time-pad": time + pad, "no-pad": time}[layout]


def fbs(s, magic, layout, shake, extra=b""):
    out = magic + extra
    for part in shake + [s.server_init()[:24], NAME]:
        out += fbs_block(layout, part, 0)
    for ms, data, _ in s.updates:        # messages span blocks
        cut = len(data) // 3
        out += fbs_block(layout, data[:cut], ms) + fbs_block(layout, data[cut:], ms)
    return out + fbs_block(layout, b"", s.updates[-1][0] + 50)


def vncrec(s):
    out = b"vncLog0.0" + b"RFB 003.003\n" + struct.pack(">I", 1) + s.server_init()
    for ms, data, _ in s.updates:
        out += struct.pack(">II", 1500000000 + ms // 1000, ms % 1000 * 1000) + data
        if ms == 350:                    # a bell has a time too
            out += struct.pack(">II", 1500000000, 400000) + b"\x02"
    return out


CLIENT = [(20, b"RFB 003.008\n"), (30, b"\x01"), (40, b"\x01"),
          (60, struct.pack(">B3xBBBBHHHBBB3x", 0, 32, 24, 0, 1, 255, 255, 255, 16, 8, 0)),
          (400, struct.pack(">BBHI", 4, 1, 0, 0x61) + struct.pack(">BBHI", 4, 0, 0, 0x61)),
          (500, struct.pack(">BBHH", 5, 1, 10, 20))]


def novnc(s, encode, encoding):
    server = [(10, b"RFB 003.008\n"), (25, b"\x01\x01"), (35, struct.pack(">I", 0)), (50, s.server_init())]
    server += [(ms, data) for ms, data, _ in s.updates]
    lines = [(ms, "{", d) for ms, d in server] + [(ms, "}", d) for ms, d in CLIENT]
    out = f"var VNC_frame_encoding = '{encoding}';\nvar VNC_frame_data = [\n"
    for ms, way, data in sorted(lines, key=lambda x: x[0]):
        out += encode(f"{way}{ms}{way}", data) + ",\n"
    return (out + "'EOF'];\n").encode()


def as_repr(prefix, data):
    return repr(prefix + data.decode("latin-1"))


def as_base64(prefix, data):
    return "'" + prefix + base64.b64encode(data).decode() + "'"


def pyvnc():
    start = 1700000000.25
    events = [("HANDSHAKE", 0, b"RFB 003.008\n", {}), ("AUTH", 0.1, b"", {}), ("INIT", 0.2, NAME, {"width": W, "height": H}),
              ("FRAMEBUFFER_UPDATE", 0.5, struct.pack(">H4H", 1, 0, 0, W, H), {}),
              ("POINTER_EVENT", 0.8, struct.pack(">HHB", 10, 20, 0), {})]
    at = 1.0
    for c in "hi\r":
        keysym = 0xff0d if c == "\r" else ord(c)
        events += [("KEY_EVENT", at, struct.pack(">IB", keysym, 1), {}), ("KEY_EVENT", at + 0.05, struct.pack(">IB", keysym, 0), {})]
        at += 0.1
    events += [("FRAMEBUFFER_UPDATE", 1.6, struct.pack(">H8H", 2, 1, 2, 10, 5, 40, 30, 20, 20), {}), ("BELL", 1.7, b"", {})]
    out = json.dumps({"version": "1.0", "session_id": "x", "start_time": start, "compressed": True}) + "\n"
    for kind, t, data, meta in events:
        out += json.dumps({"timestamp": start + t, "event_type": kind, "data": data.hex(), "metadata": meta}) + "\n"
    return (out + json.dumps({"end_time": start + 2, "duration_seconds": 2, "event_count": len(events)}) + "\n").encode()


def main():
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "foreign")
    s = session()
    v33 = [b"RFB 003.003\n", struct.pack(">I", 1)]
    v38 = [b"RFB 003.008\n", b"\x01\x01", struct.pack(">I", 0)]
    v37 = [b"RFB 003.008\n", b"\x01\x01"]
    files = {
        "rfbproxy.fbs": fbs(s, b"FBS 001.000\n", "pad-time", v33),
        "ui.fbs": fbs(s, b"FBS 001.001\n", "time-pad", v37),
        "proxy2.fbs": fbs(s, b"FBS 001.002\n", "no-pad", v38, b'{"key": "value"}\n'),
        "session.vncrec": vncrec(s),
        "novnc.js": novnc(s, as_repr, "binary"),
        "novnc64.js": novnc(s, as_base64, "base64"),
        "pyvnc.jsonl": pyvnc(),
        "pyvnc.jsonl.gz": gzip.compress(pyvnc(), mtime=0),
        "expected.txt": "".join(f"{ms} {crc:08x}\n" for ms, _, crc in s.updates).encode(),
    }
    for name, data in files.items():
        with open(os.path.join(folder, name), "wb") as f:
            f.write(data)


if __name__ == "__main__":
    main()
