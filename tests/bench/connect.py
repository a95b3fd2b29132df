#!/usr/bin/env python3
"""How long a plain viewer takes to connect, with and without browsers at the same port, side by side.

connect.py: the built programs in PATH, $DISPLAY to serve. Prints the least, median and 90th percentile in
milliseconds, to the greeting and to the first whole picture, visits taken in turns; with VIEWERS=N then the whole
runs of two viewers that nobody here wrote, N each, from start to picture."""
import os
import socket
import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.append(os.path.dirname(__file__) + "/../conformance")
from rfbwire import Viewer

VISITS = int(os.environ.get("VISITS", "200"))
VIEWERS = int(os.environ.get("VIEWERS", "0"))
COMMANDS = {
    "vncsnapshot": ["vncsnapshot", "-quiet", "-nocursor", "127.0.0.1::{}", "/dev/null"],
    "libvncclient": ["vncclient", "--display", os.environ.get("DISPLAY", ""), "127.0.0.1::{}"],
}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def serve(*options):
    port = free_port()
    server = subprocess.Popen(["rfbd", "-L", "error", "-l", f"127.0.0.1:{port}", "-e", "fbgrab | fbdiff", *options])
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return server, port
        except ConnectionRefusedError:
            time.sleep(0.05)


def visit(port):
    start = time.monotonic()
    v = Viewer(port)
    v.hello()
    greeted = time.monotonic()
    v.enter()
    v.request(0)
    pixels = 0
    while pixels < v.w * v.h:
        pixels += sum(r.w * r.h for r in v.update())
    v.close()
    return greeted - start, time.monotonic() - start


def run(command, port):
    start = time.monotonic()
    subprocess.run([word.format(port) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=True, timeout=30)
    return time.monotonic() - start


def show(name, columns):
    cells = []
    for column in columns:
        ms = sorted(1000 * t for t in column)
        cells.append(f"{ms[0]:8.2f} {statistics.median(ms):8.2f} {ms[len(ms) * 9 // 10]:8.2f}")
    print(f"{name:22}", *(f"{cell:>26}" for cell in cells))


def main():
    with_page, without = serve("-W", f"127.0.0.1:{free_port()}"), serve()
    servers = {"RFB alone": without[1], "with -W": with_page[1]}
    times = {name: [] for name in servers}
    runs = {(viewer, name): [] for viewer in COMMANDS for name in servers}
    try:
        for _ in range(VISITS):
            for name, port in servers.items():
                times[name].append(visit(port))
        for _ in range(VIEWERS):
            for viewer, name in runs:
                runs[viewer, name].append(run(COMMANDS[viewer], servers[name]))
    finally:
        with_page[0].terminate()
        without[0].terminate()
    print(f"{'':22} {'greeting':>26} {'first picture':>26}")
    for name, visits in times.items():
        show(name, zip(*visits))
    for (viewer, name), all_of_it in runs.items():
        if all_of_it:
            show(f"{viewer}, {name}", [all_of_it])


main()
