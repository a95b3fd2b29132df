/* Records to a descriptor or a sink. Small ones are gathered and leave with the frame that commits
 * them, in one write; pixels go out from where they are. The checksum runs along. */
#include "fbs/writer.h"
#include "fbs/sum.h"
#include "fbs/type.h"
#include "io/io.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/uio.h>

enum {
	GATHER = 64 * 1024,	/* bytes kept for one write */
	SMALL = 8 * 1024,	/* data below this is copied rather than sent on its own */
	PIECES = 1024,		/* in one writev */
	RAW_RECORD = 256 * 1024,	/* bytes of pixels in a record at most: who sums and stores them still has them in the cache */
	HELD = 512 * 1024,	/* bytes held back at most: they were just looked at, and are still in the cache */
};

static const uint8_t zeros[8];

static int send_fd(void *arg, struct iovec *iov, int n)
{
	const struct fbs_writer *w = arg;

	return io_writev_full(w->fd, iov, n, IO_FOREVER);
}

static int fail(struct fbs_writer *w, int error)
{
	w->error = error;
	errno = error;
	return -1;
}

/* Memory may fail later too: wire_buf remembers it, and take_out asks. */
static int start(struct fbs_writer *w, const char *program)
{
	w->hash = XXH3_createState();
	w->piece = calloc(PIECES, sizeof *w->piece);
	if (!w->hash || !w->piece)
		return fail(w, ENOMEM);
	XXH3_64bits_reset(w->hash);
	w->start_us = io_now();
	w->wall_us = io_wallclock();
	fbs_preamble_put(&w->out, program, w->wall_us);
	return w->out.bad ? fail(w, ENOMEM) : 0;
}

int fbs_writer_init(struct fbs_writer *w, int fd, const char *program)
{
	*w = (struct fbs_writer){ .fd = fd, .send = send_fd, .arg = w };
	return start(w, program);
}

int fbs_writer_init_sink(struct fbs_writer *w, fbs_send send, void *arg, const char *program)
{
	*w = (struct fbs_writer){ .fd = -1, .send = send, .arg = arg };
	return start(w, program);
}

void fbs_writer_resume(struct fbs_writer *w, uint64_t frames, int64_t now_us)
{
	wire_buf_reset(&w->out);
	w->frames = frames;
	w->now_us = now_us;
}

void fbs_writer_start_at(struct fbs_writer *w, int64_t wall_us)
{
	enum { WALL_AT = 16 };		/* in the preamble, which is still here */

	if (w->out.bad || w->out.len != FBS_PREAMBLE_SIZE)
		return;
	for (unsigned i = 0; i < 8; i++)
		w->out.data[WALL_AT + i] = (uint8_t)((uint64_t)wall_us >> 8 * i);
	w->wall_us = wall_us;
}

void fbs_writer_fini(struct fbs_writer *w)
{
	XXH3_freeState(w->hash);
	w->hash = NULL;
	free(w->piece);
	w->piece = NULL;
	wire_buf_fini(&w->out);
}

void fbs_writer_stamp(struct fbs_writer *w)
{
	fbs_writer_stamp_at(w, io_now() - w->start_us);
}

void fbs_writer_stamp_at(struct fbs_writer *w, int64_t us)
{
	if (us > w->now_us)
		w->now_us = us;
}

/* --- sending ------------------------------------------------------------------------------ */

static void list(struct fbs_writer *w, const void *bytes, size_t n)
{
	if (n > 0)
		w->piece[w->pieces++] = (struct iovec){ (void *)(uintptr_t)bytes, n };
}

/* What is in out and was not listed yet. */
static void list_out(struct fbs_writer *w)
{
	list(w, NULL, w->out.len - w->listed);
	w->listed = w->out.len;
}

/* Sends what was gathered. */
static int send_all(struct fbs_writer *w)
{
	uint8_t *at = w->out.data;
	int n;

	if (w->out.bad)
		return fail(w, ENOMEM);
	list_out(w);
	n = w->pieces;
	for (int i = 0; i < n; i++) {
		if (w->piece[i].iov_base)
			continue;
		w->piece[i].iov_base = at;
		at += w->piece[i].iov_len;
	}
	w->pieces = 0;
	w->listed = w->held = 0;
	if (n > 0 && w->send(w->arg, w->piece, n))
		return fail(w, errno);
	wire_buf_reset(&w->out);
	return 0;
}

/* Lists bytes that others keep, after what is in out. There is room for these two, and for what follows in out. */
static int send_bytes(struct fbs_writer *w, const void *bytes, size_t n)
{
	list_out(w);
	list(w, bytes, n);
	w->held += n;
	return w->pieces + 3 > PIECES || w->held >= HELD ? send_all(w) : 0;
}

int fbs_flush(struct fbs_writer *w)
{
	if (w->error)
		return fail(w, w->error);
	return send_all(w);
}

/* Data of a record whose head is in w->out: copied when small, else sent from where it is. */
static int put_data(struct fbs_writer *w, const void *bytes, size_t n, uint32_t pad)
{
	const bool small = n <= SMALL;

	if (small)
		wire_put(&w->out, bytes, n);
	else if (send_bytes(w, bytes, n))
		return -1;
	wire_put_zero(&w->out, pad);
	if (w->out.bad)
		return fail(w, ENOMEM);
	return small ? 0 : send_all(w);
}

