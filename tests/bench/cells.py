"""What is measured: scene × encoding × link × viewers, and what each figure should be at most."""
from dataclasses import dataclass

LINKS = {                       # kbit/s (0: no limit), round trip in ms
    "lan": (0, 0),
    "20mbit": (20000, 20),
    "5mbit": (5000, 80),
}
WARMUP = {"lan": 1.5, "20mbit": 3, "5mbit": 6}     # seconds before measuring: the first full picture must be over
LONGER = {"lan": 1, "20mbit": 1.5, "5mbit": 3}      # times as long: fewer frames come
SCENES = ("echo", "typing", "scroll", "drag", "video", "pages", "fullvideo", "idle")
ENCODINGS = {"tight": ("tight", None), "tight-q8": ("tight", 8), "h264": ("h264", 8), "zrle": ("zrle", None), "hextile": ("hextile", None), "raw": ("raw", None)}


@dataclass(frozen=True)
class Cell:
    scene: str
    encoding: str = "tight"
    link: str = "lan"
    viewers: int = 1
    continuous: bool = False
    size: str = ""              # of the scene "area"
    rate: float = 0

    @property
    def workload(self):
        return [self.scene] + ([self.size, str(self.rate)] if self.size else [])

    @property
    def name(self):
        parts = [self.scene, self.encoding]
        if self.size:
            parts += [self.size, f"{self.rate:g}fps"]
        if self.link != "lan":
            parts.append(self.link)
        if self.viewers > 1:
            parts.append(f"{self.viewers}viewers")
        if self.continuous:
            parts.append("cu")
        return "-".join(parts)


# The table of doc/performance.md.
TABLE = [
    Cell("echo"), Cell("typing"), Cell("scroll"), Cell("drag"),
    Cell("video"), Cell("video", "tight-q8"), Cell("video", "h264"), Cell("video", "zrle"), Cell("video", "raw"),
    Cell("pages"), Cell("fullvideo"), Cell("fullvideo", "tight-q8"), Cell("fullvideo", "h264"),
    Cell("video", viewers=10), Cell("video", viewers=50),
    Cell("typing", viewers=200), Cell("scroll", viewers=200),
    Cell("scroll", link="20mbit"), Cell("video", "tight-q8", "20mbit"),
    Cell("scroll", link="5mbit"), Cell("video", "tight-q8", "5mbit", continuous=True), Cell("video", "h264", "5mbit", continuous=True),
    Cell("idle"),
]


# For the graphs: what changes along each, and the cells.
SERIES = {
    "frames per second (640×360)": [(r, Cell("area", size="640x360", rate=r)) for r in (1, 5, 15, 30, 60)],
    "area changed, megapixels (15 per second)": [(w * w * 9 / 16 / 1e6, Cell("area", size=f"{w}x{w * 9 // 16}", rate=15))
                                                 for w in (160, 320, 640, 960, 1280, 1920)],
    "viewers (scrolling text)": [(n, Cell("scroll", viewers=n)) for n in (1, 3, 10, 30, 100, 200)],
}


CROWDED = (10, 50, 200)


def tells(scene, encoding, link):
    """Whether a cell says something: a key press is the same in every encoding, and a screen takes 3 s raw over 20 Mbit/s, 13 over 5
    (and video as Hextile hardly less)."""
    if link == "lan" or encoding == "tight":
        return True
    if (scene, encoding, link) == ("fullvideo", "hextile", "5mbit"):
        return False
    return scene != "echo" and (encoding != "raw" or (link == "20mbit" and scene in ("typing", "video")))


def matrix():
    """Every scene in every encoding that the peers have too, on every link, and crowds; what the table has is there."""
    encodings = [e for e in ENCODINGS if e != "h264"]
    cells = [Cell(s, e, link) for link in LINKS for e in encodings for s in SCENES if s != "idle" and tells(s, e, link)]
    cells += [Cell(s, e, viewers=n) for n in CROWDED for e in ("tight", "tight-q8") for s in ("typing", "scroll", "video")]
    return [c for c in cells if c not in TABLE]


def choose(patterns, full):
    import fnmatch
    cells = matrix() if full else TABLE
    if not patterns:
        return cells
    named = [c for c in TABLE + matrix() if c.name in patterns]
    return list(dict.fromkeys(named + [c for c in cells if any(fnmatch.fnmatch(c.name, p) or c.scene == p for p in patterns)]))
