"""ZYWRLE's wavelet taken back, as its first implementation does it: luma and two differences of colour, eight signed bits each, in a
piecewise-linear Haar transform of one to three levels within each tile."""


def positions(w, h, levels):
    """Where in a tile of whole squares its coefficients belong, in the order in which they are sent: the finest level first."""
    for level in range(levels):
        half = 1 << level
        for high_y, high_x in ((1, 1), (1, 0), (0, 1), (0, 0))[:4 if level + 1 == levels else 3]:
            for y in range(high_y * half, h, 2 * half):
                for x in range(high_x * half, w, 2 * half):
                    yield y * w + x


def signed(v):
    return (v + 128 & 255) - 128


def pair(line, i, j):
    """A low and a high coefficient become two samples."""
    a, b = line[i], line[j]
    if (a < 0) != (b < 0):
        both = signed(a + b)
        line[i], line[j] = both, signed(a - both) if (both < 0) == (b < 0) else a
    else:
        between = signed(a - b)
        line[i], line[j] = signed(b + between) if (between < 0) == (a < 0) else b, between


def samples(plane, w, h, levels):
    for step in (1 << level for level in reversed(range(levels))):
        for x in range(0, w, step):
            for y in range(0, h, 2 * step):
                pair(plane, y * w + x, (y + step) * w + x)
        for y in range(0, h, step):
            for x in range(0, w, 2 * step):
                pair(plane, y * w + x, y * w + x + step)


def clamp(v):
    return min(max(v, 0), 255)


def picture(colours, w, h, levels):
    """A tile's colours (three bytes each) from what was sent in their places."""
    whole_w, whole_h = w >> levels << levels, h >> levels << levels
    if not (whole_w and whole_h):
        return colours
    planes = [[0] * (whole_w * whole_h) for _ in range(3)]      # V, Y, U: in the places of red, green, blue
    sent = iter(colours)
    for at in positions(whole_w, whole_h, levels):
        for plane, v in zip(planes, next(sent)):
            plane[at] = signed(v)
    for plane in planes:
        samples(plane, whole_w, whole_h, levels)
    out = [None] * (w * h)
    for i, (v, y, u) in enumerate(zip(*planes)):
        green = y + 128 - (2 * u + 2 * v >> 2)
        out[i // whole_w * w + i % whole_w] = bytes((clamp(green + 2 * v), clamp(green), clamp(green + 2 * u)))
    right = ((x, y) for y in range(whole_h) for x in range(whole_w, w))
    below = ((x, y) for y in range(whole_h, h) for x in range(whole_w))
    corner = ((x, y) for y in range(whole_h, h) for x in range(whole_w, w))
    for part in right, below, corner:
        for x, y in part:
            out[y * w + x] = next(sent)
    return out
