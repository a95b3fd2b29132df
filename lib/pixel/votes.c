/* A run is RUN pixels of one row, hashed. Anchors are runs of every row of a changed tile in the new
 * picture; in the old one all positions of some rows are hashed, one row out of each `step` (at a place
 * that varies, lest it always meets the gap between lines of text): whatever the shift is, some row of
 * a tile's anchors falls on a hashed row. So a whole screen costs an eighth of its rows. */
#include "pixel/votes.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pixel/compare.h"
#include "pixel/cpu.h"

enum {
	RUN = 32,
	EDGES_MIN = 2,			/* colour changes within a run that stands out */
	ANCHORS = VOTES_TILES * PIXEL_TILE_H,
	TABLE = 16384,		/* open addressing */
	FILTER_BITS = 1 << 17,
	SAME_MAX = 3,			/* anchors of one hash: more say nothing */
	FINDS_MAX = 12,			/* finds of one anchor */
	SHIFTS = 4096,			/* table of votes */
	SCAN_PIXELS = 64 * 1024,	/* beyond so many old pixels, rows are skipped */
	STEP_MAX = 8,
	COLOUR = 0xffffff,
};

#define P1 0x9e3779b1u
#define P2 (P1 * P1)
#define P4 (P2 * P2)
#define P8 (P4 * P4)
#define P16 (P8 * P8)

struct anchor { uint32_t hash; uint16_t x, y, finds; };
struct ballot { int16_t dx, dy; uint32_t n; };

struct pixel_votes {
	size_t anchors, shifts;
	struct anchor anchor[ANCHORS];
	uint16_t table[TABLE];		/* index + 1 */
	uint64_t filter[FILTER_BITS / 64];
	struct ballot ballot[SHIFTS];
	uint32_t weight[RUN];		/* of the polynomial */
	uint32_t *hash;			/* one row's */
};

struct pixel_votes *pixel_votes_new(int width)
{
	struct pixel_votes *v = calloc(1, sizeof *v);

	if (!v)
		return NULL;
	v->weight[RUN - 1] = 1;
	for (int i = RUN - 1; i > 0; i--)
		v->weight[i - 1] = v->weight[i] * P1;
	v->hash = calloc((size_t)width + 2 * PIXEL_TILE_W + RUN, sizeof *v->hash);
	if (v->hash)
		return v;
	pixel_votes_free(v);
	return NULL;
}

void pixel_votes_free(struct pixel_votes *v)
{
	if (!v)
		return;
	free(v->hash);
	free(v);
}

/* --- hashes of runs: a polynomial, by doubling, so that all positions cost five steps a pixel --- */

PIXEL_KERNEL void fold(uint32_t *h, size_t n, size_t distance, uint32_t factor)
{
	size_t i = 0;

	for (; i + 16 + distance <= n; i += 16) {
		uint32_t block[16];
		for (unsigned k = 0; k < 16; k++)
			block[k] = h[i + k] * factor + h[i + k + distance];
		memcpy(h + i, block, sizeof block);
	}
	for (; i + distance < n; i++)
		h[i] = h[i] * factor + h[i + distance];
}

/* h[i] becomes the hash of the run at px[i], for i <= n - RUN. */
PIXEL_KERNEL void hash_row(uint32_t *h, const uint32_t *px, size_t n)
{
	size_t i = 0;

	for (; i + 16 <= n; i += 16)
		for (unsigned k = 0; k < 16; k++) {
			uint32_t p = (px[i + k] & COLOUR) * 0x85ebca6bu;
			h[i + k] = p ^ p >> 15;
		}
	for (; i < n; i++) {
		uint32_t p = (px[i] & COLOUR) * 0x85ebca6bu;
		h[i] = p ^ p >> 15;
	}
	fold(h, n, 1, P1);
	fold(h, n - 1, 2, P2);
	fold(h, n - 3, 4, P4);
	fold(h, n - 7, 8, P8);
	fold(h, n - 15, 16, P16);
}

