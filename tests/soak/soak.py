"""soak.py [--kills] --seconds N DIR: the supervised tree under a mixed crowd for long. Without --kills services are restarted now and
then and nothing may grow; with it processes are killed in random order and all must be well again at the end. Writes
DIR/samples.tsv and DIR/events.log, prints what was found, and exits 1 when anything is not as it must be."""
import argparse
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import threading
import time

from crowd import crowd
from tree import Tree

PARTS = {  # columns of the samples: which processes' memory they add up
    "worker": ("rfbd worker",), "monitor": ("rfbd monitor",), "capture": ("fbgrab", "fbdiff"), "input": ("fbinput",),
    "recorder": ("rfbrec",), "stat": ("rfbstat",), "supervision": ("s6-svscan", "s6-supervise", "s6-log", "s6-fdholderd"),
    "xserver": ("Xtigervnc", "Xvfb"),
}
FLAT = ("worker", "monitor", "capture", "input", "stat", "supervision")
IDLERS = ("fbinput", "rfbd monitor", "rfbstat", "s6-supervise", "s6-log", "s6-fdholderd")
SETTLE = 120	# seconds that a slow machine is given to be well again


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Soak:
    def __init__(self, o):
        self.o = o
        shutil.rmtree(o.dir, ignore_errors=True)
        os.makedirs(o.dir)
        self.events = open(os.path.join(o.dir, "events.log"), "w", buffering=1)
        self.began = time.monotonic()
        self.faults, self.kills, self.restarts, self.lost_viewers = [], {}, 0, 0
        self.rfbd_ended = -1000.0
        self.samples, self.busy = [], {}
        self.random = random.Random(o.seed)
        self.tree = Tree(os.path.join(o.dir, "tree"), free_port(), free_port(), free_port(), resizable=True)
        self.viewing = self.start_viewing()

    def now(self):
        return time.monotonic() - self.began

    def note(self, text):
        print(f"{self.now():9.2f} {text}", file=self.events)

    def fault(self, text):
        self.note("FAULT " + text)
        self.faults.append(text)

    # --- load ---------------------------------------------------------------------------------------

    def start_viewing(self):
        """The display where viewers open their windows."""
        r, w = os.pipe()
        self.viewing_server = subprocess.Popen(["Xvfb", "-displayfd", str(w), "-screen", "0", "1600x1200x24", "-nolisten", "tcp", "-noreset"],
                                               pass_fds=(w,), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(w)
        display = b""
        while not display.endswith(b"\n"):
            part = os.read(r, 16)
            if not part:
                sys.exit("soak: no Xvfb")
            display += part
        os.close(r)
        return ":" + display.decode().strip()

    def paint(self):
        """Something moves all the time; when the display goes away, on the next one."""
        env = dict(os.environ, DISPLAY=self.tree.display, XAUTHORITY="")
        rng = random.Random(1)
        while not self.over.is_set():
            painter = subprocess.Popen(["xpaint"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env, text=True)
            Tree.ours.add(painter.pid)
            try:
                while not self.over.is_set():
                    x, y, n = rng.randrange(600), rng.randrange(400), rng.randrange(1 << 20)
                    painter.stdin.write(rng.choice((
                        f"page {x} {y} 180 120 {n}\n", f"photo {x} {y} 120 90 {n}\n", f"fill {x} {y} 150 60 {n:06x}\n",
                        f"copy {x} {y} 180 120 {x // 2} {y // 2}\n", f"text {x} {y + 20} {n:06x} soaked {n}\n")))
                    painter.stdin.flush()
                    self.over.wait(0.05)
            except BrokenPipeError:
                pass
            painter.kill()
            painter.wait()
            self.over.wait(0.5)

    def viewer_ended(self, kept, code, seconds):
        """A viewer that stays is lost only with rfbd, and none crashes."""
        explained = self.now() - self.rfbd_ended < 15
        self.note(f"viewer {kept.name} ended after {seconds:.1f} s with {code}" + (", rfbd was killed" if explained else ""))
        if code < 0:
            self.fault(f"{kept.name} was ended by signal {-code}")
        if kept.stays:
            self.lost_viewers += 1
            if not explained:
                self.fault(f"{kept.name} lost its connection without a cause")

    # --- what is done to the tree ----------------------------------------------------------------------

    def kill_one(self):
        """Each part in turn, in an order that is random anew each time."""
        processes = self.tree.processes()
        if not self.victims:
            self.victims = sorted({p.what for p in processes})
            self.random.shuffle(self.victims)
        what = self.victims.pop()
        candidates = [p for p in processes if p.what == what]
        if not candidates:
            return
        p = self.random.choice(candidates)
        # a supervisor's end is the end of what it supervises
        if what.startswith("rfbd") or what == "s6-supervise":
            self.rfbd_ended = self.now()
        if self.tree.kill(p):
            self.kills[what] = self.kills.get(what, 0) + 1
            self.note(f"killed {what} {p.pid}")

    def restart_one(self):
        service = self.random.choice(("source", "input", "display", "rec", "stat", "source/log", "rfbd/log"))
        self.tree.restart(service)
        self.restarts += 1
        self.note(f"restarted {service}")

    def disturb(self):
        while not self.over.is_set():
            if self.o.kills:
                self.kill_one()
                self.over.wait(self.random.uniform(0.1, 2))
            else:
                self.restart_one()
                self.over.wait(15)

    # --- what is seen -------------------------------------------------------------------------------------

    def sample(self):
        processes = self.tree.processes()
        row = {"t": self.now(), "processes": len(processes), "descriptors": sum(p.descriptors() for p in processes)}
        for part, names in PARTS.items():
            row[part] = sum(p.memory() for p in processes if p.what in names)
        row["cpu"] = {p.pid: (p.what, p.cpu) for p in processes if not p.what.startswith("X")}
        row["viewers"] = self.viewers()
        row["kills"] = sum(self.kills.values())
        return row

    def look_for_spinning(self, row, before):
        """Parts that have little to do never use a processor for long."""
        for pid, (what, cpu) in row["cpu"].items():
            busy = what in IDLERS and pid in before["cpu"] and cpu - before["cpu"][pid][1] > 0.25 * (row["t"] - before["t"])
            self.busy[pid] = self.busy.get(pid, 0) + 1 if busy else 0
            if self.busy[pid] == 5:
                self.fault(f"{what} {pid} is busy with nothing")

    def viewers(self):
        r = subprocess.run(["rfbstat", "-j"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                           env=dict(os.environ, RFB_STATDIR=os.path.join(self.tree.directory, "stat")))
        return sum(json.loads(r.stdout)["metrics"]["clients"].values()) if r.stdout else 0

    def watch(self):
        every = max(1.0, self.o.seconds / 300)
        with open(os.path.join(self.o.dir, "samples.tsv"), "w", buffering=1) as out:
            columns = ["t", "processes", "descriptors", *PARTS, "cpu", "viewers", "kills"]
            print("\t".join(columns), file=out)
            before = self.sample()
            while not self.over.wait(every):
                row = self.sample()
                used = sum(c - before["cpu"].get(pid, ("", 0))[1] for pid, (_, c) in row["cpu"].items())
                self.look_for_spinning(row, before)
                shown = dict(row, t=round(row["t"], 1), cpu=round(100 * used / (row["t"] - before["t"]), 1))
                print("\t".join(str(shown[c]) for c in columns), file=out)
                self.samples.append(shown)
                self.tree.reap()
                before = row

    # --- judging ----------------------------------------------------------------------------------------------

    def check_flat(self):
        """The last quarter against the second one: the first is for caches to fill. Of each what nine tenths of its samples stay
        below: screens of other sizes come and go, and half of a short time may have had small ones."""
        n = len(self.samples)
        for part in FLAT:
            quarters = [sorted(s[part] for s in self.samples[i * n // 4:(i + 1) * n // 4]) for i in (1, 3)]
            then, last = (q[len(q) * 9 // 10] for q in quarters)
            self.note(f"{part}: {then:.0f} KiB in the second quarter, {last:.0f} KiB in the last")
            print(f"{part}: {then:.0f} KiB then, {last:.0f} KiB at the end")
            if last > then * 1.1 + 2048:
                self.fault(f"{part} has grown from {then:.0f} to {last:.0f} KiB")

    def check_picture(self):
        r = subprocess.run([f"{self.o.build}/conformance/vncclient", "--display", self.tree.display, "--timeout", "60", f"127.0.0.1::{self.tree.port}"],
                           env=dict(os.environ, XAUTHORITY=""), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if r.returncode:
            self.fault("a new viewer does not see the screen: " + r.stdout.strip())

    def check_recordings(self):
        """Every file is good up to where it was last flushed."""
        directory = os.path.join(self.tree.directory, "recordings")
        files = sorted(os.listdir(directory))
        played = 0
        for f in files:
            r = subprocess.run(["sh", "-c", 'rfbplay -o - -s 0 "$1" | rfbenc -d | fbsview -q', "sh", os.path.join(directory, f)],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            if r.returncode in (0, 1) and "checksum" not in r.stderr:
                played += 1
            elif os.path.getsize(os.path.join(directory, f)) > 1000:
                self.fault(f"{f} cannot be played: {r.stderr.strip()}")
        print(f"{len(files)} recordings, {played} play")

    def check_settled(self, first):
        """Without viewers it is what it was at the beginning."""
        end = time.monotonic() + SETTLE
        while True:
            last = self.sample()
            few = last["processes"] <= first["processes"] and last["descriptors"] <= first["descriptors"] + 4 and last["viewers"] == first["viewers"]
            if few or time.monotonic() > end:
                break
            time.sleep(0.5)
        print(f"processes: {first['processes']} at first, {last['processes']} at the end; descriptors: {first['descriptors']}, {last['descriptors']}")
        if not few:
            self.fault(f"left over: {last} where there was {first}")

    def run(self):
        self.over, self.victims = threading.Event(), []
        Tree.ours |= {self.viewing_server.pid}
        bad = self.tree.wait_green(SETTLE)
        if bad:
            return self.fault(f"not up at the beginning: {bad}")
        first = self.sample()
        self.note(f"up: {first['processes']} processes, {first['descriptors']} descriptors")
        viewers = crowd(self.tree, self.viewing, self.o.build, self.o.dir, self.viewer_ended)
        threads = [threading.Thread(target=f) for f in (self.paint, self.watch, self.disturb)]
        for t in threads:
            t.start()
        self.over.wait(self.o.seconds)
        self.over.set()
        for t in threads:
            t.join()
        bad = self.tree.wait_green(SETTLE)
        print(f"{sum(self.kills.values())} kills, {self.restarts} restarts, {sum(v.starts for v in viewers)} viewers, "
              f"{self.lost_viewers} of those that stay lost their connection; green: {'all' if not bad else 'not ' + bad}")
        if self.kills:
            print("killed: " + ", ".join(f"{w} {n}" for w, n in sorted(self.kills.items())))
        if bad:
            self.fault(f"not up at the end: {bad}")
        self.check_picture()
        for v in viewers:
            v.stop()
        self.check_settled(first)
        if not self.o.kills:
            self.check_flat()
        self.check_recordings()

    def end(self):
        left = self.tree.end()
        if left:
            self.fault(f"left when the tree has ended: {left}")
        self.viewing_server.kill()
        self.viewing_server.wait()
        for f in self.faults:
            print("FAULT: " + f)
        return 1 if self.faults else 0


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--seconds", type=float, required=True)
    p.add_argument("--kills", action="store_true")
    p.add_argument("--seed", type=int, default=int(time.time()))
    p.add_argument("dir")
    o = p.parse_args()
    o.build = os.environ["BUILD"]
    print(f"seed {o.seed}")
    soak = Soak(o)
    try:
        soak.run()
    finally:
        code = soak.end()
    return code


if __name__ == "__main__":
    sys.exit(main())
