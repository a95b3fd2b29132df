/* Structs to bytes. What a reader would refuse is refused here, so that no writer of ours can
 * produce a stream that no reader of ours takes. */
#include "fbs/type.h"

#include <errno.h>

void fbs_preamble_put(struct wire_buf *b, const char *program, int64_t wall_us)
{
	char name[8] = { 0 };

	memcpy(name, program, strnlen(program, sizeof name));
	wire_put(b, fbs_magic, sizeof fbs_magic);
	wire_put_u16le(b, FBS_MAJOR);
	wire_put_u16le(b, FBS_MINOR);
	wire_put_u32le(b, 0);
	wire_put_u64le(b, (uint64_t)wall_us);
	wire_put(b, name, sizeof name);
}

bool fbs_record_put_head(struct wire_buf *b, const struct fbs_record *r, struct fbs_tail *tail, uint32_t *pad)
{
	const struct fbs_type_info *t = fbs_type_info(r->type);
	size_t at = b->len, len;

	*tail = (struct fbs_tail){ 0 };
	if (!t || (t->check && t->check(r)) || r->time_us < 0 || r->time_us > FBS_TIME_MAX) {
		errno = EINVAL;
		return false;
	}
	if (t->tail)
		*tail = t->tail(r);
	wire_put_u16le(b, r->type);
	wire_put_u16le(b, r->flags);
	wire_put_u32le(b, 0);
	wire_put_u64le(b, (uint64_t)r->time_us);
	if (t->put)
		t->put(b, r);
	if (b->bad) {
		errno = ENOMEM;
		return false;
	}
	len = b->len - at - FBS_HEADER_SIZE + tail->len;
	if (len > t->max) {
		b->len = at;
		errno = EINVAL;
		return false;
	}
	for (int i = 0; i < 4; i++)
		b->data[at + 4 + (size_t)i] = (uint8_t)(len >> (8 * i));
	*pad = fbs_padding((uint32_t)len);
	return true;
}

void fbs_record_put(struct wire_buf *b, const struct fbs_record *r)
{
	struct fbs_tail tail;
	uint32_t pad;

	if (!fbs_record_put_head(b, r, &tail, &pad)) {
		b->bad = true;
		return;
	}
	wire_put(b, tail.bytes, tail.len);
	wire_put_zero(b, pad);
}