static void hash_row_portable(uint32_t *h, const uint32_t *px, size_t n) { hash_row(h, px, n); }
PIXEL_AVX2 static void hash_row_avx2(uint32_t *h, const uint32_t *px, size_t n) { hash_row(h, px, n); }

static void hash_runs(uint32_t *h, const uint32_t *px, size_t n)
{
	if (pixel_has_avx2())
		hash_row_avx2(h, px, n);
	else
		hash_row_portable(h, px, n);
}

/* The same for one run. */
PIXEL_KERNEL uint32_t hash_one(const uint32_t *weight, const uint32_t *px)
{
	uint32_t h = 0;

	for (unsigned i = 0; i < RUN; i++) {
		uint32_t p = (px[i] & COLOUR) * 0x85ebca6bu;
		h += (p ^ p >> 15) * weight[i];
	}
	return h;
}

static uint32_t hash_one_portable(const uint32_t *weight, const uint32_t *px) { return hash_one(weight, px); }
PIXEL_AVX2 static uint32_t hash_one_avx2(const uint32_t *weight, const uint32_t *px) { return hash_one(weight, px); }

static uint32_t hash_run(const uint32_t *weight, const uint32_t *px)
{
	return pixel_has_avx2() ? hash_one_avx2(weight, px) : hash_one_portable(weight, px);
}

static uint32_t scramble(uint32_t h)
{
	h ^= h >> 15;
	return h * 0x2c1b3c6du;
}

/* --- anchors -------------------------------------------------------------------------------- */

static void anchor_add(struct pixel_votes *v, uint32_t hash, int x, int y)
{
	uint32_t s = scramble(hash);
	size_t same = 0, i = s % TABLE;

	for (; v->table[i] != 0; i = (i + 1) % TABLE)
		same += v->anchor[v->table[i] - 1].hash == hash;
	if (same >= SAME_MAX || v->anchors >= ANCHORS)
		return;
	v->anchor[v->anchors++] = (struct anchor){ hash, (uint16_t)x, (uint16_t)y, 0 };
	v->table[i] = (uint16_t)v->anchors;
	uint32_t bit = s >> 15;
	v->filter[bit / 64] |= 1ull << bit % 64;
}

/* The rows of a tile that changed and stand out, in its livelier half. */
static void anchors_of_tile(struct pixel_votes *v, const struct pixel_model *m, int tx, int ty)
{
	const struct pixel_rows *rows = pixel_rows();
	int x = tx * PIXEL_TILE_W, y = ty * PIXEL_TILE_H;
	int bottom = y + PIXEL_TILE_H < m->h ? y + PIXEL_TILE_H : m->h;
	size_t left = 0, right = 0;
	uint32_t buf[RUN];

	if (x + RUN > m->w)
		return;
	for (int i = y + 2; i < bottom; i += 4) {
		left += rows->edges(model_new_row(m, x, i, RUN, buf), RUN);
		right += rows->edges(model_new_row(m, x + RUN, i, RUN, buf), RUN);
	}
	if (right > left && x + 2 * RUN <= m->w)
		x += RUN;
	for (; y < bottom; y++) {
		const uint32_t *run = model_new_row(m, x, y, RUN, buf);
		if (rows->edges(run, RUN) < EDGES_MIN || !rows->differ(run, model_at(m, m->ref, x, y), RUN))
			continue;
		anchor_add(v, hash_run(v->weight, run), x, y);
	}
}

/* --- votes ----------------------------------------------------------------------------------- */

static void vote(struct pixel_votes *v, int dx, int dy)
{
	uint32_t i = scramble((uint32_t)dx * 0x10001u ^ (uint32_t)dy * P1) % SHIFTS;

	for (unsigned k = 0; k < 16; k++, i = (i + 1) % SHIFTS) {
		struct ballot *b = &v->ballot[i];
		if (b->n == 0)
			*b = (struct ballot){ (int16_t)dx, (int16_t)dy, 0 };
		if (b->dx == dx && b->dy == dy) {
			b->n++;
			return;
		}
	}
}

