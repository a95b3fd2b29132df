"""A viewer by WebSocket, without a browser: looks, types, points, copies, and resizes the screen."""
import base64
import os
import random
import socket
import struct
import sys
import time

import rawviewer


class WebSocket:
    """Binary frames as a stream of bytes: RFC 6455, client's side."""

    def __init__(self, port):
        self.s = socket.create_connection(("127.0.0.1", port), 30)
        self.kept = b""
        key = base64.b64encode(os.urandom(16)).decode()
        self.s.sendall((f"GET /websockify HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: binary\r\n\r\n").encode())
        head = b""
        while b"\r\n\r\n" not in head:
            part = self.s.recv(1)
            if not part:
                raise rawviewer.Closed("no answer")
            head += part
        if not head.startswith(b"HTTP/1.1 101"):
            raise rawviewer.Closed(head.split(b"\r\n")[0].decode())

    def settimeout(self, seconds):
        self.s.settimeout(seconds)

    def exactly(self, n):
        data = b""
        while len(data) < n:
            part = self.s.recv(n - len(data))
            if not part:
                raise rawviewer.Closed("closed")
            data += part
        return data

    def recv(self, n):
        while not self.kept:
            first, length = self.exactly(2)
            if length == 126:
                length = struct.unpack(">H", self.exactly(2))[0]
            elif length == 127:
                length = struct.unpack(">Q", self.exactly(8))[0]
            data = self.exactly(length)
            if first & 15 == 8:
                return b""
            if first & 15 == 9:
                self.frame(10, data)
            elif first & 15 in (0, 2):
                self.kept = data
        data, self.kept = self.kept[:n], self.kept[n:]
        return data

    def frame(self, opcode, data):
        mask = os.urandom(4)
        length = struct.pack(">BB", 0x80 | opcode, 0x80 | len(data)) if len(data) < 126 else struct.pack(">BBH", 0x80 | opcode, 0x80 | 126, len(data))
        self.s.sendall(length + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data)))

    def sendall(self, data):
        self.frame(2, data)


class WebViewer(rawviewer.Viewer):
    def connect(self, port):
        return WebSocket(port)


def act(v, resizes):
    """One small thing that a person does."""
    what = random.random()
    if what < 0.5:
        v.pointer(random.randrange(v.w), random.randrange(v.h), random.choice((0, 0, 1)))
    elif what < 0.8:
        key = random.choice((0x61, 0x65, 0xff08, 0x20ac, 0x1000439, 0xffe1))
        v.key(key, 1)
        v.key(key, 0)
    elif what < 0.95 or not resizes:
        text = b"clip %d " % random.randrange(1 << 30) * random.randrange(1, 40)
        v.send(struct.pack(">BxxxI", 6, len(text)) + text)
    else:
        w, h = random.choice(((800, 600), (640, 480), (1024, 700), (900, 640)))
        v.send(struct.pack(">BxHHBxIHHHHI", 251, w, h, 1, 0, 0, 0, w, h, 0))


def main(port, seconds, resizes):
    v = WebViewer(port, encodings=(0, 1, -223, -308, -239))
    print("in", flush=True)
    end = time.monotonic() + seconds
    v.request(False, 0, 0, 64, 64)
    while time.monotonic() < end:
        v.update()
        act(v, resizes)
        time.sleep(0.2)
        # a corner is enough for the slowest decoder here; all of it now and then
        if random.random() < 0.05:
            v.request(False)
        else:
            v.request(True, 0, 0, min(256, v.w), min(192, v.h))


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3] == "resizes")
    except (rawviewer.Closed, OSError) as why:
        sys.exit(f"webviewer: {why}")
