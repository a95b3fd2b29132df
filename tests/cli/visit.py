"""Connects to PORT [PASSWORD] and reads up to ServerInit: somebody serves a screen there."""
import sys

from rawviewer import Viewer

v = Viewer(sys.argv[1], password=sys.argv[2] if len(sys.argv) > 2 else None)
print(v.w, v.h, v.name)
