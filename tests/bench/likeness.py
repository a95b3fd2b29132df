#!/usr/bin/python3
"""make likeness: how far from a picture each JPEG quality level is, and what it costs in bytes, ours beside the installed peers.

tests/bench/likeness.py [LEVEL…]     default: all ten. Environment: PEERS, BUILD as for tests/bench/run.
The picture stands still on Xvfb without a pointer, since x0vncserver would draw it into the picture. Figures are libvncclient's once the first
update is there: PSNR in dB over all of the screen, kB received."""
import os
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from servers import SERVERS, Process, Server, installed, start_display

BUILD = os.path.abspath(os.environ.get("BUILD", "build"))
OUT = f"{BUILD}/bench"
PICTURES = {                    # what xpaint paints; None: a frame of the workload's video
    "photograph": "photo 0 0 1280 800 1\n",
    "text and photographs": "page 0 0 1280 800 1\nphoto 420 110 301 303 2\nphoto 37 501 640 281 3\n",
    "video": None,
}


def paint(display, lines):
    """Shows a picture; what has to end when it is not needed any more."""
    if lines is None:
        film = Process([f"{OUT}/workload", "fullvideo"], f"{OUT}/workload.log", {"DISPLAY": display}, stdout=subprocess.PIPE)
        film.child.stdout.readline()
        time.sleep(0.5)         # "ready" is before the first frame
        os.kill(film.child.pid, signal.SIGUSR1)
        return film
    subprocess.run([f"{BUILD}/tools/xpaint"], input=lines.encode(), env={**os.environ, "DISPLAY": display}, check=True, stdout=subprocess.DEVNULL)


def look(port, display, level):
    """(dB, bytes) of the first update."""
    said = subprocess.run([f"{BUILD}/conformance/vncclient", "--quality", str(level), "--psnr", "5", "--first", "--display", display, f"127.0.0.1::{port}"],
                          capture_output=True, text=True, timeout=60)
    words = said.stdout.split()
    if "psnr" not in words:
        raise RuntimeError(said.stdout + said.stderr)
    return float(words[words.index("psnr") + 1]), int(words[words.index("bytes") - 1])


def main():
    os.makedirs(OUT, exist_ok=True)
    os.environ["PATH"] = f"{BUILD}/bin:{os.environ['PATH']}"
    levels = [int(n) for n in sys.argv[1:]] or range(10)
    names = [n for n in os.environ.get("PEERS", "rfbkit x11vnc x0vncserver").split() if n in SERVERS and installed(n)]
    x, display = start_display(OUT, "xvfb", "Xvfb -screen 0 1280x800x24")
    try:
        paint(display, "nopointer\n")
        for picture, lines in PICTURES.items():
            shown = paint(display, lines)
            print(f"| {picture} | " + " | ".join(map(str, levels)) + " |\n|---|" + "---|" * len(levels), flush=True)
            for name in names:
                server = Server(name, OUT, (x, display))
                try:
                    server.start()
                    found = [look(server.port, display, n) for n in levels]
                finally:
                    server.end()
                print(f"| {name} | " + " | ".join(f"{db:.2f} / {n / 1000:.0f}" for db, n in found) + " |", flush=True)
            if shown:
                shown.end()
    finally:
        x.end()


main()
