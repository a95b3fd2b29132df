/* The window is a buffer that drops what was passed; gzip is noticed by its magic and inflated, member
 * after member. */
#include "rec/bytes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 64 * 1024 };

bool rec_bytes_init(struct rec_bytes *b, ssize_t (*read)(void *arg, void *buf, size_t n), void *arg)
{
	*b = (struct rec_bytes){ .read = read, .arg = arg };
	b->buf.max = REC_WINDOW_MAX;
	b->in = malloc(CHUNK);
	return b->in != NULL;
}

void rec_bytes_fini(struct rec_bytes *b)
{
	if (b->z_ready)
		inflateEnd(&b->z);
	free(b->in);
	wire_buf_fini(&b->buf);
}

static void set_window(struct rec_bytes *b)
{
	b->at = b->buf.data ? b->buf.data + b->start : NULL;
	b->n = b->buf.len - b->start;
}

static bool fail(struct rec_bytes *b, const char *why)
{
	b->why = why;
	b->ended = true;
	return false;
}

/* Bytes of the file: how many; 0 at the end. */
static size_t read_some(struct rec_bytes *b, uint8_t *to, size_t n)
{
	for (;;) {
		ssize_t got = b->read(b->arg, to, n);

		if (got >= 0)
			return (size_t)got;
		if (errno != EINTR) {
			fail(b, "it cannot be read");
			return 0;
		}
	}
}

static bool inflate_some(struct rec_bytes *b, uint8_t *to)
{
	b->z.next_out = to;
	b->z.avail_out = CHUNK;
	while (b->z.avail_out == CHUNK) {
		int result;

		if (b->z.avail_in == 0) {
			b->z.next_in = b->in;
			b->z.avail_in = (uInt)read_some(b, b->in, CHUNK);
			if (b->z.avail_in == 0) {
				b->ended = true;
				break;
			}
		}
		result = inflate(&b->z, Z_NO_FLUSH);
		if (result == Z_STREAM_END)
			inflateReset(&b->z);
		else if (result != Z_OK && result != Z_BUF_ERROR) {
			if (b->z.avail_out == CHUNK)
				return fail(b, "its gzip data are damaged");
			break;
		}
	}
	b->buf.len += CHUNK - b->z.avail_out;
	return true;
}

/* The first bytes decide what it is. */
static bool begin(struct rec_bytes *b)
{
	size_t n = 0, got;

	while (n < 2 && (got = read_some(b, b->in + n, CHUNK - n)) > 0)
		n += got;
	b->begun = true;
	b->gzip = n >= 2 && b->in[0] == 0x1f && b->in[1] == 0x8b;
	if (!b->gzip) {
		wire_put(&b->buf, b->in, n);
		b->ended = b->ended || n == 0;
		return !b->buf.bad;
	}
	if (inflateInit2(&b->z, 31) != Z_OK)
		return fail(b, "no memory");
	b->z_ready = true;
	b->z.next_in = b->in;
	b->z.avail_in = (uInt)n;
	return true;
}

bool rec_bytes_more(struct rec_bytes *b)
{
	size_t before = b->buf.len - b->start;
	uint8_t *to;

	if (!b->begun && !begin(b))
		return false;
	if (b->start > CHUNK && b->start > b->buf.len / 2) {
		wire_buf_drop(&b->buf, b->start);
		b->start = 0;
	}
	while (b->buf.len - b->start == before && !b->ended) {
		to = wire_buf_room(&b->buf, CHUNK);
		if (!to)
			return fail(b, "a part of it is too large");
		if (b->gzip) {
			if (!inflate_some(b, to))
				break;
		} else {
			size_t n = read_some(b, to, CHUNK);

			b->buf.len += n;
			b->ended = b->ended || n == 0;
		}
	}
	set_window(b);
	return b->n > before;
}

bool rec_bytes_want(struct rec_bytes *b, size_t n)
{
	while (b->n < n)
		if (!rec_bytes_more(b))
			return false;
	return true;
}

void rec_bytes_skip(struct rec_bytes *b, size_t n)
{
	b->start += n < b->n ? n : b->n;
	b->offset += n < b->n ? n : b->n;
	set_window(b);
}
