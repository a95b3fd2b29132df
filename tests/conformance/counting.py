"""A viewer that keeps its own account: PORT COLOUR FILE. Ends when the screen's middle has the colour."""
import json
import struct
import sys

from rawviewer import Viewer


class Counting(Viewer):
    received = sent = updates = rectangles = bytes = pixel_bytes = input = 0

    def read(self, n):
        self.received += n
        return super().read(n)

    def send(self, data):
        self.sent += len(data)
        super().send(data)

    def apply(self, x, y, w, h, e):
        before = self.received
        super().apply(x, y, w, h, e)
        if e == 0:
            self.rectangles += 1
            self.bytes += 12 + self.received - before
            self.pixel_bytes += w * h * 4

    def update(self):
        rects = super().update()
        self.updates += 1
        return rects


v = Counting(sys.argv[1])
v.request(False)
v.update()
for keysym in (0x61, 0x62, 0x63):
    v.key(keysym, 1)
    v.key(keysym, 0)
v.pointer(20, 20, 1)
v.pointer(20, 20, 0)
v.input = 8
v.send(struct.pack(">BxxxI", 6, 5) + b"hello")
print("first", flush=True)
v.until(lambda s: s.at(160, 120) == sys.argv[2])
with open(sys.argv[3], "w") as out:
    json.dump({k: getattr(v, k) for k in ("updates", "rectangles", "bytes", "pixel_bytes", "sent", "input")}, out)
