/* One tile of TRLE or ZRLE (RFC 6143, 7.7.5 and 7.7.6): raw, solid, packed palette, plain runs or palette
 * runs, whichever is smallest; in TRLE also with the palette of the tile before. In ZYWRLE what would be raw is a
 * second tile of wavelet coefficients. */
#include "codec/encode.h"
#include "codec/wavelet.h"

enum { RAW = 0, SOLID = 1, PACKED_MAX = 16, REUSE_PACKED = 127, PLAIN_RLE = 128, REUSE_RLE = 129, RLE_MAX = 127, AREA_MAX = 64 * 64 };

struct tile {
	const uint32_t *px;
	unsigned w, h, n;	/* n = w × h */
	uint32_t runs, singles;
};

struct choice { unsigned type; size_t size; };

static unsigned index_bits(unsigned colours)
{
	return colours <= 2 ? 1 : colours <= 4 ? 2 : 4;
}

static size_t packed_size(const struct tile *t, unsigned colours)
{
	return (size_t)(t->w * index_bits(colours) + 7) / 8 * t->h;
}

static void put_colours(struct wire_buf *out, const struct pack *k, const uint32_t *colours, unsigned n)
{
	uint8_t *p = wire_buf_grow(out, (size_t)n * k->bytes);

	if (p)
		pack_put(k, p, colours, n);
}

/* --- choosing ------------------------------------------------------------------------------ */

/* Whether the previous tile's palette holds all of this one's colours. */
static bool can_reuse(const struct tile_writer *t, const struct palette *p)
{
	if (!t->reuse || t->n < p->n)
		return false;
	for (unsigned i = 0; i < p->n; i++) {
		unsigned k = 0;
		while (k < t->n && t->colour[k] != p->colour[i])
			k++;
		if (k == t->n)
			return false;
	}
	return true;
}

static void consider(struct choice *best, unsigned type, size_t size)
{
	if (size < best->size)
		*best = (struct choice){ type, size };
}

/* Ties go to what was considered first: packed pixels before runs. */
static struct choice choose(const struct tile_writer *t, const struct tile *tile, const struct palette *p, bool few)
{
	const unsigned cp = t->pack.bytes;
	struct choice best = { t->wavelet < 0 ? PLAIN_RLE : RAW, t->wavelet < 0 ? SIZE_MAX : (size_t)tile->n * cp >> t->wavelet };

	if (few) {
		size_t rle = 2u * tile->runs - tile->singles;
		bool reuse = can_reuse(t, p);
		if (reuse && t->packed)
			consider(&best, REUSE_PACKED, packed_size(tile, t->n));
		if (p->n <= PACKED_MAX)
			consider(&best, p->n, p->n * cp + packed_size(tile, p->n));
		if (reuse && !t->packed)
			consider(&best, REUSE_RLE, rle);
		consider(&best, PLAIN_RLE + p->n, p->n * cp + rle);
	}
	consider(&best, PLAIN_RLE, (size_t)tile->runs * (cp + 1));
	return best;
}

/* --- writing ------------------------------------------------------------------------------- */

static void put_length(struct wire_buf *out, size_t length)
{
	size_t rest = length - 1;

	for (; rest >= 255; rest -= 255)
		wire_put_u8(out, 255);
	wire_put_u8(out, (uint8_t)rest);
}

static void put_run(struct wire_buf *out, const struct pack *k, const uint8_t *index, uint32_t colour, size_t length)
{
	if (!index) {
		put_colours(out, k, &colour, 1);
		put_length(out, length);
	} else if (length == 1) {
		wire_put_u8(out, *index);
	} else {
		wire_put_u8(out, *index | 128);
		put_length(out, length);
	}
}

/* Runs of colours, or of indices when there are any. */
static void put_runs(struct wire_buf *out, const struct pack *k, const struct tile *t, const uint8_t *indices)
{
	size_t start = 0;

	for (size_t i = 0; i < t->n; i += 64) {
		uint64_t bits = scan_changes(t->px, i, t->n - i < 64 ? (unsigned)(t->n - i) : 64);
		for (; bits; bits &= bits - 1) {
			size_t here = i + (unsigned)__builtin_ctzll(bits);
			if (here > start)
				put_run(out, k, indices ? indices + start : NULL, t->px[start], here - start);
			start = here;
		}
	}
	put_run(out, k, indices ? indices + start : NULL, t->px[start], t->n - start);
}

