"""Visits PORT twice, for the log: with a wrong password, then with the right one, typing and giving a text."""
import struct
import sys

from rawviewer import Closed, Viewer

try:
    Viewer(sys.argv[1], password="wrong\x1b[31m\n")
    sys.exit("a wrong password was taken")
except Closed:
    pass
v = Viewer(sys.argv[1], password="sesame42")
v.request(False)
v.update()
v.key(0x61, 1)
v.key(0x61, 0)
v.send(struct.pack(">BxxxI", 6, 9) + b"\x1b[31mred\n")
v.pointer(10, 10, 0)
v.request(False)
v.update()
