/* The reading cursor: every getter checks what is left first; after the first failure it stays
 * at the end, so that a parser can read all its fields and test `bad` once. */
#include "wire/wire.h"

#include <endian.h>

const uint8_t *wire_get(struct wire_in *in, size_t n)
{
	const uint8_t *p = in->at;

	if (in->bad || n > wire_left(in)) {
		in->bad = true;
		in->at = in->end;
		return NULL;
	}
	in->at += n;
	return p;
}

void wire_skip(struct wire_in *in, size_t n)
{
	wire_get(in, n);
}

uint8_t wire_u8(struct wire_in *in)
{
	const uint8_t *p = wire_get(in, 1);

	return p ? *p : 0;
}

#define GETTER(name, type, convert)			\
	type name(struct wire_in *in)			\
	{						\
		const uint8_t *p = wire_get(in, sizeof(type)); \
		type v;					\
							\
		if (!p)					\
			return 0;			\
		memcpy(&v, p, sizeof v);		\
		return convert(v);			\
	}

GETTER(wire_u16be, uint16_t, be16toh)
GETTER(wire_u32be, uint32_t, be32toh)
GETTER(wire_u64be, uint64_t, be64toh)
GETTER(wire_u16le, uint16_t, le16toh)
GETTER(wire_u32le, uint32_t, le32toh)
GETTER(wire_u64le, uint64_t, le64toh)
