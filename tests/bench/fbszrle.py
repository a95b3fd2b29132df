#!/usr/bin/env python3
"""fbszrle PORT FILE: a viewer that asks for ZRLE (and CopyRect) and keeps what the server sends as FBS 001.001, as rfbproxy does. Ends
with the connection."""
import socket
import struct
import sys
import time

sock = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
out = open(sys.argv[2], "wb")
start = time.monotonic()


def block(data):
    ms = int((time.monotonic() - start) * 1000)
    out.write(struct.pack(">I", len(data)) + data + bytes(-len(data) % 4) + struct.pack(">I", ms))


def read(n):
    data = bytearray()
    while len(data) < n:
        got = sock.recv(n - len(data))
        if not got:
            out.close()
            sys.exit(0)
        data += got
    return bytes(data)


out.write(b"FBS 001.001\n")
read(12)
sock.sendall(b"RFB 003.008\n")
read(read(1)[0])
sock.sendall(b"\x01")
read(4)
sock.sendall(b"\x01")
block(b"RFB 003.003\n")
block(struct.pack(">I", 1))
init = read(24)
w, h = struct.unpack(">HH", init[:4])
block(init)
block(read(struct.unpack(">I", init[20:])[0]))
sock.sendall(struct.pack(">BxHiii", 2, 3, 16, 1, 0))
sock.sendall(struct.pack(">BBHHHH", 3, 0, 0, 0, w, h))
while True:
    kind = read(1)
    if kind == b"\0":
        head = read(3)
        data = bytearray(kind + head)
        for _ in range(struct.unpack(">xH", head)[0]):
            rect = read(12)
            x, y, rw, rh, encoding = struct.unpack(">HHHHi", rect)
            data += rect
            if encoding == 16:
                n = read(4)
                data += n + read(struct.unpack(">I", n)[0])
            elif encoding == 1:
                data += read(4)
            elif encoding == 0:
                data += read(rw * rh * 4)
            else:
                sys.exit(f"encoding {encoding}")
        block(bytes(data))
        sock.sendall(struct.pack(">BBHHHH", 3, 1, 0, 0, w, h))
    elif kind == b"\2":
        block(kind)
    elif kind == b"\3":
        head = read(7)
        block(kind + head + read(struct.unpack(">3xI", head)[0]))
    else:
        sys.exit(f"message {kind}")
