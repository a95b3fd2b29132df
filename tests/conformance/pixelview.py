"""A viewer made of bytes that knows the encodings of pixels, too, and says how each piece came. What is compressed goes through zlib and
libjpeg-turbo, nothing through rfbkit's own decoders. 32-bit pixels only."""
import ctypes
import math
import socket
import struct
import zlib

from rfbwire import COPYRECT, CURSOR, LAST_RECT, RAW, TIGHT, ZLIB, ZRLE, Viewer
from zywrle import picture

ZLIBHEX, ZYWRLE, JPEG, TIGHTPNG, TIGHT_NOZLIB = 8, 17, 21, -260, -317
QUALITY_0, COMPRESS_0, FINE_QUALITY_0, SUBSAMPLE_1X = -32, -256, -512, -768


class Jpeg:
    """What a JPEG's headers say: sampling, [(components' h, v)]; tables, {number: 64 bytes in zigzag order}."""

    def __init__(self, data):
        assert data[:2] == b"\xff\xd8" and data[-2:] == b"\xff\xd9", "no JPEG"
        self.tables, at = {}, 2
        while data[at + 1] != 0xDA:
            assert data[at] == 0xFF
            kind, (n,) = data[at + 1], struct.unpack_from(">H", data, at + 2)
            body = data[at + 4:at + 2 + n]
            if kind == 0xDB:
                while body:
                    assert body[0] < 16, "tables of 8 bits"
                    self.tables[body[0]], body = body[1:65], body[65:]
            elif kind in (0xC0, 0xC1, 0xC2):
                self.h, self.w = struct.unpack_from(">HH", body, 1)
                self.sampling = [divmod(body[7 + 3 * i], 16) for i in range(body[5])]
            at += 2 + n
        self.rgb = turbo_decode(data, self.w, self.h)


def turbo_decode(data, w, h):
    lib = ctypes.CDLL("libturbojpeg.so.0")
    lib.tjInitDecompress.restype = ctypes.c_void_p
    handle = ctypes.c_void_p(lib.tjInitDecompress())
    out = ctypes.create_string_buffer(w * h * 3)
    bad = lib.tjDecompress2(handle, data, ctypes.c_ulong(len(data)), out, w, 0, h, 0, 0)
    lib.tjDestroy(handle)
    assert bad == 0, "libjpeg-turbo does not take it"
    return out.raw


def paeth(a, b, c):
    p = a + b - c
    return min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]