static void put_packed(struct wire_buf *out, const struct tile *t, const uint8_t *indices, unsigned bits)
{
	uint8_t *p = wire_buf_grow(out, (size_t)(t->w * bits + 7) / 8 * t->h);

	if (!p)
		return;
	for (unsigned y = 0; y < t->h; y++) {
		unsigned acc = 0, have = 0;
		for (unsigned x = 0; x < t->w; x++) {
			acc = acc << bits | *indices++;
			have += bits;
			if (have == 8) {
				*p++ = (uint8_t)acc;
				acc = have = 0;
			}
		}
		if (have)
			*p++ = (uint8_t)(acc << (8 - have));
	}
}

/* The indices into the palette that the choice stands for: this tile's own, or the one before's. */
static void index_tile(const struct tile_writer *t, const struct palette *p, const struct tile *tile, uint8_t *indices, bool reused)
{
	uint8_t map[PALETTE_MAX];

	palette_indices(p, indices, tile->px, tile->n);
	if (!reused)
		return;
	for (unsigned i = 0; i < p->n; i++)
		for (unsigned k = 0; k < t->n; k++)
			if (t->colour[k] == p->colour[i])
				map[i] = (uint8_t)k;
	for (unsigned i = 0; i < tile->n; i++)
		indices[i] = map[indices[i]];
}

static void remember(struct tile_writer *t, const struct palette *p, bool packed)
{
	t->n = p->n;
	t->packed = packed;
	memcpy(t->colour, p->colour, p->n * sizeof *t->colour);
}

static void put_palette_tile(struct tile_writer *t, const struct palette *p, struct wire_buf *out, const struct tile *tile, unsigned type)
{
	uint8_t indices[AREA_MAX];
	bool reused = type == REUSE_PACKED || type == REUSE_RLE;

	index_tile(t, p, tile, indices, reused);
	if (!reused) {
		put_colours(out, &t->pack, p->colour, p->n);
		remember(t, p, type <= PACKED_MAX);
	}
	if (t->packed)
		put_packed(out, tile, indices, index_bits(t->n));
	else
		put_runs(out, &t->pack, tile, indices);
}

static void put_wavelet(struct tile_writer *t, struct palette *p, struct wire_buf *out, const struct tile *tile)
{
	struct tile_writer plain = { .pack = t->pack };
	uint32_t coefficients[AREA_MAX];

	wavelet_analyse(t->format, coefficients, tile->px, tile->w, tile->h, (unsigned)t->wavelet);
	tile_put(&plain, p, out, coefficients, tile->w, tile->h);
	t->lossy = true;
}

void tile_put(struct tile_writer *t, struct palette *p, struct wire_buf *out, const uint32_t *px, unsigned w, unsigned h)
{
	struct tile tile = { px, w, h, w * h, 0, 0 };
	bool few = palette_scan(p, px, tile.n, RLE_MAX);

	if (few && p->n == 1) {
		wire_put_u8(out, SOLID);
		put_colours(out, &t->pack, px, 1);
		t->n = 0;
		return;
	}
	if (few) {
		tile.runs = p->runs;
		tile.singles = p->singles;
	} else {
		scan_runs(px, tile.n, &tile.runs, &tile.singles);
	}
	struct choice c = choose(t, &tile, p, few);
	wire_put_u8(out, (uint8_t)c.type);
	if (c.type == RAW || c.type == PLAIN_RLE) {
		t->n = 0;
		if (c.type == RAW && t->wavelet > 0)
			put_wavelet(t, p, out, &tile);
		else if (c.type == RAW)
			put_colours(out, &t->pack, px, tile.n);
		else
			put_runs(out, &t->pack, &tile, NULL);
		return;
	}
	put_palette_tile(t, p, out, &tile, c.type);
}