/* An old run, of (x, y), whose hash passed the filter. */
static void find(struct pixel_votes *v, const struct pixel_model *m, uint32_t hash, const uint32_t *run, int x, int y)
{
	uint32_t buf[RUN];

	for (size_t i = scramble(hash) % TABLE; v->table[i] != 0; i = (i + 1) % TABLE) {
		struct anchor *a = &v->anchor[v->table[i] - 1];
		if (a->hash != hash || a->finds >= FINDS_MAX || (a->x == x && a->y == y))
			continue;
		if (pixel_rows()->differ(model_new_row(m, a->x, a->y, RUN, buf), run, RUN))
			continue;
		a->finds++;
		vote(v, a->x - x, a->y - y);
	}
}

/* All positions of old's row y from x0 to x1. */
static void scan_row(struct pixel_votes *v, const struct pixel_model *m, int x0, int x1, int y)
{
	if (x1 - x0 < RUN)
		return;
	const uint32_t *old = model_at(m, m->ref, x0, y);
	hash_runs(v->hash, old, (size_t)(x1 - x0));
	for (int i = 0; i <= x1 - x0 - RUN; i++) {
		uint32_t bit = scramble(v->hash[i]) >> 15;
		if (v->filter[bit / 64] >> bit % 64 & 1)
			find(v, m, v->hash[i], old + i, x0 + i, y);
	}
}

/* The changed tiles of one row of tiles, each stretch with a tile more at either side. */
static void scan_tiles(struct pixel_votes *v, const struct pixel_model *m, int ty, int step)
{
	const uint8_t *state = m->tile + (size_t)ty * (size_t)m->tiles_x;

	for (int tx = 0; tx < m->tiles_x; tx++) {
		int first = tx;
		while (tx < m->tiles_x && state[tx] & MODEL_DIFFERS)
			tx++;
		if (tx == first)
			continue;
		int x0 = (first > 0 ? first - 1 : 0) * PIXEL_TILE_W, x1 = (tx < m->tiles_x ? tx + 1 : tx) * PIXEL_TILE_W;
		if (x1 > m->w)
			x1 = m->w;
		for (int k = 0; k < PIXEL_TILE_H; k += step) {
			int y = ty * PIXEL_TILE_H + k + (int)(scramble((uint32_t)(ty * 64 + k) * P1) >> 20) % step;
			if (y < m->h)
				scan_row(v, m, x0, x1, y);
		}
	}
}

static size_t best_shifts(const struct pixel_votes *v, struct pixel_shift best[VOTES_BEST])
{
	size_t n = 0;

	for (size_t i = 0; i < SHIFTS; i++) {
		const struct ballot *b = &v->ballot[i];
		size_t k = n;
		if (b->n < 2 || (n == VOTES_BEST && b->n <= best[n - 1].votes))
			continue;
		if (n < VOTES_BEST)
			n++;
		else
			k--;
		for (; k > 0 && best[k - 1].votes < b->n; k--)
			best[k] = best[k - 1];
		best[k] = (struct pixel_shift){ b->dx, b->dy, b->n };
	}
	return n;
}

size_t pixel_votes_cast(struct pixel_votes *v, const struct pixel_model *m, const uint32_t *tiles, size_t n,
			size_t differing, struct pixel_shift best[VOTES_BEST])
{
	size_t area = differing * PIXEL_TILE_W * PIXEL_TILE_H;
	int step = 1;

	v->anchors = 0;
	memset(v->table, 0, sizeof v->table);
	memset(v->filter, 0, sizeof v->filter);
	memset(v->ballot, 0, sizeof v->ballot);
	for (size_t i = 0; i < n && i < VOTES_TILES; i++)
		anchors_of_tile(v, m, (int)(tiles[i] % (uint32_t)m->tiles_x), (int)(tiles[i] / (uint32_t)m->tiles_x));
	if (v->anchors == 0)
		return 0;
	while (step < STEP_MAX && area / (size_t)step > SCAN_PIXELS)
		step *= 2;
	for (int ty = 0; ty < m->tiles_y; ty++)
		scan_tiles(v, m, ty, step);
	return best_shifts(v, best);
}
