/* FBS: what a server sent, in blocks with a time each. Three layouts are in the wild, for one magic: the
 * padding before the time, behind it, or none; the one whose blocks follow each other plausibly longest is it. */
#include "rec/handshake.h"
#include "rec/import.h"
#include "rec/viewer.h"

#include <stdio.h>

enum { MAGIC = 12, JSON_MAX = 1 << 20, LOOK_BLOCKS = 64, LOOK_BYTES = 4 << 20 };
#define BLOCK_MAX (64u << 20)
#define GAP_MAX_MS (31u * 24 * 3600 * 1000)

enum layout { PAD_TIME, TIME_PAD, NO_PAD, LAYOUTS };

struct block {
	uint32_t len, ms;
	size_t data, whole;	/* where the data begin; the whole block's size */
};

struct fbs {
	struct rec_import *i;
	enum layout layout;
	struct rec_viewer viewer;
	bool started;
	struct wire_buf shake;
};

/* A block at p, if its head and its time are there. */
static bool block_at(struct block *b, enum layout layout, const uint8_t *p, size_t n)
{
	size_t pad, time;

	if (n < 8)
		return false;
	b->len = wire_ld32be(p);
	if (b->len > BLOCK_MAX)
		return false;
	pad = layout == NO_PAD ? 0 : -b->len & 3u;
	time = 4 + b->len + (layout == PAD_TIME ? pad : 0);
	b->data = 4;
	b->whole = 4 + (size_t)b->len + pad + 4;
	if (n < time + 4)
		return false;
	b->ms = wire_ld32be(p + time);
	return true;
}

/* Padding is zeros; in the other order of time and padding, it would hold a part of the time. */
static bool padding_is_zero(const struct block *b, enum layout layout, const uint8_t *p, size_t n)
{
	size_t pad = layout == NO_PAD ? 0 : -b->len & 3u, at = 4 + b->len + (layout == TIME_PAD ? 4 : 0);

	for (size_t i = at; i < at + pad && i < n; i++)
		if (p[i])
			return false;
	return true;
}

/* How many blocks in a row make sense. */
static unsigned score(enum layout layout, const uint8_t *p, size_t n)
{
	uint32_t last = 0;
	unsigned good = 0;
	struct block b;

	while (good < LOOK_BLOCKS && block_at(&b, layout, p, n)) {
		if (b.ms < last || b.ms - last > GAP_MAX_MS || !padding_is_zero(&b, layout, p, n))
			return good;
		last = b.ms;
		good++;
		if (b.whole >= n || b.len == 0)
			break;
		p += b.whole;
		n -= b.whole;
	}
	/* a length that cannot be, where a block should begin, speaks against the layout */
	if (good && good < LOOK_BLOCKS && n >= 8 && !block_at(&b, layout, p, n) && wire_ld32be(p) > BLOCK_MAX)
		good--;
	return good;
}

static enum layout detect(struct rec_bytes *in)
{
	enum layout best = PAD_TIME;
	unsigned most = 0;

	(void)rec_bytes_want(in, LOOK_BYTES);
	for (int l = 0; l < LAYOUTS; l++) {
		unsigned s = score((enum layout)l, in->at, in->n);

		if (s > most) {
			most = s;
			best = (enum layout)l;
		}
	}
	return best;
}

/* .002 has a line of JSON behind its magic. */
static bool skip_head(struct rec_bytes *in)
{
	bool json = in->at[10] == '2';

	rec_bytes_skip(in, MAGIC);
	if (!json || !rec_bytes_want(in, 1) || in->at[0] != '{')
		return true;
	for (size_t n = 0; n < JSON_MAX && rec_bytes_want(in, n + 1); n++)
		if (in->at[n] == '\n') {
			rec_bytes_skip(in, n + 1);
			return true;
		}
	return false;
}

/* The handshake may come in several blocks; what follows it goes to the viewer. */
static int start(struct fbs *f, const uint8_t *bytes, size_t n, int64_t us)
{
	struct rec_handshake hs;
	long used;

	wire_put(&f->shake, bytes, n);
	used = rec_handshake_parse(&hs, 0, f->shake.data, f->shake.len);
	if (used < 0 || f->shake.bad)
		return rec_import_fail(f->i, "no RFB handshake");
	if (used == 0)
		return 0;
	f->started = true;
	if (!rec_viewer_init(&f->viewer, FBS_RECORDING, hs.w, hs.h, &hs.format, f->i->put, f->i->arg))
		return rec_import_fail(f->i, f->viewer.why);
	if (rec_viewer_open(&f->viewer, us, (const char *)hs.name, hs.name_len, false))
		return -1;
	return rec_viewer_feed(&f->viewer, f->shake.data + used, f->shake.len - (size_t)used, us);
}

static int take(struct fbs *f, const uint8_t *bytes, size_t n, int64_t us)
{
	int result = f->started ? rec_viewer_feed(&f->viewer, bytes, n, us) : start(f, bytes, n, us);

	if (result && f->started && f->viewer.why && !f->i->why[0])
		return rec_import_fail(f->i, f->viewer.why);
	return result;
}

static int read_blocks(struct fbs *f)
{
	struct rec_bytes *in = f->i->in;
	struct block b;
	int result = 0;

	while (!result && rec_bytes_want(in, 8)) {
		uint32_t len = wire_ld32be(in->at);

		if (len > BLOCK_MAX)
			return rec_import_fail(f->i, "a block of impossible length");
		if (!rec_bytes_want(in, 4 + (size_t)len + 4) || !(block_at(&b, f->layout, in->at, in->n) ||
		    (rec_bytes_want(in, 4 + (size_t)len + 7) && block_at(&b, f->layout, in->at, in->n))))
			return rec_import_fail(f->i, "cut in a block");
		if ((int64_t)b.ms * 1000 > f->i->end_us)
			f->i->end_us = (int64_t)b.ms * 1000;
		result = take(f, in->at + b.data, b.len, f->i->end_us);
		if (!result)
			rec_bytes_skip(in, b.whole);
	}
	if (result)
		return -1;
	if (in->n || in->why)
		return rec_import_fail(f->i, "cut in a block");
	return f->started && (f->viewer.in_update || f->viewer.in.len) ? rec_import_fail(f->i, "cut in an update") : 0;
}

int rec_import_fbs(struct rec_import *i)
{
	struct fbs f = { .i = i, .shake.max = 1 << 24 };
	int result;

	if (!skip_head(i->in))
		return rec_import_fail(i, "its JSON line has no end");
	f.layout = detect(i->in);
	result = read_blocks(&f);
	if (!result && !f.started)
		result = rec_import_fail(i, "it ends before its picture begins");
	if (f.started)
		rec_viewer_fini(&f.viewer);
	wire_buf_fini(&f.shake);
	return result;
}
