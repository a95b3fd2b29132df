/* Raw deflate, flushed fully after every call. Levels 1 to 5 are igzip's where it is built in (its levels 1 and 2: several
 * times faster than zlib's 1, at a similar size; the bytes of its 2 may differ by a few in two instances); above that,
 * where somebody asked for small rather than fast, and without igzip it is zlib. */
#include "codec/deflate.h"

#include <stdlib.h>
#include <zlib.h>

/* Bytes handed to a compressor at once; stored blocks hold fewer. */
enum { PART = 1 << 30, STORED_MAX = 65535 };

/* --- zlib: made when first needed ------------------------------------------------------------- */

struct slow {
	z_stream z;
	int level;		/* 0: not made yet */
};

static bool slow_prepare(struct slow *s, int level)
{
	if (s->level == 0) {
		if (deflateInit2(&s->z, level, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY) != Z_OK)
			return false;
		s->level = level;
		return true;
	}
	deflateReset(&s->z);
	if (level != s->level) {
		deflateParams(&s->z, level, Z_DEFAULT_STRATEGY);
		s->level = level;
	}
	return true;
}

static void slow_put(struct slow *s, struct wire_buf *out, const uint8_t *bytes, size_t n, int level)
{
	if (!slow_prepare(s, level)) {
		out->bad = true;
		return;
	}
	s->z.next_in = (Bytef *)bytes;
	s->z.avail_in = (uInt)n;
	do {
		size_t room = s->z.avail_in / 2 + 1024;
		uint8_t *to = wire_buf_room(out, room);
		if (!to)
			return;
		s->z.next_out = to;
		s->z.avail_out = (uInt)room;
		deflate(&s->z, Z_FULL_FLUSH);
		out->len += room - s->z.avail_out;
	} while (s->z.avail_out == 0);
}

static void slow_fini(struct slow *s)
{
	if (s->level)
		deflateEnd(&s->z);
}

/* --- igzip ---------------------------------------------------------------------------------------- */

#if RFBKIT_ISAL
#include <isa-l/igzip_lib.h>

enum {
	FAST_MAX = 5,		/* the last level that igzip does */
	SMALL_BLOCK = 2048, LARGE_BLOCK = 16384,	/* literals and matches per block */
	LEVEL_ROOM = ISAL_DEF_LVL1_REQ > ISAL_DEF_LVL2_REQ ? ISAL_DEF_LVL1_REQ : ISAL_DEF_LVL2_REQ,
};

struct fast {
	struct isal_zstream z;
	uint8_t room[LEVEL_ROOM + LARGE_BLOCK * ISAL_DEF_LVL1_TOKEN_SIZE];
};

static void fast_put(struct fast *f, struct wire_buf *out, const uint8_t *bytes, size_t n, int level, enum deflate_blocks blocks)
{
	/* as long as stored blocks would be, and a little more */
	size_t room = n + n / STORED_MAX * 5 + 64;
	unsigned block = blocks == DEFLATE_SMALL ? SMALL_BLOCK : LARGE_BLOCK;
	uint8_t *to = wire_buf_room(out, room);

	if (!to)
		return;
	isal_deflate_stateless_init(&f->z);
	f->z.flush = FULL_FLUSH;
	f->z.level = level < 4 ? 1 : 2;
	f->z.level_buf = f->room;
	f->z.level_buf_size = (level < 4 ? ISAL_DEF_LVL1_REQ : ISAL_DEF_LVL2_REQ) + block * ISAL_DEF_LVL1_TOKEN_SIZE;
	f->z.next_in = (uint8_t *)bytes;
	f->z.avail_in = (uint32_t)n;
	f->z.next_out = to;
	f->z.avail_out = (uint32_t)room;
	if (isal_deflate_stateless(&f->z) != COMP_OK || f->z.avail_in) {
		out->bad = true;
		return;
	}
	out->len += room - f->z.avail_out;
}
#else
enum { FAST_MAX = 0 };
struct fast { char none; };

static void fast_put(struct fast *f, struct wire_buf *out, const uint8_t *bytes, size_t n, int level, enum deflate_blocks blocks)
{
	(void)f, (void)bytes, (void)n, (void)level, (void)blocks;
	out->bad = true;
}
#endif

/* --- both ------------------------------------------------------------------------------------------- */

struct deflate {
	struct slow slow;
	struct fast fast;
};

struct deflate *deflate_new(void)
{
	return calloc(1, sizeof(struct deflate));
}

void deflate_free(struct deflate *d)
{
	if (d)
		slow_fini(&d->slow);
	free(d);
}

/* Level 0. Stored blocks end on a byte by themselves. */
static void put_stored(struct wire_buf *out, const uint8_t *bytes, size_t n)
{
	do {
		size_t k = n < STORED_MAX ? n : STORED_MAX;
		wire_put_u8(out, 0);
		wire_put_u16le(out, (uint16_t)k);
		wire_put_u16le(out, (uint16_t)~k);
		wire_put(out, bytes, k);
		bytes += k;
		n -= k;
	} while (n);
}

void deflate_put(struct deflate *d, struct wire_buf *out, const uint8_t *bytes, size_t n, int level, enum deflate_blocks blocks)
{
	if (level <= 0) {
		put_stored(out, bytes, n);
		return;
	}
	do {
		size_t k = n < PART ? n : PART;
		if (level <= FAST_MAX)
			fast_put(&d->fast, out, bytes, k, level, blocks);
		else
			slow_put(&d->slow, out, bytes, k, level < 9 ? level : 9);
		bytes += k;
		n -= k;
	} while (n && !out->bad);
}

/* A flush after compressed blocks is an empty stored block; after stored ones there is none. */
void deflate_put_last(struct deflate *d, struct wire_buf *out, const uint8_t *bytes, size_t n, int level, enum deflate_blocks blocks)
{
	size_t at = out->len;

	deflate_put(d, out, bytes, n, level, blocks);
	if (out->bad || out->len - at < 5 || (out->data[at] & 6) == 0)
		return;
	if (memcmp(out->data + out->len - 4, "\0\0\xff\xff", 4) == 0)
		out->len -= 4;
}
