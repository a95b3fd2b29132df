/* Covering a tile with rectangles of one colour (RRE, CoRRE, Hextile). Equality to the left, to the pixel
 * above and to the background are words with a bit per pixel; from there on it is bit arithmetic. Greedy: from the first
 * uncovered pixel the larger of the widest and the tallest rectangle. */
#include "codec/scan.h"

struct grid {
	unsigned w, h;
	uint64_t todo[64];	/* not background, not covered */
	uint64_t left[64];	/* equal to the pixel on the left */
	uint64_t above[64];
};

static void grid_fill(struct grid *g, const uint32_t *px, unsigned w, unsigned h, uint32_t background)
{
	uint64_t mask = scan_low_bits(w);

	g->w = w;
	g->h = h;
	for (unsigned y = 0; y < h; y++, px += w) {
		g->todo[y] = ~scan_equal_to(px, background, w) & mask;
		g->left[y] = w > 1 ? scan_equal(px + 1, px, w - 1) << 1 : 0;
		g->above[y] = y > 0 ? scan_equal(px, px - w, w) : 0;
	}
}

/* Consecutive set bits of `bits` from x + 1 on, and x itself. */
static inline unsigned stretch(uint64_t bits, unsigned x)
{
	if (x == 63)
		return 1;
	bits = ~(bits >> (x + 1));
	return bits ? 1 + (unsigned)__builtin_ctzll(bits) : 64 - x;
}

static inline uint64_t span(unsigned x, unsigned w)
{
	return scan_low_bits(w) << x;
}

static struct subrect widest(const struct grid *g, unsigned x, unsigned y)
{
	unsigned w = stretch(g->left[y] & g->todo[y], x), end = y + 1;
	uint64_t mask = span(x, w);

	while (end < g->h && (g->above[end] & g->todo[end] & mask) == mask)
		end++;
	return (struct subrect){ .x = (uint8_t)x, .y = (uint8_t)y, .w = (uint8_t)w, .h = (uint8_t)(end - y) };
}

static struct subrect tallest(const struct grid *g, unsigned x, unsigned y)
{
	unsigned end = y + 1;
	uint64_t same = g->left[y] & g->todo[y];

	for (; end < g->h && (g->above[end] & g->todo[end]) >> x & 1; end++)
		same &= g->left[end] & g->todo[end];
	return (struct subrect){ .x = (uint8_t)x, .y = (uint8_t)y, .w = (uint8_t)stretch(same, x), .h = (uint8_t)(end - y) };
}

unsigned subrects_find(struct subrect *out, unsigned max, const uint32_t *px, unsigned w, unsigned h, uint32_t background)
{
	struct grid g;
	unsigned n = 0;

	grid_fill(&g, px, w, h, background);
	for (unsigned y = 0; y < h; y++) {
		while (g.todo[y]) {
			unsigned x = (unsigned)__builtin_ctzll(g.todo[y]);
			struct subrect a = widest(&g, x, y), b = tallest(&g, x, y);
			if (n == max)
				return max + 1;
			if ((unsigned)b.w * b.h > (unsigned)a.w * a.h)
				a = b;
			a.colour = px[y * w + x];
			out[n++] = a;
			for (unsigned i = 0; i < a.h; i++)
				g.todo[y + i] &= ~span(x, a.w);
		}
	}
	return n;
}
