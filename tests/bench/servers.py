"""Who is measured: our pipeline and the installed peers, each started and ended the same way."""
import os
import shutil
import signal
import socket
import subprocess
import time

SIZE = "1920x1080"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def listens(port):
    wanted = f":{port:04X}"
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with open(table) as f:
            for line in f.readlines()[1:]:
                fields = line.split()
                if fields[3] == "0A" and fields[1].endswith(wanted):
                    return True
    return False


class Process:
    """A command in a session of its own, so that all its processes are found and ended."""

    def __init__(self, command, log, env=None, stdin=subprocess.DEVNULL, stdout=None):
        self.log = open(log, "ab")
        self.child = subprocess.Popen(command, shell=isinstance(command, str), executable="/bin/bash" if isinstance(command, str) else None,
                                      stdin=stdin, stdout=stdout or self.log, stderr=self.log, start_new_session=True,
                                      env={**os.environ, **(env or {})})

    def members(self):
        """The pids of the session's processes."""
        pids = []
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            try:
                with open(f"/proc/{entry}/stat") as f:
                    fields = f.read().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[3]) == self.child.pid and fields[0] != "Z":
                pids.append(int(entry))
        return pids

    def cpu_ns(self):
        """CPU time of all threads of all its processes."""
        return sum(self.cpu_by_name().values())

    def cpu_by_name(self):
        by_name = {}
        for pid in self.members():
            try:
                name = open(f"/proc/{pid}/comm").read().strip()
                for task in os.listdir(f"/proc/{pid}/task"):
                    with open(f"/proc/{pid}/task/{task}/schedstat") as f:
                        by_name[name] = by_name.get(name, 0) + int(f.read().split()[0])
            except OSError:
                continue
        return by_name

    def pss_kb(self):
        total = 0
        for pid in self.members():
            try:
                with open(f"/proc/{pid}/smaps_rollup") as f:
                    total += sum(int(line.split()[1]) for line in f if line.startswith("Pss:"))
            except OSError:
                continue
        return total

    def end(self):
        for how in (signal.SIGTERM, signal.SIGKILL):
            for pid in self.members():
                try:
                    os.kill(pid, how)
                except OSError:
                    pass
            for _ in range(40):
                if self.child.poll() is not None and not self.members():
                    break
                time.sleep(0.05)
        self.child.wait()
        self.log.close()


def wait_until(condition, seconds, what):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError(f"waited {seconds} s in vain for {what}")
        time.sleep(0.02)


def start_display(out, name, command):
    """An X server on a free display: (process, ":N")."""
    read, write = os.pipe()
    os.set_inheritable(write, True)
    line = f"exec {command} -displayfd {write} -nolisten tcp -noreset"
    log = open(f"{out}/{name}.log", "ab")
    process = Process.__new__(Process)
    process.log = log
    process.child = subprocess.Popen(["/bin/bash", "-c", line], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                                     pass_fds=(write,))
    os.close(write)
    with os.fdopen(read) as f:
        number = f.readline().strip()
    if not number:
        raise RuntimeError(f"{name} did not start: see {out}/{name}.log")
    return process, f":{number}"


def xvfb(out):
    return start_display(out, "xvfb", f"Xvfb -screen 0 {SIZE}x24")


def pipeline(flag):
    return lambda display, port: f"fbgrab{flag} | fbdiff{flag} | rfbd -l 127.0.0.1:{port}"


# name → (what it needs, command); None: it is the X server itself
SERVERS = {
    "rfbkit": ("fbgrab", pipeline("")),
    "rfbkit-m": ("fbgrab", pipeline(" -m")),
    "x0vncserver": ("X0tigervnc", lambda display, port:
                    f"exec X0tigervnc -display {display} -rfbport {port} -localhost -SecurityTypes None"),
    "x11vnc": ("x11vnc", lambda display, port:
               f"exec x11vnc -display {display} -rfbport {port} -localhost -forever -shared -nopw -q -nonap -nowait_bog"),
    "Xtigervnc": ("Xtigervnc", None),
}


def installed(name):
    return shutil.which(SERVERS[name][0]) is not None


class Server:
    """One server on a display of its own (Xtigervnc) or on the shared one."""

    def __init__(self, name, out, shared_display):
        self.name, self.port = name, free_port()
        if SERVERS[name][1] is None:
            self.process, self.display = start_display(out, name, f"Xtigervnc -geometry {SIZE} -depth 24 -SecurityTypes None -localhost=1 "
                                                                  f"-rfbport {self.port}")
            self.x = None
        else:
            self.x, self.display = shared_display
            self.process = None
        self.out = out

    def start(self):
        if self.process is None:
            command = SERVERS[self.name][1](self.display, self.port)
            self.process = Process(command, f"{self.out}/{self.name}.log", {"DISPLAY": self.display})
        wait_until(lambda: listens(self.port), 15, f"{self.name} to listen")

    def end(self):
        if self.process:
            self.process.end()
