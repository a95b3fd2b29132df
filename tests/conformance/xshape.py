#!/usr/bin/python3
"""xshape.py: gives $DISPLAY's root window a cursor for each line "W H X Y AARRGGBB..." of stdin: size, hot spot, premultiplied pixels.
It stays, as a cursor does not outlive who made it for other programs' eyes."""
import ctypes
import sys


class Image(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32) for name in ("version", "size", "width", "height", "xhot", "yhot", "delay")]
    _fields_.append(("pixels", ctypes.POINTER(ctypes.c_uint32)))


x11, xcursor = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXcursor.so.1")
x11.XOpenDisplay.restype = x11.XDefaultRootWindow.restype = xcursor.XcursorImageLoadCursor.restype = ctypes.c_void_p
xcursor.XcursorImageCreate.restype = ctypes.POINTER(Image)
display = ctypes.c_void_p(x11.XOpenDisplay(None))
root = ctypes.c_ulong(x11.XDefaultRootWindow(display))
for line in sys.stdin:
    w, h, x, y, pixels = line.split()
    image = xcursor.XcursorImageCreate(int(w), int(h))
    image.contents.xhot, image.contents.yhot = int(x), int(y)
    for i in range(int(w) * int(h)):
        image.contents.pixels[i] = int(pixels[8 * i:8 * i + 8], 16)
    x11.XDefineCursor(display, root, ctypes.c_ulong(xcursor.XcursorImageLoadCursor(display, image)))
    x11.XSync(display, 0)
