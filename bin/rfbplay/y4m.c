/* YUV4MPEG2: pictures at a fixed rate, each the one that was on the screen at its time, so that the time line of the
 * recording is kept to the rate's precision. 4:2:0 with BT.601 in the narrow range, which every encoder takes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "export.h"
#include "io/io.h"

struct y4m {
	unsigned w, h, cw, ch;
	uint8_t *frame;		/* Y, U, V */
	size_t size;
	bool current;		/* it is the picture's */
};

/* The size of the whole film: that of the largest screen in it. */
static void measure(struct player *p, struct y4m *y)
{
	if (!p->r->seekable) {		/* a pipe: that of its first */
		y->w = p->picture.screen.w;
		y->h = p->picture.screen.h;
		return;
	}
	for (size_t i = 0; i <= p->r->n_members; i++) {
		struct fbs_record r;

		if (i == p->r->n_members && i > 0)
			break;
		rec_reader_goto(p->r, i);
		/* every member begins with the screen; within one, a change is another SCREEN */
		while (rec_reader_next(p->r, &r) == 1) {
			if (p->r->n_members && !rec_reader_is_in(p->r, i))
				break;
			if (r.type == FBS_SCREEN) {
				y->w = r.screen.w > y->w ? r.screen.w : y->w;
				y->h = r.screen.h > y->h ? r.screen.h : y->h;
			}
		}
	}
}

static uint8_t luma(int r, int g, int b)
{
	return (uint8_t)((66 * r + 129 * g + 25 * b + 128 + (16 << 8)) >> 8);
}

static void put_luma(struct y4m *y, const struct rec_picture *p)
{
	memset(y->frame, 16, (size_t)y->w * y->h);
	for (unsigned j = 0; j < p->screen.h && j < y->h; j++)
		for (unsigned i = 0; i < p->screen.w && i < y->w; i++) {
			uint32_t v = p->px[(size_t)j * p->screen.w + i];

			y->frame[(size_t)j * y->w + i] = luma(v >> 16 & 255, v >> 8 & 255, v & 255);
		}
}

/* Of the up to four pixels under a chroma sample. */
static void put_chroma(struct y4m *y, const struct rec_picture *p)
{
	uint8_t *u = y->frame + (size_t)y->w * y->h, *v = u + (size_t)y->cw * y->ch;

	memset(u, 128, 2 * (size_t)y->cw * y->ch);
	for (unsigned j = 0; j < y->ch && 2 * j < p->screen.h; j++)
		for (unsigned i = 0; i < y->cw && 2 * i < p->screen.w; i++) {
			int r = 0, g = 0, b = 0, n = 0;

			for (unsigned k = 0; k < 4; k++) {
				unsigned x = 2 * i + (k & 1), row = 2 * j + (k >> 1);

				if (x >= p->screen.w || row >= p->screen.h)
					continue;
				r += p->px[(size_t)row * p->screen.w + x] >> 16 & 255;
				g += p->px[(size_t)row * p->screen.w + x] >> 8 & 255;
				b += p->px[(size_t)row * p->screen.w + x] & 255;
				n++;
			}
			r /= n, g /= n, b /= n;
			u[(size_t)j * y->cw + i] = (uint8_t)((-38 * r - 74 * g + 112 * b + 128 + (128 << 8)) >> 8);
			v[(size_t)j * y->cw + i] = (uint8_t)((112 * r - 94 * g - 18 * b + 128 + (128 << 8)) >> 8);
		}
}

static int put_frame(struct y4m *y, const struct rec_picture *p)
{
	static const char head[] = "FRAME\n";

	if (!y->current) {
		put_luma(y, p);
		put_chroma(y, p);
		y->current = true;
	}
	return io_write_full(STDOUT_FILENO, head, sizeof head - 1, IO_FOREVER) ||
	       io_write_full(STDOUT_FILENO, y->frame, y->size, IO_FOREVER) ? -1 : 0;
}

static int start(struct y4m *y, int fps)
{
	char head[128];
	int n = snprintf(head, sizeof head, "YUV4MPEG2 W%u H%u F%d:1 Ip A1:1 C420jpeg XCOLORRANGE=LIMITED\n", y->w, y->h, fps);

	y->cw = (y->w + 1) / 2;
	y->ch = (y->h + 1) / 2;
	y->size = (size_t)y->w * y->h + 2 * (size_t)y->cw * y->ch;
	y->frame = y->size ? malloc(y->size) : NULL;
	if (!y->frame)
		cli_die_errno("cannot export");
	return io_write_full(STDOUT_FILENO, head, (size_t)n, IO_FOREVER);
}

/* Picture n is shown from n / fps on. */
static int put_all(struct y4m *y, struct player *p, const struct settings *s)
{
	int64_t from = s->start_us > p->position ? s->start_us : p->position, n = 0;
	int more = p->unit.bytes.len ? 1 : 0;
	int64_t last = from;
	bool goes_on;

	for (;;) {
		int64_t at = from + n * 1000000 / s->fps;

		while (more == 1 && p->unit.time_us <= at && p->unit.time_us <= s->end_us) {
			last = p->unit.time_us;
			y->current = y->current && !p->unit.is_frame;
			(void)player_apply(p);
			more = player_next(p);
		}
		if (put_frame(y, &p->picture))
			return -1;
		n++;
		goes_on = more == 1 && p->unit.time_us > s->end_us;
		if (more != 1 || goes_on)
			break;
	}
	/* the last picture stays until the recording's end, or -e */
	last = goes_on ? s->end_us : player_length(p) > last ? player_length(p) : last;
	for (last = last < s->end_us ? last : s->end_us; from + n * 1000000 / s->fps < last; n++)
		if (put_frame(y, &p->picture))
			return -1;
	return 0;
}

int export_y4m(struct player *p, const struct settings *s)
{
	struct y4m y = { 0 };
	int result;

	if (p->r->seekable)
		measure(p, &y);
	if (player_seek(p, s->start_us) < 0 || !p->has_frame)
		cli_die(CLI_NO, "%s: it holds no picture%s%s", p->file, p->problem[0] ? ": " : "", p->problem);
	if (!p->r->seekable)
		measure(p, &y);
	result = start(&y, s->fps);
	if (!result)
		result = put_all(&y, p, s);
	free(y.frame);
	if (result && errno != EPIPE)
		cli_die_errno("cannot write the pictures");
	return p->damage || p->cut ? CLI_NO : CLI_OK;
}
