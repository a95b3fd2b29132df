#!/usr/bin/python3
"""crowd.py PORT COUNT: COUNT viewers connect at once; each shakes hands, asks for the whole picture, and follows on, taking all that
it is sent. Prints "all in" when every one has been sent the beginning of a picture, then "N gone" for each that is dropped."""
import selectors
import socket
import struct
import sys

FORMAT_AND_ENCODINGS = struct.pack(">BxHi", 2, 1, 7)                    # Tight
ASK = {False: struct.pack(">BBHHHH", 3, 0, 0, 0, 0xffff, 0xffff), True: struct.pack(">BBHHHH", 3, 1, 0, 0, 0xffff, 0xffff)}


class Viewer:
    """What it has yet to be sent, step by step: bytes to wait for, then what to answer."""
    STEPS = [(12, b"RFB 003.008\n"), (2, b"\1"), (4, b"\1"), (24, None), (16, None)]

    def __init__(self, port):
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.connect_ex(("127.0.0.1", port))
        self.step, self.have, self.shown = 0, b"", False

    def take(self):
        """False: it was dropped."""
        try:
            data = self.socket.recv(1 << 18)
        except BlockingIOError:
            return True
        except OSError:
            return False
        if not data:
            return False
        if self.shown:
            self.socket.send(ASK[True])
            return True
        self.have += data
        while not self.shown and len(self.have) >= self.STEPS[self.step][0]:
            n, answer = self.STEPS[self.step]
            if self.step == 3:
                n += struct.unpack(">I", self.have[20:24])[0]           # and the desktop's name
                if len(self.have) < n:
                    return True
                answer = FORMAT_AND_ENCODINGS + ASK[False]
            if answer:
                self.socket.send(answer)
            self.have = self.have[n:]
            self.step += 1
            self.shown = self.step == len(self.STEPS)
        return True


def main():
    port, count = int(sys.argv[1]), int(sys.argv[2])
    selector = selectors.DefaultSelector()
    viewers = [Viewer(port) for _ in range(count)]
    for v in viewers:
        selector.register(v.socket, selectors.EVENT_READ, v)
    said = gone = 0
    while True:
        for key, _ in selector.select():
            if not key.data.take():
                selector.unregister(key.data.socket)
                gone += 1
                print(gone, "gone", flush=True)
        if not said and all(v.shown for v in viewers):
            said = True
            print("all in", flush=True)


main()
