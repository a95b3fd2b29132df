#!/usr/bin/env python3
"""An 8-bit RGB PNG on stdin to a binary PPM on stdout."""
import struct
import sys
import zlib

data = sys.stdin.buffer.read()
assert data[:8] == b"\x89PNG\r\n\x1a\n", "no PNG"
at, idat = 8, b""
while at < len(data):
    n, kind = struct.unpack_from(">I4s", data, at)
    body = data[at + 8:at + 8 + n]
    assert struct.unpack_from(">I", data, at + 8 + n)[0] == zlib.crc32(kind + body)
    if kind == b"IHDR":
        w, h, depth, colour = struct.unpack_from(">IIBB", body)
        assert (depth, colour) == (8, 2)
    elif kind == b"IDAT":
        idat += body
    at += 12 + n
raw, stride = zlib.decompress(idat), 3 * w
before, out = bytearray(stride), bytearray()
for y in range(h):
    kind, row = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
    for x in range(stride):
        a = row[x - 3] if x >= 3 else 0
        b = before[x]
        c = before[x - 3] if x >= 3 else 0
        p = a + b - c
        paeth = a if abs(p - a) <= abs(p - b) and abs(p - a) <= abs(p - c) else b if abs(p - b) <= abs(p - c) else c
        row[x] = (row[x] + (0, a, b, (a + b) // 2, paeth)[kind]) & 255
    out += row
    before = row
sys.stdout.buffer.write(b"P6\n%d %d\n255\n" % (w, h) + out)
