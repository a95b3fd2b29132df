/* vncrec: a 3.3 session as the viewer read it, with a time of day before messages. Some writers put one before
 * updates only: a message's first byte is small, a time's is not. */
#include "rec/handshake.h"
#include "rec/import.h"
#include "rec/viewer.h"

enum { MAGIC = 9, STAMP = 8, SHAKE_MAX = 1 << 17, LEAST_SECONDS_BYTE = 0x20, MOST_SECONDS_BYTE = 0x94 };

struct vncrec {
	struct rec_import *i;
	struct rec_viewer viewer;
	int64_t first_us, now_us;	/* times of day */
};

/* Takes the time before a message, if there is one. */
static void read_stamp(struct vncrec *v)
{
	struct rec_bytes *in = v->i->in;
	int64_t us;

	if (!rec_bytes_want(in, STAMP) || in->at[0] < LEAST_SECONDS_BYTE || in->at[0] > MOST_SECONDS_BYTE ||
	    wire_ld32be(in->at + 4) > 1000000)
		return;
	us = (int64_t)wire_ld32be(in->at) * 1000000 + wire_ld32be(in->at + 4);
	if (!v->first_us) {
		v->first_us = us;
		v->i->wall_us = us;
	}
	if (us > v->now_us)
		v->now_us = us;
	rec_bytes_skip(in, STAMP);
}

static int read_messages(struct vncrec *v)
{
	struct rec_bytes *in = v->i->in;

	while (rec_bytes_want(in, 1)) {
		size_t used;
		int result;

		if (!v->viewer.in_update)
			read_stamp(v);
		if (!rec_bytes_want(in, 1))
			break;
		v->i->end_us = v->now_us - v->first_us;
		while ((result = rec_viewer_step(&v->viewer, in->at, in->n, v->i->end_us, &used)) == 1)
			if (!rec_bytes_more(in))
				return rec_import_fail(v->i, "cut in a message");
		if (result)
			return v->viewer.why ? rec_import_fail(v->i, v->viewer.why) : -1;
		rec_bytes_skip(in, used);
	}
	return v->viewer.in_update || in->why ? rec_import_fail(v->i, "cut in an update") : 0;
}

int rec_import_vncrec(struct rec_import *i)
{
	struct vncrec v = { .i = i };
	struct rec_handshake hs;
	long used;
	int result;

	rec_bytes_skip(i->in, MAGIC);
	while ((used = rec_handshake_parse(&hs, 0, i->in->at, i->in->n)) == 0)
		if (i->in->n > SHAKE_MAX || !rec_bytes_more(i->in))
			return rec_import_fail(i, "cut in its handshake");
	if (used < 0)
		return rec_import_fail(i, "no RFB handshake");
	if (!rec_viewer_init(&v.viewer, FBS_RECORDING, hs.w, hs.h, &hs.format, i->put, i->arg)) {
		rec_viewer_fini(&v.viewer);
		return rec_import_fail(i, v.viewer.why);
	}
	result = rec_viewer_open(&v.viewer, 0, (const char *)hs.name, hs.name_len, false);
	rec_bytes_skip(i->in, (size_t)used);
	if (!result)
		result = read_messages(&v);
	rec_viewer_fini(&v.viewer);
	return result;
}
