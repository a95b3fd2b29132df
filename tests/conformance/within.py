#!/usr/bin/python3
"""within.py PART.ppm WHOLE.ppm: exit 0 when the one picture is somewhere in the other, pixel by pixel; prints WxH+X+Y."""
import sys


def rows_of(path):
    with open(path, "rb") as f:
        assert f.readline() == b"P6\n"
        w, h = map(int, f.readline().split())
        f.readline()
        return w, [f.read(3 * w) for _ in range(h)]


(w, part), (_, whole) = map(rows_of, sys.argv[1:])
middle = len(part) // 2
for y in range(len(whole) - len(part) + 1):
    at = whole[y + middle].find(part[middle])
    while at >= 0:
        if at % 3 == 0 and all(whole[y + i][at:at + 3 * w] == row for i, row in enumerate(part)):
            print(f"{w}x{len(part)}+{at // 3}+{y}")
            sys.exit(0)
        at = whole[y + middle].find(part[middle], at + 1)
sys.exit(1)