/* Fills in a FRAME's number and, the last of its bytes, the checksum of all before. */
static int write_frame_record(struct fbs_writer *w, struct fbs_record *r)
{
	size_t at = w->out.len;

	r->frame.number = w->frames;
	r->frame.checksum = 0;
	fbs_record_put(&w->out, r);
	if (w->out.bad)
		return fail(w, ENOMEM);
	w->out.len -= sizeof r->frame.checksum;
	XXH3_64bits_update(w->hash, w->out.data + at, w->out.len - at);
	wire_put_u64le(&w->out, XXH3_64bits_digest(w->hash));
	XXH3_64bits_reset(w->hash);
	w->frames++;
	return fbs_flush(w);
}

int fbs_write(struct fbs_writer *w, const struct fbs_record *r)
{
	struct fbs_record rec = *r;
	struct fbs_tail tail;
	size_t at = w->out.len;
	uint32_t pad;

	if (w->error)
		return fail(w, w->error);
	rec.time_us = w->now_us;
	if (!fbs_record_put_head(&w->out, &rec, &tail, &pad))
		return w->out.bad ? fail(w, ENOMEM) : -1;
	if (rec.type == FBS_FRAME) {
		w->out.len = at;
		return write_frame_record(w, &rec);
	}
	XXH3_64bits_update(w->hash, w->out.data + at, w->out.len - at);
	if (tail.len)
		XXH3_64bits_update(w->hash, tail.bytes, tail.len);
	XXH3_64bits_update(w->hash, zeros, pad);
	if (put_data(w, tail.bytes, tail.len, pad))
		return -1;
	return w->out.len >= GATHER || rec.type == FBS_END ? fbs_flush(w) : 0;
}

/* Sends the rows of a raw record whose head is in w->out, without copying them; they are listed only, if they are held. */
static int send_rows(struct fbs_writer *w, const uint8_t *px, size_t stride, size_t row, unsigned rows)
{
	if (stride == row) {
		XXH3_64bits_update(w->hash, px, row * rows);
		return send_bytes(w, px, row * rows);
	}
	for (; rows; rows--, px += stride) {
		XXH3_64bits_update(w->hash, px, row);
		if (send_bytes(w, px, row))
			return -1;
	}
	return 0;
}

static int copy_rows(struct fbs_writer *w, const uint8_t *px, size_t stride, size_t row, unsigned rows)
{
	for (; rows; rows--, px += stride) {
		XXH3_64bits_update(w->hash, px, row);
		wire_put(&w->out, px, row);
	}
	return w->out.bad ? fail(w, ENOMEM) : 0;
}

static int write_raw_record(struct fbs_writer *w, struct fbs_record *r, const uint8_t *px, size_t stride)
{
	size_t row = r->pixels.w * (size_t)4, at = w->out.len;
	uint32_t pad, len = r->pixels.len;
	struct fbs_tail tail;
	int result;

	if (!fbs_record_put_head(&w->out, r, &tail, &pad))
		return w->out.bad ? fail(w, ENOMEM) : -1;
	XXH3_64bits_update(w->hash, w->out.data + at, w->out.len - at);
	result = len <= SMALL ? copy_rows(w, px, stride, row, r->pixels.h) : send_rows(w, px, stride, row, r->pixels.h);
	XXH3_64bits_update(w->hash, zeros, pad);
	wire_put_zero(&w->out, pad);
	if (result)
		return -1;
	return w->out.len >= GATHER || (len > SMALL && !w->hold) ? fbs_flush(w) : 0;
}

int fbs_write_raw(struct fbs_writer *w, uint16_t x, uint16_t y, uint16_t width, uint16_t height,
		  const uint32_t *px, size_t stride)
{
	const uint8_t *at = (const uint8_t *)px;

	if (w->error)
		return fail(w, w->error);
	_Static_assert(RAW_RECORD >= UINT16_MAX * 4 && RAW_RECORD <= FBS_DATA_MAX, "a row of any width fits");
	while (height && width) {
		unsigned most = RAW_RECORD / (width * 4u), rows = height < most ? height : most;
		struct fbs_record r = { .type = FBS_PIXELS, .time_us = w->now_us, .pixels = {
			x, y, width, (uint16_t)rows, FBS_RAW, at, rows * width * 4u,
		} };

		if (write_raw_record(w, &r, at, stride))
			return -1;
		at += rows * stride;
		y = (uint16_t)(y + rows);
		height = (uint16_t)(height - rows);
	}
	return 0;
}

int fbs_write_frame(struct fbs_writer *w, uint16_t flags, int64_t capture_us, int64_t media_us)
{
	struct fbs_record r = { .type = FBS_FRAME, .flags = flags, .frame = {
		.capture_us = capture_us, .media_us = media_us,
	} };

	return fbs_write(w, &r);
}

int fbs_write_end(struct fbs_writer *w, uint32_t status, const char *reason)
{
	size_t n = reason ? strnlen(reason, FBS_TEXT_MAX) : 0;
	struct fbs_record r = { .type = FBS_END, .end = { status, { reason, (uint32_t)n } } };

	if (!fbs_text_valid(reason, n))
		r.end.text.len = 0;
	return fbs_write(w, &r);
}
