"""Viewers that nobody here wrote, and two that we did: each is started again when it ends, and it is noted why it ended."""
import os
import subprocess
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))


class Kept:
    """A program that is kept running in a thread. `stays`: it ends only when its connection is lost."""

    def __init__(self, name, command, stays, env, log, lost):
        self.name, self.command, self.stays, self.env, self.log, self.lost = name, command, stays, env, log, lost
        self.starts = 0
        self.process = None
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.stopping.is_set():
            with open(os.path.join(self.log, self.name + ".log"), "ab") as log:
                self.process = subprocess.Popen(self.command(), stdin=subprocess.PIPE, stdout=log, stderr=log, env=self.env)
            self.starts += 1
            began = time.monotonic()
            try:		# the benchmark's client waits for a line
                self.process.stdin.write(b"\n" * 4)
                self.process.stdin.close()
            except OSError:
                pass
            code = self.process.wait()
            if not self.stopping.is_set():
                self.lost(self, code, time.monotonic() - began)
                self.stopping.wait(1)

    def stop(self):
        self.stopping.set()
        if self.process:
            self.process.terminate()
        self.thread.join(5)
        if self.thread.is_alive():
            self.process.kill()
            self.thread.join(5)


def crowd(tree, viewing, build, log, lost):
    """Everybody who watches: (name, command, whether it stays)."""
    env = dict(os.environ, HOME=log, PYTHONPATH=os.path.join(HERE, "../cli"), PYTHONUNBUFFERED="1", DISPLAY=viewing, XAUTHORITY="")
    port = tree.port
    web = os.path.join(HERE, "webviewer.py")
    ppm = os.path.join(log, "any.ppm")
    with open(ppm, "wb") as f:
        f.write(b"P6\n1 1\n255\n\0\0\0")
    who = (
        ("tigervnc", lambda: ["xtigervncviewer", "-Shared", "-RemoteResize=0", "-AlertOnFatalError=0", "-ReconnectOnError=0",
                              f"127.0.0.1::{port}"], True),
        ("gtk-vnc", lambda: ["gvncviewer", f"127.0.0.1:{port - 5900}"], True),
        ("libvncclient", lambda: [f"{build}/conformance/vncclient", "--ppm", ppm, "--timeout", "30", "--watch", "2000000",
                                  "--encodings", "zrle copyrect", f"127.0.0.1::{port}"], True),
        ("libvncclient-tight", lambda: [f"{build}/conformance/vncclient", "--ppm", ppm, "--timeout", "30", "--watch", "12",
                                        "--encodings", "tight copyrect", "--quality", "5", f"127.0.0.1::{port}"], False),
        ("websocket", lambda: ["python3", web, str(tree.web), "1e9", "resizes"], True),
        ("websocket-comes-and-goes", lambda: ["python3", web, str(tree.web), "7", "looks"], False),
        ("bench", lambda: [f"{build}/bench/client", "-p", str(port), "-w", "1", "-s", "8", "-e", "zrle", "-n", "4", "-D", tree.display, "video"], False),
    )
    return [Kept(name, command, stays, env, log, lost) for name, command, stays in who]
