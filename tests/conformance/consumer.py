#!/usr/bin/python3
"""consumer.py PORT: a viewer that resizes and pastes while its server's input consumer is stopped and killed. Prints what is to be
done to it, and goes on when a line comes: "stop" it, "kill" it (and wait for another), paste, copy."""
import struct
import sys
import zlib

sys.dont_write_bytecode = True
from rfbwire import CURSOR, EXT_CLIPBOARD, EXT_DESKTOP_SIZE, RAW, Viewer, run

TEXT, REQUEST, NOTIFY, PROVIDE = 1, 1 << 25, 1 << 27, 1 << 28


def do(what):
    print(what, flush=True)
    assert sys.stdin.readline()


def clip(v, flags, data=b""):
    v.send(struct.pack(">B3xiI", 6, -4 - len(data), flags), data)


def clip_message(v, flag):
    """The next clipboard message of that kind."""
    while True:
        kind, contents = v.message()
        if kind == "cut text" and struct.unpack(">I", contents[:4])[0] & flag:
            return contents[4:]


def resize(v, w, h):
    v.send(struct.pack(">BxHHBxIHHHHI", 251, w, h, 1, 0, 0, 0, w, h, 0))


def answer(v, w, h):
    """(status, width, height) of the answer to a wish for a size; nothing is asked for meanwhile."""
    resize(v, w, h)
    v.sizes.clear()
    return lambda: next(iter([s[1:] for s in until_size(v) if s[0] == 1]))


def until_size(v):
    while not any(s[0] == 1 for s in v.sizes):
        v.message()
    return v.sizes


def case():
    v = Viewer(int(sys.argv[1]), timeout=60).log_in()
    v.set_encodings(RAW, EXT_DESKTOP_SIZE, EXT_CLIPBOARD, CURSOR)
    v.request(0)
    v.update()
    do("stop")
    answered = answer(v, 700, 500)
    do("kill")
    assert answered() == (2, 640, 480), v.sizes
    assert answer(v, 720, 500)() == (0, 720, 500), v.sizes

    clip(v, NOTIFY | TEXT)
    print("paste", flush=True)
    clip_message(v, REQUEST)
    text = b"from the viewer"
    clip(v, PROVIDE | TEXT, zlib.compress(struct.pack(">I", len(text) + 1) + text + b"\0"))
    assert sys.stdin.readline()
    do("kill")
    do("paste")         # the text is here, and owned by the new one

    v.request(1)
    print("copy", flush=True)
    clip_message(v, NOTIFY)
    do("stop")
    clip(v, REQUEST | TEXT)
    do("kill")
    text = zlib.decompressobj().decompress(clip_message(v, PROVIDE))
    assert len(text) == 4 + 200000 + 1, len(text)
    print("done", flush=True)


run(case)
