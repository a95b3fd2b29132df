"""A viewer made of bytes: says exactly what a test wants said, and takes apart what the server sends."""
import socket
import struct
import sys
import zlib

RAW, COPYRECT, RRE, HEXTILE, ZLIB, TIGHT, TRLE, ZRLE = 0, 1, 2, 5, 6, 7, 15, 16
CURSOR, LAST_RECT, DESKTOP_SIZE, EXT_DESKTOP_SIZE, NAME, FENCE, CONTINUOUS = -239, -224, -223, -308, -307, -312, -313
XCURSOR, ALPHA_CURSOR, VMWARE_CURSOR, POINTER_POS, VMWARE_POINTER = -240, -314, 0x574d5664, -232, 0x574d5666
QEMU_LEDS, VMWARE_LEDS = -261, 0x574d5668
QEMU_KEYS, EXT_MOUSE, EXT_CLIPBOARD = -258, -316, 0xC0A1E5CE - (1 << 32)

FORMATS = {  # bpp, depth, big endian, true colour, maxima, shifts
    "rgb888": (32, 24, 0, 1, 255, 255, 255, 16, 8, 0),
    "rgb565": (16, 16, 0, 1, 31, 63, 31, 11, 5, 0),
    "rgb332": (8, 8, 0, 1, 7, 7, 3, 5, 2, 0),
    "map": (8, 8, 0, 0, 0, 0, 0, 0, 0, 0),
}


class Closed(Exception):
    """The server hung up."""


class Rect:
    def __init__(self, x, y, w, h, encoding, data=b""):
        self.x, self.y, self.w, self.h, self.encoding, self.data = x, y, w, h, encoding, data


