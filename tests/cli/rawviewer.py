"""A viewer in plain sockets, for tests of rfbd that need every byte in hand: Raw and CopyRect only."""
import socket
import struct
import sys
import time


class Closed(Exception):
    pass


class Viewer:
    def __init__(self, port, encodings=(0,), shared=True, version=b"RFB 003.008\n", password=None, init=True):
        self.sock = self.connect(port)
        self.sock.settimeout(30)
        self.desktop = None
        self.events = []
        self.pixels = {}
        self.read(12)
        self.send(version)
        if version >= b"RFB 003.007":
            n = self.read(1)[0]
            if n == 0:
                raise Closed(self.reason())
            types = self.read(n)
            self.type = 2 if password is not None else types[0]
            self.send(bytes([self.type]))
        else:
            self.type = struct.unpack(">I", self.read(4))[0]
            if self.type == 0:
                raise Closed(self.reason())
        if self.type == 2:
            self.send(respond(self.read(16), password))
        if self.type == 2 or version >= b"RFB 003.008":
            if struct.unpack(">I", self.read(4))[0]:
                raise Closed(self.reason() if version >= b"RFB 003.008" else "refused")
        if not init:
            return
        self.send(bytes([shared]))
        self.w, self.h = struct.unpack(">HH", self.read(4))
        self.format = self.read(16)
        self.name = self.read(struct.unpack(">I", self.read(4))[0]).decode()
        self.fb = bytearray(self.w * self.h * 4)
        self.encodings(encodings)

    def connect(self, port):
        if isinstance(port, str) and not port.isdigit():
            s = socket.socket(socket.AF_UNIX)
            s.connect(port)
            return s
        return socket.create_connection(("127.0.0.1", int(port)))

    def read(self, n):
        data = b""
        while len(data) < n:
            try:
                got = self.sock.recv(n - len(data))
            except ConnectionResetError:
                got = b""
            if not got:
                raise Closed("closed")
            data += got
        return data

    def send(self, data):
        self.sock.sendall(data)

    def reason(self):
        return self.read(struct.unpack(">I", self.read(4))[0]).decode()

    def encodings(self, numbers):
        self.send(struct.pack(">BxH", 2, len(numbers)) + b"".join(struct.pack(">i", n) for n in numbers))

    def request(self, incremental=True, x=0, y=0, w=None, h=None):
        self.send(struct.pack(">BBHHHH", 3, incremental, x, y, self.w if w is None else w, self.h if h is None else h))

    def key(self, keysym, down):
        self.send(struct.pack(">BBxxI", 4, down, keysym))

    def pointer(self, x, y, buttons):
        self.send(struct.pack(">BBHH", 5, buttons, x, y))

    def update(self):
        """Reads messages up to the end of an update; applies it; returns its rectangles' headers."""
        while True:
            kind = self.read(1)[0]
            if kind == 0:
                break
            if kind == 2:
                self.events.append("bell")
            elif kind == 150:
                self.events.append("end of continuous updates")
            elif kind == 248:
                self.read(3)
                flags, n = struct.unpack(">IB", self.read(5))
                data = self.read(n)
                self.events.append(("fence", flags, data))
                if flags & 0x80000000:
                    self.send(struct.pack(">BxxxIB", 248, flags & 7, n) + data)
            elif kind == 3:
                self.read(3)
                self.events.append(("cut", self.read(struct.unpack(">I", self.read(4))[0])))
            else:
                raise Closed("message %d" % kind)
        n = struct.unpack(">xH", self.read(3))[0]
        rects = []
        while n == 0xffff or len(rects) < n:
            x, y, w, h, e = struct.unpack(">HHHHi", self.read(12))
            if e == -224:
                break
            rects.append((x, y, w, h, e))
            self.apply(x, y, w, h, e)
        return rects

    def apply(self, x, y, w, h, e):
        if e == 0:
            data = self.read(w * h * 4)
            for i in range(h):
                at = ((y + i) * self.w + x) * 4
                self.fb[at:at + w * 4] = data[i * w * 4:(i + 1) * w * 4]
        elif e == 1:
            sx, sy = struct.unpack(">HH", self.read(4))
            old = bytes(self.fb)
            for i in range(h):
                at, src = ((y + i) * self.w + x) * 4, ((sy + i) * self.w + sx) * 4
                self.fb[at:at + w * 4] = old[src:src + w * 4]
        elif e in (-223, -308):
            if e == -308:
                self.screens = self.read(16 * struct.unpack(">Bxxx", self.read(4))[0])
            if (w, h) != (self.w, self.h):
                self.w, self.h = w, h
                self.fb = bytearray(w * h * 4)
        elif e == -307:
            self.name = self.read(struct.unpack(">I", self.read(4))[0]).decode()
        elif e == -239:
            self.cursor = (w, h, self.read(w * h * 4 + (w + 7) // 8 * h))
        elif e == -232:
            self.events.append(("pointer", x, y))
        elif e == -261:
            self.events.append(("leds", self.read(1)[0]))
        elif e in (-258, -316):
            self.events.append(("knows", e))
        else:
            raise Closed("encoding %d" % e)

    def at(self, x, y):
        b, g, r = self.fb[(y * self.w + x) * 4:(y * self.w + x) * 4 + 3]
        return "%02x%02x%02x" % (r, g, b)

    def until(self, condition, seconds=30):
        """Takes updates until the condition holds."""
        end = time.monotonic() + seconds
        while not condition(self):
            if time.monotonic() > end:
                raise Closed("waited in vain")
            self.request()
            self.update()

    def drained(self):
        """Reads until the server closes."""
        while self.sock.recv(65536):
            pass


def respond(challenge, password):
    import subprocess
    key = bytes(int("{:08b}".format(b)[::-1], 2) for b in password.encode()[:8].ljust(8, b"\0"))
    return subprocess.run(["openssl", "enc", "-des-ecb", "-nopad", "-K", key.hex(), "-provider", "legacy", "-provider", "default"],
                          input=challenge, stdout=subprocess.PIPE, check=True).stdout


if __name__ == "__main__":
    v = Viewer(sys.argv[1])
    print(v.w, v.h, v.name)
