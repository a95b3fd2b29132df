/* Collecting colours. Only the pixels that differ from the one before are looked up; they are found 64
 * at a time. Lookups go to a small open-addressed table that is never more than a quarter full. */
#include "codec/scan.h"

#include <string.h>

enum { SLOTS = 1024 };

static inline unsigned hash(uint32_t colour)
{
	return colour * 0x9e3779b1u >> 22;
}

static void palette_clear(struct palette *p)
{
	p->n = 0;
	p->runs = p->singles = 0;
	if (++p->stamp == 0) {
		memset(p->slot, 0, sizeof p->slot);
		p->stamp = 1;
	}
}

unsigned palette_find(const struct palette *p, uint32_t colour)
{
	for (unsigned s = hash(colour);; s = (s + 1) % SLOTS) {
		if (p->slot[s].stamp != p->stamp)
			return p->n;
		if (p->slot[s].colour == colour)
			return p->slot[s].index;
	}
}

/* The colour's index, added when it is new; max when there is no room. */
static inline unsigned palette_add(struct palette *p, uint32_t colour, unsigned max)
{
	unsigned s = hash(colour);

	for (; p->slot[s].stamp == p->stamp; s = (s + 1) % SLOTS)
		if (p->slot[s].colour == colour)
			return p->slot[s].index;
	if (p->n == max)
		return max;
	p->slot[s].stamp = p->stamp;
	p->slot[s].colour = colour;
	p->slot[s].index = p->n;
	p->colour[p->n] = colour;
	p->count[p->n] = 0;
	return p->n++;
}

bool palette_scan(struct palette *p, const uint32_t *px, size_t n, unsigned max)
{
	size_t start = 0;
	unsigned at = 0;

	palette_clear(p);
	for (size_t i = 0; i < n; i += 64) {
		uint64_t bits = scan_changes(px, i, n - i < 64 ? (unsigned)(n - i) : 64);
		for (; bits; bits &= bits - 1) {
			size_t here = i + (unsigned)__builtin_ctzll(bits);
			size_t length = here - start;
			p->count[at] += (uint32_t)length;
			p->singles += length == 1;
			p->runs++;
			start = here;
			at = palette_add(p, px[here], max);
			if (at == max)
				return false;
		}
	}
	p->count[at] += (uint32_t)(n - start);
	p->singles += n - start == 1;
	return true;
}

void palette_indices(const struct palette *p, uint8_t *dst, const uint32_t *px, size_t n)
{
	size_t start = 0;
	uint8_t index = 0;

	for (size_t i = 0; i < n; i += 64) {
		uint64_t bits = scan_changes(px, i, n - i < 64 ? (unsigned)(n - i) : 64);
		for (; bits; bits &= bits - 1) {
			size_t here = i + (unsigned)__builtin_ctzll(bits);
			memset(dst + start, index, here - start);
			start = here;
			index = (uint8_t)palette_find(p, px[here]);
		}
	}
	memset(dst + start, index, n - start);
}

unsigned palette_commonest(const struct palette *p)
{
	unsigned best = 0;

	for (unsigned i = 1; i < p->n; i++)
		if (p->count[i] > p->count[best])
			best = i;
	return best;
}