class Viewer:
    """At a port, or at a Unix socket where `port` is its path."""

    def __init__(self, port, timeout=20, host="127.0.0.1"):
        if isinstance(port, str):
            self.s = socket.socket(socket.AF_UNIX)
            self.s.settimeout(timeout)
            self.s.connect(port)
        else:
            self.s = socket.create_connection((host, port), timeout=timeout)
            self.s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.bytes_per_pixel = 4
        self.sizes = []
        self.zlib = zlib.decompressobj()

    def close(self):
        self.s.close()

    # --- bytes ---------------------------------------------------------------------------------------

    def recv(self, n):
        data = bytearray()
        while len(data) < n:
            try:
                part = self.s.recv(min(n - len(data), 1 << 20))
            except ConnectionError:
                raise Closed from None
            if not part:
                raise Closed
            data += part
        return bytes(data)

    def unpack(self, what):
        return struct.unpack(what, self.recv(struct.calcsize(what)))

    def send(self, *parts):
        self.s.sendall(b"".join(parts))

    def silent_for(self, seconds):
        """True when the server sends nothing for so long."""
        old = self.s.gettimeout()
        self.s.settimeout(seconds)
        try:
            data = self.s.recv(1, socket.MSG_PEEK)
            if not data:
                raise Closed
            return False
        except socket.timeout:
            return True
        finally:
            self.s.settimeout(old)

    def is_closed(self):
        """Reads to the end; True when the server closes within the timeout."""
        try:
            while self.s.recv(65536):
                pass
        except ConnectionError:
            return True
        except socket.timeout:
            return False
        return True

    # --- the handshake -------------------------------------------------------------------------------

    def hello(self, version=b"RFB 003.008\n"):
        greeting = self.recv(12)
        self.send(version)
        return greeting

    def types(self):
        (n,) = self.unpack(">B")
        return list(self.recv(n)) if n else []

    def reason(self):
        (n,) = self.unpack(">I")
        return self.recv(n).decode()

    def server_init(self):
        self.w, self.h = self.unpack(">HH")
        self.format = self.unpack(">BBBBHHHBBB3x")
        (n,) = self.unpack(">I")
        self.name = self.recv(n).decode()
        return self

    def log_in(self, shared=1):
        """3.8, no authentication, to ServerInit."""
        self.hello()
        return self.enter(shared)

    def enter(self, shared=1):
        """The same once the greetings are exchanged."""
        assert 1 in self.types(), "None is not offered"
        self.send(b"\x01")
        assert self.unpack(">I") == (0,), "None is refused"
        self.send(bytes([shared]))
        return self.server_init()

    # --- messages of a client ----------------------------------------------------------------------------

    def set_format(self, name):
        f = FORMATS[name] if isinstance(name, str) else name
        self.bytes_per_pixel = f[0] // 8
        self.send(struct.pack(">B3xBBBBHHHBBB3x", 0, *f))

    def set_encodings(self, *numbers):
        self.send(struct.pack(f">BxH{len(numbers)}i", 2, len(numbers), *numbers))

    def request(self, incremental=1, x=0, y=0, w=None, h=None):
        self.send(struct.pack(">BBHHHH", 3, incremental, x, y, self.w if w is None else w, self.h if h is None else h))

    def key(self, keysym, down=1):
        self.send(struct.pack(">BBxxI", 4, down, keysym))

    def pointer(self, x, y, buttons=0):
        self.send(struct.pack(">BBHH", 5, buttons, x, y))

    # --- messages of the server -----------------------------------------------------------------------------

    def message(self):
        """(kind, contents) of the next message."""
        (kind,) = self.unpack(">B")
        if kind == 0:
            return "update", self.rects()
        if kind == 1:
            first, n = self.unpack(">xHH")
            return "colours", (first, [self.unpack(">HHH") for _ in range(n)])
        if kind == 2:
            return "bell", None
        if kind == 3:
            (n,) = self.unpack(">3xi")
            return "cut text", self.recv(abs(n))
        if kind == 150:
            return "end of continuous updates", None
        if kind == 248:
            flags, n = self.unpack(">3xIB")
            return "fence", (flags, self.recv(n))
        raise AssertionError(f"message of unknown type {kind}")

    def update(self):
        """The rectangles of the next update, whatever comes before it."""
        while True:
            kind, contents = self.message()
            if kind == "update":
                return contents

    def rects(self):
        (n,) = self.unpack(">xH")
        assert n > 0, "an update without a rectangle"
        self.count, rects = n, []
        while len(rects) < n:
            r = Rect(*self.unpack(">HHHHi"))
            if r.encoding == LAST_RECT:
                break
            assert n == 0xFFFF or len(rects) < n
            r.data = self.data_of(r)
            rects.append(r)
        return rects

    def data_of(self, r):
        n = r.w * r.h
        if r.encoding == RAW:
            return self.recv(n * self.bytes_per_pixel)
        if r.encoding == COPYRECT:
            return self.recv(4)
        if r.encoding in (ZLIB, ZRLE):
            return self.recv(self.unpack(">I")[0])
        if r.encoding == RRE:
            subrects = self.recv(4)
            return subrects + self.recv(self.bytes_per_pixel + struct.unpack(">I", subrects)[0] * (self.bytes_per_pixel + 8))
        if r.encoding == TIGHT:
            return self.tight_data(r)
        if r.encoding == CURSOR:
            return self.recv(n * self.bytes_per_pixel + (r.w + 7) // 8 * r.h)
        if r.encoding == XCURSOR:
            return self.recv(6 + 2 * ((r.w + 7) // 8) * r.h) if n else b""
        if r.encoding == ALPHA_CURSOR:
            return self.recv(4 + 4 * n)
        if r.encoding == VMWARE_CURSOR:
            return self.recv(2 + 4 * n)
        if r.encoding in (POINTER_POS, VMWARE_POINTER):
            return b""
        if r.encoding in (QEMU_LEDS, VMWARE_LEDS):
            return self.recv(1 if r.encoding == QEMU_LEDS else 4)
        if r.encoding == EXT_DESKTOP_SIZE:
            (screens,) = self.unpack(">B3x")
            self.sizes.append((r.x, r.y, r.w, r.h))
            return self.recv(16 * screens)
        if r.encoding == NAME:
            return self.recv(self.unpack(">I")[0])
        if r.encoding == DESKTOP_SIZE:
            self.sizes.append((r.w, r.h))
            return b""
        if r.encoding in (QEMU_KEYS, EXT_MOUSE):
            return b""
        raise AssertionError(f"rectangle of unknown encoding {r.encoding}")

    def tight_data(self, r):
        pixel = 3 if self.bytes_per_pixel == 4 else self.bytes_per_pixel
        (control,) = self.unpack(">B")
        assert r.w <= 2048, f"a Tight rectangle {r.w} pixels wide"
        if control >> 4 == 8:
            return self.recv(pixel)
        if control >> 4 != 9:
            row, filter_id = r.w * pixel, 0
            if control & 0x40:
                (filter_id,) = self.unpack(">B")
            if filter_id == 1:
                colours = self.unpack(">B")[0] + 1
                self.recv(colours * pixel)
                row = (r.w + 7) // 8 if colours == 2 else r.w
            if row * r.h < 12:
                return self.recv(row * r.h)
        return self.recv(self.compact_length())

    def compact_length(self):
        length = 0
        for shift in (0, 7, 14):
            (b,) = self.unpack(">B")
            length |= (b if shift == 14 else b & 127) << shift
            if b < 128:
                break
        return length


class Picture:
    """What Raw and CopyRect updates make of a picture in 32 bits."""

    def __init__(self, w, h):
        self.w, self.h, self.rows = w, h, [bytearray(4 * w) for _ in range(h)]

    def apply(self, rects):
        for r in rects:
            if r.encoding == RAW:
                for i in range(r.h):
                    self.rows[r.y + i][4 * r.x:4 * (r.x + r.w)] = r.data[4 * r.w * i:4 * r.w * (i + 1)]
            elif r.encoding == COPYRECT:
                x, y = struct.unpack(">HH", r.data)
                source = [bytes(self.rows[y + i][4 * x:4 * (x + r.w)]) for i in range(r.h)]
                for i in range(r.h):
                    self.rows[r.y + i][4 * r.x:4 * (r.x + r.w)] = source[i]

    def rgb(self):
        out = bytearray()
        for row in self.rows:
            pixels = bytearray(3 * self.w)
            pixels[0::3], pixels[1::3], pixels[2::3] = row[2::4], row[1::4], row[0::4]
            out += pixels
        return bytes(out)


def run(case):
    """Runs one test of the caller's; what does not hold, or a server that goes or is silent, is the program's reason to exit 1."""
    try:
        case()
    except Closed:
        sys.exit("the server hung up")
    except TimeoutError:
        sys.exit("the server does not answer")
    except AssertionError as e:
        at = e.__traceback__.tb_next
        sys.exit(f"line {at.tb_lineno if at else 0}: {e}")
