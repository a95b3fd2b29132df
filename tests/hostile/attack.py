#!/usr/bin/python3
"""attack.py PORT KIND [SEED]: one kind of hostile viewer, or many. Ends when it has done what it does; exit 0 always but for
its own faults. What it did to the server is for the caller to find out."""
import errno
import random
import select
import socket
import ssl
import struct
import sys
import time

PORT, KIND = int(sys.argv[1]), sys.argv[2]
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else int(time.time())
RANDOM = random.Random(SEED)

# A whole session without authentication, as bytes: handshake, format, encodings, requests, input, clipboard, extensions.
SESSION = b"".join((
    b"RFB 003.008\n", b"\x01", b"\x01",
    struct.pack(">B3xBBBBHHHBBB3x", 0, 16, 16, 0, 1, 31, 63, 31, 11, 5, 0),
    struct.pack(">BxH12i", 2, 12, 7, 16, 6, 5, 2, 1, 0, -239, -223, -308, -312, -313),
    struct.pack(">BBHHHH", 3, 0, 0, 0, 200, 200),
    struct.pack(">BBxxI", 4, 1, 0x61), struct.pack(">BBxxI", 4, 0, 0x61),
    struct.pack(">BBHH", 5, 1, 30, 30), struct.pack(">BBHH", 5, 0, 30, 30),
    struct.pack(">B3xI", 6, 5), b"hello",
    struct.pack(">B3xIB", 248, 0x80000001, 3), b"abc",
    struct.pack(">BBHHHH", 150, 1, 0, 0, 200, 200),
    struct.pack(">BBHHII", 255, 0, 1, 0, 0x61, 0x1e),
    struct.pack(">BxHHBx", 251, 300, 300, 1), struct.pack(">IHHHHI", 0, 0, 0, 300, 300, 0),
))


def connect():
    for _ in range(200):
        try:
            s = socket.create_connection(("127.0.0.1", PORT), timeout=10)
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return s
        except OSError as e:
            # refused or reset by a server that defends itself, or one that is busy: later again
            if not isinstance(e, TimeoutError) and e.errno not in (errno.ECONNREFUSED, errno.ECONNRESET, errno.EADDRNOTAVAIL):
                raise
            time.sleep(0.05)
    return None


def send(s, data):
    try:
        s.sendall(data)
        return True
    except OSError:
        return False


