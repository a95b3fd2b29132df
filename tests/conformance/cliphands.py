#!/usr/bin/python3
"""cliphands.py PORT CASE: whose text is on the clipboard when viewers and fbinput come and go; exit 1 with the reason. The case may ask
the test, by a line, to do something and to answer by a line."""
import os
import signal
import struct
import subprocess
import sys
import time
import zlib

sys.dont_write_bytecode = True
from rfbwire import EXT_CLIPBOARD, FENCE, RAW, Viewer, run

TEXT, CAPS, REQUEST, NOTIFY, PROVIDE = 1, 1 << 24, 1 << 25, 1 << 27, 1 << 28
PORT = int(sys.argv[1])


def text_of(message):
    return zlib.decompressobj().decompress(message[1])[4:-1].decode()


class Clip(Viewer):
    """Knows the extended clipboard; notes what it is told."""

    def __init__(self):
        super().__init__(PORT)
        self.log_in()
        self.set_encodings(RAW, EXT_CLIPBOARD, FENCE)
        self.told = []
        self.request(1)
        self.take(CAPS)

    def say(self, flags, data=b""):
        self.send(struct.pack(">B3xiI", 6, -4 - len(data), flags), data)

    def hear(self):
        """The next message. What changes on the screen is told to those who look at it."""
        what, contents = self.message()
        if what == "update":
            self.request(1)
        if what == "cut text":
            self.told.append((struct.unpack(">I", contents[:4])[0], contents[4:]))
        return what, contents

    def take(self, kind):
        """The next clipboard message of that kind: its flags and contents."""
        while True:
            while self.told:
                flags, data = self.told.pop(0)
                if flags & kind:
                    return flags, data
            self.hear()

    def offer(self):
        self.say(NOTIFY | TEXT)

    def withdraw(self):
        self.say(NOTIFY)

    def give(self, text):
        data = text.encode() + b"\0"
        self.say(PROVIDE | TEXT, zlib.compress(struct.pack(">I", len(data)) + data))

    def text(self):
        self.say(REQUEST | TEXT)
        return text_of(self.take(PROVIDE))

    def settle(self):
        """What was sent so far has been acted on."""
        self.send(struct.pack(">B3xIB", 248, 0x80000000, 6), b"so far")
        while self.hear() != ("fence", (0, b"so far")):
            pass


class Old(Viewer):
    """Knows only the old clipboard."""

    def __init__(self):
        super().__init__(PORT)
        self.log_in()
        self.set_encodings(RAW)

    def give(self, text):
        self.send(struct.pack(">B3xI", 6, len(text)), text.encode())
        self.send(struct.pack(">BBHHHH", 3, 0, 0, 0, 4, 4))
        self.update()


def paste(selection="CLIPBOARD"):
    return subprocess.Popen(["xpaste", selection], stdout=subprocess.PIPE)


def pasted(p):
    out, _ = p.communicate(timeout=30)
    return out.decode() if p.returncode == 0 else None


def until_pasted(text, selection="CLIPBOARD"):
    end = time.monotonic() + 30
    while (got := pasted(paste(selection))) != text:
        assert time.monotonic() < end, f"{selection} is {got!r}, not {text!r}"
        time.sleep(0.03)


def until_owned():
    end = time.monotonic() + 30
    while subprocess.run(["xpaste", "CLIPBOARD", "TARGETS"], stdout=subprocess.DEVNULL).returncode:
        assert time.monotonic() < end, "nobody owns CLIPBOARD"
        time.sleep(0.03)


def ask(what):
    print(what, flush=True)
    return sys.stdin.readline().strip()


# --- viewers -------------------------------------------------------------------------------------------------


def case_withdrawn_by_another():
    """A viewer that has nothing takes nothing from one that has."""
    a, b = Clip(), Clip()
    a.give("of the first")
    a.settle()
    b.withdraw()
    b.settle()
    until_pasted("of the first")
    a.withdraw()
    a.settle()
    until_pasted(None)


def case_asked_again():
    """A viewer that did not answer the first paste is asked by the second."""
    v = Clip()
    v.offer()
    until_owned()
    first = paste()
    v.take(REQUEST)
    assert pasted(first) is None, "a text out of nothing"
    second = paste()
    v.take(REQUEST)
    v.give("at last")
    assert pasted(second) == "at last"


def case_outlives():
    """Who copies and leaves, leaves a text that can be pasted; that of an offer leaves with it."""
    old = Old()
    old.give("copied, and gone")
    old.close()
    until_pasted("copied, and gone")
    until_pasted("copied, and gone", "PRIMARY")
    v = Clip()
    v.offer()
    v.settle()
    v.close()
    until_pasted(None)


# --- fbinput -----------------------------------------------------------------------------------------------------


def case_offered_again():
    """A new fbinput has what the viewers have."""
    v, old = Clip(), Old()
    old.give("of a viewer")
    until_pasted("of a viewer")
    ask("kill")
    until_pasted("of a viewer")
    v.offer()
    v.settle()
    ask("kill")
    until_owned()
    p = paste()
    v.take(REQUEST)
    v.give("of another")
    assert pasted(p) == "of another"


def case_wanted_again():
    """Who waited for the display's text when fbinput went still gets it."""
    v = Clip()
    ask("own PRIMARY")
    v.take(NOTIFY)
    ask("stop")         # fbinput does nothing more
    v.say(REQUEST | TEXT)
    v.settle()
    ask("kill")
    assert text_of(v.take(PROVIDE)) == "PRIMARY" * 20000


def case_left_while_waiting():
    """The text that a viewer asked for before it left is there for the next one."""
    v, w = Clip(), Clip()
    ask("own CLIPBOARD")
    v.take(NOTIFY)
    w.take(NOTIFY)
    ask("freeze")       # its owner answers nobody
    v.say(REQUEST | TEXT)
    v.settle()
    ask("own PRIMARY")
    v.take(NOTIFY)
    w.take(NOTIFY)
    v.say(REQUEST | TEXT)
    v.settle()
    v.close()
    ask("thaw")
    assert w.text() == "PRIMARY" * 20000


run(globals()["case_" + sys.argv[2]])
print("done", flush=True)
