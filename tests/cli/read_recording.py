#!/usr/bin/env python3
"""An independent reader of recording(5), written from the manual pages: gzip members by struct and zlib, the stream as
read_fbs.py does, pixels raw and TRLE. For each FRAME it prints its time, flags and the CRC-32 of the picture
(little-endian XRGB with a zero byte). With --index: the members that the index lists. With --members: those that the headers tell."""
import os
import struct
import sys
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden"))
from read_fbs import Bad, records  # noqa: E402


def header(data, at):
    """A member's header: its size and its subfields."""
    if data[at:at + 4] != b"\x1f\x8b\x08\x06":
        raise Bad(f"no member at {at}")
    extra, = struct.unpack_from("<H", data, at + 10)
    end = at + 12 + extra
    crc, = struct.unpack_from("<H", data, end)
    if crc != zlib.crc32(data[at:end]) & 0xffff:
        raise Bad(f"header CRC at {at}")
    fields, p = {}, at + 12
    while p < end:
        name, length = data[p:p + 2], struct.unpack_from("<H", data, p + 2)[0]
        fields[name] = data[p + 4:p + 4 + length]
        p += 4 + length
    return end + 2 - at, fields


def member(field):
    names = "version kind frames length records marks first last stream_at stream_len wall"
    return dict(zip(names.split(), struct.unpack("<HHIQIIqqQQq", field)))


def by_headers(data):
    at = 0
    while at < len(data):
        _, fields = header(data, at)
        m = member(fields[b"FB"])
        m["at"] = at
        yield m
        if not m["length"]:
            return
        at += m["length"]


def by_index(data):
    _, fields = header(data, len(data) - 92)
    last = member(fields[b"FB"])
    if last["kind"] != 2:
        raise Bad("no index")
    at = last["stream_at"]
    while at < len(data) - 92:
        _, fields = header(data, at)
        entries = fields[b"FI"]
        names = "at length first last stream_at stream_len frames records marks kind zero"
        for i in range(0, len(entries), 64):
            yield dict(zip(names.split(), struct.unpack_from("<QQqqQQIIIHH", entries, i)))
        at += member(fields[b"FB"])["length"]


class Inflated:
    """The members' data as one file."""

    def __init__(self, data):
        self.data, self.at, self.out = data, 0, bytearray()
        self.z = None

    def read(self, n):
        while len(self.out) < n and self.at < len(self.data):
            if self.z is None:
                size, _ = header(self.data, self.at)
                self.at += size
                self.z, self.crc, self.size = zlib.decompressobj(-15), 0, 0
            chunk = self.data[self.at:self.at + 65536]
            got = self.z.decompress(chunk)
            self.at += len(chunk) - len(self.z.unused_data)
            self.crc, self.size = zlib.crc32(got, self.crc), self.size + len(got)
            self.out += got
            if self.z.eof:
                crc, size = struct.unpack_from("<II", self.data, self.at)
                if crc != self.crc or size != self.size & 0xffffffff:
                    raise Bad(f"CRC of the member that ends at {self.at}")
                self.at, self.z = self.at + 8, None
        taken = bytes(self.out[:n])
        del self.out[:n]
        return taken


def trle_tile(d, p, w, h, palette):
    """One tile: its pixels (3 bytes each), the place behind it, the palette."""
    n, kind = w * h, d[p]
    p += 1
    cpixel = lambda at: d[at:at + 3]  # noqa: E731
    if kind == 0:
        return [cpixel(p + 3 * i) for i in range(n)], p + 3 * n, palette
    if kind == 1:
        return [cpixel(p)] * n, p + 3, palette
    if 2 <= kind <= 16 or kind == 127:
        if kind != 127:
            palette = [cpixel(p + 3 * i) for i in range(kind)]
            p += 3 * kind
        size = len(palette)
        bits = 1 if size == 2 else 2 if size <= 4 else 4
        out = []
        for _ in range(h):
            row = d[p:p + (w * bits + 7) // 8]
            p += len(row)
            out += [palette[row[x * bits // 8] >> (8 - bits - x * bits % 8) & ((1 << bits) - 1)] for x in range(w)]
        return out, p, palette
    out = []
    if kind == 128:
        while len(out) < n:
            c, run = cpixel(p), 1
            p += 3
            while d[p] == 255:
                run, p = run + 255, p + 1
            run, p = run + d[p], p + 1
            out += [c] * run
        return out, p, palette
    if kind >= 130:
        palette = [cpixel(p + 3 * i) for i in range(kind - 128)]
        p += 3 * len(palette)
    elif kind != 129:
        raise Bad(f"TRLE tile type {kind}")
    while len(out) < n:
        i, run, p = d[p], 1, p + 1
        if i & 128:
            while d[p] == 255:
                run, p = run + 255, p + 1
            run, p = run + d[p], p + 1
        out += [palette[i & 127]] * run
    return out, p, palette


class Picture:
    def __init__(self):
        self.w = self.h = 0
        self.px = bytearray()

    def screen(self, w, h):
        if (w, h) != (self.w, self.h):
            self.w, self.h, self.px = w, h, bytearray(4 * w * h)

    def row(self, x, y, pixels):
        at = 4 * (y * self.w + x)
        self.px[at:at + len(pixels)] = pixels

    def raw(self, x, y, w, h, d):
        for i in range(h):
            row = bytearray(d[4 * w * i:4 * w * (i + 1)])
            row[3::4] = bytes(w)
            self.row(x, y + i, row)

    def trle(self, x, y, w, h, d):
        p, palette = 0, []
        for ty in range(0, h, 16):
            for tx in range(0, w, 16):
                tw, th = min(16, w - tx), min(16, h - ty)
                px, p, palette = trle_tile(d, p, tw, th, palette)
                for i in range(th):
                    self.row(x + tx, y + ty + i, b"".join(c + b"\0" for c in px[i * tw:(i + 1) * tw]))

    def copy(self, x, y, w, h, sx, sy):
        rows = [bytes(self.px[4 * ((sy + i) * self.w + sx):4 * ((sy + i) * self.w + sx + w)]) for i in range(h)]
        for i, r in enumerate(rows):
            self.row(x, y + i, r)


def frames(f):
    pic = Picture()
    for kind, flags, time, p in records(f):
        if kind == 1:
            pic.screen(*struct.unpack_from("<II", p, 8))
        elif kind == 2:
            x, y, w, h, encoding = struct.unpack_from("<HHHHI", p)
            {0: pic.raw, 15: pic.trle}[encoding](x, y, w, h, p[16:])
        elif kind == 3:
            pic.copy(*struct.unpack_from("<HHHHHH", p))
        elif kind == 13:
            yield time, flags, zlib.crc32(pic.px)


def main():
    args = sys.argv[1:]
    data = sys.stdin.buffer.read()
    try:
        if args and args[0] in ("--index", "--members"):
            for m in (by_index if args[0] == "--index" else by_headers)(data):
                print(m["at"], m["length"], m["kind"], m["first"], m["last"], m["stream_at"], m["stream_len"], m["frames"],
                      m["records"], m["marks"])
            return
        import io
        f = Inflated(data) if data[:2] == b"\x1f\x8b" else io.BytesIO(data)
        for time, flags, crc in frames(f):
            print(time, flags, f"{crc:08x}")
    except (Bad, struct.error, IndexError, zlib.error) as e:
        print("read_recording:", e, file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