def png_rows(raw, row, h, bpp):
    """The filters taken back."""
    above, out = bytes(row), []
    for y in range(h):
        kind, line = raw[y * (row + 1)], bytearray(raw[y * (row + 1) + 1:(y + 1) * (row + 1)])
        for i in range(row if kind else 0):
            left, corner = (line[i - bpp], above[i - bpp]) if i >= bpp else (0, 0)
            line[i] = line[i] + (left, above[i], (left + above[i]) // 2, paeth(left, above[i], corner))[kind - 1] & 255
        out.append(bytes(line))
        above = line
    return out


def png_decode(data):
    """(w, h, RGB) of a PNG whose every chunk is right."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n", "PNG's signature"
    at, packed, palette = 8, b"", b""
    while at < len(data):
        n, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8:at + 8 + n]
        assert zlib.crc32(kind + body) == struct.unpack_from(">I", data, at + 8 + n)[0], "a chunk's checksum"
        if kind == b"IHDR":
            w, h, depth, colours = struct.unpack_from(">IIBB", body)
        elif kind == b"PLTE":
            palette = body
        elif kind == b"IDAT":
            packed += body
        at += 12 + n
    assert kind == b"IEND"
    bits = depth * (3 if colours == 2 else 1)
    rows = png_rows(zlib.decompress(packed), (w * bits + 7) // 8, h, max(bits // 8, 1))
    if colours == 2:
        return w, h, b"".join(rows)
    assert colours == 3
    index = lambda row, x: row[x * depth // 8] >> (8 - depth - x * depth % 8) & (1 << depth) - 1
    return w, h, b"".join(palette[3 * i:3 * i + 3] for row in rows for i in (index(row, x) for x in range(w)))


def rgb_of(pixels):
    """32-bit little-endian pixels as RGB."""
    out = bytearray(len(pixels) // 4 * 3)
    out[0::3], out[1::3], out[2::3] = pixels[2::4], pixels[1::4], pixels[0::4]
    return bytes(out)


class PixelView(Viewer):
    def __init__(self, port, *encodings):
        super().__init__(port)
        self.amount = 0             # bytes taken since ServerInit
        self.log_in()
        self.amount = 0
        self.picture = bytearray(self.w * self.h * 3)
        self.streams = {}
        self.levels = next((3 - (n - QUALITY_0) // 3 for n in encodings if QUALITY_0 <= n <= QUALITY_0 + 9), 1)   # of ZYWRLE's wavelet
        self.pieces = []            # (how, details) of each piece since it was emptied
        self.set_format("rgb888")
        self.set_encodings(*encodings, CURSOR)

    def recv(self, n):
        self.amount += n
        return super().recv(n)

    def inflate(self, stream, data, size):
        """The next `size` bytes of a stream of the connection, which are all that the data has."""
        out = self.streams.setdefault(stream, zlib.decompressobj()).decompress(data)
        assert len(out) == size, f"{len(out)} bytes inflated, not {size}"
        return out

    def put(self, x, y, w, h, rgb):
        assert len(rgb) == w * h * 3
        for j in range(h):
            at = ((y + j) * self.w + x) * 3
            self.picture[at:at + w * 3] = rgb[j * w * 3:(j + 1) * w * 3]

    def get(self, x, y, w, h):
        return b"".join(self.picture[((y + j) * self.w + x) * 3:][:w * 3] for j in range(h))

    def data_of(self, r):
        decode = {RAW: self.raw, COPYRECT: self.copy, ZLIB: self.zlib_rect, TIGHT: self.tight, TIGHTPNG: self.tight,
                  ZLIBHEX: self.zlibhex, JPEG: self.jpeg, ZRLE: self.zrle, ZYWRLE: self.zrle}.get(r.encoding)
        if not decode:
            return super().data_of(r)
        rgb = decode(r)
        if rgb is not None:
            self.put(r.x, r.y, r.w, r.h, rgb)
        return b""

    def whole(self):
        """One full picture."""
        self.request(0)
        area = 0
        while area < self.w * self.h:
            area += sum(r.w * r.h for r in self.update() if r.encoding not in (CURSOR, LAST_RECT))
            if area < self.w * self.h:
                self.request(1)
        return self

    def image(self, data):
        self.pieces.append(("jpeg", Jpeg(data)))
        return self.pieces[-1][1].rgb

    # --- encodings -----------------------------------------------------------------------------------------

    def raw(self, r):
        self.pieces.append(("raw", None))
        return rgb_of(self.recv(r.w * r.h * 4))

    def copy(self, r):
        return self.get(*self.unpack(">HH"), r.w, r.h)

    def zlib_rect(self, r):
        self.pieces.append(("zlib", None))
        return rgb_of(self.inflate("zlib", self.recv(self.unpack(">I")[0]), r.w * r.h * 4))

    def jpeg(self, r):
        """Without a length: up to the end marker, which cannot be within."""
        data = bytearray()
        while data[-2:] != b"\xff\xd9":
            some = self.s.recv(1 << 16, socket.MSG_PEEK)
            end = (data[-1:] + some).find(b"\xff\xd9") + 2 - len(data[-1:])
            data += self.recv(end if end > 0 and b"\xff\xd9" in data[-1:] + some else len(some))
        return self.image(bytes(data))

    def tight(self, r):
        (control,) = self.unpack(">B")
        for i in range(4):
            if control >> i & 1:
                self.streams.pop(i, None)
        how = control >> 4
        if how == 8:
            self.pieces.append(("fill", control))
            return self.recv(3) * (r.w * r.h)
        if how == 9:
            return self.image(self.recv(self.compact_length()))
        if how == 10 and r.encoding == TIGHTPNG:
            w, h, rgb = png_decode(self.recv(self.compact_length()))
            assert (w, h) == (r.w, r.h)
            self.pieces.append(("png", control))
            return rgb
        assert r.encoding == TIGHT and (how < 8 or how in (10, 14)), f"control byte {control:#x}"
        return self.basic(r, control, how in (10, 14))

    def basic(self, r, control, without_zlib):
        filter_id = self.unpack(">B")[0] if control & 0x40 else 0
        row, colours = r.w * 3, []
        if filter_id == 1:
            colours = [self.recv(3) for _ in range(self.unpack(">B")[0] + 1)]
            row = (r.w + 7) // 8 if len(colours) == 2 else r.w
        if row * r.h < 12:
            data = self.recv(row * r.h)
        elif without_zlib:
            data = self.recv(self.compact_length())
            assert len(data) == row * r.h
        else:
            data = self.inflate(control >> 4 & 3, self.recv(self.compact_length()), row * r.h)
        self.pieces.append(("plain" if without_zlib else "basic", control))
        if len(colours) == 2:
            return b"".join(colours[data[y * row + x // 8] >> 7 - x % 8 & 1] for y in range(r.h) for x in range(r.w))
        if colours:
            return b"".join(colours[i] for i in data)
        return self.gradient(r, data) if filter_id == 2 else data

    @staticmethod
    def gradient(r, data):
        out, w = bytearray(data), r.w * 3
        for i in range(len(out)):
            left = out[i - 3] if i % w >= 3 else 0
            above = out[i - w] if i >= w else 0
            corner = out[i - w - 3] if i >= w and i % w >= 3 else 0
            out[i] = out[i] + min(max(left + above - corner, 0), 255) & 255
        return bytes(out)

    def zlibhex(self, r):
        pixel = {2: None, 4: None}      # background, foreground
        for y in range(0, r.h, 16):
            for x in range(0, r.w, 16):
                self.put(r.x + x, r.y + y, min(16, r.w - x), min(16, r.h - y), self.tile(min(16, r.w - x), min(16, r.h - y), pixel))

    def tile(self, w, h, pixel):
        (mask,) = self.unpack(">B")
        if mask & 0x21:
            self.pieces.append(("deflated raw tile" if mask & 0x20 else "raw tile", mask))
            return rgb_of(self.inflate("hex raw", self.recv(self.unpack(">H")[0]), w * h * 4) if mask & 0x20 else self.recv(w * h * 4))
        self.pieces.append(("deflated tile" if mask & 0x40 else "tile", mask))
        if mask & 0x40:
            data = self.streams.setdefault("hex", zlib.decompressobj()).decompress(self.recv(self.unpack(">H")[0]))
            at = 0

            def take(n):
                nonlocal at
                at += n
                assert at <= len(data)
                return data[at - n:at]
        else:
            take = self.recv
        for bit in pixel:
            if mask & bit:
                pixel[bit] = rgb_of(take(4))
        rows = [bytearray(pixel[2] * w) for _ in range(h)]
        for _ in range(take(1)[0] if mask & 8 else 0):
            colour = rgb_of(take(4)) if mask & 16 else pixel[4]
            place, size = take(2)
            sx, sy, sw, sh = place >> 4, place & 15, (size >> 4) + 1, (size & 15) + 1
            assert sx + sw <= w and sy + sh <= h
            for row in rows[sy:sy + sh]:
                row[sx * 3:(sx + sw) * 3] = colour * sw
        assert not mask & 0x40 or at == len(data), "more in a tile than its subrectangles"
        return b"".join(rows)

    def zrle(self, r):
        self.pieces.append(("zrle", None))
        take = Bytes(self.streams.setdefault("zrle", zlib.decompressobj()).decompress(self.recv(self.unpack(">I")[0])))
        for y in range(0, r.h, 64):
            for x in range(0, r.w, 64):
                w, h = min(64, r.w - x), min(64, r.h - y)
                self.put(r.x + x, r.y + y, w, h, b"".join(zrle_tile(take, w, h, self.levels if r.encoding == ZYWRLE else 0)))
        assert take.left() == 0, "more than the tiles"


class Bytes:
    def __init__(self, data):
        self.data, self.at = data, 0

    def __call__(self, n):
        self.at += n
        assert self.at <= len(self.data)
        return self.data[self.at - n:self.at]

    def left(self):
        return len(self.data) - self.at


def zrle_tile(take, w, h, levels=0):
    """The tile's colours, one by one. With levels of ZYWRLE's wavelet a raw tile is a tile of coefficients."""
    (kind,) = take(1)
    colour = lambda: take(3)[::-1]

    def run():
        n = 1
        while True:
            (b,) = take(1)
            n += b
            if b < 255:
                return n
    if kind == 0 and levels:
        return picture(zrle_tile(take, w, h), w, h, levels)
    if kind == 0:
        return [colour() for _ in range(w * h)]
    assert kind < 17 or kind == 128 or kind > 129, f"tiles of kind {kind} are none"
    palette, out = [colour() for _ in range(kind & 127)], []
    if 1 <= kind <= 16:
        bits = 0 if kind == 1 else 1 if kind == 2 else 2 if kind <= 4 else 4
        for _ in range(h):
            row = int.from_bytes(take((w * bits + 7) // 8), "big") << 8
            end = (w * bits + 7) // 8 * 8 + 8
            out += [palette[row >> end - (x + 1) * bits & (1 << bits) - 1] for x in range(w)]
        return out
    while len(out) < w * h:
        if kind == 128:
            c = colour()
            out += [c] * run()
        else:
            (i,) = take(1)
            out += [palette[i & 127]] * (run() if i & 128 else 1)
    assert len(out) == w * h, "a run beyond its tile"
    return out


def psnr(a, b):
    assert len(a) == len(b)
    error = sum((x - y) ** 2 for x, y in zip(a, b) if x != y)
    return math.inf if error == 0 else 10 * math.log10(255 * 255 * len(a) / error)
