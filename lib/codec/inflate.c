/* zlib's inflate, in exact amounts. */
#include "codec/inflate.h"

#include <string.h>

void inflate_fini(struct inflate *i)
{
	if (i->live)
		inflateEnd(&i->z);
	memset(i, 0, sizeof *i);
}

void inflate_restart(struct inflate *i)
{
	if (i->live)
		inflateReset(&i->z);
}

bool inflate_feed(struct inflate *i, const uint8_t *in, size_t n)
{
	if (n > UINT32_MAX)
		return false;
	if (!i->live) {
		memset(&i->z, 0, sizeof i->z);
		if (inflateInit(&i->z) != Z_OK)
			return false;
		i->live = true;
	}
	i->z.next_in = (Bytef *)in;
	i->z.avail_in = (uInt)n;
	return true;
}

size_t inflate_some(struct inflate *i, uint8_t *dst, size_t n)
{
	const uInt want = n < UINT32_MAX ? (uInt)n : UINT32_MAX;
	int r;

	i->z.next_out = dst;
	i->z.avail_out = want;
	/* at least once: zlib may hold output back that needs no more input */
	do
		r = inflate(&i->z, Z_SYNC_FLUSH);
	while (r == Z_OK && i->z.avail_out && i->z.avail_in);
	if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
		return SIZE_MAX;
	return want - i->z.avail_out;
}

bool inflate_get(struct inflate *i, uint8_t *dst, size_t n)
{
	while (n) {
		size_t k = inflate_some(i, dst, n);
		if (k == 0 || k == SIZE_MAX)
			return false;
		dst += k;
		n -= k;
	}
	return true;
}

bool inflate_finish(struct inflate *i)
{
	uint8_t extra;
	uInt before;

	do {
		before = i->z.avail_in;
		if (inflate_some(i, &extra, 1) != 0)
			return false;
	} while (i->z.avail_in && i->z.avail_in != before);
	i->z.next_in = NULL;
	return i->z.avail_in == 0;
}
