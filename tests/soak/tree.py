"""The supervised tree under test: starts it, looks at its processes from outside, kills them, says whether all is well."""
import ctypes
import os
import signal
import subprocess
import time

SERVICES = ("display", "holder", "rfbd", "source", "input", "rec", "stat")
PAGE = os.sysconf("SC_PAGESIZE")
TICK = os.sysconf("SC_CLK_TCK")


def read(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError:
        return b""


class Process:
    """What /proc says of one process; `what` names its part, as "rfbd worker" or "s6-log"."""

    def __init__(self, pid):
        self.pid = pid
        stat = read(f"/proc/{pid}/stat")
        if not stat:
            raise ProcessLookupError(pid)
        self.name = stat[stat.index(b"(") + 1:stat.rindex(b")")].decode()
        rest = stat[stat.rindex(b")") + 2:].split()
        self.state, self.parent = rest[0].decode(), int(rest[1])
        self.cpu = (int(rest[11]) + int(rest[12])) / TICK
        self.what = self.name

    def memory(self):
        """Proportional set size in KiB; the resident set where that may not be seen."""
        for line in read(f"/proc/{self.pid}/smaps_rollup").splitlines():
            if line.startswith(b"Pss:"):
                return int(line.split()[1])
        rss = read(f"/proc/{self.pid}/statm").split()
        return int(rss[1]) * PAGE // 1024 if rss else 0

    def descriptors(self):
        try:
            return len(os.listdir(f"/proc/{self.pid}/fd"))
        except OSError:
            return 0


class Tree:
    def __init__(self, directory, port, web, stat, resizable):
        self.directory, self.port, self.web, self.stat = directory, port, web, stat
        self.service = os.path.join(directory, "service")
        # what loses its parent comes to us, so that nothing escapes the count
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
        settings = [f"rfbd/LISTEN=127.0.0.1:{port}", f"rfbd/WEB=127.0.0.1:{web}", "rfbd/OPTIONS=-R on", f"stat/LISTEN=127.0.0.1:{stat}",
                    "rec/up=yes", "stat/up=yes", "rec/ROTATE=1h", "display/SCREEN=800x600x24",
                    f"display/SERVER={'Xtigervnc' if resizable else 'Xvfb'}"]
        subprocess.run(["rfbkit-init", "-x", directory, *settings], check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(directory, "env/DISPLAY")) as f:
            self.display = f.read().strip()
        self.scan = subprocess.Popen(["s6-svscan", self.service], stdin=subprocess.DEVNULL)

    def processes(self):
        """Everything below s6-svscan, and what came to us when its parent died."""
        everything, children = {}, {}
        for name in os.listdir("/proc"):
            if name.isdigit():
                try:
                    p = Process(int(name))
                except ProcessLookupError:
                    continue
                everything[p.pid] = p
                children.setdefault(p.parent, []).append(p)
        found, left = [], [self.scan.pid]
        left += [p.pid for p in children.get(os.getpid(), []) if p.name in self.orphans and p.pid not in self.ours]
        while left:
            pid = left.pop()
            for p in children.get(pid, []):
                left.append(p.pid)
                if p.state != "Z":
                    found.append(p)
        found += [p for p in children.get(os.getpid(), []) if p.name in self.orphans and p.pid not in self.ours and p.state != "Z"]
        for p in found:
            parent = everything.get(p.parent)
            if p.name == "rfbd":
                p.what = "rfbd worker" if parent and parent.name == "rfbd" else "rfbd monitor"
            elif p.name in ("s6-supervise", "s6-log"):
                p.what = p.name
        return found

    orphans = ("rfbd", "fbgrab", "fbdiff", "fbinput", "rfbrec", "rfbstat", "s6-log", "s6-supervise", "s6-fdholderd", "Xvfb", "Xtigervnc")
    ours = set()		# the soak's own processes, which are not the tree's

    def reap(self):
        """Collects those who came to us and ended."""
        for p in os.listdir("/proc"):
            if not p.isdigit() or int(p) in self.ours or int(p) == self.scan.pid:
                continue
            try:
                q = Process(int(p))
                if q.parent == os.getpid() and q.state == "Z" and q.name in self.orphans:
                    os.waitpid(q.pid, os.WNOHANG)
            except (ProcessLookupError, ChildProcessError):
                pass

    def green(self):
        """What is not up and ready: "" when all is well."""
        bad = []
        for s in SERVICES:
            for d in (s, s + "/log"):
                r = subprocess.run(["s6-svstat", "-o", "up,ready", os.path.join(self.service, d)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                if r.stdout.split() != ["true", "true"]:
                    bad.append(d)
        return " ".join(bad)

    def wait_green(self, seconds):
        end = time.monotonic() + seconds
        while True:
            bad = self.green()
            if not bad or time.monotonic() > end:
                return bad
            time.sleep(0.3)

    def restart(self, service):
        subprocess.run(["s6-svc", "-r", os.path.join(self.service, service)], check=False)

    def kill(self, p):
        try:
            os.kill(p.pid, signal.SIGKILL)
            return True
        except ProcessLookupError:
            return False

    def end(self):
        """Ends the tree in order. What is left then, by name."""
        subprocess.run(["s6-svscanctl", "-t", self.service], check=False)
        try:
            self.scan.wait(30)
        except subprocess.TimeoutExpired:
            self.scan.kill()
            self.scan.wait()
            return "s6-svscan did not end"
        end = time.monotonic() + 10
        while self.processes() and time.monotonic() < end:
            self.reap()
            time.sleep(0.1)
        return " ".join(p.what for p in self.processes())
