#!/usr/bin/python3
"""bigclip.py PORT: twenty megabytes of clipboard through a viewer, either way, while it and another follow a moving picture.

Prints a line for each step, so that the test can copy and paste meanwhile; exit 1 with the reason when frames did
not go on. With "got" and "paste" comes the SHA-256 of the text that came, or is to come out."""
import hashlib
import os
import struct
import sys
import threading
import time
import zlib

sys.dont_write_bytecode = True
from rfbwire import COPYRECT, CURSOR, EXT_CLIPBOARD, LAST_RECT, TIGHT, Closed, Viewer

TEXT, CAPS, REQUEST, NOTIFY, PROVIDE = 1, 1 << 24, 1 << 25, 1 << 27, 1 << 28
PORT = int(sys.argv[1])


class Watcher(Viewer):
    """Asks for the next update as soon as one is there, and notes when they came."""

    def __init__(self):
        self.lock = threading.Lock()
        super().__init__(PORT)
        self.log_in()
        self.set_encodings(TIGHT, COPYRECT, LAST_RECT, CURSOR, EXT_CLIPBOARD)
        self.times, self.texts, self.notified = [], [], threading.Event()
        self.wanted, self.requested, self.come = None, threading.Event(), threading.Condition()
        threading.Thread(target=self.run, daemon=True).start()

    def send(self, *parts):
        with self.lock:
            super().send(*parts)

    def run(self):
        self.request(0)
        try:
            while True:
                kind, contents = self.message()
                if kind == "update":
                    self.times.append(time.monotonic())
                    self.request(1)
                elif kind == "cut text":
                    self.clipboard(contents)
                with self.come:
                    self.come.notify_all()
        except Closed:
            os._exit(print("the server hung up", flush=True) or 1)

    def clipboard(self, contents):
        (flags,) = struct.unpack(">I", contents[:4])
        if flags & CAPS:
            pass
        elif flags & NOTIFY and flags & TEXT:
            self.notified.set()
        elif flags & REQUEST:
            self.requested.set()
        elif flags & PROVIDE:
            self.texts.append(contents[4:])

    def say(self, flags, data=b""):
        self.send(struct.pack(">B3xiI", 6, -4 - len(data), flags), data)

    def until(self, condition):
        with self.come:
            assert self.come.wait_for(condition, 60), "waited in vain"


def rate(w, begin, end):
    """Updates a second, and the longest time without one."""
    times = [begin] + [t for t in w.times if begin <= t <= end] + [end]
    gaps = [b - a for a, b in zip(times, times[1:])]
    return (len(times) - 2) / (end - begin), max(gaps)


def compare(what, watchers, before, during):
    for name, w in watchers:
        (old, old_gap), (new, new_gap) = rate(w, *before), rate(w, *during)
        print(f"# {what} in {during[1] - during[0]:.2f} s: {name}: {old:.0f} updates a second before, {new:.0f} meanwhile; "
              f"longest pause {old_gap * 1000:.0f} ms, {new_gap * 1000:.0f} ms", flush=True)
        assert new > old / 8 and new_gap < max((during[1] - during[0]) / 2, 0.25), f"{name}: the picture stood still"


def a_while(w):
    """The time that the next thirty updates take."""
    begin, n = time.monotonic(), len(w.times)
    w.until(lambda: len(w.times) >= n + 30)
    return begin, time.monotonic()


def main():
    other, v = Watcher(), Watcher()
    both = (("the viewer", v), ("another", other))
    before = a_while(v)

    print("copy", flush=True)
    v.until(v.notified.is_set)
    begin = time.monotonic()
    v.say(REQUEST | TEXT)
    v.until(lambda: v.texts)
    end = time.monotonic()
    compare("to the viewer", both, before, (begin, end))
    text = zlib.decompressobj().decompress(v.texts[0])
    (n,) = struct.unpack(">I", text[:4])
    assert n == len(text) - 4 and text[-1:] == b"\0", "a length that is not the text's"
    print("got", hashlib.sha256(text[4:-1].replace(b"\r\n", b"\n")).hexdigest(), flush=True)

    text = b"".join(b"%d is a line of the viewer's\r\n" % i for i in range(20 << 20 >> 5))
    packed = zlib.compress(struct.pack(">I", len(text) + 1) + text + b"\0", 1)
    v.say(NOTIFY | TEXT)
    before = a_while(v)
    print("paste", hashlib.sha256(text.replace(b"\r\n", b"\n")).hexdigest(), flush=True)
    v.until(v.requested.is_set)
    begin = time.monotonic()
    v.say(PROVIDE | TEXT, packed)
    sys.stdin.readline()        # it is pasted
    end = time.monotonic()
    compare("from the viewer", both, before, (begin, end))
    print("done", flush=True)


try:
    main()
except AssertionError as e:
    sys.exit(str(e))
