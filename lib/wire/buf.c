/* Growable output. It doubles, never beyond `max`, and remembers its first failure, so that a
 * message is put together field by field and `bad` is tested once at the end. */
#include "wire/wire.h"

#include <endian.h>
#include <stdlib.h>

enum { FIRST = 256 };

void wire_buf_fini(struct wire_buf *b)
{
	free(b->data);
	*b = (struct wire_buf){ .max = b->max };
}

void wire_buf_reset(struct wire_buf *b)
{
	b->len = 0;
	b->bad = false;
}

static bool enlarge(struct wire_buf *b, size_t need)
{
	size_t cap = b->cap ? b->cap : FIRST;
	uint8_t *data;

	while (cap < need)
		if (!wire_mul(&cap, cap, 2))
			cap = need;
	if (b->max && cap > b->max)
		cap = b->max;
	data = realloc(b->data, cap);
	if (!data)
		return false;
	b->data = data;
	b->cap = cap;
	return true;
}

uint8_t *wire_buf_room(struct wire_buf *b, size_t n)
{
	size_t need;

	if (b->bad)
		return NULL;
	if (!wire_add(&need, b->len, n) || (b->max && need > b->max) ||
	    ((need > b->cap || !b->data) && !enlarge(b, need))) {
		b->bad = true;
		return NULL;
	}
	return b->data + b->len;
}

uint8_t *wire_buf_grow(struct wire_buf *b, size_t n)
{
	uint8_t *p = wire_buf_room(b, n);

	if (p)
		b->len += n;
	return p;
}

void wire_buf_drop(struct wire_buf *b, size_t n)
{
	if (n > b->len)
		n = b->len;
	if (n && b->len > n)
		memmove(b->data, b->data + n, b->len - n);
	b->len -= n;
}

uint8_t *wire_buf_take(struct wire_buf *b, size_t *n)
{
	uint8_t *data = b->data;

	*n = b->len;
	*b = (struct wire_buf){ .max = b->max };
	return data;
}

void wire_put(struct wire_buf *b, const void *bytes, size_t n)
{
	uint8_t *p = n ? wire_buf_grow(b, n) : NULL;

	if (p)
		memcpy(p, bytes, n);
}

void wire_put_zero(struct wire_buf *b, size_t n)
{
	uint8_t *p = n ? wire_buf_grow(b, n) : NULL;

	if (p)
		memset(p, 0, n);
}

void wire_put_u8(struct wire_buf *b, uint8_t v)
{
	wire_put(b, &v, 1);
}

#define PUTTER(name, type, convert)		\
	void name(struct wire_buf *b, type v)	\
	{					\
		v = convert(v);			\
		wire_put(b, &v, sizeof v);	\
	}

PUTTER(wire_put_u16be, uint16_t, htobe16)
PUTTER(wire_put_u32be, uint32_t, htobe32)
PUTTER(wire_put_u64be, uint64_t, htobe64)
PUTTER(wire_put_u16le, uint16_t, htole16)
PUTTER(wire_put_u32le, uint32_t, htole32)
PUTTER(wire_put_u64le, uint64_t, htole64)

void wire_set_u16be(struct wire_buf *b, size_t at, uint16_t v)
{
	if (!b->bad && at <= b->len && b->len - at >= 2)
		wire_st16be(b->data + at, v);
}

void wire_set_u32be(struct wire_buf *b, size_t at, uint32_t v)
{
	if (!b->bad && at <= b->len && b->len - at >= 4)
		wire_st32be(b->data + at, v);
}
