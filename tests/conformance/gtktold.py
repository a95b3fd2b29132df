#!/usr/bin/python3
"""gtktold.py HOST PORT: the gtk-vnc widget connects and says in a line what it is told: "size W H", "name TEXT", "bell", "leds MASK",
"pointer absolute|relative", "lost". Lines of stdin: "size W H" asks for another size, "key KEYVAL" presses a key, "copy TEXT" cuts one."""
import sys

import gi
gi.require_version("Gtk", "3.0")
gi.require_version("GtkVnc", "2.0")
from gi.repository import GLib, Gtk, GtkVnc  # noqa: E402


def say(*words):
    print(*words, flush=True)


def obey(stream, condition, display):
    words = stream.readline().split(maxsplit=1)
    if not words:
        return False
    if words[0] == "size":
        w, h = map(int, words[1].split())
        display.get_connection().set_size(w, h)
    elif words[0] == "key":
        display.send_keys([int(words[1])])
    elif words[0] == "copy":
        display.client_cut_text(words[1].strip())
    return True


def listen(display):
    c = display.get_connection()
    say("size", c.get_width(), c.get_height())
    c.connect("vnc-bell", lambda c: say("bell"))
    c.connect("vnc-led-state", lambda c: say("leds", c.get_ledstate()))
    c.connect("vnc-desktop-rename", lambda c, name: say("name", name))
    c.connect("vnc-desktop-resize", lambda c, w, h: say("size", w, h))
    c.connect("vnc-pointer-mode-changed", lambda c, absolute: say("pointer", "absolute" if absolute else "relative"))
    c.connect("vnc-server-cut-text", lambda c, text: say("cut", text))
    GLib.io_add_watch(sys.stdin, GLib.IO_IN | GLib.IO_HUP, obey, display)


def main():
    window, display = Gtk.Window(), GtkVnc.Display()
    display.set_shared_flag(True)
    display.set_keyboard_grab(False)
    display.connect("vnc-initialized", listen)
    display.connect("vnc-disconnected", lambda d: (say("lost"), Gtk.main_quit()))
    window.add(display)
    window.show_all()
    display.open_host(*sys.argv[1:3])
    Gtk.main()


main()
