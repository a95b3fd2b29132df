#!/usr/bin/env python3
"""burst.py HOST:PORT N: a viewer over a WebSocket that comes in without authentication, sends N key events in one write,
each a frame of its own, and then stays until its stdin ends."""
import socket
import struct
import sys


class WebSocket:
    def __init__(self, at):
        host, port = at.split(":")
        self.s = socket.create_connection((host, int(port)), 30)
        self.raw, self.payload = b"", b""
        self.s.sendall((f"GET /websockify HTTP/1.1\r\nHost: {at}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
        while b"\r\n\r\n" not in self.raw:
            self.more()
        self.raw = self.raw.split(b"\r\n\r\n", 1)[1]

    def more(self):
        part = self.s.recv(4096)
        if not part:
            sys.exit("the server hung up")
        self.raw += part

    def take(self, n):
        while len(self.raw) < n:
            self.more()
        part, self.raw = self.raw[:n], self.raw[n:]
        return part

    def read(self, n):
        while len(self.payload) < n:
            size = self.take(2)[1]
            if size == 126:
                size = struct.unpack(">H", self.take(2))[0]
            self.payload += self.take(size)
        part, self.payload = self.payload[:n], self.payload[n:]
        return part

    def write(self, *messages):
        self.s.sendall(b"".join(bytes([0x82, 0x80 | len(m)]) + bytes(4) + m for m in messages))


def main():
    w = WebSocket(sys.argv[1])
    w.read(12)
    w.write(b"RFB 003.008\n")
    w.read(w.read(1)[0])
    w.write(b"\x01")
    w.read(4)
    w.write(b"\x01")
    w.read(20)
    w.read(struct.unpack(">I", w.read(4))[0])
    w.write(*(struct.pack(">BBxxI", 4, 1 - i % 2, 0x61 + i // 2) for i in range(int(sys.argv[2]))))
    sys.stdin.read()


main()
