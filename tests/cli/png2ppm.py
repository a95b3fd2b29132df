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


def paeth(a, b, c):
    p = a + b - c
    return a if abs(p - a) <= abs(p - b) and abs(p - a) <= abs(p - c) else b if abs(p - b) <= abs(p - c) else c


# A byte from those left, above and at the corner, for each kind of filter that looks to the left.
GUESSES = {1: lambda a, b, c: a, 3: lambda a, b, c: (a + b) // 2, 4: paeth}
raw, stride = zlib.decompress(idat), 3 * w
before, out = bytearray(stride), bytearray()
for y in range(h):
    kind, row = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
    if kind == 2:
        row = bytearray(x + b & 255 for x, b in zip(row, before))
    elif kind:
        left, corner, guess = bytes(3), bytes(3), GUESSES[kind]
        for x in range(0, stride, 3):
            for i in range(3):
                row[x + i] = row[x + i] + guess(left[i], before[x + i], corner[i]) & 255
            left, corner = row[x:x + 3], before[x:x + 3]
    out += row
    before = row
sys.stdout.buffer.write(b"P6\n%d %d\n255\n" % (w, h) + out)