def drain(s, seconds):
    """Reads and forgets, until the server closes or the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        ready, _, _ = select.select([s], [], [], max(0, end - time.monotonic()))
        try:
            if ready and not s.recv(1 << 16):
                return
        except OSError:
            return


def slow_handshakes():
    """200 at once, each a byte every quarter of a second, for five seconds."""
    sockets = [s for s in (connect() for _ in range(200)) if s]
    for i in range(20):
        for s in sockets:
            send(s, SESSION[i:i + 1])
        time.sleep(0.25)
    for s in sockets:
        s.close()


def half_open():
    """Connections that never say anything."""
    sockets = [s for s in (connect() for _ in range(200)) if s]
    time.sleep(5)
    for s in sockets:
        s.close()


def random_bytes():
    for n in range(150):
        s = connect()
        if s:
            send(s, (b"" if n % 3 == 0 else SESSION[:14]) + RANDOM.randbytes(RANDOM.randrange(1, 4000)))
            drain(s, 0.02)
            s.close()


def truncations():
    for n in range(len(SESSION)):
        s = connect()
        if s:
            send(s, SESSION[:n])
            if n % 2:
                try:
                    s.shutdown(socket.SHUT_WR)
                except OSError:     # it has hung up already
                    pass
                drain(s, 0.05)
            s.close()


def huge_lengths():
    for length in (0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe, 1 << 27):
        for message in (struct.pack(">B3xI", 6, length), struct.pack(">BxHI", 2, 0xffff, length),
                        struct.pack(">B3xIB", 248, 0x80000000, 255), struct.pack(">BxHHBx", 251, 65535, 65535, 255),
                        struct.pack(">BBHHHH", 3, 0, 65535, 65535, 65535, 65535), struct.pack(">BBHHHH", 3, 0, 0, 0, 65535, 65535)):
            s = connect()
            if s:
                send(s, SESSION[:14] + message + b"\xff" * 20000)
                drain(s, 0.05)
                s.close()
    # extended clipboard: lengths are signed there, and the text is compressed
    for n in (-4, -5, -1, -0x80000000, -100):
        s = connect()
        if s:
            send(s, SESSION[:14] + struct.pack(">BxHi", 2, 1, -1063131698) + struct.pack(">B3xi", 6, n) + b"\x10\x00\x00\x01" + b"\x78\x9c" + b"\0" * 500)
            drain(s, 0.05)
            s.close()


def never_reads():
    """Ten that ask for everything, again and again, and read nothing."""
    sockets = []
    for _ in range(10):
        s = connect()
        if s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            send(s, SESSION[:14] + struct.pack(">BxHi", 2, 1, 0))
            s.setblocking(False)
            sockets.append(s)
    end = time.monotonic() + 6
    request = struct.pack(">BBHHHH", 3, 0, 0, 0, 65535, 65535)
    while time.monotonic() < end:
        for s in sockets:
            try:
                s.send(request)
            except OSError:
                pass
        time.sleep(0.005)
    for s in sockets:
        s.close()


def cycles():
    """10,000 times connected and gone, some of them having said a little."""
    for n in range(10000):
        s = connect()
        if s:
            if n % 4 == 0:
                send(s, SESSION[:n % 40])
            if n % 3 == 0:      # reset instead of close
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            s.close()


def mutations():
    for _ in range(300):
        data = bytearray(SESSION)
        for _ in range(RANDOM.randrange(1, 8)):
            at = RANDOM.randrange(14, len(data))
            what = RANDOM.randrange(4)
            if what == 0:
                data[at] = RANDOM.randrange(256)
            elif what == 1:
                data[at:at] = RANDOM.randbytes(RANDOM.randrange(1, 20))
            elif what == 2:
                del data[at:at + RANDOM.randrange(1, 20)]
            else:
                data[at:at + 4] = RANDOM.choice((b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\0\0\0\0"))
            if len(data) < 20:
                break
        s = connect()
        if s:
            send(s, bytes(data))
            drain(s, 0.02)
            s.close()


def floods():
    """500 at once that come in whole and ask for the screen."""
    sockets = [s for s in (connect() for _ in range(500)) if s]
    for s in sockets:
        send(s, SESSION)
    for s in sockets:
        drain(s, 0.01)
    for s in sockets:
        s.close()


def hello(anonymous):
    """A client's first flight, which costs the server a handshake's arithmetic and us nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if anonymous:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("ADH-AES128-GCM-SHA256:@SECLEVEL=0")
    out = ssl.MemoryBIO()
    try:
        context.wrap_bio(ssl.MemoryBIO(), out).do_handshake()
    except ssl.SSLWantReadError:
        pass
    return out.read()


def read(s, n):
    data = b""
    while len(data) < n:
        part = s.recv(n - len(data))
        if not part:
            raise ConnectionResetError
        data += part
    return data


def tls_handshakes():
    """Two hundred a second begun, for six seconds; one in eight anonymous ones and RSA-AES's arithmetic among them."""
    plain, anonymous = hello(False), hello(True)
    begun, start = 0, time.monotonic()
    while time.monotonic() - start < 6:
        s = connect()
        if not s:
            break
        try:
            if begun % 8 == 0:          # VeNCrypt, TLSNone
                read(s, 12), s.sendall(b"RFB 003.008\n")
                read(s, read(s, 1)[0]), s.sendall(b"\x13")
                read(s, 2), s.sendall(b"\x00\x02")
                read(s, 1), read(s, 4 * read(s, 1)[0]), s.sendall(struct.pack(">I", 257))
                read(s, 1), s.sendall(anonymous)
            elif begun % 8 == 1:        # RA2: a key of ours, a random number that is none
                read(s, 12), s.sendall(b"RFB 003.008\n")
                read(s, read(s, 1)[0]), s.sendall(b"\x05")
                size = (struct.unpack(">I", read(s, 4))[0] + 7) // 8
                read(s, 2 * size), s.sendall(struct.pack(">I", 2048) + b"\xc3" * 256 + bytes(253) + b"\1\0\1")
                read(s, 2 + 256), s.sendall(struct.pack(">H", size) + b"\x17" * size)
            else:
                s.sendall(plain)
        except OSError:
            pass
        s.close()
        begun += 1
        time.sleep(max(0, start + begun / 200 - time.monotonic()))
    print(f"{begun / 6:.0f} handshakes a second")


KINDS = {f.__name__: f for f in (slow_handshakes, half_open, random_bytes, truncations, huge_lengths, never_reads, cycles, mutations, floods,
                                   tls_handshakes)}
if KIND == "--list":
    print("\n".join(KINDS))
else:
    print(f"seed {SEED}", flush=True)
    KINDS[KIND]()
