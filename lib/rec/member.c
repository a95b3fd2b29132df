/* Headers of gzip members (RFC 1952) with a subfield "FB" that says what the member holds, and, in index
 * members, a subfield "FI" with the places of others. */
#include "rec/member.h"

#include <zlib.h>

enum {
	FHCRC = 2, FEXTRA = 4, FNAME = 8, FCOMMENT = 16, RESERVED = 0xe0,
	FIXED = 10, SUBFIELD = 64, VERSION = 1,
};

/* --- writing ------------------------------------------------------------------------------ */

static void put_subfield(struct wire_buf *b, const struct rec_member *m)
{
	wire_put(b, "FB", 2);
	wire_put_u16le(b, SUBFIELD);
	wire_put_u16le(b, VERSION);
	wire_put_u16le(b, m->kind);
	wire_put_u32le(b, m->frames);
	wire_put_u64le(b, m->length);
	wire_put_u32le(b, m->records);
	wire_put_u32le(b, m->marks);
	wire_put_u64le(b, (uint64_t)m->first_us);
	wire_put_u64le(b, (uint64_t)m->last_us);
	wire_put_u64le(b, m->stream_at);
	wire_put_u64le(b, m->stream_len);
	wire_put_u64le(b, (uint64_t)m->wall_us);
}

static void put_entry(struct wire_buf *b, const struct rec_member *m)
{
	wire_put_u64le(b, m->at);
	wire_put_u64le(b, m->length);
	wire_put_u64le(b, (uint64_t)m->first_us);
	wire_put_u64le(b, (uint64_t)m->last_us);
	wire_put_u64le(b, m->stream_at);
	wire_put_u64le(b, m->stream_len);
	wire_put_u32le(b, m->frames);
	wire_put_u32le(b, m->records);
	wire_put_u32le(b, m->marks);
	wire_put_u16le(b, m->kind);
	wire_put_u16le(b, 0);
}

void rec_member_put(struct wire_buf *b, const struct rec_member *m, const struct rec_member *entries, unsigned n)
{
	static const uint8_t magic[] = { 0x1f, 0x8b, 8, FHCRC | FEXTRA };
	size_t at = b->len;
	uint16_t extra = (uint16_t)(4 + SUBFIELD + (n ? 4 + n * REC_INDEX_ENTRY : 0));

	wire_put(b, magic, sizeof magic);
	wire_put_u32le(b, m->wall_us > 0 ? (uint32_t)(m->wall_us / 1000000) : 0);
	wire_put_u8(b, 0);	/* XFL */
	wire_put_u8(b, 3);	/* OS: Unix */
	wire_put_u16le(b, extra);
	put_subfield(b, m);
	if (n) {
		wire_put(b, "FI", 2);
		wire_put_u16le(b, (uint16_t)(n * REC_INDEX_ENTRY));
		for (unsigned i = 0; i < n; i++)
			put_entry(b, &entries[i]);
	}
	if (!b->bad)
		wire_put_u16le(b, (uint16_t)crc32(0, b->data + at, (uInt)(b->len - at)));
}

void rec_member_put_empty(struct wire_buf *b, struct rec_member *m, const struct rec_member *entries, unsigned n)
{
	static const uint8_t rest[2 + REC_MEMBER_TRAILER] = { 3, 0 };

	m->length = REC_EMPTY_MEMBER + (n ? 4 + n * REC_INDEX_ENTRY : 0);
	rec_member_put(b, m, entries, n);
	wire_put(b, rest, sizeof rest);
}

/* --- reading ------------------------------------------------------------------------------ */

static bool parse_subfield(struct rec_member *m, struct wire_in in)
{
	uint16_t version = wire_u16le(&in);

	m->kind = wire_u16le(&in);
	m->frames = wire_u32le(&in);
	m->length = wire_u64le(&in);
	m->records = wire_u32le(&in);
	m->marks = wire_u32le(&in);
	m->first_us = (int64_t)wire_u64le(&in);
	m->last_us = (int64_t)wire_u64le(&in);
	m->stream_at = wire_u64le(&in);
	m->stream_len = wire_u64le(&in);
	m->wall_us = (int64_t)wire_u64le(&in);
	return !in.bad && version == VERSION && m->kind <= REC_CLOSING;
}

static void parse_extra(struct rec_member *out, bool *ours, const uint8_t **entries, unsigned *n_entries, struct wire_in in)
{
	while (wire_left(&in) >= 4) {
		uint8_t id1 = wire_u8(&in), id2 = wire_u8(&in);
		uint16_t len = wire_u16le(&in);
		const uint8_t *p = wire_get(&in, len);

		if (!p)
			return;
		if (id1 == 'F' && id2 == 'B' && len >= SUBFIELD)
			*ours = parse_subfield(out, wire_in(p, len));
		else if (id1 == 'F' && id2 == 'I' && len % REC_INDEX_ENTRY == 0) {
			*entries = p;
			*n_entries = len / REC_INDEX_ENTRY;
		}
	}
}

/* A NUL-terminated string. False: its end is not there. */
static bool skip_string(struct wire_in *in)
{
	const uint8_t *nul = memchr(in->at, 0, wire_left(in));

	if (!nul)
		return false;
	in->at = nul + 1;
	return true;
}

long rec_member_parse(struct rec_member *out, bool *ours, const uint8_t **entries, unsigned *n_entries,
		      const uint8_t *bytes, size_t n)
{
	struct wire_in in = wire_in(bytes, n), extra;
	uint8_t flags;
	size_t at;

	*out = (struct rec_member){ 0 };
	*ours = false;
	*entries = NULL;
	*n_entries = 0;
	if ((n > 0 && bytes[0] != 0x1f) || (n > 1 && bytes[1] != 0x8b) || (n > 2 && bytes[2] != 8) || (n > 3 && bytes[3] & RESERVED))
		return -1;
	if (n < FIXED)
		return 0;
	flags = bytes[3];
	wire_skip(&in, FIXED);
	if (flags & FEXTRA) {
		uint16_t len = wire_u16le(&in);
		const uint8_t *p = wire_get(&in, len);

		if (in.bad)
			return n < REC_HEADER_MAX ? 0 : -1;
		extra = wire_in(p, len);
		parse_extra(out, ours, entries, n_entries, extra);
	}
	if ((flags & FNAME && !skip_string(&in)) || (flags & FCOMMENT && !skip_string(&in)))
		return n < REC_HEADER_MAX ? 0 : -1;
	at = (size_t)(in.at - bytes);
	if (flags & FHCRC) {
		uint16_t crc = wire_u16le(&in);

		if (in.bad)
			return 0;
		if (crc != (uint16_t)crc32(0, bytes, (uInt)at))
			return -1;
		at += 2;
	} else {
		*ours = false;		/* ours always has one */
	}
	return (long)at;
}

void rec_member_entry(struct rec_member *out, const uint8_t *entries, unsigned i)
{
	struct wire_in in = wire_in(entries + (size_t)i * REC_INDEX_ENTRY, REC_INDEX_ENTRY);

	*out = (struct rec_member){ .at = wire_u64le(&in) };
	out->length = wire_u64le(&in);
	out->first_us = (int64_t)wire_u64le(&in);
	out->last_us = (int64_t)wire_u64le(&in);
	out->stream_at = wire_u64le(&in);
	out->stream_len = wire_u64le(&in);
	out->frames = wire_u32le(&in);
	out->records = wire_u32le(&in);
	out->marks = wire_u32le(&in);
	out->kind = wire_u16le(&in);
}
