/* Frames whole: their records are kept until the FRAME's checksum has been verified. */
#include "rec/units.h"

#include <stdio.h>

void rec_unit_fini(struct rec_unit *u)
{
	wire_buf_fini(&u->bytes);
}

int rec_unit_read(struct rec_unit *u, struct rec_reader *r)
{
	struct fbs_record rec;
	int n;

	u->bytes.max = REC_UNIT_MAX;
	wire_buf_reset(&u->bytes);
	u->is_frame = false;
	u->flags = 0;
	while ((n = rec_reader_next(r, &rec)) == 1) {
		fbs_record_put(&u->bytes, &rec);
		if (u->bytes.bad) {
			snprintf(r->problem, sizeof r->problem, "a frame that is too large, at offset %llu of the stream",
				 (unsigned long long)rec.offset);
			return FBS_E_ORDER;
		}
		u->time_us = rec.time_us;
		if (rec.type == FBS_FRAME) {
			u->is_frame = true;
			u->flags = rec.flags;
			return 1;
		}
		if (!r->fbs.in_frame)
			return 1;
	}
	return n;
}

bool rec_unit_record(const struct rec_unit *u, size_t *at, struct fbs_record *out)
{
	long n = *at < u->bytes.len ? fbs_record_parse(out, u->bytes.data + *at, u->bytes.len - *at) : 0;

	if (n <= 0)
		return false;
	*at += (size_t)n;
	return true;
}
