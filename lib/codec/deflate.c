/* Raw deflate, flushed fully after every call: igzip where it is built in, else zlib. igzip knows levels 0 to 3
 * (its 0 is already a real compressor); the protocol's 1 to 9 are spread over them. */
#include "codec/deflate.h"

#include <limits.h>
#include <stdlib.h>

/* Bytes handed to the compressor at once; what it sizes its output for. */
enum { PART = 1 << 30, STORED_MAX = 65535 };

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

#if RFBKIT_ISAL
#include <isa-l/igzip_lib.h>

struct deflate {
	struct isal_zstream z;
	uint8_t level_buf[ISAL_DEF_LVL3_DEFAULT > ISAL_DEF_LVL2_DEFAULT ? ISAL_DEF_LVL3_DEFAULT : ISAL_DEF_LVL2_DEFAULT];
};

static const uint8_t igzip_level[10] = { 0, 1, 1, 1, 2, 2, 2, 3, 3, 3 };

struct deflate *deflate_new(void)
{
	return calloc(1, sizeof(struct deflate));
}

void deflate_free(struct deflate *d)
{
	free(d);
}

static void put_part(struct deflate *d, struct wire_buf *out, const uint8_t *bytes, size_t n, int level)
{
	/* as long as stored blocks would be, and a little more */
	size_t room = n + n / STORED_MAX * 5 + 64;
	uint8_t *to = wire_buf_room(out, room);

	if (!to)
		return;
	isal_deflate_stateless_init(&d->z);
	d->z.flush = FULL_FLUSH;
	d->z.level = igzip_level[level];
	d->z.level_buf = d->level_buf;
	d->z.level_buf_size = sizeof d->level_buf;
	d->z.next_in = (uint8_t *)bytes;
	d->z.avail_in = (uint32_t)n;
	d->z.next_out = to;
	d->z.avail_out = (uint32_t)room;
	if (isal_deflate_stateless(&d->z) != COMP_OK || d->z.avail_in) {
		out->bad = true;
		return;
	}
	out->len += room - d->z.avail_out;
}

#else
#include <zlib.h>

struct deflate {
	z_stream z;
	int level;
};

struct deflate *deflate_new(void)
{
	struct deflate *d = calloc(1, sizeof *d);

	if (d && deflateInit2(&d->z, 1, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY) != Z_OK) {
		free(d);
		return NULL;
	}
	if (d)
		d->level = 1;
	return d;
}

void deflate_free(struct deflate *d)
{
	if (d)
		deflateEnd(&d->z);
	free(d);
}

static void put_part(struct deflate *d, struct wire_buf *out, const uint8_t *bytes, size_t n, int level)
{
	deflateReset(&d->z);
	if (level != d->level) {
		deflateParams(&d->z, level, Z_DEFAULT_STRATEGY);
		d->level = level;
	}
	d->z.next_in = (Bytef *)bytes;
	d->z.avail_in = (uInt)n;
	do {
		size_t room = d->z.avail_in / 2 + 1024;
		uint8_t *to = wire_buf_room(out, room);
		if (!to)
			return;
		d->z.next_out = to;
		d->z.avail_out = (uInt)room;
		if (deflate(&d->z, Z_FULL_FLUSH) == Z_STREAM_ERROR) {
			out->bad = true;
			return;
		}
		out->len += room - d->z.avail_out;
	} while (d->z.avail_out == 0);
}
#endif

void deflate_put(struct deflate *d, struct wire_buf *out, const uint8_t *bytes, size_t n, int level)
{
	if (level <= 0) {
		put_stored(out, bytes, n);
		return;
	}
	if (level > 9)
		level = 9;
	do {
		size_t k = n < PART ? n : PART;
		put_part(d, out, bytes, k, level);
		bytes += k;
		n -= k;
	} while (n && !out->bad);
}

/* A flush after compressed blocks is an empty stored block; after stored ones there is none. */
void deflate_put_last(struct deflate *d, struct wire_buf *out, const uint8_t *bytes, size_t n, int level)
{
	size_t at = out->len;

	deflate_put(d, out, bytes, n, level);
	if (out->bad || out->len - at < 5 || (out->data[at] & 6) == 0)
		return;
	if (memcmp(out->data + out->len - 4, "\0\0\xff\xff", 4) == 0)
		out->len -= 4;
}
