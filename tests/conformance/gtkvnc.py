#!/usr/bin/python3
"""gtkvnc.py HOST PORT PPM [SECONDS] [DEPTH]: the gtk-vnc widget connects, and its picture must become that of the PPM.

Exit 0 when it does, 1 when it does not in time or the connection fails. DEPTH: 0 default, 1 ultra-low, 2 low, 3 medium, 4 full.
PASSWORD and USERNAME come from the environment variables VNC_PASSWORD and VNC_USERNAME."""
import os
import sys

import gi
gi.require_version("Gtk", "3.0")
gi.require_version("GtkVnc", "2.0")
from gi.repository import GLib, GObject, Gtk, GtkVnc  # noqa: E402


def read_ppm(path):
    with open(path, "rb") as f:
        magic, size, top = f.readline().strip(), f.readline().split(), f.readline().strip()
        if magic != b"P6" or top != b"255":
            sys.exit(f"{path} is not a PPM")
        return int(size[0]), int(size[1]), f.read()


def packed(pixbuf):
    """The pixels as RGB without padding."""
    w, h, stride, n = pixbuf.get_width(), pixbuf.get_height(), pixbuf.get_rowstride(), pixbuf.get_n_channels()
    data = pixbuf.get_pixels()
    rows = [data[y * stride:y * stride + w * n] for y in range(h)]
    if n == 3:
        return b"".join(rows)
    return b"".join(bytes(b for i, b in enumerate(row) if i % 4 != 3) for row in rows)


class Watcher:
    def __init__(self, reference, seconds):
        self.reference, self.left, self.status, self.why = reference, int(seconds * 5), 1, "no picture came"
        self.ready = False

    def finish(self, status, why):
        self.status, self.why = status, why
        Gtk.main_quit()

    def on_ready(self, display):
        self.ready = True

    def on_credential(self, display, wanted):
        answers = {GtkVnc.DisplayCredential.PASSWORD: os.environ.get("VNC_PASSWORD", ""),
                   GtkVnc.DisplayCredential.USERNAME: os.environ.get("VNC_USERNAME", ""),
                   GtkVnc.DisplayCredential.CLIENTNAME: "rfbkit"}
        for kind in (GtkVnc.DisplayCredential(wanted.get_nth(i).get_enum() if hasattr(wanted.get_nth(i), "get_enum")
                                              else wanted.get_nth(i)) for i in range(wanted.n_values)):
            display.set_credential(kind, answers[kind])

    def look(self, display):
        self.left -= 1
        pixbuf = display.get_pixbuf() if self.ready else None
        w, h, want = self.reference
        got = packed(pixbuf) if pixbuf and (pixbuf.get_width(), pixbuf.get_height()) == (w, h) else None
        if got == want:
            self.finish(0, "equal")
        elif self.left > 0:
            return True         # and no longer over it: nothing else is done meanwhile
        elif got:
            at = next(i for i in range(0, len(want), 3) if got[i:i + 3] != want[i:i + 3]) // 3
            self.finish(1, f"differs first at {at % w},{at // w}")
        else:
            self.finish(1, f"size {pixbuf.get_width()}x{pixbuf.get_height()}, expected {w}x{h}" if pixbuf else self.why)
        return False


def main():
    host, port, path = sys.argv[1:4]
    watcher = Watcher(read_ppm(path), float(sys.argv[4]) if len(sys.argv) > 4 else 15)
    window, display = Gtk.Window(), GtkVnc.Display()
    display.set_lossy_encoding(False)
    display.set_shared_flag(True)
    if len(sys.argv) > 5:
        display.set_depth(GtkVnc.DisplayDepthColor(int(sys.argv[5])))
    display.connect("vnc-initialized", watcher.on_ready)
    display.connect("vnc-auth-credential", watcher.on_credential)
    display.connect("vnc-error", lambda d, message: watcher.finish(1, message))
    display.connect("vnc-disconnected", lambda d: watcher.finish(1, "disconnected"))
    window.add(display)
    window.show_all()
    display.open_host(host, port)
    GLib.timeout_add(200, watcher.look, display)
    Gtk.main()
    print(watcher.why)
    sys.exit(watcher.status)


main()
